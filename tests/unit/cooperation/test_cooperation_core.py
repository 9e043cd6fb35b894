import numpy as np
import pytest

from bothbanks.analysis.cooperation import (
    CoalitionGame,
    convexity,
    core_is_empty,
    in_core,
    least_core,
    nucleolus,
    shapley,
    side_payments,
    strongest_objection,
)


def upstream() -> CoalitionGame:
    """A host "u" with two towns downstream: 6 with the near one, 4 with the far one, 10 with both."""
    return CoalitionGame(
        ("u", "near", "far"), lambda s: ("u" in s) * (6.0 * ("near" in s) + 4.0 * ("far" in s))
    )


def test_core_by_hand() -> None:
    game = upstream()
    assert in_core(game, {"u": 5, "near": 3, "far": 2})
    assert in_core(game, {"u": 10, "near": 0, "far": 0})
    assert not in_core(game, {"u": 5, "near": 2, "far": 2})
    assert not in_core(game, {"u": 5, "near": 4, "far": 2})
    assert not in_core(game, {"u": 2, "near": 3, "far": 5})
    objection = strongest_objection(game, {"u": 2, "near": 3, "far": 5})
    assert (objection.coalition, objection.gain) == (frozenset({"u", "near"}), 1.0)
    assert objection


def test_nearest_coalition_is_named_when_nobody_objects() -> None:
    objection = strongest_objection(upstream(), {"u": 5, "near": 3, "far": 2})
    assert objection.gain == -2.0
    assert objection.coalition == {"far"}
    assert not objection


def test_all_together_object_to_money_left_over() -> None:
    objection = strongest_objection(upstream(), {"u": 0, "near": 5, "far": 4})
    assert (objection.coalition, objection.gain) == (frozenset({"u", "near"}), 1.0)
    objection = strongest_objection(upstream(), {"u": 5, "near": 2, "far": 2})
    assert (objection.coalition, objection.gain) == (frozenset({"u", "near", "far"}), 1.0)


def test_of_equal_objections_the_smallest_coalition_is_named() -> None:
    game = CoalitionGame("abc", lambda s: {0: 0, 1: 1, 2: 1, 3: 3}[len(s)])
    objection = strongest_objection(game, {"a": 3, "b": 0, "c": 0})
    assert (sorted(objection.coalition), objection.gain) == (["b"], 1.0)


def test_tolerance_is_relative_to_the_gains() -> None:
    for scale in (1e-6, 1.0, 1e12):
        game = CoalitionGame("ab", lambda s, k=scale: k * (len(s) == 2))  # type: ignore[misc]
        assert in_core(game, {"a": scale * (1 + 1e-12), "b": -scale * 1e-12})
        assert not in_core(game, {"a": scale * (1 + 1e-6), "b": -scale * 1e-6})
        assert in_core(game, {"a": scale * (1 + 1e-6), "b": -scale * 1e-6}, tolerance=1e-5)


def test_large_own_worths_do_not_hide_small_gains() -> None:
    """Both are worth a billion alone; the deal is about 1."""
    game = CoalitionGame("ab", lambda s: 1e9 * len(s) + (len(s) == 2))
    assert in_core(game, {"a": 1e9 + 0.5, "b": 1e9 + 0.5})
    assert not in_core(game, {"a": 1e9 + 1.01, "b": 1e9 - 0.01})


def test_very_poor_coalitions_do_not_widen_the_tolerance() -> None:
    game = CoalitionGame("abc", lambda s: {0: 0.0, 1: 0.0, 2: -1e15, 3: 3.0}[len(s)])
    assert nucleolus(game) == pytest.approx(dict.fromkeys("abc", 1.0))
    assert least_core(game).epsilon == pytest.approx(-1.0)
    assert not in_core(game, {"a": 3.001, "b": -0.001, "c": 0.0})


def test_dummy_makes_epsilon_exactly_zero_and_the_core_is_not_empty() -> None:
    game = CoalitionGame(
        ("lie", "ver", "ost", "bli"), lambda s: 1e8 * (len(s - {"bli"}) == 3) + 3.3e7 * ({"lie", "ver"} <= s)
    )
    found = least_core(game)
    assert found.epsilon == 0.0
    assert not core_is_empty(game)
    assert in_core(game, found.shares)
    assert in_core(game, nucleolus(game))
    assert found.shares["bli"] == pytest.approx(0.0, abs=1e-3)


