"""How the viewer hands what was measured and marked to whoever owns the study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from viewer.dicom.annotations import Annotations
from viewer.dicom.source import SeriesView


@dataclass(frozen=True, slots=True)
class Made:
    """A DICOM file of our own making."""

    name: str
    data: bytes = field(repr=False)


Told = Callable[[bool, str], None]  # whether it was kept, and a sentence that says so or why not
ReadAnnotations = Callable[[SeriesView, int], Annotations]  # of an instance; runs in a thread


class Keeper(Protocol):
    """Somebody who can keep files with a study."""

    @property
    def note(self) -> str:
        """Where they go, in a sentence, for the person who is about to keep them."""
        ...

    def keep(self, files: Sequence[Made], told: Told) -> None:
        """Keep them, now or later; `told` is called once, in the interface's thread."""
        ...
