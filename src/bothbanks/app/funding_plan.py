"""What has to be paid: the measures chosen together, by the member that carries each and by year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import ProgrammeFinding
from bothbanks.analysis.measures.folding import JOINT_WARNING
from bothbanks.analysis.measures.measure import Measure, cost_flow
from bothbanks.app.cases import FloodRun
from bothbanks.app.prepared import Prepared
from bothbanks.civic.finance.funding_sources import Needs

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Item:
    """One measure to be paid: how much, by whom, put off by how many years."""

    measure: Measure
    capital: float
    parts: dict[str, float]  # member -> share of it
    delay: int = 0


def needs_of(
    prepared: Prepared, run: FloodRun, first_year: int, programme: ProgrammeFinding | None = None
) -> Needs:
    """Capital and upkeep of what is built together, renewals included.

    Parameters
    ----------
    programme : the plan under budgets, where there is one; otherwise what is built together with no budget
        to heed.
    """
    items = list(_of_programme(prepared, run, programme) if programme else _of_game(prepared, run))
    return needs_of_items(prepared, run, first_year, items)


def needs_of_items(prepared: Prepared, run: FloodRun, first_year: int, items: list[Item]) -> Needs:
    """Money by measure, member and year of a list of items; items of one measure are added up."""
    members, horizon = prepared.members, prepared.model.settings.horizon_years
    measures = list(dict.fromkeys(item.measure.id for item in items))
    capital, upkeep = np.zeros((2, len(measures), len(members), horizon))
    by_id = {m.id: m for m in run.measures}
    payers: dict[str, set[str]] = {m: set() for m in measures}
    for item in items:
        m = item.measure
        late = replace(m, years=tuple(y + item.delay for y in m.years))
        flow = cost_flow(late, item.capital, prepared.base[m.upkeep] if m.upkeep else 0.0, horizon)
        for member, part in item.parts.items():
            at = measures.index(m.id), members.index(member)
            capital[at] += flow.capital * part
            upkeep[at] += flow.upkeep * part
            payers[m.id].add(member)
    return Needs(
        measures=tuple(measures),
        kinds=tuple(by_id[m].kind for m in measures),
        members=members,
        countries=tuple(x.country for x in prepared.model.members),
        partners=tuple(frozenset(payers[m] | parties(run, m)) for m in measures),
        first_year=first_year,
        capital=capital,
        upkeep=upkeep,
    )


def parties(run: FloodRun, measure: str) -> set[str]:
    """Members that a deal about the measure names, on either side."""
    deals = (d for d in run.settings.deals if measure in d.measures)
    return {p for d in deals for p in (*d.hosts, *d.beneficiaries)}


def shared_item(run: FloodRun, base_cost: float, measure: Measure, delay: int = 0) -> Item:
    """A shared measure, its payers in equal parts."""
    parts = {p: 1.0 / len(measure.payers) for p in measure.payers}
    return Item(measure, base_cost, parts, delay)


def _of_game(prepared: Prepared, run: FloodRun) -> Iterator[Item]:
    """What is built together with no budget to heed."""
    game = prepared.played[run.settings.id].game
    found, base = game.together(), prepared.base
    by_id = {m.id: m for m in run.measures}
    for j, name in enumerate(game.tables.measures):
        m = by_id[name]
        if found.profile >> j & 1 and not m.fixed:
            yield shared_item(run, base[m.cost], m)
    for i, taken in enumerate(found.own):
        for name in filter(None, taken.split("+")):
            yield _own_item(prepared, run, by_id[name], i)
    yield from _warning_items(prepared, run, list(found.warning), [0] * len(found.warning))


def _own_item(prepared: Prepared, run: FloodRun, measure: Measure, i: int, delay: int = 0) -> Item:
    """A member's own measure, its unit cost times what the member has of the unit."""
    base, scale = prepared.base, run.game.settings.scales.get(measure.id)
    quantity = 1.0 if scale is None else float(scale(base)[i])
    return Item(measure, base[measure.cost] * quantity, {prepared.members[i]: 1.0}, delay)


def _warning_items(
    prepared: Prepared, run: FloodRun, systems: list[str], delays: list[int]
) -> Iterator[Item]:
    """Each system of a member's own, and the joint one in equal parts of those that use it."""
    spec = run.game.settings.warning
    if spec is None:
        return
    alone, joint, each = (
        prepared.base[x] if x else 0.0 for x in (spec.alone_cost, spec.joint_cost, spec.joint_user_cost)
    )
    users = [i for i, system in enumerate(systems) if system == JOINT_WARNING]
    for i, system in enumerate(systems):
        if system:
            cost = joint / len(users) + each if i in users else alone
            yield Item(spec.measure, cost, {prepared.members[i]: 1.0}, delays[i])


def _of_programme(prepared: Prepared, run: FloodRun, programme: ProgrammeFinding) -> Iterator[Item]:
    """What the programme under budgets builds together, when it starts."""
    base, by_id = prepared.base, {m.id: m for m in run.measures}

    def late(measure: Measure, start: int) -> int:
        return start - programme.first_year - measure.years[0]

    for start in programme.starts:
        m = by_id.get(start.measure)
        if m is not None and start.together is not None and not m.fixed:
            yield shared_item(run, base[m.cost], m, late(m, start.together))
    for own in programme.own:
        if own.together is not None and own.measure in by_id:
            i = prepared.members.index(own.member)
            m = by_id[own.measure]
            yield _own_item(prepared, run, m, i, late(m, own.together))
    spec = run.game.settings.warning
    if spec is not None:
        systems, delays = [""] * len(prepared.members), [0] * len(prepared.members)
        for w in programme.warning:
            i = prepared.members.index(w.member)
            if w.together and w.together_from is not None:
                systems[i], delays[i] = w.together, late(spec.measure, w.together_from)
        yield from _warning_items(prepared, run, systems, delays)
