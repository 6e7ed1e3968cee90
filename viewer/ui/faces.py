"""The two faces of one viewer: which one is shown, what belongs to it, how it hangs a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viewer import hanging
from viewer.ui.cell import Cell
from viewer.ui.face import Face
from viewer.ui.grid import Layout
from viewer.ui.image_view import Hand
from viewer.ui.patient_bar import Explanation, PatientBar

if TYPE_CHECKING:
    from viewer.ui.viewer import Viewer

KEPT_AS = "viewer_face"
HANDS = {Face.PATIENT: Hand.SCROLL, Face.CLINICIAN: Hand.WINDOW}  # to begin with


class Faces:
    """Shows a viewer to a patient or to a clinician, as it was last chosen for such studies."""

    def __init__(self, viewer: Viewer, default: Face) -> None:
        self._viewer = viewer
        self._kept_as = f"{KEPT_AS}_{default.value}"
        said = viewer.preferences.get(self._kept_as)
        self.face = next((each for each in Face if each.value == said), default)
        self.bar, self.explanation = PatientBar(), Explanation()
        self.bar.chosen.connect(lambda preset: viewer.image.set_window(preset.window))
        self._offered_for: tuple[object, ...] = ()

    def choose(self, face: Face) -> None:
        """Show the other face, and open such studies with it from now on."""
        self._viewer.preferences.set(self._kept_as, face.value)
        self.show(face)

    def show(self, face: Face) -> None:
        """Hang the study afresh for a patient or a clinician."""
        viewer = self._viewer
        viewer.from_sides.leave()
        self.face = face
        viewer.tools.set_face(face)
        viewer.banner.tell_face(face)
        viewer.shortcuts.set_face(face)
        self.show_parts()
        for cell in viewer.grid.made:
            cell.set_face(face)
        viewer.take_hand(HANDS[face])
        self._hang()

    def _hang(self) -> None:
        """Lay out the study as it is first seen."""
        viewer, study = self._viewer, self._viewer.study
        is_patient = self.face is Face.PATIENT
        hang = hanging.hang_for_patient if is_patient else hanging.hang
        found = hang(study.series) or hanging.Hanging(1, 1, (hanging.Place(study.first_look),))
        viewer.grid.show_layout(Layout(found.rows, found.columns))
        if not study.series:
            viewer.cell.clear("There is nothing in this study that can be shown.")
            return
        for cell, place in zip(viewer.grid.cells, found.places, strict=False):
            cell.hang(study, place)
        viewer.grid.choose(viewer.grid.cells[0])

    def show_parts(self) -> None:
        """Show what belongs to the face, unless all but the picture is hidden."""
        is_patient, shown = self.face is Face.PATIENT, self._viewer.chrome_shown
        self.bar.setVisible(is_patient and shown and bool(self.bar.buttons()))
        self.explanation.hide()
        self._viewer.notes.show_where(shown)
        self._viewer.desk.show_panel(not is_patient and shown)

    def tell(self, cell: Cell) -> None:
        """Offer what suits the series, and explain the letters that are seen."""
        offered = (cell.study, cell.frame and cell.frame.series, cell.image.drawable is None)
        if self.face is Face.PATIENT and offered != self._offered_for:
            self._offered_for = offered
            self.bar.offer(cell.presets())
            self.bar.setVisible(self._viewer.chrome_shown and bool(self.bar.buttons()))
        if self.explanation.isVisible():
            self.explanation.tell(cell.image.edges)

    def toggle_explanation(self) -> None:
        """Say what the letters at the edges mean, or no more."""
        self.explanation.tell(self._viewer.image.edges)
        self.explanation.setVisible(not self.explanation.isVisible())
