"""Laws of voting power: they hold for any weights and quotas, whichever way they are counted."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothbanks.analysis.cooperation import (
    Either,
    Every,
    Quota,
    minimal_blocking,
    minimal_winning,
    power,
    power_indices,
    winning_coalitions,
)
from bothbanks.words.coalitions import coalition_of, mask_of

WEIGHTS = st.lists(st.integers(0, 9), min_size=1, max_size=7).filter(any)


@st.composite
def weighted(draw: st.DrawFn) -> tuple[tuple[int, ...], int]:
    weights = tuple(draw(WEIGHTS))
    return weights, draw(st.integers(1, sum(weights)))


def names(n: int) -> tuple[str, ...]:
    return tuple(f"m{i}" for i in range(n))


@given(weighted())
def test_shares_add_up_to_one_and_a_dummy_has_none(game: tuple[tuple[int, ...], int]) -> None:
    weights, least = game
    members = names(len(weights))
    found = power_indices(Quota(weights, least), members)
    assert sum(found.shapley.values()) == 1
    assert sum(found.banzhaf_share.values()) == 1
    needed = frozenset().union(*minimal_winning(Quota(weights, least), members))
    for member, weight in zip(members, weights, strict=True):
        assert (found.shapley[member] == 0) == (found.swings[member] == 0) == (member not in needed)
        if weight == 0:
            assert found.shapley[member] == 0


@given(weighted())
def test_more_weight_is_never_less_power(game: tuple[tuple[int, ...], int]) -> None:
    weights, least = game
    found = power_indices(Quota(weights, least), names(len(weights)))
    by_weight = sorted(zip(weights, found.shapley.values(), found.swings.values(), strict=True))
    assert [s for _, s, _ in by_weight] == sorted(found.shapley.values())
    assert [s for _, _, s in by_weight] == sorted(found.swings.values())


@given(weighted(), st.integers(1, 7))
def test_minimal_coalitions_span_the_rule(game: tuple[tuple[int, ...], int], heads: int) -> None:
    weights, least = game
    n = len(weights)
    members = names(n)
    rule = Every((Quota(weights, least), Quota((1,) * n, min(heads, n))))
    wins = winning_coalitions(rule, n)
    winning = [mask_of(c, members) for c in minimal_winning(rule, members)]
    blocking = minimal_blocking(rule, members)
    for mask in range(1 << n):
        assert bool(wins[mask]) == any(mask & w == w for w in winning)
        others = coalition_of(((1 << n) - 1) & ~mask, members)
        assert bool(wins[mask]) != any(b <= others for b in blocking)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=9), st.data())
def test_the_three_ways_of_counting_agree(weights: list[int], data: st.DataObject) -> None:
    n, total = len(weights), sum(weights)
    heads = data.draw(st.integers(1, n))
    share = data.draw(st.fractions(F(1, 10), 1, max_denominator=20))
    rule = Either((Every((Quota((1,) * n, heads), Quota(tuple(weights), share * total))), Quota((1,) * n, n)))
    listed = power_indices(rule, names(n))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(power, "LISTED_LIMIT", 1)
        assert power_indices(rule, names(n)) == listed
        patch.setattr(power, "_CELLS", 0)
        assert power_indices(rule, names(n)) == listed