def test_game_without_gain() -> None:
    game = CoalitionGame("abc", lambda s: 0.1 * len(s))
    tenth = dict.fromkeys("abc", 0.1)
    assert shapley(game) == pytest.approx(tenth)
    assert nucleolus(game) == pytest.approx(tenth)
    assert least_core(game).epsilon == 0.0
    assert in_core(game, tenth)
    assert not core_is_empty(game)
    assert convexity(game) == 0.0


def test_all_together_worth_less_than_one_by_one() -> None:
    """No division gives everyone its own worth; each then loses the same."""
    game = CoalitionGame("abc", lambda s: {0: 0, 1: 4, 2: 8, 3: 9}[len(s)])
    assert nucleolus(game) == pytest.approx(dict.fromkeys("abc", 3.0))
    assert core_is_empty(game)
    assert least_core(game).epsilon == pytest.approx(2.0)


def test_nobody_gets_less_than_alone_in_the_nucleolus() -> None:
    """A rich pair would push the third below 0 in the pre-nucleolus; the nucleolus stops at 0."""
    game = CoalitionGame("abc", lambda s: 10.0 if s == {"a", "b"} else 4.0 * (len(s) == 3))
    assert nucleolus(game) == pytest.approx({"a": 2.0, "b": 2.0, "c": 0.0})
    assert least_core(game).shares == pytest.approx({"a": 3.5, "b": 3.5, "c": -3.0})
    assert least_core(game).epsilon == pytest.approx(3.0)


def test_convexity_by_hand() -> None:
    """Majority of three: each pair has two coalitions to join; it violates with the third member there."""
    assert convexity(CoalitionGame("abc", lambda s: len(s) >= 2)) == pytest.approx(0.5)
    assert convexity(CoalitionGame("abc", lambda s: float(len(s)) ** 2)) == 0.0
    assert convexity(CoalitionGame("a", len)) == 0.0
    assert convexity(CoalitionGame("abcd", lambda s: float(len(s)) ** 0.5)) == 1.0


def test_side_payments_sum_to_zero() -> None:
    game = upstream()
    without = {"u": -8.0, "near": 11.0, "far": 7.0}
    payments = side_payments(shapley(game), without)
    assert sum(payments.values()) == pytest.approx(0.0)
    assert payments["u"] == pytest.approx(13.0)


def test_thirteen_members_by_adding_coalitions_as_needed() -> None:
    """v(S) = sum over pairs of w_i w_j is convex, so the core holds the nucleolus and the Shapley value."""
    rng = np.random.default_rng(5)
    weight = rng.uniform(0.5, 2.0, 13)
    masks = np.arange(1 << 13)
    total = ((masks[:, None] >> np.arange(13)) & 1) @ weight
    square = ((masks[:, None] >> np.arange(13)) & 1) @ weight**2
    game = CoalitionGame.from_worths([f"m{i}" for i in range(13)], (total**2 - square) / 2)
    shares = nucleolus(game)
    assert in_core(game, shares)
    assert in_core(game, shapley(game))
    # Shapley of a sum of pair bonds: half of each bond to each end.
    assert list(shapley(game).values()) == pytest.approx((weight * (weight.sum() - weight)) / 2)
    assert sum(shares.values()) == pytest.approx(game.total)


def test_very_poor_coalitions_in_a_game_whose_core_is_empty() -> None:
    """Pairs with "a" fight over 1; the pair without it would lose a fortune and is never heard."""
    game = CoalitionGame(
        "abc", lambda s: -1e12 if s == {"b", "c"} else float(len(s) == 2) + 0.5 * (len(s) == 3)
    )
    found = least_core(game)
    # a + b >= 1 - epsilon leaves c <= epsilon - 1/2, and c >= -epsilon: so epsilon >= 1/4.
    assert core_is_empty(game)
    assert found.epsilon == pytest.approx(0.25)
    assert found.shares == pytest.approx({"a": 1.0, "b": -0.25, "c": -0.25})
    assert nucleolus(game) == pytest.approx({"a": 0.5, "b": 0.0, "c": 0.0})
