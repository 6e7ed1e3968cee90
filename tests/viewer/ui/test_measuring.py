"""Measuring by hand and by keys, on pictures of all turns, with labels that hide nothing."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from viewer.dicom.calibration import Basis, Calibration
from viewer.dicom.pixels import Pixels
from viewer.dicom.source import SeriesView
from viewer.measure.readings import Quantity, Reading, Value
from viewer.measure.shapes import Kind, Measurement, ellipse_in
from viewer.ui import Viewer, view_state
from viewer.ui.image_view import Hand, ImageView
from viewer.ui.measuring import Measuring
from viewer.ui.measuring_desk import place_in
from viewer.ui.measuring_draw import dots_on, label_place
from viewer.ui.measuring_layer import MeasuringLayer
from viewer.ui.measuring_values import AT_ONCE_PX, Values
from viewer.ui.measuring_words import lines, scale_words

LEFT = Qt.MouseButton.LeftButton
PLACE = ("1.2.3", 0)
PIXELS = Pixels(
    np.tile(np.arange(200, dtype=np.int16), (100, 1)),
    "MONOCHROME2",
    12,
    True,
    windows=((100.0, 200.0, ""),),
    calibration=Calibration(Basis.BODY, (0.5, 0.5), unit="HU"),
)


@pytest.fixture
def image(qtbot: QtBot) -> ImageView:
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.set_pixels(PIXELS)
    return made


@pytest.fixture
def measuring(image: ImageView) -> Measuring:
    made = Measuring(parent=image)
    image.set_layers([MeasuringLayer(made, image, lambda: PLACE)])
    return made


def at(image: ImageView, pixel: tuple[float, float]) -> QPoint:
    x, y = view_state.to_screen(image.view, image.from_pixel(pixel))
    return QPoint(round(x), round(y))


def drag(
    qtbot: QtBot, image: ImageView, one: tuple[float, float], other: tuple[float, float]
) -> None:
    qtbot.mousePress(image, LEFT, pos=at(image, one))
    qtbot.mouseMove(image, at(image, other))
    qtbot.mouseRelease(image, LEFT, pos=at(image, other))


def only(measuring: Measuring) -> Measurement:
    (found,) = measuring.sheet.state.measurements
    return found


def near(points: tuple[tuple[float, float], ...], wanted: object) -> bool:
    return bool(np.allclose(points, wanted, atol=0.6))  # half a pixel of the screen


def test_a_drag_with_the_tool_measures_and_chooses(
    qtbot: QtBot, image: ImageView, measuring: Measuring
) -> None:
    measuring.take(Kind.LENGTH)
    drag(qtbot, image, (20, 20), (120, 60))
    assert near(only(measuring).points, [(20, 20), (120, 60)])
    assert (only(measuring).sop_uid, only(measuring).frame) == PLACE
    assert measuring.chosen == only(measuring)


def seen(image: ImageView) -> np.ndarray:
    """What is on the screen, as red, green and blue."""
    made = image.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(made.constBits(), np.uint8).reshape(made.height(), made.bytesPerLine())
    return rows[:, : 3 * made.width()].astype(int)


def test_shapes_that_stay_look_alike_however_often_they_are_drawn(
    image: ImageView, measuring: Measuring
) -> None:
    for n, corner in enumerate(((30, 20), (60, 50), (150, 90))):
        points = ellipse_in(corner, (corner[0] + 40, corner[1] + 8))
        measuring.sheet.put(Measurement(f"1.{n}", Kind.ELLIPSE, points, *PLACE))
    first, *again = (seen(image) for _ in range(4))
    assert all(np.abs(each - first).max() <= 2 for each in again)
    for change in (lambda: measuring.sheet.remove("1.1"), lambda: image.turn(90)):
        change()
        changed, *again = (seen(image) for _ in range(3))
        assert np.abs(changed - first).max() > 50
        assert all(np.abs(each - changed).max() <= 2 for each in again)
        first = changed


@pytest.mark.parametrize(
    ("rotation", "flipped"), tuple(itertools.product((0, 90, 180, 270), (False, True)))
)
def test_it_is_the_pictures_pixels_that_are_measured_however_it_is_turned(
    qtbot: QtBot, image: ImageView, measuring: Measuring, rotation: int, flipped: bool
) -> None:
    turned = dataclasses.replace(image.view, rotation=rotation, flipped=flipped)
    image.set_view(view_state.fit(turned))
    measuring.take(Kind.ELLIPSE)
    drag(qtbot, image, (30, 30), (90, 70))
    assert near(only(measuring).points, ellipse_in((30, 30), (90, 70)))


def test_without_a_tool_a_drag_is_the_pictures_own(
    qtbot: QtBot, image: ImageView, measuring: Measuring
) -> None:
    drag(qtbot, image, (20, 20), (120, 60))
    assert measuring.sheet.state.measurements == ()
    assert image.view.window is not None


def test_a_press_beside_the_picture_draws_nothing(
    qtbot: QtBot, image: ImageView, measuring: Measuring
) -> None:
    image.set_hand(Hand.LENGTH)
    measuring.take(Kind.LENGTH)
    qtbot.mousePress(image, LEFT, pos=QPoint(5, 5))
    qtbot.mouseMove(image, QPoint(50, 50))
    qtbot.mouseRelease(image, LEFT, pos=QPoint(50, 50))
    assert measuring.sheet.state.measurements == ()


def test_a_drag_that_leaves_the_picture_ends_at_its_edge(
    qtbot: QtBot, image: ImageView, measuring: Measuring
) -> None:
    measuring.take(Kind.LENGTH)
    drag(qtbot, image, (100, 50), (100, -60))
    assert near(only(measuring).points, [(100, 50), (100, -0.5)])


def _drawn(qtbot: QtBot, image: ImageView, measuring: Measuring) -> None:
    measuring.take(Kind.LENGTH)
    drag(qtbot, image, (40, 40), (120, 40))
    measuring.take(None)


def test_a_handle_moves_its_point_and_the_line_moves_all(
    qtbot: QtBot, image: ImageView, measuring: Measuring
) -> None:
    _drawn(qtbot, image, measuring)
    drag(qtbot, image, (120, 40), (150, 80))
    assert near(only(measuring).points, [(40, 40), (150, 80)])
    drag(qtbot, image, (95, 60), (85, 70))
    assert near(only(measuring).points, [(30, 50), (140, 90)])


def test_every_drag_is_one_step_back(qtbot: QtBot, image: ImageView, measuring: Measuring) -> None:
    _drawn(qtbot, image, measuring)
    first = only(measuring)
    qtbot.mousePress(image, LEFT, pos=at(image, (120, 40)))
    for x in range(121, 150, 4):
        qtbot.mouseMove(image, at(image, (x, 60)))
    qtbot.mouseRelease(image, LEFT, pos=at(image, (150, 60)))
    assert measuring.sheet.undo()
    assert only(measuring) == first
    assert measuring.sheet.undo()
    assert measuring.sheet.state.measurements == ()
    assert measuring.chosen is None
    assert measuring.sheet.redo()
    assert only(measuring) == first


def test_keys_nudge_a_point_and_take_the_measurement_away(
    qtbot: QtBot, image: ImageView, measuring: Measuring
) -> None:
    _drawn(qtbot, image, measuring)
    start = only(measuring).points
    scrolled: list[int] = []
    image.scrolled.connect(scrolled.append)
    measuring.choose(only(measuring).uid)  # chosen, but no point of it: arrows scroll
    qtbot.keyClick(image, Qt.Key.Key_Down)
    assert scrolled == [1]
    qtbot.keyClick(image, Qt.Key.Key_Return)
    qtbot.keyClick(image, Qt.Key.Key_Right)
    qtbot.keyClick(image, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    moved = (start[0][0] + 1, start[0][1] + 10)
    assert only(measuring).points == (moved, start[1])
    qtbot.keyClick(image, Qt.Key.Key_Return)
    qtbot.keyClick(image, Qt.Key.Key_Left)
    assert only(measuring).points == (moved, (start[1][0] - 1, start[1][1]))
    assert scrolled == [1]
    qtbot.keyClick(image, Qt.Key.Key_Delete)
    assert measuring.sheet.state.measurements == ()


def test_keys_nudge_along_the_screen_also_on_a_turned_picture(
    qtbot: QtBot, image: ImageView, measuring: Measuring
) -> None:
    _drawn(qtbot, image, measuring)
    image.set_view(view_state.fit(dataclasses.replace(image.view, rotation=90)))
    start = only(measuring).points
    measuring.choose(only(measuring).uid)
    before = at(image, start[0])
    qtbot.keyClick(image, Qt.Key.Key_Return)
    qtbot.keyClick(image, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    after = at(image, only(measuring).points[0])
    assert after.x() > before.x() + 5
    assert abs(after.y() - before.y()) <= 1


def test_tab_goes_from_one_to_the_next_and_then_lets_go(
    qtbot: QtBot, image: ImageView, measuring: Measuring
) -> None:
    for row in (20, 60):
        measuring.take(Kind.LENGTH)
        drag(qtbot, image, (40, row), (120, row))
    first, second = (each.uid for each in measuring.sheet.state.measurements)
    assert measuring.choose_next(PLACE) is False  # the last one was chosen: nothing after it
    assert measuring.choose_next(PLACE)
    assert measuring.chosen is not None and measuring.chosen.uid == first
    qtbot.keyClick(image, Qt.Key.Key_Tab)
    assert measuring.chosen.uid == second
    qtbot.keyClick(image, Qt.Key.Key_Backtab)
    assert measuring.chosen.uid == first


def test_escape_gives_up_the_drawing_then_the_choice_then_the_tool(
    qtbot: QtBot, image: ImageView, measuring: Measuring
) -> None:
    measuring.take(Kind.POLYGON)
    qtbot.mouseClick(image, LEFT, pos=at(image, (40, 40)))
    qtbot.keyClick(image, Qt.Key.Key_Escape)
    measuring.take(Kind.LENGTH)
    drag(qtbot, image, (40, 40), (120, 40))
    qtbot.keyClick(image, Qt.Key.Key_Escape)
    assert measuring.chosen is None
    assert measuring.kind is Kind.LENGTH
    qtbot.keyClick(image, Qt.Key.Key_Escape)
    assert measuring.kind is None
    assert len(measuring.sheet.state.measurements) == 1


def test_lines_are_seen_on_black_and_on_white(
    qtbot: QtBot, image: ImageView, measuring: Measuring
) -> None:
    half = np.zeros((100, 200), np.int16)
    half[:, 100:] = 4000
    image.set_pixels(dataclasses.replace(PIXELS, array=half))
    measuring.take(Kind.LENGTH)
    drag(qtbot, image, (20, 50), (180, 50))
    measuring.choose(None)
    shot = image.grab().toImage()
    row = at(image, (50, 50)).y()
    for column, ground in ((50, 0), (150, 255)):
        x = at(image, (column, 50)).x()
        lights = [shot.pixelColor(x, y).lightness() for y in range(row - 4, row + 5)]
        assert max(lights) - min(lights) > 70, (column, lights)
        assert shot.pixelColor(x, row - 12).lightness() == ground


# -- labels -----------------------------------------------------------------------------------

AREA = QRectF(0, 0, 800, 600)


@pytest.mark.parametrize(
    ("one", "other"),
    (
        ((100, 100), (700, 500)),
        ((400, 0), (400, 600)),
        ((0, 300), (800, 300)),
        ((5, 5), (60, 20)),
        ((790, 590), (600, 590)),
    ),
)
def test_a_label_is_in_sight_and_hides_no_line(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    line = np.array([(one, other)], float)
    place = label_place(line, (120, 34), AREA)
    assert AREA.contains(place)
    for n in range(500):
        dot = QPointF(*one) + (QPointF(*other) - QPointF(*one)) * (n / 499)
        assert not place.contains(dot)


def test_labels_do_not_lie_on_one_another() -> None:
    shapes = [np.array([((300, 200 + n), (420, 200 + n))], float) for n in range(0, 60, 20)]
    dots = dots_on(np.concatenate(shapes))
    taken: list[QRectF] = []
    for shape in shapes:
        taken.append(label_place(shape, (100, 17), AREA, taken, dots))
    for a, b in itertools.combinations(taken, 2):
        assert not a.intersects(b)


def test_a_label_says_the_detector_where_lengths_lie_there_and_nowhere_else() -> None:
    length = Reading((Value(Quantity.LENGTH, 42.34, "mm"),))
    assert lines(Kind.LENGTH, length, Reading(), Basis.DETECTOR) == ("42.3 mm at the detector",)
    assert lines(Kind.LENGTH, length, Reading(), Basis.BODY) == ("42.3 mm",)
    angle = Reading((Value(Quantity.ANGLE, 30.0, "°"),))
    assert lines(Kind.ANGLE, angle, Reading(), Basis.DETECTOR) == ("30.0°",)


def test_a_refusal_is_the_whole_label() -> None:
    assert lines(Kind.LENGTH, Reading(refusal="It cannot be"), None, Basis.REGIONS) == (
        "It cannot be",
    )


def test_the_corner_says_what_a_length_means_and_what_is_wrong() -> None:
    assert scale_words(Calibration()) == "Scale: none, only pixels"
    assert scale_words(Calibration(problem="its pixel size makes no sense")) == (
        "Scale: none, only pixels: its pixel size makes no sense"
    )
    fiducial = Calibration(Basis.FIDUCIAL, (0.1, 0.1), "ball\n of 25 mm")
    assert scale_words(fiducial).endswith("(ball of 25 mm)")
    assert "1.5" in scale_words(Calibration(Basis.MAGNIFIED, (0.1, 0.1), magnification=1.5))


# -- values -----------------------------------------------------------------------------------


def test_millions_of_pixels_do_not_keep_the_window_waiting(qtbot: QtBot) -> None:
    values = Values()
    large = dataclasses.replace(PIXELS, array=np.full((2000, 2000), 7, np.int16))
    shape = Measurement("2.25.1", Kind.ELLIPSE, ellipse_in((0, 0), (1999, 1999)))
    assert AT_ONCE_PX < 2000 * 2000
    with qtbot.waitSignal(values.ready):
        assert values.of(shape, large) is None
    found = values.of(shape, large)
    assert found is not None
    mean = found.of(Quantity.MEAN)
    assert mean is not None and mean.number == 7
    values.close()


def test_a_shape_that_went_on_changing_ends_with_its_last_values(qtbot: QtBot) -> None:
    values = Values()
    ramp = np.tile(np.arange(2000, dtype=np.int16), (2000, 1))
    large = dataclasses.replace(PIXELS, array=ramp)
    shapes = [
        Measurement("2.25.1", Kind.ELLIPSE, ellipse_in((0, 0), (1000 + n, 1999)))
        for n in range(0, 900, 100)
    ]
    for shape in shapes:
        values.of(shape, large)
    qtbot.waitUntil(lambda: values.of(shapes[-1], large) is not None)
    mean = values.of(shapes[-1], large)
    assert mean is not None
    found = mean.of(Quantity.MEAN)
    assert found is not None
    assert found.number == pytest.approx((1000 + 800) / 2)
    values.close()


# -- in the viewer ----------------------------------------------------------------------------


def with_uids(series: SeriesView) -> SeriesView:
    headers = tuple(
        dataclasses.replace(each, sop_uid=f"1.2.3.{n}") for n, each in enumerate(series.headers)
    )
    return dataclasses.replace(series, headers=headers)


def test_a_measurement_is_shown_on_its_own_picture_and_the_list_leads_to_it(
    qtbot: QtBot, look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    viewer = look(with_uids(stack()))
    assert not viewer.desk.panel.isVisible()
    viewer.take_hand(Hand.LENGTH)
    drag(qtbot, viewer.image, (10, 10), (40, 40))
    place = place_in(viewer.cell)
    assert place == (only(viewer.desk.measuring).sop_uid, 0)
    assert viewer.desk.panel.isVisible()
    (row,) = viewer.desk.panel.rows
    assert row.words.startswith("Length: ")
    viewer.show_place(3)
    qtbot.waitUntil(lambda: viewer.is_settled)
    assert place_in(viewer.cell) != place
    assert viewer.desk.panel.rows == (row,)
    viewer.desk.panel.chosen.emit(row)
    qtbot.waitUntil(lambda: viewer.is_settled)
    assert place_in(viewer.cell) == place


def test_a_mark_is_set_and_taken_away_and_listed(
    qtbot: QtBot, look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    viewer = look(with_uids(stack()))
    qtbot.keyClick(viewer.image, Qt.Key.Key_K)
    place = place_in(viewer.cell)
    assert viewer.desk.measuring.sheet.state.marked == (place,)
    assert [each.words for each in viewer.desk.panel.rows] == ["Marked picture"]
    qtbot.keyClick(viewer.image, Qt.Key.Key_K)
    assert viewer.desk.measuring.sheet.state.marked == ()
    assert not viewer.desk.panel.isVisible()


def test_the_small_picture_that_stands_in_is_not_measured_on(
    look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    viewer = look(with_uids(stack()))
    viewer.cell._seen = None
    assert place_in(viewer.cell) is None


def test_pictures_without_a_uid_cannot_be_measured_on(
    look: Callable[..., Viewer], stack: Callable[..., SeriesView]
) -> None:
    assert place_in(look(stack()).cell) is None
