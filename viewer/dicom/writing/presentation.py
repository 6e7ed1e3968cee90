"""Measurements as graphics and words over their pictures: Grayscale Softcopy Presentation States.

For viewers that draw and do not measure. One covers pictures that are shown alike: of one size,
with one rescaling, and of grey. Source: PS3.3 A.33.1, C.10.5, C.11.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from viewer.dicom.header import Header
from viewer.dicom.writing.codes import OUR_MANUFACTURER
from viewer.dicom.writing.evidence import evidence, identity, to_bytes, words
from viewer.dicom.writing.measurements import Item, graphic

SERIES_NUMBER = 9003
KIND = "graphics"
LAYER = "MEASUREMENTS"


def presentation_states(
    items: Sequence[tuple[Item, tuple[str, ...]]], number: int
) -> Iterator[bytes]:
    """Yield the files.

    Args:
        items: measurements, each with the lines that stand beside it.
        number: of the first instance.

    Raises: CannotKeep.
    """
    groups: dict[tuple[Any, ...], list[tuple[Item, tuple[str, ...]]]] = {}
    for each in items:
        if each[0].header.samples == 1 and each[0].header.photometric.startswith("MONOCHROME"):
            groups.setdefault(_look(each[0].header), []).append(each)
    for place, group in enumerate(groups.values()):
        yield _state(group, number, place)


def _look(header: Header) -> tuple[Any, ...]:
    return (
        header.rows,
        header.columns,
        header.rescale_slope,
        header.rescale_intercept,
        header.photometric,
        header.windows[:1],
        header.sop_uid if header.frames > 1 else "",
    )


def _state(items: Sequence[tuple[Item, tuple[str, ...]]], number: int, place: int) -> bytes:
    import highdicom as hd

    headers = {item.header.sop_uid: item.header for item, _ in items}
    pictures = {uid: _shown(header) for uid, header in headers.items()}
    first = items[0][0].header
    layer = hd.pr.GraphicLayer(LAYER, 1)
    own = identity(first.study_uid, KIND, SERIES_NUMBER, number + place)
    found = hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=list(pictures.values()),
        series_instance_uid=own.series_uid,
        series_number=own.series_number,
        sop_instance_uid=own.sop_uid,
        instance_number=own.instance_number,
        manufacturer=OUR_MANUFACTURER,
        manufacturer_model_name=OUR_MANUFACTURER,
        software_versions="1",
        device_serial_number="1",
        content_label="MEASUREMENTS",
        graphic_layers=[layer],
        graphic_annotations=[
            _annotation(pictures[item.header.sop_uid], layer, item, lines) for item, lines in items
        ],
        presentation_lut_transformation=hd.PresentationLUTTransformation(
            presentation_lut_shape="INVERSE" if first.photometric == "MONOCHROME1" else "IDENTITY"
        ),
    )
    found.SeriesDescription = "Measurements as drawn"
    return to_bytes(found)


def _shown(header: Header) -> Any:
    """Return a picture with what its grey values mean and how they are seen."""
    from pydicom.dataset import Dataset

    found = evidence(header)
    means, seen = Dataset(), Dataset()
    if header.rescale_slope is not None and header.rescale_intercept is not None:
        means.RescaleSlope, means.RescaleIntercept = header.rescale_slope, header.rescale_intercept
        means.RescaleType = words(header.rescale_type)[:16] or "US"
    if header.windows:
        centre, width, _ = header.windows[0]
        seen.WindowCenter, seen.WindowWidth = centre, width
    if header.frames == 1:
        found.update(means)
        found.update(seen)
    else:  # enhanced ones say so in functional groups, and highdicom looks there
        shared = Dataset()
        if len(means):
            shared.PixelValueTransformationSequence = [means]
        if len(seen):
            shared.FrameVOILUTSequence = [seen]
        found.SharedFunctionalGroupsSequence = [shared]
        found.PerFrameFunctionalGroupsSequence = []
    return found


def _annotation(picture: Any, layer: Any, item: Item, lines: tuple[str, ...]) -> Any:
    import highdicom as hd

    rows, columns = item.header.rows, item.header.columns
    kind, points = graphic(item.measurement)
    points = np.clip(points, 0, (columns, rows))
    low, high = points.min(axis=0), points.max(axis=0)
    text = hd.pr.TextObject(
        text_value="\r\n".join(lines)[:1024] or "-",
        units="PIXEL",
        anchor_point=(float((low[0] + high[0]) / 2), float(high[1])),
        anchor_point_visible=False,
    )
    return hd.pr.GraphicAnnotation(
        referenced_images=[picture],
        graphic_layer=layer,
        referenced_frame_number=item.measurement.frame + 1 if item.header.frames > 1 else None,
        graphic_objects=[hd.pr.GraphicObject(kind, points, "PIXEL")],
        text_objects=[text],
    )
