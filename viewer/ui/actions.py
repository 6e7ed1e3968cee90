"""All that can be done by a key or a button, in one table: its name, words, keys, group and faces.

Keys are Qt's portable text. An action of one face only has no key and no button in the other.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from viewer.ui.face import Face
from viewer.ui.pointer import Hand

BOTH = frozenset(Face)
CLINICIAN = frozenset({Face.CLINICIAN})
PATIENT = frozenset({Face.PATIENT})
NOWHERE: frozenset[Face] = frozenset()


class Group(enum.Enum):
    """Under which heading an action stands."""

    TOOLS = "What the left button does"
    BRIGHTNESS = "Brightness"
    SIZE = "Size"
    TURNING = "Turning"
    IMAGES = "Images and series"
    PLAYING = "Playing"
    MEASURING = "Measuring and marking"
    WINDOW = "Window"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a person can do."""

    name: str  # also of its icon
    word: str  # on its button
    about: str
    group: Group
    keys: tuple[str, ...] = ()  # any of them
    faces: frozenset[Face] = BOTH
    strip: frozenset[Face] = NOWHERE  # in whose strip of tools it has a button
    hand: Hand | None = None  # that it puts under the left button
    has_menu: bool = False  # its button opens one
    stays: bool = False  # its button shows whether it is on


