"""Laws of costs, fronts, deals, coverage and worths on random input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothbanks.analysis.cooperation.partition import worths_from_costs
from bothbanks.analysis.measures.blocks import BasinTable, GameTables
from bothbanks.analysis.measures.deals import Deal, deal_terms, payment_by_year
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.heat_case import Coverage
from bothbanks.analysis.measures.measure import Measure, cost_flow, phase_weights
from bothbanks.analysis.measures.pareto import non_dominated, pareto_front
from bothbanks.analysis.measures.presentvalue import annuity_factor, level_payment, present_value

rates = st.floats(0.0, 0.12)


@st.composite
def plain_games(draw: st.DrawFn) -> PartitionGame:
    """Three members, four measures in one river, costs to their holders."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, m = 3, 4
    rows = np.arange(1 << m)
    loss = np.repeat(rng.uniform(10, 100, (1, n)), rows.size, axis=0)
    for bit in range(m):
        loss[(rows >> bit & 1) == 1] *= rng.uniform(0.4, 1.2, n)
    holders = tuple(int(h) for h in rng.integers(1, 1 << n, m))
    cost = np.zeros((m, n))
    for j, h in enumerate(holders):
        who = [i for i in range(n) if h >> i & 1]
        cost[j, who] = rng.uniform(1, 60) / len(who)
    basin = BasinTable("river", tuple(range(m)), loss, loss / 10, loss[:, :, None])
    return PartitionGame(GameTables(("a", "b", "c"), tuple("wxyz"), holders, cost, (basin,)))


@settings(max_examples=40, deadline=None)
@given(plain_games())
def test_worth_of_all_together_is_never_below_zero_nor_a_partitions_saving(game: PartitionGame) -> None:
    gamma = worths_from_costs(lambda p: game.solve(p).cost, 3, "gamma")
    alone = game.alone().cost.sum()
    assert gamma[7] >= -1e-9
    assert (gamma[[1, 2, 4]] == 0).all()
    for partition in ((1, 6), (2, 5), (3, 4)):
        assert gamma[7] >= alone - game.solve(partition).cost.sum() - 1e-9


@settings(max_examples=40, deadline=None)
@given(plain_games())
def test_a_measure_is_built_only_by_a_block_that_holds_all_its_holders(game: PartitionGame) -> None:
    for partition in ((1, 2, 4), (1, 6), (3, 4), (7,)):
        for profile in (game.solve(partition).profile, *game.solve(partition).equilibria):
            for j, holders in enumerate(game.tables.holders):
                if profile >> j & 1:
                    assert any(holders & ~block == 0 for block in partition)


@settings(max_examples=40, deadline=None)
@given(plain_games())
def test_front_holds_the_cheapest_set_and_no_member_of_it_beats_another(game: PartitionGame) -> None:
    front = pareto_front(game)
    assert front.money.min() == pytest.approx(game.together().cost.sum())
    aims = np.stack([front.money, front.people, front.worst_off], axis=1)
    assert non_dominated(np.round(aims, 9)).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 6)] * 3), min_size=1, max_size=40))
def test_non_dominated_is_what_comparing_every_pair_gives(points: list[tuple[int, int, int]]) -> None:
    x = np.array(points, dtype=float)
    expected = [not any((y <= a).all() and (y < a).any() for y in x) for a in x]
    assert non_dominated(x).tolist() == expected


@settings(max_examples=40, deadline=None)
@given(plain_games(), rates)
def test_payments_of_a_deal_add_up_to_nothing_and_leave_every_party_the_same_side(
    game: PartitionGame, rate: float
) -> None:
    terms = deal_terms(game, Deal("d", ("w",), ("a",), ("b", "c")))
    assert sum(terms.receives.values()) == pytest.approx(0.0, abs=1e-9)
    if terms.survives and min(terms.gain.values()) >= 0:
        assert terms.receives["a"] >= terms.host_cost["a"] - 1e-9
        for b, gain in terms.gain.items():
            assert -terms.receives[b] <= gain + 1e-9
    for party, flow in payment_by_year(terms, rate, 30, 40).items():
        assert present_value(flow, rate) == pytest.approx(terms.receives[party], rel=1e-9, abs=1e-9)


@given(
    st.integers(1, 60),
    st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True).map(sorted),
    st.integers(10, 80),
    rates,
)
def test_costs_by_year(life: int, years: list[int], horizon: int, rate: float) -> None:
    m = Measure(
        "m",
        "flood",
        "walls",
        {},
        ("a",),
        ("a",),
        "c",
        "u",
        life,
        tuple(years),
        (1 / len(years),) * len(years),
    )
    flow = cost_flow(m, 100.0, 0.01, horizon)
    service = horizon - m.works_from
    # capital spent less what is left = the years of service at capital / life each
    assert flow.capital.sum() - flow.residual == pytest.approx(100.0 * service / life)
    assert flow.upkeep.sum() == pytest.approx(service * 1.0)
    assert 0.0 <= flow.residual < 100.0
    assert sum(w for _, w in phase_weights([m], horizon, rate)) == pytest.approx(
        annuity_factor(rate, horizon)
    )


@given(st.floats(-1e9, 1e9), rates, st.integers(1, 100))
def test_level_payment_and_present_value_undo_each_other(value: float, rate: float, years: int) -> None:
    flow = np.full(years, level_payment(value, rate, years))
    assert present_value(flow, rate) == pytest.approx(value, rel=1e-9, abs=1e-6)


@given(st.integers(0, 10**6))
def test_reach_grows_with_the_block_and_never_beyond_everybody(seed: int) -> None:
    rng = np.random.default_rng(seed)
    c = Coverage.from_pairs(rng.random((4, 4)))
    for small, large in ((0b0001, 0b0011), (0b0011, 0b1111)):
        inside = [i for i in range(4) if small >> i & 1]
        assert (c.reach(15, large)[inside] >= c.reach(15, small)[inside] - 1e-12).all()
        assert (c.reach(15, large) <= 1 + 1e-9).all()
