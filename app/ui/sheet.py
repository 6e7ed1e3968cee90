"""A sheet above the window: one column, one thing to do, closed by Escape."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.ui.controls import button, column, label, row
from app.ui.theme import SHEET_PX


class Sheet(QWidget):
    """Covers its window with a scrim; the keyboard stays inside until it is closed."""

    closed = Signal()

    def __init__(self, title: str, width_px: int = SHEET_PX) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self._before: QWidget | None = None
        self.panel = QFrame()
        self.panel.setObjectName("sheet")
        self.panel.setFixedWidth(width_px)
        shadow = QGraphicsDropShadowEffect(self.panel)
        shadow.setBlurRadius(40)
        shadow.setOffset(0, 8)
        shadow.setColor(QColor(0, 0, 0, 90))
        self.panel.setGraphicsEffect(shadow)
        self.close_button = button("", self.close_sheet, "plain", "close", self.tr("Close"))
        self.close_button.setFixedWidth(38)
        self.close_button.setToolTip(self.tr("Close"))
        self.title = label(title, "section")
        head = row(self.title, 0, self.close_button)
        head.setContentsMargins(24, 16, 16, 0)
        inner = QWidget()
        self.column = column(gap=16)
        self.column.setContentsMargins(24, 8, 24, 8)
        inner.setLayout(self.column)
        self._inner = inner
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inner)
        self._scroll.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self.foot = column(gap=16)
        self.foot.setContentsMargins(24, 8, 24, 24)
        layout = QVBoxLayout(self.panel)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(self.foot)
        self.panel.setParent(self)
        inner.installEventFilter(self)

    def show_over(self, window: QWidget) -> None:
        """Cover `window`."""
        focused = window.window().focusWidget()
        self._before = focused
        self.setParent(window)
        self.resize(window.size())
        window.installEventFilter(self)
        self.show()
        self.raise_()
        self._place()
        first = self.first_focus() or self.close_button
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def first_focus(self) -> QWidget | None:
        """Return what the keyboard starts at."""
        return None

    def close_sheet(self) -> None:
        self.hide()
        before = self._before
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None
        self.closed.emit()
        self.deleteLater()

    def fit(self) -> None:
        """Take the height that the content now needs."""
        self._place()

    def _place(self) -> None:
        self.panel.ensurePolished()
        width = self.panel.width()
        inner_layout, foot = self.column, self.foot
        content = (
            inner_layout.totalHeightForWidth(width)
            if inner_layout.hasHeightForWidth()
            else inner_layout.totalSizeHint().height()
        )
        below = (
            foot.totalHeightForWidth(width)
            if foot.hasHeightForWidth()
            else foot.totalSizeHint().height()
        )
        wanted = content + below + 16 + 38 + 24
        height = min(wanted, self.height() - 48)
        self.panel.setGeometry(
            (self.width() - width) // 2, (self.height() - height) // 2, width, height
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(watched, QWidget)
            and watched is self.parent()
            and event.type() is QEvent.Type.Resize
        ):
            self.resize(watched.size())
            self._place()
        elif watched is self._inner and event.type() is QEvent.Type.LayoutRequest:
            self._place()
        return False

    def focusNextPrevChild(self, forward: bool) -> bool:
        inside = [
            each
            for each in self.findChildren(QWidget)
            if each.isVisibleTo(self)
            and each.isEnabled()
            and each.focusPolicy() & Qt.FocusPolicy.TabFocus
            and each.focusProxy() is None
        ]
        if not inside:
            return True
        ordered = [inside[0]]
        each = inside[0].nextInFocusChain()
        while each is not None and each is not inside[0]:
            if each in inside:
                ordered.append(each)
            each = each.nextInFocusChain()
        focused = self.window().focusWidget()
        at = ordered.index(focused) if focused in ordered else -1
        step = 1 if forward else -1
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        ordered[(at + step) % len(ordered)].setFocus(reason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: object) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(0, 0, 0, 110))

    def mousePressEvent(self, _event: object) -> None:
        """Swallow clicks beside the panel: nothing that was typed is lost by one."""
