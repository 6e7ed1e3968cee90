"""How a study is first hung: which series, in which layout and order, by what kind it is.

One row of the table a kind; the first that fits is taken, and what none of them names lies in the
strip. A scout or a report is never the first thing seen where there are pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.dicom.header import Header
from viewer.dicom.kinds import Content, content_for, kind_of
from viewer.dicom.source import SeriesView

MOST_PHASES = 4


@dataclass(frozen=True, slots=True)
class Place:
    """One cell of a hanging."""

    series: int
    instance: int = 0  # where it opens, if `opens`
    opens: bool = False  # at that instance, and not where a person would start
    lean: int = 0  # the edge of the cell that the picture lies at: -1 left, 1 right
    flips: bool = False  # left for right, so that its wall lies at that edge


@dataclass(frozen=True, slots=True)
class Hanging:
    """Rows of cells."""

    rows: int
    columns: int
    places: tuple[Place, ...]


def hang(series: Sequence[SeriesView]) -> Hanging | None:
    """Return how to hang a study for a clinician; None if there is nothing to look at."""
    seen = [n for n, each in enumerate(series) if _has_picture(each)]
    if not seen:
        return None
    modality = series[first(series)].modality
    for kinds, arrange in _ARRANGEMENTS:
        found = arrange(series, seen) if not kinds or modality in kinds else None
        if found is not None:
            return found
    raise AssertionError("the last row fits everything")


def hang_for_patient(series: Sequence[SeriesView]) -> Hanging | None:
    """Return one large picture, and the report beside it if there is one."""
    if not any(_has_picture(each) for each in series):
        return None
    main = first(series)
    reports = [n for n, each in enumerate(series) if n != main and _is_report(each)]
    places = (Place(main), *(Place(n) for n in reports[:1]))
    return Hanging(1, len(places), places)


def _is_report(series: SeriesView) -> bool:
    header = series.headers[0]
    is_document = content_for(header) is Content.DOCUMENT
    return is_document and kind_of(header.sop_class).name in _REPORTS


def first(series: Sequence[SeriesView]) -> int:
    """Return the series a person starts with: pictures, no scout, no picture of words."""
    order = sorted(range(len(series)), key=lambda n: (_reluctance(series[n]), n))
    return order[0] if order else 0


def _reluctance(series: SeriesView) -> int:
    """Return 0 for what is looked at first, more for what comes later."""
    if not _has_picture(series):
        return 3
    header = series.headers[0]
    if header.modality in _NOT_FIRST or "SCREEN SAVE" in header.image_type:
        return 2
    return int(is_scout(series))


def is_scout(series: SeriesView) -> bool:
    """Whether the pictures only say where others lie, by their type or by what they are called."""
    header = series.headers[0]
    words = f"{header.series_description} {header.protocol}".casefold()
    return header.is_localizer or any(each in words for each in _SCOUTS)


def _has_picture(series: SeriesView) -> bool:
    return any(each.drawable for each in series.headers)


_REPORTS = ("Report", "Document (PDF)", "Document (CDA)")  # not of the dose or of a computer
_SCOUTS = ("localizer", "localiser", "scout", "survey", "topogram", "scanogram", "surview")
_NOT_FIRST = frozenset({"SEG", "OT", "DOC", "RTDOSE", "RTSTRUCT", "SR", "PR", "KO"})


# -- mammography ------------------------------------------------------------------------------

# Right before left and CC over MLO, so that the chest walls meet in the middle.
_BREASTS = (("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO"))
_LEAN = {"R": 1, "L": -1}
_ROWS_GO = {"R": "P", "L": "A"}  # where rows must go for the wall to lie at that edge


def _mammography(series: Sequence[SeriesView], seen: Sequence[int]) -> Hanging | None:
    """Return the four views; two side by side if only one kind of view is there."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for number in seen:
        for instance, header in enumerate(series[number].headers):
            if header.drawable and header.modality == "MG":
                found.setdefault(_breast(header), (number, instance))
    there = [each for each in _BREASTS if each in found]
    views = dict.fromkeys(view for _, view in there)
    if len(there) < 2 or any((side, view) not in found for view in views for side in "RL"):
        return None
    places = tuple(_breast_place(series, side, *found[side, view]) for side, view in there)
    return Hanging(len(views), 2, places)


def _breast_place(series: Sequence[SeriesView], side: str, number: int, instance: int) -> Place:
    rows = "".join(series[number].headers[instance].patient_orientation[:1])
    flips = rows[:1] in ("A", "P") and rows[:1] != _ROWS_GO[side]
    return Place(number, instance, opens=True, lean=_LEAN[side], flips=flips)


def _breast(header: Header) -> tuple[str, str]:
    return header.laterality.strip().upper()[:1], header.view_position.strip().upper()


# -- the rest ---------------------------------------------------------------------------------


def _phases(series: Sequence[SeriesView], seen: Sequence[int]) -> Hanging | None:
    """Return several series of one place and cut side by side: the phases of one scan."""
    main = first(series)
    alike = [n for n in seen if _is_phase(series[main], series[n])][:MOST_PHASES]
    if len(alike) < 2:
        return None
    rows = 1 if len(alike) == 2 else 2
    return Hanging(rows, 2, tuple(Place(n) for n in alike))


def _is_phase(one: SeriesView, other: SeriesView) -> bool:
    a, b = one.headers[0], other.headers[0]
    return (
        not is_scout(other)
        and (len(one.headers) > 1 or a.frames > 1)
        and bool(a.frame_of_reference)
        and a.frame_of_reference == b.frame_of_reference
        and a.orientation == b.orientation
        and a.spacing_mm == b.spacing_mm
        and a.slice_thickness_mm == b.slice_thickness_mm
        and len(one.headers) == len(other.headers)
        and a.modality == b.modality
    )


def _two_views(series: Sequence[SeriesView], seen: Sequence[int]) -> Hanging | None:
    """Return the first two pictures of X-rays side by side: views of one part."""
    single = [
        (number, instance)
        for number in seen
        for instance, header in enumerate(series[number].headers)
        if header.drawable and header.frames == 1
    ]
    if len(single) != 2:
        return None
    return Hanging(1, 2, tuple(Place(*each, opens=True) for each in single))


def _alone(series: Sequence[SeriesView], seen: Sequence[int]) -> Hanging | None:
    del seen
    return Hanging(1, 1, (Place(first(series)),))


Arrange = Callable[[Sequence[SeriesView], Sequence[int]], Hanging | None]

# By the modality of the first series; none named: any.
_ARRANGEMENTS: tuple[tuple[frozenset[str], Arrange], ...] = (
    (frozenset({"MG"}), _mammography),
    (frozenset({"CR", "DX", "RG"}), _two_views),
    (frozenset({"US", "XA", "RF", "ES", "OP"}), _alone),
    (frozenset({"CT", "MR", "PT", "NM"}), _phases),
    (frozenset(), _alone),
)
