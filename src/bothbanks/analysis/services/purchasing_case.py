"""Buying together as a case: from the numbers of a draw to what every partition of the members pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.case import Outcomes
from bothbanks.analysis.cooperation.partition import Partition, check_partition
from bothbanks.analysis.services.prices import PowerPrice, PriceCurve, StepPrice
from bothbanks.analysis.services.procedures import Ladders
from bothbanks.analysis.services.purchasing import (
    NO_LEAD,
    Cheapest,
    Effort,
    Good,
    Groups,
    cheapest_groups,
    groups_in,
    groups_of,
    member_costs,
    saved_of,
)
from bothbanks.words.errors import InputError, ShapeError

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]


@dataclass(frozen=True)
class EffortIds:
    """Ids of the parameters behind :class:`~bothbanks.analysis.services.purchasing.Effort`."""

    procedure: tuple[str, ...]  # by regime, in the order of the ladders
    agreement: str
    member: str
    language: str
    rate: str


@dataclass(frozen=True)
class GoodSpec:
    """One good: ids of its parameters, and how much each member buys in a draw.

    ``steps`` (volume, factor) replaces the smooth curve, whose ids are then not asked for.
    """

    id: str
    kind: str  # of contract: a key of the ladders
    contract_years: int
    quantity: Callable[[Draw], FloatArray]  # (member,) units a year
    price: str
    delivery: str = ""
    reference: str = ""
    movable: str = ""
    elasticity: str = ""
    steps: tuple[tuple[float, float], ...] = ()
    lead: str = ""


@dataclass(frozen=True, eq=False)
class Bought:
    """One good over the draws, every group priced and every coalition's cheapest way found."""

    spec: GoodSpec
    good: Good
    groups: Groups
    best: Cheapest

    @property
    def alone(self) -> FloatArray:
        """(draw, member) what each pays by itself."""
        return np.asarray(self.groups.cost[:, [1 << i for i in range(self.good.n)]])

    @property
    def savings(self) -> FloatArray:
        """(draw, 2**n) against each alone."""
        return saved_of(self.groups.cost, self.best)

    def paid(self, draw: int, mask: int) -> FloatArray:
        """(n,) what each member of a coalition pays in its cheapest groups, before any payment."""
        return member_costs(self.groups, self.good.quantity, draw, groups_in(self.best, draw, mask))


@dataclass(frozen=True, eq=False)
class Purchases:
    """All goods over the draws, played."""

    members: tuple[str, ...]
    goods: tuple[Bought, ...]

    @property
    def worths(self) -> FloatArray:
        """(draw, 2**n) saving of every coalition a year, all goods together."""
        return np.asarray(sum(b.savings for b in self.goods))

    @property
    def alone(self) -> FloatArray:
        """(draw, member) money a year."""
        return np.asarray(sum(b.alone for b in self.goods))

    def paid(self, draw: int, partition: Partition) -> FloatArray:
        """(n,) what each member pays a year when each block buys in its cheapest groups."""
        total = np.zeros(len(self.members))
        for mask in partition:
            total += sum(b.paid(draw, mask) for b in self.goods)
        return total


class PurchasingCase:
    """Joint against separate purchase; satisfies ``cooperation.case.Case``.

    Parameters
    ----------
    members, countries, languages : of the members, in bit order; the language is the first of each
    goods : what is bought
    ladders : kind of contract -> procedures by country, all with the same regimes
    effort : ids of what a procedure costs

    Raises
    ------
    InputError, ShapeError
        No good, a good named twice, a kind without a ladder, a lead that is no member; lists that don't fit.
    """

    kind = "purchasing"

    def __init__(
        self,
        id: str,
        unit: str,
        members: Sequence[str],
        countries: Sequence[str],
        languages: Sequence[str],
        goods: Sequence[GoodSpec],
        ladders: Mapping[str, Ladders],
        effort: EffortIds,
    ) -> None:
        self.id, self.unit = id, unit
        self.members = tuple(members)
        self.goods, self.ladders, self.effort = tuple(goods), dict(ladders), effort
        if len(countries) != len(self.members) or len(languages) != len(self.members):
            raise ShapeError(
                "services.members",
                f"{len(self.members)} members, {len(countries)} countries, {len(languages)} languages.",
            )
        self._check()
        self._country = {kind: ladder.place(countries) for kind, ladder in self.ladders.items()}
        spoken = tuple(dict.fromkeys(languages))
        self._speaks = np.array([[own == tongue for tongue in spoken] for own in languages], dtype=bool)

    def _check(self) -> None:
        ids = [g.id for g in self.goods]
        if not ids or len(set(ids)) < len(ids):
            raise InputError("services.goods", f"goods {ids}: give at least one, none twice.")
        for g in self.goods:
            if g.kind not in self.ladders:
                raise InputError(
                    "services.kind",
                    f"good '{g.id}' is of kind '{g.kind}'; known are {', '.join(self.ladders)}.",
                )
            if g.lead and g.lead not in self.members:
                raise InputError("services.lead", f"the lead buyer '{g.lead}' of '{g.id}' is no member.")
            regimes = self.ladders[g.kind].regimes
            if len(regimes) != len(self.effort.procedure):
                raise ShapeError(
                    "services.regimes",
                    f"{len(regimes)} regimes for '{g.kind}', {len(self.effort.procedure)} costs.",
                )

    def play(self, draws: Sequence[Draw]) -> Purchases:
        """Every good priced for every group and coalition, in each of the draws."""
        if not draws:
            raise InputError("services.draws", "no draw of the parameters was given")
        effort = Effort(
            procedure=np.array([[d[p] for p in self.effort.procedure] for d in draws], dtype=np.float64),
            agreement=_values(draws, self.effort.agreement),
            member=_values(draws, self.effort.member),
            language=_values(draws, self.effort.language),
            rate=_values(draws, self.effort.rate),
        )
        played = []
        for spec in self.goods:
            good = self._good(spec, draws)
            groups = groups_of(good, effort)
            played.append(Bought(spec, good, groups, cheapest_groups(groups.cost)))
        return Purchases(self.members, tuple(played))

    def _good(self, spec: GoodSpec, draws: Sequence[Draw]) -> Good:
        return Good(
            quantity=np.array([spec.quantity(d) for d in draws], dtype=np.float64),
            price=_curve(spec, draws),
            delivery=_values(draws, spec.delivery),
            contract_years=spec.contract_years,
            ladders=self.ladders[spec.kind],
            country=self._country[spec.kind],
            speaks=self._speaks,
            lead=self.members.index(spec.lead) if spec.lead else NO_LEAD,
        )

    def outcomes(self, partition: Partition, draw: Draw) -> Outcomes:
        """What each member pays a year when each block of the partition buys as is cheapest for it."""
        check_partition(partition, len(self.members))
        return Outcomes(cost=self.play([draw]).paid(0, partition))


def _values(draws: Sequence[Draw], name: str) -> FloatArray:
    return np.array([d[name] if name else 0.0 for d in draws], dtype=np.float64)


def _curve(spec: GoodSpec, draws: Sequence[Draw]) -> PriceCurve:
    price = _values(draws, spec.price)
    if spec.steps:
        start, factor = (np.array(side) for side in zip(*spec.steps, strict=True))
        return StepPrice(price, start, factor)
    return PowerPrice(
        price, _values(draws, spec.reference), _values(draws, spec.movable), _values(draws, spec.elasticity)
    )
