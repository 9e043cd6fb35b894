"""Laws of the choice of measures, on random tables."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothbanks.analysis.measures.blocks import BasinTable, GameTables, JointWarning, OwnOption, subset_index
from bothbanks.analysis.measures.choice import best_reply, buildable
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.folding import FoldedLosses
from bothbanks.analysis.measures.highs import best_reply_highs


def random_tables(seed: int, n: int = 4, m: int = 5, options: int = 1, warning: bool = True) -> GameTables:
    """A game with measures that help and harm, own options and a joint warning."""
    rng = np.random.default_rng(seed)
    basins = []
    for b in range(3):
        touching = tuple(
            sorted(rng.choice(m, size=int(rng.integers(0, min(m, 4) + 1)), replace=False).tolist())
        )
        rows = np.arange(1 << len(touching))
        loss = np.repeat(rng.uniform(0, 100, (1, n)), rows.size, axis=0)
        for bit in range(len(touching)):
            loss[(rows >> bit & 1) == 1] *= rng.uniform(0.5, 1.15, n)
        basins.append(BasinTable(f"b{b}", touching, loss, loss / 10, loss[:, :, None]))
    holders = tuple(int(rng.integers(1, 1 << n)) for _ in range(m))
    cost = np.zeros((m, n))
    for j in range(m):
        who = [i for i in range(n) if holders[j] >> i & 1]
        cost[j, who] = rng.uniform(2, 60) / len(who)
    own = tuple(
        OwnOption(
            f"o{k}", rng.uniform(1, 40, n), rng.uniform(0.5, 1, (n, 3)), np.ones((n, 3)), rng.random(n) < 0.8
        )
        for k in range(options)
    )
    joint = JointWarning(
        0.95, 0.8, rng.uniform(2, 9, n), rng.uniform(1, 4, n), 9.0, rng.random((3, n, n)) < 0.4
    )
    return GameTables(
        tuple("abcdefgh"[:n]),
        tuple(f"m{j}" for j in range(m)),
        holders,
        cost,
        tuple(basins),
        own,
        joint if warning else None,
    )


def brute_objective(t: GameTables, block: int, profile: int) -> float:
    """The block's least cost at a profile, every combination of own choices and warning tried."""
    who = [i for i in range(len(t.members)) if block >> i & 1]
    rows = [b.loss[subset_index(b, np.array([profile]))[0]] for b in t.basins]
    w = t.warning
    best = np.inf
    modes = ["none"] if w is None else ["none", "alone", "joint"]
    for choice in itertools.product(itertools.product(range(1 << len(t.options)), modes), repeat=len(who)):
        total, joint_used = 0.0, False
        for i, (combo, mode) in zip(who, choice, strict=True):
            taken = [o for k, o in enumerate(t.options) if combo >> k & 1]
            if any(not o.available[i] for o in taken):
                total = np.inf
                break
            total += sum(o.cost[i] for o in taken)
            for b in range(len(t.basins)):
                loss = rows[b][i]
                for o in taken:
                    loss = loss * o.loss_factor[i, b]
                if w is not None and mode != "none":
                    helped = any(w.helps[b, i, j] for j in who if j != i)
                    loss *= w.joint_factor if mode == "joint" and helped else w.alone_factor
                total += loss
            if w is not None and mode == "alone":
                total += w.alone_cost[i]
            if w is not None and mode == "joint":
                if len(who) == 1:
                    total = np.inf
                    break
                total, joint_used = total + w.joint_cost[i], True
        if w is not None and joint_used:
            total += w.joint_fixed
        best = min(best, total)
    return best + sum(t.cost[j, who].sum() for j in range(len(t.measures)) if profile >> j & 1)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_folding_own_choices_and_warning_is_exact(seed: int) -> None:
    t = random_tables(seed, n=3, m=3)
    losses = FoldedLosses(t)
    rng = np.random.default_rng(seed)
    for block in (int(rng.integers(1, 8)), 7):
        profile = int(rng.integers(0, 8))
        assert losses.objective(block)[profile] == pytest.approx(brute_objective(t, block, profile), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_enumeration_and_highs_agree(seed: int) -> None:
    t = random_tables(seed, n=4, m=6, options=2)
    losses = FoldedLosses(t)
    rng = np.random.default_rng(seed)
    block, rest = int(rng.integers(1, 16)) | 1, int(rng.integers(0, 64))
    own = buildable(t, block)
    held = rest & ~sum(1 << j for j in own)
    by_list = best_reply(losses, block, held)
    by_programme = best_reply_highs(losses, block, held, own)
    assert by_programme.value == pytest.approx(by_list.value, rel=1e-9, abs=1e-9)
    assert by_programme.reproducible


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_all_together_is_never_worse_than_any_partition(seed: int) -> None:
    game = PartitionGame(random_tables(seed, n=4, m=6))
    together = game.together().cost.sum()
    for partition in ((1, 2, 4, 8), (3, 12), (7, 8), (1, 14), (5, 10)):
        assert together <= game.solve(partition).cost.sum() + 1e-9


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(4)))
def test_permuting_members_permutes_results(seed: int, order: list[int]) -> None:
    t = random_tables(seed, n=4, m=5)
    p = np.array(order)
    assert t.warning is not None

    def moved(mask: int) -> int:
        return sum(1 << k for k, i in enumerate(order) if mask >> i & 1)

    u = GameTables(
        tuple(t.members[i] for i in order),
        t.measures,
        tuple(moved(h) for h in t.holders),
        t.cost[:, p],
        tuple(
            BasinTable(b.basin, b.touching, b.loss[:, p], b.people[:, p], b.by_class[:, p]) for b in t.basins
        ),
        tuple(
            OwnOption(o.id, o.cost[p], o.loss_factor[p], o.people_factor[p], o.available[p])
            for o in t.options
        ),
        JointWarning(
            t.warning.alone_factor,
            t.warning.joint_factor,
            t.warning.alone_cost[p],
            t.warning.joint_cost[p],
            t.warning.joint_fixed,
            t.warning.helps[:, p][:, :, p],
        ),
    )
    for partition in ((1, 2, 4, 8), (3, 4, 8), (15,), (6, 9)):
        first = PartitionGame(t).solve(partition)
        second = PartitionGame(u).solve(tuple(moved(b) for b in partition))
        assert second.status == first.status
        np.testing.assert_allclose(second.cost, first.cost[p], atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_every_equilibrium_found_is_one_and_none_is_missed(seed: int) -> None:
    t = random_tables(seed, n=3, m=5, options=1)
    game = PartitionGame(t)
    losses = FoldedLosses(t)
    partition = (1, 2, 4)
    available = sum(1 << j for b in partition for j in buildable(t, b))
    expected = []
    for profile in range(1 << 5):
        if profile & ~available:
            continue
        stays = all(
            losses.objective(b)[profile] <= best_reply(losses, b, profile).value + 1e-7 for b in partition
        )
        if stays:
            expected.append(profile)
    assert list(game.solve(partition).equilibria) == expected


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_search_without_tables_reaches_the_same_outcome(seed: int) -> None:
    t = random_tables(seed, n=4, m=6)
    full, searched = PartitionGame(t), PartitionGame(t, enumerate_up_to=0)
    for partition in ((15,), (3, 12)):
        a, b = full.solve(partition), searched.solve(partition)
        if a.cycle:
            continue
        assert b.cost.sum() == pytest.approx(a.cost.sum(), rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_member_costs_add_up_to_the_blocks_objective(seed: int) -> None:
    t = random_tables(seed, n=4, m=5)
    game = PartitionGame(t)
    for partition in ((15,), (3, 12), (1, 6, 8)):
        for profile in (0, 5, 31):
            cost = game.settle(partition, profile).cost
            for block in partition:
                inside = [i for i in range(4) if block >> i & 1]
                assert cost[inside].sum() == pytest.approx(game.losses.objective(block)[profile], abs=1e-9)
