"""The index of a disc against what is there: names are compared, and never become a path.

An index names files by up to eight parts in capitals without endings (PS3.10 8.2); discs and
copies of them write the same in small letters, with a version or with an ending of their own.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from viewer.errors import MediaDirectory


def count_missing(
    indexes: Sequence[tuple[str, MediaDirectory]], names: Set[str], uids: Set[str]
) -> int:
    """Return how many files are named and not here, neither by their name nor by their UID.

    Args:
        indexes: where each index lies, relative to what was looked through, and what it lists.
        names: all files that are here, relative to the same.
        uids: the instances that are here.
    """
    here = {form for name in names for form in _forms(name)}
    missing: set[str] = set()
    for place, index in indexes:
        folder = place.rpartition("/")[0]
        for uid, parts in index.listed:
            named = "/".join([folder, *parts] if folder else parts)
            if (not uid or uid not in uids) and here.isdisjoint(_forms(named)):
                missing.add(_plain(named))
    return len(missing)


def _forms(name: str) -> tuple[str, str]:
    """Return a name as it may be compared: with its ending and without."""
    plain = _plain(name)
    folder, slash, last = plain.rpartition("/")
    return plain, folder + slash + last.partition(".")[0]


def _plain(name: str) -> str:
    """Return it without case and version."""
    return name.casefold().partition(";")[0].rstrip(". ")
