"""What it costs to cover bad years, alone and in any pool, and the game of who saves what with whom.

Yearly cost of a pool S = what it expects to pay + load x its capital + its running cost. Since what is paid
for a member does not depend on who else is in, a pool saves ``load x (sum of capitals alone - capital
pooled) - (running cost pooled - running costs alone)``: a fall in capital is not itself a gain, only what it
would have cost is.

The premium of a member in a pool is its own expected payout, load x its Euler part of the capital, and its
part of the running cost (the fixed part in equal parts). Without ceded layers no coalition then pays more
than by itself: Euler parts are at most the capital of any coalition (see :mod:`.capital`), and equal parts of
a fixed cost only fall as more join. With a ceded layer set by each pool's own years this may fail, so it is
tested.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.partition import Partition
from bothbanks.analysis.reserve.capital import Claims
from bothbanks.analysis.reserve.layers import Layer, year_loss_at
from bothbanks.words.errors import MissingValueError, RangeError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class FundTerms:
    """How much is held and what it costs, money in the unit of the losses, a year.

    ``level`` of the tail value at risk, ``load`` yearly cost of a unit of capital, ``running_alone`` of a
    member by itself, ``running_fixed`` of a pool and ``running_member`` of each member in it.
    """

    level: float
    load: float
    running_alone: float = 0.0
    running_fixed: float = 0.0
    running_member: float = 0.0

    def __post_init__(self) -> None:
        for name in ("load", "running_alone", "running_fixed", "running_member"):
            value = getattr(self, name)
            if np.isnan(value):
                raise MissingValueError("reserve.terms", f"{name} of the fund is NaN.")
            if not 0.0 <= value < np.inf:
                raise RangeError("reserve.terms", f"{name} of the fund is {value:g}; expected 0 or more.")
        if not 0.0 < self.level < 1.0:
            raise RangeError("reserve.level", f"the level is {self.level:g}; expected between 0 and 1.")

    def running(self, members: int) -> float:
        """Running cost of a pool of so many; a single member runs its own."""
        if members < 1:
            return 0.0
        return self.running_alone if members == 1 else self.running_fixed + members * self.running_member


@dataclass(frozen=True)
class Cession:
    """A layer of a pool's yearly payouts that it cedes, set by return periods of its own years.

    ``rate_on_line`` is the price over the most that the layer pays, a year.
    """

    attachment_years: float
    exhaustion_years: float
    share: float
    rate_on_line: float

    def __post_init__(self) -> None:
        if not 1.0 <= self.attachment_years <= self.exhaustion_years:
            raise RangeError(
                "reserve.layer",
                f"the ceded layer attaches once in {self.attachment_years:g} years and is exhausted once in "
                f"{self.exhaustion_years:g}; expected 1 <= attachment <= exhaustion.",
            )
        if not 0.0 <= self.share <= 1.0 or not self.rate_on_line >= 0.0:
            raise RangeError(
                "reserve.layer",
                f"ceding share {self.share:g} (0 to 1), rate on line {self.rate_on_line:g} (0 or more).",
            )

    def layer(self, total: FloatArray, years: int | None = None) -> Layer:
        """The layer in money, for the years of one pool; ``years`` as :func:`.layers.year_loss_at`."""
        return Layer(
            year_loss_at(total, self.attachment_years, years),
            year_loss_at(total, self.exhaustion_years, years),
            self.share,
        )


@dataclass(frozen=True, eq=False)
class PoolCosts:
    """(2**n,) by mask: ``expected`` payout the pool bears itself, ``capital``, ``price`` of what it cedes,
    ``running`` cost, and ``cost``, all of them with the load, a year.
    """

    terms: FundTerms
    expected: FloatArray
    capital: FloatArray
    price: FloatArray
    running: FloatArray

    @property
    def n(self) -> int:
        """Number of members."""
        return self.expected.size.bit_length() - 1

    @property
    def cost(self) -> FloatArray:
        """Yearly cost of each coalition as one pool."""
        return np.asarray(self.expected + self.terms.load * self.capital + self.price + self.running)

    @property
    def alone(self) -> FloatArray:
        """(n,) yearly cost of each member by itself."""
        return np.asarray(self.cost[1 << np.arange(self.n)])

    def saving(self) -> FloatArray:
        """(2**n,) what each coalition saves as one pool against its members alone; may be negative."""
        inside = np.arange(1 << self.n)[:, None] >> np.arange(self.n) & 1
        return np.asarray(inside @ self.alone - self.cost)


def pool_costs(paid: FloatArray | Claims, terms: FundTerms, cession: Cession | None = None) -> PoolCosts:
    """Cost of every coalition as one pool from ``paid`` (year, member), what the fund pays its members.

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Not (year, member); NaN; a negative payout; too few years for the level.
    """
    claims = Claims.of(paid)
    size = 1 << claims.n
    expected, held, price = np.zeros(size), np.zeros(size), np.zeros(size)
    for mask in range(1, size):
        total = claims.total(mask)
        if cession is not None:
            layer = cession.layer(total, claims.years)
            price[mask] = cession.rate_on_line * float(layer.limit)
            total = total - layer.pays(total)
        expected[mask] = total.sum() / claims.years
        held[mask] = claims.capital(total, terms.level)
    running = np.array([terms.running(mask.bit_count()) for mask in range(size)])
    return PoolCosts(terms, expected, held, price, running)


@dataclass(frozen=True, eq=False)
class Premiums:
    """(member,) parts of one pool's yearly cost; members outside the pool have 0."""

    expected: FloatArray
    capital: FloatArray
    price: FloatArray
    running: FloatArray
    load: float

    @property
    def premium(self) -> FloatArray:
        """Expected payout + load x capital + price of what is ceded + running cost."""
        return np.asarray(self.expected + self.load * self.capital + self.price + self.running)


