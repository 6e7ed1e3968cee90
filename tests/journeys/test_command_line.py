"""The main job from end to end, as two people do it by the command line, on real daemons."""

from __future__ import annotations

import base64
import filecmp
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pydicom
import pytest

from wallet.storage.node import find_ipfs

pytestmark = pytest.mark.live

Someone = Any  # a Person of conftest.py
PINS = ("pin", "ls", "--type=recursive", "--quiet")


@dataclass(frozen=True)
class Shared:
    """What the first tests made, for those that follow."""

    patient: Someone
    clinician: Someone
    studies: list[dict[str, Any]]
    share: dict[str, Any]
    words: Path

    @property
    def ct(self) -> dict[str, Any]:
        return max(self.studies, key=lambda each: each["instances"])


@pytest.fixture(scope="module")
def shared(new_person: Callable[[str], Someone], scans: Path) -> Shared:
    patient, clinician = new_person("Ada"), new_person("Dr Lee")
    apart = replace(clinician, apart=True)  # once as a program of its own
    card = apart("card")["card"]
    patient("contact", "add", card, "--name", "Dr Lee")
    taken = patient("import", scans)
    ct = max(taken["studies"], key=lambda each: each["instances"])
    share = patient("share", ct["study"], "--to", "Dr Lee", "--purpose", "TREAT")
    words = patient.home.parent / "words"
    return Shared(patient, clinician, taken["studies"], share, words)


def ipfs(person: Someone, *arguments: str) -> set[str]:
    """Return the lines that the person's own node answers."""
    program = find_ipfs()
    assert program is not None
    place = {**os.environ, "IPFS_PATH": str(person.home / "ipfs")}
    done = subprocess.run(
        [program, *arguments], env=place, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def head_of(person: Someone, study: str) -> str:
    return next(each["head"] for each in person("list")["studies"] if each["study"] == study)


def multihashes(cids: set[str]) -> set[bytes]:
    """Return what names blocks whatever their codec: the node lists all of them as raw."""
    return {base64.b32decode(cid[1:].upper() + "=" * (-len(cid[1:]) % 8))[-32:] for cid in cids}


def files_of(folder: Path) -> set[Path]:
    return {p.relative_to(folder) for p in folder.rglob("*") if p.is_file()}


def test_an_import_tells_each_study_and_what_it_left_out(shared: Shared) -> None:
    assert len(shared.studies) == 2
    for study in shared.studies:
        assert set(study) == {
            "study", "head", "series", "instances", "bytes_in", "bytes_stored", "gas",
        }  # fmt: skip
        assert study["study"].startswith("0x")
        assert study["gas"] > 21_000
        assert study["bytes_stored"] > 0
    assert shared.ct["instances"] == 2  # the same bytes given twice come back twice


def test_an_owner_gets_back_what_went_in(shared: Shared, scans: Path, tmp_path: Path) -> None:
    shared.patient("export", shared.ct["study"], tmp_path / "out")

    assert files_of(tmp_path / "out") == {Path("CT/one.dcm"), Path("CT/again.dcm")}
    for name in files_of(tmp_path / "out"):
        assert filecmp.cmp(tmp_path / "out" / name, scans / name, shallow=False)


def test_an_owner_gets_a_disc_with_a_directory(shared: Shared, scans: Path, tmp_path: Path) -> None:
    """The same bytes given twice: the second file is copied too, and not listed."""
    made = shared.patient("export", shared.ct["study"], tmp_path / "out", "--dicomdir")

    assert made["study"] == shared.ct["study"]
    assert made["instances"] == 1
    (apart,) = made["apart"]
    assert apart["reason"] == "another file holds the same image"
    image = tmp_path / "out/DICOM/ST000001/SE000001"
    given = (scans / "CT/one.dcm").read_bytes()
    assert [path.read_bytes() for path in image.iterdir()] == [given]
    assert (tmp_path / "out" / apart["copied_to"]).read_bytes() == given
    (entry,) = [
        each
        for each in pydicom.dcmread(tmp_path / "out/DICOMDIR").DirectoryRecordSequence
        if each.DirectoryRecordType == "IMAGE"
    ]
    assert (tmp_path / "out").joinpath(*entry.ReferencedFileID).read_bytes() == given
    assert shared.patient.fails(2, "export", shared.ct["study"], tmp_path / "out", "--dicomdir")


def test_importing_again_adds_nothing(shared: Shared, scans: Path) -> None:
    again = shared.patient("import", scans / "CT")

    assert {each["reason"] for each in again["skipped"]} == {"it is in this wallet already"}
    assert [each["study"] for each in again["studies"]] == [shared.ct["study"]]


def test_a_clinician_opens_the_link(shared: Shared, scans: Path, tmp_path: Path) -> None:
    link = shared.share["link"]
    opened = shared.clinician(
        "open", link, "--export", tmp_path / "out", "--render", tmp_path / "picture.png"
    )

    assert opened["instances"] == 2
    assert opened["from"] == "Ada"
    assert opened["until"] == shared.share["until"]
    assert filecmp.cmp(tmp_path / "out/CT/one.dcm", scans / "CT/one.dcm", shallow=False)
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_a_clinician_takes_a_disc_from_the_link(shared: Shared, tmp_path: Path) -> None:
    link = shared.share["link"]
    opened = shared.clinician("open", link, "--export", tmp_path / "out", "--dicomdir")

    assert opened["instances"] == 2
    assert len(opened["apart"]) == 1
    assert (tmp_path / "out/DICOMDIR").read_bytes()[128:132] == b"DICM"
    assert shared.clinician.fails(2, "open", link, "--dicomdir")


def test_the_patient_sees_that_it_was_opened(shared: Shared) -> None:
    (grant,) = shared.patient("grants", shared.ct["study"])["grants"]

    assert grant["grant"] == shared.share["grant"]
    assert grant["to"] == "Dr Lee"
    assert grant["state"] == "active"
    assert abs(grant["opened_at"] - time.time()) < 600


def test_a_stranger_with_the_link_opens_nothing(
    shared: Shared, new_person: Callable[[str], Someone]
) -> None:
    assert "not shared with this wallet" in new_person("Eve").fails(3, "open", shared.share["link"])


def test_a_link_with_a_passcode_opens_for_whoever_has_both(shared: Shared, tmp_path: Path) -> None:
    study = shared.ct["study"]
    made = shared.patient("share", study, "--by-link", "--passcode-out", tmp_path / "code")
    wrong = tmp_path / "wrong"
    wrong.write_text("able-able-able-able-able")

    assert "passcode" in shared.clinician.fails(2, "open", made["link"])
    assert "passcode" in shared.clinician.fails(2, "open", made["link"], "--passcode-file", wrong)
    assert shared.clinician("open", made["link"], "--passcode-file", tmp_path / "code")


def test_the_list_and_one_study(shared: Shared) -> None:
    listed = shared.patient("list")["studies"]
    shown = shared.patient("show", shared.ct["study"])

    assert {each["study"] for each in listed} == {each["study"] for each in shared.studies}
    assert shown["studies"][0]["study"] == shared.ct["study"]
    assert shown["series"][0]["instances"] == 2
    assert shown["copies"][0]["confirmed"] is True
    assert shown["grants"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("share", "0x0000000000000000000000000000000000000001", "--by-link"),
        ("grants", "nonsense"),
        ("open", "rayfolio:AAAA"),
        ("import", "/nowhere/at/all"),
        ("list", "--no-such-option"),
        ("view", "/nowhere/at/all"),
        ("init", "--words-out", "/nowhere/words"),
    ],
)
def test_a_wrong_request_is_2(shared: Shared, arguments: tuple[str, ...]) -> None:
    assert shared.patient.fails(2, *arguments)


