"""The book of rules: what is wrong with one, and how it changes; requests and openings as plain functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.roles import Actor, Mandate
from bothbanks.civic.compact.sharing import COARSE, FULL, NOTHING, Coarsening, Dataset, SharingRule
from bothbanks.civic.compact.sharing_openings import AskedOpening, Opening, open_now, review
from bothbanks.civic.compact.sharing_rules import (
    EmergencyTerms,
    Purpose,
    RuleBook,
    add_dataset,
    end_rule,
    faults,
    open_book,
    set_rule,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
MEMBERS = ("north", "south")
RULE = SharingRule("r", ("plans",), ("members",), FULL, "art-data", START)
BOOK = RuleBook((Dataset("plans"), Dataset("beds", "south")), (RULE,), (Purpose("audit"),))
ASKED = AskedOpening("x", ("beds",), (), 2, "a long enough reason")
TERMS = EmergencyTerms("art-emergency", ("duty-officer",), ("members",), ("auditor",), 12, 6, 240, 36, 30)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"datasets": ("plan",)}, "sharing.pattern"),
        ({"readers": ("member:west",)}, "sharing.reader"),
        ({"readers": ("role:king",)}, "sharing.reader"),
        ({"readers": ("role:council@west",)}, "sharing.reader"),
        ({"purposes": ("fun",)}, "sharing.purpose"),
        ({"level": "half"}, "sharing.level"),
        ({"readers": ()}, "sharing.empty"),
        ({"article": ""}, "sharing.ground"),
        ({"level": COARSE}, "sharing.detail"),
        ({"level": COARSE, "detail": Coarsening()}, "sharing.detail"),
        ({"level": COARSE, "detail": Coarsening(group=10, rounding=5)}, "sharing.rounding"),
        ({"until": START - timedelta(days=1)}, "sharing.dates"),
    ],
)
def test_each_fault_of_a_rule_is_told(change: dict[str, object], code: str) -> None:
    book = replace(BOOK, rules=(replace(RULE, **change),))  # type: ignore[arg-type]
    assert code in {f.why.code for f in faults(book, MEMBERS)}
    assert isinstance(open_book(book, MEMBERS), Refusal)


@pytest.mark.parametrize(
    ("datasets", "code"),
    [
        ((Dataset("plans"), Dataset("plans")), "sharing.dataset-twice"),
        ((Dataset("plans", "west"),), "sharing.owner"),
        ((Dataset("plans", "", ("nothing",)),), "sharing.input"),
        ((Dataset("plans", "", ("a",)), Dataset("a", "", ("plans",))), "sharing.circle"),
    ],
)
def test_each_fault_of_a_dataset_is_told(datasets: tuple[Dataset, ...], code: str) -> None:
    assert code in {f.why.code for f in faults(replace(BOOK, datasets=datasets), MEMBERS)}


def test_two_rules_on_the_very_same_case_contradict_each_other_only_at_the_same_time() -> None:
    other = replace(RULE, id="s", level=NOTHING)
    assert {f.why.code for f in faults(replace(BOOK, rules=(RULE, other)), MEMBERS)} == {
        "sharing.contradiction"
    }
    ended = replace(RULE, until=START + timedelta(days=1))
    later = replace(other, since=START + timedelta(days=1))
    assert faults(replace(BOOK, rules=(ended, later)), MEMBERS) == ()
    assert faults(replace(BOOK, rules=(RULE, replace(RULE, id="s"))), MEMBERS) == ()  # they agree


def test_a_refusal_that_signing_out_undoes_is_noted_but_allowed() -> None:
    shown = replace(RULE, id="all", readers=("public",))
    refused = replace(RULE, id="some", readers=("member:north",), level=NOTHING)
    book = replace(BOOK, rules=(shown, refused))
    assert [(f.about, f.note) for f in faults(book, MEMBERS)] == [("some", True)]
    assert isinstance(open_book(book, MEMBERS), Change)


def test_a_rule_begins_now_or_later_and_ends_once() -> None:
    now = START + timedelta(days=5)
    late = replace(RULE, id="late", datasets=("beds",))
    assert getattr(set_rule(BOOK, late, MEMBERS, now), "code", "") == "sharing.rule-past"
    added = set_rule(BOOK, replace(late, since=now), MEMBERS, now)
    assert isinstance(added, Change)
    assert added.entries[0].body["article"] == "art-data"
    ended = end_rule(added.state, "late", "art-data", now + timedelta(days=1))
    assert isinstance(ended, Change)
    again = end_rule(ended.state, "late", "art-data", now + timedelta(days=2))
    assert getattr(again, "code", "") == "sharing.rule-ended"
    assert getattr(end_rule(BOOK, "none", "art-data", now), "code", "") == "sharing.rule-unknown"
    assert getattr(end_rule(BOOK, "r", "", now), "code", "") == "sharing.rule-ground"


def test_what_is_new_is_known_once() -> None:
    assert isinstance(add_dataset(BOOK, Dataset("new", "north"), MEMBERS), Change)
    assert getattr(add_dataset(BOOK, Dataset("plans"), MEMBERS), "code", "") == "sharing.dataset-known"
    assert getattr(add_dataset(BOOK, Dataset("new", "west"), MEMBERS), "code", "") == "sharing.owner"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"datasets": ()}, "sharing.opening-nothing"),
        ({"datasets": ("none",)}, "sharing.unknown"),
        ({"hours": 13}, "sharing.opening-hours"),
        ({"hours": 0}, "sharing.opening-hours"),
        ({"reason": "flood"}, "sharing.reason"),
    ],
)
def test_an_opening_says_what_why_and_for_how_long(change: dict[str, object], code: str) -> None:
    asked = replace(ASKED, **change)  # type: ignore[arg-type]
    actor = Actor("p1", (Mandate("duty-officer", "north", START),))
    book = replace(BOOK, emergency=TERMS)
    assert getattr(open_now(book, (), asked, actor, "duty-officer@north", START), "code", "") == code
    assert getattr(open_now(BOOK, (), asked, actor, "x", START), "code", "") == "sharing.no-emergency"


def test_beyond_the_longest_time_in_all_a_vote_opens() -> None:
    book, actor = replace(BOOK, emergency=TERMS), Actor("p1", (Mandate("duty-officer", "north", START),))
    made: list[Opening] = []
    at = START
    for _ in range(3):
        opened = open_now(
            book, made, AskedOpening("x", ("beds",), (), 12, "a long enough reason"), actor, "d", at
        )
        assert isinstance(opened, Change)
        made.append(opened.state)
        at += timedelta(hours=12 + TERMS.pause_hours + 1)
    asked = replace(ASKED, id="y", hours=1)
    assert getattr(open_now(book, made, asked, actor, "d", at), "code", "") == "sharing.opening-vote"
    voted = open_now(book, made, replace(asked, vote="v1"), actor, "d", at)
    assert isinstance(voted, Change)
    assert voted.state.in_force(at)
    elsewhere = replace(asked, datasets=("plans",))
    assert isinstance(open_now(book, made, elsewhere, actor, "d", at), Change)


def test_whoever_opened_does_not_review() -> None:
    actor = Actor("p1", (Mandate("duty-officer", "north", START), Mandate("auditor", "", START)))
    closed = Opening(
        "x", ("beds",), (), (), "art-emergency", 2, START, "d", "p1", "reason", "closed", START, START
    )
    words = "it was needed indeed"
    assert getattr(review(closed, TERMS, True, words, actor, "d", START), "code", "") == "sharing.review-own"
    other = Actor("p2", (Mandate("auditor", "", START),))
    assert isinstance(review(closed, TERMS, True, words, other, "auditor", START), Change)
    assert getattr(review(closed, TERMS, True, "yes", other, "a", START), "code", "") == "sharing.reason"
    nobody = Actor("p3", (Mandate("engineer", "", START),))
    assert (
        getattr(review(closed, TERMS, True, words, nobody, "e", START), "code", "") == "sharing.review-role"
    )
