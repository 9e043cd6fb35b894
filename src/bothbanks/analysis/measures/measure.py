"""A measure: what could be done, who may decide it, what it costs by year, what it changes.

A *shared* measure changes water, and so other members: it is a move in the game. An *own*
measure (flood-proofing, relocation, roof anchoring) changes only the loss of the member that
takes it, and is folded into that member's loss (see ``blocks``).

Who decides and who pays
    All members in ``holders`` must agree. The hosts among them carry the cost in equal parts;
    if no host holds the competence, the holders carry it, because a host without the legal
    decision is paid its cost and has no veto. A measure held only by somebody who is not a member
    is fixed at its present plan: it is as ``planned`` says in every outcome and costs the members
    nothing more. Where members are named beside an outside holder, the outside holder is taken to
    follow them (``holders_source`` has to say on what ground); ``outside_consents = False`` fixes it.

Costs by year
    Capital is spent in ``years`` by ``year_shares``; the measure works, and needs upkeep, from
    the year after the last of them. When its life ends within the horizon it is renewed for
    the same capital, spread the same way, so that it never stops working. At the end of the
    horizon the unused part of the last capital's life counts as a residual value, straight
    line, discounted as money of year H.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.presentvalue import discount_factors, present_value
from bothbanks.words.errors import InputError, RangeError

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]

OWN_KINDS = frozenset({"proofing", "relocation", "roof", "cooling", "trees"})
EFFECTS_ON = ("discharge", "stage", "protection", "damage")
EVERY = "*"


@dataclass(frozen=True)
class Effect:
    """What a measure changes in one basin for some members.

    ``on`` says how ``size`` is read: 'discharge' multiplies the peak flow, 'stage' adds metres
    of water (positive = higher, harm counts), 'protection' sets the protected return period in
    years where it is higher than before, 'damage' multiplies the loss of the ``classes`` named.
    ``size`` is the id of the parameter that holds the number. Basin '' or '*' means every basin.
    """

    basin: str
    members: tuple[str, ...]
    on: str
    size: str
    classes: tuple[str, ...] = (EVERY,)

    def touches(self, member: str) -> bool:
        """True if the effect reaches that member."""
        return EVERY in self.members or member in self.members

    def acts_in(self, basin: str) -> bool:
        """True if the effect works in that basin."""
        return self.basin in ("", EVERY, basin)

    def covers(self, asset_class: str) -> bool:
        """True if the effect changes the loss of that class."""
        return EVERY in self.classes or asset_class in self.classes


@dataclass(frozen=True)
class Measure:
    """One measure. Cost and upkeep are ids of parameters, so that draws can move them."""

    id: str
    case: str
    kind: str
    name: Mapping[str, str]
    holders: tuple[str, ...]
    hosts: tuple[str, ...]
    cost: str  # id of the capital, money
    upkeep: str  # id of the yearly share of capital, 1/year; '' = none
    lifetime_years: int
    years: tuple[int, ...] = (0,)
    year_shares: tuple[float, ...] = (1.0,)
    effects: tuple[Effect, ...] = ()
    outside_holder: str = ""
    outside_consents: bool = True
    planned: bool = False
    paid_by: tuple[str, ...] = ()  # members who carry the cost, if not as the module says
    holders_source: str = "assumed"

    @property
    def own(self) -> bool:
        """True for a measure that each member takes for itself and that changes nobody else's loss."""
        return self.kind in OWN_KINDS

    @property
    def fixed(self) -> bool:
        """True when somebody who is not a member decides, whatever the members want."""
        return bool(self.outside_holder) and not (self.holders and self.outside_consents)

    @property
    def payers(self) -> tuple[str, ...]:
        """Members that carry the cost, in equal parts."""
        if self.paid_by:
            return self.paid_by
        deciding_hosts = tuple(m for m in self.hosts if m in self.holders)
        return deciding_hosts or self.holders

    @property
    def works_from(self) -> int:
        """First year in which the measure works."""
        return max(self.years) + 1


def check_measures(measures: Sequence[Measure], members: Sequence[str], basins: Sequence[str]) -> None:
    """Refuse measures that can't be used; every problem is listed at once.

    Raises
    ------
    InputError [measures.check]
        Nobody holds the competence, an unknown member, basin or effect, year shares that do not
        add up to one, a lifetime or year that is not possible, an own measure that touches others.
    """
    known = set(members)
    problems: list[str] = []
    seen: set[str] = set()
    for m in measures:
        if m.id in seen:
            problems.append(f"measure '{m.id}' is listed twice; give each measure an id of its own")
        seen.add(m.id)
        problems += _problems_of(m, known, set(basins))
    if problems:
        raise InputError("measures.check", "these measures can't be used:\n  " + "\n  ".join(problems))


