"""Long-term stewardship: is each measure's upkeep paid, by a named payer from a named pot, in every year?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bothbanks.civic.finance.funding_sources import EVERY
from bothbanks.civic.finance.mix import Mix

FloatArray = NDArray[np.float64]

DUST = 5e-3  # money; half a cent


@dataclass(frozen=True)
class Pot:
    """Money set aside for upkeep: whose, for which measures, in which calendar years."""

    id: str
    name: Mapping[str, str]
    measures: tuple[str, ...] = (EVERY,)  # ids or kinds
    members: tuple[str, ...] = (EVERY,)  # whose upkeep it pays
    first_year: int | None = None
    last_year: int | None = None
    a_year: float = np.inf  # money, of each member named
    citation: str = "assumed"


@dataclass(frozen=True)
class Kept:
    """Upkeep of one measure by one member."""

    measure: str
    member: str
    pots: tuple[str, ...]  # ids of pots and sources that pay, in order of use
    years_due: int
    years_paid: int
    due: float  # money over all years
    paid: float


@dataclass(frozen=True)
class Stewardship:
    """Who keeps what, and what nobody pays."""

    kept: tuple[Kept, ...]
    gap: FloatArray  # (measure, member, year) upkeep that no pot pays
    members: tuple[str, ...]
    first_year: int
    pots: tuple[Pot, ...] = field(default=())

    @property
    def whole(self) -> bool:
        """True when every measure's upkeep is paid in every year."""
        return not (self.gap > DUST).any()

    def gaps(self) -> tuple[tuple[str, int, float], ...]:
        """(member, calendar year, money) of every gap, by year."""
        table = self.gap.sum(axis=0)
        return tuple(
            (self.members[i], self.first_year + t, float(table[i, t]))
            for t in range(table.shape[1])
            for i in range(table.shape[0])
            if table[i, t] > DUST
        )


def stewardship(mix: Mix, pots: Sequence[Pot], running: FloatArray, pooled: bool = False) -> Stewardship:
    """Pay every year's upkeep from what sources pay, then from the pots in their order.

    Pots spend no more a year than they hold, and all pots together no more than the running budget, where one
    is stated. What is left is a gap.

    Parameters
    ----------
    running : (member, year) running budget; infinite where none is stated.
    pooled : running budgets are one purse of all members.
    """
    needs = mix.needs
    left = mix.own_upkeep.copy()
    calendar = needs.first_year + np.arange(needs.years)
    purse = running.sum(axis=0, keepdims=True).copy() if pooled else running.copy()
    used: list[list[set[str]]] = [[set() for _ in needs.members] for _ in needs.measures]
    for j in range(len(needs.measures)):
        for i in range(len(needs.members)):
            for s, source in enumerate(mix.sources):
                if mix.upkeep[s, j, i].sum() > DUST:
                    used[j][i].add(source.id)
    for pot in pots:
        open_ = np.ones(needs.years, dtype=bool)
        if pot.first_year is not None:
            open_ &= calendar >= pot.first_year
        if pot.last_year is not None:
            open_ &= calendar <= pot.last_year
        holds = np.where(open_, pot.a_year, 0.0)
        for i, member in enumerate(needs.members):
            if EVERY not in pot.members and member not in pot.members:
                continue
            room = np.minimum(holds, purse[0 if pooled else i])
            spent = np.zeros(needs.years)
            for j, (measure, kind) in enumerate(zip(needs.measures, needs.kinds, strict=True)):
                if EVERY in pot.measures or measure in pot.measures or kind in pot.measures:
                    pays = np.minimum(left[j, i], room)
                    if pays.sum() > DUST:
                        used[j][i].add(pot.id)
                    left[j, i] -= pays
                    room, spent = room - pays, spent + pays
            purse[0 if pooled else i] = purse[0 if pooled else i] - spent
    left[left < DUST] = 0.0
    order = [s.id for s in mix.sources] + [p.id for p in pots]
    kept = tuple(
        Kept(
            measure=needs.measures[j],
            member=needs.members[i],
            pots=tuple(x for x in order if x in used[j][i]),
            years_due=int((needs.upkeep[j, i] > 0).sum()),
            years_paid=int(((needs.upkeep[j, i] > 0) & (left[j, i] == 0)).sum()),
            due=float(needs.upkeep[j, i].sum()),
            paid=float(needs.upkeep[j, i].sum() - left[j, i].sum()),
        )
        for j in range(len(needs.measures))
        for i in range(len(needs.members))
        if needs.upkeep[j, i].sum() > DUST
    )
    return Stewardship(kept, left, needs.members, needs.first_year, tuple(pots))
