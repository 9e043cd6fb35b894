"""The cheapest blend of sources that keeps every rule, as a linear programme with 0/1 parts.

Choose how much each source pays of each measure, for each member, in each year, so that the present cost of
money to the members is least:

    sum over payments of (own cash + present cost of what is borrowed) x discount factor of its year

A grant costs nothing, cash its amount, a loan the present value of its interest and repayment. Everything is
linear but whether a source is used for a measure at all, which matters for smallest shares and exclusions:
those are 0/1. Grants are claimed in step with the payments, so a source's largest share holds for every
payment and not only for the sum. Of two mixes that cost the same, the one with the source named first is
taken.
Source: blending of funds as a programme follows capital rationing by linear programming (H. M. Weingartner,
Mathematical Programming and the Analysis of Capital Budgeting Problems, 1963).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.civic.finance.funding_sources import FundingSource, Limits, Needs, Openings, Together, openings
from bothbanks.civic.finance.linear import MILLION, solve
from bothbanks.civic.finance.mix_rules import MixProgramme, Rule, build

FloatArray = NDArray[np.float64]

DUST = 5e-3  # money; half a cent, below which an amount is the solver's noise


@dataclass(frozen=True, eq=False)
class Mix:
    """Who pays what: money from each source, and own cash for the rest."""

    needs: Needs
    sources: tuple[FundingSource, ...]
    capital: FloatArray  # (source, measure, member, year) money towards capital
    upkeep: FloatArray  # (source, measure, member, year) money towards upkeep
    present_cost: float  # of money to the members, capital and upkeep
    set_aside: tuple[Rule, ...] = ()  # rules this mix doesn't keep

    @property
    def own_capital(self) -> FloatArray:
        """(measure, member, year) own cash for building."""
        return np.asarray(np.maximum(self.needs.capital - self.capital.sum(axis=0), 0.0))

    @property
    def own_upkeep(self) -> FloatArray:
        """(measure, member, year) own cash for upkeep."""
        return np.asarray(np.maximum(self.needs.upkeep - self.upkeep.sum(axis=0), 0.0))

    def of_kind(self, flag: str) -> FloatArray:
        """(measure, member, year) capital from the sources that are 'grant' or 'repaid'."""
        chosen = [k for k, s in enumerate(self.sources) if getattr(s, flag)]
        return np.asarray(self.capital[chosen].sum(axis=0))


def cheapest_mix(
    needs: Needs,
    sources: Sequence[FundingSource],
    limits: Limits | None = None,
    together: Sequence[Together] = (),
    rate: float = 0.0,
    present: frozenset[str] | None = None,
    without: frozenset[Rule] = frozenset(),
) -> Mix | None:
    """The blend that costs the members least; None where no blend keeps every rule.

    Parameters
    ----------
    rate : 1/year, real discount rate.
    present : members that act together (partners of a joint measure); default all.
    without : rules set aside.

    Raises
    ------
    SolverError, ShapeError, RangeError, InputError
        No proof within the node limit; needs, limits or sources that don't fit.

    Examples
    --------
    A grant pays half, cash the rest:

    >>> wall = Needs(("wall",), ("levee",), ("a",), ("BE",), (frozenset("a"),), 2026,
    ...              np.array([[[100.0]]]), np.array([[[0.0]]]))
    >>> mix = cheapest_mix(wall, [FundingSource("half", "fund", {}, largest_share=0.5)])
    >>> mix.capital.sum().item(), mix.own_capital.sum().item(), mix.present_cost
    (50.0, 50.0, 50.0)
    """
    chosen = tuple(sources)
    limits = Limits.none(len(needs.members), needs.years) if limits is None else limits
    opened = openings(chosen, needs, present)
    made = build(needs, chosen, opened, limits, together, rate, without)
    found = solve(made.programme)
    if found is None:
        return None
    return _mix(made, found, needs, chosen, opened, rate, tuple(sorted(without, key=repr)))


def _mix(
    made: MixProgramme,
    found: FloatArray,
    needs: Needs,
    sources: tuple[FundingSource, ...],
    opened: Openings,
    rate: float,
    aside: tuple[Rule, ...],
) -> Mix:
    money = np.clip(found[: made.money_columns] * MILLION, 0.0, made.due)
    money[money < DUST] = 0.0
    shape = (len(sources), *needs.capital.shape)
    capital, upkeep = np.zeros(shape), np.zeros(shape)
    at = (made.source, made.measure, made.member, made.year)
    capital[tuple(a[~made.upkeep] for a in at)] = money[~made.upkeep]
    upkeep[tuple(a[made.upkeep] for a in at)] = money[made.upkeep]
    factor = (1.0 + rate) ** -np.arange(needs.years, dtype=np.float64)
    cost = np.array([s.present_cost(rate) for s in sources])
    borrowed = np.einsum("smit,s,t->", capital + upkeep, cost, factor)
    own = (needs.capital + needs.upkeep - (capital + upkeep).sum(axis=0)) @ factor
    return Mix(needs, sources, capital, upkeep, float(borrowed + own.sum()), aside)
