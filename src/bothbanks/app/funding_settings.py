"""From ``finance/sources.toml`` and ``budgets.toml`` to sources, limits, pots and rates of one draw."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.programme.terms import fiscal_years
from bothbanks.app.cases import population_of
from bothbanks.app.prepared import Prepared
from bothbanks.app.programme_terms import yearly_amounts
from bothbanks.civic.finance.exchange import DatedRate
from bothbanks.civic.finance.funding_sources import EVERY, FundingSource, Limits, Together
from bothbanks.civic.finance.stewardship import Pot
from bothbanks.region.finance.budgets import PER_PERSON, BudgetsSettings
from bothbanks.region.finance.sources import SourcesSettings
from bothbanks.words.errors import InputError

FloatArray = NDArray[np.float64]
GRANTS = "grants"


def sources_of(settings: SourcesSettings, base: Mapping[str, float]) -> tuple[FundingSource, ...]:
    """The sources with every number at its base value, in money of account."""
    out = []
    for s in settings.sources:
        head = f"sources.{s.id}."

        def at(name: str, default: float, head: str = head) -> float:
            return float(base.get(head + name, default))

        out.append(
            FundingSource(
                id=s.id,
                kind=s.kind,
                name=s.name,
                measures=s.measures,
                members=s.members,
                countries=s.countries,
                first_year=s.first_year,
                last_year=s.last_year,
                currency=s.currency,
                largest_share=at("largest_share", 1.0),
                smallest_share=at("smallest_share", 0.0),
                cap=at("cap", np.inf),
                cap_measure=at("cap_measure", np.inf),
                cap_member=at("cap_member", np.inf),
                interest=at("interest", 0.0),
                maturity_years=s.maturity_years,
                grace_years=s.grace_years,
                pays=s.pays,
                not_with=s.not_with,
                conditions=s.conditions,
                closed=s.closed,
                citation=s.source,
            )
        )
    return tuple(out)


def together_of(
    settings: SourcesSettings, sources: tuple[FundingSource, ...], base: Mapping[str, float]
) -> tuple[Together, ...]:
    """Limits on several sources at once; 'grants' stands for all that are not paid back."""
    grants = tuple(s.id for s in sources if s.grant)
    out = []
    for g in settings.together:
        names = dict.fromkeys(x for name in g.sources for x in (grants if name == GRANTS else (name,)))
        out.append(Together(g.id, tuple(names), base[f"sources.together.{g.id}.share"], g.share.source))
    return tuple(out)


def pots_of(settings: SourcesSettings, base: Mapping[str, float]) -> tuple[Pot, ...]:
    """Pots for upkeep, in the order of use."""
    return tuple(
        Pot(
            id=p.id,
            name=p.name,
            measures=p.measures,
            members=p.members,
            first_year=p.first_year,
            last_year=p.last_year,
            a_year=float(base.get(f"sources.upkeep.{p.id}", np.inf)),
            citation=p.source,
        )
        for p in settings.upkeep
    )


def limits_of(prepared: Prepared, settings: SourcesSettings) -> Limits:
    """Yearly budgets and debt limits; unlimited where the folder states none.

    Raises
    ------
    InputError [funding.first-year]
        Budgets and sources start their horizon in different years.
    """
    members, years = prepared.model.members, prepared.model.settings.horizon_years
    debt = _debt_limits(prepared, settings)
    budgets = prepared.finance.get("budgets")
    if not isinstance(budgets, BudgetsSettings):
        free = np.full((len(members), years), np.inf)
        return Limits(free, free, debt)
    if budgets.first_year != settings.first_year:
        raise InputError(
            "funding.first-year",
            f"finance/budgets.toml starts in {budgets.first_year}, finance/sources.toml in "
            f"{settings.first_year}; give both the same first_year.",
        )
    calendar = fiscal_years([m.fiscal_year_start for m in members], settings.first_year, years)
    by_member = {b.member: b for b in budgets.budgets}
    people = population_of(prepared.model)
    tables = []
    for kind in ("capital", "running"):
        rows = [
            yearly_amounts(
                f"budgets.{m.id}.{kind}", by_member[m.id].of(kind), prepared.base, people[i], calendar.names
            )
            for i, m in enumerate(members)
        ]
        tables.append(np.array(rows))
    return Limits(
        tables[0],
        tables[1],
        debt,
        pooled=budgets.pooling == "pooled",
        first_fiscal_year=int(calendar.names[0]),
        overlap=calendar.overlap,
    )


def _debt_limits(prepared: Prepared, settings: SourcesSettings) -> FloatArray:
    """(member, year) most interest and repayment; a member's own limit goes before that for every one."""
    members = prepared.members
    people = population_of(prepared.model)
    out = np.full(len(members), np.inf)
    for limit in sorted(settings.debt_limits, key=lambda x: x.member != EVERY):
        amount = prepared.base["sources.debt_limit." + ("every" if limit.member == EVERY else limit.member)]
        a_head = limit.amount.unit.replace(" ", "").endswith(PER_PERSON)
        for i, m in enumerate(members):
            if limit.member in (EVERY, m):
                out[i] = amount * people[i] if a_head else amount
    return np.repeat(out[:, None], prepared.model.settings.horizon_years, axis=1)


def rates_of(prepared: Prepared, settings: SourcesSettings) -> tuple[DatedRate, ...]:
    """Dated rates of the funding and of the region."""
    own = [DatedRate(r.currency_from, r.currency_to, r.date, r.rate, r.source) for r in settings.rates]
    region = prepared.model.settings.rates
    rest = [DatedRate(r.currency_from, r.currency_to, r.date, r.rate, r.source) for r in region]
    return (*own, *rest)


def rate_date(prepared: Prepared, settings: SourcesSettings) -> datetime.date:
    """The day whose rates are used; 1 January of the price year where no rate is needed."""
    return settings.rate_date or datetime.date(prepared.model.settings.price_year, 1, 1)
