"""Fronts over money, people and the worst-off group: by hand, refusals, and the law of the front."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bothbanks.analysis.measures.fronts import front_of, non_dominated, rounded_aims, trade_offs
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

# Options: nothing, wall left, wall right, both, both and a pump that helps nobody.
COST = np.array([[60.0, 60.0], [30.0, 62.0], [60.0, 45.0], [34.0, 50.0], [36.0, 52.0]])
PEOPLE = np.array([100.0, 60.0, 80.0, 40.0, 40.0])
GROUP_LOSS = np.array([[60.0, 40.0, 20.0], [10.0, 42.0, 20.0], [60, 5, 20], [12, 5, 20], [12, 5, 20.0]])
HEADS = np.array([30.0, 10.0, 40.0])


def test_front_by_hand() -> None:
    found = trade_offs(COST, PEOPLE, GROUP_LOSS, HEADS)
    # net cost 120, 92, 105, 84, 88; per head (2, 4, .5), (.33, 4.2, .5), (2, .5, .5), (.4, .5, .5)
    assert found.options.tolist() == [3]
    assert found.money_optimum == 3
    assert found.worst_off.tolist() == [0.5]
    assert found.worst_group.tolist() == [1]  # 0.5 in the second and third group: the first of them
    assert found.people_protected.tolist() == [60.0]
    assert found.on_front.tolist() == [False, False, False, True, False]


def test_what_each_member_gives_up_against_the_money_optimum() -> None:
    people = np.array([100.0, 60.0, 80.0, 70.0, 65.0])  # now the wall on the left protects most
    found = trade_offs(COST, people, GROUP_LOSS, HEADS)
    assert found.options.tolist() == [3, 4, 1]
    np.testing.assert_allclose(found.money, [84, 88, 92])
    np.testing.assert_allclose(found.gives_up, [[0, 0], [2, 2], [-4, 12]])
    np.testing.assert_allclose(found.people_protected, [30, 35, 40])


def test_people_by_member_are_summed_and_groups_of_nobody_left_out() -> None:
    by_member = np.stack([PEOPLE / 4, 3 * PEOPLE / 4], axis=1)
    loss = np.column_stack([GROUP_LOSS, np.full(5, 1e9)])
    found = trade_offs(COST, by_member, loss, np.append(HEADS, 0.0))
    assert found.options.tolist() == [3]
    assert found.worst_off.tolist() == [0.5]


def test_a_point_that_is_equal_in_all_but_one_aim_is_beaten_and_equals_stand_once() -> None:
    aims = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 4.0], [0.5, 9.0, 9.0]])
    on_front, points = front_of(aims)
    assert on_front.tolist() == [True, True, False, True]
    assert points.tolist() == [3, 0]


def test_noise_in_the_last_digits_makes_no_option() -> None:
    aims = np.array([[1.0, 2.0], [1.0 + 1e-12, 2.0 - 1e-12], [5.0, 1.0]])
    assert front_of(aims)[1].tolist() == [0, 2]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"cost": COST[:, 0]}, ShapeError, "needed are"),
        ({"people": PEOPLE[:2]}, ShapeError, "needed are"),
        ({"heads": HEADS[:2]}, ShapeError, "needed are"),
        ({"heads": np.zeros(3)}, RangeError, "heads"),
        ({"heads": np.array([1.0, -1.0, 1.0])}, RangeError, "heads"),
        ({"reference": 5}, RangeError, "use 0 to 4"),
        ({"group_loss": np.where(GROUP_LOSS == 42, np.nan, GROUP_LOSS)}, MissingValueError, "not a number"),
    ],
)
def test_arrays_that_cannot_be_used_are_refused(
    change: dict[str, object], error: type[Exception], words: str
) -> None:
    given_ = {"cost": COST, "people": PEOPLE, "group_loss": GROUP_LOSS, "heads": HEADS, **change}
    with pytest.raises(error, match=words):
        trade_offs(**given_)  # type: ignore[arg-type]


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 60), st.just(3)), elements=st.integers(0, 7)))
def test_no_point_of_the_front_is_beaten_and_every_point_off_it_is(aims: np.ndarray) -> None:
    on_front, points = front_of(aims)
    x = rounded_aims(aims)
    beaten = ((x[None] <= x[:, None]).all(axis=2) & (x[None] < x[:, None]).any(axis=2)).any(axis=1)
    assert on_front.tolist() == (~beaten).tolist()
    assert {tuple(r) for r in x[points]} == {tuple(r) for r in x[on_front]}
    assert len({tuple(r) for r in x[points]}) == len(points)
    assert (np.diff(aims[points, 0]) >= 0).all()


def test_blocks_of_the_search_change_nothing() -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(0, 25, (900, 3)).astype(float)
    beaten = ((x[None] <= x[:, None]).all(axis=2) & (x[None] < x[:, None]).any(axis=2)).any(axis=1)
    assert (non_dominated(x) == ~beaten).all()


def test_as_many_options_as_are_enumerated_all_on_the_front_take_seconds_at_most() -> None:
    x = np.abs(np.random.default_rng(5).normal(size=(1 << 14, 3)))
    start = time.perf_counter()
    assert non_dominated(-x / np.linalg.norm(x, axis=1)[:, None]).all()
    assert time.perf_counter() - start < 10.0  # half a second on an idle core
