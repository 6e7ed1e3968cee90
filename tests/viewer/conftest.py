"""Lets all tests of the viewer import the specimens."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "dicom"))
