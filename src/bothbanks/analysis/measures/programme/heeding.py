"""Does a plan keep to the terms? Told for one block, from the account of the plan alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.programme.account import Account, account
from bothbanks.analysis.measures.programme.plan import OwnPlan, Plan
from bothbanks.analysis.measures.programme.tables import ProgrammeTables
from bothbanks.analysis.measures.programme.terms import LOSS, MinimumService, ProgrammeTerms
from bothbanks.words.errors import InputError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SLACK = 1e-9  # relative


def breaches(
    tables: ProgrammeTables,
    terms: ProgrammeTerms,
    block: int,
    plan: Plan,
    services: Sequence[MinimumService] | None = None,
) -> tuple[str, ...]:
    """What a block's part of a plan breaks, in words; () when it keeps to the terms.

    Parameters
    ----------
    services : minimum services asked for; by default all of the terms.
    """
    at = account(tables, (block,), plan)
    out = [*_budget_breaches(tables, terms, block, at), *_link_breaches(tables, terms, block, plan)]
    for s in terms.services if services is None else services:
        if not meets(tables, block, at, s):
            out.append(f"service '{s.id}' is not reached")
    return tuple(out)


def over_budget(terms: ProgrammeTerms, block: int, capital: FloatArray, running: FloatArray) -> BoolArray:
    """(2, row, fiscal year) True where capital and running cash of a block exceed the budgets.

    Rows are the members of the block, or one row for all of them where budgets are pooled.
    """
    who = [i for i in range(len(terms.members)) if block >> i & 1]
    out = []
    for cash, budget in ((capital, terms.capital_budget), (running, terms.running_budget)):
        spent, limit = terms.fiscal.spread(cash)[who], budget[who]
        if terms.pooled:
            spent, limit = spent.sum(axis=0, keepdims=True), limit.sum(axis=0, keepdims=True)
        out.append(spent > limit + SLACK * np.maximum(np.where(np.isfinite(limit), limit, 0.0), 1.0))
    return np.array(out)


def _budget_breaches(tables: ProgrammeTables, terms: ProgrammeTerms, block: int, at: Account) -> list[str]:
    over = over_budget(terms, block, at.capital, at.running)
    out = []
    for kind, rows in zip(("capital", "running"), over, strict=True):
        years = terms.fiscal.names[rows.any(axis=0)]
        if years.size:
            out.append(f"{kind} budgets are exceeded in {', '.join(str(y) for y in years)}")
    return out


def _link_breaches(tables: ProgrammeTables, terms: ProgrammeTerms, block: int, plan: Plan) -> list[str]:
    place = {m: j for j, m in enumerate(tables.measures)}
    mine = {m for m, j in place.items() if plan.starts[j] >= 0 and decided_by(tables, j, block)}
    ready = tables.ready(plan.starts)
    out = []
    for d in terms.dependencies:
        late = [x for x in d.needs if ready[place[x]] > ready[place[d.measure]]]
        if d.measure in mine and late:
            out.append(f"measure '{d.measure}' works before {', '.join(late)}, which it needs")
    for e in terms.exclusions:
        built = [m for m in e.measures if plan.starts[place[m]] >= 0]
        if len(built) > 1 and mine & set(built):
            out.append(f"measures {', '.join(built)} exclude each other")
    return out


def decided_by(tables: ProgrammeTables, j: int, block: int) -> bool:
    """True if all holders of measure j are in the block."""
    holders = tables.holders[j]
    return holders > 0 and holders & ~block == 0 and not tables.fixed >> j & 1


def meets(tables: ProgrammeTables, block: int, at: Account, service: MinimumService) -> bool:
    """True if the block's members of a service lose no more than it allows from its year on."""
    who = bound_members(tables, service, block)
    if not who:
        return True
    now = (at.annual_loss if service.on == LOSS else at.people_by_year)[who].sum(axis=0)
    limit = service.share * service_base(tables, service, block)
    return bool((now <= limit + SLACK * np.maximum(limit, 1.0))[service.by_year :].all())


def bound_members(tables: ProgrammeTables, service: MinimumService, block: int) -> list[int]:
    """Members of a block that a service is for."""
    return [i for i, m in enumerate(tables.members) if block >> i & 1 and m in service.members]


def service_base(tables: ProgrammeTables, service: MinimumService, block: int) -> FloatArray:
    """(year,) what the block's members of a service lose, or people affected, with nothing built."""
    who = bound_members(tables, service, block)
    bare = nothing_done(tables)
    at = account(tables, (block,), bare)
    return np.asarray((at.annual_loss if service.on == LOSS else at.people_by_year)[who].sum(axis=0))


def nothing_done(tables: ProgrammeTables) -> Plan:
    """Nobody builds anything; what is fixed stands."""
    return Plan(tables.nothing(), (OwnPlan(),) * len(tables.members))


def without(plan: Plan, block: int, tables: ProgrammeTables) -> Plan:
    """The plan with the block's part taken out."""
    starts = tuple(-1 if decided_by(tables, j, block) else s for j, s in enumerate(plan.starts))
    own = tuple(OwnPlan() if block >> i & 1 else o for i, o in enumerate(plan.own))
    return replace(plan, starts=starts, own=own)


def worst_off(tables: ProgrammeTables, people: FloatArray, on: str = LOSS) -> str:
    """Id of the member with most to lose a head with nothing built, mean over the horizon.

    Parameters
    ----------
    people : (member,) inhabitants; members with none are left out.
    on : 'loss' or 'people'

    Raises
    ------
    InputError
        Nobody lives in any of the members.
    """
    at = account(tables, tuple(1 << i for i in range(len(tables.members))), nothing_done(tables))
    total = (at.annual_loss if on == LOSS else at.people_by_year).mean(axis=1)
    heads = np.asarray(people, dtype=np.float64)
    if not (heads > 0).any():
        raise InputError("programme.worst-off", "no member has inhabitants, so none is worst off a head")
    a_head = np.where(heads > 0, total / np.where(heads > 0, heads, 1.0), -np.inf)
    return tables.members[int(a_head.argmax())]
