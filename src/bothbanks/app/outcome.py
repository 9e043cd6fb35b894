"""Triggers and outcome grants of a region: from its settings and the cases as played to their finding."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import OutcomeFinding
from bothbanks.analysis.findings.outcome import ForecastFinding, GrantFinding
from bothbanks.app.outcome_triggers import member_losses, trigger_finding
from bothbanks.app.prepared import Prepared, Step, silent
from bothbanks.civic.finance.outcome_grants import GrantTerms, Linear, Progressive, Steps, amounts
from bothbanks.region.finance.grants import GrantSettings, GrantsSettings
from bothbanks.region.schema_triggers import TriggerSettings

FloatArray = NDArray[np.float64]
PERIODS = 4_000
"""Periods drawn for a forecast; each takes as many years of the catalogue as the grant runs."""
SEED = 7


def find(prepared: Prepared, step: Step = silent) -> OutcomeFinding | None:
    """The finding, or None where the folder has neither a trigger nor a grant.

    Raises
    ------
    InputError
        A trigger names a basin, gauge or station that the region does not have.
    """
    triggers = _triggers(prepared)
    section = prepared.finance.get("grants")
    grants = section.grants if isinstance(section, GrantsSettings) else ()
    if not triggers and not grants:
        return None
    count = len(triggers) + len(grants)
    found = []
    for k, trigger in enumerate(triggers):
        found.append(trigger_finding(prepared, trigger))
        step(k + 1, count)
    made = []
    for k, grant in enumerate(grants, len(triggers)):
        made.append(grant_finding(prepared, grant))
        step(k + 1, count)
    return OutcomeFinding(tuple(found), tuple(made))


def _triggers(prepared: Prepared) -> tuple[TriggerSettings, ...]:
    cases = prepared.model.cases.values()
    return tuple(t for c in cases if c.reserve is not None for t in c.reserve.triggers)


def grant_finding(prepared: Prepared, grant: GrantSettings) -> GrantFinding:
    """A grant's terms in floats, with its forecast where the region models what it measures."""
    account = prepared.model.settings
    modelled = _yearly(prepared, grant)
    open_ = grant.baseline is None
    baseline = float("nan") if grant.baseline is None else grant.baseline.value
    if open_ and modelled is not None:
        baseline = float(modelled[0].mean())
    forecast = None
    if modelled is not None:
        terms = grant.terms(account.currency, account.price_year, Fraction(repr(baseline)))
        forecast = _forecast(prepared, grant, terms, *modelled)
    dispute = grant.dispute
    formula, rows = _rows(grant)
    return GrantFinding(
        id=grant.id,
        name=grant.name,
        about=grant.about,
        funder=grant.funder,
        indicator=grant.indicator,
        unit=grant.unit,
        better=grant.better,
        aggregate=grant.aggregate,
        start=grant.start.isoformat(),
        end=grant.end.isoformat(),
        least_count=grant.least_count,
        verifier=grant.verifier,
        baseline=baseline,
        baseline_open=open_,
        formula=formula,
        rows=rows,
        floor=grant.floor,
        cap=grant.cap.value,
        shares=dict(grant.shares),
        file_days=dispute.file_days,
        panel_size=dispute.panel_size,
        dispute_cap=dispute.cap,
        file=grant.data.file,
        assumed=grant.source.lower().startswith("assumed"),
        forecast=forecast,
    )


def _rows(grant: GrantSettings) -> tuple[str, tuple[tuple[float, float], ...]]:
    """Kind of formula, and its rows as (from, price) or (at least, amount)."""
    formula = grant.formula()
    if isinstance(formula, Linear):
        return "linear", ((0.0, float(formula.price)),)
    if isinstance(formula, Progressive):
        return "progressive", tuple((float(b.start), float(b.price)) for b in formula.bands)
    assert isinstance(formula, Steps)
    return "steps", tuple((float(s.at_least), float(s.amount)) for s in formula.steps)


def _yearly(prepared: Prepared, grant: GrantSettings) -> tuple[FloatArray, FloatArray] | None:
    """(year,) values alone and together of what the grant measures, for the members that share it."""
    if prepared.flood is None or not grant.forecast:
        return None
    case = prepared.flood.settings.id
    chosen = [prepared.members.index(m) for m in grant.shares]
    if grant.forecast == "flood-loss":
        made = [prepared.catalogues.get((case, variant)) for variant in ("alone", "together")]
        if made[0] is None or made[1] is None:
            return None
        losses = [member_losses(c, prepared.members)[:, chosen].sum(axis=1) for c in made if c is not None]
        return losses[0], losses[1]
    people = next((c.physical.get("people_affected") for c in prepared.cases if c.id == case), None)
    if people is None:
        return None
    return people["alone"][chosen].sum(keepdims=True), people["together"][chosen].sum(keepdims=True)


def _forecast(
    prepared: Prepared, grant: GrantSettings, terms: GrantTerms, alone: FloatArray, together: FloatArray
) -> ForecastFinding:
    """Payout over many periods of drawn years; one value alone gives the payout of the mean only.

    Both outcomes see the same years, so their difference is what acting together changes.
    """
    years = grant.years if alone.size > 1 else 1
    rng = np.random.default_rng([prepared.drawn.seed, SEED])
    year = rng.integers(0, alone.size, (PERIODS if alone.size > 1 else 1, years))
    paid = [amounts(terms, _measured(grant, values[year])) for values in (alone, together)]
    ranges = [_range(p) if alone.size > 1 else (float("nan"), float("nan")) for p in paid]
    return ForecastFinding(
        basis=grant.forecast,
        years=years,
        measured_alone=float(alone.mean()),
        measured_together=float(together.mean()),
        together=float(paid[1].mean()),
        together_low=ranges[1][0],
        together_high=ranges[1][1],
        alone=float(paid[0].mean()),
        alone_low=ranges[0][0],
        alone_high=ranges[0][1],
    )


def _measured(grant: GrantSettings, values: FloatArray) -> FloatArray:
    """(period,) measured value of the years (period, year)."""
    if grant.aggregate == "last":
        return np.asarray(values[:, -1])
    return np.asarray(getattr(np, grant.aggregate)(values, axis=1))


def _range(paid: FloatArray) -> tuple[float, float]:
    low, high = np.percentile(paid, [5, 95])
    return float(low), float(high)
