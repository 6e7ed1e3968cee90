"""How much a length tells: Padmé rounds it so that log log of it is left, for at most 12 % more.

Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", section 4 (PURBs, 2019).
"""

from __future__ import annotations


def padme(length: int) -> int:
    """Return the padded length, in bytes, of `length` bytes."""
    if length < 0:
        raise ValueError("a length is not negative")
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    kept_bits = exponent.bit_length()
    unit = 1 << exponent - kept_bits
    return -(-length // unit) * unit
