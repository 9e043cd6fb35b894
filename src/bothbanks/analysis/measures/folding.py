"""What a block of members loses under each profile of shared measures, own choices folded in.

A *profile* is the bit mask of the shared measures that are built. For each member the cheapest
of its own options (with or without its own warning system) is taken at every profile; a block
of two or more may instead run a joint warning system if that is cheaper for the block as a
whole. Both are exact: neither choice enters the loss of a member outside the block, so the
minimum over them can be taken inside the block's objective.

Ties go to the option listed first, and to no joint system.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.blocks import (
    GameTables,
    OwnOption,
    full_cost,
    option_set,
    subset_index,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FULL_TABLE_MEASURES = 14
NO_WARNING, ALONE_WARNING, JOINT_WARNING = "", "alone", "joint"
WARNINGS = (NO_WARNING, ALONE_WARNING, JOINT_WARNING)


@dataclass(frozen=True)
class Settled:
    """What one profile comes to for every member, with the own choices behind it."""

    cost: FloatArray  # (member,) present value: loss, own options, warning, shared measures paid
    loss: FloatArray  # (member,) present value of the loss alone
    people: FloatArray  # (member,) persons a year
    own: tuple[str, ...]  # by member: ids of the own options taken, joined by '+'; '' = none
    warning: tuple[str, ...]  # by member: '', 'alone' or 'joint'


@dataclass(frozen=True)
class SettledMany:
    """The same at many profiles: arrays (profile, member)."""

    cost: FloatArray
    loss: FloatArray
    people: FloatArray
    choice: IntArray  # index into the options
    warning: IntArray  # index into WARNINGS


@dataclass(frozen=True)
class _Best:
    """Cheapest own choice of one member at each profile."""

    value: FloatArray  # (profile,)
    choice: IntArray  # (profile,) index into options (and options with warning after them)


class FoldedLosses:
    """Objectives of blocks on the tables of one draw; results are cached by block."""

    def __init__(self, tables: GameTables) -> None:
        self.tables = tables
        self.options: tuple[OwnOption, ...] = option_set(tables)
        self.complete = len(tables.measures) <= FULL_TABLE_MEASURES
        self._plain: dict[int, _Best] = {}
        self._joint: dict[tuple[int, tuple[bool, ...]], _Best] = {}
        self._users: dict[int, list[_Best]] = {}
        self._blocks: dict[int, FloatArray] = {}
        # by basin: (member, option, subset) loss with that option taken
        self.small = [
            np.ascontiguousarray(
                np.einsum("smc,omc->mos", t.by_class, np.array([o.loss_factor[:, b] for o in self.options]))
            )
            for b, t in enumerate(tables.basins)
        ]
        self._people_factor = np.array([o.people_factor for o in self.options])
        self._cost = np.array(
            [np.where(o.available, o.cost, np.inf) for o in self.options]
        )  # (option, member)
        self._helpers = _helper_masks(tables)
        if self.complete:
            self._load(np.arange(1 << len(tables.measures), dtype=np.int64))

    def _load(self, profiles: IntArray) -> None:
        """Gather losses of the given profiles from the tables by basin: (member, basin, option, profile)."""
        tables, n = self.tables, len(self.tables.members)
        self._loss = np.empty((n, len(tables.basins), len(self.options), profiles.size))
        for b, t in enumerate(tables.basins):
            rows = subset_index(t, profiles)
            for i in range(n):
                # mode: rows are in range by construction, and 'clip' writes without a buffer
                np.take(self.small[b][i], rows, axis=1, out=self._loss[i, b], mode="clip")
        self._measure_cost = np.ascontiguousarray(full_cost(tables, profiles).T)  # (member, profile)

    def _warning_row(self, helped: tuple[bool, ...]) -> FloatArray:
        """(basin,) factor of the block's joint system for a member helped in some basins."""
        w = self.tables.warning
        assert w is not None
        return np.where(np.array(helped), w.joint_factor, w.alone_factor)

    def _helped(self, i: int, block: int) -> tuple[bool, ...]:
        others = block & ~(1 << i)
        return tuple(bool(mask & others) for mask in self._helpers[i])

    def _plain_best(self, i: int) -> _Best:
        """Own options, without or with a warning system of the member's own."""
        if i not in self._plain:
            loss = self._loss[i].sum(axis=0)  # (option, profile)
            total = loss + self._cost[:, i, None]
            w = self.tables.warning
            if w is not None:
                own = (self._cost[:, i] + w.alone_cost[i])[:, None]
                total = np.concatenate([total, loss * w.alone_factor + own])
            self._plain[i] = _least(total)
        return self._plain[i]

    def _joint_best(self, i: int, helped: tuple[bool, ...]) -> _Best:
        """Own options as a user of the block's joint system."""
        if (i, helped) not in self._joint:
            w = self.tables.warning
            assert w is not None
            cost = self._cost[:, i] + w.joint_cost[i]
            table = self._loss[i]
            loss = (self._warning_row(helped) @ table.reshape(table.shape[0], -1)).reshape(table.shape[1:])
            self._joint[i, helped] = _least(loss + cost[:, None])
        return self._joint[i, helped]

    def members_of(self, block: int) -> list[int]:
        """Member indices of a block."""
        return [i for i in range(len(self.tables.members)) if block >> i & 1]

    def choices(self, i: int, block: int) -> tuple[list[FloatArray], FloatArray, list[bool]]:
        """Own choices open to a member of a block: losses, costs, and which need the joint system.

        Returns
        -------
        By basin (choice, subset) losses, (choice,) costs, and a flag a choice. ``block`` 0: no joint system.
        """
        loss = [table[i] for table in self.small]
        cost, joint = self._cost[:, i], [False] * len(self.options)
        w = self.tables.warning
        if w is not None:
            losses, costs = [loss, [x * w.alone_factor for x in loss]], [cost, cost + w.alone_cost[i]]
            joint = joint * 2
            if block:
                row = self._warning_row(self._helped(i, block))
                losses.append([x * f for x, f in zip(loss, row, strict=True)])
                costs.append(cost + w.joint_cost[i])
                joint = joint + [True] * len(self.options)
            loss = [np.concatenate(parts) for parts in zip(*losses, strict=True)]
            cost = np.concatenate(costs)
        open_ = np.isfinite(cost)
        return [x[open_] for x in loss], cost[open_], [j for j, ok in zip(joint, open_, strict=True) if ok]

    def _joint_of(self, block: int) -> list[_Best]:
        """Own choices of each of the block's members as users of its joint system."""
        if block not in self._users:
            self._users[block] = [self._joint_best(i, self._helped(i, block)) for i in self.members_of(block)]
        return self._users[block]

    def _shares_warning(self, block: int) -> bool:
        """True for a block that can run a joint system: two members or more."""
        return self.tables.warning is not None and block & (block - 1) != 0

    def objective(self, block: int) -> FloatArray:
        """What the block minimises at each of the 2**measures profiles, costs of its members included.

        Returns
        -------
        (profile,), present value. Only for up to 14 measures; ``objective_at`` has no such limit.
        """
        if block not in self._blocks:
            who = self.members_of(block)
            total = np.zeros(self._measure_cost.shape[1])
            for i in who:
                total += self._plain_best(i).value
            w = self.tables.warning
            if w is not None and self._shares_warning(block):
                shared = np.full_like(total, w.joint_fixed)
                for i, joint in zip(who, self._joint_of(block), strict=True):
                    shared += np.minimum(self._plain_best(i).value, joint.value)
                np.minimum(total, shared, out=total)
            for i in who:
                total += self._measure_cost[i]
            self._blocks[block] = total
        return self._blocks[block]

    def objective_at(self, block: int, profiles: IntArray) -> FloatArray:
        """The block's objective at the given profiles: (profile,)."""
        return self.on(profiles)(block)

    def on(self, profiles: IntArray) -> Callable[[int], FloatArray]:
        """Objectives of blocks at the given profiles, which are looked up once for all blocks."""
        if self.complete:
            return lambda block: np.asarray(self.objective(block)[profiles])
        return self._at(profiles).objective

    def carried_by(self, tables: GameTables) -> FoldedLosses:
        """The same losses where only who carries the measures' cost differs: nothing is gathered again."""
        other = object.__new__(FoldedLosses)
        other.__dict__.update(self.__dict__)
        other.tables, other._blocks = tables, {}
        if self.complete:
            every = np.arange(1 << len(tables.measures), dtype=np.int64)
            other._measure_cost = np.ascontiguousarray(full_cost(tables, every).T)
        return other

    def _at(self, profiles: IntArray) -> FoldedLosses:
        """The same losses on a list of profiles instead of all of them."""
        part = object.__new__(FoldedLosses)
        part.__dict__.update(self.__dict__)
        part.complete, part._plain, part._joint, part._users, part._blocks = True, {}, {}, {}, {}
        part._load(profiles)
        return part

    def settle(self, partition: tuple[int, ...], profile: int) -> Settled:
        """Cost, loss, people and own choices of every member at one profile."""
        at = self.settle_many(partition, np.array([profile], dtype=np.int64))
        return Settled(
            cost=at.cost[0],
            loss=at.loss[0],
            people=at.people[0],
            own=tuple(self.options[c].id for c in at.choice[0]),
            warning=tuple(WARNINGS[w] for w in at.warning[0]),
        )

    def cost(self, partition: tuple[int, ...], profile: int) -> FloatArray:
        """(member,) cost at one profile; the same as ``settle(...).cost``, at less work."""
        if not self.complete:
            return self.settle(partition, profile).cost
        out = np.array([self._plain_best(i).value[profile] for i in range(len(self.tables.members))])
        w = self.tables.warning
        for block in partition:
            if w is not None and self._shares_warning(block):
                who = self.members_of(block)
                joint = np.array([best.value[profile] for best in self._joint_of(block)])
                uses = joint < out[who]
                if (out[who] - joint)[uses].sum() > w.joint_fixed:
                    out[who] = np.where(uses, joint + w.joint_fixed / uses.sum(), out[who])
        return out + self._measure_cost[:, profile]

    def settle_many(self, partition: tuple[int, ...], profiles: IntArray) -> SettledMany:
        """The same at many profiles, arrays (profile, member)."""
        if not self.complete:
            return self._at(profiles)._settle_rows(partition, np.arange(profiles.size), profiles)
        return self._settle_rows(partition, profiles, profiles)

    def _settle_rows(self, partition: tuple[int, ...], rows: IntArray, profiles: IntArray) -> SettledMany:
        n, size = len(self.tables.members), rows.size
        value, choice = np.zeros((n, size)), np.zeros((n, size), dtype=np.int64)
        warning, warning_cost = np.zeros((n, size), dtype=np.int64), np.zeros((n, size))
        w = self.tables.warning
        for block in partition:
            for i in self.members_of(block):
                best = self._plain_best(i)
                value[i], choice[i] = best.value[rows], best.choice[rows]
            if w is not None:
                who = self.members_of(block)
                warning[who], choice[who] = np.divmod(choice[who], len(self.options))
                warning_cost[who] = warning[who] * w.alone_cost[who, None]
                if self._shares_warning(block):
                    self._join(block, rows, value, choice, warning, warning_cost)
        every = np.arange(n)[:, None]
        loss = value - self._cost[choice, every] - warning_cost
        people = np.zeros((n, size))
        for b, t in enumerate(self.tables.basins):
            people += t.people[subset_index(t, profiles)].T * self._people_factor[choice, every, b]
        return SettledMany((value + self._measure_cost[:, rows]).T, loss.T, people.T, choice.T, warning.T)

    def _join(
        self,
        block: int,
        rows: IntArray,
        value: FloatArray,
        choice: IntArray,
        warning: IntArray,
        warning_cost: FloatArray,
    ) -> None:
        """Put the block's joint system in, in place, at the profiles where it is cheaper for the block."""
        w, who = self.tables.warning, self.members_of(block)
        assert w is not None
        joint = self._joint_of(block)
        with_it = np.array([best.value[rows] for best in joint])
        uses = with_it < value[who]
        saved = np.where(uses, value[who] - with_it, 0.0).sum(axis=0)
        uses &= saved > w.joint_fixed
        part = w.joint_fixed / np.maximum(uses.sum(axis=0), 1)
        for k, i in enumerate(who):
            u = uses[k]
            value[i] = np.where(u, with_it[k] + part, value[i])
            choice[i] = np.where(u, joint[k].choice[rows], choice[i])
            warning[i] = np.where(u, WARNINGS.index(JOINT_WARNING), warning[i])
            warning_cost[i] = np.where(u, w.joint_cost[i] + part, warning_cost[i])

    def warning_factors(self, partition: tuple[int, ...], system: tuple[str, ...]) -> FloatArray:
        """(member, basin) factor that each member's warning leaves of its loss."""
        out = np.ones((len(self.tables.members), len(self.tables.basins)))
        w = self.tables.warning
        if w is None:
            return out
        for block in partition:
            for i in self.members_of(block):
                if system[i] == ALONE_WARNING:
                    out[i] = w.alone_factor
                elif system[i] == JOINT_WARNING:
                    out[i] = self._warning_row(self._helped(i, block))
        return out


def _least(total: FloatArray) -> _Best:
    """Least over the choices: (choice, profile) -> value and index by profile."""
    choice = total.argmin(axis=0)
    return _Best(np.take_along_axis(total, choice[None], axis=0)[0], choice)


def _helper_masks(tables: GameTables) -> list[list[int]]:
    """By member and basin: mask of the members that help its warning there."""
    w = tables.warning
    n = len(tables.members)
    if w is None:
        return []
    return [
        [sum(1 << j for j in range(n) if w.helps[b, i, j]) for b in range(len(tables.basins))]
        for i in range(n)
    ]
