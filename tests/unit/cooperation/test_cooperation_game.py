import numpy as np
import pytest

from bothbanks.analysis.cooperation import (
    CoalitionGame,
    excess_array,
    in_core,
    in_core_array,
    least_core,
    nucleolus,
    sampled_shapley,
    shapley,
    shapley_array,
    side_payments,
    strongest_objection,
)
from bothbanks.analysis.cooperation.arrays import game_tolerance
from bothbanks.words.errors import InputError, MissingValueError, RangeError, ShapeError


def test_value_is_asked_with_frozensets_once_and_only_when_needed() -> None:
    asked: list[frozenset[str]] = []

    def value(coalition: frozenset[str]) -> float:
        asked.append(coalition)
        return float(len(coalition))

    game = CoalitionGame(("a", "b", "c"), value)
    assert asked == [frozenset()]
    assert game.worth({"a", "c"}) == 2.0
    assert game.worth(("c", "a")) == 2.0
    assert len(asked) == 2
    assert game.worths.tolist() == [0, 1, 1, 2, 1, 2, 2, 3]
    assert len(asked) == 8
    assert game.total == 3.0
    assert len(asked) == 8
    assert all(type(s) is frozenset for s in asked)


def test_worths_are_in_mask_order_and_read_only() -> None:
    game = CoalitionGame.from_worths(("x", "y"), [0.0, 1.0, 2.0, 5.0])
    assert (game.worth({"x"}), game.worth({"y"}), game.worth(())) == (1.0, 2.0, 0.0)
    assert game.worths.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        game.worths[1] = 3.0


def test_caller_keeps_its_own_array() -> None:
    mine = np.array([0.0, 1.0, 2.0, 5.0])
    game = CoalitionGame.from_worths(("x", "y"), mine)
    mine[1] = 99.0
    assert game.worths[1] == 1.0


@pytest.mark.parametrize("members", [(), ("a", "a"), ("a", "b", "a")])
def test_members_none_or_twice(members: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"cooperation\.members"):
        CoalitionGame(members, len)


def test_a_set_of_members_is_put_in_order() -> None:
    assert CoalitionGame({"b", "c", "a"}, len).members == ("a", "b", "c")


def test_empty_coalition_must_be_worth_nothing() -> None:
    with pytest.raises(RangeError, match="empty coalition must be worth 0"):
        CoalitionGame(("a", "b"), lambda s: 1.0 + len(s))
    with pytest.raises(RangeError, match="empty coalition must be worth 0"):
        CoalitionGame.from_worths(("a",), [1.0, 2.0])


@pytest.mark.parametrize(
    "value",
    [
        lambda s: max(len(m) for m in s),
        lambda s: {frozenset({"a"}): 1, frozenset({"b"}): 1, frozenset("ab"): 1}[s],
    ],
)
def test_a_function_undefined_for_nobody_is_taken_at_zero(value: object) -> None:
    game = CoalitionGame(("a", "b"), value)  # type: ignore[arg-type]
    assert game.worths.tolist() == [0.0, 1.0, 1.0, 1.0]


def test_other_failures_of_the_function_are_not_hidden() -> None:
    def broken(_: frozenset[str]) -> float:
        raise RuntimeError("solver crashed")

    with pytest.raises(RuntimeError, match="solver crashed"):
        CoalitionGame(("a",), broken)


def test_unusable_worths_are_named() -> None:
    game = CoalitionGame(("a", "b"), lambda s: float("nan") if "b" in s else 0.0)
    with pytest.raises(MissingValueError, match=r"2 of 4 coalitions.*\{b\} = nan, \{a, b\} = nan"):
        nucleolus(game)
    with pytest.raises(MissingValueError, match=r"\{b\}"):
        game.worth({"b"})
    with pytest.raises(RangeError, match="finite"):
        shapley(CoalitionGame(("a", "b"), lambda s: float("inf") if len(s) == 2 else 0.0))


@pytest.mark.parametrize("worth", ["12", None, 1j, [1.0, 2.0]])
def test_a_worth_that_is_no_number(worth: object) -> None:
    game = CoalitionGame(("a",), lambda s: worth if s else 0.0)  # type: ignore[arg-type, return-value]
    with pytest.raises(InputError, match=r"cooperation\.worth.*\{a\}"):
        shapley(game)


