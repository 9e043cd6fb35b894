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
from bothbanks.civic.compact.votes_rules import (
    MEASURES,
    AllOf,
    AnyOf,
    Blocking,
    Condition,
    Consent,
    Elector,
    Least,
    Share,
    Unanimity,
    Veto,
    VoteRule,
    is_simple_majority,
)
from bothbanks.civic.compact.votes_tally import tally
from bothbanks.civic.compact.votes_whatif import as_game
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


@st.composite
def conditions(draw: st.DrawFn, members: tuple[str, ...], depth: int = 2) -> Condition:
    measure = draw(st.sampled_from(MEASURES))
    share = draw(st.fractions(F(1, 20), F(19, 20), max_denominator=20))
    kinds: list[Condition] = [
        Share(measure, share, draw(st.booleans()), draw(st.sampled_from(("all", "cast")))),
        Least(measure, F(draw(st.integers(1, 6)))),
        Blocking(draw(st.integers(1, len(members)))),
        Veto((draw(st.sampled_from(members)),)),
        Consent((draw(st.sampled_from(members)),)),
        Unanimity(draw(st.sampled_from(("all", "cast")))),
    ]
    if depth:
        parts = tuple(draw(st.lists(conditions(members, depth - 1), min_size=1, max_size=3)))
        kinds += [AllOf(parts), AnyOf(parts)]
    return draw(st.sampled_from(kinds))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_carried_exactly_if_those_in_favour_win(data: st.DataObject) -> None:
    """Nobody abstains and everyone votes: the tally and the game that simulates it never disagree."""
    n = data.draw(st.integers(2, 5))
    members = names(n)
    electors = tuple(
        Elector(m, F(data.draw(st.integers(1, 5))), data.draw(st.integers(1, 90))) for m in members
    )
    condition = data.draw(st.one_of(conditions(members), st.just(Share("members", F(1, 2), more_than=True))))
    casting = is_simple_majority(condition) and data.draw(st.booleans())
    rule = VoteRule("r", "art-votes", {}, condition, casting_vote=casting)
    wins = winning_coalitions(as_game(rule, electors, members[0]), n)
    for mask in range(1, 1 << n):  # with nobody in favour, a veto that nobody used is met and nothing decided
        choices = {m: "yes" if mask >> i & 1 else "no" for i, m in enumerate(members)}
        assert tally(rule, electors, choices, members[0]).carried == bool(wins[mask])


@given(st.data())
def test_one_more_in_favour_never_sinks_a_decision(data: st.DataObject) -> None:
    members = names(4)
    electors = tuple(Elector(m, F(1), data.draw(st.integers(1, 90))) for m in members)
    abstention = data.draw(st.sampled_from(("not-cast", "cast", "against")))
    rule = VoteRule("r", "art-votes", {}, data.draw(conditions(members)), abstention=abstention)
    before = {m: data.draw(st.sampled_from(("yes", "no", "abstain"))) for m in members}
    after = {**before, data.draw(st.sampled_from(members)): "yes"}
    assert tally(rule, electors, after).carried >= tally(rule, electors, before).carried
