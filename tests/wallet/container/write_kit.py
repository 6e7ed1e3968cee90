"""Writes tests/vectors/kit: `python tests/wallet/container/write_kit.py`.

Sealing to a reader draws, so each run gives other blocks. A case that is there already stays as it
is: what is committed must be answered in the same way for ever; new ones are added.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

from forge import CHAIN_ID, CONTRACT, FILES, PICTURES, STUDY, Forge, known
from kit_case import OPENS, Case
from kit_cases import GROUPS
from mnemonic import Mnemonic

from wallet.identity.person import Identity
from wallet.identity.words import seed

FOLDER = Path(__file__).parents[2] / "vectors" / "kit"
WORDS = Mnemonic("english").to_mnemonic(known("entropy"))


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    blocks: dict[str, str] = _read("pool", {})
    groups: dict[str, list[Any]] = {}
    for group, cases in GROUPS.items():
        there = {each["name"]: each for each in _read(group, [])}
        for case in cases():
            if case.name not in there:
                there[case.name] = written(case, blocks)
        groups[group] = list(there.values())
    for group, found in groups.items():
        _write(group, found)
    _write("pool", dict(sorted(blocks.items())))
    reader = {"seed": known("reader").hex(), "chain_id": CHAIN_ID}
    place = {"contract": CONTRACT.hex(), "study": STUDY.hex()}
    _write("keys", {"words": WORDS, **reader, **place})


def written(case: Case, blocks: dict[str, str]) -> dict[str, Any]:
    """Make a case's container, put its blocks with the others, and return how to try it."""
    self_key = Identity(seed(WORDS, case.passphrase)).self_key()
    forge = Forge(self_key, case.turns, data_file=case.data_file, **case.made)
    if not case.envelope and case.files != OPENS:
        forge.granted = right_ranges()  # nobody looks at the envelope: the same for many
    head = forge.make()
    instead, without = case.after(forge, head) if case.after else ({}, [])
    for cid, data in forge.blocks.items():
        blocks.setdefault(cid, packed(data))
    record, files, previews = case.expected()
    found = {
        "name": case.name,
        "way": "envelope" if case.envelope else "words",
        "passphrase": case.passphrase,
        "head": head,
        "instead": {cid: packed(data) for cid, data in instead.items()},
        "without": without,
        "record": record,
        "files": files,
        "previews": previews,
        "beside": case.beside,
    }
    only = case.made.get("series_only")
    numbers = range(len(FILES)) if only is None else [only]
    if files == OPENS:
        found["contents"] = contents({p: d for n in numbers for p, d in FILES[n].items()})
    if previews == OPENS:
        found["pictures"] = [hashlib.sha256(PICTURES[n]).hexdigest() for n in numbers]
    return found


@functools.cache
def right_ranges() -> list[Any]:
    forge = Forge(known("any"))
    forge.make()
    return forge.ranges


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 9)).decode()


def contents(files: dict[str, bytes]) -> str:
    """The digest of what `sha256sum` prints of the files, sorted by path."""
    lines = [f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _read(name: str, otherwise: Any) -> Any:
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else otherwise


def _write(name: str, value: Any) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
