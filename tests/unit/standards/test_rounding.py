from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothbanks.standards.rounding import cents, largest_remainder, money, significant
from bothbanks.words.errors import MissingValueError, RangeError

PARTS = st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=12)


@given(PARTS)
def test_parts_add_up_and_none_moves_by_a_whole_unit_more_than_the_spread(parts: list[float]) -> None:
    whole = round(math.fsum(parts))
    got = largest_remainder(parts, whole)
    assert sum(got) == whole
    spread = abs(whole - math.fsum(parts)) / len(parts)
    assert all(abs(g - p) < 1 + spread + 1e-3 for g, p in zip(got, parts, strict=True))


@given(PARTS)
def test_a_larger_part_never_gets_less(parts: list[float]) -> None:
    got = largest_remainder(parts, round(math.fsum(parts)))
    pairs = sorted(zip(parts, got, strict=True))
    assert all(b[1] >= a[1] for a, b in pairwise(pairs) if b[0] > a[0] + 1e-3)


def test_seats_by_largest_remainder_worked_by_hand() -> None:
    # 100 seats for 43.9, 31.6 and 24.5 %: 43 + 31 + 24 leaves two, to the remainders 0.9 and 0.6.
    assert largest_remainder([43.9, 31.6, 24.5], 100) == [44, 32, 24]


def test_a_division_that_leaves_money_over_is_refused() -> None:
    with pytest.raises(RangeError, match="does not exhaust"):
        largest_remainder([10.0, 20.0], 40)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    for rounded in (significant, money, cents):
        with pytest.raises(MissingValueError):
            rounded(value)


def test_minus_zero_is_never_written() -> None:
    assert math.copysign(1, significant(-0.0)) == 1
    assert math.copysign(1, money(-0.001)) == 1