def test_from_worths_of_the_wrong_length_or_content() -> None:
    with pytest.raises(ShapeError, match="need 8 worths"):
        CoalitionGame.from_worths("abc", [0.0, 1.0, 2.0, 3.0])
    with pytest.raises(MissingValueError):
        CoalitionGame.from_worths("a", [0.0, float("nan")])
    with pytest.raises(RangeError):
        CoalitionGame.from_worths("a", [0.0, float("inf")])


def test_value_must_be_a_function() -> None:
    with pytest.raises(InputError, match="from_worths"):
        CoalitionGame("ab", [0.0, 1.0, 1.0, 2.0])  # type: ignore[arg-type]


def test_strangers_are_refused() -> None:
    game = CoalitionGame(("a", "b"), len)
    with pytest.raises(InputError, match=r"\{z\}"):
        game.worth({"a", "z"})
    with pytest.raises(InputError, match="missing for b; given for z"):
        in_core(game, {"a": 1.0, "z": 1.0})
    with pytest.raises(InputError, match="missing for b"):
        strongest_objection(game, {"a": 1.0})
    with pytest.raises(MissingValueError, match="b"):
        in_core(game, {"a": 1.0, "b": float("nan")})
    with pytest.raises(RangeError, match="infinite for b"):
        in_core(game, {"a": 1.0, "b": float("inf")})
    with pytest.raises(InputError, match="missing for a"):
        side_payments({"a": 1.0}, {"b": 1.0})


def test_too_many_members_for_an_exact_answer() -> None:
    members = [f"m{i}" for i in range(17)]
    game = CoalitionGame(members, len)
    shares = dict.fromkeys(members, 1.0)
    for ask in (
        lambda: shapley(game),
        lambda: nucleolus(game),
        lambda: least_core(game),
        lambda: in_core(game, shares),
        lambda: strongest_objection(game, shares),
    ):
        with pytest.raises(RangeError, match=r"17 members.*sampled_shapley"):
            ask()
    found = sampled_shapley(members, lambda s: float(len(s)), 3, np.random.default_rng(1))
    assert found.estimate == pytest.approx(shares)
    assert set(found.standard_error.values()) == {0.0}
    assert found.interval()["m3"] == pytest.approx((1.0, 1.0))


def test_sampling_needs_a_generator_and_two_orders() -> None:
    with pytest.raises(InputError, match="default_rng"):
        sampled_shapley("ab", len, 10, 42)  # type: ignore[arg-type]
    with pytest.raises(RangeError, match="at least 2"):
        sampled_shapley("ab", len, 1, np.random.default_rng(0))


def test_sampling_is_the_same_for_the_same_seed() -> None:
    def value(s: frozenset[str]) -> float:
        return float("a" in s and len(s) > 2)

    one, two, other = (sampled_shapley("abcd", value, 20, np.random.default_rng(k)) for k in (3, 3, 4))
    assert one == two
    assert one != other


def test_arrays_refuse_what_does_not_fit() -> None:
    with pytest.raises(ShapeError):
        shapley_array([[0.0, 1.0, 2.0]])
    with pytest.raises(ShapeError):
        shapley_array([0.0, 1.0])
    with pytest.raises(ShapeError):
        excess_array([[0.0, 1.0]], [[1.0, 2.0]])
    with pytest.raises(MissingValueError):
        shapley_array([[0.0, float("nan")]])
    with pytest.raises(MissingValueError):
        in_core_array([[0.0, 1.0]], [[float("nan")]])
    with pytest.raises(RangeError):
        shapley_array([[0.0, float("inf")]])
    with pytest.raises(RangeError):
        shapley_array([[1.0, 2.0]])
    with pytest.raises(RangeError, match="relative"):
        game_tolerance([[0.0, 1.0]], 1.5)


def test_one_member() -> None:
    game = CoalitionGame(("a",), lambda s: 7.0 * len(s))
    assert shapley(game) == nucleolus(game) == least_core(game).shares == {"a": 7.0}
    assert least_core(game).epsilon == 0.0
    assert in_core(game, {"a": 7.0})
    assert strongest_objection(game, {"a": 7.0}).gain == 0.0
    assert strongest_objection(game, {"a": 5.0}).gain == 2.0