ACTIONS: tuple[Action, ...] = (
    Action(
        "window", "Brightness", "Drag left or right for contrast, up or down for brightness",
        Group.TOOLS, ("W",), BOTH, CLINICIAN, Hand.WINDOW,
    ),
    Action(
        "part", "Part", "Drag over a part to see it by the brightness that suits it",
        Group.TOOLS, ("Shift+W",), CLINICIAN, CLINICIAN, Hand.PART,
    ),
    Action(
        "pan", "Move", "Drag to move the picture (middle button, or space and drag)",
        Group.TOOLS, ("M",), BOTH, CLINICIAN, Hand.PAN,
    ),
    Action(
        "zoom", "Zoom", "Drag up to zoom in (right button, or Ctrl and wheel)",
        Group.TOOLS, ("Z",), BOTH, CLINICIAN, Hand.ZOOM,
    ),
    Action(
        "scroll", "Scroll", "Drag to go through the images (wheel, arrow keys)",
        Group.TOOLS, ("S",), BOTH, BOTH, Hand.SCROLL,
    ),
    Action(
        "loupe", "Magnify", "See what is under the pointer three times as large",
        Group.TOOLS, ("G",), BOTH, BOTH, Hand.LOUPE,
    ),
    Action(
        "length", "Length", "Drag a line, or click its two ends",
        Group.MEASURING, ("D",), BOTH, CLINICIAN, Hand.LENGTH,
    ),
    Action(
        "angle", "Angle", "Drag one arm to the vertex, then click the end of the other",
        Group.MEASURING, ("A",), CLINICIAN, CLINICIAN, Hand.ANGLE,
    ),
    Action(
        "cobb", "Cobb", "Drag two lines to see how far they are tilted to one another",
        Group.MEASURING, ("C",), CLINICIAN, CLINICIAN, Hand.COBB,
    ),
    Action(
        "ellipse", "Ellipse", "Drag over a part to see its area and its values",
        Group.MEASURING, ("Shift+E",), CLINICIAN, CLINICIAN, Hand.ELLIPSE,
    ),
    Action(
        "box", "Box", "Drag a box to see its area and its values",
        Group.MEASURING, ("Shift+B",), CLINICIAN, hand=Hand.BOX,
    ),
    Action(
        "outline", "Outline", "Click around a part; click the first point again to close it",
        Group.MEASURING, ("Shift+O",), CLINICIAN, CLINICIAN, Hand.OUTLINE,
    ),
    Action(
        "freehand", "Free outline", "Draw around a part",
        Group.MEASURING, ("Shift+F",), CLINICIAN, hand=Hand.FREEHAND,
    ),
    Action(
        "probe", "Value", "Click a point to see its value",
        Group.MEASURING, ("U",), CLINICIAN, CLINICIAN, Hand.PROBE,
    ),
    Action("mark", "Mark this", "Mark this picture, or take its mark away", Group.MEASURING, ("K",),
           BOTH, BOTH),
    Action("undo", "Undo", "Take back the last change to what was measured", Group.MEASURING,
           ("Ctrl+Z",), BOTH, CLINICIAN),
    Action("redo", "Redo", "Do again what was taken back", Group.MEASURING, ("Ctrl+Shift+Z",)),
    Action(
        "next_measurement", "Next measurement", "Choose the next measurement of this picture",
        Group.MEASURING, ("J",), CLINICIAN,
    ),
    Action(
        "presets", "Presets", "Brightness for what is looked at (keys 0 to 9)",
        Group.BRIGHTNESS, (), BOTH, CLINICIAN, has_menu=True,
    ),
    Action("invert", "Invert", "Swap black and white", Group.BRIGHTNESS, ("I",), BOTH, CLINICIAN),
    Action(
        "own_presets", "My presets…", "Keep a brightness by a name, or change those kept",
        Group.BRIGHTNESS, (), CLINICIAN,
    ),
    Action("fit", "Fit", "Show the whole picture", Group.SIZE, ("F",), BOTH, CLINICIAN),
    Action("zoom_in", "Larger", "Zoom in", Group.SIZE, ("+", "=")),
    Action("zoom_out", "Smaller", "Zoom out", Group.SIZE, ("-",)),
    Action(
        "one_to_one", "1:1", "Show each pixel on one of the screen",
        Group.SIZE, ("O",), CLINICIAN, CLINICIAN,
    ),
    Action(
        "true_size", "True size", "As large as it is, if the screen is as large as it says",
        Group.SIZE, ("T",), BOTH, CLINICIAN,
    ),
    Action("turn_left", "Turn left", "Turn the picture to the left", Group.TURNING, ("Shift+L",)),
    Action(
        "turn_right", "Turn", "Turn the picture to the right",
        Group.TURNING, ("Shift+R",), BOTH, CLINICIAN,
    ),
    Action(
        "flip_sideways", "Flip", "Swap left and right", Group.TURNING, ("Shift+H",), BOTH, CLINICIAN
    ),
    Action("flip_over", "Flip over", "Swap top and bottom", Group.TURNING, ("Shift+V",)),
    Action("previous", "Series before", "Show the series before", Group.IMAGES, (",",)),
    Action("next", "Next series", "Show the next series", Group.IMAGES, (".",)),
    Action("play", "Play", "Run through the images, or stop", Group.PLAYING, ("P",), BOTH, BOTH),
    Action(
        "speed", "Speed", "How fast the images follow each other, and which way",
        Group.PLAYING, (), BOTH, CLINICIAN, has_menu=True,
    ),
    Action("slower", "Slower", "Fewer images a second", Group.PLAYING, ("<",)),
    Action("faster", "Faster", "More images a second", Group.PLAYING, (">",)),
    Action(
        "loop", "Back and forth", "Back from the last image, or round",
        Group.PLAYING, ("Shift+P",),
    ),
    Action(
        "layout", "Layout", "How many pictures stand side by side",
        Group.WINDOW, (), CLINICIAN, CLINICIAN, has_menu=True,
    ),
    Action(
        "large", "One large", "Show this cell alone, or all again (double click on its title)",
        Group.WINDOW, ("E",), CLINICIAN,
    ),
    Action(
        "together", "Together", "Cells of one space scroll and zoom together, or each alone",
        Group.IMAGES, ("L",), CLINICIAN,
    ),
    Action(
        "together_here", "Link by hand", "Cells go together from where they stand now",
        Group.IMAGES, ("Ctrl+L",), CLINICIAN,
    ),
    Action(
        "same_window", "Same brightness", "Cells of one kind share their brightness",
        Group.BRIGHTNESS, ("B",), CLINICIAN,
    ),
    Action(
        "lines", "Lines", "Show where this picture cuts the others",
        Group.IMAGES, ("Shift+Q",), CLINICIAN,
    ),
    Action(
        "crosshair", "Crosshair", "Click a point in one picture to see it in the others",
        Group.IMAGES, ("Q",), CLINICIAN,
    ),
    Action(
        "sides", "3 sides", "See the series from above, from the front and from the side (MPR)",
        Group.IMAGES, ("Shift+M",), CLINICIAN, CLINICIAN, stays=True,
    ),
    Action(
        "compare", "Compare", "Then and now: the pictures from before, side by side",
        Group.IMAGES, ("Y",), CLINICIAN, CLINICIAN, has_menu=True,
    ),
    Action("next_marked", "Next mark", "Show the next marked picture", Group.MEASURING, ("X",)),
    Action(
        "marked", "Marked", "The pictures that somebody marked",
        Group.MEASURING, (), BOTH, BOTH, has_menu=True,
    ),
    Action(
        "letters", "Letters?", "What the letters at the edges of the picture mean",
        Group.WINDOW, (), BOTH, PATIENT,
    ),
    Action("cell_before", "Cell before", "Turn to the one before", Group.WINDOW, ("[",), CLINICIAN),
    Action("cell_after", "Next cell", "Turn to the next cell", Group.WINDOW, ("]",), CLINICIAN),
    Action(
        "reset", "Reset", "As it was first seen (double click)",
        Group.WINDOW, ("R",), BOTH, BOTH,
    ),
    Action(
        "save", "Save", "Pictures, films, pages for printing, copies of the originals",
        Group.WINDOW, (), BOTH, BOTH, has_menu=True,
    ),
    Action("save_picture", "Save picture", "Save what is shown", Group.WINDOW, ("Ctrl+S",)),
    Action("print_page", "Print", "Print what is shown, or make a PDF", Group.WINDOW, ("Ctrl+P",)),
    Action(
        "hide", "Hide", "Hide everything but the picture and whose it is",
        Group.WINDOW, ("H",), BOTH, CLINICIAN,
    ),
    Action(
        "face", "The other view", "All tools and numbers, or the simple view",
        Group.WINDOW, ("Ctrl+T",),
    ),
    Action("keys", "Keys", "Show and change the keys", Group.WINDOW, ("?",), BOTH, CLINICIAN),
)  # fmt: skip

