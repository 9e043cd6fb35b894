"""Rounding when numbers are written: cents that add up, and a stated number of digits for the rest.

Computation keeps every bit; files and pages don't. Money goes out in whole hundredths of the
currency. A division goes out by largest remainder, so that the parts add up to the whole to the
cent. Other numbers go out with six significant digits, which is more than any input bears and few
enough that the last bits of a sum never show.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bothbanks.words.errors import MissingValueError, RangeError

SIGNIFICANT_DIGITS = 6
MINOR_UNITS = 100
EVEN_SHIFT = 1e-3  # below this, a difference is the last bits of a sum and no cent to be spread


def significant(value: float, digits: int = SIGNIFICANT_DIGITS) -> float:
    """The value with that many significant digits; minus zero becomes zero.

    Raises MissingValueError for NaN and infinity.

    >>> significant(123456.789), significant(0.000123456789), significant(-0.0)
    (123457.0, 0.000123457, 0.0)
    """
    value = float(value)
    if not math.isfinite(value):
        raise MissingValueError("standards.number", f"a result to be written is {value}, which is no number")
    return float(f"{value:.{digits - 1}e}") + 0.0


def cents(amount: float) -> int:
    """Money in whole hundredths, halves to even.

    Raises MissingValueError for NaN and infinity.

    >>> cents(12.345), cents(-0.001)
    (1234, 0)
    """
    if not math.isfinite(amount):
        raise MissingValueError("standards.money", f"an amount to be written is {amount}, which is no number")
    return round(float(amount) * MINOR_UNITS)


def money(amount: float) -> float:
    """Money rounded to hundredths, as a number for a file.

    >>> money(1e6 / 3)
    333333.33
    """
    return cents(amount) / MINOR_UNITS + 0.0


def largest_remainder(parts: Sequence[float], whole: int) -> list[int]:
    """Whole numbers close to ``parts`` that add up to ``whole`` exactly.

    A whole that was itself rounded may be off by up to one unit a part; that difference is spread
    evenly first. Then each part is rounded down; what is missing goes, one each, to the parts
    that lost most, the earlier one first where two lost the same (Hamilton's method; Balinski
    and Young, Fair Representation, 1982).

    Parameters
    ----------
    parts : amounts in the unit of ``whole`` (cents), negative ones allowed.
    whole : what they must add up to. At most one unit a part away from their own sum.

    Raises
    ------
    RangeError
        The parts don't add up to the whole even before rounding.

    Examples
    --------
    >>> largest_remainder([33.4, 33.3, 33.3], 100)
    [34, 33, 33]
    >>> largest_remainder([0.5, -0.5], 0)
    [1, -1]
    """
    off = whole - math.fsum(parts)
    if not abs(off) <= len(parts):
        raise RangeError(
            "standards.division",
            f"parts adding up to {math.fsum(parts):.2f} can't be rounded to add up to {whole}; "
            "the division does not exhaust the whole",
        )
    if parts and abs(off) > EVEN_SHIFT:
        parts = [part + off / len(parts) for part in parts]
    floors = [math.floor(part) for part in parts]
    missing = whole - sum(floors)
    order = sorted(range(len(floors)), key=lambda i: (floors[i] - parts[i], i))
    for i in order[:missing]:
        floors[i] += 1
    return floors
