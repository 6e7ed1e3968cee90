"""How property tests run: without a clock, and on a shared machine with fixed examples."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("shared", settings.get_profile("here"), derandomize=True)
settings.load_profile("shared" if os.environ.get("CI") else "here")
