"""Measurements as a Comprehensive SR after TID 1500, which OHIF, 3D Slicer and Weasis read.

Each is a group of its own: what it is tracked by, what a person calls it, and its numbers, each
inferred from the shape on its picture. The order and the codes are those of Cornerstone3D.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from viewer.dicom.header import Header
from viewer.dicom.writing.codes import (
    LABEL,
    OUR_MANUFACTURER,
    QUANTITIES,
    TOOLS,
    TRACKING,
    UNITS,
)
from viewer.dicom.writing.evidence import (
    by_picture,
    identity,
    to_bytes,
    words,
)
from viewer.dicom.writing.uids import derived_uid, is_uid, new_uid
from viewer.measure.readings import Value
from viewer.measure.shapes import AREAS, Kind, Measurement

SERIES_NUMBER = 9001
KIND = "measurements"  # of our series


@dataclass(frozen=True, slots=True)
class Item:
    """A measurement with what it said, and the picture it lies on."""

    measurement: Measurement
    values: tuple[Value, ...]
    header: Header


def report(items: Sequence[Item], study: Header, number: int) -> bytes:
    """Return the file.

    Args:
        study: of any picture of the study, for when there are no items left.
        number: of the instance; the highest is the newest.

    Raises: CannotKeep.
    """
    import highdicom as hd
    from pydicom.sr.codedict import codes

    pictures = by_picture([study, *(each.header for each in items)])
    observer = hd.sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
            uid=derived_uid(study.study_uid, OUR_MANUFACTURER), name=OUR_MANUFACTURER
        ),
    )
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=observer),
        procedure_reported=hd.sr.CodedConcept("363679005", "SCT", "Imaging"),
        imaging_measurements=[_group(each) for each in items or [_placeholder(study)]],
        title=codes.DCM.ImagingMeasurementReport,
    )
    if not items:
        _take_out_measurements(content)
    own = identity(study.study_uid, KIND, SERIES_NUMBER, number)
    found = hd.sr.ComprehensiveSR(
        evidence=list(pictures.values()),
        content=content,
        series_instance_uid=own.series_uid,
        series_number=own.series_number,
        sop_instance_uid=own.sop_uid,
        instance_number=own.instance_number,
        manufacturer=OUR_MANUFACTURER,
        is_complete=True,
    )
    found.SeriesDescription = "Measurements"
    return to_bytes(found)


def _placeholder(study: Header) -> Item:
    """Return what highdicom must have, and what is taken out again."""
    return Item(Measurement(new_uid(), Kind.PROBE, ((0.0, 0.0),), study.sop_uid), (), study)


def _take_out_measurements(content: Any) -> None:
    """Leave a report that says that there is nothing: the group of measurements may be absent."""
    root = content[0]
    root.ContentSequence = [
        each
        for each in root.ContentSequence
        if each.ConceptNameCodeSequence[0].CodeValue != "126010"
    ]


def _group(item: Item) -> Any:
    import highdicom as hd

    shape = item.measurement
    uid = shape.uid if is_uid(shape.uid) else derived_uid(shape.uid)
    tracking = hd.sr.TrackingIdentifier(uid=uid, identifier=f"{TRACKING}:{TOOLS[shape.kind]}")
    finding = None
    if shape.label:
        finding = hd.sr.CodedConcept(*LABEL, words(shape.label) or "-")
    if not item.values:
        return hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=tracking,
            referenced_region=hd.sr.ImageRegion(*graphic(shape), _source(item)),
            finding_type=finding,
        )
    return hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking,
        finding_type=finding,
        measurements=[_number(item, each) for each in item.values],
    )


def _number(item: Item, value: Value) -> Any:
    import highdicom as hd

    unit, meaning = UNITS.get(value.unit, ("1", words(value.unit)))
    return hd.sr.Measurement(
        name=hd.sr.CodedConcept(*QUANTITIES[value.quantity]),
        value=value.number,
        unit=hd.sr.CodedConcept(unit, "UCUM", meaning),
        referenced_coordinates=[
            hd.sr.CoordinatesForMeasurement(*graphic(item.measurement), _source(item))
        ],
    )


def _source(item: Item) -> Any:
    import highdicom as hd

    header = item.header
    return hd.sr.SourceImageForRegion(
        referenced_sop_class_uid=header.sop_class,
        referenced_sop_instance_uid=header.sop_uid,
        referenced_frame_numbers=[item.measurement.frame + 1] if header.frames > 1 else None,
    )


def graphic(shape: Measurement) -> tuple[str, np.ndarray]:
    """Return type and data; (0, 0) is the corner of the first pixel here. PS3.3 C.18.6.1.2."""
    points = shape.points
    if shape.kind is Kind.PROBE:
        kind = "POINT"
    elif shape.kind is Kind.ELLIPSE:
        kind, points = "ELLIPSE", _longer_first(points)
    else:
        kind = "POLYLINE"
        points = (*points, points[0]) if shape.kind in AREAS else points
    return kind, np.asarray(points, np.float64) + 0.5


def _longer_first(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Return an ellipse with its major axis first."""
    a, b, c, d = (np.asarray(each) for each in points)
    is_first = np.linalg.norm(b - a) >= np.linalg.norm(d - c)
    return points if is_first else (*points[2:], *points[:2])
