"""From a blend, its cash and its upkeep to the finding that pages, tables and papers read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import Column, FundingFinding, Table
from bothbanks.analysis.findings.funding import (
    CashStatement,
    ConflictRule,
    FundingConflict,
    MeasureMix,
    RateExposure,
    SourceUse,
    UpkeepGap,
    UpkeepOf,
)
from bothbanks.app.funding_settings import rate_date, rates_of
from bothbanks.app.prepared import Prepared
from bothbanks.civic.finance.cashflow import LINES, CashFlow, statements
from bothbanks.civic.finance.conflicts import Conflict
from bothbanks.civic.finance.exchange import Exposure, rate_on
from bothbanks.civic.finance.funding_sources import FundingSource
from bothbanks.civic.finance.mix import Mix
from bothbanks.civic.finance.mix_rules import Rule
from bothbanks.civic.finance.stewardship import Stewardship
from bothbanks.region.finance.sources import SourcesSettings
from bothbanks.words.money import minor_digits

FloatArray = NDArray[np.float64]
DEARER = "dearer"


def finding(
    prepared: Prepared,
    settings: SourcesSettings,
    mix: Mix,
    reasons: tuple[str, ...],
    conflict: Conflict | None,
    present_all_cash: float,
    flow: CashFlow,
    kept: Stewardship,
    open_: tuple[Exposure, ...],
) -> FundingFinding:
    """The finding without the game, the ventures and what the plan was made under."""
    uses = tuple(_use(mix, s, reasons[s]) for s in range(len(mix.sources)))
    mixes = tuple(_measure(mix, j) for j in range(len(mix.needs.measures)))
    cash = _statements(prepared, settings, flow)
    return FundingFinding(
        first_year=settings.first_year,
        horizon_years=mix.needs.years,
        under_budgets=False,
        budgets_heeded=False,
        sources=uses,
        measures=mixes,
        capital=flow.capital.sum(axis=1),
        grants=flow.grants.sum(axis=1),
        set_aside=flow.set_aside.sum(axis=1),
        drawn=flow.drawn.sum(axis=1),
        own_cash=flow.own_cash.sum(axis=1),
        upkeep=flow.upkeep.sum(axis=1),
        interest=flow.interest.sum(axis=1),
        repayment=flow.repayment.sum(axis=1),
        present_all_cash=present_all_cash,
        present_cost=mix.present_cost,
        conflict=None if conflict is None else _conflict(conflict),
        statements=cash,
        kept=tuple(
            UpkeepOf(k.measure, k.member, k.pots, k.years_due, k.years_paid, k.due, k.paid) for k in kept.kept
        ),
        gaps=tuple(UpkeepGap(*gap) for gap in kept.gaps()),
        pots={p.id: p.name for p in kept.pots},
        exposures=tuple(_exposure(e) for e in open_),
        game=None,
        tables={
            "funding-sources": _sources_table(prepared, uses),
            "funding-mix": _mix_table(prepared, mix),
            "funding-cash": _cash_table(cash),
        },
    )


def _use(mix: Mix, s: int, reason: str) -> SourceUse:
    source: FundingSource = mix.sources[s]
    paid = (mix.capital[s] + mix.upkeep[s]).sum(axis=(0, 2))
    return SourceUse(
        id=source.id,
        kind=source.kind,
        name=source.name,
        conditions=source.conditions,
        closed=source.closed,
        citation=source.citation,
        largest_share=source.largest_share,
        cap=source.cap,
        cap_measure=source.cap_measure,
        interest=source.interest,
        maturity_years=source.maturity_years,
        countries=source.countries,
        first_year=source.first_year,
        last_year=source.last_year,
        paid=paid,
        unused="" if paid.sum() > 0 else reason or DEARER,
    )


def _measure(mix: Mix, j: int) -> MeasureMix:
    return MeasureMix(
        mix.needs.measures[j],
        float(mix.needs.capital[j].sum()),
        mix.capital[:, j].sum(axis=(1, 2)),
        float(mix.own_capital[j].sum()),
    )


def _conflict(conflict: Conflict) -> FundingConflict:
    def rule(r: Rule, way: float | None) -> ConflictRule:
        return ConflictRule(r.kind, r.sources, r.measure, r.member, r.year, r.limit, r.due, way)

    return FundingConflict(
        tuple(rule(r, conflict.remedy[r]) for r in conflict.rules),
        conflict.smallest,
        tuple(rule(r, conflict.short[r]) for r in conflict.set_aside),
    )


def _statements(prepared: Prepared, settings: SourcesSettings, flow: CashFlow) -> tuple[CashStatement, ...]:
    members, account = prepared.model.members, prepared.model.settings.currency
    rates, day = rates_of(prepared, settings), rate_date(prepared, settings)
    used = [rate_on(rates, account, m.currency, day) for m in members]
    made = statements(
        flow,
        tuple(m.currency for m in members),
        np.array([r.rate for r in used]),
        tuple(m.fiscal_year_start for m in members),
    )
    return tuple(
        CashStatement(
            member=s.member,
            currency=s.currency,
            digits=minor_digits(s.currency),
            rate=r.rate,
            rate_date=day if s.currency != account else None,
            rate_source=r.citation,
            first_year=s.first_year,
            begins=m.fiscal_year_start,
            lines=s.lines,
        )
        for s, r, m in zip(made, used, members, strict=True)
    )


def _exposure(e: Exposure) -> RateExposure:
    low, high = e.stated if e.stated is not None else (None, None)
    return RateExposure(
        e.member,
        e.currency,
        e.own_currency,
        e.rate.rate,
        e.rate.date,
        e.rate.citation,
        e.net_cost,
        e.if_dearer,
        e.if_cheaper,
        low,
        high,
    )


def _sources_table(prepared: Prepared, uses: tuple[SourceUse, ...]) -> Table:
    """What each source pays each member."""
    unit = prepared.model.settings.currency
    columns = (
        Column("source"),
        Column("kind"),
        Column("largest_share", "share"),
        *(Column(m, "money", unit) for m in prepared.members),
        Column("unused"),
        Column("citation"),
    )
    rows = tuple(
        (u.id, u.kind, u.largest_share, *(float(x) for x in u.paid), u.unused, u.citation) for u in uses
    )
    return Table("funding-sources", columns, rows)


def _mix_table(prepared: Prepared, mix: Mix) -> Table:
    """Money by source, measure, member and year; 'own' is cash."""
    unit = prepared.model.settings.currency
    columns = (
        Column("source"),
        Column("measure"),
        Column("member", "member"),
        Column("year", "year"),
        Column("capital", "money", unit),
        Column("upkeep", "money", unit),
    )
    names = [*(s.id for s in mix.sources), "own"]
    capital = np.concatenate([mix.capital, mix.own_capital[None]])
    upkeep = np.concatenate([mix.upkeep, mix.own_upkeep[None]])
    rows = tuple(
        (
            names[s],
            mix.needs.measures[j],
            mix.needs.members[i],
            mix.needs.first_year + int(t),
            round(float(capital[s, j, i, t]), 2),
            round(float(upkeep[s, j, i, t]), 2),
        )
        for s, j, i, t in zip(*np.nonzero((capital > 0.005) | (upkeep > 0.005)), strict=True)
    )
    return Table("funding-mix", columns, rows)


def _cash_table(cash: tuple[CashStatement, ...]) -> Table:
    """Cash by member and fiscal year, in the member's own currency."""
    columns = (
        Column("member", "member"),
        Column("currency"),
        Column("fiscal_year", "year"),
        *(Column(name, "number") for name in LINES),
    )
    rows = []
    for s in cash:
        unit = 10**s.digits
        for k in range(len(s.lines["net"])):
            if any(s.lines[name][k] for name in LINES):
                amounts = (float(s.lines[name][k]) / unit for name in LINES)
                rows.append((s.member, s.currency, s.first_year + k, *amounts))
    return Table("funding-cash", columns, tuple(rows))
