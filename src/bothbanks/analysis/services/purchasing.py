"""What each coalition pays a year if its members buy one good in the groups that are cheapest for it.

A group of two or more buyers pays one price for the volume of all, runs one procedure under the law of
one lead buyer, and bears what joining costs: an agreement, one more version of the papers for each
further language, and the time of every member. A member that buys by itself pays the price of its own
volume and its own procedure. A coalition is never bound to buy as one: it may buy in any groups of its
members, so it never pays more than its parts would.

What others buy changes nobody's price. A coalition's saving is therefore the same whether the others fall
apart or carry on together, and the conventions gamma and delta agree.

When the game is convex: what a group pays is a concave function of its volume plus one fixed cost. Such
a cost is submodular, so the savings form a convex game. A procedure that gets dearer above a threshold,
what joining costs each member, and price lists with steps can break that; hence the core is tested coalition
by coalition and never taken for granted. (L. S. Shapley, Cores of convex games, 1971, Int. J. Game Theory
1:11-26: in a convex game the Shapley value is in the core.)

Masks as in :mod:`bothbanks.words.coalitions`; money a year throughout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.arrays import membership
from bothbanks.analysis.measures.presentvalue import annuity_factor
from bothbanks.analysis.services.prices import PriceCurve
from bothbanks.analysis.services.procedures import Ladders
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NO_LEAD = -1
TIE = 1e-12


@dataclass(frozen=True, eq=False)
class Effort:
    """What buying takes in a council's own work, money for one procedure; one row a draw.

    Attributes
    ----------
    procedure : (draw, regime)
    agreement : (draw,) what a joint purchase costs the group once, beside its procedure
    member : (draw,) what it costs each member that takes part
    language : (draw,) each language version of the papers beyond the first
    rate : (draw,) discount rate that spreads these costs over the years of the contract
    """

    procedure: FloatArray
    agreement: FloatArray
    member: FloatArray
    language: FloatArray
    rate: FloatArray

    def __post_init__(self) -> None:
        draws = self.rate.shape[0]
        for name in ("procedure", "agreement", "member", "language", "rate"):
            array = getattr(self, name)
            if array.shape[:1] != (draws,) or array.ndim != (2 if name == "procedure" else 1):
                raise ShapeError("services.effort", f"{name} has shape {array.shape} for {draws} draws.")
            if not np.isfinite(array).all():
                raise MissingValueError("services.effort", f"{name} is NaN or infinite; give a number.")
            if name != "rate" and (array < 0.0).any():
                raise RangeError("services.effort", f"{name} is {array.min():g}; a cost is 0 or more.")


@dataclass(frozen=True, eq=False)
class Good:
    """One good over the draws.

    Attributes
    ----------
    quantity : (draw, member), units a year; 0: the member doesn't buy it
    price : unit price by volume a year
    delivery : (draw,), money a unit that joint buying adds (storing and bringing it round)
    contract_years : years one procedure covers
    ladders : procedures by country
    country : (member,), number in the ladders
    speaks : (member, language), True where the member needs the papers in that language
    lead : member whose law is named wherever it takes part; NO_LEAD: the group's largest buyer (Directive
        2014/24/EU, Article 39(4): the authorities agree on the national law that applies)
    """

    quantity: FloatArray
    price: PriceCurve
    delivery: FloatArray
    contract_years: int
    ladders: Ladders
    country: IntArray
    speaks: BoolArray
    lead: int = NO_LEAD

    def __post_init__(self) -> None:
        if self.quantity.ndim != 2 or self.delivery.shape != self.quantity.shape[:1]:
            raise ShapeError(
                "services.good",
                f"quantity {self.quantity.shape} must be (draw, member), delivery "
                f"{self.delivery.shape} one number a draw.",
            )
        n = self.quantity.shape[1]
        if self.country.shape != (n,) or self.speaks.shape[:1] != (n,) or not NO_LEAD <= self.lead < n:
            raise ShapeError("services.good", f"countries, languages or lead don't fit {n} members.")
        if not np.isfinite(self.quantity).all() or (self.quantity < 0.0).any():
            raise RangeError("services.good", "a quantity is NaN, infinite or negative; 0 = not bought.")
        if self.contract_years < 1:
            raise RangeError("services.good", f"a contract lasts 1 year or more, got {self.contract_years}.")

    @property
    def n(self) -> int:
        """Members."""
        return int(self.quantity.shape[1])


@dataclass(frozen=True, eq=False)
class Groups:
    """Every group of members as one buyer; (draw, 2**n) each, 0 where nobody buys.

    ``fixed`` is what the group's procedure costs a year and is shared by value; ``each`` what every
    buyer of it bears besides. A single buyer has no cost of joining.
    """

    volume: FloatArray
    unit_price: FloatArray  # with delivery
    fixed: FloatArray
    each: FloatArray
    buyers: IntArray
    lead: IntArray  # member whose law holds
    regime: IntArray

    @property
    def cost(self) -> FloatArray:
        """(draw, 2**n), money a year."""
        return np.asarray(self.volume * self.unit_price + self.fixed + self.buyers * self.each)


def groups_of(good: Good, effort: Effort) -> Groups:
    """Price, procedure and cost of every group of members that buys as one."""
    inside = membership(good.n)
    volume = good.quantity @ inside.T
    buyers = (good.quantity > 0.0).astype(np.int64) @ inside.T.astype(np.int64)
    joint = buyers > 1
    lead = _lead(good)
    price = good.price(volume)
    value = volume * price * good.contract_years
    regime = good.ladders.regime(good.country[lead], value)
    spread = np.array([annuity_factor(float(r), good.contract_years) for r in effort.rate])[:, None]
    procedure = np.take_along_axis(effort.procedure, regime, axis=1)
    added = effort.agreement[:, None] + effort.language[:, None] * (_languages(good) - 1)
    return Groups(
        volume=volume,
        unit_price=price + good.delivery[:, None] * joint,
        fixed=np.where(buyers > 0, procedure + np.where(joint, added, 0.0), 0.0) / spread,
        each=np.where(joint, effort.member[:, None], 0.0) / spread,
        buyers=buyers,
        lead=lead,
        regime=regime,
    )


def _lead(good: Good) -> IntArray:
    """(draw, 2**n) member whose law holds: the stated lead where it buys, else the largest buyer."""
    inside = membership(good.n) > 0
    draws, masks = good.quantity.shape[0], inside.shape[0]
    most = np.full((draws, masks), -1.0)
    lead = np.zeros((draws, masks), dtype=np.int64)
    for i in range(good.n):
        q = good.quantity[:, i : i + 1]
        better = inside[None, :, i] & (q > most)
        if i == good.lead:
            better = inside[None, :, i] & (q > 0.0)
            q = np.full_like(q, np.inf)
        most = np.where(better, q, most)
        lead = np.where(better, i, lead)
    return lead


def _languages(good: Good) -> IntArray:
    """(draw, 2**n) languages that the buyers of a group need, at least 1."""
    inside = membership(good.n) > 0
    buying = inside[None] & (good.quantity > 0.0)[:, None, :]
    needed = np.zeros(buying.shape[:2], dtype=np.int64)
    for k in range(good.speaks.shape[1]):
        needed += (buying & good.speaks[:, k]).any(axis=2)
    return np.maximum(needed, 1)


@dataclass(frozen=True, eq=False)
class Cheapest:
    """The least each coalition can pay, and how: (draw, 2**n) each.

    ``first`` is the group that holds the coalition's lowest member; take it out and ask again.
    """

    cost: FloatArray
    first: IntArray


def cheapest_groups(cost: FloatArray) -> Cheapest:
    """The cheapest way to part each coalition into groups.

    cost*(S) = min over groups T of S that hold its lowest member of cost(T) + cost*(S less T). Equal ways
    go to the one with the smaller first group, and a group must save more than rounding can (1e-12 of the
    cost), so that buying alone wins a tie.

    Parameters
    ----------
    cost : (draw, 2**n), money of every group as one buyer; 0 for nobody

    Examples
    --------
    Two of three buyers do better without the third:

    >>> found = cheapest_groups(np.array([[0.0, 5.0, 5.0, 7.0, 5.0, 10.0, 10.0, 14.0]]))
    >>> float(found.cost[0, 7]), int(found.first[0, 7])
    (12.0, 3)
    """
    masks = cost.shape[1]
    best, first = np.array(cost, dtype=np.float64), np.zeros(cost.shape, dtype=np.int64)
    for mask in range(1, masks):
        parts = _parts(mask)
        tried = cost[:, parts] + best[:, mask ^ parts]
        joining = TIE * np.abs(tried)
        joining[:, 0] = 0.0
        pick = np.argmin(tried + joining, axis=1)
        best[:, mask] = np.take_along_axis(tried, pick[:, None], axis=1)[:, 0]
        first[:, mask] = parts[pick]
    return Cheapest(best, first)


def _parts(mask: int) -> IntArray:
    """Submasks of a mask that hold its lowest bit, the smallest number first."""
    low = mask & -mask
    found = [low]
    for bit in (1 << i for i in range(mask.bit_length())):
        if mask & bit and bit != low:
            found += [part | bit for part in found]
    return np.array(sorted(found, key=lambda part: (part.bit_count(), part)), dtype=np.int64)


def groups_in(best: Cheapest, draw: int, mask: int) -> tuple[int, ...]:
    """The groups in which a coalition buys in one draw."""
    found = []
    left = mask
    while left:
        group = int(best.first[draw, left])
        found.append(group)
        left ^= group
    return tuple(found)


def saved_of(cost: FloatArray, best: Cheapest) -> FloatArray:
    """(draw, 2**n) what every coalition saves against each of its members alone; what rounding leaves is 0.

    ``cost`` is that of every group as one buyer.
    """
    n = cost.shape[1].bit_length() - 1
    alone = cost[:, [1 << i for i in range(n)]] @ membership(n).T
    saved = alone - best.cost
    return np.asarray(np.where(saved > 8 * TIE * alone, saved, 0.0))


def savings(good: Good, effort: Effort) -> FloatArray:
    """(draw, 2**n) what every coalition saves a year on one good against each of its members alone."""
    cost = groups_of(good, effort).cost
    return saved_of(cost, cheapest_groups(cost))


def member_costs(groups: Groups, quantity: FloatArray, draw: int, parts: tuple[int, ...]) -> FloatArray:
    """(n,) what each member pays in one draw when its group is one of ``parts`` and nobody is paid.

    Each pays the group's price for its own units, a part of the procedure by value, and its own time.
    """
    n = quantity.shape[1]
    paid = np.zeros(n)
    for mask in parts:
        inside = np.array([mask >> i & 1 for i in range(n)], dtype=bool) & (quantity[draw] > 0.0)
        if not inside.any():
            continue
        mine = quantity[draw, inside]
        paid[inside] = (
            mine * groups.unit_price[draw, mask]
            + groups.fixed[draw, mask] * mine / mine.sum()
            + groups.each[draw, mask]
        )
    return paid
