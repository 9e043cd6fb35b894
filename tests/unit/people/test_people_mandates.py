"""Mandates: one holder of a seat at a time, deputies only while they may, nothing ended for the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.people import (
    Absence,
    Give,
    HandedOver,
    Holding,
    Seat,
    actor_of,
    come_back,
    end,
    give,
    go_away,
    hand_over,
)
from bothbanks.civic.compact.roles import AUDITOR, COUNCIL, SECRETARIAT, Actor

OFFICE = Actor("office")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEAT = Seat("assembly-a", "assembly", COUNCIL, {"en": "Mayor of A"}, member="a", public=True)


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)


def given_seat(command: Give, held: Sequence[Holding] = (), seat: Seat = SEAT) -> Holding:
    found = give(seat, held, command, OFFICE, NOW)
    assert isinstance(found, Change), found
    return found.state


def refused(found: object) -> str:
    assert isinstance(found, Refusal), found
    return found.code


ANN = given_seat(Give("m1", "ann", day(0), day(100)))
BOB = given_seat(Give("m2", "bob", day(0), day(100), deputy_of="ann"), (ANN,))


def test_a_mandate_names_the_office_in_the_record_and_the_person_only_in_private() -> None:
    found = give(SEAT, (), Give("m1", "ann", day(0)), OFFICE, NOW)
    assert isinstance(found, Change)
    (entry,) = found.entries
    assert (entry.kind, entry.subject) == ("people.mandate-given", "mandate/m1")
    assert entry.body["seat"] == "assembly-a"
    assert entry.body["since"] == "2026-01-01T00:00:00+00:00"
    assert entry.private == {"holder": "ann"}
    assert "ann" not in str(entry.body)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Give("x", "cem", day(99)), "people.seat-taken"),
        (Give("x", "cem", day(5), day(5)), "people.dates"),
        (Give("x", "cem", day(-1), day(5)), "people.past-mandate"),
        (Give("x", "ann", day(200), deputy_of="ann"), "people.deputy-of-whom"),
        (Give("x", "ann", day(3), day(4), deputy_of="bob"), "people.twice"),
        (Give("x", "cem", day(3), day(4), deputy_of="bob"), "people.deputy-of-whom"),
        (Give("x", "office", day(100)), "people.own-mandate"),
    ],
)
def test_what_breaks_a_rule_of_the_seat_is_refused(command: Give, code: str) -> None:
    assert refused(give(SEAT, (ANN, BOB), command, OFFICE, NOW)) == code


def test_a_seat_is_free_from_the_moment_a_mandate_ends() -> None:
    given_seat(Give("x", "cem", day(100)), (ANN, BOB))


def test_a_seat_held_without_an_end_says_so() -> None:
    ever = given_seat(Give("m", "ann", day(0)))
    assert refused(give(SEAT, (ever,), Give("x", "cem", day(9)), OFFICE, NOW)) == "people.seat-held"


def test_a_bounded_term_needs_an_end() -> None:
    seat = replace(SEAT, longest_days=365)
    given_seat(Give("x", "ann", day(0), day(365)), seat=seat)
    for until in (None, day(366)):
        found = give(seat, (), Give("x", "ann", day(0), until), OFFICE, NOW)
        assert refused(found) == "people.term"


def test_roles_kept_apart_clash_whichever_comes_first() -> None:
    board = Seat("board-1", "board", AUDITOR, {}, apart_from=(COUNCIL, SECRETARIAT))
    assert refused(give(board, (ANN,), Give("x", "ann", day(1), day(2)), OFFICE, NOW)) == "people.apart"
    auditor = given_seat(Give("x", "ann", day(0), day(50)), seat=board)
    assert refused(give(SEAT, (auditor,), Give("y", "ann", day(1)), OFFICE, NOW)) == "people.apart"
    given_seat(Give("y", "ann", day(50)), (auditor,))


def test_no_deputies_where_the_seat_has_none() -> None:
    seat = replace(SEAT, deputy="never")
    found = give(seat, (ANN,), Give("x", "bob", day(1), deputy_of="ann"), OFFICE, NOW)
    assert refused(found) == "people.no-deputies"


def test_a_deputy_acts_only_while_the_holder_is_away() -> None:
    found = go_away(ANN, Absence(day(10), day(20)), NOW)
    assert isinstance(found, Change)
    held = (found.state, BOB)
    acting = [d for d in (9, 10, 19.99, 20) if actor_of("bob", held, day(d)).mandates]
    assert acting == [10, 19.99]
    assert actor_of("ann", held, day(15)).mandates == (ANN.mandate,)


def test_a_deputy_who_always_may_stops_with_the_mandate_of_the_holder() -> None:
    seat = replace(SEAT, deputy="always")
    deputy = given_seat(Give("m2", "bob", day(0), deputy_of="ann"), (ANN,), seat)
    acting = [d for d in (0, 99.99, 100, 500) if actor_of("bob", (ANN, deputy), day(d)).mandates]
    assert acting == [0, 99.99]
    stopped = end(ANN, day(30), "resigned", day(29))
    assert isinstance(stopped, Change)
    assert not actor_of("bob", (stopped.state, deputy), day(30)).mandates


def test_a_deputy_without_the_holder_in_view_never_acts() -> None:
    assert not actor_of("bob", (replace(BOB, deputy="always"),), day(1)).mandates
    assert not actor_of(
        "bob", (replace(ANN, mandate=replace(ANN.mandate, seat="other")), BOB), day(1)
    ).mandates


def test_coming_back_ends_the_running_absence_and_drops_those_to_come() -> None:
    past, now, later = Absence(day(1), day(2)), Absence(day(5), None), Absence(day(50), day(60))
    found = come_back(replace(ANN, absences=(past, now, later)), day(7))
    assert isinstance(found, Change)
    assert found.state.absences == (past, Absence(day(5), day(7)))
    assert refused(come_back(found.state, day(8))) == "people.not-away"


@pytest.mark.parametrize(
    ("holding", "absence", "code"),
    [
        (ANN, Absence(day(-1), day(2)), "people.past-absence"),
        (ANN, Absence(day(2), day(2)), "people.dates"),
        (ANN, Absence(day(100), day(101)), "people.absence-outside"),
        (BOB, Absence(day(2), day(3)), "people.deputy-away"),
    ],
)
def test_absences_that_can_not_be(holding: Holding, absence: Absence, code: str) -> None:
    assert refused(go_away(holding, absence, NOW)) == code


def test_a_mandate_is_never_ended_for_the_past_or_prolonged_by_ending_it() -> None:
    assert refused(end(ANN, day(9), "resigned", day(10))) == "people.past-end"
    assert refused(end(ANN, day(101), "resigned", day(10))) == "people.later-end"
    assert refused(end(ANN, day(120), "resigned", day(100))) == "people.mandate-over"


def test_a_mandate_recalled_before_it_begins_holds_at_no_moment() -> None:
    coming = given_seat(Give("m", "ann", day(10), day(20)))
    found = end(coming, day(1), "recalled", day(1))
    assert isinstance(found, Change)
    assert found.state.mandate.since == found.state.mandate.until == day(10)
    assert not actor_of("ann", (found.state,), day(10)).mandates
    given_seat(Give("n", "bob", day(10)), (found.state,))


def test_an_office_changes_hands_without_a_gap_and_its_deputies_end_with_the_holder() -> None:
    found = hand_over(SEAT, (ANN, BOB), ANN, Give("m3", "cem", day(30), day(90)), OFFICE, NOW)
    assert isinstance(found, HandedOver)
    assert found.old.state.mandate.until == found.new.state.mandate.since == day(30)
    assert [c.state.mandate.until for c in found.deputies] == [day(30)]
    assert [c.state.ended for c in (found.old, *found.deputies)] == ["handover", "handover"]


def test_a_deputy_may_succeed_the_holder() -> None:
    found = hand_over(SEAT, (ANN, BOB), ANN, Give("m3", "bob", day(30)), OFFICE, NOW)
    assert isinstance(found, HandedOver)


@pytest.mark.parametrize(
    ("holding", "to", "code"),
    [
        (BOB, "cem", "people.deputy-handover"),
        (ANN, "ann", "people.same-person"),
        (ANN, "office", "people.own-mandate"),
    ],
)
def test_handovers_that_can_not_be(holding: Holding, to: str, code: str) -> None:
    found = hand_over(SEAT, (ANN, BOB), holding, Give("m3", to, day(30)), OFFICE, NOW)
    assert refused(found) == code


STEPS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.integers(0, 30), st.integers(1, 20), st.booleans(), st.integers(0, 5)
    ),
    max_size=12,
)


@given(STEPS)
def test_whatever_is_tried_a_seat_never_has_two_holders(steps: list[tuple[str, int, int, bool, int]]) -> None:
    held: dict[str, Holding] = {}
    for k, (person, since, days, over, which) in enumerate(steps):
        command = Give(f"m{k}", person, day(since), day(since + days))
        if over and len(held) > which:
            old = list(held.values())[which]
            done = hand_over(SEAT, tuple(held.values()), old, command, OFFICE, NOW)
            if isinstance(done, HandedOver):
                held |= {c.state.id: c.state for c in (done.old, done.new, *done.deputies)}
            continue
        found = give(SEAT, tuple(held.values()), command, OFFICE, NOW)
        if isinstance(found, Change):
            held[found.state.id] = found.state
    for half_day in range(120):
        acting = [p for p in "abc" if actor_of(p, tuple(held.values()), day(half_day / 2)).mandates]
        assert len(acting) <= 1
