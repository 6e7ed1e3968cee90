"""Paths that are safe to write on any system, whoever chose them.

A clean path is relative, in NFC, with "/" between 1 to 32 names of at most 200 bytes, 1,000 bytes
in all. No name is empty, "." or "..", is reserved on Windows, begins with a space, ends with a
space or a dot, or has a control, format or private character or one of < > : " | ? * \\.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_PATH_BYTES = 1000
MAX_NAME_BYTES = 200
MAX_DEPTH = 32

_UNNAMED = "file"
_FORBIDDEN = frozenset('<>:"|?*')
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\.|$)", re.IGNORECASE
)
_SUFFIX = re.compile(r"(?<!^)\.[A-Za-z][A-Za-z0-9]{0,9}$")
_DRIVE = re.compile(r"^([A-Za-z]:)+")


def clean_path(path: str) -> str:
    """Return a path that stays below the folder it is written to. Clean paths stay as they are."""
    plain = "".join("_" if unicodedata.category(c) in _UNSEEN else c for c in path)
    plain = unicodedata.normalize("NFC", plain).replace("\\", "/")
    names = [_clean_name(name) for name in _DRIVE.sub("", plain.lstrip(" ")).split("/")]
    kept = [name for name in names if name][-MAX_DEPTH:] or [_UNNAMED]
    while _is_long("/".join(kept)):
        del kept[0]
    return "/".join(kept)


def is_safe_path(path: str) -> bool:
    """Whether a path that somebody else wrote leads nowhere else. It is still cleaned before use:
    what is clean depends on the version of Unicode, and what opens must not.
    """
    if _is_long(path) or any(c < " " or c in "\\:\x7f" for c in path):
        return False
    return not {"", ".", ".."} & set(path.split("/"))


def distinct_paths(paths: Iterable[str]) -> list[str]:
    """Return clean paths of which no two fall together, nor a file and a folder, on any system.

    Case and width of letters do not count. A later one gets " (2)", " (3)" before its suffix.
    """
    files: set[str] = set()
    folders: set[str] = set()
    found = []
    for path in paths:
        placed = _place(clean_path(path), files, folders)
        files.add(_fold(placed))
        folders.update(_fold(each) for each in _parents(placed))
        found.append(placed)
    return found


def _place(path: str, files: set[str], folders: set[str]) -> str:
    """Return the first name free for a file, its folders renamed where a file has their name."""
    *parents, name = path.split("/")
    placed = ""
    for parent in parents:
        placed = _free(placed, parent, files) + "/"
    placed = _free(placed, name, files, folders)
    return _place("/".join([*parents[1:], name]), files, folders) if _is_long(placed) else placed


def _free(folder: str, name: str, *taken: set[str]) -> str:
    number, wanted = 1, name
    while any(_fold(folder + wanted) in each for each in taken):
        number += 1
        wanted = _numbered(name, number)
    return folder + wanted


def _numbered(name: str, number: int) -> str:
    found = _SUFFIX.search(name)
    suffix = found.group() if found else ""
    added = f" ({number}){suffix}"
    return _cut(name.removesuffix(suffix), MAX_NAME_BYTES - len(added)) + added


def _clean_name(name: str) -> str:
    plain = "".join("_" if c in _FORBIDDEN else c for c in name).lstrip(" ").rstrip(" .")
    if _RESERVED.match(plain):
        plain = "_" + plain
    if len(plain.encode()) <= MAX_NAME_BYTES:
        return plain
    found = _SUFFIX.search(plain)
    suffix = found.group() if found else ""
    return (_cut(plain, MAX_NAME_BYTES - len(suffix)).rstrip(" .") or "_") + suffix


def _cut(name: str, at_most: int) -> str:
    return name.encode()[:at_most].decode(errors="ignore")


def _parents(path: str) -> list[str]:
    names = path.split("/")
    return ["/".join(names[:depth]) for depth in range(1, len(names))]


def _fold(path: str) -> str:
    wide = unicodedata.normalize("NFKC", path).casefold()
    return unicodedata.normalize("NFKC", wide)


def _is_long(path: str) -> bool:
    return len(path.encode(errors="replace")) > MAX_PATH_BYTES
