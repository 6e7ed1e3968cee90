"""Which pictures make a volume, where its voxels lie, and why others make none."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from highdicom.spatial import create_affine_matrix_from_attributes
from hypothesis import given
from hypothesis import strategies as st

from viewer.dicom.header import Header
from viewer.errors import NotAVolume
from viewer.render.slices import parted

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
FIRST = Header(
    modality="MR",
    rows=6,
    columns=5,
    drawable=True,
    photometric="MONOCHROME2",
    bits_stored=12,
    frame_of_reference="1.2",
    orientation=AXIAL,
    spacing_mm=(0.5, 0.8),
)


def axial(depths: list[float], **more: object) -> list[Header]:
    """Axial pictures at these heights."""
    return [
        replace(FIRST, position=(-10.0, 20.0, z), instance_number=n, **more)  # type: ignore[arg-type]
        for n, z in enumerate(depths)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_slices_in_any_order_lie_along_their_normal(seed: int) -> None:
    headers = axial([3.0, 4.5, 6.0, 7.5])
    random.Random(seed).shuffle(headers)
    (slices,) = parted(headers)
    assert [headers[each.instance].position[2] for each in slices.members] == [3, 4.5, 6, 7.5]
    assert slices.lattice.shape == (4, 6, 5)
    assert slices.lattice.spacing_mm == (0.8, 0.5, 1.5)


def test_the_lattice_is_highdicoms() -> None:
    turned = (0.8, 0.0, -0.6, 0.0, 1.0, 0.0)
    normal = np.array((0.6, 0.0, 0.8))
    headers = [
        replace(
            FIRST, orientation=turned, position=tuple(np.array((4.0, 5.0, 6.0)) + k * 2 * normal)
        )
        for k in range(3)
    ]
    (slices,) = parted(headers)
    expected = create_affine_matrix_from_attributes((4.0, 5.0, 6.0), turned, (0.5, 0.8), 2.0)
    assert slices.lattice.to_patient((3, 2, 1)) == pytest.approx(
        tuple((expected @ (3, 2, 1, 1))[:3]), abs=1e-9
    )


def test_spacing_is_what_positions_say_not_what_the_header_tells() -> None:
    headers = axial([0.0, 2.0, 4.0], slice_thickness_mm=5.0, spacing_between_slices_mm=7.0)
    assert parted(headers)[0].lattice.spacing_mm[2] == 2.0


def test_a_tilted_gantry_makes_a_lattice_that_leans() -> None:
    c, s = math.cos(math.radians(20)), math.sin(math.radians(20))
    headers = axial([0.0, 3.0, 6.0, 9.0], orientation=(1.0, 0.0, 0.0, 0.0, c, s))
    (slices,) = parted(headers)
    assert slices.lattice.tilt_deg == pytest.approx(20)
    assert slices.lattice.to_patient((0, 0, 2)) == pytest.approx((-10, 20, 6))
    assert slices.lattice.to_patient((0, 4, 0)) == pytest.approx((-10, 20 + 2 * c, 2 * s))


def test_frames_of_one_instance_make_a_volume() -> None:
    header = replace(
        FIRST,
        frames=3,
        frame_positions=((0.0, 0.0, 4.0), (0.0, 0.0, 2.0), (0.0, 0.0, 0.0)),
        position=(0.0, 0.0, 4.0),
    )
    (slices,) = parted([header])
    assert [each.frame for each in slices.members] == [2, 1, 0]


def test_times_are_parted_first() -> None:
    headers = [
        replace(each, temporal_position=time, instance_number=10 * place + time)
        for place, each in enumerate(axial([0.0, 1.0, 2.0]))
        for time in (2, 1)
    ]
    found = parted(headers)
    assert [{each.temporal for each in slices.members} for slices in found] == [{1}, {2}]


def test_frames_of_several_times_are_parted() -> None:
    places = ((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 2.0))
    header = replace(
        FIRST,
        frames=6,
        frame_positions=places + places,
        frame_temporal=(1, 1, 1, 2, 2, 2),
        position=places[0],
    )
    first, second = parted([header])
    assert [each.frame for each in second.members] == [3, 4, 5]
    assert [each.frame for each in first.members] == [0, 1, 2]


def test_what_only_its_numbers_tell_apart_is_parted_by_them() -> None:
    headers = [
        replace(each, instance_number=number)
        for number, each in enumerate(axial([0.0, 1.0, 2.0]) * 2)
    ]
    assert len(parted(headers)) == 2
    mixed = [replace(each, instance_number=1) for each in headers]
    mixed.sort(key=lambda each: each.position or ())
    with pytest.raises(NotAVolume, match="in the same place"):
        parted(mixed)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (axial([0.0, 1.0]), "fewer than 3 slices"),
        (axial([0.0, 1.0, 3.0, 4.0]), "a slice is missing"),
        (axial([0.0, 1.0, 4.0, 5.0]), "2 slices are missing"),
        (axial([0.0, 1.0, 2.4, 3.4]), "not evenly spaced"),
        (axial([0.0, 1.0, 1.0, 2.0]), "in the same place"),
        ([*axial([0.0, 1.0]), replace(axial([2.0])[0], rows=7)], "not all of one size"),
        ([*axial([0.0, 1.0]), replace(axial([2.0])[0], spacing_mm=(0.6, 0.8))], "of one size"),
        (
            [*axial([0.0, 1.0]), replace(axial([2.0])[0], frame_of_reference="9")],
            "not lie in one space",
        ),
        (
            [*axial([0.0, 1.0]), replace(axial([2.0])[0], orientation=(1, 0, 0, 0, 0.8, 0.6))],
            "not parallel",
        ),
        (
            [*axial([0.0, 1.0]), replace(axial([2.0])[0], position=(-9.0, 20.0, 2.0))],
            "not lie in one line",
        ),
        ([*axial([0.0, 1.0]), replace(axial([2.0])[0], position=None)], "is not said"),
        ([*axial([0.0, 1.0]), replace(axial([2.0])[0], drawable=False)], "can be shown"),
        (axial([0.0, 1.0, 2.0], photometric="RGB", samples=3), "in colour"),
        (axial([0.0, 1.0, 2.0], modality="SEG"), "marks"),
        (axial([0.0, 1.0, 2.0], rows=65535, columns=65535), "too large"),
        (axial([0.0, 1.0, 2.0], rows=1), "single lines"),
        ([replace(FIRST, frames=5, position=(0.0, 0.0, 0.0))], "is not said"),
        ([], "fewer than 3"),
    ],
)
def test_what_is_no_volume_is_refused_with_the_reason(headers: list[Header], why: str) -> None:
    with pytest.raises(NotAVolume, match=why) as caught:
        parted(headers)
    assert str(caught.value).startswith("This series cannot be seen from other sides: ")


def test_positions_that_were_rounded_are_even_enough() -> None:
    assert len(parted(axial([round(0.625 * k, 1) for k in range(30)]))) == 1


places = st.tuples(*[st.floats(-400, 400)] * 3)


@given(
    places, st.floats(0.05, 6), st.floats(0.05, 6), st.floats(0.3, 9), st.floats(-40, 40), places
)
def test_an_index_goes_to_the_person_and_back(
    start: tuple[float, ...],
    down: float,
    across: float,
    gap: float,
    tilt: float,
    point: tuple[float, ...],
) -> None:
    c, s = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    headers = [
        replace(
            FIRST,
            orientation=(1.0, 0.0, 0.0, 0.0, c, s),
            spacing_mm=(down, across),
            position=(start[0], start[1], start[2] + k * gap),
        )
        for k in range(4)
    ]
    (slices,) = parted(headers)
    index = slices.lattice.to_index(point)
    assert slices.lattice.to_patient(index) == pytest.approx(point, abs=1e-6)
    # By hand: the slices lie `gap` apart along z, and rows lean by the tilt.
    x, y, z = (a - b for a, b in zip(point, start, strict=True))
    row = y / (down * c)
    assert index == pytest.approx((x / across, row, (z - row * down * s) / gap), abs=1e-5)
