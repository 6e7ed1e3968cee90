"""The two faces of the viewer: how much of it a person is shown."""

from __future__ import annotations

import enum


class Face(enum.Enum):
    """Who looks."""

    PATIENT = "patient"
    CLINICIAN = "clinician"
