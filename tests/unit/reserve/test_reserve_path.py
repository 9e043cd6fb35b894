"""The fund over years: by hand, and against a walk that can be counted out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from bothbanks.analysis.reserve.path import draw_paths, reserve_path, start_for_ruin, start_needed
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError


def every_course(outcomes: list[float], years: int) -> np.ndarray:
    """All equally likely courses of some years, one a column."""
    return np.array(list(itertools.product(outcomes, repeat=years))).T


def test_one_course_by_hand() -> None:
    path = reserve_path(np.array([[0.0], [50.0], [100.0]]), 100.0, 10.0, interest=0.1, ceiling=110.0)
    # 110 -> 121 -> 110 kept, 11 back; 120 - 50 = 70 -> 77; 87 < 100: unpaid 13
    assert path.mean.tolist() == pytest.approx([110.0, 77.0, 0.0])
    assert path.returned.tolist() == pytest.approx([11.0, 0.0, 0.0])
    assert path.earned.tolist() == pytest.approx([11.0, 7.0, 0.0])
    assert path.paid.tolist() == pytest.approx([0.0, 50.0, 87.0])
    assert path.unpaid.tolist() == pytest.approx([0.0, 0.0, 13.0])
    assert path.ruined.tolist() == [0, 0, 1]


def test_ruin_of_every_course_is_the_exact_chance() -> None:
    # a claim of 3 with chance 1/4 each year, 1 paid in, 2 at first: ruin only by two claims close together
    claims = every_course([3.0, 0.0, 0.0, 0.0], 4)
    path = reserve_path(claims, 2.0, 1.0)
    by_hand = 0
    for course in itertools.product([3.0, 0.0, 0.0, 0.0], repeat=4):
        held = 2.0
        for claim in course:
            held += 1.0 - claim
            if held < 0:
                by_hand += 1
                break
    assert path.ruined[-1] == by_hand
    assert 0 < by_hand < 256
    ruin = path.ruin
    assert ruin.low < by_hand / 256 < ruin.high


def test_no_ruin_seen_is_never_called_impossible() -> None:
    path = reserve_path(np.zeros((5, 300)), 0.0, 1.0)
    assert path.ruin.failures == 0
    assert path.ruin.high == pytest.approx(3 / 300)


@pytest.mark.parametrize("interest", [-0.02, 0.0, 0.05])
def test_the_start_needed_is_just_enough(interest: float) -> None:
    claims = draw_paths([0.0, 0.0, 0.0, 5.0, 20.0], 400, 12, np.random.default_rng(1))
    need = start_needed(claims, 4.0, interest)
    for k in range(0, 400, 40):
        one = claims[:, k : k + 1]
        assert reserve_path(one, need[k] + 1e-6, 4.0, interest).ruined[-1] == 0
        if need[k] > 0:
            assert reserve_path(one, need[k] - 1e-6, 4.0, interest).ruined[-1] == 1


@pytest.mark.parametrize("refilled", [False, True])
def test_the_start_for_a_ruin_probability_meets_it(refilled: bool) -> None:
    claims = draw_paths([0.0] * 15 + [5.0, 10.0, 15.0, 40.0, 60.0], 2000, 15, np.random.default_rng(2))
    start = start_for_ruin(claims, 8.0, 0.05, 0.01, refilled)
    for factor, within in ((1.00001, True), (0.98, False)):
        begin = start * factor
        ceiling = begin if refilled else np.inf
        ruined = reserve_path(claims, begin, 8.0, 0.01, ceiling).ruined[-1]
        assert (ruined <= 100) == within
    assert start_for_ruin(claims, 8.0, 0.01, 0.01, refilled) > start
    assert start_for_ruin(claims, 8.0, 0.05, 0.01, True) >= start_for_ruin(claims, 8.0, 0.05, 0.01, False)


def test_claims_are_drawn_from_the_years_given() -> None:
    claims = draw_paths([1.0, 2.0, 3.0], 50, 4, np.random.default_rng(3))
    assert claims.shape == (4, 50)
    assert set(claims.ravel()) == {1.0, 2.0, 3.0}


def test_paths_that_cannot_be() -> None:
    rng, ok = np.random.default_rng(0), np.zeros((3, 20))
    with pytest.raises(ShapeError):
        draw_paths([], 10, 3, rng)
    with pytest.raises(MissingValueError):
        draw_paths([np.nan], 10, 3, rng)
    with pytest.raises(RangeError, match="0 paths"):
        draw_paths([1.0], 0, 3, rng)
    with pytest.raises(RangeError, match="starts with -1"):
        reserve_path(ok, -1.0, 0.0)
    with pytest.raises(RangeError, match="above -1"):
        reserve_path(ok, 1.0, 0.0, -1.0)
    with pytest.raises(ShapeError):
        start_needed(np.zeros(3), 0.0)
    with pytest.raises(RangeError, match=r"reserve\.target"):
        start_for_ruin(ok, 0.0, 0.0)
    with pytest.raises(RangeError, match="at least 1000 paths"):
        start_for_ruin(ok, 0.0, 0.01)
