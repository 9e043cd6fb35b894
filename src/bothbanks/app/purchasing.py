"""Buying together of a region: from its settings and the cases as played to its finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import CaseFinding, PurchasingFinding
from bothbanks.analysis.findings.purchasing import BuyingGroup, GoodFinding, Moved, Procedure, RuleStep
from bothbanks.analysis.services import Bought, PurchasingCase, groups_in
from bothbanks.app.cases import population_of
from bothbanks.app.money_findings import spread
from bothbanks.app.prepared import Prepared, Step, silent
from bothbanks.app.purchasing_case import bands_of, purchasing_case, rules_of
from bothbanks.app.purchasing_game import row_of
from bothbanks.civic.finance.thresholds import Step as Band
from bothbanks.region.needs import PURCHASING
from bothbanks.region.schema_cases import CaseSettings
from bothbanks.region.schema_purchasing import GoodSettings, PurchasingSettings
from bothbanks.words.money import minor_digits, to_cents

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]
POINTS = 40
"""Points of a price curve."""


def find(prepared: Prepared, step: Step = silent) -> PurchasingFinding | None:
    """The finding, or None where the folder doesn't ask for it."""
    settings = next((c for c in prepared.model.cases.values() if c.kind == "purchasing"), None)
    if settings is None or settings.purchasing is None:
        return None
    case = purchasing_case(prepared, settings)
    purchases = case.play([prepared.base, *prepared.drawn.draws])
    step(1, 3)
    countries = tuple(m.country for m in prepared.model.members)
    row = row_of(settings, purchases, countries, population_of(prepared.model))
    step(2, 3)
    asked = settings.purchasing
    saved = purchases.worths[:, -1]
    bands = bands_of(prepared, asked)
    law = _Law(rules_of(prepared, asked), bands)
    minor, total = _in_minor_units(row, prepared.members)
    found = PurchasingFinding(
        case=row,
        opens=asked.opens.isoformat(),
        goods=tuple(_good(prepared, g, b, law) for g, b in zip(asked.goods, purchases.goods, strict=True)),
        shares_minor=minor,
        total_minor=total,
        saved_draws=float(np.mean(saved[1:] > 0.0)) if len(saved) > 1 else float(saved[0] > 0.0),
        agreement_days=float(prepared.base[f"{settings.id}.agreement_days"]),
        moved=_moved(prepared, settings, case),
        steps=tuple(
            RuleStep(code, kind, s.above, s.below, s.procedure, _days(s), s.mark, s.source, s.time_source)
            for (code, kind), found in bands.items()
            for s in found
        ),
        currencies=tuple(dict.fromkeys(m.currency for m in prepared.model.members)),
    )
    step(3, 3)
    return found


class _Law:
    """Procedures of contracts, in words."""

    def __init__(self, rules: Sequence[str], bands: Mapping[tuple[str, str], tuple[Band, ...]]) -> None:
        self.rules, self.bands = rules, bands

    def of(self, member: int, kind: str, value: float, regime: str) -> Procedure:
        """The procedure a member's law asks for; ``regime`` as the case found it."""
        code = self.rules[member]
        days = next(_days(s) for s in self.bands[code, kind] if s.procedure == regime)
        return Procedure(code, regime, value, days)


def _days(band: Band) -> int | None:
    if band.tender_days is None or band.standstill_days is None:
        return None
    return band.tender_days + band.standstill_days


def _in_minor_units(row: CaseFinding, members: Sequence[str]) -> tuple[dict[str, tuple[int, ...]], int]:
    """Shares of the saving in whole cents by every rule, and their one sum."""
    assert row.game is not None  # a money case has one
    digits = minor_digits(row.unit)
    out = {}
    for rule in row.game.rules:
        cents = to_cents(dict(zip(members, rule.shares.tolist(), strict=True)), digits)
        out[rule.rule] = tuple(cents[m] for m in members)
    total = to_cents({"all": float(row.game.worth_gamma[-1])}, digits)["all"]
    return out, total


