"""Robust choice: hand-computed tables, ties, refusals, and laws against comparing every row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bothbanks.analysis.measures.robust import (
    RULES,
    RobustChoices,
    candidate_rows,
    regret_table,
    robust_choices,
    robust_profiles,
    scenario_weights,
)
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

# Rows: nothing, a wall, a reservoir, both. Columns: as today, wetter, much wetter.
COST = np.array([[10.0, 40.0, 100.0], [20.0, 30.0, 70.0], [35.0, 38.0, 45.0], [50.0, 52.0, 55.0]])


def rows(found: RobustChoices) -> list[int]:
    return [c.candidate for c in found.all]


def test_the_three_rules_on_a_table_computed_by_hand() -> None:
    found = robust_choices(COST, [0.5, 0.4, 0.1])
    # expected: 5+16+10 = 31, 10+12+7 = 29, 17.5+15.2+4.5 = 37.2, 25+20.8+5.5 = 51.3
    # regrets: (0, 10, 55), (10, 0, 25), (25, 8, 0), (40, 22, 10)
    np.testing.assert_allclose(found.regret, [[0, 10, 55], [10, 0, 25], [25, 8, 0], [40, 22, 10]])
    assert found.best.tolist() == [10, 30, 45]
    assert tuple(c.rule for c in found.all) == RULES
    assert rows(found) == [1, 1, 2]  # 25 = 25 in worst regret: the cheaper in expectation
    assert not found.agree
    wald = found.minimax_cost
    assert (wald.worst_cost, wald.worst_regret, wald.worst_scenario) == (45.0, 25.0, 0)
    assert wald.expected_cost == pytest.approx(37.2)
    assert wald.price == pytest.approx(8.2)
    assert wald.regret_saved == pytest.approx(0.0)
    assert found.expected.price == 0.0


def test_weights_move_the_expected_choice_and_not_the_others() -> None:
    assert rows(robust_choices(COST, [1, 0, 0])) == [0, 1, 2]
    assert rows(robust_choices(COST, [0, 0, 7.0])) == [2, 2, 2]  # the tie in regret goes to the expectation
    assert robust_choices(COST, [0, 0, 7.0]).agree


def test_what_robustness_costs_and_saves() -> None:
    found = robust_choices(COST, [1, 0, 0])
    savage = found.minimax_regret
    assert (savage.price, savage.regret_saved) == (10.0, 30.0)


def test_one_scenario_leaves_nothing_to_regret() -> None:
    found = robust_choices(COST[:, :1])
    assert rows(found) == [0, 0, 0]
    assert all(c.worst_regret == 0.0 and c.price == 0.0 for c in found.all)


def test_members_are_summed_for_the_choice_and_shown_in_it() -> None:
    by_member = np.stack([0.25 * COST, 0.75 * COST], axis=2)
    found = robust_choices(by_member)
    assert rows(found) == rows(robust_choices(COST))
    assert found.expected.by_member is not None
    np.testing.assert_allclose(found.expected.by_member.sum(axis=1), COST[found.expected.candidate])
    assert robust_choices(COST).expected.by_member is None


def test_ties_go_to_the_second_criterion_and_then_to_the_first_row() -> None:
    same = np.array([[3.0, 5.0], [5.0, 3.0], [4.0, 4.0], [4.0, 4.0]])
    assert rows(robust_choices(same)) == [2, 2, 2]
    assert rows(robust_choices(same[[3, 2, 1, 0]])) == [0, 0, 0]


def test_regret_against_an_optimum_that_is_no_candidate() -> None:
    assert regret_table(COST[1:3], best=np.array([10.0, 30.0, 45.0])).tolist() == [[10, 0, 25], [25, 8, 0]]
    with pytest.raises(RangeError, match=r"scenario 0 the stated best is 21\.00, but a candidate costs 20"):
        regret_table(COST[1:3], best=np.array([21.0, 30.0, 45.0]))


def test_least_regret_over_all_subsets_may_be_no_scenarios_optimum() -> None:
    # The middle row is best nowhere and regretted least.
    cost = np.array([[0.0, 100.0], [100.0, 0.0], [45.0, 45.0], [52.0, 40.0]])
    weights = [0.9, 0.1]
    assert candidate_rows(cost, weights).tolist() == [0, 1]
    found = robust_profiles(cost, np.array([4, 5, 6, 7]), weights=weights)
    assert [found.mask(c) for c in found.over_all.all] == [4, 6, 6]
    assert found.over_all.minimax_regret.worst_regret == 45.0
    assert found.candidates.tolist() == [4, 5]
    assert found.among_candidates.minimax_regret.worst_regret == 100.0


def test_subsets_that_are_not_allowed_count_for_nothing() -> None:
    allowed = np.array([False, True, True, True])
    found = robust_profiles(COST, allowed=allowed)
    assert found.profiles.tolist() == [1, 2, 3]
    assert found.over_all.best.tolist() == [20, 30, 45]
    with_inf = np.where(allowed[:, None], COST, np.inf)
    assert rows(robust_profiles(with_inf, allowed=allowed).over_all) == rows(found.over_all)
    with pytest.raises(RangeError, match="no subset is allowed"):
        robust_profiles(COST, allowed=np.zeros(4, dtype=bool))


@pytest.mark.parametrize(
    ("cost", "weights", "error", "words"),
    [
        (COST[0], None, ShapeError, "candidates and scenarios"),
        (COST[None, None], None, ShapeError, "third axis"),
        (COST[:0], None, ShapeError, "one at least"),
        (np.where(COST == 38.0, np.nan, COST), None, MissingValueError, "candidate 2 in scenario 1 is nan"),
        (COST, [1.0, 1.0], ShapeError, "one a scenario"),
        (COST, [1.0, -1.0, 1.0], RangeError, "0 or more"),
        (COST, [0.0, 0.0, 0.0], RangeError, "one above 0"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(
    cost: np.ndarray, weights: list[float] | None, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        robust_choices(cost, weights)


def test_more_subsets_than_are_enumerated_are_refused() -> None:
    with pytest.raises(RangeError, match="at most 16384"):
        robust_profiles(np.zeros(((1 << 14) + 1, 2)))


tables = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 12), st.integers(1, 5)), elements=st.floats(0, 1e6, width=32)
)


@given(tables, st.integers(0, 10**6))
def test_no_candidate_beats_a_rule_on_its_own_terms(cost: np.ndarray, seed: int) -> None:
    w = scenario_weights(np.random.default_rng(seed).uniform(0.01, 1, cost.shape[1]), cost.shape[1])
    found = robust_choices(cost, w)
    regret = cost - cost.min(axis=0)
    near = 1e-8 * max(1.0, cost.max())
    assert all(found.expected.expected_cost <= float(row @ w) + near for row in cost)
    assert all(found.minimax_regret.worst_regret <= row.max() + near for row in regret)
    assert all(found.minimax_cost.worst_cost <= row.max() + near for row in cost)
    for c in found.all:
        assert c.price >= 0.0
        assert (c.regret >= 0.0).all()
    assert found.minimax_regret.regret_saved >= -near


@given(tables, st.integers(0, 10**6))
def test_the_order_of_rows_changes_no_figure(cost: np.ndarray, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(cost.shape[0])
    for a, b in zip(robust_choices(cost).all, robust_choices(cost[order]).all, strict=True):
        assert a.expected_cost == pytest.approx(b.expected_cost, rel=1e-8, abs=1e-8)
        assert a.worst_regret == pytest.approx(b.worst_regret, rel=1e-8, abs=1e-8)


@given(tables)
def test_choosing_among_candidates_never_beats_choosing_among_all(cost: np.ndarray) -> None:
    found = robust_profiles(cost)
    all_, some = found.over_all, found.among_candidates
    near = 1e-8 * max(1.0, cost.max())
    assert all_.minimax_regret.worst_regret <= some.minimax_regret.worst_regret + near
    assert all_.minimax_cost.worst_cost <= some.minimax_cost.worst_cost + near
    assert all_.expected.expected_cost == pytest.approx(some.expected.expected_cost, abs=near)
    assert set(found.candidates.tolist()) <= set(found.profiles.tolist())
