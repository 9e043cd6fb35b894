"""Measures and deals of a case's settings as the plain values that ``analysis.measures`` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.deals import Deal
from bothbanks.analysis.measures.measure import Effect, Measure
from bothbanks.region.parameters import effect_id
from bothbanks.region.schema_cases import CaseSettings, MeasureSettings

FloatArray = NDArray[np.float64]
PER_PERSON = "/person"


def measures_of(case: CaseSettings) -> tuple[Measure, ...]:
    """All measures of a case, in the order of its file."""
    return tuple(_measure(case.id, m) for m in case.measures)


def _measure(case: str, m: MeasureSettings) -> Measure:
    head = f"{case}.measure.{m.id}"
    effects = tuple(
        Effect(
            basin=e.basin,
            members=e.members,
            on=e.on,
            size=effect_id(case, m.id, number),
            classes=e.classes,
        )
        for number, e in enumerate(m.effects, 1)
    )
    return Measure(
        id=m.id,
        case=case,
        kind=m.kind,
        name=m.name,
        holders=m.holders,
        hosts=m.hosts,
        cost=f"{head}.cost",
        upkeep=f"{head}.upkeep",
        lifetime_years=m.lifetime_years,
        years=m.years,
        year_shares=m.year_shares,
        effects=effects,
        outside_holder=m.outside_holder,
        outside_consents=m.outside_consents,
        planned=m.planned,
        paid_by=m.paid_by,
        holders_source=m.holders_source,
    )


def deals_of(case: CaseSettings) -> tuple[Deal, ...]:
    """The deals of a case."""
    return tuple(Deal(d.id, d.measures, d.hosts, d.beneficiaries) for d in case.deals)


@dataclass(frozen=True, eq=False)
class SameScale:
    """A quantity that no parameter moves, such as people; can be sent to another process."""

    quantity: FloatArray

    def __call__(self, draw: Mapping[str, float]) -> FloatArray:
        """(member,) the quantity."""
        return self.quantity


def scales_of(
    case: CaseSettings, population: FloatArray
) -> dict[str, Callable[[Mapping[str, float]], FloatArray]]:
    """What unit costs are multiplied by: people of the member where a cost is stated per person."""
    per_person = [m.id for m in case.measures if m.cost.unit.replace(" ", "").endswith(PER_PERSON)]
    return {name: SameScale(population) for name in per_person}
