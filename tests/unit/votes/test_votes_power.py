from __future__ import annotations

import math
from fractions import Fraction as F
from itertools import permutations

import pytest

from bothbanks.analysis.cooperation import (
    LISTED_LIMIT,
    Either,
    Every,
    Quota,
    minimal_blocking,
    minimal_winning,
    power,
    power_indices,
    winning_coalitions,
)
from bothbanks.words.errors import InputError, RangeError

ABC = ("a", "b", "c")


def test_shapley_by_every_order_of_joining() -> None:
    weights, least, names = (5, 3, 2, 2, 1), 7, tuple("abcde")
    pivots = dict.fromkeys(names, 0)
    for order in permutations(range(5)):
        held = 0
        for i in order:
            held += weights[i]
            if held >= least:
                pivots[names[i]] += 1
                break
    found = power_indices(Quota(weights, least), names)
    assert found.shapley == {m: F(p, math.factorial(5)) for m, p in pivots.items()}


def test_veto_is_a_quota_over_the_holders() -> None:
    rule = Every((Quota((1, 1, 1), 2), Quota((1, 0, 0), 1)))
    assert minimal_blocking(rule, ABC) == (frozenset("a"), frozenset("bc"))
    assert minimal_winning(rule, ABC) == (frozenset("ab"), frozenset("ac"))


def test_alternative_rule() -> None:
    rule = Either((Quota((3, 1, 1), 4), Quota((1, 1, 1), 2)))
    assert winning_coalitions(rule, 3).tolist() == [False, False, False, True, False, True, True, True]


def test_fractions_are_never_rounded() -> None:
    third = (F(1, 3),) * 3
    assert power_indices(Quota(third, 1), ABC).winning == 1
    assert winning_coalitions(Quota(third, F(2, 3), strict=True), 3).sum() == 1
    assert winning_coalitions(Quota(third, F(2, 3)), 3).sum() == 4


@pytest.mark.parametrize("cells", [power._CELLS, 0])
def test_more_members_than_are_listed(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "_CELLS", cells)
    n = LISTED_LIMIT + 3
    names = tuple(f"m{i:02}" for i in range(n))
    majority = Quota((1,) * n, F(n, 2), strict=True)
    found = power_indices(majority, names)
    assert set(found.shapley.values()) == {F(1, n)}
    assert found.winning == 2 ** (n - 1)
    assert found.swings["m00"] == math.comb(n - 1, n // 2)


def test_82_councillors_of_a_euregio() -> None:
    names = tuple(str(i) for i in range(82))
    found = power_indices(Quota((1,) * 82, 41, strict=True), names)
    assert found.winning == sum(math.comb(82, s) for s in range(42, 83))


def test_what_cannot_be_counted_says_so() -> None:
    names = tuple(str(i) for i in range(25))
    two = Every((Quota(tuple(range(1, 26)), 100), Quota(tuple(range(2, 27)), 100)))
    with pytest.raises(RangeError, match="several weights beside heads"):
        power_indices(two, names)
    with pytest.raises(RangeError, match="round the weights"):
        power_indices(Quota(tuple(10**9 + i for i in range(40)), 10**10), [str(i) for i in range(40)])
    with pytest.raises(RangeError, match="listed up to 20"):
        winning_coalitions(Quota((1,) * 25, 13), 25)
    with pytest.raises(RangeError, match="too large to add"):
        winning_coalitions(Quota((2**70 + 1, 2**70), 1), 2)


@pytest.mark.parametrize(
    "rule",
    [Quota((1, 1), 1), Quota((1, -1, 1), 1), Every(()), Quota((1, 1, 1), 0), Quota((1, 1, 1), 4)],
)
def test_rules_that_make_no_vote_are_refused(rule: Quota | Every) -> None:
    with pytest.raises(InputError):
        power_indices(rule, ABC)


@pytest.mark.parametrize("names", [(), ("a", "a", "b")])
def test_members_once_each(names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="each member"):
        power_indices(Quota((1,) * len(names), 1), names)
