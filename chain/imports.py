"""Keeps the interpreter as it was while Ethereum's libraries are imported.

py_ecc, below web3 and eth-account, raises the recursion limit to 100,000. On Python 3.11 recursion
through C, such as in a parser of JSON, then overruns the stack and ends the process.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def recursion_limited() -> Iterator[None]:
    """Put the limit back that was there before."""
    limit = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
