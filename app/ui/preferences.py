"""What the windows remember between two runs: looks and habits, nothing about a person's scans."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from app.ui.theme import Choice

SCALES = (1.0, 1.15, 1.3)
LOCK_AFTER_MINUTES = (5, 15, 60, 0)


class Preferences:
    """Kept in `window.ini` in the wallet's folder; without a folder they last for one run."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = home
        self._choice = Choice.SYSTEM
        self._scale = SCALES[0]
        self._lock_after_minutes = 15
        self._geometry = QByteArray()
        self._texts: dict[str, str] = {}
        if home is not None:
            self._load(self._file(home))

    @staticmethod
    def _file(home: Path) -> QSettings:
        return QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)

    def _load(self, file: QSettings) -> None:
        names = {each.value: each for each in Choice}
        self._choice = names.get(str(file.value("scheme")), Choice.SYSTEM)
        by_name = {str(scale): scale for scale in SCALES}
        self._scale = by_name.get(str(file.value("scale")), SCALES[0])
        minutes = str(file.value("lock_after_minutes"))
        if minutes.isdecimal() and int(minutes) in LOCK_AFTER_MINUTES:
            self._lock_after_minutes = int(minutes)
        geometry = file.value("geometry")
        if isinstance(geometry, QByteArray):
            self._geometry = geometry

    def _keep(self, name: str, value: object) -> None:
        if self._home is not None and self._home.is_dir():
            self._file(self._home).setValue(name, value)

    @property
    def choice(self) -> Choice:
        return self._choice

    @choice.setter
    def choice(self, choice: Choice) -> None:
        self._choice = choice
        self._keep("scheme", choice.value)

    @property
    def scale(self) -> float:
        return self._scale

    @scale.setter
    def scale(self, scale: float) -> None:
        self._scale = scale
        self._keep("scale", str(scale))

    @property
    def lock_after_minutes(self) -> int:
        """After how many minutes without a touch the wallet locks; 0 is never."""
        return self._lock_after_minutes

    @lock_after_minutes.setter
    def lock_after_minutes(self, minutes: int) -> None:
        self._lock_after_minutes = minutes
        self._keep("lock_after_minutes", str(minutes))

    @property
    def geometry(self) -> QByteArray:
        return self._geometry

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._geometry = geometry
        self._keep("geometry", geometry)

    def get(self, name: str) -> str:
        """Return a text that another part of the application keeps here; empty for none."""
        if name not in self._texts and self._home is not None:
            self._texts[name] = str(self._file(self._home).value(f"texts/{name}") or "")
        return self._texts.get(name, "")

    def set(self, name: str, text: str) -> None:
        """Keep a text by a name, until the next run and after it."""
        self._texts[name] = text
        self._keep(f"texts/{name}", text)
