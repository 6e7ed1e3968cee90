"""The menus of the strip of tools, filled as they open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from viewer.ui import acts, plain
from viewer.ui.actions import BY_NAME
from viewer.ui.grid import LAYOUTS

if TYPE_CHECKING:
    from viewer.ui.viewer import Viewer


def connect(viewer: Viewer) -> None:
    """Fill each menu when it opens."""
    for name, fill in FILLS.items():
        menu = viewer.tools.menu_of(name)
        menu.aboutToShow.connect(lambda menu=menu, fill=fill: fill(menu, viewer))


def _presets(menu: QMenu, viewer: Viewer) -> None:
    menu.clear()
    seen = viewer.image.view.window
    for each in viewer.cell.presets(viewer.own_presets):
        label = f"{each.label}\t{each.key}" if each.key else each.label
        act = menu.addAction(label)
        act.setCheckable(True)
        act.setChecked(each.window == seen)
        act.triggered.connect(lambda _=False, window=each.window: viewer.image.set_window(window))
    viewer.showing.fill(menu, viewer.cell)
    menu.addSeparator()
    own = menu.addAction(BY_NAME["own_presets"].word)
    own.triggered.connect(lambda _=False: acts.show_own_presets(viewer))


def _save(menu: QMenu, viewer: Viewer) -> None:
    viewer.saver.fill(menu)


def _speeds(menu: QMenu, viewer: Viewer) -> None:
    viewer.cell.player.fill(menu)


def _layouts(menu: QMenu, viewer: Viewer) -> None:
    menu.clear()
    for layout in LAYOUTS:
        act = menu.addAction(str(layout))
        act.setCheckable(True)
        act.setChecked(layout == viewer.grid.layout_shown)
        act.triggered.connect(lambda _=False, layout=layout: viewer.show_layout(layout))
    menu.addSeparator()
    viewer.together.fill(menu)


def _compare(menu: QMenu, viewer: Viewer) -> None:
    menu.clear()
    studies = viewer.beside.comparing.studies if viewer.beside.comparing else ()
    best = menu.addAction("With the one before")
    best.setEnabled(bool(studies))
    best.triggered.connect(lambda _=False: viewer.beside.compare())
    if studies:
        menu.addSeparator()
    for each in sorted(studies, key=lambda each: each.date, reverse=True):
        when = plain.date(each.date.replace("-", ""))
        act = menu.addAction("  ·  ".join(word for word in (when, plain.plain(each.title)) if word))
        act.triggered.connect(lambda _=False, each=each: viewer.beside.compare(each))


def _marked(menu: QMenu, viewer: Viewer) -> None:
    menu.setToolTipsVisible(True)
    viewer.marks.fill(menu)


FILLS: dict[str, Callable[[QMenu, Viewer], None]] = {
    "presets": _presets,
    "speed": _speeds,
    "layout": _layouts,
    "compare": _compare,
    "marked": _marked,
    "save": _save,
}