def _problems_of(m: Measure, known: set[str], basins: set[str]) -> list[str]:
    out: list[str] = []
    say = out.append
    if not m.holders and not m.outside_holder and not m.own:
        say(f"measure '{m.id}': nobody has the competence for it; name 'holders' or 'outside_holder'")
    for role, names in (("holders", m.holders), ("hosts", m.hosts)):
        for name in names:
            if name not in known and name != EVERY:
                say(
                    f"measure '{m.id}': '{name}' in {role} is no member; "
                    f"members are {', '.join(sorted(known))}"
                )
    if not m.own and any(p not in m.holders for p in m.paid_by):
        say(f"measure '{m.id}': paid by {', '.join(m.paid_by)}, some of whom have no say; holders pay")
    if not m.own and EVERY in m.holders:
        say(f"measure '{m.id}': holders '*' is for own measures only; name the members who must all agree")
    if m.lifetime_years < 1:
        say(f"measure '{m.id}': a lifetime of {m.lifetime_years} years; it must be 1 or more")
    if not m.years or min(m.years) < 0 or list(m.years) != sorted(set(m.years)):
        say(f"measure '{m.id}': building years {list(m.years)}; they must rise from year 0 or later")
    if len(m.years) != len(m.year_shares) or abs(sum(m.year_shares) - 1.0) > 1e-9 or min(m.year_shares) < 0:
        say(f"measure '{m.id}': year shares {list(m.year_shares)} for {list(m.years)}; one a year, sum 1")
    for e in m.effects:
        if e.on not in EFFECTS_ON:
            say(f"measure '{m.id}': effect on '{e.on}' is unknown; use one of {', '.join(EFFECTS_ON)}")
        if e.basin not in ("", EVERY) and e.basin not in basins:
            say(f"measure '{m.id}': basin '{e.basin}' is unknown; basins are {', '.join(sorted(basins))}")
        if m.own and e.on != "damage":
            say(f"measure '{m.id}': a {m.kind} measure changes only its own damage, not the {e.on}")
        for name in e.members:
            if name not in known and name != EVERY:
                say(f"measure '{m.id}': '{name}' in an effect is no member")
    return out


@dataclass(frozen=True)
class CostFlow:
    """What a measure costs, by year of the horizon, and what is left of it at the end."""

    capital: FloatArray  # (horizon,) money, renewals included
    upkeep: FloatArray  # (horizon,) money
    residual: float  # money of year `horizon`, counted against the cost

    def present(self, rate: float) -> float:
        """Present value of capital and upkeep less the residual value."""
        horizon = self.capital.shape[0]
        left = self.residual * float((1.0 + rate) ** -horizon)
        return present_value(self.capital + self.upkeep, rate) - left


def cost_flow(measure: Measure, capital: float, upkeep_share: float, horizon_years: int) -> CostFlow:
    """Capital with renewals, upkeep and residual value of one measure.

    Parameters
    ----------
    capital : money, without renewals.
    upkeep_share : 1/year, share of the capital needed in each year that the measure works.
    horizon_years : years counted, 0 to horizon_years - 1.

    Raises
    ------
    RangeError
        A negative or missing cost or share, or building that ends after the horizon.

    Examples
    --------
    Twenty years of life, built in year 0, horizon 30: renewed in year 20, 11 of 20 years left at the end.

    >>> m = Measure("m", "flood", "walls", {}, ("a",), ("a",), "c", "u", 20)
    >>> flow = cost_flow(m, 100.0, 0.01, 30)
    >>> np.flatnonzero(flow.capital).tolist(), flow.residual, float(flow.upkeep.sum())
    ([0, 20], 55.0, 29.0)
    """
    if not (np.isfinite(capital) and capital >= 0 and np.isfinite(upkeep_share) and upkeep_share >= 0):
        raise RangeError(
            "measures.cost",
            f"measure '{measure.id}': capital {capital} and upkeep share {upkeep_share}; both 0 or more",
        )
    if measure.works_from >= horizon_years:
        raise RangeError(
            "measures.horizon",
            f"measure '{measure.id}' is built until year {max(measure.years)} and would not work for "
            f"one year of the horizon of {horizon_years}; lengthen the horizon or build earlier",
        )
    spent = np.zeros(horizon_years)
    life, works_from = measure.lifetime_years, measure.works_from
    ends = works_from
    while ends < horizon_years:
        for year, share in zip(measure.years, measure.year_shares, strict=True):
            spent[year + ends - works_from] += capital * share
        ends += life
    upkeep = np.zeros(horizon_years)
    upkeep[works_from:] = capital * upkeep_share
    return CostFlow(spent, upkeep, capital * (ends - horizon_years) / life if ends > horizon_years else 0.0)


def cost_by_year(measure: Measure, draw: Draw, horizon_years: int) -> CostFlow:
    """The measure's costs under one draw of the parameters."""
    share = draw[measure.upkeep] if measure.upkeep else 0.0
    return cost_flow(measure, draw[measure.cost], share, horizon_years)


def cost_table(
    measures: Sequence[Measure], members: Sequence[str], draw: Draw, horizon_years: int, rate: float
) -> FloatArray:
    """Present cost of each measure to each member that carries it.

    Returns
    -------
    (measure, member), money. A measure fixed by an outside holder costs the members nothing.
    """
    table = np.zeros((len(measures), len(members)))
    for j, m in enumerate(measures):
        if m.fixed:
            continue
        cost = cost_by_year(m, draw, horizon_years).present(rate)
        for payer in m.payers:
            table[j, list(members).index(payer)] += cost / len(m.payers)
    return table


def phase_weights(measures: Sequence[Measure], horizon_years: int, rate: float) -> list[tuple[int, float]]:
    """Spans of the horizon in which the same measures are ready, and what a yearly loss in them is worth.

    Returns
    -------
    A list of (mask of the measures ready, present value of 1 a year in that span), years in order.
    A measure in bit j of the mask is ``measures[j]``.

    >>> m = Measure("m", "flood", "walls", {}, ("a",), ("a",), "c", "u", 20)
    >>> phase_weights([m], 3, 0.0)
    [(0, 1.0), (1, 2.0)]
    """
    factors = discount_factors(rate, horizon_years)
    starts = sorted({0, *(m.works_from for m in measures if m.works_from < horizon_years)})
    spans = []
    for start, end in zip(starts, [*starts[1:], horizon_years], strict=True):
        ready = sum(1 << j for j, m in enumerate(measures) if m.works_from <= start)
        spans.append((ready, float(factors[start:end].sum())))
    return spans
