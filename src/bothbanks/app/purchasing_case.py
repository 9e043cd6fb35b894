"""The purchasing case of a region: how much of each good members buy, under which rules, at what price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.services import EffortIds, GoodSpec, Ladders, PurchasingCase
from bothbanks.app.cases import population_of
from bothbanks.app.measures import scales_of
from bothbanks.app.prepared import Prepared
from bothbanks.civic.finance.threshold_tables import DIRECT, NATIONAL, OFFERS, UNION
from bothbanks.civic.finance.thresholds import UNKNOWN, Step, steps
from bothbanks.region.schema_cases import CaseSettings
from bothbanks.region.schema_purchasing import GoodSettings, PurchasingSettings

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]

STAFF = {
    DIRECT: "staff_direct",
    OFFERS: "staff_offers",
    UNKNOWN: "staff_offers",  # no rule on file: as if several offers were asked for
    NATIONAL: "staff_national",
    UNION: "staff_union",
}
"""Procedure -> the parameter of what it takes in the buyer's own work."""


@dataclass(frozen=True, eq=False)
class ForMeasure:
    """(member,) units a year that a share of a measure's capital buys, in the years it is spent.

    The capital is that of the base price: a dearer unit buys fewer of them.
    """

    cost: str
    share: str
    price: str
    scale: FloatArray  # what a unit cost is multiplied by, 0 where the member doesn't take the measure
    years: int

    def __call__(self, draw: Draw) -> FloatArray:
        """The quantities of a draw."""
        spent = draw[self.cost] * draw[self.share] / self.years
        price = draw[self.price]
        return self.scale * (spent / price if price > 0.0 else 0.0)


@dataclass(frozen=True, eq=False)
class ForPeople:
    """(member,) units a year by the head."""

    per_head: str
    population: FloatArray

    def __call__(self, draw: Draw) -> FloatArray:
        """The quantities of a draw."""
        return self.population * draw[self.per_head]


def rules_of(prepared: Prepared, asked: PurchasingSettings) -> tuple[str, ...]:
    """Code of each member's procurement rules: as the case says for it or its country, else the country's."""
    return tuple(
        asked.rules.get(m.id) or asked.rules.get(m.country) or m.country for m in prepared.model.members
    )


def bands_of(prepared: Prepared, asked: PurchasingSettings) -> dict[tuple[str, str], tuple[Step, ...]]:
    """(rules, kind of contract) -> every band of values on the day the tenders open.

    Thresholds are in euros; a currency of account that isn't the euro is turned at the region's dated rate.
    """
    kinds = tuple(dict.fromkeys(g.kind for g in asked.goods))
    codes = tuple(dict.fromkeys(rules_of(prepared, asked)))
    return {(code, kind): steps(code, kind, asked.opens) for code in codes for kind in kinds}


def purchasing_case(prepared: Prepared, settings: CaseSettings) -> PurchasingCase:
    """The case ready to play."""
    asked = settings.purchasing
    assert asked is not None  # the settings check it
    bands = bands_of(prepared, asked)
    euro = _euro(prepared)
    regimes = tuple(STAFF)
    ladders = {
        kind: Ladders(
            regimes,
            {
                code: [(s.above * euro, s.procedure) for s in found]
                for (code, of), found in bands.items()
                if of == kind
            },
        )
        for kind in dict.fromkeys(kind for _, kind in bands)
    }
    head = settings.id
    effort = EffortIds(
        tuple(f"{head}.{name}" for name in STAFF.values()),
        f"{head}.agreement_cost",
        f"{head}.member_cost",
        f"{head}.language_cost",
        "region.discount_rate",
    )
    return PurchasingCase(
        head,
        settings.unit,
        prepared.members,
        rules_of(prepared, asked),
        tuple(m.languages[0] for m in prepared.model.members),
        tuple(_spec(prepared, head, good) for good in asked.goods),
        ladders,
        effort,
    )


def _euro(prepared: Prepared) -> float:
    """One euro of today's thresholds in the currency of account; thresholds are law, so not deflated."""
    from bothbanks.region.money import MoneyTable

    table = MoneyTable(prepared.model.settings)
    return table.factor("EUR", table.price_year).factor


def _spec(prepared: Prepared, head: str, good: GoodSettings) -> GoodSpec:
    name = f"{head}.good.{good.id}"
    stated = {n for n, _ in good.numbers()}
    ids = {
        n: f"{name}.{n}" if n in stated else "" for n in ("reference", "movable", "elasticity", "delivery")
    }
    if good.measure:
        quantity: ForMeasure | ForPeople = _for_measure(prepared, good, name)
    else:
        quantity = ForPeople(f"{name}.per_head", population_of(prepared.model))
    return GoodSpec(
        id=good.id,
        kind=good.kind,
        contract_years=good.contract_years,
        quantity=quantity,
        price=f"{name}.price",
        steps=tuple((s.start, s.factor) for s in good.steps),
        lead=good.lead or "",
        **ids,
    )


def _for_measure(prepared: Prepared, good: GoodSettings, name: str) -> ForMeasure:
    case_id, measure_id = good.measure.split(".", 1)
    case = prepared.model.cases[case_id]
    measure = next(m for m in case.measures if m.id == measure_id)
    scales = scales_of(case, population_of(prepared.model))
    n = len(prepared.members)
    if measure_id in scales:
        scale = np.array(scales[measure_id](prepared.base), dtype=np.float64)
    elif "*" in measure.holders:  # each pays the sum for itself
        scale = np.ones(n)
    else:  # one sum for the whole measure, in equal parts among its hosts
        hosts = measure.hosts or measure.holders
        scale = np.array([float(m in hosts) / len(hosts) for m in prepared.members])
    takes = np.ones(n, dtype=bool) if good.every_member else takers(prepared, case_id, measure_id)
    cost = f"{case_id}.measure.{measure_id}.cost"
    return ForMeasure(cost, f"{name}.share", f"{name}.price", np.where(takes, scale, 0.0), len(measure.years))


def takers(prepared: Prepared, case_id: str, measure_id: str) -> NDArray[np.bool_]:
    """(member,) who takes a measure when all act together, at the base values."""
    n = len(prepared.members)
    found = [m for m in prepared.measures if (m.case, m.id) == (case_id, measure_id)]
    chosen = bool(found) and found[0].chosen_together
    played = prepared.played.get(case_id)
    if played is not None and found and not found[0].holders:
        own = played.game.together().own
        return np.array([measure_id in taken.split("+") for taken in own], dtype=bool)
    return np.full(n, chosen)
