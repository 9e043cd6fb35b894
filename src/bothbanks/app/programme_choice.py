"""What else could be chosen: robust across climates, the front of aims, pathways, changed assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings.programme import Changed, FrontPlan, PathStep, Pathway, RobustPlan
from bothbanks.analysis.measures.fronts import trade_offs
from bothbanks.analysis.measures.measure import Measure
from bothbanks.analysis.measures.pathways import IndicatorTable, PathwayStep, Trajectory, pathway
from bothbanks.analysis.measures.programme import (
    MinimumService,
    Plan,
    Programme,
    ProgrammeGame,
    ProgrammeTables,
    account,
    case_tables,
    nothing_done,
    over_budget,
    worst_off,
)
from bothbanks.analysis.measures.programme.plan import NOT_BUILT
from bothbanks.analysis.measures.programme.terms import LOSS, PEOPLE
from bothbanks.analysis.measures.robust import robust_choices
from bothbanks.analysis.risk.hazards.parameters import Climate
from bothbanks.app.cases import FloodRun
from bothbanks.region.finance.budgets import BudgetsSettings, PathwaySettings
from bothbanks.region.schema import ScenarioSettings

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
TODAY = ""
MOST_ADDITIONS = 14
CUTS = (0.99, 0.97, 0.95, 0.9, 0.8)
"""Shares of the harm left by the programme that other programmes are asked to stay below."""
WAY = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of a scenario's change at which losses are computed; straight lines between them."""


@dataclass(frozen=True)
class Calendar:
    """How a plan is told: measures that members decide about, and the calendar year of each start."""

    measures: Sequence[Measure]
    first_year: int

    def starts(self, plan: Plan) -> dict[str, int]:
        """Measure -> calendar year in which its building starts."""
        return {
            m.id: self.first_year + m.years[0] + delay
            for m, delay in zip(self.measures, plan.starts, strict=True)
            if delay != NOT_BUILT and not m.fixed
        }


def scenarios_of(scenarios: Sequence[ScenarioSettings]) -> dict[str, Climate]:
    """The stated climates that change floods."""
    return {
        s.id: Climate(s.rain_factor, s.discharge_factor)
        for s in scenarios
        if s.rain_factor != 1.0 or s.discharge_factor != 1.0
    }


def _together(n: int) -> tuple[int, ...]:
    return ((1 << n) - 1,)


def robust_of(games: Mapping[str, ProgrammeGame], told: Calendar) -> tuple[RobustPlan, ...]:
    """The best programme of each climate, under every climate, and what each rule chooses.

    Parameters
    ----------
    games : by climate, today's first; all with the same budgets, so that each programme is possible in all.
    """
    climates = list(games)
    plans = list(dict.fromkeys(games[c].together().plan for c in climates))
    n = len(next(iter(games.values())).members)
    cost = np.array(
        [[account(g.tables, _together(n), plan).cost for g in games.values()] for plan in plans]
    )  # (plan, climate, member)
    if len(climates) < 2:
        return ()
    found = robust_choices(cost)
    total = cost.sum(axis=2)
    rules: dict[int, list[str]] = {plans.index(games[climates[0]].together().plan): ["today"]}
    for choice in found.all:
        rules.setdefault(choice.candidate, []).append(choice.rule)
    return tuple(
        RobustPlan(
            starts=told.starts(plan),
            cost=total[k],
            expected=float(total[k] @ found.weights),
            worst_cost=float(total[k].max()),
            worst_regret=float(found.regret[k].max()),
            chosen=tuple(rules.get(k, ())),
            other_own=plan.own != plans[0].own,
        )
        for k, plan in enumerate(plans)
    )


def less_harm(game: ProgrammeGame, population: FloatArray) -> list[ProgrammeGame]:
    """Games in which all together must leave less harm than their programme does, a little less each time.

    Asked of the people affected everywhere, and of the loss of the member that loses most a head: what they
    choose are points of the front (the epsilon-constraint method).
    """
    t, together = game.tables, game.together()
    bare = account(t, _together(len(game.members)), nothing_done(t))
    year = min(int(t.works.max(initial=0)) + game.terms.delays[-1], t.horizon_years - 1)
    worst = worst_off(t, population)
    i = game.members.index(worst)
    asked = (
        (PEOPLE, game.members, together.people_by_year[:, year].sum(), bare.people_by_year[:, year].sum()),
        (LOSS, (worst,), together.annual_loss[i, year], bare.annual_loss[i, year]),
    )
    out = []
    for on, members, now, nothing in asked:
        for cut in CUTS if nothing > 0 else ():
            least = MinimumService("front", members, year, on, float(now / nothing * cut))
            terms = replace(game.terms, services=(*game.terms.services, least))
            out.append(ProgrammeGame(t, terms, game.effort))
    return out


