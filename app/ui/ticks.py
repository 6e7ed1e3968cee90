"""Check boxes, radio buttons and drop-down fields that look the same in both schemes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QRadioButton,
    QSizePolicy,
)

from app.ui.icons import draw
from app.ui.theme import text_scale, tokens

SIDE_PX = 18
TEXT_AT_PX = 28


def _size(control: QAbstractButton) -> QSize:
    width = TEXT_AT_PX + control.fontMetrics().horizontalAdvance(control.text()) + 8
    return QSize(width, round(32 * text_scale()))


def _paint(control: QAbstractButton, is_round: bool) -> None:
    worn = tokens()
    on, able = control.isChecked(), control.isEnabled()
    with QPainter(control) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = control.height() / 2
        box = QRectF(1.5, middle - SIDE_PX / 2 + 0.5, SIDE_PX - 1, SIDE_PX - 1)
        radius = SIDE_PX / 2 if is_round else 4
        edge = worn.accent if on and able else worn.edge if able else worn.line
        fill = worn.accent if on and able and not is_round else worn.surface
        painter.setPen(QPen(QColor(edge), 1.5))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(box, radius, radius)
        if on and is_round:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(edge))
            painter.drawEllipse(box.center(), 4.5, 4.5)
        elif on:
            colour = QColor(worn.on_accent if able else worn.quiet)
            draw(painter, "check", box.adjusted(2, 2, -2, -2), colour)
        painter.setPen(QColor(worn.text if able else worn.quiet))
        place = control.rect().adjusted(TEXT_AT_PX, 0, 0, 0)
        elided = control.fontMetrics().elidedText(
            control.text(), Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, elided)
        if control.hasFocus():
            painter.setPen(QPen(QColor(worn.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            around = box.adjusted(-1.5, -1.5, 1.5, 1.5) if on and not is_round else box
            painter.drawRoundedRect(around, radius + 1, radius + 1)
            width = control.fontMetrics().horizontalAdvance(elided)
            under = middle + control.fontMetrics().height() / 2
            painter.drawLine(TEXT_AT_PX, round(under), TEXT_AT_PX + width, round(under))


class Tick(QCheckBox):
    """A check box."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, _size(self).height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        _paint(self, is_round=False)


class Radio(QRadioButton):
    """A radio button."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, _size(self).height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        _paint(self, is_round=True)


class Choices(QComboBox):
    """A drop-down list."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            _arrow(painter, self.width(), self.height())


class Day(QDateEdit):
    """A date with a calendar."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            _arrow(painter, self.width(), self.height())


def _arrow(painter: QPainter, width: int, height: int) -> None:
    draw(painter, "down", QRectF(width - 28, height / 2 - 8, 16, 16), QColor(tokens().quiet))
