"""Laws of programmes under yearly budgets, on random tables, against trying every programme."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bothbanks.analysis.measures.programme import (
    Dependency,
    Effort,
    Exclusion,
    Flows,
    MinimumService,
    OwnPlan,
    Plan,
    ProgrammeGame,
    ProgrammeTables,
    ProgrammeTerms,
    best_programme,
    breaches,
    fiscal_years,
    nothing_done,
)
from bothbanks.analysis.measures.programme.tables import AnnualBasin, OwnFlow, WarningFlow

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
FIRST_YEAR = 2026
BY_SOLVER = Effort(enumerate_up_to=0)
seeds = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Size:
    """How large a random region is."""

    members: int = 3
    measures: int = 4
    delays: tuple[int, ...] = (0, 2)
    horizon: int = 9
    options: int = 1
    warning: bool = True


def random_flows(rng: np.random.Generator, shape: tuple[int, ...], horizon: int, scale: float) -> Flows:
    """Whole numbers, so that sums of cash can meet a budget exactly."""
    capital, upkeep = np.zeros((2, *shape, horizon))
    capital[..., 0] = rng.integers(0, 10, shape)
    capital[..., 1] = rng.integers(0, 10, shape)
    upkeep[..., 2:] = rng.integers(0, 2, (*shape, 1))
    return Flows(capital * scale, upkeep * scale, rng.integers(0, 3, shape) * scale)


def later(flows: Flows, delays: tuple[int, ...], axis: int) -> Flows:
    """The same with an axis of delays put in."""

    def shifted(cash: FloatArray) -> FloatArray:
        parts = []
        for d in delays:
            late = np.zeros_like(cash)
            late[..., d:] = cash[..., : cash.shape[-1] - d]
            parts.append(late)
        return np.stack(parts, axis=axis)

    residual = np.stack([flows.residual * (1 + 0.1 * d) for d in delays], axis=axis)
    return Flows(shifted(flows.capital), shifted(flows.upkeep), residual)


def random_tables(seed: int, size: Size) -> ProgrammeTables:
    """Measures that help and harm, own options that count from different years, a joint warning."""
    rng = np.random.default_rng(seed)
    n, m, h, d = size.members, size.measures, size.horizon, size.delays
    holders = [int(rng.integers(1, 1 << n)) for _ in range(m)]
    paying = np.array([[mask >> i & 1 for i in range(n)] for mask in holders], dtype=float)
    shared = random_flows(rng, (m,), h, 1.0)
    shared = Flows(
        shared.capital[:, None, :] * paying[:, :, None],
        shared.upkeep[:, None, :] * paying[:, :, None],
        shared.residual[:, None] * paying,
    )
    basins = []
    for b in range(3):
        count = int(rng.integers(0, min(m, 4) + 1))
        touching = tuple(sorted(rng.choice(m, size=count, replace=False).tolist()))
        rows = np.arange(1 << count)
        loss = np.repeat(rng.uniform(0, 12, (1, n, 2)), rows.size, axis=0)
        people = np.repeat(rng.uniform(0, 12, (1, n)), rows.size, axis=0)
        for bit in range(count):
            loss[(rows >> bit & 1) == 1] *= rng.uniform(0.4, 1.1, (n, 1))
            people[(rows >> bit & 1) == 1] *= rng.uniform(0.4, 1.1, n)
        basins.append(AnnualBasin(f"b{b}", touching, loss, people))
    counts = np.array([1 + x for x in d])
    options = tuple(
        OwnFlow(
            f"own{k}",
            np.repeat(rng.uniform(0.5, 1.0, (1, n, 3, 2)), len(d), axis=0),
            np.repeat(rng.uniform(0.5, 1.0, (1, n, 3)), len(d), axis=0),
            counts + k,
            later(random_flows(rng, (n,), h, 0.5), d, 0),
            rng.uniform(size=n) < 0.8,
        )
        for k in range(size.options)
    )
    warning = WarningFlow(
        np.array([0.9 + 0.02 * x for x in range(len(d))]),
        np.array([0.7 + 0.02 * x for x in range(len(d))]),
        counts,
        later(random_flows(rng, (n,), h, 0.2), d, 0),
        later(random_flows(rng, (n,), h, 0.1), d, 0),
        later(random_flows(rng, (), h, 0.5), d, 0),
        rng.uniform(size=(3, n, n)) < 0.5,
    )
    return ProgrammeTables(
        members=tuple(f"m{i}" for i in range(n)),
        measures=tuple(f"x{j}" for j in range(m)),
        holders=tuple(holders),
        fixed=0,
        horizon_years=h,
        rate=float(rng.uniform(0.0, 0.1)),
        delays=d,
        classes=("homes", "works"),
        basins=tuple(basins),
        works=rng.integers(1, 4, m),
        flows=later(shared, d, 1),
        options=options,
        warning=warning if size.warning else None,
    )


def random_terms(
    seed: int, tables: ProgrammeTables, pooled: bool, links: bool, service: bool
) -> ProgrammeTerms:
    """Budgets that bite, some of them unlimited; fiscal years that begin in different months."""
    rng = np.random.default_rng(seed + 1)
    n, h, m = len(tables.members), tables.horizon_years, len(tables.measures)
    begins = [f"{int(rng.choice([1, 4, 7, 10])):02d}-01" for _ in range(n)]
    capital = rng.integers(2, 12, (n, h + 1)).astype(float)
    running = rng.integers(1, 4, (n, h + 1)).astype(float)
    capital[rng.uniform(size=capital.shape) < 0.2] = np.inf
    names = [str(x) for x in rng.permutation(tables.measures)]
    return ProgrammeTerms(
        members=tables.members,
        horizon_years=h,
        delays=tables.delays,
        fiscal=fiscal_years(begins, FIRST_YEAR, h),
        capital_budget=capital,
        running_budget=running,
        pooled=pooled,
        dependencies=(Dependency(names[0], (names[1],)),) if links and m > 1 else (),
        exclusions=(Exclusion((names[1], names[2])),) if links and m > 2 else (),
        services=(MinimumService("safe", tables.members[:2], 4, str(rng.choice(["loss", "people"])), 0.75),)
        if service
        else (),
    )


def own_plans(tables: ProgrammeTables, i: int, joint: bool) -> list[OwnPlan]:
    """Everything one member may do for itself."""
    axes = [
        [None, *tables.delays] if o.available[i] else [None]  # delays are all possible in these tables
        for o in tables.options
    ]
    systems = [("", -1)]
    if tables.warning is not None:
        kinds = ("alone", "joint") if joint else ("alone",)
        systems += [(kind, d) for kind in kinds for d in tables.delays]
    return [
        OwnPlan(
            tuple((o.id, d) for o, d in zip(tables.options, combo, strict=True) if d is not None), *system
        )
        for combo in itertools.product(*axes)
        for system in systems
    ]


def every_programme(
    tables: ProgrammeTables, terms: ProgrammeTerms, block: int, rest: Plan, services: bool = True
) -> float:
    """Least present cost of a block over all its programmes, year by year; infinite if none is allowed."""
    who = [i for i in range(len(tables.members)) if block >> i & 1]
    mine = [j for j, h in enumerate(tables.holders) if h & ~block == 0]
    grid = list(itertools.product(*[(-1, *tables.delays) for _ in mine]))
    starts = np.repeat(np.array([rest.starts]), len(grid), axis=0)
    starts[:, [j for j, h in enumerate(tables.holders) if h & ~block == 0]] = np.array(grid).reshape(
        len(grid), -1
    )
    best = np.inf
    for own in itertools.product(*(own_plans(tables, i, len(who) > 1) for i in who)):
        if len({o.warning_delay for o in own if o.warning == "joint"}) < 2:
            best = min(best, _best_of(tables, terms, who, mine, starts, own, services))
    return best


def _best_of(
    tables: ProgrammeTables,
    terms: ProgrammeTerms,
    who: list[int],
    mine: list[int],
    starts: IntArray,
    own: tuple[OwnPlan, ...],
    services: bool,
) -> float:
    h, rows = tables.horizon_years, len(starts)
    ready = np.where(starts < 0, 10**6, tables.works + starts)
    loss, people = np.zeros((2, rows, len(who), h))
    capital, running = np.zeros((2, rows, len(who), h))
    residual = np.zeros(rows)
    joint = [o.warning == "joint" for o in own]
    for year in range(h):
        for b, basin in enumerate(tables.basins):
            subset = sum(
                ((ready[:, j] <= year).astype(int) << bit for bit, j in enumerate(basin.touching)),
                np.zeros(rows, dtype=int),
            )
            for k, (i, o) in enumerate(zip(who, own, strict=True)):
                money, faced = basin.loss[subset, i].copy(), basin.people[subset, i].copy()
                for name, delay in o.options:
                    option = next(x for x in tables.options if x.id == name)
                    at = tables.delays.index(delay)
                    if year >= option.counts_from[at]:
                        money *= option.factor[at, i, b]
                        faced *= option.people[at, i, b]
                if o.warning:
                    w, at = tables.warning, tables.delays.index(o.warning_delay)
                    assert w is not None
                    helped = o.warning == "joint" and any(w.helps[b, i, j] for j in who if j != i)
                    if year >= w.counts_from[at]:
                        money *= (w.joint_factor if helped else w.alone_factor)[at]
                loss[:, k, year] += money.sum(axis=1)
                people[:, k, year] += faced
    for k, (i, o) in enumerate(zip(who, own, strict=True)):
        for j in mine:
            for at, delay in enumerate(tables.delays):
                built = starts[:, j] == delay
                capital[built, k] += tables.flows.capital[j, at, i]
                running[built, k] += tables.flows.upkeep[j, at, i]
                residual[built] += tables.flows.residual[j, at, i]
        for name, delay in o.options:
            option, at = next(x for x in tables.options if x.id == name), tables.delays.index(delay)
            capital[:, k] += option.flows.capital[at, i]
            running[:, k] += option.flows.upkeep[at, i]
            residual += option.flows.residual[at, i]
        if o.warning:
            w, at = tables.warning, tables.delays.index(o.warning_delay)
            assert w is not None
            parts = (
                [(w.alone, (at, i), 1.0)]
                if o.warning == "alone"
                else [(w.user, (at, i), 1.0), (w.fixed, (at,), 1 / sum(joint))]
            )
            for flow, where, share in parts:
                capital[:, k] += share * flow.capital[where]
                running[:, k] += share * flow.upkeep[where]
                residual += share * flow.residual[where]
    factor = (1 + tables.rate) ** -np.arange(h)
    value = ((loss + capital + running) @ factor).sum(axis=1) - residual * (1 + tables.rate) ** -h
    good = _within(terms, who, capital, running) & _linked(tables, terms, mine, ready)
    for s in terms.services if services else ():
        bound = [k for k, i in enumerate(who) if tables.members[i] in s.members]
        bare = sum(
            (b.loss[0, who[k]].sum() if s.on == "loss" else b.people[0, who[k]])
            for b in tables.basins
            for k in bound
        )
        table = loss if s.on == "loss" else people
        if bound:
            good &= (table[:, bound].sum(axis=1)[:, s.by_year :] <= s.share * bare + 1e-9).all(axis=1)
    return float(value[good].min()) if good.any() else np.inf


def _within(
    terms: ProgrammeTerms, who: list[int], capital: FloatArray, running: FloatArray
) -> NDArray[np.bool_]:
    """Month by month: does every fiscal year's cash stay within its budget?"""
    good = np.ones(len(capital), dtype=bool)
    for cash, budget in ((capital, terms.capital_budget), (running, terms.running_budget)):
        spent = np.zeros((len(cash), len(who), budget.shape[1]))
        for k, i in enumerate(who):
            before = round(float(terms.fiscal.overlap[i, 0, 0]) * 12)  # months before the fiscal year begins
            for month in range(12 * cash.shape[2]):
                spent[:, k, (month - before) // 12 + 1] += cash[:, k, month // 12] / 12
        limit = budget[who]
        if terms.pooled:
            spent, limit = spent.sum(axis=1, keepdims=True), limit.sum(axis=0, keepdims=True)
        good &= (spent <= limit + 1e-9).all(axis=(1, 2))
    return good


def _linked(
    tables: ProgrammeTables, terms: ProgrammeTerms, mine: list[int], ready: IntArray
) -> NDArray[np.bool_]:
    place = {m: j for j, m in enumerate(tables.measures)}
    good = np.ones(len(ready), dtype=bool)
    built = ready < 10**6
    for d in terms.dependencies:
        j = place[d.measure]
        for other in d.needs:
            if j in mine:
                good &= ~built[:, j] | (ready[:, place[other]] <= ready[:, j])
    for e in terms.exclusions:
        group = [place[x] for x in e.measures]
        if set(group) & set(mine):
            own = built[:, [j for j in group if j in mine]].any(axis=1)
            good &= ~own | (built[:, group].sum(axis=1) < 2)
    return good


@given(seeds, st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=10)
@example(seed=1086, pooled=False, links=True, service=True)  # a service that nothing the block does changes
def test_both_ways_find_what_trying_every_programme_finds(
    seed: int, pooled: bool, links: bool, service: bool
) -> None:
    tables = random_tables(seed, Size(members=3, measures=4, horizon=6))
    terms = random_terms(seed, tables, pooled, links, service)
    rng = np.random.default_rng(seed)
    block = int(rng.choice([0b001, 0b011, 0b101]))
    drawn = rng.choice([-1, *tables.delays], len(tables.measures))
    built = tuple(-1 if tables.holders[j] & block else int(x) for j, x in enumerate(drawn))
    rest = Plan(built, (OwnPlan(),) * 3)
    best = every_programme(tables, terms, block, rest)
    for effort in (Effort(), BY_SOLVER):
        reply = best_programme(tables, terms, block, rest, effort)
        if np.isinf(best):
            assert (reply.status, reply.unmet) == ("infeasible", ("safe",))
            assert reply.value == pytest.approx(every_programme(tables, terms, block, rest, False), rel=1e-7)
        else:
            assert (reply.status, reply.gap) == ("optimal", 0.0)
            assert reply.value == pytest.approx(best, rel=1e-7)
            assert breaches(tables, terms, block, reply.plan) == ()


@given(seeds, st.booleans(), st.booleans())
@settings(max_examples=6)
def test_twelve_measures_and_four_members_agree_with_all_4096_programmes(
    seed: int, links: bool, service: bool
) -> None:
    tables = random_tables(seed, Size(4, 12, (0,), 8, options=0, warning=False))
    terms = random_terms(seed, tables, True, links, service)
    best = every_programme(tables, terms, 0b1111, nothing_done(tables))
    for effort in (Effort(), BY_SOLVER):
        reply = best_programme(tables, terms, 0b1111, nothing_done(tables), effort)
        if np.isinf(best):
            assert reply.unmet == ("safe",)
        else:
            assert reply.value == pytest.approx(best, rel=1e-7)


@given(seeds, st.booleans())
@settings(max_examples=6)
def test_no_block_ever_spends_more_than_its_budgets(seed: int, pooled: bool) -> None:
    tables = random_tables(seed, Size(measures=5))
    terms = random_terms(seed, tables, pooled, links=True, service=False)
    game = ProgrammeGame(tables, terms)
    for partition in ((0b111,), (0b011, 0b100), (0b001, 0b010, 0b100)):
        found = game.solve(partition)
        for block in partition:
            who = [i for i in range(3) if block >> i & 1]
            assert _within(terms, who, found.capital[None, who], found.running[None, who]).all()


@given(seeds, st.booleans())
@settings(max_examples=6)
def test_a_larger_budget_never_costs_more(seed: int, pooled: bool) -> None:
    tables = random_tables(seed, Size())
    terms = random_terms(seed, tables, pooled, links=True, service=False)
    more = replace(terms, capital_budget=terms.capital_budget + 3.0, running_budget=terms.running_budget * 2)
    rest = nothing_done(tables)
    costs = [best_programme(tables, t, 0b111, rest).value for t in (terms, more, terms.unlimited())]
    assert costs[0] >= costs[1] - 1e-6 >= costs[2] - 2e-6


@given(seeds)
@settings(max_examples=6)
def test_a_pool_never_costs_more_than_each_paying_its_own(seed: int) -> None:
    tables = random_tables(seed, Size())
    terms = random_terms(seed, tables, False, links=True, service=False)
    rest = nothing_done(tables)
    own = best_programme(tables, terms, 0b111, rest).value
    assert best_programme(tables, replace(terms, pooled=True), 0b111, rest).value <= own + 1e-6


@given(seeds)
@settings(max_examples=6)
def test_one_more_member_never_hurts_a_pool_where_nothing_crosses_borders(seed: int) -> None:
    tables = random_tables(seed, Size(options=1))
    n, m = len(tables.members), len(tables.measures)
    basins = []
    for i in range(n):  # each member's water is touched only by measures that it has a say in
        touching = tuple(j for j in range(m) if tables.holders[j] >> i & 1)
        rows = np.arange(1 << len(touching))
        loss, people = np.zeros((rows.size, n, 2)), np.zeros((rows.size, n))
        loss[:, i], people[:, i] = 10.0, 5.0
        for bit in range(len(touching)):
            loss[(rows >> bit & 1) == 1, i] *= 0.6
        basins.append(AnnualBasin(f"b{i}", touching, loss, people))
    tables = replace(tables, basins=tuple(basins))
    terms = random_terms(seed, tables, True, links=False, service=False)
    rest = nothing_done(tables)
    value = {b: best_programme(tables, terms, b, rest).value for b in range(1, 1 << n)}
    for block in value:
        for i in range(n):
            if not block >> i & 1:
                assert value[block | 1 << i] <= value[block] + value[1 << i] + 1e-6


@given(seeds, st.booleans())
@settings(max_examples=5)
def test_a_settled_outcome_is_proven_block_by_block(seed: int, pooled: bool) -> None:
    tables = random_tables(seed, Size())
    terms = random_terms(seed, tables, pooled, links=True, service=True)
    game = ProgrammeGame(tables, terms)
    for partition in game.partitions("gamma"):
        proof = game.proof(partition)
        assert proof.proven == (game.solve(partition).status == "settled")
