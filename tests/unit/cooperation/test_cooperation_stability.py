import numpy as np
import pytest

from bothbanks.analysis.cooperation import (
    BaseCase,
    Frequency,
    StabilityReport,
    failure_bound,
    stability_report,
)
from bothbanks.words.errors import InputError, MissingValueError, RangeError, ShapeError


@pytest.mark.parametrize(("failures", "n", "low", "high"), [
    # Clopper and Pearson (1934): 1 of 10: 0.0025-0.4450; 5 of 10: 0.1871-0.8129; 10 of 10: 0.6915-1.
    (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0),
])  # fmt: skip
def test_exact_intervals(failures: int, n: int, low: float, high: float) -> None:
    bound = failure_bound(failures, n)
    assert (bound.low, bound.high) == pytest.approx((low, high), abs=5e-5)
    assert not bound.rule_of_three
    assert f"{failures} of {n} draws fail" in bound.text


def test_rule_of_three() -> None:
    bound = failure_bound(0, 100)
    assert (bound.low, bound.high, bound.rule_of_three) == (0.0, 0.03, True)
    assert str(bound) == "no failure in 100 draws: under 3 % at 95 % confidence"
    assert failure_bound(0, 2).high == 1.0
    assert (1 - bound.high) ** 100 == pytest.approx(0.05, abs=0.005)
    assert "100 %" in failure_bound(0, 2).text
    assert failure_bound(10, 10).text == "10 of 10 draws fail (100 %; 69 % to 100 % at 95 % confidence)"


def test_impossible_counts() -> None:
    for failures, n in ((-1, 5), (6, 5), (0, 0)):
        with pytest.raises(RangeError):
            failure_bound(failures, n)


def test_frequency_counts_either_way() -> None:
    held = Frequency(58, 60)
    assert held.share == pytest.approx(0.9667, abs=1e-4)
    assert held.failure_bound.failures == 2
    assert held.bound.failures == 58


def two_towns(
    gain: list[float], host_cost: list[float], outside: list[float] | None = None
) -> dict[str, np.ndarray]:
    """A host that pays ``host_cost``, a valley that gets the rest of ``gain``; ``outside`` if one leaves."""
    total, cost = np.array(gain), np.array(host_cost)
    left = np.zeros_like(total) if outside is None else np.array(outside)
    zero = np.zeros_like(total)
    return {
        "worths_gamma": np.column_stack([zero, zero, zero, total]),
        "worths_delta": np.column_stack([zero, left, left, total]),
        "no_transfer_gain": np.column_stack([-cost, total + cost]),
    }


def report(gain: list[float], cost: list[float], **more: object) -> StabilityReport:
    outside = more.pop("outside", None)
    return stability_report(
        ("host", "valley"), **two_towns(gain, cost, outside), base=more.pop("base", 0), **more
    )  # type: ignore[arg-type]


def test_fixed_payments_break_where_recomputed_shares_hold() -> None:
    """Base: gain 10, host pays 20, so it is paid 25. When its cost is 28 in draw 2, 25 is too little."""
    found = report([10.0, 10.0, 2.0, 40.0], [20.0, 24.0, 28.0, 20.0])
    rule = found.rules["shapley"]
    assert rule.base_shares == pytest.approx({"host": 5.0, "valley": 5.0})
    assert rule.base_payments == pytest.approx({"host": 25.0, "valley": -25.0})
    assert rule.recomputed["both"] == Frequency(4, 4)
    # Host ends with 5, 1, -3, 5 and valley with 5, 9, 5, 35.
    assert rule.fixed["gamma"] == Frequency(3, 4)
    assert rule.fixed_range["host"].low == pytest.approx(np.quantile([5, 1, -3, 5], 0.05))
    assert found.loses_without_transfers == {"host": Frequency(4, 4), "valley": Frequency(0, 4)}
    assert found.core_empty == {"gamma": Frequency(0, 4), "delta": Frequency(0, 4)}
    assert found.total_range.middle == 10.0
    assert rule.share_range["valley"].high == pytest.approx(np.quantile([5, 5, 1, 20], 0.95))
    assert found.no_transfer_range["host"].middle == pytest.approx(-22.0)


