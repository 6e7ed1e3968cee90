"""Prints how fast each part is beside other programs on this machine; ends with 1 below a floor."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))


def main() -> int:
    """Measure all, or those whose names are given."""
    from benchmarks.ratio import Ratio

    names = sorted(path.stem for path in FOLDER.glob("bench_*.py"))
    chosen = [name for name in names if not sys.argv[1:] or name[6:] in sys.argv[1:]]
    if not chosen:
        print(f"nothing of that name; there are {', '.join(name[6:] for name in names)}")
        return 2
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(f"{'what':42} {'ours':>12} {'other':>12}        {'ratio':>7} {'floor':>6}  beside")
    low = 0
    for name in chosen:
        ratio: Ratio
        for ratio in importlib.import_module(f"benchmarks.{name}").measure():
            floor = "" if ratio.floor is None else f"{ratio.floor:.2f}"
            mark = " BELOW" if ratio.is_low else ""
            low += ratio.is_low
            print(
                f"{ratio.what:42} {ratio.ours:12,.1f} {ratio.other:12,.1f} {ratio.unit:6} "
                f"{ratio.value:7.2f} {floor:>6}  {ratio.beside}{mark}"
            )
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
