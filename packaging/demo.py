"""`make demo`: the main job on real input, between two homes and two IPFS nodes on one machine.

A patient's folder of DICOM becomes an encrypted study; a clinician is let in, sees it, and is
stopped. Every claim on the way is checked; the first that does not hold ends the demo with 1.
"""

from __future__ import annotations

import argparse
import filecmp
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import hostile  # noqa: E402
import leaks  # noqa: E402

PYDICOM_FILES = ("CT_small.dcm", "MR_small.dcm", "MR_small_RLE.dcm", "JPEG2000.dcm")
PASSPHRASE = "correct horse battery staple (for the demo only)"  # noqa: S105


class DemoFailed(Exception):
    """A claim that does not hold."""


@dataclass
class Home:
    """One person's wallet, driven by the command line as anybody would."""

    name: str
    folder: Path
    chain: Path

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run `rayfolio`, however it ends."""
        command = [sys.executable, "-m", "app.cli.main", "--json", "--home", str(self.folder)]
        return subprocess.run(
            [*command, *map(str, arguments)],
            env={
                **os.environ,
                "RAYFOLIO_LOOPBACK": "1",
                "RAYFOLIO_CHAIN_DIR": str(self.chain),
                "RAYFOLIO_PASSPHRASE": PASSPHRASE,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def __call__(self, *arguments: object, exits: int = 0) -> dict[str, Any]:
        """Run `rayfolio` and return its JSON. Raises: DemoFailed unless it ends with `exits`."""
        done = self.run(*arguments)
        if done.returncode != exits:
            raise DemoFailed(
                f"{self.name}: `rayfolio {arguments[0]}` ended with {done.returncode}, "
                f"not {exits}:\n{done.stderr}"
            )
        if exits:
            check(not done.stdout, "after an error standard output is empty")
            return {"said": done.stderr.strip().splitlines()[-1]}
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def check(holds: bool, claim: str) -> None:
    """Print a claim that holds, and stop at one that does not."""
    if not holds:
        raise DemoFailed(f"This does not hold: {claim}")


def step(title: str, work: Callable[[], str]) -> None:
    """Do one step of the story and print its time with what it said."""
    print(f"-- {title}", flush=True)
    began = time.monotonic()
    said = work()
    took = time.monotonic() - began
    for line in said.splitlines():
        print(f"   {line}")
    print(f"   ({took:.1f} s)", flush=True)


def default_scans(folder: Path) -> None:
    """The CT and MR files of the installed pydicom, and a generated CT of 120 slices."""
    spec = importlib.util.find_spec("pydicom")
    if spec is None or spec.origin is None:
        raise DemoFailed("pydicom is not installed")
    held = Path(spec.origin).parent / "data" / "test_files"
    (folder / "hospital").mkdir(parents=True)
    for name in PYDICOM_FILES:
        shutil.copyfile(held / name, folder / "hospital" / name)
    subprocess.run([sys.executable, str(HERE / "phantom.py"), str(folder / "head-ct")], check=True)


def same_tree(left: Path, right: Path) -> bool:
    """Whether two folders hold the same files with the same bytes."""
    names = [{p.relative_to(d) for p in d.rglob("*") if p.is_file()} for d in (left, right)]
    same = names[0] == names[1] and len(names[0]) > 0
    return same and all(filecmp.cmp(left / n, right / n, shallow=False) for n in names[0])


def bytes_of(count: int) -> str:
    """A size for a person."""
    return f"{count / 2**20:.1f} MiB"


@dataclass
class Story:
    """The demo's people, and what they hand to one another."""

    scans: Path
    out: Path
    work: Path
    patient: Home
    clinician: Home
    studies: list[dict[str, Any]] = field(default_factory=list)
    shares: list[dict[str, Any]] = field(default_factory=list)
    by_link: dict[str, Any] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)

    def wallets(self) -> str:
        for home in (self.patient, self.clinician):
            home.folder.mkdir()
            words = self.work / f"{home.name}.words"
            made = home("init", "--name", home.name, "--words-out", words)
            home("card", "--out", self.work / f"{home.name}.card")
            check(made["account"].startswith("0x"), "a wallet has an account")
        code = self.patient("contact", "add", self.work / "Dr Lee.card", "--name", "Dr Lee")
        theirs = self.clinician("card")
        check(code["safety_code"] == theirs["safety_code"], "both see the same safety code")
        return f"Two wallets. Dr Lee's safety code: {code['safety_code']}"

    def take_in(self) -> str:
        found = self.patient("import", self.scans)
        self.studies = found["studies"]
        check(bool(self.studies), "something was taken in")
        lines = [
            f"{s['study']}: {s['series']} series, {s['instances']} images, "
            f"{bytes_of(s['bytes_in'])} in, {bytes_of(s['bytes_stored'])} stored, gas {s['gas']}"
            for s in self.studies
        ]
        lines += [f"left out {s['path']}: {s['reason']}" for s in found["skipped"]]
        self.marks = leaks.marks_of(self.scans)
        return "\n".join(lines)

    def share(self) -> str:
        for study in self.studies:
            self.shares.append(self.patient("share", study["study"], "--to", "Dr Lee"))
        biggest = max(self.studies, key=lambda s: s["bytes_in"])
        self.by_link = self.patient(
            "share", biggest["study"], "--by-link", "--passcode-out", self.work / "passcode"
        )
        gas = ", ".join(str(s["gas"]) for s in (*self.shares, self.by_link))
        return f"{len(self.shares)} grants to Dr Lee, 1 by link with a passcode; gas {gas}"

    def unreachable(self) -> str:
        self.patient("node", "stop")
        said = self.clinician("open", self.shares[0]["link"], exits=4)["said"]
        self.patient("node", "start")
        return f"While the patient's node is off, opening ends with 4: {said}"

    def open(self) -> str:
        lines = []
        for number, share in enumerate(self.shares):
            target = self.work / f"opened-{number}"
            shown = self.clinician("open", share["link"], "--export", target)
            self.patient("export", self.studies[number]["study"], self.work / f"own-{number}")
            check(same_tree(target, self.work / f"own-{number}"), "both get the same bytes")
            lines.append(f"{shown['study']}: {shown['instances']} images from {shown['from']}")
        check(self._all_came_back(), "what came out is byte for byte what went in")
        biggest = self.studies.index(max(self.studies, key=lambda s: s["bytes_in"]))
        picture = self.out / "opened.png"
        picture.unlink(missing_ok=True)
        self.clinician("open", self.shares[biggest]["link"], "--render", picture)
        passcode = self.work / "passcode"
        self.clinician("open", self.by_link["link"], exits=2)
        self.clinician("open", self.by_link["link"], "--passcode-file", passcode)
        lines.append("Byte for byte what went in. The link opens only with its passcode.")
        return "\n".join(lines)

    def _all_came_back(self) -> bool:
        """Whether every file that went in came out of exactly one study, under its path."""
        names = {p.relative_to(self.scans) for p in self.scans.rglob("*") if p.is_file()}
        back = [
            path
            for number in range(len(self.shares))
            for path in (self.work / f"opened-{number}").rglob("*")
            if path.is_file()
        ]
        roots = [p.relative_to(self.work).parts[0] for p in back]
        pairs = [(self.work / r, p) for r, p in zip(roots, back, strict=True)]
        same = [
            filecmp.cmp(self.scans / p.relative_to(r), p, shallow=False)
            for r, p in pairs
            if p.relative_to(r) in names
        ]
        return len(same) == len(back) and all(same)

    def reported(self) -> str:
        rows = self.patient("grants", self.studies[0]["study"])["grants"]
        check(rows[0]["opened_at"] is not None, "the patient sees that it was reported opened")
        return f"Dr Lee: {rows[0]['state']}, reported opened"

    def revoke(self) -> str:
        lines = []
        for study, share in zip(self.studies, self.shares, strict=True):
            loot = hostile.take(self.clinician.folder, PASSPHRASE, share)
            done = self.patient("revoke", study["study"], share["grant"])
            check(done["resealed"], "the study was sealed anew")
            said = self.clinician("open", share["link"], exits=3)["said"]
            tried = loot.try_everything(self.patient.folder, done["head"])
            check(tried.opened == 0, "old link, keys and all blocks open nothing of the new epoch")
            check(tried.opened_before > 0, "the same attack opened the old epoch")
            lines.append(
                f"stopped (gas {done['gas']}); Dr Lee is refused with 3: {said}; "
                f"{tried.attempts} attempts with old keys opened {tried.opened}"
            )
        passcode = self.work / "passcode"
        self.clinician("open", self.by_link["link"], "--passcode-file", passcode)
        lines.append("Who was not stopped can still open it.")
        return "\n".join(lines)

    def search(self) -> str:
        found = leaks.search(self.marks, [self.patient.folder, self.clinician.folder],
                             self.patient.chain)  # fmt: skip
        check(not found.hits, f"no name or UID is readable anywhere ({found.hits[:3]})")
        planted = leaks.plant_and_search(self.marks, self.patient.folder, self.patient.chain)
        check(planted.in_block and planted.in_event, "the same search finds what is planted")
        return (
            f"{len(self.marks)} names and UIDs, {found.needles} spellings, in {found.blocks} "
            f"blocks and {found.transactions} transactions with {found.events} events: none found. "
            "One planted in a plain block and a plain event: both found."
        )

    def screens(self) -> str:
        lines = []
        for home in (self.patient, self.clinician):
            target = self.out / home.name.lower().replace(" ", "-")
            shutil.rmtree(target, ignore_errors=True)
            run_screens(home, target, self.by_link["link"], self.work / "passcode")
            made = sorted(target.glob("*.png"))
            check(bool(made), f"there are pictures of the windows of {home.name}")
            lines.append(f"{len(made)} pictures in {target}")
        return "\n".join(lines)


