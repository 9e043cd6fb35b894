"""Findings of cases that no payment can settle (heat), and not-modelled counts of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.partition import alone_partition, together_partition
from bothbanks.analysis.findings import CaseFinding, MeasureFinding
from bothbanks.analysis.measures.measure import cost_by_year
from bothbanks.analysis.risk.uncertainty import interval
from bothbanks.app.cases import HeatRun
from bothbanks.app.measure_findings import deciders, times
from bothbanks.app.money_findings import spread
from bothbanks.region.folder import RegionModel

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]


def heat_finding(run: HeatRun, base: Draw, draws: Sequence[Draw]) -> CaseFinding:
    """Deaths a year by member alone and together, never in money; only the cost of running is shown
    beside.
    """
    n = len(run.game.members)
    parts = alone_partition(n), together_partition(n)

    alone, together = run.faced(base)
    drawn = np.array([run.faced(d) for d in draws])
    (alone_low, alone_high), (low, high) = interval(drawn[:, 0]), interval(drawn[:, 1])
    cost = [run.game.outcomes(p, base).cost for p in parts]
    s = run.settings
    return CaseFinding(
        id=s.id,
        kind=s.kind,
        name=s.name,
        unit=s.unit,
        per="year",
        money=False,
        modelled=s.modelled,
        alone=alone,
        together=together,
        alone_low=alone_low,
        alone_high=alone_high,
        together_low=low,
        together_high=high,
        total_alone=spread(alone.sum(), drawn[:, 0].sum(axis=1)),
        total_together=spread(together.sum(), drawn[:, 1].sum(axis=1)),
        game=None,
        running_cost={"alone": cost[0], "together": cost[1]},
        physical={"deaths": {"alone": alone, "together": together}},
    )


def heat_measures(
    run: HeatRun, base: Draw, model: RegionModel, scales: Mapping[str, FloatArray]
) -> tuple[MeasureFinding, ...]:
    """Measures against heat: their effect is in deaths avoided a year, not in money."""
    parameters = {p.id: p for p in model.parameters}
    horizon, rate = model.settings.horizon_years, base["region.discount_rate"]
    untouched = run.deaths(base).sum(axis=1)
    n = len(run.game.members)
    covered = run.game.outcomes(alone_partition(n), base).physical["deaths"]
    out = []
    for m in run.measures:
        flow = cost_by_year(m, base, horizon)
        quantity = float(scales[m.id].sum()) if m.id in scales else 1.0
        played = m.kind == "cooling"
        factor = np.prod([base[e.size] for e in m.effects]) if m.effects else 1.0
        out.append(
            MeasureFinding(
                id=m.id,
                case=m.case,
                kind=m.kind,
                name=m.name,
                holders=deciders(m),
                holders_source=m.holders_source,
                outside_holder=m.outside_holder,
                cost=times(parameters[m.cost], quantity),
                cost_by_year=flow.capital * quantity,
                upkeep_by_year=flow.upkeep * quantity,
                lifetime_years=m.lifetime_years,
                present_cost=flow.present(rate) * quantity,
                effect_on_member=untouched - covered if played else covered * (1.0 - factor),
                chosen_alone=played,
                chosen_together=played,
                chosen_together_draws=float(played),
                assumed=tuple(
                    p.id
                    for p in model.parameters
                    if p.id.startswith(f"{m.case}.measure.{m.id}.") and p.assumed
                ),
            )
        )
    return tuple(out)


def counts(members: Sequence[str], people: FloatArray) -> dict[str, int]:
    """People not modelled by member, members with none left out."""
    return {m: round(float(p)) for m, p in zip(members, people, strict=True) if round(float(p))}
