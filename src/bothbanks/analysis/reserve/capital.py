"""Capital held against bad years, alone and for every coalition, and how much pooling diversifies.

Capital of a set of members S is ``TVaR_level(sum of X_i) - E[sum of X_i]`` with X_i what the fund pays for
member i in a year. Tail value at risk is coherent (C. Acerbi and D. Tasche 2002,
doi:10.1016/S0378-4266(02)00283-2), so capital pooled is never above the sum of the capitals alone. On
simulated years this holds exactly, not only nearly: TVaR is the largest mean of the losses over weights of
years that sum to 1 with none above 1 / (tail years), and the weights that are best for the sum can be no
better for each member than its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]


def tail_years(years: int, level: float, least: float = 1.0) -> float:
    """How many of the years make up the tail, ``(1 - level) * years``; need not be whole.

    Raises
    ------
    RangeError
        A level outside (0, 1), or fewer than ``least`` years in the tail.

    >>> tail_years(1000, 0.99)
    10.0
    """
    if not 0.0 < level < 1.0:
        raise RangeError("reserve.level", f"the level is {level:g}; expected between 0 and 1, such as 0.99.")
    tail = round((1.0 - level) * years, 9)
    if tail < least:
        raise RangeError(
            "reserve.years",
            f"{years} years have {tail:g} beyond the level {level:g}; expected {least:g} or more: at least "
            f"{int(np.ceil(round(least / (1.0 - level), 6)))} years. Draw more years or lower the level.",
        )
    return tail


def tail_weights(total: ArrayLike, level: float) -> FloatArray:
    """(year,) weights that sum to 1 and turn losses into their mean over the worst ``1 - level`` of years.

    Years that tie at the value at risk share what is left of the tail alike, so the answer does not depend on
    the order of the years. ``tail_weights(S) @ S`` is TVaR(S).

    >>> tail_weights([0.0, 10.0, 10.0, 20.0], 0.5)
    array([0.  , 0.25, 0.25, 0.5 ])
    """
    loss = _years(total)
    tail = tail_years(loss.size, level)
    return _weights(loss, tail)


def tail_value_at_risk(total: ArrayLike, level: float) -> float:
    """Mean of the worst ``1 - level`` of equally likely years, by selection instead of sorting.

    The same as ``analysis.risk.metrics.tail_value_at_risk``.

    >>> tail_value_at_risk([0.0, 0.0, 10.0, 20.0], 0.5)
    15.0
    """
    loss = _years(total)
    tail = tail_years(loss.size, level)
    kept = int(np.ceil(tail))
    worst = np.partition(loss, loss.size - kept)[loss.size - kept :]
    return float((worst.sum() - (kept - tail) * worst[0]) / tail)


def capital(total: ArrayLike, level: float) -> float:
    """TVaR less the mean: what has to be held so that the mean bad year can be paid.

    >>> capital([0.0, 0.0, 10.0, 20.0], 0.5)
    7.5
    """
    loss = _years(total)
    return tail_value_at_risk(loss, level) - float(loss.mean())


@dataclass(frozen=True, eq=False)
class Claims:
    """Years in which the fund pays anything: ``paid`` (claim year, member) of ``years`` years in all.

    A year without a payout to anybody can be in no one's tail but at nought, so it is only counted.
    """

    paid: FloatArray
    years: int

    @classmethod
    def of(cls, paid: FloatArray | Claims) -> Claims:
        """From all years (year, member). Raises ShapeError, MissingValueError or RangeError (below 0)."""
        if isinstance(paid, Claims):
            return paid
        if paid.ndim != 2 or not paid.shape[0]:
            raise ShapeError("reserve.loss", f"losses have shape {paid.shape}; expected (year, member).")
        if np.isnan(paid).any():
            raise MissingValueError("reserve.loss", "a payout of a year is NaN.")
        if paid.min(initial=0.0) < 0:
            raise RangeError("reserve.loss", f"a payout of {paid.min():g}; expected 0 or more.")
        return cls(np.asfortranarray(paid[paid.any(axis=1)]), paid.shape[0])

    @property
    def n(self) -> int:
        """Number of members."""
        return int(self.paid.shape[1])

    @property
    def mean(self) -> FloatArray:
        """(member,) expected payout of a year."""
        return np.asarray(self.paid.sum(axis=0) / self.years)

    def inside(self, mask: int) -> FloatArray:
        """(claim year, member of the mask) payouts to a coalition."""
        return self.paid[:, [i for i in range(self.n) if mask >> i & 1]]

    def total(self, mask: int) -> FloatArray:
        """(claim year,) payouts to a coalition."""
        out = np.zeros(self.paid.shape[0])
        for i in range(self.n):
            if mask >> i & 1:
                out += self.paid[:, i]
        return out

    def tail(self, total: FloatArray, level: float) -> FloatArray:
        """(claim year,) weights whose product with ``total`` is its TVaR; years of no loss weigh nothing."""
        beyond = tail_years(self.years, level)
        kept = int(np.ceil(beyond))
        positive = total > 0.0
        if kept > int(positive.sum()):
            return np.asarray(positive / beyond)
        return _weights(total, beyond)

    def capital(self, total: FloatArray, level: float) -> float:
        """TVaR less the mean of ``total`` (claim year,)."""
        beyond = tail_years(self.years, level)
        worst = total[total > 0.0]
        kept = int(np.ceil(beyond))
        if kept > worst.size:
            held = worst.sum() / beyond
        else:
            worst = np.partition(worst, worst.size - kept)[worst.size - kept :]
            held = (worst.sum() - (kept - beyond) * worst[0]) / beyond
        return float(held - total.sum() / self.years)

    def again(self, rng: np.random.Generator) -> Claims:
        """As many years drawn from these with putting back."""
        count = int(rng.binomial(self.years, self.paid.shape[0] / self.years))
        rows = rng.integers(0, max(self.paid.shape[0], 1), count)
        return Claims(np.asfortranarray(self.paid[rows]), self.years)


def coalition_capital(loss: FloatArray | Claims, level: float) -> FloatArray:
    """(2**member,) capital of every coalition in mask order, one coalition's years in memory at a time.

    ``loss`` is (year, member), what the fund pays.
    """
    claims = Claims.of(loss)
    out = np.zeros(1 << claims.n)
    for mask in range(1, out.size):
        out[mask] = claims.capital(claims.total(mask), level)
    return out


@dataclass(frozen=True, eq=False)
class Diversification:
    """How much less capital a pool needs than its members alone, as shares of the sum alone.

    ``pair`` (member, member): 0 where two never have their bad years apart; NaN on the diagonal and where
    neither needs capital.
    """

    whole: float
    pair: FloatArray


def diversification(capital_of_mask: FloatArray) -> Diversification:
    """From the capital of every coalition; ``whole`` is 0 where nobody needs any.

    >>> diversification(np.array([0.0, 10.0, 10.0, 15.0])).whole
    0.25
    """
    n = capital_of_mask.size.bit_length() - 1
    alone = capital_of_mask[1 << np.arange(n)]
    pair = np.full((n, n), np.nan)
    for i in range(n):
        for j in range(n):
            both = alone[i] + alone[j]
            if i != j and both > 0:
                pair[i, j] = 1.0 - capital_of_mask[1 << i | 1 << j] / both
    whole = 1.0 - float(capital_of_mask[-1] / alone.sum()) if alone.sum() > 0 else 0.0
    return Diversification(whole, pair)


def _weights(loss: FloatArray, tail: float) -> FloatArray:
    kept = int(np.ceil(tail))
    at = np.partition(loss, loss.size - kept)[loss.size - kept]
    above, tied = loss > at, loss == at
    weight = above.astype(np.float64)
    weight[tied] = (tail - above.sum()) / tied.sum()
    return np.asarray(weight / tail)


def _years(total: ArrayLike) -> FloatArray:
    loss = np.asarray(total, dtype=np.float64)
    if loss.ndim != 1 or not loss.size:
        raise ShapeError("reserve.loss", f"losses have shape {loss.shape}; expected (year,), not empty.")
    if np.isnan(loss).any():
        raise MissingValueError("reserve.loss", "the loss of a year is NaN.")
    return loss
