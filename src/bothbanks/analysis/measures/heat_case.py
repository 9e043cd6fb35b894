"""Heat as a shared problem: deaths a year, never turned into money.

Cooling centres help older people who live within a stated walking distance of one: the effect of
a 'cooling' measure is the factor on the deaths of people in reach. Alone, a member's residents
use its own centres; in a block they may also use the centres of the block's other members, across
the border. Trees lower the deaths of the member that plants them. A shared measure (a joint heat
plan) is a factor on deaths, taken by a block that holds all its holders.

Who runs what
    By default every host runs its measure, and every block the shared ones it can decide. With a
    ``ceiling`` (money a block is ready to spend for one death avoided; a stated rule of decision,
    not the worth of a life) each block runs the set of measures that minimises yearly cost less
    ceiling x deaths avoided among its own residents, found by trying all sets. Only residents of
    the block use its centres, so blocks don't affect each other and no equilibrium is needed.

Deaths are those of a year in which everything is in place. Costs are level yearly costs: present
cost spread evenly over the horizon. They are reported beside the deaths; there are no shares and
no core.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.case import Outcomes
from bothbanks.analysis.cooperation.partition import Partition
from bothbanks.analysis.measures.choice import spread
from bothbanks.analysis.measures.equilibrium import check_partition
from bothbanks.analysis.measures.flood_case import Scale
from bothbanks.analysis.measures.measure import (
    EVERY,
    Draw,
    Measure,
    check_measures,
    cost_by_year,
    cost_table,
)
from bothbanks.analysis.measures.presentvalue import annuity_factor
from bothbanks.words.coalitions import mask_of
from bothbanks.words.errors import InputError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Coverage:
    """Share of each member's older people by the set of members whose centres they can walk to.

    ``patterns`` are masks of members; ``share[p, i]`` is the part of member i's people who have
    centres of exactly the members in ``patterns[p]`` within reach. The rest reach none. Shares of
    one member add up to at most 1, so that the reach of any set of members is exact.
    """

    patterns: IntArray  # (pattern,)
    share: FloatArray  # (pattern, member)

    def __post_init__(self) -> None:
        if self.share.ndim != 2 or self.share.shape[0] != self.patterns.shape[0]:
            raise ShapeError(
                "measures.coverage",
                f"{self.patterns.shape[0]} patterns but shares of shape {self.share.shape}; one row each",
            )
        if not (np.isfinite(self.share).all() and (self.share >= 0).all()):
            raise RangeError("measures.coverage", "a share of people covered is negative or missing")
        if (self.share.sum(axis=0) > 1.0 + 1e-9).any():
            raise RangeError("measures.coverage", "shares of one member's people add up to more than 1")

    @classmethod
    def from_pairs(cls, pairs: FloatArray) -> Coverage:
        """Coverage from a (member, member) table: share of i's people that j's centres reach.

        Off the diagonal only people whom i's own centres don't reach are counted, and people
        reached by two neighbours are taken to be different people; where they can't be (more than
        everybody), the neighbours' parts are scaled down together.

        >>> c = Coverage.from_pairs(np.array([[0.5, 0.2], [0.1, 0.7]]))
        >>> c.reach(0b11, 0b11).tolist(), c.reach(0b01, 0b11).tolist()
        ([0.7, 0.7999999999999999], [0.5, 0.1])
        """
        pairs = np.asarray(pairs, dtype=np.float64)
        n = pairs.shape[0]
        if pairs.shape != (n, n):
            raise ShapeError(
                "measures.coverage", f"coverage of shape {pairs.shape}; needed is (member, member)"
            )
        own = np.diag(pairs)
        others = pairs - np.diag(own)
        room = np.maximum(1.0 - own, 0.0)
        total = others.sum(axis=1)
        fit = np.divide(room, total, out=np.ones(n), where=total > room)
        share = (others * fit[:, None] + np.diag(own)).T
        return cls(1 << np.arange(n, dtype=np.int64), share)

    def reach(self, running: int, block: int) -> FloatArray:
        """(member,) share of people with a running centre of their block in reach; 0 outside the block."""
        n = self.share.shape[1]
        inside = np.array([block >> i & 1 for i in range(n)], dtype=np.float64)
        return np.asarray(((self.patterns & running & block) != 0) @ self.share * inside)


@dataclass(frozen=True)
class HeatSettings:
    """What the heat case is played with. Numbers are parameter ids."""

    horizon_years: int
    groups: tuple[str, ...]  # age groups of the deaths
    served: tuple[str, ...]  # groups that cooling centres serve
    centre_effect: str = ""  # share of deaths avoided among people in reach; '' = the measure's own effect
    discount_rate: str = "region.discount_rate"
    ceiling: str = ""  # money a block would spend for one death avoided; '' = all that can be run is run
    open_to_neighbours: str = ""  # extra yearly cost of a member's centres in a block of two or more
    unit: str = "deaths/year"


@dataclass(frozen=True)
class _Numbers:
    """One draw: deaths without measures, and for each measure its factor and yearly cost by member."""

    deaths: FloatArray  # (member, group)
    factor: Mapping[str, FloatArray]  # measure -> (member,)
    cost: Mapping[str, FloatArray]  # measure -> (member,), money a year
    ceiling: float | None
    opening: float


@dataclass(frozen=True)
class _Block:
    """What one block does, and what follows for its members (0 for all others)."""

    centres: int
    trees: BoolArray
    shared: tuple[str, ...]
    deaths: FloatArray
    cost: FloatArray
    reach: FloatArray


class HeatCase:
    """Heat deaths by member; satisfies ``cooperation.case.Case`` with ``physical['deaths']``."""

    kind = "heat"

    def __init__(
        self,
        id: str,
        members: Sequence[str],
        measures: Sequence[Measure],
        deaths: Callable[[Draw], FloatArray],
        coverage: Coverage | None,
        settings: HeatSettings,
        scales: Mapping[str, Scale] | None = None,
    ) -> None:
        """Check what was given.

        Parameters
        ----------
        deaths : draw -> (member, group), attributable deaths a year with no measure taken
        coverage : who can walk to whose centres; None = each member's centres serve all of its own
            people and nobody else
        scales : measure -> (draw -> (member,)) quantity its unit cost is multiplied by (own measures)

        Raises
        ------
        InputError
            Two own measures of one kind, own measures that are not of kind cooling or trees, or
            effects that are not on damage (here: deaths).
        """
        check_measures(measures, members, ())
        own = [m.kind for m in measures if m.own]
        if any(k not in ("cooling", "trees") for k in own) or len(set(own)) < len(own):
            raise InputError(
                "measures.heat",
                f"own measures of kinds {', '.join(own)}; a heat case takes one 'cooling' and one 'trees'",
            )
        wrong = sorted({e.on for m in measures for e in m.effects} - {"damage"})
        if wrong:
            raise InputError(
                "measures.heat", f"effects on {', '.join(wrong)}; heat knows 'damage' (deaths) only"
            )
        self.id, self.members, self.unit = id, tuple(members), settings.unit
        self.own = {m.kind: m for m in measures if m.own}
        self.shared = tuple(m for m in measures if not m.own)
        self.deaths, self.settings, self.scales = deaths, settings, dict(scales or {})
        self.coverage = coverage or Coverage.from_pairs(np.eye(len(self.members)))

    def outcomes(self, partition: Partition, draw: Draw) -> Outcomes:
        """Level yearly cost of what runs, and deaths a year, by member."""
        blocks = self._solve(partition, draw)
        return Outcomes(
            cost=np.sum([b.cost for b in blocks], axis=0),
            physical={"deaths": np.sum([b.deaths for b in blocks], axis=0)},
        )

    def reach(self, partition: Partition, draw: Draw) -> FloatArray:
        """(member,) share of older people with a running centre within walking distance."""
        return np.asarray(np.sum([b.reach for b in self._solve(partition, draw)], axis=0))

    def running(self, partition: Partition, draw: Draw) -> dict[str, tuple[str, ...]]:
        """Measure -> members that run it, in the given partition."""
        out: dict[str, set[int]] = {m.id: set() for m in (*self.own.values(), *self.shared)}
        for block, done in zip(
            check_partition(partition, len(self.members)), self._solve(partition, draw), strict=True
        ):
            inside = {i for i in range(len(self.members)) if block >> i & 1}
            if "cooling" in self.own:
                out[self.own["cooling"].id] |= {i for i in inside if done.centres >> i & 1}
            if "trees" in self.own:
                out[self.own["trees"].id] |= {i for i in inside if done.trees[i]}
            for name in done.shared:
                out[name] |= inside
        return {name: tuple(self.members[i] for i in sorted(who)) for name, who in out.items()}

    def _solve(self, partition: Partition, draw: Draw) -> list[_Block]:
        numbers = self._numbers(draw)
        return [self._block(b, numbers) for b in check_partition(partition, len(self.members))]

    def _numbers(self, draw: Draw) -> _Numbers:
        n, s = len(self.members), self.settings
        deaths = np.asarray(self.deaths(draw), dtype=np.float64)
        if deaths.shape != (n, len(s.groups)):
            raise ShapeError(
                "measures.heat", f"deaths of shape {deaths.shape}; needed is {(n, len(s.groups))}"
            )
        rate = draw[s.discount_rate]
        spread_over = annuity_factor(rate, s.horizon_years)
        shared = cost_table(self.shared, self.members, draw, s.horizon_years, rate) / spread_over
        cost = {m.id: row for m, row in zip(self.shared, shared, strict=True)}
        factor = {}
        for m in (*self.own.values(), *self.shared):
            factor[m.id] = np.ones(n)
            for e in m.effects:
                factor[m.id][[e.touches(name) for name in self.members]] *= draw[e.size]
            if m.kind == "cooling" and s.centre_effect:
                factor[m.id] = np.full(n, 1.0 - draw[s.centre_effect])
            if m.own:
                unit = cost_by_year(m, draw, s.horizon_years).present(rate) / spread_over
                cost[m.id] = unit * (self.scales[m.id](draw) if m.id in self.scales else np.ones(n))
        return _Numbers(
            deaths,
            factor,
            cost,
            draw[s.ceiling] if s.ceiling else None,
            draw[s.open_to_neighbours] if s.open_to_neighbours else 0.0,
        )

    def _hosts(self, kind: str) -> int:
        m = self.own.get(kind)
        names = (m.hosts or m.holders or (EVERY,)) if m is not None else ()
        return sum(1 << i for i, name in enumerate(self.members) if EVERY in names or name in names)

    def _open_to(self, block: int) -> tuple[Measure, ...]:
        """Shared measures that the block can decide, or that stand by an outside holder's plan."""
        return tuple(
            m
            for m in self.shared
            if (m.planned if m.fixed else mask_of(m.holders, self.members) & ~block == 0)
        )

    def _block(self, block: int, numbers: _Numbers) -> _Block:
        """The block's best set of centres and shared measures; all of them where no ceiling is stated."""
        hosts, possible = self._hosts("cooling") & block, self._open_to(block)
        if numbers.ceiling is None:
            return self._with(block, hosts, possible, numbers)
        own = [i for i in range(len(self.members)) if hosts >> i & 1]
        standing = tuple(m for m in possible if m.fixed)
        free = [m for m in possible if not m.fixed]
        best, least = None, np.inf
        for picked in range(1 << len(free)):
            taken = (*standing, *(m for k, m in enumerate(free) if picked >> k & 1))
            for centres in spread(own):
                tried = self._with(block, int(centres), taken, numbers)
                worth = float(tried.cost.sum() + numbers.ceiling * tried.deaths.sum())
                if worth < least:
                    best, least = tried, worth
        assert best is not None
        return best

    def _with(self, block: int, centres: int, shared: tuple[Measure, ...], numbers: _Numbers) -> _Block:
        """Deaths and costs of a block that runs the given measures, its members' trees at their best."""
        n = len(self.members)
        inside = np.array([bool(block >> i & 1) for i in range(n)])
        runs = np.array([bool(centres >> i & 1) for i in range(n)])
        reach = self.coverage.reach(centres, block)
        served = np.array([g in self.settings.served for g in self.settings.groups], dtype=np.float64)
        cost = np.zeros(n)
        left = numbers.deaths
        if "cooling" in self.own:
            name = self.own["cooling"].id
            left = left * (1.0 - ((1.0 - numbers.factor[name]) * reach)[:, None] * served)
            cost = np.where(runs, numbers.cost[name], 0.0)
            if block & (block - 1):
                cost = cost + np.where(runs, numbers.opening, 0.0)
        deaths = left.sum(axis=1) * inside
        for m in shared:
            deaths, cost = deaths * numbers.factor[m.id], cost + numbers.cost[m.id] * inside
        planted = np.zeros(n, dtype=bool)
        if "trees" in self.own:
            name, hosts = self.own["trees"].id, self._hosts("trees") & block
            planted = np.array([bool(hosts >> i & 1) for i in range(n)])
            avoided = deaths * (1.0 - numbers.factor[name])
            if numbers.ceiling is not None:
                planted &= numbers.cost[name] < numbers.ceiling * avoided
            deaths = deaths - np.where(planted, avoided, 0.0)
            cost = cost + np.where(planted, numbers.cost[name], 0.0)
        return _Block(centres, planted, tuple(m.id for m in shared), deaths, cost, reach)