def pool_premiums(
    paid: FloatArray | Claims, mask: int, terms: FundTerms, cession: Cession | None = None
) -> Premiums:
    """What each member of one pool pays a year.

    A ceded layer takes the same part of every member's payout of a year; its price is divided as what it is
    expected to pay, the fixed running cost in equal parts.
    """
    claims = Claims.of(paid)
    own, total = claims.inside(mask), claims.total(mask)
    size = own.shape[1]
    price = np.zeros(size)
    if cession is not None:
        layer = cession.layer(total, claims.years)
        ceded = layer.pays(total)
        part = np.where(total > 0, ceded / np.where(total > 0, total, 1.0), 0.0)
        taken = part @ own
        whole = taken.sum()
        even = np.full(size, 1.0 / max(size, 1))
        price = cession.rate_on_line * float(layer.limit) * (taken / whole if whole > 0 else even)
        own = own * (1.0 - part)[:, None]
        total = total - ceded
    mean = own.sum(axis=0) / claims.years
    running = terms.running(size) / max(size, 1)

    def spread(values: FloatArray) -> FloatArray:
        out = np.zeros(claims.n)
        out[[i for i in range(claims.n) if mask >> i & 1]] = values
        return out

    return Premiums(
        spread(mean),
        spread(claims.tail(total, terms.level) @ own - mean),
        spread(price),
        spread(np.full(size, running)),
        terms.load,
    )


class PooledCosts:
    """(member,) yearly cost in any partition: a block pools where that saves, else each holds its own."""

    def __init__(self, paid: FloatArray | Claims, costs: PoolCosts, cession: Cession | None = None) -> None:
        self._paid, self._costs, self._cession = Claims.of(paid), costs, cession
        self._saving = costs.saving()
        self._blocks: dict[int, FloatArray] = {}

    def __call__(self, partition: Partition) -> FloatArray:
        """Premium of each member, before any further payment."""
        return np.asarray(sum((self.block(mask) for mask in partition), np.zeros(self._costs.n)))

    def block(self, mask: int) -> FloatArray:
        """Premiums inside one block, 0 outside."""
        if mask not in self._blocks:
            self._blocks[mask] = self._block(mask)
        return self._blocks[mask]

    def _block(self, mask: int) -> FloatArray:
        if self._saving[mask] > 0.0:
            return pool_premiums(self._paid, mask, self._costs.terms, self._cession).premium
        out = np.zeros(self._costs.n)
        inside = [i for i in range(self._costs.n) if mask >> i & 1]
        out[inside] = self._costs.alone[inside]
        return out


def saving_worths(costs: PoolCosts) -> FloatArray:
    """(2**n,) worth of each coalition: what pooling saves it, 0 where holding apart is cheaper.

    The same under every convention: what outsiders do changes nothing for those inside.
    """
    worth = np.maximum(costs.saving(), 0.0)
    worth[(1 << np.arange(costs.n))] = 0.0
    worth[0] = 0.0
    return np.asarray(worth)
