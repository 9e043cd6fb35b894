"""Which procedure a contract of some value must follow, country by country.

A ladder of regimes holds for one kind of contract (supplies, services, works): from each regime's value
on, that regime applies until the next begins. Values come from the law and are data, not part of this
module; the value that counts is that of the whole contract over all its years, of all buyers together.
Source: Directive 2014/24/EU, Articles 4 and 5 (thresholds; the estimated value of a framework agreement is
that of all contracts over its whole term).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from bothbanks.words.errors import RangeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Bands = Sequence[tuple[float, str]]


@dataclass(frozen=True, eq=False)
class Ladders:
    """Regimes by country for one kind of contract.

    Attributes
    ----------
    regimes : names; numbers of regimes are places in this list
    bands : country -> (contract value from which it applies, regime), rising from 0
        Money, net of value added tax.

    Raises
    ------
    RangeError
        No country; values that don't rise from 0; a regime that is not listed.

    Examples
    --------
    >>> eu = (200e3, "eu")
    >>> two = Ladders(("direct", "quotes", "eu"), {"AA": [(0, "direct"), (30e3, "quotes"), eu],
    ...                                            "BB": [(0, "direct"), eu]})
    >>> two.regime(np.array([0, 1, 1]), np.array([50e3, 50e3, 200e3]))
    array([1, 0, 2])
    """

    regimes: tuple[str, ...]
    bands: Mapping[str, Bands]

    def __post_init__(self) -> None:
        if not self.bands:
            raise RangeError("services.ladder", "no country has procurement rules; give at least one.")
        for country, bands in self.bands.items():
            starts = [start for start, _ in bands]
            if not starts or starts[0] != 0.0 or not (np.diff(starts) > 0.0).all():
                raise RangeError(
                    "services.ladder",
                    f"the regimes of {country} start at {starts}; the first must start at 0, each "
                    "next one higher.",
                )
            unknown = [regime for _, regime in bands if regime not in self.regimes]
            if unknown:
                raise RangeError(
                    "services.ladder",
                    f"{country} has the regime '{unknown[0]}'; known are {', '.join(self.regimes)}.",
                )

    @cached_property
    def _table(self) -> tuple[FloatArray, IntArray]:
        """(country, band) value it starts at, infinite where there is none; and its regime."""
        shape = len(self.bands), max(len(b) for b in self.bands.values())
        start, regime = np.full(shape, np.inf), np.zeros(shape, dtype=np.int64)
        for c, bands in enumerate(self.bands.values()):
            start[c, : len(bands)] = [value for value, _ in bands]
            regime[c, : len(bands)] = [self.regimes.index(name) for _, name in bands]
        return start, regime

    def place(self, countries: Sequence[str]) -> IntArray:
        """Number of each named country. Raises RangeError for one without rules."""
        known = list(self.bands)
        unknown = [c for c in countries if c not in known]
        if unknown:
            raise RangeError(
                "services.ladder-country",
                f"no procurement rules are known for {', '.join(dict.fromkeys(unknown))}; known are "
                f"{', '.join(known)}. Add its thresholds.",
            )
        return np.array([known.index(c) for c in countries], dtype=np.int64)

    def regime(self, country: IntArray, value: npt.ArrayLike) -> IntArray:
        """Regime of contracts under the law of ``country``; both of one shape.

        Parameters
        ----------
        country : any shape, number of the country
        value : same shape, money; 0 or more
        """
        start, regime = self._table
        worth = np.asarray(value, dtype=np.float64)[..., None]
        band = (worth >= start[country]).sum(axis=-1) - 1
        return np.asarray(regime[country, band], dtype=np.int64)
