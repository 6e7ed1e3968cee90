"""All keys on one sheet, laid out for reading; a click on a key changes it."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewer.errors import KeyTaken
from viewer.ui import theme
from viewer.ui.actions import ACTIONS, BY_NAME, FIXED, Action, Group
from viewer.ui.face import Face
from viewer.ui.keys import Keys, spoken

COLUMNS = 4
COLUMN_PX = 260
ROOM_PX = 24  # around
MARGIN = QSize(32, 32)  # of the window below that stays in sight
HEADING_ROWS = 2  # what a heading takes, in rows
HOW = "Click a key to change it."
ASKING = "Press the new key for “{}”. Escape leaves it, Backspace takes it away."
NONE = "none"
ALONE = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr}
)
REMOVE = frozenset({Qt.Key.Key_Backspace, Qt.Key.Key_Delete})


class KeysSheet(QDialog):
    """Shows what each key does, and lets a person change it."""

    def __init__(self, keys: Keys, face: Face, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setWindowTitle("Keys")
        self.setStyleSheet(theme.SHEET_STYLE)
        self._keys = keys
        self._asked: Action | None = None
        self._caps: dict[str, QPushButton] = {}
        self._actions = [each for each in ACTIONS if face in each.faces and not each.has_menu]
        self._build()
        self._tell()

    # -- parts --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.said = QLabel(HOW)
        self.said.setObjectName("said")
        self.said.setWordWrap(True)
        self.back = QPushButton("Give all their first keys again")
        self.back.clicked.connect(self._reset)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(self.back)
        foot.addWidget(close)
        inside = QWidget()
        inside.setObjectName("columns")
        columns = QHBoxLayout(inside)
        columns.setContentsMargins(0, 0, theme.GAP_PX, 0)
        columns.setSpacing(theme.GAP_PX * 3 // 2)
        for groups in self._columns():
            column = QVBoxLayout()
            column.setSpacing(theme.UNIT_PX)
            for group in groups:
                self._add_group(column, group)
            column.addStretch(1)
            columns.addLayout(column)
        columns.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(ROOM_PX, ROOM_PX, ROOM_PX, theme.GAP_PX)
        whole.setSpacing(theme.GAP_PX)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole.addWidget(area, 1)
        whole.addLayout(foot)
        self.resize(self._wanted(inside))

    def _wanted(self, inside: QWidget) -> QSize:
        """Return the size that shows all, as far as the window over which it stands is as large."""
        wanted = inside.sizeHint() + QSize(2 * ROOM_PX, 100)
        over = self.parentWidget()
        return wanted if over is None else wanted.boundedTo(over.window().size() - MARGIN)

    def _columns(self) -> list[list[Group]]:
        """Return the headings of each column, in order, the columns about as long."""
        lengths = {
            group: len(self._of(group)) + len(_fixed(group)) + HEADING_ROWS
            for group in Group
            if self._of(group) or _fixed(group)
        }
        groups = list(lengths)

        def parted(cuts: tuple[int, ...]) -> list[list[Group]]:
            ends = (0, *cuts, len(groups))
            return [groups[first:last] for first, last in itertools.pairwise(ends)]

        cuts = itertools.combinations(range(1, len(groups)), COLUMNS - 1)
        return min(
            map(parted, cuts),
            key=lambda columns: max(sum(lengths[each] for each in column) for column in columns),
        )

    def _of(self, group: Group) -> list[Action]:
        return [each for each in self._actions if each.group is group]

    def _add_group(self, column: QVBoxLayout, group: Group) -> None:
        heading = QLabel(group.value)
        heading.setObjectName("heading")
        column.addWidget(heading)
        frame = QWidget()
        frame.setFixedWidth(COLUMN_PX)
        rows = QGridLayout(frame)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setVerticalSpacing(2)
        rows.setColumnStretch(0, 1)
        for number, action in enumerate(self._of(group)):
            rows.addWidget(_words(action.word, action.about), number, 0)
            rows.addWidget(self._cap(action), number, 1, Qt.AlignmentFlag.AlignRight)
        for number, (told, word) in enumerate(_fixed(group), rows.rowCount()):
            rows.addWidget(_words(word, ""), number, 0)
            key = QLabel(told)
            key.setObjectName("fixed")
            rows.addWidget(key, number, 1, Qt.AlignmentFlag.AlignRight)
        column.addWidget(frame)
        column.addSpacing(theme.UNIT_PX)

    def _cap(self, action: Action) -> QPushButton:
        cap = self._caps[action.name] = QPushButton()
        cap.setObjectName("cap")
        cap.setAutoDefault(False)
        cap.setCheckable(True)
        cap.clicked.connect(lambda: self._ask(action))
        return cap

    # -- what a person does -------------------------------------------------------------------

    def cap(self, name: str) -> QPushButton:
        """Return the key of an action, to be clicked."""
        return self._caps[name]

    def _ask(self, action: Action) -> None:
        self._asked = None if self._asked is action else action
        self._tell()
        self.setFocus()

    def _reset(self) -> None:
        self._asked = None
        self._keys.reset()
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action, key = self._asked, Qt.Key(event.key())
        if action is None:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self._asked = None
            self._tell()
        elif key not in ALONE:
            self._change(action, "" if key in REMOVE else pressed(event))

    def _change(self, action: Action, key: str) -> None:
        try:
            self._keys.change(action.name, key)
        except KeyTaken as error:
            self.said.setText(str(error))
            return
        self._asked = None
        self._tell()

    def _tell(self) -> None:
        asked = self._asked
        self.said.setText(ASKING.format(asked.word) if asked else HOW)
        for name, cap in self._caps.items():
            keys = " or ".join(spoken(key) for key in self._keys.of(name))
            is_asked = asked is not None and asked.name == name
            cap.setText("…" if is_asked else keys or NONE)
            cap.setChecked(is_asked)
            cap.setAccessibleName(f"{BY_NAME[name].word}: {keys or NONE}")
        self.back.setEnabled(self._keys.is_changed)


def pressed(event: QKeyEvent) -> str:
    """Return the key of an event as tables write it. What Shift makes of a key is its name then."""
    modifiers, text = event.modifiers(), event.text()
    modifiers &= ~Qt.KeyboardModifier.KeypadModifier
    if text.isprintable() and text and not text.isalnum():
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    sequence = QKeySequence(event.key() | modifiers.value)
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def _fixed(group: Group) -> list[tuple[str, str]]:
    return [(told, word) for told, word, of, _ in FIXED if of is group]


def _words(word: str, about: str) -> QLabel:
    label = QLabel(word)
    label.setToolTip(about)
    label.setWordWrap(True)
    return label
