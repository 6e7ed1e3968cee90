"""Measurements kept with one's own study, on a real chain and in both kinds of store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from app import pictures
from app.composition import Composition
from app.session import Session
from viewer.dicom.source import StudySource
from viewer.measure import keeping
from viewer.measure.shapes import Kind, Measurement, ellipse_in
from viewer.measure.sheet import State
from viewer.ui.measuring import Measuring

pytestmark = pytest.mark.live

Someone = Any  # a Person of conftest.py
PASSPHRASE = "only for tests"


@contextmanager
def unlocked(person: Someone) -> Iterator[Session]:
    """The person's wallet as the window has it."""
    place = {"RAYFOLIO_LOOPBACK": "1", "RAYFOLIO_CHAIN_DIR": str(person.chain)}
    with mock.patch.dict(os.environ, place):
        session = Composition(person.home).unlock(PASSPHRASE)
        try:
            yield session
        finally:
            session.close()


def made_on(session: Session, source: StudySource, number: int) -> tuple[State, keeping.Written]:
    """An ellipse and a mark on the first picture of a study, and the files that keep them."""
    series = next(each for each in source.series() if each.headers[0].drawable)
    header = series.headers[0]
    shape = Measurement(
        "2.25.4711", Kind.ELLIPSE, ellipse_in((20, 20), (90, 70)), header.sop_uid, 0, "node"
    )
    state = State((shape,), ((header.sop_uid, 0),))
    written = keeping.write(
        state,
        header,
        lambda _: (
            header,
            lambda: pictures.decode(session.sandbox, source, series, 0, 0),
        ),
        Measuring.lines_now,
        number,
    )
    return state, written


def kept_in(session: Session, source: StudySource) -> State:
    """What the viewer finds in a study when it opens it."""
    places = [(s, n) for s in source.series() for n in range(len(s.headers))]
    chosen = keeping.to_read([series.headers[n] for series, n in places])
    return keeping.read(
        pictures.read_annotations(session.sandbox, source, *places[n]) for n in chosen
    )


@pytest.mark.parametrize("store", ("embedded", "node"))
def test_measurements_become_part_of_the_study_and_go_where_it_goes(
    store: str, new_person: Callable[[str], Someone], scans: Path, tmp_path: Path
) -> None:
    patient = new_person(f"Ada {store}")
    if store == "node":
        patient("node", "start")
    study = max(patient("import", scans)["studies"], key=lambda each: each["instances"])["study"]
    with unlocked(patient) as session:
        before = session.source(study)
        assert kept_in(session, before) == State()
        state, written = made_on(session, before, 100)
        assert [name.split("-")[0] for name, _ in written.files] == [
            "measurements",
            "graphics",
            "marks",
        ]
        told: list[str] = []
        session.keep(study, written.files, lambda what, done, total: told.append(what))
        assert "Recording the study" in told
        after = session.source(study)
        assert kept_in(session, after) == state
        assert {each.modality for each in after.series()} >= {"CT", "SR", "PR", "KO"}
        heads = {each.study: each for each in session.studies()}
        session.keep(study, written.files)  # the same bytes once more change nothing
        assert len(session.source(study).series()) == len(after.series())
        assert set(heads) == {each.study for each in session.studies()}
    out = tmp_path / "out"
    patient("export", study, out)
    exported = {each.read_bytes() for each in out.rglob("*") if each.is_file()}
    assert {data for _, data in written.files} <= exported
    originals = {each.read_bytes() for each in scans.rglob("*.dcm")}
    assert originals & exported  # as they were


def test_what_is_kept_last_counts_also_when_it_is_nothing(
    new_person: Callable[[str], Someone], scans: Path
) -> None:
    patient = new_person("Ada")
    study = max(patient("import", scans)["studies"], key=lambda each: each["instances"])["study"]
    with unlocked(patient) as session:
        source = session.source(study)
        _, written = made_on(session, source, 100)
        session.keep(study, written.files)
        header = next(h for s in source.series() for h in s.headers if h.drawable)
        nothing = keeping.write(State(), header, lambda _: None, Measuring.lines_now, 101)
        session.keep(study, nothing.files)
        assert kept_in(session, session.source(study)) == State()


def test_files_made_for_another_study_are_our_own_mistake(
    new_person: Callable[[str], Someone], scans: Path
) -> None:
    patient = new_person("Ada")
    one, other = (each["study"] for each in patient("import", scans)["studies"])
    with unlocked(patient) as session:
        _, written = made_on(session, session.source(one), 100)
        with pytest.raises(ValueError, match="another study"):
            session.keep(other, written.files)
