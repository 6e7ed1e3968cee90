"""What stands on the command line, as values; and values as the command line shows them."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path

from wallet.errors import RequestInvalid

_UNITS_S = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_LONGEST_S = 100 * 365 * 86400

# HL7 v3 PurposeOfUse (code system 2.16.840.1.113883.5.8), what a person may consent to.
PURPOSES = frozenset(
    {
        "TREAT", "ETREAT", "BTG", "ERTREAT", "POPHLTH", "CLINTRCH", "HPAYMT", "HRESCH",
        "BIORCH", "DSRCH", "TRANSRCH", "RESEARCH", "HOPERAT", "CAREMGT", "DONAT", "FRAUD",
        "GOV", "HACCRED", "HCOMPL", "HDECD", "HDIRECT", "HDM", "HLEGAL", "HMARKT",
        "HOUTCOMS", "HPRGRP", "HQUALIMP", "HSYSADMIN", "LABELING", "MEMADMIN", "METAMGT",
        "MLTRAINING", "PATADMIN", "PATRQT", "FAMRQT", "PWATRNY", "SUPNWK", "PATSFTY",
        "PERFMSR", "PUBHLTH", "DISASTER", "THREAT", "RECORDMGT", "SYSDEV", "HTEST", "TRAIN",
    }
)  # fmt: skip


def parse_until(text: str, now: float | None = None) -> int:
    """Return Unix seconds for RFC 3339 ("2027-01-31T12:00:00Z") or a span ("14d", "36h").

    Raises: RequestInvalid if it is neither, or is not in the future.
    """
    now = time.time() if now is None else now
    if span := re.fullmatch(r"([1-9]\d{0,6})([mhdw])", text):
        until = int(now) + int(span[1]) * _UNITS_S[span[2]]
    else:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise RequestInvalid("--until takes a time like 2027-01-31T12:00:00Z, or 14d") from None
        if at.tzinfo is None:
            raise RequestInvalid("--until needs a time zone, like 2027-01-31T12:00:00Z")
        until = int(at.timestamp())
    if not now < until <= now + _LONGEST_S:
        raise RequestInvalid("--until must lie in the future, within a hundred years")
    return until


def parse_purpose(text: str) -> str:
    """Return an HL7 v3 PurposeOfUse code. Raises: RequestInvalid."""
    if text not in PURPOSES:
        raise RequestInvalid("--purpose takes an HL7 PurposeOfUse code, like TREAT")
    return text


def show_time(at: int | None) -> str:
    """Return a point in time for a person, in UTC."""
    return "-" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def show_bytes(count: int) -> str:
    """Return a size for a person."""
    size = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def read_secret(path: Path, what: str) -> str:
    """Return the first line of a file that holds a secret. Raises: RequestInvalid."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise RequestInvalid(f"The file with the {what} cannot be read") from None
    if not text.strip():
        raise RequestInvalid(f"The file with the {what} is empty")
    return text.strip("\r\n") if what == "passphrase" else text.strip()
