"""Lets the comparison of decoders be imported here, as `make table` runs it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
