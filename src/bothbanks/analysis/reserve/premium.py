"""Premiums to the cent: every part of every member's premium is whole cents, and sums either way agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.reserve.pooling import Premiums
from bothbanks.words.errors import ShapeError
from bothbanks.words.money import Money, minor_digits, to_cents

PARTS = ("expected", "load", "ceding", "running")


@dataclass(frozen=True)
class Bill:
    """What each member is asked for in a year, in whole minor units of one currency and price year."""

    members: tuple[str, ...]
    parts: dict[str, dict[str, int]]
    """Part of the premium -> member -> minor units."""
    currency: str
    price_year: int

    def premium(self, member: str) -> Money:
        """The whole premium of a member."""
        return Money(sum(p[member] for p in self.parts.values()), self.currency, self.price_year)

    @property
    def total(self) -> Money:
        """All premiums."""
        minor = sum(sum(p.values()) for p in self.parts.values())
        return Money(minor, self.currency, self.price_year)


def bill(premiums: Premiums, members: Sequence[str], currency: str, price_year: int) -> Bill:
    """Round premiums in units of account (euros) so that members and parts add up.

    Each part is rounded over the members by largest remainder; a member's premium is the sum of its parts.

    Raises
    ------
    ShapeError
        Premiums for another number of members.

    Examples
    --------
    >>> thirds = Premiums(np.full(3, 100 / 3), np.full(3, 10.0), np.zeros(3), np.zeros(3), 0.1)
    >>> made = bill(thirds, ["a", "b", "c"], "EUR", 2023)
    >>> made.parts["expected"], str(made.total)
    ({'a': 3334, 'b': 3333, 'c': 3333}, '103.00 EUR (2023 prices)')
    """
    columns: dict[str, NDArray[np.float64]] = {
        "expected": premiums.expected,
        "load": premiums.load * premiums.capital,
        "ceding": premiums.price,
        "running": premiums.running,
    }
    if any(c.shape != (len(members),) for c in columns.values()):
        raise ShapeError(
            "reserve.premium", f"{len(members)} members, but premiums for {premiums.expected.shape}."
        )
    digits = minor_digits(currency)
    parts = {
        name: to_cents(dict(zip(members, c.tolist(), strict=True)), digits) for name, c in columns.items()
    }
    return Bill(tuple(members), parts, currency, price_year)
