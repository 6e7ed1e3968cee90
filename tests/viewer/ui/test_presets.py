"""Windows to choose from: published values, the header's, a person's own; all side by side."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from viewer.dicom.calibration import Calibration
from viewer.dicom.pixels import Lut, Pixels
from viewer.dicom.uptake import Tracer
from viewer.render.pyramid import prepare
from viewer.render.voi import Window
from viewer.ui import own_presets
from viewer.ui.own_presets import KEPT_AS, OwnPreset
from viewer.ui.preferences import ForOneRun
from viewer.ui.presets import Preset, presets_for
from viewer.ui.presets_sheet import PresetsSheet

GREY = Pixels(np.arange(100, dtype=np.int16).reshape(10, 10), "MONOCHROME2", 12, True)
MINE = OwnPreset("Stroke", 32.0, 8.0, "CT")
BRIGHT_LUT = Lut(0, 8, np.arange(256, dtype=np.uint16), "BRIGHT")
PLAIN_LUT = Lut(0, 8, np.arange(256, dtype=np.uint16))


def by_label(presets: tuple[Preset, ...]) -> dict[str, Preset]:
    found = {each.label: each for each in presets}
    assert len(found) == len(presets)
    return found


@pytest.mark.parametrize(
    ("label", "key", "width", "level"),  # width and level as OHIF's defaults have them
    [
        ("Soft tissue", "1", 400, 40),
        ("Lungs", "2", 1500, -600),
        ("Liver", "3", 150, 90),
        ("Bones", "4", 2500, 480),
        ("Brain", "5", 80, 40),
    ],
)
def test_a_preset_of_a_ct_is_what_is_published(
    label: str, key: str, width: float, level: float
) -> None:
    preset = by_label(presets_for(GREY, "CT"))[label]
    assert isinstance(preset.window, Window)
    assert (preset.key, preset.window.width, preset.window.center) == (key, width, level)


def test_uptake_is_shown_from_0_to_5_in_what_the_values_are_in() -> None:
    suv = replace(GREY, calibration=Calibration(tracer=Tracer(units="GML", suv_type="BW")))
    assert by_label(presets_for(suv, "PT"))["Uptake 0 to 5"].window == Window(2.5, 5.0)
    tracer = Tracer(  # 70 kg, 350 MBq at the moment of the scan: 1 SUV is 5000 Bq/ml
        units="BQML", decay_correction="ADMIN", corrected=("ATTN", "DECAY"), weight_kg=70.0,
        dose_bq=350e6, half_life_s=6586.2, injected_time="120000", series_date="20240101",
        series_time="120000", acquisition_date="20240101", acquisition_time="120000",
    )  # fmt: skip
    activity = replace(GREY, calibration=Calibration(tracer=tracer))
    window = by_label(presets_for(activity, "PT"))["Uptake 0 to 5"].window
    assert isinstance(window, Window)
    assert (window.center, window.width) == (pytest.approx(12_500), pytest.approx(25_000))


def test_uptake_that_cannot_be_told_is_not_offered() -> None:
    assert [each.label for each in presets_for(GREY, "PT")] == ["As the scan says", "Whole range"]


def test_a_mr_has_no_presets_of_its_modality() -> None:
    assert [each.label for each in presets_for(GREY, "MR")] == ["As the scan says", "Whole range"]


def test_what_a_person_keeps_adds_to_the_others() -> None:
    before = presets_for(GREY, "CT")
    after = presets_for(GREY, "CT", (MINE,))
    assert [each for each in after if each.label != "Stroke"] == list(before)
    assert by_label(after)["Stroke"] == Preset("Stroke", Window(32.0, 8.0), "6")


def test_the_headers_windows_and_tables_are_all_offered() -> None:
    windows = ((40.0, 400.0, "SOFT"), (300.0, 1500.0, "BONE"), (1.0, 2.0, ""))
    pixels = replace(GREY, windows=windows, voi_luts=(BRIGHT_LUT, PLAIN_LUT))
    found = by_label(presets_for(pixels, "MR"))
    assert found["As the scan says"].window is None  # the first of them
    assert found["Bone"].window == Window(300.0, 1500.0)
    assert found["Width 2, level 1"].window == Window(1.0, 2.0)
    assert found["Bright"].window is BRIGHT_LUT
    assert found["Table 2"].window is PLAIN_LUT


def test_the_headers_first_table_is_not_offered_twice() -> None:
    found = presets_for(replace(GREY, voi_luts=(BRIGHT_LUT, PLAIN_LUT)), "MR")
    assert [each.label for each in found] == ["As the scan says", "Table 2", "Whole range"]


def test_keys_end_at_eight_and_the_whole_range_is_nine() -> None:
    many = tuple(replace(MINE, name=f"No {n}") for n in range(9))
    keys = [each.key for each in presets_for(GREY, "CT", many)]
    assert keys == ["0", *"12345678", "", "", "", "", "", "", "9"]


def test_own_presets_are_kept_for_their_modality() -> None:
    kept = ForOneRun()
    own_presets.replace(kept, "CT", [MINE])
    own_presets.replace(kept, "MR", [OwnPreset("Knee", 500.0, 900.0, "MR")])
    own_presets.replace(kept, "CT", [MINE, replace(MINE, name="Other")])
    assert [each.name for each in own_presets.of_modality(kept, "CT")] == ["Stroke", "Other"]
    assert [each.name for each in own_presets.of_modality(kept, "MR")] == ["Knee"]


@pytest.mark.parametrize(
    "one",
    [
        None, 7, [], {}, {"name": "A"}, {"name": "", "center": 1, "width": 1, "modality": "CT"},
        {"name": "A", "center": 1, "width": 0, "modality": "CT"},
        {"name": "A", "center": 1, "width": -5, "modality": "CT"},
        {"name": "A", "center": "1", "width": 1, "modality": "CT"},
        {"name": "A", "center": True, "width": 1, "modality": "CT"},
        {"name": "A", "center": 1, "width": 10**400, "modality": "CT"},
        {"name": "A", "center": float("nan"), "width": 1, "modality": "CT"},
        {"name": "A", "center": 1, "width": 1, "modality": 3},
    ],
)  # fmt: skip
def test_what_is_kept_and_cannot_be_used_is_left_out(one: object) -> None:
    kept = ForOneRun()
    good = {"name": " a\nb ", "center": 1, "width": 2.5, "modality": "CT"}
    kept.set(KEPT_AS, json.dumps([one, good]))
    assert own_presets.read(kept) == (OwnPreset("a b", 1.0, 2.5, "CT"),)


def opened(qtbot: QtBot, kept: ForOneRun) -> PresetsSheet:
    sheet = PresetsSheet(kept, "CT", Window(50.0, 350.0))
    qtbot.addWidget(sheet)
    sheet.show()
    return sheet


def clicked(qtbot: QtBot, sheet: PresetsSheet, words: str) -> None:
    buttons = [each for each in sheet.findChildren(QPushButton) if each.text() == words]
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)


def test_what_is_seen_is_kept_by_a_name(qtbot: QtBot) -> None:
    kept = ForOneRun()
    sheet = opened(qtbot, kept)
    assert sheet.fresh is not None
    qtbot.keyClicks(sheet.fresh.name, "Abdomen")
    clicked(qtbot, sheet, "Keep")
    assert own_presets.read(kept) == (OwnPreset("Abdomen", 50.0, 350.0, "CT"),)


def test_numbers_can_be_read(qtbot: QtBot) -> None:
    sheet = opened(qtbot, ForOneRun())
    assert sheet.fresh is not None
    for field in (sheet.fresh.width, sheet.fresh.level):
        inside = field.lineEdit()
        assert inside.width() > inside.fontMetrics().horizontalAdvance(inside.text())


def test_without_a_name_nothing_is_added(qtbot: QtBot) -> None:
    kept = ForOneRun()
    own_presets.replace(kept, "CT", [MINE])
    clicked(qtbot, opened(qtbot, kept), "Keep")
    assert own_presets.read(kept) == (MINE,)


def test_presets_are_changed_and_removed(qtbot: QtBot) -> None:
    kept = ForOneRun()
    own_presets.replace(kept, "CT", [MINE, replace(MINE, name="Other")])
    sheet = opened(qtbot, kept)
    sheet.rows[1].name.setText("Renamed")
    sheet.rows[1].width.setValue(99.5)
    clicked(qtbot, sheet, "Remove")
    clicked(qtbot, sheet, "Keep")
    assert own_presets.read(kept) == (OwnPreset("Renamed", 32.0, 99.5, "CT"),)


def test_what_is_left_stays_as_it_was(qtbot: QtBot) -> None:
    kept = ForOneRun()
    own_presets.replace(kept, "CT", [MINE])
    sheet = opened(qtbot, kept)
    clicked(qtbot, sheet, "Remove")
    clicked(qtbot, sheet, "Leave as it was")
    assert own_presets.read(kept) == (MINE,)


def test_the_whole_range_of_a_large_picture_is_found_before_it_is_asked_for() -> None:
    large = replace(GREY, array=np.zeros((2000, 1500), np.int16), padding=(0, 0))
    large.array[5, 5:7] = 100, 300
    drawable = prepare(large)
    assert drawable.whole == Window(200.0, 200.0, "LINEAR_EXACT")
    unread = replace(large, array=np.full((1, 1), 7, np.int16))  # nothing is looked up in it
    found = by_label(presets_for(unread, "MR", whole=drawable.whole))
    assert found["Whole range"].window is drawable.whole
    assert (
        prepare(replace(GREY, array=np.zeros((4, 4, 3), np.uint8), photometric="RGB")).whole is None
    )
