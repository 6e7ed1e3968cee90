"""Uptake by body weight: by hand, through the sandbox, and never without all of its inputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from viewer.dicom.sandbox import Sandbox
from viewer.dicom.uptake import Tracer, suv_factor

Open = Callable[[Path | str], int]
Make = Callable[..., Path]

COMPLETE = Tracer(
    units="BQML",
    decay_correction="START",
    corrected=("DECY", "DECAY", "ATTN"),
    weight_kg=70.0,
    dose_bq=370e6,
    half_life_s=6586.2,
    injected_time="100000",
    series_date="20240229",
    series_time="110000.5",
    acquisition_date="20240229",
    acquisition_time="110500",
)


def test_the_factor_is_weight_over_what_is_left_of_the_dose() -> None:
    # 3,600.5 s after the injection 0.5 ** (3600.5 / 6586.2) = 0.684598 of it is left.
    assert suv_factor(COMPLETE).value == pytest.approx(70_000 / (370e6 * 0.684598), rel=1e-5)


def test_a_dose_that_the_scanner_decayed_already_is_not_decayed_again() -> None:
    at_injection = dataclasses.replace(COMPLETE, decay_correction="ADMIN", half_life_s=None)
    assert suv_factor(at_injection).value == pytest.approx(70_000 / 370e6)


def test_an_injection_before_midnight_is_of_the_day_before() -> None:
    late = dataclasses.replace(
        COMPLETE, injected_time="233000", series_time="003000", acquisition_time="003100"
    )
    assert suv_factor(late).value == pytest.approx(70_000 / (370e6 * 0.5 ** (3600 / 6586.2)))


def test_a_dated_injection_is_taken_at_its_word() -> None:
    dated = dataclasses.replace(COMPLETE, injected_at="20240229100000.0+0100")
    assert suv_factor(dated).value == pytest.approx(suv_factor(COMPLETE).value)
    later = dataclasses.replace(COMPLETE, injected_at="20240229120000")
    assert suv_factor(later).missing == "the times of injection and scan contradict each other"


def test_a_series_made_later_counts_by_the_private_time_of_the_scan_or_not_at_all() -> None:
    made_later = dataclasses.replace(COMPLETE, series_time="180000")
    assert suv_factor(made_later).missing == "the time of the scan is missing"
    private = dataclasses.replace(made_later, ge_scan_at="20240229110000.5")
    assert suv_factor(private).value == pytest.approx(suv_factor(COMPLETE).value)


@pytest.mark.parametrize(
    ("lost", "missing"),
    (
        ({"weight_kg": None}, "the patient's weight is missing"),
        ({"weight_kg": 0.0}, "the patient's weight is missing"),
        ({"dose_bq": None}, "the injected dose is missing"),
        ({"dose_bq": 370.0}, "the injected dose is missing"),
        ({"half_life_s": None}, "the tracer's half-life is missing"),
        ({"injected_time": ""}, "the time of the injection is missing"),
        ({"series_time": "", "acquisition_time": ""}, "the time of the scan is missing"),
        ({"decay_correction": "NONE"}, "the time to which decay is corrected is missing"),
        ({"corrected": ("DECAY",)}, "it is not corrected for attenuation and decay"),
        ({"units": "PROPCPS"}, "its unit is not one of activity"),
        ({"units": "CNTS"}, "it counts events, and how many make an activity is missing"),
        ({"units": "GML", "suv_type": "LBM"}, "its uptake is not by body weight"),
    ),
)
def test_without_an_input_there_is_no_uptake_and_it_is_named(
    lost: dict[str, object], missing: str
) -> None:
    found = suv_factor(dataclasses.replace(COMPLETE, **lost))
    assert (found.value, found.missing) == (None, missing)


def test_counts_go_by_the_factors_that_their_maker_documents() -> None:
    counts = dataclasses.replace(COMPLETE, units="CNTS", slope=0.25, philips_suv=0.5)
    assert suv_factor(counts).value == 2.0  # a stored 8 is 2 after the slope, and 4 by the factor
    activity = dataclasses.replace(COMPLETE, units="CNTS", philips_activity=3.0)
    known = suv_factor(COMPLETE).value
    assert known is not None
    assert suv_factor(activity).value == pytest.approx(3 * known)


def test_all_inputs_come_through_the_sandbox(sandbox: Sandbox, opened: Open, made: Make) -> None:
    drug = Dataset()
    drug.RadiopharmaceuticalStartTime = "100000"
    drug.RadionuclideTotalDose = "370000000"
    drug.RadionuclideHalfLife = "6586.2"
    private = Dataset()
    block = private.private_block(0x0009, "GEMS_PETD_01", create=True)
    block.add_new(0x0D, "DT", "20240229110000.5")
    path = made(
        np.zeros((4, 4), np.uint16),
        Modality="PT",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.128",
        Units="BQML",
        DecayCorrection="START",
        CorrectedImage=["DECY", "DECAY", "ATTN"],
        PatientWeight="70",
        SeriesDate="20240229",
        SeriesTime="110000.5",
        AcquisitionDate="20240229",
        AcquisitionTime="110500",
        RadiopharmaceuticalInformationSequence=[drug],
    )
    found = sandbox.decode(opened(path), 0).calibration
    assert found.tracer == COMPLETE
