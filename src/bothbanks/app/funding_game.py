"""The flood game with outside grants: what each coalition could draw, and what that does to gain and shares.

Each block of a partition draws the grants that its own members' rules open to it: a fund that wants
partners from two countries pays a block only for measures with partners from two countries inside it.
A block's grants are the most it could draw if it built everything it may, under all rules and caps; a
measure's cost to its payers falls by its part of them. Where a cap binds that understates what a block gets
that builds less. Members' own measures (flood-proofing) are left without grants here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.core import in_core, strongest_objection
from bothbanks.analysis.cooperation.game import CoalitionGame
from bothbanks.analysis.cooperation.partition import Partition, worths_from_costs
from bothbanks.analysis.cooperation.shapley_value import shapley
from bothbanks.analysis.findings import Objection
from bothbanks.analysis.findings.funding import FundedGame
from bothbanks.analysis.measures.equilibrium import Equilibrium, PartitionGame
from bothbanks.app.cases import FloodRun
from bothbanks.app.funding_plan import Item, needs_of_items, shared_item
from bothbanks.app.prepared import Prepared
from bothbanks.civic.finance.funding_sources import FundingSource, Needs, Together
from bothbanks.civic.finance.mix import cheapest_mix
from bothbanks.words.errors import SolverError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Present value of the grants one block could draw."""

    by_measure: FloatArray  # (shared measure, member)
    warning: float  # for the block's joint system


class GrantedGame:
    """The flood game of the base values, with the measures' cost less the grants of the block that builds."""

    def __init__(
        self,
        prepared: Prepared,
        run: FloodRun,
        sources: tuple[FundingSource, ...],
        together: tuple[Together, ...],
        first_year: int,
    ) -> None:
        self.prepared, self.run, self.first_year = prepared, run, first_year
        self.game = prepared.played[run.settings.id].game
        self.grants = tuple(s for s in sources if s.grant)
        self.together = together
        self.rate = prepared.base["region.discount_rate"]
        by_id = {m.id: m for m in run.measures}
        self.measures = [by_id[name] for name in self.game.tables.measures]
        self._drawn: dict[int, Drawn] = {}
        self._games: dict[bytes, PartitionGame] = {}

    def solve(self, partition: Partition) -> Equilibrium:
        """The outcome of a partition with grants."""
        tables = self.game.tables
        cost, fixed = tables.cost.copy(), []
        for block in partition:
            drawn = self.drawn(block)
            built = [j for j, h in enumerate(tables.holders) if h > 0 and h & ~block == 0]
            cost[built] -= drawn.by_measure[built]
            if block.bit_count() > 1:
                fixed.append(drawn.warning)
        warning = tables.warning
        if warning is not None:
            # Two blocks with systems of their own share one number in the tables: the smaller grant.
            warning = replace(warning, joint_fixed=warning.joint_fixed - min(fixed, default=0.0))
        key = cost.tobytes() + np.float64(min(fixed, default=0.0)).tobytes()
        if key not in self._games:
            granted = replace(tables, cost=np.maximum(cost, 0.0), warning=warning)
            self._games[key] = PartitionGame(granted, losses=self.game.losses.carried_by(granted))
        return self._games[key].solve(partition)

    def drawn(self, block: int) -> Drawn:
        """Grants that a block could draw for everything it may build."""
        if block not in self._drawn:
            self._drawn[block] = self._draw(block)
        return self._drawn[block]

    def _draw(self, block: int) -> Drawn:
        tables, members = self.game.tables, self.prepared.members
        base, spec = self.prepared.base, self.run.game.settings.warning
        present = frozenset(m for i, m in enumerate(members) if block >> i & 1)
        built = [m for m, h in zip(self.measures, tables.holders, strict=True) if h > 0 and h & ~block == 0]
        items = [shared_item(self.run, base[m.cost], m) for m in built if not m.fixed]
        if spec is not None and spec.joint_cost and len(present) > 1:
            part = {m: 1.0 / len(present) for m in members if m in present}
            items.append(Item(spec.measure, base[spec.joint_cost], part))
        if not items or not self.grants:
            return Drawn(np.zeros_like(tables.cost), 0.0)
        needs = needs_of_items(self.prepared, self.run, self.first_year, items)
        return self._best(needs, present)

    def _best(self, needs: Needs, present: frozenset[str]) -> Drawn:
        mix = cheapest_mix(needs, self.grants, None, self.together, self.rate, present)
        if mix is None:
            raise SolverError(
                "funding.grants", "no way to draw grants keeps their rules, though drawing none does."
            )
        factor = (1.0 + self.rate) ** -np.arange(needs.years, dtype=np.float64)
        worth = (mix.capital + mix.upkeep).sum(axis=0) @ factor  # (measure, member)
        out = np.zeros_like(self.game.tables.cost)
        place = {name: j for j, name in enumerate(self.game.tables.measures)}
        for k, name in enumerate(needs.measures):
            if name in place:
                out[place[name]] = worth[k]
        warning = [k for k, kind in enumerate(needs.kinds) if kind == "warning"]
        return Drawn(out, float(worth[warning].sum()))

    def grants_of(self, found: Equilibrium) -> float:
        """Present value of the grants drawn for what an outcome builds."""
        total = 0.0
        for block in found.partition:
            drawn = self.drawn(block)
            for j, h in enumerate(self.game.tables.holders):
                if h > 0 and h & ~block == 0 and found.profile >> j & 1:
                    total += float(drawn.by_measure[j].sum())
            if any(found.warning[i] == "joint" for i in range(len(self.prepared.members)) if block >> i & 1):
                total += drawn.warning
        return total


