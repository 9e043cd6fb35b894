"""The game of programmes: each block its exact best programme under its own budgets.

The outcome of a partition
    Start from nothing built. Blocks reply one after another, in the alphabetical order of the first
    member id in each, each with its exact best programme; a block keeps what it has while that
    keeps to its terms and is as good as the best. When a whole round changes nothing, every block's
    programme is a best reply to the others' schedule. If the replies come round to an earlier plan
    they never settle: the cost is then the mean over the circle, the plan its first, and the
    status 'unsettled'. Other equilibria may exist; they are not searched for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.partition import (
    Convention,
    Partition,
    alone_partition,
    convention_partition,
    sorted_blocks,
    together_partition,
    worths_from_costs,
)
from bothbanks.analysis.measures.equilibrium import check_partition
from bothbanks.analysis.measures.programme.account import account
from bothbanks.analysis.measures.programme.choices import PartCache
from bothbanks.analysis.measures.programme.choose import Effort, best_programme, plan_value
from bothbanks.analysis.measures.programme.heeding import breaches, decided_by, nothing_done
from bothbanks.analysis.measures.programme.plan import (
    NOT_BUILT,
    SETTLED,
    UNSETTLED,
    OwnPlan,
    Plan,
    Programme,
    Reply,
)
from bothbanks.analysis.measures.programme.tables import ProgrammeTables
from bothbanks.analysis.measures.programme.terms import ProgrammeTerms
from bothbanks.words.errors import InputError, RangeError

FloatArray = NDArray[np.float64]
Progress = Callable[[int, int], None]

TOLERANCE = 1e-9
MAX_ROUNDS = 200


@dataclass(frozen=True)
class Checked:
    """One block's programme against its best reply, worked out anew."""

    block: int
    value: float  # present cost of its programme
    best: float  # of the best reply found, the others' schedule standing
    gap: float  # 0 = proven best reply; else money by which it may fall short
    keeps: tuple[str, ...]  # what it breaks of its terms, in words; () = nothing
    method: str
    reproducible: bool


@dataclass(frozen=True)
class Proof:
    """Whether every block's programme in an outcome is a best reply to the others'."""

    partition: tuple[int, ...]
    blocks: tuple[Checked, ...]
    settled: bool

    @property
    def gap(self) -> float:
        """Largest gap of a block."""
        return max((c.gap for c in self.blocks), default=0.0)

    @property
    def proven(self) -> bool:
        """True if no block can do better by itself, and none breaks its terms."""
        return self.settled and self.gap == 0.0 and not any(c.keeps for c in self.blocks)


@dataclass(frozen=True, eq=False)
class Dropped:
    """What is lost when one member stays out and the others carry on together."""

    member: str
    lost: FloatArray  # (member,) cost without it less cost with all together; negative = better off
    gone: tuple[str, ...]  # measures no longer built
    later: tuple[str, ...]  # measures that start later
    added: tuple[str, ...]  # measures built only then
    programme: Programme


