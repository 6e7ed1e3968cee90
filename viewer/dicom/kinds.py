"""What an instance is, by its SOP class: what shows it, its plain name, and why it is no picture.

The one place that says so, for the child that reads files and for the windows that show them.
Source: PS3.4 B.5, PS3.6 Annex A.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from viewer.dicom.header import Header

_STORAGE = "1.2.840.10008.5.1.4.1.1."


class Content(enum.Enum):
    """What a viewport shows an instance with."""

    PICTURE = "picture"
    DOCUMENT = "document"  # a page of text, or pages that are drawn
    KEY_OBJECTS = "key objects"  # pictures that somebody marked
    PRESENTATION = "presentation"  # how other pictures are to be shown
    NONE = "none"  # said in words; the file can be exported


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of instance."""

    content: Content
    name: str  # for a list: "Heart signal (ECG)"
    why_not: str = ""  # goes on after "This cannot be shown as a picture: "


def _document(name: str, why_not: str) -> Kind:
    return Kind(Content.DOCUMENT, name, why_not)


def _state(name: str) -> Kind:
    return Kind(Content.PRESENTATION, name, "it tells how other pictures are to be shown")


def _none(name: str, why_not: str) -> Kind:
    return Kind(Content.NONE, name, why_not)


_REPORT = _document("Report", "it is a report")
_DOSE = _document("Radiation dose report", "it is a report of the radiation dose")
_SIGNAL = _none("Recorded signal", "it is a recorded signal")
_ECG = _none("Heart signal (ECG)", "it is a recorded heart signal (ECG)")
_SOUND = _none("Sound", "it is a recorded sound")
_MODEL = _none("3D model", "it is a 3D model for printing or planning")
_PLAN = _none("Radiotherapy plan", "it is a plan for radiotherapy")
_TREATED = _none("Radiotherapy record", "it is a record of radiotherapy that was given")
_FILM = Kind(Content.PICTURE, "Film", "it is a film")
_EYE = _none("Eye measurements", "it is a set of measurements of the eye")
_PLACES = _none("Alignment", "it tells how pictures lie to one another")

# By SOP class UID or the start of one, always whole components; the longest that fits counts.
_KINDS: dict[str, Kind] = {
    _STORAGE + "88": _REPORT,
    _STORAGE + "88.40": _document("Procedure log", "it is a log of a procedure"),
    _STORAGE + "88.50": _document("Computer findings", "it is a list of what a computer found"),
    _STORAGE + "88.59": Kind(Content.KEY_OBJECTS, "Marked pictures", "it marks other pictures"),
    _STORAGE + "88.65": _document("Computer findings", "it is a list of what a computer found"),
    _STORAGE + "88.67": _DOSE,
    _STORAGE + "88.68": _DOSE,
    _STORAGE + "88.69": _document("Computer findings", "it is a list of what a computer found"),
    _STORAGE + "88.73": _DOSE,
    _STORAGE + "88.76": _DOSE,
    _STORAGE + "104": _none("Attached file", "it is a file of another kind, packed into DICOM"),
    _STORAGE + "104.1": _document("Document (PDF)", "it is a document (PDF)"),
    _STORAGE + "104.2": _document("Document (CDA)", "it is a document (CDA)"),
    _STORAGE + "104.3": _MODEL,
    _STORAGE + "104.4": _MODEL,
    _STORAGE + "104.5": _MODEL,
    _STORAGE + "11": _state("Way of showing"),
    _STORAGE + "11.1": _state("Way of showing"),
    _STORAGE + "9": _SIGNAL,
    _STORAGE + "9.1": _ECG,
    _STORAGE + "9.2": _none("Blood pressure signal", "it is a recorded blood pressure signal"),
    _STORAGE + "9.3": _none("Heart signal", "it is a signal recorded inside the heart"),
    _STORAGE + "9.4": _SOUND,
    _STORAGE + "9.6": _none("Breathing signal", "it is a recorded breathing signal"),
    _STORAGE + "9.7": _none("Brain or muscle signal", "it is a recorded brain or muscle signal"),
    _STORAGE + "481": _PLAN,
    _STORAGE + "481.1": Kind(Content.PICTURE, "Radiotherapy picture"),
    _STORAGE + "481.2": Kind(Content.PICTURE, "Radiotherapy dose"),
    _STORAGE + "481.3": _none("Radiotherapy outlines", "it is a set of outlines for radiotherapy"),
    _STORAGE + "481.4": _TREATED,
    _STORAGE + "481.6": _TREATED,
    _STORAGE + "481.7": _TREATED,
    _STORAGE + "481.9": _TREATED,
    _STORAGE + "66": _none("Raw data", "it is the scanner's raw data"),
    _STORAGE + "66.1": _PLACES,
    _STORAGE + "66.2": _none("Marked points", "it is a set of marked points"),
    _STORAGE + "66.3": _PLACES,
    _STORAGE + "66.4": Kind(Content.PICTURE, "Segmentation"),
    _STORAGE + "66.5": _none("Surfaces", "it is a set of surfaces of organs"),
    _STORAGE + "66.6": _none("Nerve fibres", "it is a set of nerve fibre tracks"),
    _STORAGE + "66.7": Kind(Content.PICTURE, "Segmentation"),
    _STORAGE + "67": _none("Meaning of values", "it tells what measured values mean"),
    _STORAGE + "68": _none("Surface scan", "it is a scanned surface"),
    _STORAGE + "4.2": _none("Spectroscopy", "it is a measurement of substances (spectroscopy)"),
    _STORAGE + "77.1.1.1": _FILM,
    _STORAGE + "77.1.2.1": _FILM,
    _STORAGE + "77.1.4.1": _FILM,
    _STORAGE + "77.1.5.3": _PLACES,
    _STORAGE + "77.1.6": Kind(Content.PICTURE, "Microscope slide"),
    _STORAGE + "78": _EYE,
    _STORAGE + "79": _EYE,
    _STORAGE + "80": _EYE,
    _STORAGE + "90": _none("Assessment", "it is an assessment of other objects"),
    _STORAGE + "91": _none("Annotations", "it is a set of annotations"),
    _STORAGE + "131": _none("Screen layout", "it tells how screens are to be arranged"),
    _STORAGE + "200": _none("Scan protocol", "it tells how a scan was set up"),
    _STORAGE + "201": _none("List of files", "it is a list of what an archive holds"),
    "1.2.840.10008.5.1.4.38": _none("Screen layout", "it tells how screens are to be arranged"),
    "1.2.840.10008.5.1.4.39": _none("Colours", "it is a table of colours"),
}
PICTURE = Kind(Content.PICTURE, "Picture", "it holds no picture")


def kind_of(sop_class: str) -> Kind:
    """Return the kind of an instance; what is not known here is taken for a picture."""
    parts = sop_class.split(".")
    for length in range(min(len(parts), 14), 6, -1):
        found = _KINDS.get(".".join(parts[:length]))
        if found is not None:
            return found
    return PICTURE


def content_for(header: Header) -> Content:
    """Return what shows an instance. What can be drawn is a picture, whatever it calls itself."""
    if header.drawable:
        return Content.PICTURE
    found = kind_of(header.sop_class).content
    return Content.NONE if found is Content.PICTURE else found