def run_screens(home: Home, target: Path, link: str, passcode: Path) -> None:
    """Open the real windows on a home and photograph them."""
    done = subprocess.run(
        [sys.executable, str(HERE / "screens.py"), str(home.folder), str(target), str(passcode)],
        env={
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "RAYFOLIO_LOOPBACK": "1",
            "RAYFOLIO_CHAIN_DIR": str(home.chain),
            "RAYFOLIO_PASSPHRASE": PASSPHRASE,
        },
        input=link,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise DemoFailed(f"The windows of {home.name} could not be shown:\n{done.stderr[-2000:]}")


def tell(story: Story) -> None:
    """The whole story, step by step."""
    step("Two people make their wallets", story.wallets)
    step("The patient takes a folder of scans in: sealed, kept on IPFS, recorded", story.take_in)
    step("The patient lets Dr Lee see them", story.share)
    step("Dr Lee opens the link before the two machines can see each other", story.unreachable)
    step("Dr Lee opens the link, is checked, fetches, and sees the images", story.open)
    step("The patient looks who opened what", story.reported)
    step("The patient stops sharing", story.revoke)
    step("What do strangers see?", story.search)
    step("The windows of both", story.screens)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", nargs="?", type=Path, help="a folder of your own DICOM")
    parser.add_argument("--out", type=Path, default=Path("demo-out"))
    given = parser.parse_args(arguments)
    given.out.mkdir(exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="rayfolio-demo-"))
    chain = work / "chain"
    os.environ |= {"RAYFOLIO_LOOPBACK": "1", "RAYFOLIO_CHAIN_DIR": str(chain)}
    scans = given.study or work / "scans"
    patient = Home("Ada", work / "patient", chain)
    clinician = Home("Dr Lee", work / "clinician", chain)
    story = Story(scans.absolute(), given.out.absolute(), work, patient, clinician)
    began = time.monotonic()
    try:
        if given.study is None:
            default_scans(scans)
        tell(story)
    except DemoFailed as error:
        print(f"\nThe demo failed. {error}", file=sys.stderr)
        return 1
    finally:
        for home, what in ((patient, "node"), (clinician, "node"), (patient, "chain")):
            home.run(what, "stop")
        shutil.rmtree(work)
    print(f"\nAll of it held. {time.monotonic() - began:.0f} s. Pictures are in {given.out}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
