"""What must hold of every set of sharing rules, opening and table of counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bothbanks.analysis.disclosure import grouped, noise_table, protect, with_totals
from bothbanks.civic.changes import Change
from bothbanks.civic.compact.roles import Actor, Mandate
from bothbanks.civic.compact.sharing import (
    LEVELS,
    NOTHING,
    OFFICIAL,
    OWNER,
    STRICTNESS,
    Coarsening,
    Dataset,
    Decision,
    Reader,
    Rules,
    SharingRule,
)
from bothbanks.civic.compact.sharing_openings import (
    AskedOpening,
    Opening,
    close,
    confirm,
    hours_used,
    open_now,
)
from bothbanks.civic.compact.sharing_rules import EmergencyTerms, RuleBook

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
MEMBERS = ("north", "south")
NAMES = ("a", "b", "layer:c")
ROLES = ("council", "engineer", "resident", "monitor")
WHO = (
    "public",
    "members",
    "partnership",
    "member:north",
    "member:south",
    "role:engineer",
    "role:council@south",
)

posts = st.frozensets(st.tuples(st.sampled_from(ROLES), st.sampled_from(("", *MEMBERS))), max_size=3)
readers = st.builds(Reader, posts)
details = st.builds(
    Coarsening, st.sampled_from((0, 500, 750)), st.integers(0, 20), st.sampled_from((0, 5, 10))
)


@st.composite
def rules(draw: st.DrawFn) -> SharingRule:
    since = START + draw(st.integers(0, 48)) * HOUR
    length = draw(st.one_of(st.none(), st.integers(0, 48)))
    return SharingRule(
        id=f"r{draw(st.integers(0, 10**6))}",
        datasets=(draw(st.sampled_from((*NAMES, "layer:*"))),),
        readers=(draw(st.sampled_from(WHO)),),
        level=draw(st.sampled_from(LEVELS)),
        article="art-data",
        since=since,
        until=None if length is None else since + length * HOUR,
        purposes=draw(st.sampled_from(((), ("flood",)))),
        areas=draw(st.sampled_from(((), ("east",)))),
        detail=draw(details),
        hidden=draw(st.sampled_from(((), ("name",)))),
    )


DATA = (
    Dataset("a", "north"),
    Dataset("b", ""),
    Dataset("layer:c", "south"),
    Dataset("sum", "north", ("a", "b")),
)
books = st.lists(rules(), max_size=6).map(lambda found: Rules(DATA, tuple(found)))
moments = st.integers(0, 96).map(lambda h: START + h * HOUR)
asks = st.tuples(
    st.sampled_from((*NAMES, "sum")), st.sampled_from(("", "flood")), st.sampled_from(("", "east"))
)


def decide(book: Rules, who: Reader, ask: tuple[str, str, str], at: datetime) -> Decision:
    return book.decide(ask[0], who, ask[1], ask[2], at=at)


@given(books, readers, st.sampled_from(ROLES), st.sampled_from(("", *MEMBERS)), asks, moments)
def test_one_more_post_never_shows_less(
    book: Rules, who: Reader, role: str, member: str, ask: tuple[str, str, str], at: datetime
) -> None:
    more = Reader(who.posts | {(role, member)})
    assert STRICTNESS[decide(book, more, ask, at).level] <= STRICTNESS[decide(book, who, ask, at).level]


@given(readers, st.sampled_from((*NAMES, "sum")), moments)
def test_without_rules_only_owners_see(who: Reader, name: str, at: datetime) -> None:
    found = Rules(DATA, ()).decide(name, who, at=at)
    owners = {(r, d.owner) for d in DATA if d.id == name for r in OFFICIAL}
    if name == "sum":  # made from a and b: both owners' leave is needed
        owners = set()
        sees_a = any(r in OFFICIAL and m == "north" for r, m in who.posts)
        sees_b = any(r in OFFICIAL and m == "" for r, m in who.posts)
        assert found.allowed == (sees_a and sees_b)
    else:
        assert found.allowed == bool(owners & who.posts)
        assert not found.allowed or found.rule == OWNER


@given(books, readers, asks, moments)
def test_a_derived_dataset_is_never_more_open_than_what_it_is_made_from(
    book: Rules, who: Reader, ask: tuple[str, str, str], at: datetime
) -> None:
    made = STRICTNESS[decide(book, who, ("sum", *ask[1:]), at).level]
    for name in ("a", "b"):
        assert made >= STRICTNESS[decide(book, who, (name, *ask[1:]), at).level]


@given(books, readers, asks, moments)
def test_asked_without_an_area_nothing_is_more_open_than_in_any_area(
    book: Rules, who: Reader, ask: tuple[str, str, str], at: datetime
) -> None:
    whole = STRICTNESS[decide(book, who, (ask[0], ask[1], ""), at).level]
    for area in ("east", "anywhere"):
        assert whole >= STRICTNESS[decide(book, who, (ask[0], ask[1], area), at).level]


@given(books, readers, asks, moments)
def test_remembered_decisions_are_those_made_afresh(
    book: Rules, who: Reader, ask: tuple[str, str, str], at: datetime
) -> None:
    for moment in (at, at + HOUR, at - HOUR, at):
        decide(book, who, ask, moment)
    assert decide(book, who, ask, at) == decide(Rules(book.datasets, book.rules), who, ask, at)


@given(st.lists(rules(), max_size=5), readers, asks, moments, st.randoms())
def test_the_order_of_rules_does_not_matter(
    found: list[SharingRule], who: Reader, ask: tuple[str, str, str], at: datetime, random: object
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = (decide(Rules(DATA, tuple(r)), who, ask, at) for r in (found, shuffled))
    assert (one.level, one.detail, one.hidden) == (two.level, two.detail, two.hidden)


TERMS = EmergencyTerms("art-emergency", ("duty-officer",), ("members",), ("auditor",), 12, 6, 240, 36, 30)
BOOK = RuleBook(DATA, (), (), TERMS)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12), st.booleans()), min_size=1, max_size=40))
@settings(max_examples=50)
def test_nobody_keeps_data_open_by_repeating_themselves(steps: list[tuple[int, int, bool]]) -> None:
    """Whatever one officer does alone, the same is open for no longer than once between two pauses, and
    whatever two do without a vote, never longer than the most in the window."""
    actor = Actor("p1", (Mandate("duty-officer", "north", START),))
    second = Actor("p2", (Mandate("duty-officer", "south", START),))
    at, made = START, list[Opening]()
    for wait, hours, helped in steps:
        at += wait * HOUR
        made = [_closed(o, at) for o in made]
        asked = AskedOpening(str(len(made)), ("a",), (), hours, "a long enough reason")
        outcome = open_now(BOOK, made, asked, actor, "duty-officer@north", at)
        if isinstance(outcome, Change):
            opening = outcome.state
            if opening.status == "asked" and helped:
                agreed = confirm(BOOK, opening, second, "duty-officer@south", at)
                assert isinstance(agreed, Change)
                opening = agreed.state
            elif opening.status == "asked":
                withdrawn = close(opening, BOOK, at, "duty-officer@north")
                assert isinstance(withdrawn, Change)
                opening = withdrawn.state
            made.append(opening)
        assert hours_used(made, at, TERMS) <= TERMS.longest_in_all_hours
    alone = sorted((o.since, o.until) for o in made if o.since and o.until and not o.second_by)
    for (_, end), (start, _) in pairwise(alone):
        assert start - end >= TERMS.pause_hours * HOUR


def _closed(opening: Opening, at: datetime) -> Opening:
    if opening.status != "open" or opening.until is None or opening.until > at:
        return opening
    shut = close(opening, BOOK, at)
    assert isinstance(shut, Change)
    return shut.state


counts = st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=4)


@given(counts)
@settings(max_examples=25, deadline=None)
def test_no_hidden_small_count_can_be_told_closer_than_stated(table: list[list[int]]) -> None:
    found = protect(with_totals(np.array(table)), least=5, width=5)
    assert found.hidden[found.small].all()
    wide = found.high - found.low
    assert (wide[found.small] >= 5 - 1e-6).all()
    assert (wide[found.hidden] >= 1 - 1e-6).all()
    inside = (
        found.hidden & (found.low <= found.table.counts + 1e-6) & (found.table.counts - 1e-6 <= found.high)
    )
    assert (inside == found.hidden).all()


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), min_size=1, max_size=12))
@settings(max_examples=25, deadline=None)
def test_group_totals_do_not_give_a_small_count_away(cells: list[tuple[int, int]]) -> None:
    found = protect(grouped(np.array([c for c, _ in cells]), np.array([g for _, g in cells])), 10, 10)
    assert ((found.high - found.low)[found.small] >= 10 - 1e-6).all()


@given(st.integers(0, 60), st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_noise_is_bounded_never_negative_and_leaves_nothing_at_nothing(
    count: int, key: int, reach: int, least: int
) -> None:
    table = noise_table(0.3 * reach**2, reach, min(least, reach))
    shown = int(table.noisy(np.array([count]), np.array([key], dtype=np.uint64))[0])
    assert abs(shown - count) <= reach
    assert shown == 0 or shown >= min(least, reach)
    assert count > 0 or shown == 0


@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS), details, details)
def test_of_two_the_join_is_at_least_as_strict_as_either(
    a: str, b: str, x: Coarsening, y: Coarsening
) -> None:
    one, two = (
        Decision("d", level, "r", detail=None if level in ("full", NOTHING) else detail)
        for level, detail in ((a, x), (b, y))
    )
    both = one.joined(two)
    assert STRICTNESS[both.level] == max(STRICTNESS[a], STRICTNESS[b])
    for part in (one, two):
        if part.detail and both.detail:
            assert both.detail.group >= part.detail.group
            assert not part.detail.grid_m or both.detail.grid_m % part.detail.grid_m == 0
