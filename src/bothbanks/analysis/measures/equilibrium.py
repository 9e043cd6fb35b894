"""All pure equilibria of a partition of the members, and the base outcome among them.

Each block chooses which of the measures it can build; a profile is an equilibrium exactly when
every block's part minimises the block's objective given the rest (Nash 1950). All 2**a profiles
of the a measures that some block can build are tested at once.

The base outcome
    Start from nothing built. Blocks reply one after another, in the alphabetical order of the
    first member id in each, every reply exact; a block keeps its part while that is as good as
    the best. Stop when a whole round changes nothing: that profile is an equilibrium, and the base.
    If the replies come round to an earlier profile, they never settle. Then, if there are
    equilibria, the base is the one with the lowest total cost (the first of several in mask
    order), which understates what cooperation gains; if there is none, the base cost is the
    mean over the profiles of the cycle, marked 'none', and its profile is the cycle's first.
Several equilibria give an interval for each member, from the least to the greatest of its costs.
Beyond 2**14 profiles only the search is made; the count is then reported as 'searched'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.blocks import GameTables
from bothbanks.analysis.measures.choice import ENUMERATED_MEASURES, best_reply, buildable, spread
from bothbanks.analysis.measures.folding import FoldedLosses, Settled
from bothbanks.words.errors import RangeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Partition = tuple[int, ...]

TOLERANCE = 1e-9
MAX_ROUNDS = 1000
UNIQUE, SEVERAL, NONE, SEARCHED = "unique", "several", "none", "searched"


@dataclass(frozen=True)
class Equilibrium:
    """What a partition of the members comes to."""

    partition: Partition
    profile: int  # measures built in the base outcome
    status: str  # 'unique', 'several', 'none' or 'searched'
    equilibria: tuple[int, ...]  # profiles of all pure equilibria found
    cycle: tuple[int, ...]  # profiles the replies went round in; () when they settled
    cost: FloatArray  # (member,) base outcome
    interval: FloatArray | None  # (member, 2) least and greatest over several equilibria
    detail: Callable[[], Settled] = field(repr=False, compare=False)
    reproducible: bool = True

    @property
    def loss(self) -> FloatArray:
        """(member,) the loss part of the cost."""
        return self.detail().loss

    @property
    def people(self) -> FloatArray:
        """(member,) people affected, persons a year."""
        return self.detail().people

    @property
    def own(self) -> tuple[str, ...]:
        """By member: own options taken at the base profile, joined by '+'; '' = none."""
        return self.detail().own

    @property
    def warning(self) -> tuple[str, ...]:
        """By member: '', 'alone' or 'joint', at the base profile."""
        return self.detail().warning


def check_partition(partition: Sequence[int], members: int) -> Partition:
    """The partition with empty blocks left out. Raises RangeError if members are missing or double.

    >>> check_partition((0b01, 0, 0b10), 2)
    (1, 2)
    """
    blocks = tuple(int(b) for b in partition if b)
    seen = 0
    for b in blocks:
        if seen & b or b < 0:
            raise RangeError(
                "measures.partition", f"blocks {blocks} overlap; each member belongs to one block"
            )
        seen |= b
    if seen != (1 << members) - 1:
        raise RangeError(
            "measures.partition",
            f"blocks {blocks} don't hold exactly the {members} members; each belongs to one block",
        )
    return blocks


def reply_order(tables: GameTables, partition: Partition) -> list[int]:
    """Blocks in the alphabetical order of the first member id in each: independent of file order."""
    return sorted(partition, key=lambda b: min(m for i, m in enumerate(tables.members) if b >> i & 1))


class PartitionGame:
    """The game of one draw: solves partitions, remembers those it has solved."""

    def __init__(
        self,
        tables: GameTables,
        enumerate_up_to: int = ENUMERATED_MEASURES,
        losses: FoldedLosses | None = None,
    ) -> None:
        """``losses`` on these tables may be given where they are known already."""
        self.tables = tables
        self.losses = FoldedLosses(tables) if losses is None else losses
        self.limit = min(enumerate_up_to, ENUMERATED_MEASURES)
        self._solved: dict[tuple[frozenset[int], int], Equilibrium] = {}
        self._unshared: Equilibrium | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """Member ids in the order of every array."""
        return self.tables.members

    def solve(self, partition: Sequence[int], forced: int = 0) -> Equilibrium:
        """Outcome when the blocks of ``partition`` each act for themselves.

        Parameters
        ----------
        forced : measures that stand whatever the blocks want (a deal, a plan).
        """
        blocks = check_partition(partition, len(self.members))
        key = (frozenset(blocks), forced)
        if key not in self._solved:
            self._solved[key] = self._solve_new(blocks, forced | self.tables.fixed)
        return self._solved[key]

    def _solve_new(self, blocks: Partition, standing: int) -> Equilibrium:
        if self.tables.measures or self.tables.warning is not None:
            return self._solve(blocks, standing)
        # Nothing is shared, so who acts with whom changes nothing: one outcome serves every partition.
        if self._unshared is None:
            self._unshared = self._solve(blocks, standing)
        return replace(self._unshared, partition=blocks)

    def alone(self) -> Equilibrium:
        """Every member for itself."""
        return self.solve(tuple(1 << i for i in range(len(self.members))))

    def together(self) -> Equilibrium:
        """All members as one block."""
        return self.solve(((1 << len(self.members)) - 1,))

    def solved(self) -> tuple[Equilibrium, ...]:
        """Outcomes of the partitions solved so far, those with forced measures left out."""
        return tuple(found for (_, forced), found in self._solved.items() if not forced)

    def status_counts(self) -> dict[str, int]:
        """How many of the partitions solved so far have one, several, no or only searched equilibria."""
        out = {UNIQUE: 0, SEVERAL: 0, NONE: 0, SEARCHED: 0}
        for found in self.solved():
            out[found.status] += 1
        return out

    def settle(self, partition: Sequence[int], profile: int) -> Settled:
        """Costs at a given profile, own choices at their best."""
        return self.losses.settle(check_partition(partition, len(self.members)), profile)

    def _solve(self, blocks: Partition, standing: int) -> Equilibrium:
        order = reply_order(self.tables, blocks)
        own = {b: tuple(j for j in buildable(self.tables, b) if not standing >> j & 1) for b in order}
        movers = [b for b in order if own[b]]
        free = sum(len(own[b]) for b in movers)
        if free <= self.limit:
            space = _Profiles(self.losses, movers, own, standing)
            found = space.equilibria()
            base, cycle = space.search()
            return self._report(blocks, base, found, cycle, True, SEVERAL if len(found) > 1 else UNIQUE)
        base, cycle, sure = self._search(movers, own, standing)
        return self._report(blocks, base, () if cycle else (base,), cycle, sure, SEARCHED)

    def _search(
        self, movers: list[int], own: dict[int, tuple[int, ...]], standing: int
    ) -> tuple[int, tuple[int, ...], bool]:
        """Iterated best reply without a table of all profiles."""
        now, path, sure = standing, [standing], True
        for _ in range(MAX_ROUNDS):
            before = now
            for b in movers:
                choice = best_reply(self.losses, b, now, own[b], self.limit)
                sure = sure and choice.reproducible
                held = float(self.losses.objective_at(b, np.array([now], dtype=np.int64))[0])
                if held > choice.value + TOLERANCE * max(1.0, abs(choice.value)):
                    now = choice.profile
            if now == before:
                return now, (), sure
            if now in path:
                return now, tuple(path[path.index(now) :]), sure
            path.append(now)
        raise RangeError("measures.search", f"replies neither settled nor cycled in {MAX_ROUNDS} rounds")

    def _report(
        self,
        blocks: Partition,
        base: int,
        found: tuple[int, ...],
        cycle: tuple[int, ...],
        reproducible: bool,
        status: str,
    ) -> Equilibrium:
        costs = {p: self.losses.cost(blocks, p) for p in {base, *found, *cycle}}
        if cycle and found:
            base = min(found, key=lambda p: (float(costs[p].sum()), p))
        unsettled = cycle if not found else ()
        if unsettled and status != SEARCHED:
            status = NONE
        ends = found if len(found) > 1 else unsettled
        table = np.array([costs[p] for p in ends])
        return Equilibrium(
            partition=blocks,
            profile=base,
            status=status,
            equilibria=found,
            cycle=cycle,
            cost=table.mean(axis=0) if unsettled else costs[base],
            interval=np.stack([table.min(axis=0), table.max(axis=0)], axis=1) if len(ends) else None,
            detail=cache(lambda: self._detail(blocks, base, unsettled)),
            reproducible=reproducible,
        )

    def _detail(self, blocks: Partition, base: int, unsettled: tuple[int, ...]) -> Settled:
        """What is behind the cost; means over the cycle where the replies never settle."""
        at = self.losses.settle(blocks, base)
        if not unsettled:
            return at
        turns = [self.losses.settle(blocks, p) for p in unsettled]
        return replace(
            at,
            cost=np.mean([t.cost for t in turns], axis=0),
            loss=np.mean([t.loss for t in turns], axis=0),
            people=np.mean([t.people for t in turns], axis=0),
        )


class _Profiles:
    """All profiles of the measures that somebody can build, with each mover's objective on them."""

    def __init__(
        self, losses: FoldedLosses, movers: list[int], own: dict[int, tuple[int, ...]], standing: int
    ) -> None:
        self.free = sorted(j for b in movers for j in own[b])
        self.movers = movers
        self.profiles = spread(self.free) | standing
        place = {j: k for k, j in enumerate(self.free)}
        self.own = [[place[j] for j in own[b]] for b in movers]  # bits of a row
        at = losses.on(self.profiles)
        self.values = [at(b) for b in movers]
        self.slack = [TOLERANCE * max(1.0, float(np.abs(v).max())) for v in self.values]

    def equilibria(self) -> tuple[int, ...]:
        """Profiles at which no block can do better by itself, in mask order."""
        a = len(self.free)
        good: BoolArray = np.ones((2,) * a, dtype=bool)
        for bits, values, slack in zip(self.own, self.values, self.slack, strict=True):
            cube = values.reshape((2,) * a)
            axes = tuple(a - 1 - k for k in bits)
            good &= cube <= cube.min(axis=axes, keepdims=True) + slack
        return tuple(int(p) for p in self.profiles[good.ravel()])

    def search(self) -> tuple[int, tuple[int, ...]]:
        """Iterated best reply from nothing: (profile, cycle); the cycle is () when it settled."""
        now, path = 0, [0]
        choices = [spread(bits) for bits in self.own]
        for _ in range(MAX_ROUNDS):
            before = now
            for rows, values, slack in zip(choices, self.values, self.slack, strict=True):
                reply = rows | (now & ~int(rows[-1]))
                best = int(values[reply].argmin())
                if values[now] > values[reply[best]] + slack:
                    now = int(reply[best])
            if now == before:
                return int(self.profiles[now]), ()
            if now in path:
                return int(self.profiles[now]), tuple(int(self.profiles[k]) for k in path[path.index(now) :])
            path.append(now)
        raise RangeError("measures.search", f"replies neither settled nor cycled in {MAX_ROUNDS} rounds")
