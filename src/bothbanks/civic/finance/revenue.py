"""Revenue of a joint undertaking, from its till to the neighbourhoods on either bank, to the cent.

Each year the money goes down a waterfall: running costs, then debt (arrears first), then the upkeep reserve
until it is full, then the owners by their shares, and each owner's part to its neighbourhoods by a stated
key. A year that doesn't cover its costs draws on the reserve first and then calls on the owners by the same
shares. Every step is in whole minor units and divided by largest remainder, so that revenue = costs + debt
paid + change of the reserve + what reaches the owners, and an owner's part = the sum over its neighbourhoods.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import InputError, ShapeError
from bothbanks.words.money import minor_digits, to_cents

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SHARE_SLACK = 1e-9


@dataclass(frozen=True, eq=False)
class Venture:
    """One joint undertaking, with its money by year in one currency."""

    id: str
    owners: Mapping[str, float]  # member -> share of what is left, adding up to 1
    revenue: FloatArray  # (year,) money
    costs: FloatArray  # (year,) running costs
    debt_service: FloatArray  # (year,) interest and repayment that fall due
    reserve_target: float  # the upkeep reserve is filled up to this
    neighbourhoods: Mapping[str, Mapping[str, float]]  # member -> neighbourhood -> weight of its key
    currency: str = "EUR"
    first_year: int = 0

    def __post_init__(self) -> None:
        years = {np.asarray(x).shape for x in (self.revenue, self.costs, self.debt_service)}
        if len(years) != 1 or len(next(iter(years))) != 1:
            raise ShapeError("finance.venture", f"venture '{self.id}': flows of different years")
        for name, flow in (("revenue", self.revenue), ("costs", self.costs), ("debt", self.debt_service)):
            if not np.isfinite(flow).all() or (np.asarray(flow) < 0).any():
                raise InputError(
                    "finance.venture", f"venture '{self.id}': {name} has a negative or missing amount"
                )
        total = sum(self.owners.values())
        if not self.owners or abs(total - 1.0) > SHARE_SLACK or min(self.owners.values()) < 0:
            raise InputError(
                "finance.owner-shares",
                f"venture '{self.id}': the owners' shares add up to {total:g}; "
                "they must be 0 or more and add up to 1",
            )
        for owner in self.owners:
            weights = self.neighbourhoods.get(owner, {})
            if not weights or min(weights.values()) < 0 or sum(weights.values()) <= 0:
                raise InputError(
                    "finance.neighbourhoods",
                    f"venture '{self.id}': owner '{owner}' has no neighbourhood with a weight above 0",
                )


@dataclass(frozen=True, eq=False)
class Shared:
    """Where the money of a venture went, whole minor units by year."""

    venture: str
    currency: str
    first_year: int
    revenue: IntArray
    costs: IntArray
    debt_paid: IntArray
    debt_owed: IntArray  # arrears at the end of the year
    to_reserve: IntArray  # negative = drawn
    reserve: IntArray  # at the end of the year
    owners: Mapping[str, IntArray]  # negative = called on
    neighbourhoods: Mapping[tuple[str, str], IntArray]  # (member, neighbourhood)


def share_revenue(venture: Venture) -> Shared:
    """Run the waterfall over all years.

    Raises
    ------
    MoneyError
        An unknown currency.

    Examples
    --------
    Ten come in, one runs the works, two serve the debt, one fills the reserve; six are left for two owners:

    >>> v = Venture("weir", {"a": 0.5, "b": 0.5}, np.array([10.0]), np.array([1.0]), np.array([2.0]), 1.0,
    ...             {"a": {"north": 1.0, "south": 2.0}, "b": {"quay": 1.0}})
    >>> done = share_revenue(v)
    >>> {who: x.tolist() for who, x in done.neighbourhoods.items()}
    {('a', 'north'): [100], ('a', 'south'): [200], ('b', 'quay'): [300]}
    """
    digits = minor_digits(venture.currency)
    revenue, costs, due = (_minor(x, digits) for x in (venture.revenue, venture.costs, venture.debt_service))
    target = to_cents({"target": venture.reserve_target}, digits)["target"]
    years = revenue.size
    paid, owed, moved, held = (np.zeros(years, dtype=np.int64) for _ in range(4))
    owners = {o: np.zeros(years, dtype=np.int64) for o in venture.owners}
    places = {
        (o, p): np.zeros(years, dtype=np.int64) for o in venture.owners for p in venture.neighbourhoods[o]
    }
    reserve = arrears = 0
    for t in range(years):
        left = int(revenue[t]) - int(costs[t])
        arrears += int(due[t])
        drawn = min(reserve, max(-left, 0))
        left += drawn
        paid[t] = min(arrears, max(left, 0))
        arrears -= int(paid[t])
        left -= int(paid[t])
        saved = min(max(target - reserve, 0), max(left, 0)) if drawn == 0 else 0
        left -= saved
        moved[t] = saved - drawn
        reserve += saved - drawn
        held[t], owed[t] = reserve, arrears
        for owner, amount in _divided(left, venture.owners).items():
            owners[owner][t] = amount
            for place, part in _divided(amount, venture.neighbourhoods[owner]).items():
                places[owner, place][t] = part
    return Shared(
        venture.id,
        venture.currency,
        venture.first_year,
        revenue,
        costs,
        paid,
        owed,
        moved,
        held,
        owners,
        places,
    )


def _minor(flow: FloatArray, digits: int) -> IntArray:
    return np.array([to_cents({0: float(x)}, digits)[0] for x in flow], dtype=np.int64)


def _divided(amount: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Whole minor units by weight, largest remainder."""
    total = sum(weights.values())
    return (
        to_cents({k: amount * (w / total) for k, w in weights.items()}, 0)
        if amount
        else dict.fromkeys(weights, 0)
    )