def front_of(
    game: ProgrammeGame, candidates: Sequence[Programme], population: FloatArray, told: Calendar
) -> tuple[int, tuple[FrontPlan, ...]]:
    """How many programmes all together can afford, and those of them that nothing else beats.

    Each is settled with all members as one block, whoever it was worked out for.
    """
    t, n = game.tables, len(game.members)
    whole = _together(n)
    plans = [nothing_done(t), *dict.fromkeys(c.plan for c in candidates)]
    kept, accounts = [], []
    for plan in plans:
        at = account(t, whole, plan)
        if not over_budget(game.terms, whole[0], at.capital, at.running).any():
            kept.append(plan)
            accounts.append(at)
    found = trade_offs(
        cost=np.array([a.cost for a in accounts]),
        people=np.array([a.people_by_year.mean(axis=1) for a in accounts]),
        group_loss=np.array([a.loss for a in accounts]),
        heads=population,
    )
    chosen = game.together().plan
    return len(kept), tuple(
        FrontPlan(
            starts=told.starts(kept[row]),
            other_own=kept[row].own != chosen.own,
            money=float(found.money[k]),
            people=float(found.people_protected[k]),
            worst_off=float(found.worst_off[k]),
            worst_member=game.members[int(found.worst_group[k])],
            gives_up=found.gives_up[k],
            chosen=kept[row] == chosen,
        )
        for k, row in enumerate(found.options)
    )


def pathways_of(
    run: FloodRun,
    base: Mapping[str, float],
    settings: BudgetsSettings,
    climates: Mapping[str, Climate],
    start: Plan,
    told: Calendar,
) -> tuple[Pathway, ...]:
    """For each pathway asked for: from the programme on, what comes next as the climate changes.

    Losses are those of the shared measures alone, without own measures and warning. With more than 14
    measures left to add nothing is worked out.
    """
    out = []
    for way in settings.pathways:
        grid = [
            case_tables(_under(run, climates[way.scenario], share), base, settings.delays) for share in WAY
        ]
        table = _indicators(grid, way, base[f"budgets.pathway.{way.id}"], start)
        if table is None:
            continue
        line = Trajectory(way.scenario, settings.first_year, way.year, 1.0, 0.0)
        built = sum(1 << j for j, delay in enumerate(start.starts) if delay != NOT_BUILT)
        lead = {j: float(m.works_from) for j, m in enumerate(told.measures)}
        steps = pathway(table, line, built, float(way.lasts_years), lead)
        out.append(
            Pathway(
                way.scenario,
                way.year,
                way.on,
                base[f"budgets.pathway.{way.id}"],
                tuple(_told(s, told.measures) for s in steps),
            )
        )
    return tuple(out)


def _under(run: FloodRun, climate: Climate, share: float) -> Any:
    return run.under(
        Climate(1.0 + share * (climate.rain_factor - 1.0), 1.0 + share * (climate.discharge_factor - 1.0))
    )


def _indicators(
    grid: Sequence[ProgrammeTables], way: PathwaySettings, share: float, start: Plan
) -> IndicatorTable | None:
    """The indicator of every programme that adds something to the start, along the scenario's change."""
    t = grid[0]
    built = sum(1 << j for j, delay in enumerate(start.starts) if delay != NOT_BUILT)
    free = [
        j
        for j, holders in enumerate(t.holders)
        if holders > 0 and not built >> j & 1 and not t.fixed >> j & 1
    ]
    if len(free) > MOST_ADDITIONS:
        return None
    rows = np.arange(1 << len(free), dtype=np.int64)
    masks = np.full(rows.size, built, dtype=np.int64)
    cost = np.zeros(rows.size)
    price = t.present[:, 0].sum(axis=1)
    for bit, j in enumerate(free):
        has = rows >> bit & 1
        masks |= has << j
        cost += has * price[j]
    values = np.array([_yearly(g, masks, way.on) for g in grid]).T
    nothing = float(_yearly(t, np.array([t.fixed], dtype=np.int64), way.on)[0])
    return IndicatorTable(masks, cost, np.array(WAY), values, share * nothing, name=way.on)


def _yearly(t: ProgrammeTables, masks: IntArray, on: str) -> FloatArray:
    """(programme,) yearly loss, or people affected a year, of all members with everything at work."""
    out = np.zeros(masks.size)
    for b in t.basins:
        rows = np.zeros(masks.size, dtype=np.int64)
        for bit, j in enumerate(b.touching):
            rows |= (masks >> j & 1) << bit
        out += b.loss[rows].sum(axis=(1, 2)) if on == "loss" else b.people[rows].sum(axis=1)
    return out


def _told(step: PathwayStep, measures: Sequence[Measure]) -> PathStep:
    def names(mask: int) -> tuple[str, ...]:
        return tuple(m.id for j, m in enumerate(measures) if mask >> j & 1)

    new = step.next
    return PathStep(
        from_year=step.from_year,
        measures=names(step.programme),
        status=step.status,
        tipping_year=step.tipping_year,
        way=step.tipping_value,
        added=names(new.added) if new is not None else (),
        cost=new.cost if new is not None else 0.0,
        decide_by=step.decide_by if new is not None and isfinite(step.decide_by) else inf,
    )


def changed_of(
    games: Mapping[tuple[str, str, float], ProgrammeGame], base: ProgrammeGame
) -> tuple[Changed, ...]:
    """The gain under the budgets with each assumption changed; keys are (what, name, value)."""
    starts = base.together().plan.starts
    return tuple(
        Changed(
            what=what,
            name=name,
            value=value,
            gain=float(game.alone().cost.sum() - game.together().cost.sum()),
            other_starts=sum(a != b for a, b in zip(starts, game.together().plan.starts, strict=True)),
        )
        for (what, name, value), game in games.items()
    )
