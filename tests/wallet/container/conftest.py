"""Lets the tests of the container import what they share, and the second reader."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
