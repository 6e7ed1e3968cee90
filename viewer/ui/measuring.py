"""Measuring on pictures: what is drawn, what is chosen, and what hands and keys do to it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from viewer.dicom.pixels import Pixels
from viewer.measure.readings import Reading, shape_reading, value_reading
from viewer.measure.scale import Scale, scale_for
from viewer.measure.shapes import Kind, Measurement
from viewer.measure.sheet import Place, Sheet
from viewer.ui import measuring_words
from viewer.ui.measuring_values import Values


class Measuring(QObject):
    """The measurements and marks of a study, as all of its pictures share them."""

    changed = Signal()  # the sheet, the tool, what is chosen, or a value that is known now

    def __init__(self, sheet: Sheet | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sheet = sheet or Sheet()
        self.values = Values(self)
        self._kind: Kind | None = None
        self._chosen = ""
        self._handle: int | None = None
        self.sheet.listen(self._tell)
        self.values.ready.connect(self.changed)

    # -- the tool, and what is chosen ---------------------------------------------------------

    @property
    def kind(self) -> Kind | None:
        """What the next press draws; None for nothing."""
        return self._kind

    def take(self, kind: Kind | None) -> None:
        """Take a tool into the hand, or none."""
        self._kind = kind
        self.choose(None)

    @property
    def chosen(self) -> Measurement | None:
        return self.sheet.find(self._chosen)

    @property
    def handle(self) -> int | None:
        """The point of the chosen one that keys move; None if they move none."""
        return self._handle

    def choose(self, uid: str | None, handle: int | None = None) -> None:
        """Choose a measurement, and a point of it."""
        self._chosen, self._handle = uid or "", handle
        self.changed.emit()

    # -- what is done -------------------------------------------------------------------------

    def remove_chosen(self) -> bool:
        """Take the chosen one away; say whether there was one."""
        found = self.chosen
        if found is None:
            return False
        self._chosen = ""
        self.sheet.remove(found.uid)
        return True

    def toggle_mark(self, place: Place) -> bool:
        """Make a picture a key picture, or no longer one; say which it is now."""
        marked = not self.sheet.is_marked(*place)
        self.sheet.mark(*place, marked)
        return marked

    def choose_next(self, place: Place, by: int = 1) -> bool:
        """Choose the next one of a picture; say whether there is another after the chosen one."""
        found = self.sheet.on(*place)
        uids = [each.uid for each in found]
        at = uids.index(self._chosen) + by if self._chosen in uids else (0 if by > 0 else -1)
        if not found or not (self._chosen not in uids or 0 <= at < len(uids)):
            self.choose(None)
            return False
        self.choose(uids[at], 0)
        return True

    def _tell(self) -> None:
        if self._chosen and self.sheet.find(self._chosen) is None:
            self._chosen, self._handle = "", None
        self.changed.emit()

    # -- what is read -------------------------------------------------------------------------

    def lines(self, measurement: Measurement, pixels: Pixels) -> tuple[str, ...]:
        """Return the label of a measurement; its values follow when they are known."""
        shape = shape_reading(measurement, pixels)
        values = Reading() if shape.refusal else self.values.of(measurement, pixels)
        return _label(measurement, pixels, shape, values)

    @staticmethod
    def lines_now(measurement: Measurement, pixels: Pixels) -> tuple[str, ...]:
        """Return the label with its values; takes its time, in any thread."""
        values = value_reading(measurement, pixels)
        return _label(measurement, pixels, shape_reading(measurement, pixels), values)

    def close(self) -> None:
        """Let go of the thread."""
        self.values.close()


def _label(
    measurement: Measurement, pixels: Pixels, shape: Reading, values: Reading | None
) -> tuple[str, ...]:
    scale = scale_for(pixels, measurement.points)
    basis = scale.basis if isinstance(scale, Scale) else pixels.calibration.basis
    said = measuring_words.lines(measurement.kind, shape, values, basis)
    return (measurement.label, *said) if measurement.label else said


FindPlace = Callable[[], Place | None]
