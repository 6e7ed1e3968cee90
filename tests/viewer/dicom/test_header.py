"""What a header tells, and that nothing malformed passes for one."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEGLSLossless, generate_uid

from viewer.dicom.header import Header
from viewer.dicom.sandbox import Sandbox
from viewer.errors import NotDicom

Open = Callable[[Path | str], int]
Make = Callable[..., Path]


def _head(sandbox: Sandbox, fd: int) -> Header:
    (found,) = sandbox.headers([("", fd)])
    assert isinstance(found, Header), found
    return found


TEXT = st.text(max_size=256).filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text))
NUMBER = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.builds(
        Header,
        size=st.just(1 << 30),
        patient_name=TEXT,
        series_number=st.none() | st.integers(-(1 << 31), (1 << 31) - 1),
        position=st.none() | st.tuples(NUMBER, NUMBER, NUMBER),
        windows=st.lists(st.tuples(NUMBER, NUMBER, TEXT), max_size=3).map(tuple),
        image_type=st.lists(TEXT, max_size=4).map(tuple),
        cuts=st.sets(st.integers(1, (1 << 30) - 1)).map(lambda found: tuple(sorted(found))),
        signed=st.booleans(),
        drawable=st.booleans(),
        frame_time_ms=st.none() | NUMBER,
        frame_positions=st.lists(st.tuples(NUMBER, NUMBER, NUMBER), max_size=1).map(tuple),
        frame_indices=st.lists(st.tuples(st.integers(0, 9)), max_size=1).map(tuple),
        gantry_tilt_deg=st.none() | NUMBER,
        referenced_uids=st.lists(TEXT, max_size=3).map(tuple),
    )
)
def test_a_map_gives_the_header_back(header: Header) -> None:
    assert Header.from_map(header.to_map()) == header


def test_what_is_not_said_takes_no_room() -> None:
    assert Header().to_map() == {}


def test_a_header_does_not_show_who_it_is_of() -> None:
    assert "Doe" not in repr(Header(patient_name="Doe^John", study_uid="1.2.3"))


@pytest.mark.parametrize(
    "lie",
    (
        {"unknown": 1},
        {"rows": -1},
        {"rows": True},
        {"rows": 1.0},
        {"rows": 70000},
        {"frames": 0},
        {"frames": 1 << 40},
        {"modality": b"CT"},
        {"modality": "x" * 257},
        {"modality": "\udcff"},
        {"signed": 1},
        {"position": [1.0, 2.0]},
        {"position": [math.nan, 0.0, 0.0]},
        {"position": "abc"},
        {"rescale_slope": math.inf},
        {"windows": [[1.0, 2.0]]},
        {"windows": [7]},
        {"cuts": [0], "size": 5},
        {"cuts": [5], "size": 5},
        {"cuts": [3, 2], "size": 5},
        {"cuts": [2, 2], "size": 5},
        {"frame_starts": [1, 2], "size": 5, "frames": 2},
        {"frame_starts": [3, 2, 4], "size": 5, "frames": 2},
        {"frame_starts": [1, 2, 6], "size": 5, "frames": 2},
        {"pixel_start": 6, "size": 5},
        {"frame_positions": [[0.0, 0.0, 0.0]], "frames": 2},
        {"frame_positions": [[0.0, 0.0]]},
        {"frame_orientations": [[1.0] * 5]},
        {"frame_temporal": [-1]},
        {"frame_temporal": [1, 2]},
        {"frame_indices": [[]]},
        {"frame_indices": [[1.0]]},
        {"referenced_uids": ["1"] * 4097},
        {"gantry_tilt_deg": math.nan},
        {1: 2},
    ),
)
def test_a_lie_in_a_map_is_found(lie: dict[str, object]) -> None:
    with pytest.raises(NotDicom):
        Header.from_map(lie)


@pytest.mark.parametrize(
    ("charset", "name"),
    (
        ("ISO_IR 100", "Buc^Jérôme"),
        ("ISO_IR 126", "Διονυσιος"),
        ("ISO_IR 144", "Люкceмбypг"),
        ("ISO_IR 192", "Wang^XiaoDong=王^小東"),
        ("GB18030", "Wang^XiaoDong=王^小东"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    ),
)
def test_names_are_read_in_their_character_set(
    charset: object, name: str, sandbox: Sandbox, made: Make, opened: Open
) -> None:
    path = made(SpecificCharacterSet=charset, PatientName=name)
    assert _head(sandbox, opened(path)).patient_name == name


def test_texts_are_short_and_printable(sandbox: Sandbox, made: Make, opened: Open) -> None:
    said = "a\x1b[2Jb" + "c" * 5000
    with pytest.warns(UserWarning, match="maximum length"):
        path = made(StudyDescription=said)
    found = _head(sandbox, opened(path)).study_description
    assert found == "a [2Jb" + "c" * 250


def test_numbers_that_are_none_are_left_out(sandbox: Sandbox, made: Make, opened: Open) -> None:
    path = made(np.zeros((4, 4), np.uint8), RescaleSlope="1", RescaleIntercept="0")
    data = path.read_bytes()
    at = data.index(struct.pack("<HH2sH", 0x28, 0x1053, b"DS", 2)) + 8
    path.write_bytes(data[:at] + b"xy" + data[at + 2 :])
    found = _head(sandbox, opened(path))
    assert (found.rescale_slope, found.rescale_intercept, found.drawable) == (None, 0.0, True)


def test_functional_groups_give_geometry_and_windows(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    def of(**attributes: object) -> Dataset:
        found = Dataset()
        for name, value in attributes.items():
            setattr(found, name, value)
        return found

    shared = of(
        PixelMeasuresSequence=Sequence([of(PixelSpacing=[0.5, 0.25], SliceThickness=2)]),
        PlaneOrientationSequence=Sequence([of(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]),
    )
    frames = [
        of(
            PlanePositionSequence=Sequence([of(ImagePositionPatient=[1, 2, 3 + i])]),
            FrameVOILUTSequence=Sequence([of(WindowCenter=40 + i, WindowWidth=400)]),
            PixelValueTransformationSequence=Sequence(
                [of(RescaleSlope=2 + i, RescaleIntercept=-1024, RescaleType="HU")]
            ),
        )
        for i in range(3)
    ]
    path = made(
        np.zeros((3, 4, 4), np.uint16),
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence(frames),
    )
    fd = opened(path)
    found = _head(sandbox, fd)
    assert found.position == (1, 2, 3)
    assert found.orientation == (1, 0, 0, 0, 1, 0)
    assert found.spacing_mm == (0.5, 0.25)
    assert found.windows == ((40, 400, ""),)
    third = sandbox.decode(fd, 2)
    assert (third.windows, third.rescale_slope, third.aspect) == (((42, 400, ""),), 4.0, 2.0)


def test_a_preamble_that_is_not_zero_is_flagged(sandbox: Sandbox, made: Make, opened: Open) -> None:
    path = made()
    assert not _head(sandbox, opened(path)).preamble
    path.write_bytes(b"MZ" + path.read_bytes()[2:])
    assert _head(sandbox, opened(path)).preamble


# -- where to cut -----------------------------------------------------------------------------


def test_frames_are_cut_into_groups_of_a_mebibyte(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    path = made(np.zeros((10, 300, 500), np.uint16))  # 300,000 bytes a frame
    found = _head(sandbox, opened(path))
    start = found.pixel_start
    assert found.cuts == (start, start + 900_000, start + 1_800_000, start + 2_700_000)
    assert found.spans_for(4) == [(0, start), (start + 1_200_000, 300_000)]
    assert found.compressible


def test_compressed_frames_are_cut_where_their_items_start(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    streams = [bytes([i]) * 400_000 + b"\xff\xd9" for i in range(5)]
    path = made(
        np.zeros((5, 4, 4), np.uint8), syntax=JPEGLSLossless, PixelData=encapsulate(streams)
    )
    found = _head(sandbox, opened(path))
    assert not found.compressible
    data = path.read_bytes()
    assert len(found.cuts) == 4  # header; two frames; two frames; one; what ends the element
    assert found.spans_for(0) == [(0, found.frame_starts[1])]
    for frame, stream in enumerate(streams):
        offset, length = found.frame_span(frame) or (0, 0)
        assert data[offset : offset + length][8:] == stream
    assert set(found.cuts) <= set(found.frame_starts)


def test_single_frames_and_deflated_files_are_not_cut(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    one = made(np.zeros((600, 900), np.uint16))
    deflated = made(np.zeros((9, 300, 500), np.uint16), syntax=DeflatedExplicitVRLittleEndian)
    for path in (one, deflated):
        found = _head(sandbox, opened(path))
        assert found.cuts == ()
        assert found.spans_for(0) == [(0, path.stat().st_size)]
        assert found.drawable


def test_no_stretch_is_longer_than_a_segment_may_be(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    path = made(np.zeros((6000, 6000), np.uint16))
    found = _head(sandbox, opened(path))
    assert found.cuts == (32 << 20, 64 << 20)


# -- what counts as an instance ---------------------------------------------------------------


def test_a_directory_of_other_files_is_none(
    sandbox: Sandbox, bundled: Callable[[str], Path], opened: Open
) -> None:
    (found,) = sandbox.headers([("", opened(bundled("dicomdirtests/DICOMDIR")))])
    assert isinstance(found, NotDicom)
    assert "directory" in str(found)


@pytest.mark.parametrize(
    "name", ("ExplVR_LitEndNoMeta.dcm", "ExplVR_BigEndNoMeta.dcm", "rtstruct.dcm")
)
def test_instances_without_a_preamble_are_read(
    name: str, sandbox: Sandbox, bundled: Callable[[str], Path], opened: Open
) -> None:
    found = _head(sandbox, opened(bundled(name)))
    assert found.modality in ("RTPLAN", "RTSTRUCT")
    assert found.why_not


def test_uids_survive(sandbox: Sandbox, made: Make, opened: Open) -> None:
    uid = generate_uid()
    found = _head(sandbox, opened(made(SeriesInstanceUID=uid, InstanceNumber="7")))
    assert (found.series_uid, found.instance_number) == (uid, 7)
