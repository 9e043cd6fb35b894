"""What each measure costs, whom it helps and hurts, and the deals and budgets that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import BreakEven, BudgetSplit, DealSheet, MeasureFinding
from bothbanks.analysis.measures.blocks import full_loss, subset_index
from bothbanks.analysis.measures.budgets import split_budgets
from bothbanks.analysis.measures.deals import Deal, deal_terms, payment_by_year
from bothbanks.analysis.measures.effects import measure_effects
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.measure import EVERY, Measure, cost_by_year
from bothbanks.app.money_findings import Played, spread
from bothbanks.app.play import Ends
from bothbanks.region.folder import RegionModel
from bothbanks.words.errors import InputError
from bothbanks.words.parameters import Parameter

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]


def measure_findings(
    played: Played,
    measures: Sequence[Measure],
    base: Draw,
    model: RegionModel,
    scales: Mapping[str, FloatArray],
) -> tuple[MeasureFinding, ...]:
    """One finding for each measure of a money case, in the order of its file."""
    effects = measure_effects(played.game)
    index = {m: j for j, m in enumerate(played.game.tables.measures)}
    out = []
    for m in measures:
        if m.id in index:
            effect = _shared_effect(played, index[m.id], effects.added_to_alone[index[m.id]])
        elif m.kind == "warning":
            effect = _warning_effect(played)
        else:
            effect = _own_effect(played, m.id)
        out.append(measure_finding(m, base, model, effect, scales.get(m.id)))
    return tuple(out)


def _shared_effect(played: Played, j: int, helped: FloatArray) -> Effect:
    alone, together = played.game.alone().profile, played.game.together().profile
    share = float((played.draws.choices >> j & 1).mean())
    return Effect(helped, bool(alone >> j & 1), bool(together >> j & 1), share)


@dataclass(frozen=True, eq=False)
class Effect:
    """Whom a measure helps, and whether it is taken."""

    helped: FloatArray  # (member,) loss avoided, or deaths a year; negative = harm
    alone: bool
    together: bool
    draws: float  # share of draws in which it is taken together


def measure_finding(
    m: Measure, base: Draw, model: RegionModel, effect: Effect, scale: FloatArray | None
) -> MeasureFinding:
    """A measure's finding: its effect as given, its costs from the base draw."""
    parameters = {p.id: p for p in model.parameters}
    horizon, rate = model.settings.horizon_years, base["region.discount_rate"]
    quantity = 1.0 if scale is None else float(scale[_takers(m, model)].sum())
    flow = cost_by_year(m, base, horizon)
    own = f"{m.case}.measure.{m.id}."
    return MeasureFinding(
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
        effect_on_member=effect.helped,
        chosen_alone=effect.alone,
        chosen_together=effect.together,
        chosen_together_draws=effect.draws,
        assumed=tuple(p.id for p in model.parameters if p.id.startswith(own) and p.assumed),
    )


def deciders(m: Measure) -> tuple[str, ...]:
    """Members who must all agree; none where each member decides for itself."""
    return tuple(h for h in m.holders if h != EVERY)


def _takers(m: Measure, model: RegionModel) -> NDArray[np.bool_]:
    names = m.hosts or m.holders or (EVERY,)
    return np.array([EVERY in names or x.id in names for x in model.members])


def times(p: Parameter, quantity: float) -> Parameter:
    """A cost stated per unit as the cost of the whole quantity."""
    if quantity == 1.0:
        return p
    unit = p.unit.split("/")[0]
    return Parameter(p.id, p.value * quantity, p.low * quantity, p.high * quantity, unit, p.source, p.note)


def _own_effect(played: Played, measure: str) -> Effect:
    """Who takes an own measure, in what share of draws anybody does together, and the loss it avoids."""
    game = played.game
    takes = [any(measure in o.split("+") for o in e.own) for e in (game.alone(), game.together())]
    share = float(np.mean([any(measure in o.split("+") for o in e.own_together) for e in played.draws.also]))
    return Effect(_avoided_by_own(game, measure), takes[0], takes[1], share)


def _avoided_by_own(game: PartitionGame, measure: str) -> FloatArray:
    """(member,) loss avoided where the member takes the measure and nothing else of its own, at 'alone'."""
    option = next((o for o in game.tables.options if o.id == measure), None)
    n = len(game.members)
    if option is None:
        return np.zeros(n)
    profile = np.array([game.alone().profile], dtype=np.int64)
    left = np.zeros(n)
    for b, table in enumerate(game.tables.basins):
        by_class = table.by_class[subset_index(table, profile)[0]]
        factor = option.loss_factor[:, b]
        left += (by_class * (factor if factor.ndim == 2 else factor[:, None])).sum(axis=1)
    avoided = full_loss(game.tables, profile)[0] - left
    return np.where(option.available, avoided, 0.0)


