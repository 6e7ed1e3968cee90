"""Presentation states: what highdicom writes and by hand, read in a child and checked here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from viewer.dicom.documents import Reference
from viewer.dicom.presentation import (
    Graphic,
    GraphicLayer,
    PresentationState,
    Shutter,
    Words,
    applied,
    states_for,
)
from viewer.dicom.sandbox import Sandbox, presentation_replies
from viewer.dicom.sandbox.replies import Malformed
from viewer.errors import CannotShow
from viewer.render.pipeline import Window, default_window, to_grey8

from .papers import STORAGE

Open = Callable[[Path | str], int]
Make = Callable[..., Path]
GREY = STORAGE + "11.1"


def _pointed(uid: str, frames: list[int] | None = None) -> Items:
    found = Dataset()
    found.ReferencedSOPClassUID, found.ReferencedSOPInstanceUID = STORAGE + "2", uid
    if frames:
        found.ReferencedFrameNumber = frames
    return Items([found])


def _series(*uids: str) -> Items:
    found = Dataset()
    found.SeriesInstanceUID = "1.2.3.4"
    found.ReferencedImageSequence = Items([_pointed(each)[0] for each in uids])
    return Items([found])


@pytest.fixture
def read(sandbox: Sandbox, made: Make, opened: Open) -> Callable[..., PresentationState]:
    def read_it(sop_class: str = GREY, **attributes: object) -> PresentationState:
        given = {"ReferencedSeriesSequence": _series("1.2.9")} | attributes
        return sandbox.presentation(opened(made(SOPClassUID=sop_class, **given)))

    return read_it


def test_what_highdicom_writes_is_read(
    sandbox: Sandbox, opened: Open, bundled: Callable[[str], Path], tmp_path: Path
) -> None:
    image = dcmread(bundled("CT_small.dcm"))
    layer = hd.pr.GraphicLayer("MARKS", order=1, display_color=hd.color.CIELabColor(100, 0, 0))
    line = hd.pr.GraphicObject(
        hd.pr.GraphicTypeValues.POLYLINE,
        np.array([[10.0, 10.0], [20.0, 30.0]]),
        hd.pr.AnnotationUnitsValues.PIXEL,
    )
    words = hd.pr.TextObject(
        "Here",
        hd.pr.AnnotationUnitsValues.DISPLAY,
        anchor_point=(0.5, 0.25),
        anchor_point_visible=True,
    )
    state = hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[image],
        series_instance_uid=hd.UID(),
        series_number=9,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer="Test",
        manufacturer_model_name="Test",
        software_versions="1",
        device_serial_number="1",
        content_label="LUNG",
        content_description="For the lungs",
        graphic_layers=[layer],
        graphic_annotations=[
            hd.pr.GraphicAnnotation(
                referenced_images=[image],
                graphic_layer=layer,
                graphic_objects=[line],
                text_objects=[words],
            )
        ],
        voi_lut_transformations=[
            hd.pr.SoftcopyVOILUTTransformation(window_center=-600.0, window_width=1500.0)
        ],
        modality_lut_transformation=hd.content.ModalityLUTTransformation(
            rescale_intercept=-1024.0, rescale_slope=1.0, rescale_type="HU"
        ),
    )
    state.save_as(tmp_path / "state")
    found = sandbox.presentation(opened(tmp_path / "state"))
    uid = str(image.SOPInstanceUID)
    assert (found.label, found.description) == ("LUNG", "For the lungs")
    assert found.covers(uid, 0) and not found.covers("1.2.9", 0)
    assert found.rescale == (1.0, -1024.0)
    voi = found.voi(uid, 0)
    assert voi is not None and voi.window == (-600.0, 1500.0, "")
    ((drawn_layer, annotation),) = found.drawn(uid, 0)
    assert drawn_layer == GraphicLayer("MARKS", 1, (255, 255, 255))
    assert annotation.graphics == (Graphic("POLYLINE", "PIXEL", (10.0, 10.0, 20.0, 30.0)),)
    (said,) = annotation.words
    assert (said.text, said.anchor, said.anchor_units) == ("Here", (0.5, 0.25), "DISPLAY")
    assert said.anchor_visible
    pixels = sandbox.decode(opened(bundled("CT_small.dcm")), 0)
    assert default_window(applied(found, pixels, uid, 0)) == Window(-600.0, 1500.0)


def test_every_shape_of_a_shutter_is_read(read: Callable[..., PresentationState]) -> None:
    found = read(
        ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL"],
        ShutterLeftVerticalEdge=10,
        ShutterRightVerticalEdge=90,
        ShutterUpperHorizontalEdge=20,
        ShutterLowerHorizontalEdge=80,
        CenterOfCircularShutter=[50, 40],
        RadiusOfCircularShutter=30,
        VerticesOfThePolygonalShutter=[1, 2, 3, 4, 5, 6],
        ShutterPresentationValue=0x8000,
    )
    # The file gives rows first; here columns come first.
    assert found.shutters == (
        Shutter("RECTANGULAR", (10.0, 20.0, 90.0, 80.0)),
        Shutter("CIRCULAR", (40.0, 50.0, 30.0)),
        Shutter("POLYGONAL", (2.0, 1.0, 4.0, 3.0, 6.0, 5.0)),
    )
    assert found.shutter_grey == 0x80


def test_an_area_holds_its_corner_pixels(read: Callable[..., PresentationState]) -> None:
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner = [64, 11]  # of a picture that is turned
    area.DisplayedAreaBottomRightHandCorner = [1, 32]
    area.PresentationSizeMode = "MAGNIFY"
    area.PresentationPixelMagnificationRatio = 2.0
    area.PresentationPixelAspectRatio = [2, 1]
    found = read(DisplayedAreaSelectionSequence=Items([area])).area("1.2.9", 0)
    assert found is not None
    assert (found.left, found.top, found.right, found.bottom) == (0.0, 10.0, 64.0, 32.0)
    assert (found.mode, found.magnification, found.aspect) == ("MAGNIFY", 2.0, 2.0)


def test_a_part_without_pictures_of_its_own_is_for_all(
    read: Callable[..., PresentationState],
) -> None:
    for_all, for_one = Dataset(), Dataset()
    for_one.WindowCenter, for_one.WindowWidth = 1, 2
    for_one.ReferencedImageSequence = _pointed("1.2.9", [2])
    for_all.WindowCenter, for_all.WindowWidth = 3, 4
    found = read(SoftcopyVOILUTSequence=Items([for_one, for_all]))
    first, second = found.voi("1.2.9", 0), found.voi("1.2.9", 1)
    assert first is not None and first.window == (3.0, 4.0, "")
    assert second is not None and second.window == (1.0, 2.0, "")


def test_layers_lie_in_their_order(read: Callable[..., PresentationState]) -> None:
    layers, annotations = [], []
    for name, order in (("TOP", 3), ("LOW", 1), ("MID", 2)):
        layer, annotation, words = Dataset(), Dataset(), Dataset()
        layer.GraphicLayer, layer.GraphicLayerOrder = name, order
        layer.GraphicLayerRecommendedDisplayGrayscaleValue = 0x4000
        words.UnformattedTextValue = f"{name}\r\nsecond"
        words.BoundingBoxAnnotationUnits = "PIXEL"
        words.BoundingBoxTopLeftHandCorner = [1.5, 2.5]
        words.BoundingBoxBottomRightHandCorner = [3.5, 4.5]
        words.BoundingBoxTextHorizontalJustification = "CENTER"
        annotation.GraphicLayer, annotation.TextObjectSequence = name, Items([words])
        layers.append(layer)
        annotations.append(annotation)
    found = read(
        GraphicLayerSequence=Items(layers), GraphicAnnotationSequence=Items(annotations)
    ).drawn("1.2.9", 0)
    assert [each.name for each, _ in found] == ["LOW", "MID", "TOP"]
    assert found[0][0].colour == (0x40, 0x40, 0x40)
    assert found[0][1].words == (Words("LOW\nsecond", (1.5, 2.5, 3.5, 4.5), "PIXEL", "CENTER"),)


def test_what_is_not_applied_is_said(read: Callable[..., PresentationState]) -> None:
    found = read(MaskSubtractionSequence=Items([Dataset()]))
    assert found.missing == ("It shows the difference to another picture; that is not done here.",)
    with pytest.raises(CannotShow, match="not known here"):
        read(STORAGE + "11.4")


def test_nonsense_in_a_state_is_left_out(read: Callable[..., PresentationState]) -> None:
    area, graphic, voi, annotation = Dataset(), Dataset(), Dataset(), Dataset()
    area.DisplayedAreaTopLeftHandCorner = [1]
    graphic.GraphicType, graphic.GraphicData = "BLOB", [1.0, 2.0]
    voi.WindowCenter, voi.WindowWidth = 5, 0
    annotation.GraphicObjectSequence = Items([graphic, Dataset()])
    annotation.TextObjectSequence = Items([Dataset()])
    found = read(
        DisplayedAreaSelectionSequence=Items([area]),
        SoftcopyVOILUTSequence=Items([voi]),
        GraphicAnnotationSequence=Items([annotation]),
        ShutterShape="POLYGONAL",
        VerticesOfThePolygonalShutter=[1, 2],
        RescaleSlope=0,
        RescaleIntercept=5,
        ImageRotation=45,
    )
    assert (found.areas, found.shutters, found.rotation) == ((), (), 0)
    assert found.annotations[0].graphics == () and found.annotations[0].words == ()
    assert found.vois[0].window is None
    assert found.rescale == (1.0, 0.0)


def test_the_latest_state_comes_first() -> None:
    mine = Reference("", "1.2", (2,))
    states = [
        PresentationState("a", created="20240101", references=(mine,)),
        PresentationState("b", created="20250101", references=(mine,)),
        PresentationState("c", references=(Reference("", "1.3"),)),
    ]
    assert [each.label for each in states_for(states, "1.2", 1)] == ["b", "a"]
    assert states_for(states, "1.2", 0) == []
    assert states_for(states, "", 1) == []


def test_what_a_state_does_not_say_is_no_step_at_all(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    ramp = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    path = made(
        ramp, BitsStored=12, HighBit=11, WindowCenter=100, WindowWidth=10, RescaleSlope=2,
        RescaleIntercept=-7,
    )  # fmt: skip
    pixels = sandbox.decode(opened(path), 0)
    state = PresentationState("", references=(Reference("", "1.2"),), shape="IDENTITY")
    seen = to_grey8(applied(state, pixels, "1.2", 0))
    assert seen[0, 0] == 0 and seen[-1, -1] == 255
    assert abs(int(seen[32, 0]) - 128) <= 1
    turned = to_grey8(applied(replace(state, shape="INVERSE"), pixels, "1.2", 0))
    assert (turned.astype(int) + seen == 255).all() or abs(
        turned.astype(int) + seen - 255
    ).max() <= 1


def test_values_by_other_steps_have_no_unit(
    sandbox: Sandbox, opened: Open, bundled: Callable[[str], Path]
) -> None:
    pixels = sandbox.decode(opened(bundled("CT_small.dcm")), 0)
    assert pixels.calibration.unit == "HU"
    same = PresentationState("", rescale=(1.0, -1024.0))
    assert applied(same, pixels, "1.2", 0).calibration.unit == "HU"
    assert applied(PresentationState(""), pixels, "1.2", 0).calibration.unit == ""


def _reply(sandbox: Sandbox, fd: int) -> Any:
    """Return what the child said, as JSON has it."""
    kept: list[Any] = []

    def check(reply: Any, _ring: object) -> PresentationState:
        kept.append(reply)
        return presentation_replies.state(reply, lambda _at, _length: b"")

    sandbox._ask({"op": "presentation"}, [fd], 10, check)
    return kept[0]


HARMS = {
    "rotation": (45, -90, 360, "90", True, None),
    "rescale": ([0, 0], [1], [float("inf"), 0], "10", None),
    "shutters": ([{"shape": "CIRCULAR", "numbers": [1, 2]}], [{"shape": "X", "numbers": [1]}], 3),
    "vois": ([{}], [None], {"a": 1}),
    "references": ([["a", "b"]], [["a", "b", [0]]], [["a", "b", [1.5]]], [[1, 2, []]]),
    "annotations": ([{"references": [], "layer": "x", "graphics": [], "words": [], "more": 1}],),
    "label": ("\x07", "x" * 300, 5),
    "areas": ([{"left": 1}],),
    "presentation_lut": ({"first": 0, "bits": 17, "explanation": "", "values": [1]}, [1]),
}


def test_a_reply_that_no_honest_child_gives_is_refused(
    sandbox: Sandbox, made: Make, opened: Open
) -> None:
    path = made(SOPClassUID=GREY, ReferencedSeriesSequence=_series("1.2.9"))
    honest = _reply(sandbox, opened(path))
    checked = 0
    for name, values in HARMS.items():
        for value in values:
            reply = json.loads(json.dumps(honest))
            reply["presentation"][name] = value
            with pytest.raises(Malformed):
                presentation_replies.state(reply, lambda _at, _length: b"")
            checked += 1
        reply = json.loads(json.dumps(honest))
        del reply["presentation"][name]
        with pytest.raises(Malformed):
            presentation_replies.state(reply, lambda _at, _length: b"")
    assert checked > 20
