"""What the index of a disc, a DICOMDIR, says should be there. Source: PS3.3 F.3, PS3.10 8.

Its records are read one after another; the offsets in it are not followed.
"""

from __future__ import annotations

from pydicom.dataset import Dataset

from viewer.dicom.sandbox.child.values import code, codes, items, shorts
from viewer.dicom.sandbox.protocol import MOST_LISTED

Listed = list[str | list[str]]  # an instance's UID, and the names that lead to its file
_RECORDS, _FILE_ID, _FILE_UID, _IN_USE = 0x00041220, 0x00041500, 0x00041511, 0x00041410
_MOST_NAMES, _MOST_LETTERS, _MOST_UID = 8, 64, 64


def listed(directory: Dataset) -> list[Listed]:
    """Return the files that are named, once each; records that are out of use name none."""
    found: dict[tuple[str, ...], str] = {}
    for record in items(directory, _RECORDS):
        if shorts(record, _IN_USE)[:1] == [0]:
            continue
        names = tuple(each[:_MOST_LETTERS] for each in codes(record, _FILE_ID)[:_MOST_NAMES])
        if any(names) and len(found) < MOST_LISTED:
            found.setdefault(names, code(record, _FILE_UID)[:_MOST_UID])
    return [[uid, list(names)] for names, uid in found.items()]
