"""What a given plan comes to, year by year: losses, people, cash, present values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.folding import ALONE_WARNING, JOINT_WARNING, NO_WARNING
from bothbanks.analysis.measures.presentvalue import discount_factors
from bothbanks.analysis.measures.programme.flows import Flows
from bothbanks.analysis.measures.programme.plan import NOT_BUILT, OwnPlan, Plan
from bothbanks.analysis.measures.programme.tables import ProgrammeTables
from bothbanks.words.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Account:
    """What a plan comes to for every member; see ``Programme`` for the units."""

    cost: FloatArray  # (member,)
    loss: FloatArray  # (member,)
    capital: FloatArray  # (member, year)
    running: FloatArray  # (member, year)
    annual_loss: FloatArray  # (member, year)
    people_by_year: FloatArray  # (member, year)


def account(tables: ProgrammeTables, partition: tuple[int, ...], plan: Plan) -> Account:
    """Losses, people and cash of every member under a plan.

    Parameters
    ----------
    partition : blocks, which decide with whom a member's warning is joint.

    Raises
    ------
    InputError, RangeError
        A plan with an own option, warning or delay that the tables don't have.
    """
    n, spans = len(tables.members), tables.span_starts.size
    money, people = span_losses(tables, plan.starts)
    loss, faced = np.zeros((n, spans)), np.zeros((n, spans))
    capital, running, paid = *cash_of_starts(tables, plan.starts), present_of_starts(tables, plan.starts)
    for block in partition:
        who = [i for i in range(n) if block >> i & 1]
        users = [i for i in who if plan.own[i].warning == JOINT_WARNING]
        for i in who:
            factor, moved = own_factor(tables, i, block, plan.own[i])
            loss[i] = np.einsum("sbc,sbc->s", money[:, :, i], factor)
            faced[i] = np.einsum("sb,sb->s", people[:, :, i], moved)
            spent, kept_up, present = own_cash(tables, i, plan.own[i], len(users))
            capital[i] += spent
            running[i] += kept_up
            paid[i] += present
    year = tables.span_of_year
    lost = loss @ tables.span_weights
    return Account(lost + paid, lost, capital, running, loss[:, year], faced[:, year])


def span_losses(tables: ProgrammeTables, starts: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """Yearly losses under a schedule of the shared measures, without own choices.

    Returns
    -------
    (span, basin, member, class) money a year, (span, basin, member) persons a year
    """
    ready = tables.ready(starts)[None, :] <= tables.span_starts[:, None]  # (span, measure)
    money, people = [], []
    for b in tables.basins:
        rows = np.zeros(ready.shape[0], dtype=np.int64)
        for bit, j in enumerate(b.touching):
            rows |= ready[:, j].astype(np.int64) << bit
        money.append(b.loss[rows])
        people.append(b.people[rows])
    if not money:
        n, spans = len(tables.members), ready.shape[0]
        return np.zeros((spans, 0, n, len(tables.classes))), np.zeros((spans, 0, n))
    return np.stack(money, axis=1), np.stack(people, axis=1)


def cash_of_starts(tables: ProgrammeTables, starts: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """(member, year) capital and (member, year) upkeep of the shared measures."""
    n = len(tables.members)
    capital, running = np.zeros((2, n, tables.horizon_years))
    for j, start in enumerate(starts):
        if start != NOT_BUILT and not tables.fixed >> j & 1:
            d = tables.delay_index(start)
            capital += tables.flows.capital[j, d]
            running += tables.flows.upkeep[j, d]
    return capital, running


def present_of_starts(tables: ProgrammeTables, starts: tuple[int, ...]) -> FloatArray:
    """(member,) present cost of the shared measures."""
    out = np.zeros(len(tables.members))
    for j, start in enumerate(starts):
        if start != NOT_BUILT and not tables.fixed >> j & 1:
            out += tables.present[j, tables.delay_index(start)]
    return out


def warning_row(tables: ProgrammeTables, i: int, block: int, warning: str, d: int) -> FloatArray:
    """(basin,) factor on the loss that a member's warning leaves while it counts."""
    w, basins = tables.warning, len(tables.basins)
    if w is None or warning not in (ALONE_WARNING, JOINT_WARNING):
        raise InputError(
            "programme.warning", f"warning '{warning}' of '{tables.members[i]}' is not in the case"
        )
    if warning == ALONE_WARNING:
        return np.full(basins, w.alone_factor[d])
    others = np.array([block >> j & 1 and j != i for j in range(len(tables.members))], dtype=bool)
    helped = (w.helps[:, i, :] & others).any(axis=1)
    return np.asarray(np.where(helped, w.joint_factor[d], w.alone_factor[d]))


def own_factor(tables: ProgrammeTables, i: int, block: int, own: OwnPlan) -> tuple[FloatArray, FloatArray]:
    """What a member's own choices leave of its loss (span, basin, class) and people (span, basin)."""
    spans = tables.span_starts
    factor = np.ones((spans.size, len(tables.basins), len(tables.classes)))
    people = np.ones((spans.size, len(tables.basins)))
    by_id = {o.id: o for o in tables.options}
    for name, delay in own.options:
        if name not in by_id:
            raise InputError("programme.option", f"own option '{name}' is not in the case")
        o, d = by_id[name], tables.delay_index(delay)
        counts = spans >= o.counts_from[d]
        factor *= np.where(counts[:, None, None], o.factor[d, i], 1.0)
        people *= np.where(counts[:, None], o.people[d, i], 1.0)
    if own.warning != NO_WARNING:
        d = tables.delay_index(own.warning_delay)
        row = warning_row(tables, i, block, own.warning, d)
        assert tables.warning is not None
        counts = spans >= tables.warning.counts_from[d]
        factor *= np.where(counts[:, None], row, 1.0)[:, :, None]
    return factor, people


def own_cash(
    tables: ProgrammeTables, i: int, own: OwnPlan, users: int
) -> tuple[FloatArray, FloatArray, float]:
    """(year,) capital, (year,) upkeep and present cost of a member's own choices.

    ``users`` members of its block share the fixed cost of a joint warning in equal parts; 0 leaves it out.
    """
    capital, running, left = np.zeros(tables.horizon_years), np.zeros(tables.horizon_years), 0.0
    parts: list[tuple[Flows, tuple[int, ...], float]] = []
    for name, delay in own.options:
        flows = next(o.flows for o in tables.options if o.id == name)
        parts.append((flows, (tables.delay_index(delay), i), 1.0))
    if own.warning != NO_WARNING:
        w, d = tables.warning, tables.delay_index(own.warning_delay)
        assert w is not None
        parts.append((w.user if own.warning == JOINT_WARNING else w.alone, (d, i), 1.0))
        if own.warning == JOINT_WARNING and users:
            parts.append((w.fixed, (d,), 1.0 / users))
    for flow, at, share in parts:
        capital = capital + share * flow.capital[at]
        running = running + share * flow.upkeep[at]
        left += share * float(flow.residual[at])
    factors = discount_factors(tables.rate, tables.horizon_years)
    left *= float((1.0 + tables.rate) ** -tables.horizon_years)
    return capital, running, float((capital + running) @ factors) - left
