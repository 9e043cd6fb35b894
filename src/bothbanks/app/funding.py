"""Blended finance of a region: from its settings and the cases as played to its finding."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import FundingFinding, ProgrammeFinding
from bothbanks.analysis.measures.presentvalue import discount_factors, level_payment
from bothbanks.app import funding_findings as told
from bothbanks.app.funding_game import funded_game
from bothbanks.app.funding_plan import needs_of
from bothbanks.app.funding_settings import (
    limits_of,
    pots_of,
    rate_date,
    rates_of,
    sources_of,
    together_of,
)
from bothbanks.app.funding_ventures import venture_shares
from bothbanks.app.prepared import Prepared, Step, silent
from bothbanks.civic.finance.cashflow import CashFlow, cash_flow
from bothbanks.civic.finance.conflicts import Conflict, find_conflict
from bothbanks.civic.finance.exchange import Exposure, exposures
from bothbanks.civic.finance.funding_sources import FundingSource, Limits, Needs, Together, openings
from bothbanks.civic.finance.mix import Mix, cheapest_mix
from bothbanks.civic.finance.mix_rules import build
from bothbanks.civic.finance.stewardship import stewardship
from bothbanks.region.finance.sources import SourcesSettings
from bothbanks.words.errors import SolverError

FloatArray = NDArray[np.float64]
STEPS = 4
MOST_MEMBERS = 10  # beyond which the grants of every coalition would take minutes


def find(
    prepared: Prepared, step: Step = silent, programme: ProgrammeFinding | None = None
) -> FundingFinding | None:
    """The finding, or None where the folder has no ``finance/sources.toml`` or no flood case.

    Parameters
    ----------
    programme : what is built together under budgets and when; without it, what is built together with no
        budget to heed is paid.

    Raises
    ------
    InputError
        Budgets and sources of different first years.
    MoneyError [finance.rate-missing]
        A currency without a rate on the stated day.
    """
    settings, run = prepared.finance.get("sources"), prepared.flood
    if not isinstance(settings, SourcesSettings) or run is None or run.settings.id not in prepared.played:
        return None
    sources = sources_of(settings, prepared.base)
    together = together_of(settings, sources, prepared.base)
    needs = needs_of(prepared, run, settings.first_year, programme)
    limits = limits_of(prepared, settings)
    step(0, STEPS)
    blend = blended(needs, sources, together, limits, prepared.base["region.discount_rate"])
    step(1, STEPS)
    game = None
    if len(prepared.members) <= MOST_MEMBERS:
        game = funded_game(prepared, run, sources, together, settings.first_year)
    step(2, STEPS)
    division = None if programme is None else programme.division
    agreed = np.zeros(len(prepared.members)) if game is None else game.payments_with
    agreed = agreed if division is None else division.payments
    flow = cash_flow(blend.mix, level_payments(agreed, prepared))
    kept = stewardship(blend.mix, pots_of(settings, prepared.base), _room(blend, limits, flow), limits.pooled)
    finding = told.finding(
        prepared,
        settings,
        blend.mix,
        blend.reasons,
        blend.conflict,
        blend.present_all_cash,
        flow,
        kept,
        _exposed(prepared, settings, blend.mix, flow),
    )
    step(3, STEPS)
    return replace(
        finding,
        game=game,
        under_budgets=programme is not None,
        payments_of_programme=division is not None,
        budgets_heeded=bool(np.isfinite(limits.capital).any() or np.isfinite(limits.running).any()),
        ventures=venture_shares(prepared),
    )


@dataclass(frozen=True, eq=False)
class Blend:
    """The cheapest mix; where no mix keeps every rule, the conflict and the mix without the fewest rules."""

    mix: Mix
    conflict: Conflict | None
    reasons: tuple[str, ...]  # of each source: why its rules leave nothing; '' where they do
    present_all_cash: float
    rate: float


def blended(
    needs: Needs,
    sources: tuple[FundingSource, ...],
    together: tuple[Together, ...],
    limits: Limits,
    rate: float,
) -> Blend:
    """The cheapest mix of one draw, and why there is none where there is none."""
    opened = openings(sources, needs)
    reasons = tuple(opened.reason(s, source, needs) for s, source in enumerate(sources))
    mix, conflict = cheapest_mix(needs, sources, limits, together, rate), None
    if mix is None:
        conflict = find_conflict(build(needs, sources, opened, limits, together, rate))
        assert conflict is not None
        mix = cheapest_mix(needs, sources, limits, together, rate, without=frozenset(conflict.set_aside))
        if mix is None:
            raise SolverError("funding.set-aside", "setting rules aside did not make a mix possible.")
    due = (needs.capital + needs.upkeep).sum(axis=(0, 1))
    cash = float(due @ discount_factors(rate, needs.years))
    return Blend(mix, conflict, reasons, cash, rate)


def level_payments(payments: FloatArray, prepared: Prepared) -> FloatArray:
    """(member, year) payments between members as level yearly sums over the horizon."""
    rate, years = prepared.base["region.discount_rate"], prepared.model.settings.horizon_years
    yearly = np.array([level_payment(float(p), rate, years) for p in payments])
    yearly -= yearly.mean()  # the sum is 0 but for float noise
    return np.repeat(yearly[:, None], years, axis=1)


def _room(blend: Blend, limits: Limits, flow: CashFlow) -> FloatArray:
    """(member, calendar year) running budget left for upkeep after debt service."""
    years = blend.mix.needs.years
    shares = limits.shares()
    # a budget of a fiscal year is taken to be spent evenly over the calendar years it touches
    whole = shares.sum(axis=2, keepdims=True)
    weight = np.divide(shares, whole, out=np.zeros_like(shares), where=whole > 0)
    free = np.isinf(limits.running)
    finite = np.where(free, 0.0, limits.running)
    room = np.einsum("if,ift->it", finite, weight)
    room[np.einsum("if,ift->it", free.astype(float), shares) > 0] = np.inf
    service = (flow.interest + flow.repayment)[:, :years]
    return np.asarray(np.maximum(room - service, 0.0))


def _exposed(prepared: Prepared, settings: SourcesSettings, mix: Mix, flow: CashFlow) -> tuple[Exposure, ...]:
    """What each member has open in other currencies: grants, loans, payments to and from the others."""
    rate = prepared.base["region.discount_rate"]
    account = prepared.model.settings.currency
    own = {m.id: m.currency for m in prepared.model.members}
    factor = discount_factors(rate, mix.needs.years)
    net: dict[tuple[str, str], float] = {}
    for s, source in enumerate(mix.sources):
        paid = (mix.capital[s] + mix.upkeep[s]).sum(axis=0) @ factor
        cost = source.present_cost(rate) if source.repaid else -1.0 if source.grant else 0.0
        for i, member in enumerate(prepared.members):
            key = member, source.currency
            net[key] = net.get(key, 0.0) + cost * float(paid[i])
    for i, member in enumerate(prepared.members):
        key = member, account
        net[key] = net.get(key, 0.0) - float(flow.payments[i, : mix.needs.years] @ factor)
    return exposures(net, own, account, rates_of(prepared, settings), rate_date(prepared, settings))
