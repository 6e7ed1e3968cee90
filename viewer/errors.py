"""Everything the viewer can report to a person."""

from __future__ import annotations

from typing import ClassVar


class ViewerError(Exception):
    """Root of what reading and drawing can report."""

    text: ClassVar[str] = "This cannot be shown."

    def __str__(self) -> str:
        return self.text.format_map(vars(self))


class NotDicom(ViewerError):
    """Not a DICOM file, or only a directory of others."""

    text = "{why}."

    def __init__(self, why: str) -> None:
        self.why = why


class MediaDirectory(NotDicom):
    """The index of a disc, a DICOMDIR; `listed` is what it says should be there."""

    text = "It is a directory of other files."

    def __init__(self, listed: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
        super().__init__(self.text.rstrip("."))
        self.listed = listed  # of each file: the instance's UID, and the names that lead to it
        self.args = ()  # what a file says stays out of what is printed


class CannotDraw(ViewerError):
    """DICOM, but without a picture that we can draw; `why` names it in plain words."""

    text = "This cannot be shown as a picture: {why}."

    def __init__(self, why: str) -> None:
        self.why = why


class CannotShow(ViewerError):
    """A document that we cannot show; `why` names it in plain words."""

    text = "This document cannot be shown here: {why}. It can be exported."

    def __init__(self, why: str) -> None:
        self.why = why


class ReaderFailed(ViewerError):
    """The child process that reads files ended or took too long; the file is to blame."""

    text = "This file could not be read safely ({why}); it was set aside and the rest goes on."

    def __init__(self, why: str) -> None:
        self.why = why


class FilmTooLong(ViewerError):
    """More than the format can hold."""

    text = "This film is too long for one AVI file. Save fewer images, a smaller size, or a GIF."


class KeyTaken(ViewerError):
    """A key that a person wants for something does something else; `word` names that."""

    text = "This key is already used for “{word}”. Give that another key first."

    def __init__(self, word: str) -> None:
        self.word = word


class NotAVolume(ViewerError):
    """A series that cannot be cut in other directions; `why` names it in plain words."""

    text = "This series cannot be seen from other sides: {why}."

    def __init__(self, why: str) -> None:
        self.why = why


class StillNamed(ViewerError):
    """Names were to be left out, and a person wrote one."""

    text = (
        "A name, number or place that was to be left out stands in the {what}. Change that first."
    )

    def __init__(self, what: str) -> None:
        self.what = what


class CannotKeep(ViewerError):
    """Measurements cannot be written down; `why` names it in plain words."""

    text = "This cannot be kept with the study: {why}."

    def __init__(self, why: str) -> None:
        self.why = why


class OtherPerson(ViewerError):
    """Two studies are not known to be of one person, and so are not shown side by side."""

    text = (
        "These two studies are not known to be of the same person: name and number must be given "
        "and equal. They are not shown side by side."
    )


class NothingBefore(ViewerError):
    """There is no older study that a picture can be compared with."""

    text = "There is no earlier study of the same part and kind to compare with."