class ProgrammeGame:
    """Programmes of the members of one region; remembers the partitions and replies it has solved."""

    def __init__(self, tables: ProgrammeTables, terms: ProgrammeTerms, effort: Effort | None = None) -> None:
        """Check the terms against the tables.

        Raises
        ------
        InputError
            Terms that can't be used (all listed), or for other members, delays or horizon.
        """
        terms.check(tables.measures)
        if (terms.members, terms.horizon_years, terms.delays) != (
            tables.members,
            tables.horizon_years,
            tables.delays,
        ):
            raise InputError(
                "programme.terms",
                f"terms are for {len(terms.members)} members, {terms.horizon_years} years and delays "
                f"{list(terms.delays)}; tables for {len(tables.members)}, {tables.horizon_years} and "
                f"{list(tables.delays)}; they must be the same, in the same order",
            )
        self.tables = tables
        self.terms = terms
        self.effort = effort or Effort()
        self._parts = PartCache(tables)
        self._solved: dict[tuple[int, ...], Programme] = {}
        self._replies: dict[tuple[int, tuple[int, ...]], Reply] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Without own choices, which are quick to list again, to travel light to another process."""
        return {**self.__dict__, "_parts": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._parts = PartCache(self.tables)

    @property
    def members(self) -> tuple[str, ...]:
        """Member ids in the order of every array."""
        return self.tables.members

    def unlimited(self) -> ProgrammeGame:
        """The same game with no budget to heed."""
        return ProgrammeGame(self.tables, self.terms.unlimited(), self.effort)

    def alone(self) -> Programme:
        """Every member for itself."""
        return self.solve(alone_partition(len(self.members)))

    def together(self) -> Programme:
        """All members as one block."""
        return self.solve(together_partition(len(self.members)))

    def solve(self, partition: Sequence[int]) -> Programme:
        """What a partition builds, when, and what that costs and leaves each member."""
        key = sorted_blocks(check_partition(partition, len(self.members)))
        if key not in self._solved:
            self._solved[key] = self._solve_new(key)
        return self._solved[key]

    def adopt(self, solved: Iterable[Programme]) -> None:
        """Take over outcomes worked out elsewhere (in another process) for the same tables and terms."""
        for found in solved:
            self._solved[found.partition] = found

    def solved(self) -> tuple[Programme, ...]:
        """Outcomes of the partitions solved so far."""
        return tuple(self._solved.values())

    def partitions(self, convention: Convention) -> tuple[Partition, ...]:
        """Partitions that the worths under a convention need, each once, all alone first."""
        n = len(self.members)
        masks = range(1, 1 << n)
        found = dict.fromkeys([alone_partition(n), *(convention_partition(s, n, convention) for s in masks)])
        return tuple(found)

    def worths(self, convention: Convention, progress: Progress | None = None) -> FloatArray:
        """What each coalition saves against all alone, (2**member,); see ``cooperation.partition``.

        Parameters
        ----------
        progress : told (partitions done, partitions in all).
        """
        todo = self.partitions(convention)
        for k, partition in enumerate(todo):
            self.solve(partition)
            if progress is not None:
                progress(k + 1, len(todo))
        return worths_from_costs(lambda p: self.solve(p).cost, len(self.members), convention)

    def settle(self, partition: Sequence[int], plan: Plan) -> Programme:
        """What a given plan costs and leaves each member, whether or not it keeps to the terms."""
        blocks = sorted_blocks(check_partition(partition, len(self.members)))
        return self._programme(blocks, plan, (), ())

    def reply(self, block: int, plan: Plan) -> Reply:
        """The block's best programme while the others' part of the plan stands; remembered."""
        key = (block, self._seen_by(block, plan.starts))
        known = self._replies.get(key)
        if known is None:
            known = best_programme(self.tables, self.terms, block, plan, self.effort, self._parts)
            self._replies[key] = known
        return replace(known, plan=self._merged(block, plan, known.plan))

    def proof(self, partition: Sequence[int]) -> Proof:
        """Work out every block's best reply anew, and hold the outcome's programmes against them."""
        found = self.solve(partition)
        checked = []
        for block in found.partition:
            best = best_programme(self.tables, self.terms, block, found.plan, self.effort)
            value = plan_value(self.tables, block, found.plan)
            short = value - best.bound
            services = [s for s in self.terms.services if s.id not in best.unmet]
            checked.append(
                Checked(
                    block=block,
                    value=value,
                    best=best.value,
                    gap=short if short > _slack(value) else 0.0,
                    keeps=breaches(self.tables, self.terms, block, found.plan, services),
                    method=best.method,
                    reproducible=best.reproducible,
                )
            )
        return Proof(found.partition, tuple(checked), found.status == SETTLED)

    def drop_one(self) -> tuple[Dropped, ...]:
        """For each member: what is lost, by whom, when it stays out and the others act as one."""
        n = len(self.members)
        together = self.together()
        if n < 2:
            return ()
        out = []
        for i, member in enumerate(self.members):
            found = self.solve(sorted_blocks((1 << i, (1 << n) - 1 & ~(1 << i))))
            before, after = together.schedule, found.schedule
            out.append(
                Dropped(
                    member=member,
                    lost=found.cost - together.cost,
                    gone=tuple(m for m in before if before[m] != NOT_BUILT and after[m] == NOT_BUILT),
                    later=tuple(m for m in before if NOT_BUILT < before[m] < after[m]),
                    added=tuple(m for m in before if before[m] == NOT_BUILT and after[m] != NOT_BUILT),
                    programme=found,
                )
            )
        return tuple(out)

    def _seen_by(self, block: int, starts: tuple[int, ...]) -> tuple[int, ...]:
        """The others' starts as far as they change what the block faces; -2 where they don't."""
        t = self.tables
        who = [i for i in range(len(t.members)) if block >> i & 1]
        seen: set[int] = set()
        for b in t.basins:
            if b.loss[:, who].any() or b.people[:, who].any():
                seen.update(b.touching)
        place = {m: j for j, m in enumerate(t.measures)}
        for names in (*((d.measure, *d.needs) for d in self.terms.dependencies), *self._excluded()):
            seen.update(place[m] for m in names)
        return tuple(s if j in seen and not decided_by(t, j, block) else -2 for j, s in enumerate(starts))

    def _excluded(self) -> tuple[tuple[str, ...], ...]:
        return tuple(e.measures for e in self.terms.exclusions)

    def _merged(self, block: int, plan: Plan, own: Plan) -> Plan:
        """The plan with the block's part taken from ``own``."""
        starts = tuple(
            theirs if decided_by(self.tables, j, block) else s
            for j, (s, theirs) in enumerate(zip(plan.starts, own.starts, strict=True))
        )
        choices = tuple(
            theirs if block >> i & 1 else o
            for i, (o, theirs) in enumerate(zip(plan.own, own.own, strict=True))
        )
        return Plan(starts, choices)

    def _solve_new(self, blocks: tuple[int, ...]) -> Programme:
        names = self.members
        order = sorted(blocks, key=lambda b: min(m for i, m in enumerate(names) if b >> i & 1))
        now = nothing_done(self.tables)
        path, last = [now], dict[int, Reply]()
        for _ in range(MAX_ROUNDS):
            before = now
            for block in order:
                last[block] = self.reply(block, now)
                if not self._holds(block, now, last[block]):
                    now = last[block].plan
            replies = tuple(last[b] for b in blocks)
            if now == before:
                return self._programme(blocks, now, replies, ())
            if now in path:
                cycle = tuple(path[path.index(now) :])
                return self._programme(blocks, cycle[0], replies, cycle)
            path.append(now)
        raise RangeError("programme.search", f"replies neither settled nor cycled in {MAX_ROUNDS} rounds")

    def _holds(self, block: int, plan: Plan, best: Reply) -> bool:
        """True if the block keeps what it has: within its terms, and as good as the best."""
        value = plan_value(self.tables, block, plan)
        if value > best.value + _slack(best.value):
            return False
        services = [s for s in self.terms.services if s.id not in best.unmet]
        return not breaches(self.tables, self.terms, block, plan, services)

    def _programme(
        self, blocks: tuple[int, ...], plan: Plan, replies: tuple[Reply, ...], cycle: tuple[Plan, ...]
    ) -> Programme:
        turns = [account(self.tables, blocks, p) for p in cycle or (plan,)]

        def mean(name: str) -> FloatArray:
            return np.asarray(np.mean([getattr(t, name) for t in turns], axis=0))

        schedule: Mapping[str, int] = dict(zip(self.tables.measures, plan.starts, strict=True))
        own: tuple[OwnPlan, ...] = plan.own
        return Programme(
            partition=blocks,
            plan=plan,
            schedule=schedule,
            own=own,
            cost=mean("cost"),
            loss=mean("loss"),
            capital=mean("capital"),
            running=mean("running"),
            annual_loss=mean("annual_loss"),
            people_by_year=mean("people_by_year"),
            replies=replies,
            status=UNSETTLED if cycle else SETTLED,
            cycle=cycle,
        )


def _slack(value: float) -> float:
    return TOLERANCE * max(1.0, abs(value))
