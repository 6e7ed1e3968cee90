"""UIDs of our own: fresh ones, and those that follow from others. Source: PS3.5 9, B.2."""

from __future__ import annotations

import re
import uuid

_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
_SPACE = uuid.UUID("5e0e2a55-54a5-4a1e-9d3c-0f8d0b6a77c1")


def new_uid() -> str:
    """Return a UID that nobody else has."""
    return f"2.25.{uuid.uuid4().int}"


def derived_uid(*parts: str) -> str:
    """Return the UID that follows from these texts, always the same."""
    return f"2.25.{uuid.uuid5(_SPACE, chr(0).join(parts)).int}"


def series_uid(study_uid: str, kind: str) -> str:
    """Return the series of a study in which we keep things of one kind."""
    return derived_uid(study_uid, kind)


def is_uid(text: str) -> bool:
    """Whether `text` may stand as a UID."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None
