"""Findings of cases that no payment can settle (heat), and not-modelled counts of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.partition import alone_partition, together_partition
from bothbanks.analysis.findings import CaseFinding, MeasureFinding
from bothbanks.analysis.risk.uncertainty import interval
from bothbanks.app.cases import HeatRun
from bothbanks.app.measure_findings import Effect, measure_finding
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
    untouched = run.deaths(base).sum(axis=1)
    covered = run.faced(base)[0]
    out = []
    for m in run.measures:
        played = m.kind == "cooling"
        factor = float(np.prod([base[e.size] for e in m.effects]))
        effect = Effect(
            helped=untouched - covered if played else covered * (1.0 - factor),
            alone=played,
            together=played,
            draws=float(played),
        )
        out.append(measure_finding(m, base, model, effect, scales.get(m.id)))
    return tuple(out)


def counts(members: Sequence[str], people: FloatArray) -> dict[str, int]:
    """People not modelled by member, members with none left out."""
    return {m: round(float(p)) for m, p in zip(members, people, strict=True) if round(float(p))}
