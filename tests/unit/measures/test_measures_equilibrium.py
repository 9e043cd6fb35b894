"""Games of two and three members worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bothbanks.analysis.measures.blocks import BasinTable, GameTables, JointWarning, OwnOption
from bothbanks.analysis.measures.choice import buildable, spread
from bothbanks.analysis.measures.equilibrium import (
    NONE,
    SEVERAL,
    UNIQUE,
    PartitionGame,
    check_partition,
    reply_order,
)
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

UP, DOWN = 0b01, 0b10


def tables(loss: object, holders: tuple[int, ...], cost: object, **more: Any) -> GameTables:
    rows = np.asarray(loss, dtype=float)
    touching = tuple(range(len(holders)))
    basin = BasinTable("river", touching, rows, rows / 10, rows[:, :, None])
    names = tuple(f"m{j}" for j in touching)
    return GameTables(("up", "down"), names, holders, np.asarray(cost, dtype=float), (basin,), **more)


def upstream_buffer() -> GameTables:
    """Buffer upstream: costs the host 30, saves it 10 and the valley 50."""
    return tables([[40, 100], [30, 50]], (UP,), [[30, 0]])


def test_upstream_host_does_not_build_alone_but_both_do() -> None:
    game = PartitionGame(upstream_buffer())
    alone, together = game.alone(), game.together()
    assert (alone.profile, together.profile) == (0, 1)
    assert alone.status == together.status == UNIQUE
    np.testing.assert_allclose(alone.cost, [40, 100])
    np.testing.assert_allclose(together.cost, [60, 50])
    np.testing.assert_allclose(together.loss, [30, 50])
    np.testing.assert_allclose(together.people, [3, 5])


def test_levee_that_raises_water_is_dropped_together() -> None:
    # The valley's levee saves it 40 for 25 and costs the other bank 30.
    game = PartitionGame(tables([[10, 60], [40, 20]], (DOWN,), [[0, 25]]))
    assert game.alone().profile == 1
    assert game.together().profile == 0
    assert game.alone().cost.tolist() == [40, 45]


def chase() -> GameTables:
    """Levee and counter-levee: one follows wherever the other leads, so nobody settles.

    up's loss: 10 if both build or neither, 0 otherwise; down's the other way round; costs nothing.
    """
    up = np.array([10.0, 0.0, 0.0, 10.0])
    return tables(np.stack([up, 10 - up], axis=1), (UP, DOWN), [[0, 0], [0, 0]])


def test_no_pure_equilibrium_is_flagged_and_the_base_is_the_mean_of_the_cycle() -> None:
    out = PartitionGame(chase()).alone()
    assert out.status == NONE
    assert out.equilibria == ()
    assert len(out.cycle) == 2
    expected = np.mean([[[10, 0], [0, 10], [0, 10], [10, 0]][p] for p in out.cycle], axis=0)
    np.testing.assert_allclose(out.cost, expected)
    assert out.interval is not None
    assert (out.interval[:, 0] <= out.cost).all()
    assert (out.cost <= out.interval[:, 1]).all()


def test_several_equilibria_give_an_interval_and_the_one_reached_from_nothing() -> None:
    # Either bank protects both for 5; whoever builds first is left with the bill.
    both = np.array([20.0, 0.0, 0.0, 0.0])
    out = PartitionGame(tables(np.stack([both, both], axis=1), (UP, DOWN), [[5, 0], [0, 5]])).alone()
    assert out.status == SEVERAL
    assert out.equilibria == (1, 2)
    assert out.profile == 2  # 'down' comes first in the alphabet and builds
    np.testing.assert_allclose(out.interval, [[0, 5], [0, 5]])


def test_a_measure_with_two_holders_needs_both_in_one_block() -> None:
    t = tables([[40, 40], [0, 0]], (UP | DOWN,), [[5, 5]])
    assert buildable(t, UP) == buildable(t, DOWN) == ()
    assert PartitionGame(t).alone().profile == 0
    assert PartitionGame(t).together().profile == 1


def test_what_nobody_holds_is_never_built_and_what_an_outsider_planned_is_always_there() -> None:
    t = tables([[40, 40], [0, 0]], (-1,), [[0, 0]])
    assert PartitionGame(t).together().profile == 0
    planned = tables([[40, 40], [1, 2]], (-1,), [[0, 0]], fixed=1)
    assert PartitionGame(planned).alone().cost.tolist() == [1, 2]


def test_own_option_is_taken_only_where_it_pays_and_is_reported() -> None:
    option = OwnOption(
        "proofing", np.array([3.0, 30.0]), np.full((2, 1), 0.8), np.ones((2, 1)), np.ones(2, bool)
    )
    out = PartitionGame(tables([[40, 100], [30, 50]], (UP,), [[30, 0]], options=(option,))).alone()
    assert out.own == ("proofing", "")
    np.testing.assert_allclose(out.cost, [35, 100])
    np.testing.assert_allclose(out.loss, [32, 100])


def test_joint_warning_is_used_where_a_neighbour_helps_and_it_is_cheaper() -> None:
    helps = np.zeros((1, 2, 2), dtype=bool)
    helps[0, 1, 0] = True  # up lies upstream of down
    warning = JointWarning(0.9, 0.5, np.array([20.0, 4.0]), np.array([1.0, 1.0]), 6.0, helps)
    t = tables([[40, 100]], (), np.zeros((0, 2)), warning=warning)
    game = PartitionGame(t)
    assert game.alone().warning == ("", "alone")
    np.testing.assert_allclose(game.alone().cost, [40, 94])
    # Joint: up saves 0.1 x 40 - 1 = 3, down 100 x 0.5 + 1; the fixed 6 is shared by the two users.
    assert game.together().warning == ("joint", "joint")
    np.testing.assert_allclose(game.together().cost, [36 + 1 + 3, 50 + 1 + 3])


def test_forced_measure_stands_in_a_deal() -> None:
    game = PartitionGame(upstream_buffer())
    deal = game.solve((UP, DOWN), forced=1)
    np.testing.assert_allclose(deal.cost, [60, 50])


def test_order_of_replies_does_not_depend_on_the_order_of_files() -> None:
    t = upstream_buffer()
    assert reply_order(t, (UP, DOWN)) == [DOWN, UP]


def test_partitions_that_are_none_are_refused() -> None:
    with pytest.raises(RangeError, match="overlap"):
        check_partition((1, 3), 2)
    with pytest.raises(RangeError, match="exactly"):
        check_partition((1,), 2)


def test_tables_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="river"):
        tables([[1, 2]], (UP,), [[0, 0]])
    with pytest.raises(MissingValueError, match="river"):
        tables([[1, np.nan], [1, 2]], (UP,), [[0, 0]])
    with pytest.raises(ShapeError, match="holders"):
        tables([[1, 2], [1, 2]], (UP,), [[0, 0], [0, 0]])


def test_spread_lists_every_subset() -> None:
    assert sorted(spread([1, 3]).tolist()) == [0, 2, 8, 10]


def test_more_than_fourteen_measures_are_searched_by_programme() -> None:
    # Fifteen buffers, each worth 1 + its number to both, at a cost of 8.5 to the host.
    m = 15
    basins = []
    for j in range(m):
        loss = np.array([[20.0, 20.0], [19.0 - j, 19.0 - j]])
        basins.append(BasinTable(f"b{j}", (j,), loss, np.zeros((2, 2)), loss[:, :, None]))
    cost = np.zeros((m, 2))
    cost[:, 0] = 8.5
    t = GameTables(("up", "down"), tuple(f"m{j}" for j in range(m)), (UP,) * m, cost, tuple(basins))
    game = PartitionGame(t)
    assert game.together().status == "searched"
    assert game.together().profile == sum(1 << j for j in range(m) if 2 * (1 + j) > 8.5)
    assert game.alone().profile == sum(1 << j for j in range(m) if 1 + j > 8.5)


def test_with_many_measures_small_partitions_are_still_enumerated() -> None:
    # Fifteen measures, twelve of which need both members: alone only three can be built by anybody.
    basins = []
    for j in range(15):
        loss = np.array([[20.0, 20.0], [10.0, 19.0]])
        basins.append(BasinTable(f"b{j}", (j,), loss, np.zeros((2, 2)), loss[:, :, None]))
    cost = np.zeros((15, 2))
    cost[:, 0] = 10.5
    holders = (UP,) * 3 + (UP | DOWN,) * 12
    game = PartitionGame(
        GameTables(("up", "down"), tuple(f"m{j}" for j in range(15)), holders, cost, tuple(basins))
    )
    alone = game.alone()
    assert (alone.status, alone.profile) == (UNIQUE, 0)
    np.testing.assert_allclose(alone.cost, [300, 300])
    assert game.together().profile == (1 << 15) - 1
    np.testing.assert_allclose(game.together().cost, [150 + 15 * 10.5, 285])
