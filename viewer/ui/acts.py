"""What the actions of the table do in a viewer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

from viewer.ui import actions, measuring_desk, picture_acts
from viewer.ui.banner import OTHER
from viewer.ui.image_view import Hand, ImageView
from viewer.ui.keys_sheet import KeysSheet
from viewer.ui.measuring_desk import MeasuringDesk
from viewer.ui.presets_sheet import PresetsSheet

if TYPE_CHECKING:
    from viewer.ui.viewer import Viewer

Act = Callable[["Viewer"], None]


def add_shortcut(viewer: Viewer, keys: str, act: Callable[[], None]) -> None:
    """Let a key that no person changes act within the viewer."""
    shortcut = QShortcut(QKeySequence(keys), viewer)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(act)


def _takes(hand: Hand) -> Act:
    return lambda viewer: viewer.take_hand(hand)


def _on_picture(act: Callable[[ImageView], None]) -> Act:
    return lambda viewer: act(viewer.image)


def _show_keys(viewer: Viewer) -> None:
    """Show what the keys do, and let a person change them."""
    KeysSheet(viewer.keys, viewer.shortcuts.face, viewer).open()


def show_own_presets(viewer: Viewer) -> None:
    """Show a person's presets of what is seen, to be changed."""
    seen = viewer.image.seen_window
    PresetsSheet(viewer.preferences, viewer.cell.modality, seen, viewer).open()


def _on_desk(act: Callable[[MeasuringDesk], None]) -> Act:
    return lambda viewer: act(viewer.desk)


def _other_face(viewer: Viewer) -> None:
    viewer.faces.choose(OTHER[viewer.faces.face])


# What can be done while a series is seen from three sides; what else there is waits.
FROM_SIDES: dict[str, Act] = {
    "crosshair": lambda viewer: viewer.sides.toggle_everywhere(),
    "lines": lambda viewer: viewer.sides.toggle_lines(),
}
ALIKE_FROM_SIDES = frozenset(
    {
        "hide",
        "keys",
        "own_presets",
        "previous",
        "next",
        "sides",
        "face",
        "letters",
        "save_picture",
        "print_page",
    }
)
NOT_FROM_SIDES = "Not while the series is seen from three sides: go back to it first"


def act(viewer: Viewer, name: str) -> None:
    """Do what the action of that name does now, or say why it does nothing."""
    alike = name in picture_acts.ACTS or actions.named(name).hand or name in ALIKE_FROM_SIDES
    if not viewer.sides.is_open or alike:
        ACTS[name](viewer)
    elif name in FROM_SIDES:
        FROM_SIDES[name](viewer)
    else:
        viewer.image.flash(NOT_FROM_SIDES)


ACTS: dict[str, Act] = {
    **{name: _on_picture(act) for name, act in picture_acts.ACTS.items()},
    **{each.name: _takes(each.hand) for each in actions.ACTIONS if each.hand},
    "play": lambda viewer: viewer.toggle_playing(),
    "hide": lambda viewer: viewer.toggle_chrome(),
    "keys": _show_keys,
    "save_picture": lambda viewer: viewer.saver.save_picture(),
    "print_page": lambda viewer: viewer.saver.print_page(),
    "own_presets": show_own_presets,
    "slower": lambda viewer: viewer.cell.player.slower(),
    "faster": lambda viewer: viewer.cell.player.faster(),
    "loop": lambda viewer: viewer.cell.player.swap_loop(),
    **{name: _on_desk(act) for name, act in measuring_desk.ACTS.items()},
    "previous": lambda viewer: viewer.next_series(-1),
    "next": lambda viewer: viewer.next_series(1),
    "large": lambda viewer: viewer.toggle_large(),
    "together": lambda viewer: viewer.together.toggle_linked(),
    "together_here": lambda viewer: viewer.together.linking.link_here(),
    "same_window": lambda viewer: viewer.together.toggle_windows(),
    "lines": lambda viewer: viewer.together.toggle_lines(),
    "crosshair": lambda viewer: viewer.together.toggle_crosshair(),
    "cell_before": lambda viewer: viewer.grid.choose_next(-1),
    "cell_after": lambda viewer: viewer.grid.choose_next(1),
    "sides": lambda viewer: viewer.from_sides.toggle(),
    "compare": lambda viewer: viewer.beside.compare(),
    "next_marked": lambda viewer: viewer.marks.go_to_next(),
    "letters": lambda viewer: viewer.faces.toggle_explanation(),
    "face": _other_face,
}
