"""Standardised uptake (SUV by body weight): all inputs, or none and what is missing.

SUV = activity concentration / (injected dose, decayed to the time that the pixels stand for /
body weight). Source: QIBA's vendor-neutral pseudocode; PS3.3 C.8.9.1, C.8.9.4, C.8.22.4.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

DAY_S = 86_400.0
WEIGHT_KG = (0.3, 500.0)
HALF_LIFE_S = (1.0, 1e8)
DOSE_BQ = (1e3, 1e12)


@dataclass(frozen=True, slots=True)
class Tracer:
    """What a PET file says of what was injected; dates and times as in DICOM."""

    units: str = ""  # BQML, GML, CNTS, ...
    suv_type: str = ""
    decay_correction: str = ""  # START, ADMIN or NONE
    corrected: tuple[str, ...] = ()
    weight_kg: float | None = None
    dose_bq: float | None = None
    half_life_s: float | None = None
    injected_time: str = ""
    injected_at: str = ""  # date and time
    series_date: str = ""
    series_time: str = ""
    acquisition_date: str = ""
    acquisition_time: str = ""
    corrected_to: str = ""  # date and time to which an enhanced one's decay is corrected
    ge_scan_at: str = ""  # GE's private scan date and time
    philips_suv: float | None = None  # Philips' private factors: SUV, and Bq/ml, a count
    philips_activity: float | None = None
    slope: float = 1.0  # what stored values are multiplied by


@dataclass(frozen=True, slots=True)
class Factor:
    """What modality values are multiplied by for SUV, or in plain words why not."""

    value: float | None
    missing: str = ""


def suv_factor(tracer: Tracer | None) -> Factor:
    """Return what turns modality values (slope and intercept applied) into SUV by body weight."""
    if tracer is None:
        return Factor(None, "it is not a PET image")
    if tracer.units == "GML":
        known = tracer.suv_type in ("", "BW")
        return Factor(1.0) if known else Factor(None, "its uptake is not by body weight")
    if tracer.units == "CNTS":
        return _of_counts(tracer)
    if tracer.units != "BQML":
        return Factor(None, "its unit is not one of activity")
    return _of_activity(tracer)


def _of_counts(tracer: Tracer) -> Factor:
    """Counts mean something only by what Philips documents. Source: QIBA's pseudocode."""
    if tracer.philips_suv is not None and tracer.philips_suv > 0:
        # The factor is for stored values; ours have the slope applied already.
        return Factor(tracer.philips_suv / tracer.slope)
    if tracer.philips_activity is not None and tracer.philips_activity > 0:
        found = _of_activity(tracer)
        if found.value is None:
            return found
        return Factor(found.value * tracer.philips_activity)
    return Factor(None, "it counts events, and how many make an activity is missing")


def _of_activity(tracer: Tracer) -> Factor:
    weight, dose, half_life = tracer.weight_kg, tracer.dose_bq, tracer.half_life_s
    if "ATTN" not in tracer.corrected or "DECAY" not in tracer.corrected:
        return Factor(None, "it is not corrected for attenuation and decay")
    if not _within(weight, WEIGHT_KG):
        return Factor(None, "the patient's weight is missing")
    if not _within(dose, DOSE_BQ):
        return Factor(None, "the injected dose is missing")
    assert weight is not None and dose is not None
    if tracer.decay_correction == "ADMIN":
        return Factor(weight * 1000 / dose)
    if tracer.decay_correction != "START":
        return Factor(None, "the time to which decay is corrected is missing")
    if not _within(half_life, HALF_LIFE_S):
        return Factor(None, "the tracer's half-life is missing")
    assert half_life is not None
    waited_s, why = _waited_s(tracer, half_life)
    if waited_s is None:
        return Factor(None, why)
    return Factor(weight * 1000 / (dose * 2.0 ** (-waited_s / half_life)))


def _within(value: float | None, bounds: tuple[float, float]) -> bool:
    return value is not None and math.isfinite(value) and bounds[0] <= value <= bounds[1]


def _waited_s(tracer: Tracer, half_life_s: float) -> tuple[float | None, str]:
    """Return the seconds from the injection to the time that the pixels stand for."""
    scan = _scan_at(tracer)
    if scan is None:
        return None, "the time of the scan is missing"
    injected = moment(tracer.injected_at[:8], tracer.injected_at[8:])
    dated = injected is not None
    if injected is None:
        injected = moment(scan.strftime("%Y%m%d"), tracer.injected_time)
    if injected is None:
        return None, "the time of the injection is missing"
    waited_s = (scan - injected).total_seconds()
    if waited_s < 0 and not dated:
        waited_s += DAY_S  # injected before midnight
    if not 0 <= waited_s <= max(DAY_S, 10 * half_life_s):
        return None, "the times of injection and scan contradict each other"
    return waited_s, ""


def _scan_at(tracer: Tracer) -> datetime.datetime | None:
    """Return what decay is corrected to: the series' start, unless that is no longer its own."""
    if tracer.corrected_to:
        return moment(tracer.corrected_to[:8], tracer.corrected_to[8:])
    series = moment(tracer.series_date, tracer.series_time)
    taken = moment(tracer.acquisition_date, tracer.acquisition_time)
    if series is not None and taken is not None and series <= taken:
        return series
    return moment(tracer.ge_scan_at[:8], tracer.ge_scan_at[8:])


def moment(date: str, time: str) -> datetime.datetime | None:
    """Return a DICOM date and time; a zone at its end is dropped. Source: PS3.5 6.2."""
    time = time.split("+", maxsplit=1)[0].split("-", maxsplit=1)[0].replace(":", "")
    whole, _, part = time.partition(".")
    digits = date + whole + "0" * (len(whole) < 6) * (6 - len(whole))
    if not (len(digits) == 14 and digits.isascii() and digits.isdigit() and whole):
        return None
    try:
        found = datetime.datetime.strptime(digits, "%Y%m%d%H%M%S")
    except ValueError:
        return None
    micro = int((part + "000000")[:6]) if part.isascii() and part.isdigit() else 0
    return found.replace(microsecond=micro)