def _good(prepared: Prepared, asked: GoodSettings, bought: Bought, law: _Law) -> GoodFinding:
    """One good at the base values, with what the draws do to it."""
    n, groups = bought.good.n, bought.groups
    full = (1 << n) - 1
    buys = bought.good.quantity[0] > 0.0
    single = [1 << i for i in range(n)]
    parts = [groups_in(bought.best, d, full) for d in range(len(bought.good.quantity))]
    joint = [any(groups.buyers[d, mask] > 1 for mask in found) for d, found in enumerate(parts)]
    saved = bought.savings[:, -1]
    draws = slice(1, None) if len(saved) > 1 else slice(None)
    curve = _curve(bought)
    return GoodFinding(
        id=asked.id,
        name=asked.name,
        unit=asked.unit,
        kind=asked.kind,
        contract_years=asked.contract_years,
        measure=asked.measure,
        every_member=asked.every_member or not asked.measure,
        quantity=bought.good.quantity[0],
        unit_price_alone=np.where(buys, groups.unit_price[0, single], np.nan),
        alone=bought.alone[0],
        together=bought.paid(0, full),
        procedures=tuple(_procedure(bought, mask, law) if buys[i] else None for i, mask in enumerate(single)),
        groups=tuple(
            _group(prepared.members, bought, mask, law) for mask in parts[0] if groups.buyers[0, mask]
        ),
        saving=spread(saved[0], saved[draws]),
        joint_draws=float(np.mean(joint[draws])),
        volume=curve[0],
        price=curve[1],
        price_low=curve[2],
        price_high=curve[3],
    )


def _procedure(bought: Bought, mask: int, law: _Law) -> Procedure:
    groups, good = bought.groups, bought.good
    regime = good.ladders.regimes[int(groups.regime[0, mask])]
    lead = int(groups.lead[0, mask])
    bare = good.price(groups.volume)[0, mask]
    value = float(groups.volume[0, mask] * bare * good.contract_years)
    return law.of(lead, bought.spec.kind, value, regime)


def _group(members: Sequence[str], bought: Bought, mask: int, law: _Law) -> BuyingGroup:
    groups = bought.groups
    buying = [m for i, m in enumerate(members) if mask >> i & 1 and bought.good.quantity[0, i] > 0.0]
    return BuyingGroup(
        members=tuple(buying),
        lead=members[int(groups.lead[0, mask])],
        unit_price=float(groups.unit_price[0, mask]),
        procedure=_procedure(bought, mask, law),
        cost=float(groups.cost[0, mask]),
    )


def _curve(bought: Bought) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """(point,) volumes from the smallest buyer to all, and the price at the base, low and high.

    Every draw starts at the base price of the smallest buyer, so the range is that of the fall alone.
    """
    own = bought.good.quantity[0]
    some = own[own > 0.0]
    if not some.size:
        return (np.zeros(0),) * 4
    volume = np.geomspace(some.min(), own.sum() * 1.000001, POINTS)
    price = bought.good.price(np.repeat(volume[None], len(bought.good.quantity), axis=0))
    drawn = price[1:] if len(price) > 1 else price
    first = np.where(drawn[:, :1] > 0.0, drawn[:, :1], 1.0)  # what moves the whole curve is no discount
    low, high = price[0, 0] * np.percentile(drawn / first, [5, 95], axis=0)
    return volume, price[0], low, high


def _moved(prepared: Prepared, settings: CaseSettings, case: PurchasingCase) -> tuple[Moved, ...]:
    """The saving with every number of the case at each end of its range, the largest swing first."""
    asked = settings.purchasing
    assert asked is not None
    used = _parameters_of(asked, settings.id)
    varied = [p for p in prepared.drawn.parameters if p.varies and p.id in used]
    if not varied:
        return ()
    ends = [{**prepared.base, p.id: value} for p in varied for value in (p.low, p.high)]
    saved = case.play(ends).worths[:, -1]
    moved = [
        Moved(p.id, p.low, p.high, float(saved[2 * k]), float(saved[2 * k + 1])) for k, p in enumerate(varied)
    ]
    return tuple(sorted(moved, key=lambda m: (-m.swing, m.parameter)))


def _parameters_of(asked: PurchasingSettings, head: str) -> frozenset[str]:
    """Ids of the numbers that the saving is computed from, those of the measures that pay among them."""
    own = {f"{head}.good.{good.id}.{name}" for good in asked.goods for name, _ in good.numbers()}
    paid = [good.measure.split(".", 1) for good in asked.goods if good.measure]
    costs = {f"{case}.measure.{measure}.cost" for case, measure in paid}
    effort = {f"{head}.{name}" for name in PURCHASING if name != "agreement_days"}
    return frozenset(own | costs | effort | {"region.discount_rate"})
