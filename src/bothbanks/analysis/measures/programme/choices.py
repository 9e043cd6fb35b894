"""Everything one member may do for itself, each thing now or later.

A *part* is one own option, or the warning, with every delay of its start; one alternative of each
part is taken, 'nothing' being the first. Costs of the parts add, factors on the loss multiply.

An alternative is left out when another of its part is at least as good whatever else is decided: no
more cash in any fiscal year whose budget can bind, and no higher cost under any schedule.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.folding import ALONE_WARNING, JOINT_WARNING, NO_WARNING
from bothbanks.analysis.measures.programme.account import own_cash, own_factor
from bothbanks.analysis.measures.programme.plan import NOT_BUILT, OwnPlan
from bothbanks.analysis.measures.programme.tables import ProgrammeTables

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Part:
    """The alternatives of one own option or of the warning, nothing first."""

    plans: tuple[OwnPlan, ...]
    factor: FloatArray  # (alternative, span, basin, class)
    people: FloatArray  # (alternative, span, basin)
    present: FloatArray  # (alternative,) without the fixed cost of a joint warning
    capital: FloatArray  # (alternative, year)
    running: FloatArray  # (alternative, year)
    joint: IntArray  # (alternative,) index of the delay of the joint warning that is used; -1 = none

    def take(self, kept: IntArray) -> Part:
        """Some of the alternatives."""
        return Part(
            tuple(self.plans[k] for k in kept),
            self.factor[kept],
            self.people[kept],
            self.present[kept],
            self.capital[kept],
            self.running[kept],
            self.joint[kept],
        )


def merged(plans: Sequence[OwnPlan]) -> OwnPlan:
    """One plan of the alternatives taken, one of each part."""
    options = tuple(pair for p in plans for pair in p.options)
    warned = next((p for p in plans if p.warning != NO_WARNING), OwnPlan())
    return OwnPlan(options, warned.warning, warned.warning_delay)


def member_parts(tables: ProgrammeTables, i: int, block: int) -> tuple[Part, ...]:
    """What a member of a block may do for itself; a block of one has no joint warning."""
    out = []
    for o in tables.options:
        if o.available[i]:
            possible = [d for d, y in enumerate(o.counts_from) if y < tables.horizon_years]
            starts = [OwnPlan(((o.id, tables.delays[d]),)) for d in possible]
            out.append(_part(tables, i, block, [OwnPlan(), *starts]))
    w = tables.warning
    if w is not None:
        later = [tables.delays[d] for d, y in enumerate(w.counts_from) if y < tables.horizon_years]
        kinds = (ALONE_WARNING, JOINT_WARNING) if block & (block - 1) else (ALONE_WARNING,)
        systems = [OwnPlan((), kind, delay) for kind in kinds for delay in later]
        out.append(_part(tables, i, block, [OwnPlan(), *systems]))
    return tuple(out)


def _part(tables: ProgrammeTables, i: int, block: int, plans: list[OwnPlan]) -> Part:
    effects = [own_factor(tables, i, block, p) for p in plans]
    cash = [own_cash(tables, i, p, 0) for p in plans]
    joint = [tables.delay_index(p.warning_delay) if p.warning == JOINT_WARNING else NOT_BUILT for p in plans]
    return Part(
        plans=tuple(plans),
        factor=np.array([e[0] for e in effects]),
        people=np.array([e[1] for e in effects]),
        present=np.array([c[2] for c in cash]),
        capital=np.array([c[0] for c in cash]),
        running=np.array([c[1] for c in cash]),
        joint=np.array(joint, dtype=np.int64),
    )


def not_dominated(part: Part, peak: FloatArray, cash: FloatArray, bound: bool, merge_joint: bool) -> IntArray:
    """Indices of the alternatives that could be best for some schedule and some other choices.

    Parameters
    ----------
    peak : (span, basin, class) present value, most that is left to lose whatever else is done.
    cash : (alternative, row) what is asked of each budget that can bind.
    bound : a minimum service is asked for the member, so an alternative must also protect no less.
    merge_joint : False keeps joint systems beside others, because their users share a cost.
    """
    worse = np.zeros(part.present.size, dtype=bool)
    flat, people = (x.reshape(x.shape[0], -1) for x in (part.factor, part.people))
    most = peak.ravel()
    for a in range(worse.size):
        if worse[a]:
            continue
        more = np.maximum(flat[a] - flat, 0.0) @ most  # most that a can cost above each other
        beats = (part.present[a] + more <= part.present) & (cash[a] <= cash).all(axis=1)
        joint = part.joint
        beats &= (joint == joint[a]) if not merge_joint else (joint[a] == NOT_BUILT) | (joint == joint[a])
        if bound:
            beats &= (flat[a] <= flat).all(axis=1) & (people[a] <= people).all(axis=1)
        beats[a] = False
        worse |= beats  # of two that are worth the same the earlier one stays
    worse[0] = False
    return np.flatnonzero(~worse)


@dataclass
class PartCache:
    """Parts that differ only by who is in the block, kept by what that changes."""

    tables: ProgrammeTables
    known: dict[tuple[int, tuple[bool, ...]], tuple[Part, ...]] = field(default_factory=dict)

    def of(self, i: int, block: int) -> tuple[Part, ...]:
        """Parts of one member of a block."""
        key = (i, self._helped(i, block))
        if key not in self.known:
            self.known[key] = member_parts(self.tables, i, block)
        return self.known[key]

    def _helped(self, i: int, block: int) -> tuple[bool, ...]:
        w, n = self.tables.warning, len(self.tables.members)
        if w is None or block & (block - 1) == 0:
            return ()
        others = np.array([block >> j & 1 and j != i for j in range(n)], dtype=bool)
        return tuple(bool(x) for x in (w.helps[:, i, :] & others).any(axis=1))


@dataclass(frozen=True, eq=False)
class Choices:
    """Every combination of the parts of one member, nothing first."""

    index: IntArray  # (choice, part) alternative taken
    factor: FloatArray  # (choice, span, basin, class)
    people: FloatArray  # (choice, span, basin)
    present: FloatArray  # (choice,)
    joint: IntArray  # (choice,)


def combined(parts: Sequence[Part], spans: int, basins: int, classes: int) -> Choices:
    """All combinations; the first part varies fastest, as in the game without budgets."""
    sizes = [range(p.present.size) for p in reversed(parts)]
    rows = [tuple(reversed(r)) for r in itertools.product(*sizes)]
    index = np.array(rows, dtype=np.int64).reshape(len(rows), len(parts))
    factor, people = np.ones((len(rows), spans, basins, classes)), np.ones((len(rows), spans, basins))
    present, joint = np.zeros(len(rows)), np.full(len(rows), NOT_BUILT, dtype=np.int64)
    for k, p in enumerate(parts):
        factor = factor * p.factor[index[:, k]]
        people = people * p.people[index[:, k]]
        present = present + p.present[index[:, k]]
        joint = np.maximum(joint, p.joint[index[:, k]])
    return Choices(index, factor, people, present, joint)
