"""What lies beyond one rainstorm: a pool with a region far away, and a layer ceded to the market.

Neighbours under one storm have their bad years together. A far region has them at other times: taken here as
an independent copy of the region's own years, which is an illustration of the most that distance alone can do
for a partner of the same size and kind, not a statement about any region.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.reserve.capital import capital
from bothbanks.analysis.reserve.pooling import Cession, FundTerms

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class FarPool:
    """Pooling with an independent copy of the region: its capital and ours, alone and with it."""

    capital_alone: float
    capital_with: float  # our half of the two regions' capital
    saving: float  # a year, capital saved x load; running a larger pool is not counted

    @property
    def diversification(self) -> float:
        """Share of our capital that is no longer needed."""
        return 1.0 - self.capital_with / self.capital_alone if self.capital_alone > 0 else 0.0


def far_pool(total: FloatArray, terms: FundTerms, rng: np.random.Generator) -> FarPool:
    """Pool ``total`` (year,) with the same years in an order of their own.

    A shuffled copy has the very same distribution, and in many years its bad ones fall anywhere: independent
    but for drawing without putting back.

    >>> rare = np.zeros(1000); rare[:10] = 100.0
    >>> far_pool(rare, FundTerms(0.99, 0.06), np.random.default_rng(1)).diversification > 0.4
    True
    """
    other = rng.permutation(total)
    own = capital(total, terms.level)
    half = capital(total + other, terms.level) / 2.0
    return FarPool(own, half, terms.load * (own - half))


@dataclass(frozen=True)
class Ceded:
    """A layer ceded by the whole pool: where it lies, what it costs, and what that saves, a year."""

    attachment: float
    exhaustion: float
    share: float
    price: float
    expected: float  # payouts that the market bears
    capital_before: float
    capital_after: float
    capital_saved_cost: float  # load x the fall in capital

    @property
    def net(self) -> float:
        """What ceding saves a year: payouts and cost of capital taken off, less the price; or costs."""
        return self.expected + self.capital_saved_cost - self.price

    @property
    def price_that_breaks_even(self) -> float:
        """Rate on line at which ceding neither costs nor saves; NaN where the layer has no width."""
        limit = self.share * (self.exhaustion - self.attachment)
        return (self.expected + self.capital_saved_cost) / limit if limit > 0 else float("nan")


def ceded_layer(total: FloatArray, terms: FundTerms, cession: Cession) -> Ceded:
    """Cede a layer of the pool's yearly payouts ``total`` (year,) at the stated rate on line."""
    layer = cession.layer(total)
    taken = layer.pays(total)
    before, after = capital(total, terms.level), capital(total - taken, terms.level)
    return Ceded(
        float(np.asarray(layer.attachment)),
        float(np.asarray(layer.exhaustion)),
        cession.share,
        cession.rate_on_line * float(layer.limit),
        float(taken.mean()),
        before,
        after,
        terms.load * (before - after),
    )