def test_conventions_are_counted_apart_and_together() -> None:
    """One who leaves gets 4, 6 and 1 under delta: with 6 twice there is more than 10 to hand out."""
    found = report([10.0, 10.0, 10.0], [0.0, 0.0, 0.0], outside=[4.0, 6.0, 1.0])
    rule = found.rules["shapley"]
    assert rule.recomputed == {"gamma": Frequency(3, 3), "delta": Frequency(2, 3), "both": Frequency(2, 3)}
    assert found.core_empty == {"gamma": Frequency(0, 3), "delta": Frequency(1, 3)}
    assert found.core_empty["gamma"].bound.rule_of_three


def test_weighted_rules_use_the_weights_of_each_draw() -> None:
    weights = {"benefit": np.array([[0.0, 1.0], [1.0, 1.0]]), "population": np.array([1.0, 3.0])}
    found = report([8.0, 8.0], [1.0, 1.0], weights=weights)
    assert list(found.rules) == ["shapley", "nucleolus", "equal", "benefit", "population"]
    assert found.rules["benefit"].base_shares == {"host": 0.0, "valley": 8.0}
    assert found.rules["benefit"].share_range["host"].high == pytest.approx(3.8)
    assert found.rules["population"].base_shares == {"host": 2.0, "valley": 6.0}


def test_a_base_case_beside_the_draws() -> None:
    draws = two_towns([10.0, 2.0], [20.0, 28.0])
    own = {k: v[0] for k, v in two_towns([30.0], [10.0]).items()}
    found = stability_report(("host", "valley"), **draws, base=BaseCase(**own))
    assert found.draws == 2
    assert found.rules["equal"].base_shares == {"host": 15.0, "valley": 15.0}
    assert found.rules["equal"].base_payments == {"host": 25.0, "valley": -25.0}
    assert found.rules["equal"].fixed["gamma"] == Frequency(1, 2)
    assert found.total_range.middle == 6.0
    by_draw = {"benefit": np.array([[1.0, 1.0], [0.0, 1.0]])}
    with pytest.raises(InputError, match="differ by draw"):
        stability_report(("host", "valley"), **draws, base=BaseCase(**own), weights=by_draw)
    with pytest.raises(InputError, match="base case only"):
        stability_report(("host", "valley"), **draws, base=BaseCase(**own, weights={"ability": np.ones(2)}))
    full = BaseCase(**own, weights={"benefit": np.array([2.0, 1.0])})
    found = stability_report(("host", "valley"), **draws, base=full, weights=by_draw)
    assert found.rules["benefit"].base_shares == pytest.approx({"host": 20.0, "valley": 10.0})


def test_shares_can_follow_the_other_convention() -> None:
    draws = two_towns([10.0], [0.0], [4.0])
    draws["worths_delta"][0] = [0.0, 6.0, 0.0, 10.0]
    found = stability_report(("host", "valley"), **draws, base=0, shares_from="delta")
    assert found.shares_from == "delta"
    assert found.rules["shapley"].base_shares == {"host": 8.0, "valley": 2.0}


def test_arrays_that_disagree_are_refused() -> None:
    good = two_towns([10.0, 2.0], [20.0, 28.0])
    members = ("host", "valley")
    with pytest.raises(ShapeError, match="worths_delta"):
        stability_report(members, **{**good, "worths_delta": np.zeros((3, 4))}, base=0)
    with pytest.raises(ShapeError, match="no_transfer_gain"):
        stability_report(members, **{**good, "no_transfer_gain": np.zeros((2, 3))}, base=0)
    with pytest.raises(MissingValueError, match="row 1"):
        stability_report(
            members, **{**good, "no_transfer_gain": np.array([[1.0, 9.0], [np.nan, 1.0]])}, base=0
        )
    with pytest.raises(RangeError, match="no_transfer_gain gives 11"):
        stability_report(members, **{**good, "no_transfer_gain": np.array([[1.0, 10.0], [1.0, 1.0]])}, base=0)
    other = good["worths_delta"].copy()
    other[1, 3] = 5.0
    with pytest.raises(RangeError, match="worths_delta gives 5 for all together in draw 1"):
        stability_report(members, **{**good, "worths_delta": other}, base=0)
    with pytest.raises(RangeError, match="base row 2"):
        stability_report(members, **good, base=2)
    with pytest.raises(InputError, match="convention"):
        stability_report(members, **good, base=0, shares_from="alpha")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no rule uses"):
        stability_report(members, **good, base=0, weights={"height": np.ones(2)})
    with pytest.raises(ShapeError, match="benefit"):
        stability_report(members, **good, base=0, weights={"benefit": np.ones(3)})
