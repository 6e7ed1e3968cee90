"""The fast way to a header: the same as the slow way on each file that it takes."""

from __future__ import annotations

import os
import struct
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom.data
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from viewer.dicom.sandbox.child import fast, reading
from viewer.dicom.sandbox.child.bytes_in import Bytes, FileBytes, MemoryBytes
from viewer.dicom.sandbox.child.elements import Unusual
from viewer.dicom.sandbox.child.heading import told
from viewer.errors import NotDicom

Make = Callable[..., Path]
BUNDLED = Path(pydicom.data.__file__).parent


def _both(source: Bytes) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return what either way tells, or None if the fast one leaves the file to the slow one."""
    try:
        found = told(fast.parse(source), source)
    except Unusual:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return found, told(reading.parse(source), source)


def _compare(files: Iterator[Path]) -> tuple[int, int]:
    """Return how many files the fast way took, and how many it left."""
    taken = left = 0
    for path in files:
        if not path.is_file():
            continue
        fd = os.open(path, os.O_RDONLY)
        try:
            both = _both(FileBytes(fd))
        finally:
            os.close(fd)
        if both is None:
            left += 1
        else:
            taken += 1
            assert both[0] == both[1], path
    return taken, left


def test_both_ways_tell_the_same_of_every_file_that_pydicom_brings() -> None:
    taken, left = _compare(BUNDLED.rglob("*"))
    assert taken > 60 and left > 20


@pytest.mark.corpus
def test_both_ways_tell_the_same_of_every_file_of_the_corpus() -> None:
    taken, left = _compare(Path(os.environ["RAYFOLIO_TEST_DATA"], "dicom").rglob("*"))
    assert taken > 300 and left > 50


def _small() -> list[bytes]:
    names = (
        "CT_small.dcm",
        "MR_small_implicit.dcm",
        "examples_palette.dcm",
        "SC_rgb_small_odd.dcm",
    )
    names += ("JPGExtended.dcm", "test-SR.dcm", "rtdose.dcm", "image_dfl.dcm", "MR_small_RLE.dcm")
    return [(BUNDLED / "test_files" / each).read_bytes()[:40_000] for each in names]


SMALL = _small()
EDIT = st.tuples(
    st.sampled_from(["set", "insert", "delete", "cut"]),
    st.integers(120, 6000),
    st.binary(max_size=2)
    | st.sampled_from([b"SQ", b"UN", b"OB", b"UL", b"\xff\xff", b"\0\0", b"\xfe\xff"]),
)


@given(st.sampled_from(range(len(SMALL))), st.lists(EDIT, min_size=1, max_size=4))
def test_both_ways_tell_the_same_of_damaged_files(
    which: int, edits: list[tuple[str, int, bytes]]
) -> None:
    data = bytearray(SMALL[which])
    for what, at, value in edits:
        if what == "cut":
            del data[max(at, 200) :]
        else:
            data[at : at + (0 if what == "insert" else len(value))] = (
                b"" if what == "delete" else value
            )
    source = MemoryBytes(bytes(data))
    try:
        both = _both(source)
    except NotDicom:
        pytest.fail("the fast way took what the slow way does not know")
    assert both is None or repr(both[0]) == repr(both[1])


# -- what it leaves to pydicom ----------------------------------------------------------------


def _taken(data: bytes) -> bool:
    both = _both(MemoryBytes(data))
    assert both is None or both[0] == both[1]
    return both is not None


def _of(path: Path) -> bytes:
    return path.read_bytes()


def test_a_plain_slice_goes_the_fast_way(made: Make) -> None:
    plain = made(np.zeros((4, 4), np.uint16), PatientName="Doe^John", SpecificCharacterSet="")
    implicit = made(np.zeros((4, 4), np.uint16), syntax=ImplicitVRLittleEndian)
    assert _taken(_of(plain)) and _taken(_of(implicit))
    assert _taken(_of(made(Manufacturer="x")))  # without pixels


def test_a_long_element_before_the_pixels_needs_the_second_window(made: Make) -> None:
    def with_private(length: int) -> bytes:
        return _of(made(np.zeros((4, 4), np.uint16), EncapsulatedDocument=bytes(length)))

    assert _taken(with_private(100_000))
    assert not _taken(with_private(300_000))


def test_simple_items_are_passed_over_and_nested_ones_are_not(made: Make) -> None:
    def item(**attributes: object) -> Dataset:
        found = Dataset()
        for name, value in attributes.items():
            setattr(found, name, value)
        return found

    def sequence(undefined: bool, *items: Dataset) -> Sequence:
        found = Sequence(items)
        for each in items:
            each.is_undefined_length_sequence_item = undefined
        return found

    def made_with(found: Sequence, undefined: bool) -> bytes:
        path = made(np.zeros((4, 4), np.uint16), ReferencedImageSequence=found)
        whole = pydicom.dcmread(path)
        whole["ReferencedImageSequence"].is_undefined_length = undefined
        whole.save_as(path)
        return path.read_bytes()

    for undefined in (False, True):
        simple = sequence(undefined, item(ReferencedSOPInstanceUID="1.2"), item())
        assert _taken(made_with(simple, undefined))
    inner = item(PurposeOfReferenceCodeSequence=sequence(True, item(CodeValue="1")))
    nested = made_with(sequence(True, inner), True)
    at = nested.index(struct.pack("<HH2s", 0x40, 0xA170, b"SQ")) + 8
    assert _taken(nested)  # of defined length within
    items = struct.unpack_from("<L", nested, at)[0]
    ended = nested[at + 4 : at + 4 + items] + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    nested = nested[:at] + b"\xff\xff\xff\xff" + ended + nested[at + 4 + items :]
    assert not _taken(nested)


@pytest.mark.parametrize(
    "name",
    (
        "MR_small_expb.dcm",  # big endian
        "image_dfl.dcm",  # deflated
        "no_meta.dcm",
        "ExplVR_LitEndNoMeta.dcm",
        "meta_missing_tsyntax.dcm",
        "rtplan_truncated.dcm",
        "liver_1frame.dcm",  # functional groups
    ),
)
def test_what_is_unusual_is_left(name: str) -> None:
    assert not _taken(_of(BUNDLED / "test_files" / name))


def test_a_data_set_that_is_not_encoded_as_declared_is_left(made: Make) -> None:
    implicit = _of(made(syntax=ImplicitVRLittleEndian))
    declared = struct.pack("<HH2sH", 2, 0x10, b"UI", 18) + b"1.2.840.10008.1.2\0"
    assert declared in implicit
    explicit = struct.pack("<HH2sH", 2, 0x10, b"UI", 20) + b"1.2.840.10008.1.2.1\0"
    assert not _taken(implicit.replace(declared, explicit))


@pytest.mark.parametrize(
    ("there", "instead"),
    (
        (b"PN", b"Pn"),  # an unknown VR
        (struct.pack("<HH", 0x10, 0x20), struct.pack("<HH", 0x08, 0x20)),  # out of order
        (struct.pack("<HH", 0x10, 0x20), struct.pack("<HH", 0x10, 0x10)),  # twice
        (struct.pack("<HH2sH", 0x10, 0x20, b"LO", 2), struct.pack("<HH2sH", 0x10, 0x20, b"LO", 3)),
        (b"ISO_IR 100", b"ISO_IR 999"),
    ),
)
def test_what_is_out_of_order_is_left(there: bytes, instead: bytes, made: Make) -> None:
    plain = _of(made(PatientName="Doe^John", PatientID="17", SpecificCharacterSet="ISO_IR 100"))
    assert _taken(plain) and plain.count(there) == 1
    assert not _taken(plain.replace(there, instead))


def test_a_deflated_file_is_never_inflated_by_the_fast_way(made: Make) -> None:
    path = made(np.zeros((4, 4), np.uint16), syntax=DeflatedExplicitVRLittleEndian)
    with pytest.raises(Unusual):
        fast.parse(MemoryBytes(_of(path)))