def _warning_effect(played: Played) -> Effect:
    """Whether joint warning runs together, in what share of draws, and what it is worth to each member."""
    game, everybody = played.game, ((1 << len(played.game.members)) - 1,)
    together = game.together()
    share = float(np.mean(["joint" in e.warning_together for e in played.draws.also]))
    alone_at = game.settle(tuple(1 << i for i in range(len(game.members))), together.profile)
    joint_at = game.settle(everybody, together.profile)
    return Effect(alone_at.loss - joint_at.loss, False, "joint" in together.warning, share)


def deal_sheets(
    played: Played,
    deals: Sequence[Deal],
    base: Draw,
    model: RegionModel,
    measures: Sequence[Measure],
    ends: Ends,
) -> tuple[DealSheet, ...]:
    """One sheet for each deal of the case's file."""
    settings = {d.id: d for d in played.settings.deals}
    lifetime = {m.id: m.lifetime_years for m in measures}
    parameters = {p.id: p for p in model.parameters}
    out = []
    for d, deal in enumerate(deals):
        terms = deal_terms(played.game, deal)
        drawn = np.array([e.deals[d] for e in played.draws.also])
        years = min(lifetime[m] for m in deal.measures)
        kills = [
            BreakEven(p, base[p], parameters[p].low, parameters[p].high, parameters[p].unit, ends.kills[d, p])
            for p in _asked(ends, d)
        ]
        out.append(
            DealSheet(
                id=deal.id,
                name=settings[deal.id].name,
                measures=deal.measures,
                hosts=deal.hosts,
                beneficiaries=deal.beneficiaries,
                host_cost=terms.host_cost,
                least_accepted=spread(terms.least_accepted, drawn[:, 0]),
                most_paid=spread(terms.most_paid, drawn[:, 1]),
                payment=terms.payment,
                payment_by_year=payment_by_year(
                    terms, base["region.discount_rate"], years, model.settings.horizon_years
                ),
                survives_draws=float((drawn[:, 1] >= drawn[:, 0]).mean()),
                break_even=tuple(kills),
                article=settings[deal.id].article,
            )
        )
    return tuple(out)


def _asked(ends: Ends, deal: int, most: int = 12) -> list[str]:
    """The assumptions that move a deal's surplus: those that kill it first, then the strongest,
    ``most`` in all.
    """

    def move(p: str) -> float:
        low, high = ends.low[p].deals[deal], ends.high[p].deals[deal]
        return abs((low[1] - low[0]) - (high[1] - high[0]))

    names = [p for p in ends.low if move(p) > 0.0]
    names.sort(key=lambda p: (ends.kills[deal, p] is None, -move(p), p))
    return names[:most]


def budgets(played: Played, base: Draw, model: RegionModel) -> tuple[BudgetSplit, ...]:
    """Each member's result together, under the Shapley payments: council cash and benefit to others."""
    from bothbanks.analysis.cooperation.game import CoalitionGame
    from bothbanks.analysis.cooperation.partition import worths_from_costs
    from bothbanks.analysis.cooperation.shapley_value import shapley

    game = played.game
    worths = worths_from_costs(lambda p: game.solve(p).cost, len(game.members), "gamma")
    shares = shapley(CoalitionGame.from_worths(game.members, worths))
    kept = game.alone().cost - game.together().cost
    payments = np.array([shares[m] for m in game.members]) - kept
    limit = base.get("region.payable_per_head")
    split = split_budgets(
        game,
        payments,
        _owners(played),
        base["region.discount_rate"],
        model.settings.horizon_years,
        None if limit is None else limit * played.population,
    )
    return tuple(
        BudgetSplit(
            b.member,
            b.budget_cost,
            b.households,
            b.firms,
            b.public_works,
            b.payment_per_year,
            payable=b.payable is not False,
            reason="" if b.payable is not False else "above-budget",
        )
        for b in split
    )


def _owners(played: Played) -> list[str]:
    out: list[str] = []
    for c in played.settings.classes:
        if c.owner is None:
            raise InputError(
                "app.class-owner",
                f"cases/{played.settings.id}.toml: class '{c.id}' doesn't say who bears its loss; "
                "add owner = 'households', 'firms' or 'public'.",
            )
        out.append(c.owner)
    return out
