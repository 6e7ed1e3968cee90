"""Marked pictures as a Key Object Selection document. Source: PS3.16 TID 2010."""

from __future__ import annotations

from collections.abc import Sequence

from viewer.dicom.header import Header
from viewer.dicom.writing.codes import OUR_MANUFACTURER
from viewer.dicom.writing.evidence import by_picture, identity, to_bytes

SERIES_NUMBER = 9002
KIND = "marks"


def key_objects(marked: Sequence[tuple[Header, int]], number: int) -> bytes:
    """Return the file.

    Args:
        marked: pictures and frames of theirs, counted from 0; at least one.
        number: of the instance; the highest is the newest.

    Raises: CannotKeep.
    """
    import highdicom as hd
    from pydicom.sr.codedict import codes

    pictures = by_picture([header for header, _ in marked])
    content = hd.ko.KeyObjectSelection(
        document_title=codes.DCM.OfInterest, referenced_objects=list(pictures.values())
    )
    _add_frames(content, marked)
    own = identity(marked[0][0].study_uid, KIND, SERIES_NUMBER, number)
    found = hd.ko.KeyObjectSelectionDocument(
        evidence=list(pictures.values()),
        content=content,
        series_instance_uid=own.series_uid,
        series_number=own.series_number,
        sop_instance_uid=own.sop_uid,
        instance_number=own.instance_number,
        manufacturer=OUR_MANUFACTURER,
    )
    found.SeriesDescription = "Marked pictures"
    return to_bytes(found)


def _add_frames(content: object, marked: Sequence[tuple[Header, int]]) -> None:
    """Name the frames of pictures that have several; highdicom names whole pictures."""
    frames: dict[str, list[int]] = {}
    for header, frame in marked:
        if header.frames > 1:
            frames.setdefault(header.sop_uid, []).append(frame + 1)
    for item in content[0].ContentSequence:  # type: ignore[index]
        for each in getattr(item, "ReferencedSOPSequence", ()):
            own = sorted(set(frames.get(str(each.ReferencedSOPInstanceUID), ())))
            if own:
                each.ReferencedFrameNumber = own if len(own) > 1 else own[0]
