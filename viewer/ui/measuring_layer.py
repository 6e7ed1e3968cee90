"""Measurements over one picture: drawn, taken hold of, moved by hand and by keys."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

from viewer.dicom.pixels import Pixels
from viewer.dicom.writing.uids import new_uid
from viewer.measure import drawing
from viewer.measure.drawing import Draft
from viewer.measure.editing import handles, held_in, inside_picture, moved_handle, shifted
from viewer.measure.shapes import POINTS, Kind, Measurement, Point
from viewer.measure.sheet import Place
from viewer.ui import measuring_draw, view_state
from viewer.ui.image_view import ImageView
from viewer.ui.measuring import FindPlace, Measuring
from viewer.ui.measuring_draw import Look
from viewer.ui.measuring_still import StillShapes
from viewer.ui.overlay import Lettering

NEAR_PX = 8.0  # of a handle
ON_LINE_PX = 6.0
KEY_STEP_PX, KEY_LEAP_PX = 1.0, 10.0  # pixels of the picture


@dataclass(frozen=True, slots=True)
class _Hold:
    """A measurement in the hand."""

    was: Measurement
    now: Measurement
    handle: int | None  # None: all of it
    start: Point


class MeasuringLayer(QObject):
    """A layer of `ImageView.set_layers`."""

    def __init__(self, measuring: Measuring, image: ImageView, place: FindPlace) -> None:
        """Lie over a picture.

        Args:
            place: says which picture is on the screen; None while there is none to measure on.
        """
        super().__init__(image)
        self._measuring, self._image, self._place = measuring, image, place
        self._draft: Draft | None = None
        self._drawn_on: Place | None = None
        self._draft_uid = ""
        self._hold: _Hold | None = None
        self._lettering, self._still = Lettering(), StillShapes()
        measuring.changed.connect(self._follow)
        image.installEventFilter(self)

    @property
    def _pixels(self) -> Pixels | None:
        drawable = self._image.drawable
        return drawable.pixels if drawable is not None else None

    def _follow(self) -> None:
        if self._draft is not None and self._draft.kind is not self._measuring.kind:
            self._draft = None
        self._image.update()

    # -- drawing ------------------------------------------------------------------------------

    def paint(self, painter: QPainter, image: ImageView) -> None:
        place, pixels = self._place(), self._pixels
        if place is None or pixels is None:
            return
        looks = [self._look(each, pixels) for each in self._measuring.sheet.on(*place)]
        shape = self._drafted(place)
        if shape is not None:
            # Whether a free line crosses itself costs too much to ask at every step of it.
            is_free = shape.kind is Kind.FREEHAND
            lines = () if is_free else self._measuring.lines(shape, pixels)
            looks.append(Look(shape, lines, True))
        if looks:
            measuring_draw.paint(painter, image, looks, self._lettering, self._still.paint)
        elif self._draft is not None and self._drawn_on == place:
            measuring_draw.paint_draft(painter, image, self._draft.points)

    def _look(self, measurement: Measurement, pixels: Pixels) -> Look:
        hold, chosen = self._hold, self._measuring.chosen
        if hold is not None and hold.was.uid == measurement.uid:
            measurement = hold.now
        is_chosen = chosen is not None and chosen.uid == measurement.uid
        handle = self._measuring.handle if is_chosen else None
        return Look(measurement, self._measuring.lines(measurement, pixels), is_chosen, handle)

    def _drafted(self, place: Place) -> Measurement | None:
        """Return what is being drawn, as far as it is a shape already."""
        draft = self._draft
        if draft is None or self._drawn_on != place or not draft.fixed:
            return None
        points, wanted = draft.points, POINTS[draft.kind]
        if len(points) != wanted if wanted else len(points) < 3:
            return None
        return Measurement(self._draft_uid, draft.kind, points, *place)

    # -- the pointer --------------------------------------------------------------------------

    def press(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        place, pixels = self._place(), self._pixels
        if event.button() != Qt.MouseButton.LeftButton or place is None or pixels is None:
            return False
        pixel = image.to_pixel(at)
        if self._draft is not None and self._draft.fixed and self._drawn_on == place:
            return self._draw_on(pixel, pixels)
        found = self._under(place, at)
        if found is not None:
            measurement, handle = found
            self._hold = _Hold(measurement, measurement, handle, pixel)
            self._measuring.choose(measurement.uid, handle)
            return True
        if self._measuring.kind is not None:
            if not _is_inside(pixel, pixels):
                return False
            self._draft, self._drawn_on = Draft(self._measuring.kind), place
            self._draft_uid = new_uid()
            self._measuring.choose(None)
            return self._draw_on(pixel, pixels)
        if self._measuring.chosen is not None:
            self._measuring.choose(None)
        return False

    def move(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        pixels, pixel = self._pixels, image.to_pixel(at)
        if pixels is None:
            return False
        if self._hold is not None:
            turned = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._hold = _moved(self._hold, pixel, pixels, turned)
            image.update()
            return True
        if self._draft is not None:
            at = inside_picture(pixel, pixels.rows, pixels.columns)
            self._draft = drawing.move(self._draft, at, self._near)
            image.update()
            return True
        return False

    def release(self, image: ImageView, at: Point, event: QMouseEvent) -> bool:
        pixels = self._pixels
        if self._hold is not None:
            hold, self._hold = self._hold, None
            if hold.now != hold.was:
                self._measuring.sheet.put(hold.now)
            image.update()
            return True
        if self._draft is None or pixels is None:
            return False
        pixel = inside_picture(image.to_pixel(at), pixels.rows, pixels.columns)
        self._draft = drawing.release(self._draft, pixel, self._near)
        self._finish()
        return True

    def leave(self, image: ImageView) -> None:
        del image

    def cursor(self, image: ImageView, at: Point) -> Qt.CursorShape | None:
        place = self._place()
        if place is None:
            return None
        if self._hold is None and self._draft is None:
            found = self._under(place, at)
            if found is not None:
                return (
                    Qt.CursorShape.SizeAllCursor
                    if found[1] is None
                    else Qt.CursorShape.PointingHandCursor
                )
        drawing_now = self._draft is not None or self._measuring.kind is not None
        return Qt.CursorShape.CrossCursor if drawing_now or self._hold is not None else None

    def _draw_on(self, pixel: Point, pixels: Pixels) -> bool:
        at = inside_picture(pixel, pixels.rows, pixels.columns)
        assert self._draft is not None
        self._draft = drawing.press(self._draft, at, self._near)
        self._finish()
        return True

    def _finish(self) -> None:
        """Keep the shape if it is whole."""
        draft, place = self._draft, self._drawn_on
        self._image.update()
        if draft is None or place is None or not draft.is_done:
            return
        self._draft = None
        points = drawing.finished(draft)
        if points is not None:
            made = Measurement(self._draft_uid, draft.kind, points, *place)
            self._measuring.sheet.put(made)
            self._measuring.choose(made.uid)

    @property
    def _near(self) -> float:
        """`NEAR_PX` in pixels of the picture."""
        return NEAR_PX / self._image.view.zoom

    def _under(self, place: Place, at: Point) -> tuple[Measurement, int | None] | None:
        """Return what lies under the pointer, and which of its points; the chosen one first."""
        image = self._image
        screen = QPointF(*view_state.to_screen(image.view, at))
        chosen = self._measuring.chosen
        uid = chosen.uid if chosen is not None else ""
        found = sorted(self._measuring.sheet.on(*place), key=lambda each: each.uid != uid)
        for each in found:
            for handle in handles(each):
                spot = measuring_draw.to_screen(image, each.points[handle])
                if QLineF(spot, screen).length() <= NEAR_PX:
                    return each, handle
        for each in found:
            if _distance(screen, measuring_draw.on_screen(image, each)) <= ON_LINE_PX:
                return each, None
        return None

    # -- keys ---------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            place, pixels = self._place(), self._pixels
            if place is not None and pixels is not None:
                return self._key(event, place, pixels)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent, place: Place, pixels: Pixels) -> bool:
        key, chosen = Qt.Key(event.key()), self._measuring.chosen
        if key == Qt.Key.Key_Escape:
            return self._step_back()
        if chosen is None or (chosen.sop_uid, chosen.frame) != place:
            return False
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            return self._measuring.remove_chosen()
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._measuring.choose_next(place, 1 if key == Qt.Key.Key_Tab else -1)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self._next_handle(chosen)
        if key in ARROWS and self._measuring.handle is not None:
            leap = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            return self._nudge(chosen, ARROWS[key], leap, pixels)
        return False

    def _step_back(self) -> bool:
        """Give up what is being drawn, else what is chosen, else the tool."""
        if self._draft is not None:
            self._draft = None
            self._image.update()
        elif self._measuring.chosen is not None:
            self._measuring.choose(None)
        elif self._measuring.kind is not None:
            self._measuring.take(None)
        else:
            return False
        return True

    def _next_handle(self, chosen: Measurement) -> bool:
        places = handles(chosen)
        at = self._measuring.handle
        following = places.index(at) + 1 if at in places else 0
        self._measuring.choose(chosen.uid, places[following % len(places)])
        return True

    def _nudge(self, chosen: Measurement, way: Point, leap: bool, pixels: Pixels) -> bool:
        """Move a point by a pixel of the picture, in the direction that the key shows."""
        handle = self._measuring.handle
        if handle is None or handle >= len(chosen.points):
            return False
        step = self._on_picture(way, KEY_LEAP_PX if leap else KEY_STEP_PX)
        x, y = chosen.points[handle]
        to = inside_picture((x + step[0], y + step[1]), pixels.rows, pixels.columns)
        self._measuring.sheet.put(moved_handle(chosen, handle, to, pixels.aspect))
        return True

    def _on_picture(self, way: Point, pixels: float) -> Point:
        """Return a direction of the screen as a step on the picture, however it is turned."""
        image = self._image
        x0, y0 = image.to_pixel(view_state.to_image(image.view, (0.0, 0.0)))
        x1, y1 = image.to_pixel(view_state.to_image(image.view, way))
        longest = max(abs(x1 - x0), abs(y1 - y0)) or 1.0
        return round((x1 - x0) / longest) * pixels, round((y1 - y0) / longest) * pixels


ARROWS: dict[Qt.Key, Point] = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


def _is_inside(pixel: Point, pixels: Pixels) -> bool:
    return inside_picture(pixel, pixels.rows, pixels.columns) == pixel


def _moved(hold: _Hold, pixel: Point, pixels: Pixels, turned: bool) -> _Hold:
    if hold.handle is None:
        step = pixel[0] - hold.start[0], pixel[1] - hold.start[1]
        now = held_in(shifted(hold.was, step), pixels.rows, pixels.columns)
    else:
        at = inside_picture(pixel, pixels.rows, pixels.columns)
        now = moved_handle(hold.was, hold.handle, at, pixels.aspect, turned)
    return replace(hold, now=now)


def _distance(point: QPointF, lines: measuring_draw.Floats) -> float:
    """Return how far a point is from the nearest of some lines."""
    start, way = lines[:, 0], lines[:, 1] - lines[:, 0]
    rest = np.array((point.x(), point.y())) - start
    square = np.maximum((way * way).sum(axis=1), 1e-12)
    along = np.clip((way * rest).sum(axis=1) / square, 0.0, 1.0)
    return float(np.hypot(*(rest - way * along[:, None]).T).min())