def funded_game(
    prepared: Prepared,
    run: FloodRun,
    sources: tuple[FundingSource, ...],
    together: tuple[Together, ...],
    first_year: int,
) -> FundedGame:
    """The gain without outside grants, then with them, and who gets it."""
    members = prepared.members
    n = len(members)
    plain = prepared.played[run.settings.id].game
    granted = GrantedGame(prepared, run, sources, together, first_year)
    own = GrantedGame(prepared, run, tuple(s for s in sources if s.countries < 2), together, first_year)
    worths = {c: worths_from_costs(lambda p: granted.solve(p).cost, n, c) for c in ("gamma", "delta")}
    games = {c: CoalitionGame.from_worths(members, w) for c, w in worths.items()}
    shares = shapley(games["gamma"])
    before = shapley(
        CoalitionGame.from_worths(members, worths_from_costs(lambda p: plain.solve(p).cost, n, "gamma"))
    )
    singles, everybody = tuple(1 << i for i in range(n)), ((1 << n) - 1,)
    alone, joint = granted.solve(singles), granted.solve(everybody)
    kept = alone.cost - joint.cost
    found = {c: strongest_objection(g, shares) for c, g in games.items()}
    told = {
        c: Objection(tuple(m for m in members if m in o.coalition), float(o.gain)) for c, o in found.items()
    }
    received = np.array([shares[m] for m in members])
    return FundedGame(
        gain_without=float(plain.alone().cost.sum() - plain.together().cost.sum()),
        gain_with=float(kept.sum()),
        gain_with_own=float(own.solve(singles).cost.sum() - own.solve(everybody).cost.sum()),
        grants_alone=granted.grants_of(alone),
        grants_together=granted.grants_of(joint),
        shares_without=np.array([before[m] for m in members]),
        shares_with=received,
        payments_with=received - kept,
        in_core_gamma=in_core(games["gamma"], shares),
        in_core_delta=in_core(games["delta"], shares),
        objection_gamma=told["gamma"],
        objection_delta=told["delta"],
        worth_gamma=worths["gamma"],
        worth_delta=worths["delta"],
        built_too=_named(plain.tables.measures, joint.profile & ~plain.together().profile),
        left_out=_named(plain.tables.measures, plain.together().profile & ~joint.profile),
    )


def _named(measures: tuple[str, ...], profile: int) -> tuple[str, ...]:
    return tuple(m for j, m in enumerate(measures) if profile >> j & 1)
