"""What a block of members loses under each profile of shared measures, own choices folded in.

A *profile* is the bit mask of the shared measures that are built. For each member the cheapest
of its own options (with or without its own warning system) is taken at every profile; a block
of two or more may instead run a joint warning system if that is cheaper for the block as a
whole. Both are exact: neither choice enters the loss of a member outside the block, so the
minimum over them can be taken inside the block's objective.

Ties go to the option listed first, and to no joint system.
"""

from __future__ import annotations

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


@dataclass(frozen=True)
class Settled:
    """What one profile comes to for every member, with the own choices behind it."""

    cost: FloatArray  # (member,) present value: loss, own options, warning, shared measures paid
    loss: FloatArray  # (member,) present value of the loss alone
    people: FloatArray  # (member,) persons a year
    own: tuple[str, ...]  # by member: ids of the own options taken, joined by '+'; '' = none
    warning: tuple[str, ...]  # by member: '', 'alone' or 'joint'


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
        self._blocks: dict[int, FloatArray] = {}
        # by basin: (option, subset, member) loss with that option taken
        self.small = [
            np.einsum("smc,omc->osm", t.by_class, np.array([o.loss_factor[:, b] for o in self.options]))
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
        """Gather losses and people of the given profiles from the tables by basin."""
        n, nb = len(self.tables.members), len(self.tables.basins)
        rows = [subset_index(t, profiles) for t in self.tables.basins]
        self._loss = np.zeros((n, len(self.options), profiles.size, nb))
        self._people = np.zeros((n, profiles.size, nb))
        for b, (t, at) in enumerate(zip(self.tables.basins, rows, strict=True)):
            self._loss[..., b] = self.small[b][:, at].transpose(2, 0, 1)
            self._people[..., b] = t.people[at].T
        self._measure_cost = full_cost(self.tables, profiles)

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
            total = self._loss[i].sum(axis=2) + self._cost[:, i, None]  # (option, profile)
            w = self.tables.warning
            if w is not None:
                own = (
                    self._loss[i].sum(axis=2) * w.alone_factor + (self._cost[:, i] + w.alone_cost[i])[:, None]
                )
                total = np.concatenate([total, own])
            self._plain[i] = _least(total)
        return self._plain[i]

    def _joint_best(self, i: int, helped: tuple[bool, ...]) -> _Best:
        """Own options as a user of the block's joint system."""
        if (i, helped) not in self._joint:
            w = self.tables.warning
            assert w is not None
            cost = self._cost[:, i] + w.joint_cost[i]
            self._joint[i, helped] = _least(self._loss[i] @ self._warning_row(helped) + cost[:, None])
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
        loss = [table[:, :, i] for table in self.small]
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

    def objective(self, block: int) -> FloatArray:
        """What the block minimises at each of the 2**measures profiles, costs of its members included.

        Returns
        -------
        (profile,), present value. Only for up to 14 measures; ``objective_at`` has no such limit.
        """
        if block not in self._blocks:
            who = self.members_of(block)
            plain = [self._plain_best(i).value for i in who]
            total = np.sum(plain, axis=0)
            w = self.tables.warning
            if w is not None and len(who) > 1:
                joint = [self._joint_best(i, self._helped(i, block)).value for i in who]
                shared = w.joint_fixed + np.minimum(plain, joint).sum(axis=0)
                total = np.minimum(total, shared)
            self._blocks[block] = total + self._measure_cost[:, who].sum(axis=1)
        return self._blocks[block]

    def objective_at(self, block: int, profiles: IntArray) -> FloatArray:
        """The block's objective at the given profiles: (profile,)."""
        if self.complete:
            return np.asarray(self.objective(block)[profiles])
        return np.asarray(self._at(profiles).objective(block))

    def _at(self, profiles: IntArray) -> FoldedLosses:
        """The same losses on a list of profiles instead of all of them."""
        part = object.__new__(FoldedLosses)
        part.__dict__.update(self.__dict__)
        part.complete, part._plain, part._joint, part._blocks = True, {}, {}, {}
        part._load(profiles)
        return part

    def settle(self, partition: tuple[int, ...], profile: int) -> Settled:
        """Cost, loss, people and own choices of every member at one profile."""
        if not self.complete:
            return self._at(np.array([profile], dtype=np.int64))._settle(partition, 0)
        return self._settle(partition, profile)

    def _settle(self, partition: tuple[int, ...], row: int) -> Settled:
        n = len(self.tables.members)
        choice = np.zeros(n, dtype=np.int64)
        cost, system = np.zeros(n), [NO_WARNING] * n
        for block in partition:
            self._settle_block(block, row, choice, cost, system)
        own_cost = self._cost[choice, np.arange(n)]
        own_cost += self._warning_cost(partition, system)
        people = (self._people[:, row] * self._people_factor[choice, np.arange(n)]).sum(axis=1)
        return Settled(
            cost=cost + self._measure_cost[row],
            loss=cost - own_cost,
            people=people,
            own=tuple(self.options[c].id for c in choice),
            warning=tuple(system),
        )

    def _settle_block(
        self, block: int, row: int, choice: IntArray, cost: FloatArray, system: list[str]
    ) -> None:
        """Write the own choices of one block's members into the given arrays."""
        who = self.members_of(block)
        plain = [self._plain_best(i) for i in who]
        for i, best in zip(who, plain, strict=True):
            cost[i], choice[i] = best.value[row], best.choice[row] % len(self.options)
            system[i] = ALONE_WARNING if best.choice[row] >= len(self.options) else NO_WARNING
        w = self.tables.warning
        if w is None or len(who) < 2:
            return
        joint = [self._joint_best(i, self._helped(i, block)) for i in who]
        users = [k for k in range(len(who)) if joint[k].value[row] < plain[k].value[row]]
        saved = sum(float(plain[k].value[row] - joint[k].value[row]) for k in users)
        if not users or saved <= w.joint_fixed:
            return
        for k in users:
            i = who[k]
            cost[i] = joint[k].value[row] + w.joint_fixed / len(users)
            choice[i], system[i] = joint[k].choice[row], JOINT_WARNING

    def _warning_cost(self, partition: tuple[int, ...], system: list[str]) -> FloatArray:
        """What each member pays for warning."""
        out = np.zeros(len(system))
        w = self.tables.warning
        if w is None:
            return out
        for block in partition:
            users = [i for i in self.members_of(block) if system[i] == JOINT_WARNING]
            for i in users:
                out[i] = w.joint_cost[i] + w.joint_fixed / len(users)
        for i, kind in enumerate(system):
            if kind == ALONE_WARNING:
                out[i] = w.alone_cost[i]
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
