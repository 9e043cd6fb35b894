"""From ``finance/budgets.toml`` to the terms of a programme: budgets by fiscal year in money of account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.programme import (
    Dependency,
    Exclusion,
    MinimumService,
    ProgrammeTables,
    ProgrammeTerms,
    fiscal_years,
    worst_off,
)
from bothbanks.region.finance.budgets import PER_PERSON, WORST_OFF, BudgetsSettings, YearsSettings
from bothbanks.region.schema import MemberSettings

FloatArray = NDArray[np.float64]


def terms_of(
    settings: BudgetsSettings,
    members: Sequence[MemberSettings],
    base: Mapping[str, float],
    population: FloatArray,
    tables: ProgrammeTables,
) -> ProgrammeTerms:
    """The terms of the region's programme.

    Parameters
    ----------
    base : every parameter, amounts among them, in money of account.
    population : (member,) persons, for amounts by the person.
    tables : losses with nothing built decide who is worst off.
    """
    years = fiscal_years([m.fiscal_year_start for m in members], settings.first_year, tables.horizon_years)
    names = years.names
    budgets = {b.member: b for b in settings.budgets}
    amounts = {
        kind: np.array(
            [
                yearly_amounts(
                    f"budgets.{m.id}.{kind}", budgets[m.id].of(kind), base, float(population[i]), names
                )
                for i, m in enumerate(members)
            ]
        )
        for kind in ("capital", "running")
    }
    return ProgrammeTerms(
        members=tables.members,
        horizon_years=tables.horizon_years,
        delays=settings.delays,
        fiscal=years,
        capital_budget=amounts["capital"],
        running_budget=amounts["running"],
        pooled=settings.pooling == "pooled",
        dependencies=tuple(Dependency(d.measure, d.needs) for d in settings.dependencies),
        exclusions=tuple(Exclusion(x.measures) for x in settings.exclusions),
        services=tuple(
            MinimumService(
                s.id,
                (worst_off(tables, population, s.on),) if s.members == WORST_OFF else tuple(s.members),
                s.year - settings.first_year,
                s.on,
                base[f"budgets.minimum_service.{s.id}"],
            )
            for s in settings.minimum_service
        ),
    )


def yearly_amounts(
    head: str,
    stated: Sequence[YearsSettings],
    base: Mapping[str, float],
    people: float,
    names: NDArray[np.int64],
) -> FloatArray:
    """(fiscal year,) money a council can spend; 0 in years that the folder leaves out, before the first."""
    out = np.zeros(names.size)
    for years in stated:
        last = int(names[-1]) if years.last is None else years.last
        covered = (names >= int(years.first or 0)) & (names <= last)
        if years.amount is None:
            out[covered] = np.inf
        else:
            heads = people if years.amount.unit.replace(" ", "").endswith(PER_PERSON) else 1.0
            out[covered] = base[f"{head}.{years.first}"] * heads
    return out


def assumed(settings: BudgetsSettings) -> bool:
    """True where an amount of some budget has no published source."""
    return any(
        years.amount is not None and years.amount.source.lower().startswith("assumed")
        for b in settings.budgets
        for years in (*b.capital, *b.running)
    )
