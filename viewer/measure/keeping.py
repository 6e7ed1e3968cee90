"""Which of a study's reports and key objects count, and what is written to keep a sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from viewer.dicom.annotations import Annotations
from viewer.dicom.header import Header
from viewer.dicom.pixels import Pixels
from viewer.dicom.writing.uids import series_uid
from viewer.measure.kept import state_of
from viewer.measure.readings import Value, shape_reading, value_reading
from viewer.measure.shapes import Measurement
from viewer.measure.sheet import Place, State

REPORTS, MARKS = "measurements", "marks"  # our own series of a study
READ_MOST = 64  # documents of others, the newest first
_STORAGE = "1.2.840.10008.5.1.4.1.1.88."
DOCUMENTS = frozenset(_STORAGE + each for each in ("11", "22", "33", "34", "59"))
Find = Callable[[Place], tuple[Header, Callable[[], Pixels]] | None]
Said = Callable[[Measurement, Pixels], tuple[str, ...]]


def to_read(headers: Sequence[Header]) -> list[int]:
    """Return the places of the instances to read: our newest report first, then others'.

    Of our own only what was written last counts: it says what is left. The marks that belong to it
    bear its number.
    """
    found = [n for n, each in enumerate(headers) if each.sop_class in DOCUMENTS]
    own = {kind: [n for n in found if _is_own(headers[n], kind)] for kind in (REPORTS, MARKS)}
    others = [n for n in found if n not in own[REPORTS] and n not in own[MARKS]]
    newest = max(own[REPORTS], key=lambda n: _number(headers[n]), default=None)
    if newest is None:
        return [*own[MARKS], *others[-READ_MOST:]]
    marks = [n for n in own[MARKS] if _number(headers[n]) == _number(headers[newest])]
    return [newest, *marks, *others[-READ_MOST:]]


def _is_own(header: Header, kind: str) -> bool:
    return header.series_uid == series_uid(header.study_uid, kind)


def _number(header: Header) -> int:
    return header.instance_number or 0


def read(found: Iterable[Annotations]) -> State:
    """Return what was kept; of what several documents hold, the first one counts."""
    measurements: dict[str, Measurement] = {}
    marks: dict[Place, None] = {}
    for each in found:
        state = state_of([each])
        for one in state.measurements:
            measurements.setdefault(one.uid, one)
        marks.update(dict.fromkeys(state.marked))
    return State(tuple(measurements.values()), tuple(marks))


@dataclass(frozen=True, slots=True)
class Written:
    """The files of one keeping, and what of the sheet they could not hold."""

    files: tuple[tuple[str, bytes], ...]
    left_out: int = 0


def write(state: State, study: Header, find: Find, said: Said, number: int) -> Written:
    """Return a report, graphics and key objects; measures each shape once more, on its pixels.

    Args:
        study: of any picture of the study that they are kept with.
        find: returns the header of a picture and how to decode it; None if it is not of the study.
        said: returns the lines that stand beside a measurement.

    Raises: CannotKeep.
    """
    from viewer.dicom.writing.marks import key_objects
    from viewer.dicom.writing.measurements import Item, report
    from viewer.dicom.writing.presentation import presentation_states

    items: list[tuple[Item, tuple[str, ...]]] = []
    for each in state.measurements:
        found = find((each.sop_uid, each.frame))
        if found is not None:
            header, decode = found
            pixels = decode()
            items.append((Item(each, numbers(each, pixels), header), said(each, pixels)))
    marked = [(found[0], place[1]) for place in state.marked if (found := find(place)) is not None]
    files = [(f"{REPORTS}-{number}.dcm", report([item for item, _ in items], study, number))]
    for place, data in enumerate(presentation_states(items, number)):
        files.append((f"graphics-{number}-{place + 1}.dcm", data))
    if marked:
        files.append((f"{MARKS}-{number}.dcm", key_objects(marked, number)))
    lost = len(state.measurements) - len(items) + len(state.marked) - len(marked)
    return Written(tuple(files), lost)


def numbers(measurement: Measurement, pixels: Pixels) -> tuple[Value, ...]:
    """Return all that a measurement says."""
    return shape_reading(measurement, pixels).values + value_reading(measurement, pixels).values
