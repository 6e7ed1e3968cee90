"""Paths somebody else chose."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.container.paths import (
    MAX_NAME_BYTES,
    MAX_PATH_BYTES,
    clean_path,
    distinct_paths,
    is_safe_path,
)

NASTY = st.text(
    st.sampled_from("aB.. /\\:<CONnul1é\u0338\u202e\x00\x1f \u0301ﬀ2|()*~日"), max_size=60
)
ANY = st.text(max_size=40) | NASTY | st.text("aé.", min_size=150, max_size=1200)


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("DICOM/ST1/IM1.dcm", "DICOM/ST1/IM1.dcm"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("a/./b/../c", "a/b/c"),
        ("C:\\Users\\me\\IM1", "Users/me/IM1"),
        ("C:D:IM1", "IM1"),
        ("\\\\server\\share\\IM1", "server/share/IM1"),
        ("IM1:stream", "IM1_stream"),
        ("CON", "_CON"),
        ("aux.dcm/nul", "_aux.dcm/_nul"),
        ("COM¹.dcm", "_COM¹.dcm"),
        ("console", "console"),
        ("IM1. . .", "IM1"),
        (" IM1 ", "IM1"),
        ("IM\x001\n\x7f", "IM_1__"),
        ("IM\u202egpj.exe", "IM_gpj.exe"),
        ("IM\ud8001", "IM_1"),
        ("e\u0301.dcm", "é.dcm"),
        ("1.2.840.113", "1.2.840.113"),
        (".hidden", ".hidden"),
        ("...", "file"),
        ("", "file"),
        ("//", "file"),
        ("a?*b", "a__b"),
    ],
)
def test_cleans(path, clean):
    assert clean_path(path) == clean


@given(ANY)
def test_a_clean_path_is_safe_and_stays(path):
    clean = clean_path(path)
    assert clean_path(clean) == clean
    assert is_safe_path(clean)
    assert len(clean.encode()) <= MAX_PATH_BYTES
    assert all(0 < len(name.encode()) <= MAX_NAME_BYTES for name in clean.split("/"))
    assert all(not name.endswith((".", " ")) for name in clean.split("/"))
    for kind in (PurePosixPath, PureWindowsPath):
        pure = kind(clean)
        assert not pure.is_absolute() and not pure.drive and ".." not in pure.parts


@pytest.mark.parametrize(
    "path", ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a\\b", "C:a", "a\0b", "a" * 1001]
)
def test_what_leads_elsewhere_is_not_safe(path):
    assert not is_safe_path(path)


@given(st.lists(ANY | st.sampled_from(["a", "A", "a/b", "a/B/c", "A/b", "ａ"]), max_size=12))
def test_distinct_paths_never_fall_together(paths):
    found = distinct_paths(paths)
    assert len(found) == len(paths)
    folded = [each.casefold() for each in found]
    assert len(set(folded)) == len(folded)
    for each in folded:  # nor is a file where a folder has to be
        assert not any(other.startswith(each + "/") for other in folded)
    assert all(clean_path(each) == each for each in found)


def test_a_name_that_is_all_suffix_is_told_apart_as_well():
    assert distinct_paths([".A", ".A", ".A"]) == [".A", ".A (2)", ".A (3)"]


def test_distinct_paths_are_told_apart_by_a_number():
    paths = ["A/IM1.dcm", "a/im1.DCM", "A/IM1.dcm", "1.2.3", "1.2.3", "x", "x/y", "x"]
    assert distinct_paths(paths) == [
        "A/IM1.dcm",
        "a/im1 (2).DCM",
        "A/IM1 (3).dcm",
        "1.2.3",
        "1.2.3 (2)",
        "x",
        "x (2)/y",
        "x (3)",
    ]


def test_distinct_paths_of_the_longest_names_stay_clean():
    longest = "/".join(["n" * 199] * 5)
    found = distinct_paths([longest] * 12)
    assert len(set(found)) == 12
    assert all(clean_path(each) == each for each in found)
