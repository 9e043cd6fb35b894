"""Everything one member may do for itself, each thing now or later, and which of it can be left out.

A choice is left out when another is at least as good whatever else is decided: no more cash in any
fiscal year that is limited, and no higher cost for any schedule of the shared measures.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.folding import ALONE_WARNING, JOINT_WARNING
from bothbanks.analysis.measures.programme.account import own_cash, own_factor
from bothbanks.analysis.measures.programme.plan import NOT_BUILT, OwnPlan
from bothbanks.analysis.measures.programme.tables import ProgrammeTables

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Choices:
    """Own choices of one member in one block, doing nothing first."""

    plans: tuple[OwnPlan, ...]
    factor: FloatArray  # (choice, span, basin, class)
    people: FloatArray  # (choice, span, basin)
    present: FloatArray  # (choice,) without the fixed cost of a joint warning
    capital: FloatArray  # (choice, year)
    running: FloatArray  # (choice, year)
    joint: IntArray  # (choice,) index of the delay of the block's joint warning that is used; -1 = none

    def take(self, kept: IntArray) -> Choices:
        """Some of the choices."""
        return Choices(
            tuple(self.plans[k] for k in kept),
            self.factor[kept],
            self.people[kept],
            self.present[kept],
            self.capital[kept],
            self.running[kept],
            self.joint[kept],
        )


def own_plans(tables: ProgrammeTables, i: int, joint: bool) -> list[OwnPlan]:
    """All combinations of own options and warning, each with every delay that is possible."""
    starts: list[list[tuple[tuple[str, int], ...]]] = []
    for o in tables.options:
        possible = [d for d, y in enumerate(o.counts_from) if y < tables.horizon_years and o.available[i]]
        starts.append([(), *(((o.id, tables.delays[d]),) for d in possible)])
    # The first option varies fastest, as in the game without budgets.
    combos = [
        tuple(pair for part in reversed(parts) for pair in part)
        for parts in itertools.product(*reversed(starts))
    ]
    plans = [OwnPlan(c) for c in combos]
    w = tables.warning
    if w is not None:
        later = [tables.delays[d] for d, y in enumerate(w.counts_from) if y < tables.horizon_years]
        for kind in (ALONE_WARNING, JOINT_WARNING) if joint else (ALONE_WARNING,):
            plans += [OwnPlan(c, kind, delay) for delay in later for c in combos]
    return plans


def member_choices(tables: ProgrammeTables, i: int, block: int) -> Choices:
    """Every choice of a member of a block; a block of one has no joint warning."""
    plans = own_plans(tables, i, joint=block & (block - 1) != 0)
    effects = [own_factor(tables, i, block, p) for p in plans]
    cash = [own_cash(tables, i, p, 0) for p in plans]
    return Choices(
        plans=tuple(plans),
        factor=np.array([e[0] for e in effects]),
        people=np.array([e[1] for e in effects]),
        present=np.array([c[2] for c in cash]),
        capital=np.array([c[0] for c in cash]),
        running=np.array([c[1] for c in cash]),
        joint=np.array(
            [tables.delay_index(p.warning_delay) if p.warning == JOINT_WARNING else NOT_BUILT for p in plans],
            dtype=np.int64,
        ),
    )


def not_dominated(
    choices: Choices, loss: list[FloatArray], cash: FloatArray, bound: bool, merge_joint: bool
) -> IntArray:
    """Indices of the choices that could be best for some schedule and some others' choices.

    Parameters
    ----------
    loss : by basin (choice, span, subset), present value.
    cash : (choice, row) what is asked of each budget that can bind.
    bound : a minimum service is asked for the member, so a choice must also protect no less.
    merge_joint : False keeps joint choices beside others, because they carry a part of a shared cost.
    """
    first = _kept(np.arange(len(choices.plans)), choices, loss, cash, bound, merge_joint, only_nothing=True)
    return _kept(first, choices, loss, cash, bound, merge_joint, only_nothing=False)


def _kept(
    some: IntArray,
    choices: Choices,
    loss: list[FloatArray],
    cash: FloatArray,
    bound: bool,
    merge_joint: bool,
    only_nothing: bool,
) -> IntArray:
    """Of some choices, those that no other of them beats (or that doing nothing does not beat)."""
    worse = np.zeros(some.size, dtype=bool)
    present, joint = choices.present[some], choices.joint[some]
    for a in range(1 if only_nothing else some.size):
        if worse[a]:
            continue
        k = some[a]
        more = np.zeros(some.size)  # most that choice a can cost above each other
        for table in loss:
            more += (table[k] - table[some]).max(axis=2).sum(axis=1)
        beats = (present[a] + more <= present) & (cash[k] <= cash[some]).all(axis=1)
        beats &= (joint[a] == -1) | (joint == joint[a])
        if not merge_joint:
            beats &= joint == joint[a]
        if bound:
            flat = choices.factor[some].reshape(some.size, -1)
            people = choices.people[some].reshape(some.size, -1)
            beats &= (flat[a] <= flat).all(axis=1) & (people[a] <= people).all(axis=1)
        beats[a] = False
        # Of two that are worth the same the earlier one stays.
        worse |= beats
    worse[0] = False  # doing nothing stays: savings are counted from it
    return np.asarray(some[~worse], dtype=np.int64)