def test_a_cut_link_is_2(shared: Shared) -> None:
    assert shared.clinician.fails(2, "open", shared.share["link"][:-5])


def test_a_wrong_passphrase_is_2(shared: Shared, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("something else")

    said = shared.patient.fails(2, "list", "--passphrase-file", tmp_path / "wrong")
    assert "passphrase is wrong" in said


def test_what_is_no_dicom_is_5(shared: Shared, scans: Path) -> None:
    assert shared.patient.fails(5, "import", scans / "readme.txt")


def test_an_export_never_overwrites(shared: Shared, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")

    assert shared.patient.fails(2, "export", shared.ct["study"], tmp_path)
    assert (tmp_path / "kept").read_text() == "kept"


def test_words_restore_everything_on_another_machine(
    shared: Shared, tmp_path: Path, scans: Path
) -> None:
    new = replace(shared.patient, home=tmp_path / "home")
    made = new("init", "--words-file", shared.words)
    assert made["account"] == shared.patient("card")["account"]
    addresses = shared.patient("node", "status")["addresses"]
    study = shared.ct["study"]
    held = head_of(shared.patient, study)
    new("node", "start")
    new("node", "connect", addresses[0])
    try:
        found = new("list")["studies"]
        assert {s["study"] for s in found} == {s["study"] for s in shared.studies}
        new("export", shared.ct["study"], tmp_path / "out")
        assert filecmp.cmp(tmp_path / "out/CT/one.dcm", scans / "CT/one.dcm", shallow=False)
        grants = new("grants", shared.ct["study"])["grants"]
        assert shared.share["grant"] in {g["grant"] for g in grants}
        assert new("contact", "list")["contacts"][0]["name"] == "Dr Lee"
        made = new("share", shared.ct["study"], "--by-link")
        assert new("show", shared.ct["study"])["copies"][0]["confirmed"] is True
        assert new("revoke", shared.ct["study"], made["grant"])["resealed"] is True
        seen = shared.patient("grants", shared.ct["study"])["grants"]  # the first machine follows
        assert {g["grant"]: g["state"] for g in seen}[made["grant"]] == "revoked"
        assert held in ipfs(shared.patient, *PINS)
        share = shared.patient("share", study, "--by-link")  # its next change drops what it had
        shared.patient("revoke", study, share["grant"])
        heads = {each["head"] for each in shared.patient("list")["studies"]}
        assert heads <= ipfs(shared.patient, *PINS)
        assert held not in ipfs(shared.patient, *PINS)
        assert not multihashes({held}) & multihashes(ipfs(shared.patient, "refs", "local"))
    finally:
        new("node", "stop")


def test_revoking_ends_it_for_one_and_not_for_another(
    shared: Shared, new_person: Callable[[str], Someone], tmp_path: Path
) -> None:
    other = new_person("Dr Cho")
    shared.patient("contact", "add", other("card")["card"], "--name", "Dr Cho")
    kept = shared.patient("share", shared.ct["study"], "--to", "Dr Cho")
    before = head_of(shared.patient, shared.ct["study"])
    old = multihashes(ipfs(shared.patient, "refs", "--recursive", before) | {before})

    done = shared.patient("revoke", shared.ct["study"], shared.share["grant"])

    assert done["resealed"] is True
    assert len(done["transactions"]) == 2
    assert "stopped sharing" in shared.clinician.fails(3, "open", shared.share["link"])
    assert other("open", kept["link"], "--export", tmp_path / "out")["instances"] == 2
    states = {
        g["grant"]: g["state"] for g in shared.patient("grants", shared.ct["study"])["grants"]
    }
    assert states[shared.share["grant"]] == "revoked"
    assert states[kept["grant"]] == "active"
    assert shared.patient.fails(2, "revoke", shared.ct["study"], shared.share["grant"])
    left = old & multihashes(ipfs(shared.patient, "refs", "local"))
    assert len(old) > 5
    assert len(left) <= 1, "the old copy is still on the patient's own node"  # the library record


def test_sealing_anew_may_wait_for_the_next_run(shared: Shared) -> None:
    study = shared.ct["study"]
    made = shared.patient("share", study, "--by-link")
    done = shared.patient("revoke", study, made["grant"], "--later")
    assert done["resealed"] is False
    assert len(done["transactions"]) == 1

    after = next(s for s in shared.patient("list")["studies"] if s["study"] == study)
    assert after["head"] != done["head"]


def test_a_consent_ends_by_itself(shared: Shared) -> None:
    study = shared.ct["study"]
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 12))
    made = shared.patient("share", study, "--by-link", "--until", until)
    shared.clinician("open", made["link"])
    while time.time() < made["until"]:
        time.sleep(made["until"] - time.time() + 0.1)

    assert "ended on" in shared.clinician.fails(3, "open", made["link"])
    rows = {g["grant"]: g["state"] for g in shared.patient("grants", study)["grants"]}
    assert rows[made["grant"]] == "expired"


