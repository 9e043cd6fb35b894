import pytest

from bothbanks.analysis.cooperation import (
    RULES,
    CoalitionGame,
    nucleolus,
    shapley,
    share_by_rules,
)
from bothbanks.words.errors import InputError, MissingValueError, RangeError

GAME = CoalitionGame(("u", "near", "far"), lambda s: ("u" in s) * (6.0 * ("near" in s) + 4.0 * ("far" in s)))


def test_the_six_rules() -> None:
    assert list(RULES) == ["shapley", "nucleolus", "equal", "benefit", "population", "ability"]
    assert all(rule.id == key and rule.name and rule.formula and rule.source for key, rule in RULES.items())


def test_shares_by_hand() -> None:
    shares = share_by_rules(
        GAME,
        benefit={"near": 30.0, "far": 10.0, "u": 0.0},
        population={"u": 1000, "near": 3000, "far": 1000},
        ability={"u": 1.0, "near": 1.0, "far": 2.0},
    )
    assert list(shares) == list(RULES)
    assert shares["shapley"] == pytest.approx({"u": 5.0, "near": 3.0, "far": 2.0}) == shapley(GAME)
    assert shares["nucleolus"] == nucleolus(GAME)
    assert shares["equal"] == pytest.approx(dict.fromkeys(("u", "near", "far"), 10 / 3))
    assert shares["benefit"] == pytest.approx({"u": 0.0, "near": 7.5, "far": 2.5})
    assert shares["population"] == pytest.approx({"u": 2.0, "near": 6.0, "far": 2.0})
    assert shares["ability"] == pytest.approx({"u": 2.5, "near": 2.5, "far": 5.0})


def test_rules_without_weights_are_left_out() -> None:
    assert list(share_by_rules(GAME)) == ["shapley", "nucleolus", "equal"]
    assert list(share_by_rules(GAME, ability=dict.fromkeys(GAME.members, 1.0)))[-1] == "ability"


def test_weights_that_can_not_be_used() -> None:
    with pytest.raises(InputError, match="benefit and members differ: missing for far"):
        share_by_rules(GAME, benefit={"u": 1.0, "near": 1.0})
    with pytest.raises(RangeError, match=">= 0"):
        share_by_rules(GAME, benefit={"u": -1.0, "near": 1.0, "far": 1.0})
    with pytest.raises(RangeError, match="all weights are 0"):
        share_by_rules(GAME, population={"u": 0, "near": 0, "far": 0})
    with pytest.raises(MissingValueError):
        share_by_rules(GAME, ability={"u": float("nan"), "near": 1, "far": 1})


def test_no_gain_and_no_benefit_share_nothing() -> None:
    flat = CoalitionGame("ab", lambda s: 0.0)
    assert share_by_rules(flat, benefit={"a": 0.0, "b": 0.0})["benefit"] == {"a": 0.0, "b": 0.0}
