"""Which key does what: the table's own, changed by a person; a key does one thing only."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from viewer.errors import KeyTaken
from viewer.ui import preferences
from viewer.ui.actions import ACTIONS, BY_NAME, FIXED_KEYS, Action
from viewer.ui.face import Face
from viewer.ui.preferences import Preferences

KEPT_AS = "viewer_keys"
KEYS_MOST = 4  # of one action


class Keys(QObject):
    """The keys of all actions."""

    changed = Signal()

    def __init__(self, kept: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept = kept
        self._own = _read(kept)

    def of(self, name: str) -> tuple[str, ...]:
        """Return the keys of an action; what a person gave elsewhere is not its any more."""
        if name in self._own:
            return self._own[name]
        given = {key for keys in self._own.values() for key in keys}
        return tuple(key for key in BY_NAME[name].keys if key not in given)

    def action(self, key: str) -> Action | None:
        """Return what a key does."""
        return next((each for each in ACTIONS if key in self.of(each.name)), None)

    def change(self, name: str, key: str) -> None:
        """Give an action this key and no other; none at all if it is empty.

        Raises:
            KeyTaken: it does something else, and goes on doing so.
        """
        key = portable(key)
        if key in FIXED_KEYS:
            raise KeyTaken(FIXED_KEYS[key])
        other = self.action(key) if key else None
        if other is not None and other.name != name:
            raise KeyTaken(other.word)
        self._own[BY_NAME[name].name] = (key,) if key else ()
        self._keep()

    def reset(self) -> None:
        """Give every action its first keys again."""
        self._own.clear()
        self._keep()

    @property
    def is_changed(self) -> bool:
        return bool(self._own)

    def _keep(self) -> None:
        preferences.write(self._kept, KEPT_AS, self._own)
        self.changed.emit()


def portable(key: str) -> str:
    """Return a key in the way that tables and files write it; empty for what is none."""
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def spoken(key: str) -> str:
    """Return a key as this system names it."""
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)


def _read(kept: Preferences) -> dict[str, tuple[str, ...]]:
    """Return what a person changed, as far as it can be used: each key once."""
    found = preferences.read(kept, KEPT_AS)
    own: dict[str, tuple[str, ...]] = {}
    given: set[str] = set(FIXED_KEYS)
    for name, keys in found.items() if isinstance(found, dict) else ():
        if name not in BY_NAME or not isinstance(keys, list):
            continue
        usable = [portable(key) for key in keys[:KEYS_MOST] if isinstance(key, str)]
        own[name] = tuple(dict.fromkeys(key for key in usable if key and key not in given))
        given.update(own[name])
    return own


class Shortcuts(QObject):
    """Lets keys act within a widget, as the person and the face will have it."""

    def __init__(self, keys: Keys, acts: Mapping[str, Callable[[], None]], widget: QWidget) -> None:
        """Begin.

        Args:
            acts: by the name of the action; actions without one have no key here.
        """
        super().__init__(widget)
        self._keys, self._acts, self._widget = keys, dict(acts), widget
        self._face = Face.CLINICIAN
        self._made: list[QShortcut] = []
        keys.changed.connect(self._bind)
        self._bind()

    @property
    def face(self) -> Face:
        return self._face

    def set_face(self, face: Face) -> None:
        """Let only the keys of this face act."""
        self._face = face
        self._bind()

    def _bind(self) -> None:
        for each in self._made:
            each.setEnabled(False)
            each.deleteLater()
        self._made = [
            self._shortcut(key, self._acts[action.name])
            for action in ACTIONS
            if action.name in self._acts and self._face in action.faces
            for key in self._keys.of(action.name)
        ]

    def _shortcut(self, key: str, act: Callable[[], None]) -> QShortcut:
        shortcut = QShortcut(QKeySequence.fromString(key), self._widget)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)
        return shortcut