def test_only_some_series_can_be_shared(shared: Shared, tmp_path: Path) -> None:
    study = shared.ct["study"]
    uid = shared.patient("show", study)["series"][0]["uid"]
    made = shared.patient("share", study, "--to", "Dr Cho", "--series", uid)

    assert made["grant"]
    assert shared.patient.fails(2, "share", study, "--to", "Dr Cho", "--series", "1.2.3")


def test_when_the_keeper_is_off_opening_is_4(shared: Shared) -> None:
    made = shared.patient("share", shared.studies[0]["study"], "--by-link")
    shared.patient("node", "stop")
    try:
        assert shared.clinician.fails(4, "open", made["link"])
    finally:
        shared.patient("node", "start")
    assert shared.clinician("open", made["link"])


def test_doctor_and_status_name_the_parts(shared: Shared) -> None:
    parts = shared.patient("doctor")["parts"]
    chain = shared.patient("chain", "status")

    assert {"name", "state", "version", "advice"} == set(parts[0])
    assert chain["chain_id"] == 31337
    assert chain["rpc"].startswith("http://127.0.0.1:")


def test_a_picture_of_a_file_needs_no_wallet(shared: Shared, scans: Path, tmp_path: Path) -> None:
    shared.patient("view", scans / "CT", "--render", tmp_path / "a.png")
    shared.patient("view", scans / "CT", "--render", tmp_path / "b.png", "--index", 1,
                   "--window", 400, "--level", 40)  # fmt: skip

    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "b.png").read_bytes()
    assert shared.patient.fails(2, "view", scans / "CT", "--render", tmp_path / "c.png",
                                "--index", 2)  # fmt: skip


def test_nothing_readable_stands_in_the_home(shared: Shared) -> None:
    marks = [b"Ada", b"Dr Lee", b"CompressedSamples", b"1.3.6.1.4.1.5962"]
    found = [
        path
        for path in shared.patient.home.rglob("*")
        if path.is_file() and any(mark in path.read_bytes() for mark in marks)
    ]

    assert files_of(shared.patient.home)
    assert found == []


def test_a_lost_chain_is_a_reset_and_never_a_no(
    new_person: Callable[[str], Someone], shared: Shared, tmp_path: Path
) -> None:
    """Last: the clinician's own record of the chain is all there is to tell."""
    chain = tmp_path / "other-chain"
    lost = replace(shared.clinician, chain=chain)
    made = shared.patient("share", shared.studies[0]["study"], "--by-link")
    shared.clinician("open", made["link"])
    try:
        said = lost.fails(3, "open", made["link"])
    finally:
        lost.run("chain", "stop")

    assert "reset" in said
    assert os.path.lexists(chain)