# What no action can have: how it is told, what it does, and the keys themselves.
FIXED: tuple[tuple[str, str, Group, tuple[str, ...]], ...] = (
    ("0 to 9", "Presets", Group.BRIGHTNESS, tuple("0123456789")),
    (
        "Ctrl and arrows",
        "Contrast",
        Group.BRIGHTNESS,
        ("Ctrl+Up", "Ctrl+Down", "Ctrl+Left", "Ctrl+Right"),
    ),
    (
        "Shift and arrows",
        "Move the picture",
        Group.SIZE,
        ("Shift+Up", "Shift+Down", "Shift+Left", "Shift+Right"),
    ),
    ("Arrows, wheel", "Image on or back", Group.IMAGES, ("Up", "Down", "Left", "Right")),
    ("Page up, down", "Ten on or back", Group.IMAGES, ("PgUp", "PgDown")),
    ("Home, end", "First or last image", Group.IMAGES, ("Home", "End")),
    ("Space (hold)", "Move the picture", Group.TOOLS, ("Space",)),
    ("V (hold)", "Magnify", Group.TOOLS, ("V",)),
    (
        "Arrows, on a point",
        "Move the point",
        Group.MEASURING,
        (),
    ),
    ("Delete", "Take a mark away", Group.MEASURING, ("Del", "Backspace")),
    ("Tab, enter, escape", "The window", Group.WINDOW, ("Tab", "Return", "Enter", "Esc")),
)
FIXED_KEYS = {key: word for _, word, _, keys in FIXED for key in keys}


def named(name: str) -> Action:
    """Return the action of that name."""
    return BY_NAME[name]


BY_NAME = {each.name: each for each in ACTIONS}
