"""One Qt application for all tests below: the command line would make one without widgets."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True, scope="session")
def _application(qapp: QApplication) -> QApplication:
    return qapp
