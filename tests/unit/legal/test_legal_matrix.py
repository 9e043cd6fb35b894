"""Dated rules, recognitions, and how members stand on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction as F
from typing import TypeVar

import pytest
from pydantic import TypeAdapter

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.legal import (
    LegalRule,
    Recognition,
    Subject,
    Version,
    add_rule,
    add_subject,
    amend_rule,
    end_recognition,
    recognised,
    record_recognition,
    retire_rule,
)
from bothbanks.civic.compact.legal_demands import AtMost, OneOf
from bothbanks.civic.compact.legal_matrix import due_for_review, laws_by_lead, matrix, row
from bothbanks.civic.finance.applicable_law import ApplicableLaw, Buyer, LawRule

T = TypeVar("T")
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = date(2026, 3, 1)
EN = {"en": "words"}
CREWS = Subject("crews", "qualifications", EN, EN, labels={"be": EN, "nl": EN, "de": EN})
BUYING = Subject("buying", "procurement", EN, EN, unit="EUR", mergeable=False)
ABC = ("a", "b", "c")


def crew(country: str, **more: object) -> Version:
    return replace(Version((OneOf((country,)),), EN, "a page", AT), **more)  # type: ignore[arg-type]


def done(change: Change[T] | Refusal) -> T:
    assert isinstance(change, Change), str(change)
    return change.state


def code(change: object) -> str:
    assert isinstance(change, Refusal), change
    assert "{" not in change.words
    return change.code


def rule(member: str, country: str, **more: object) -> LegalRule:
    return done(add_rule(f"crews.{member}", CREWS, member, crew(country, **more)))


AID = Recognition("aid", "crews", ("a", "b"), ("a", "b"), "M(2009)8", "benelux.int", date(2010, 2, 1))


def test_a_conflict_is_closed_by_recognition_both_ways() -> None:
    rules = [rule("a", "be"), rule("b", "nl"), rule("c", "de")]
    open_ = row(CREWS, ABC, rules, (), DAY)
    assert [p.standing for p in open_.pairs] == ["conflict"] * 3
    closed = row(CREWS, ABC, rules, (AID,), DAY)
    assert [p.standing for p in closed.pairs] == ["recognised", "conflict", "conflict"]
    assert closed.standing == "conflict"
    before = row(CREWS, ABC, rules, (AID,), date(2010, 1, 31))
    assert before.pairs[0].standing == "conflict"


def test_one_way_is_said_to_be_one_way() -> None:
    one = replace(AID, givers=("b",), takers=("a",))
    found = row(CREWS, ("a", "b"), [rule("a", "be"), rule("b", "nl")], (one,), DAY).pairs[0]
    assert (found.standing, found.there, found.back) == ("one-way", None, one)
    assert recognised((one,), "crews", "b", "a", DAY) == one
    assert recognised((one,), "crews", "a", "b", DAY) is None
    assert recognised((one,), "radio", "b", "a", DAY) is None
    assert recognised((AID,), "crews", "a", "a", DAY) is None


def test_what_is_not_known_is_never_taken_as_no_rule() -> None:
    asked = done(add_rule("crews.b", CREWS, "b", Version((), EN, "to be asked: the ministry", AT)))
    found = row(CREWS, ABC, [rule("a", "be"), asked], (), DAY)
    assert [p.standing for p in found.pairs] == ["not-known"] * 3
    assert found.unknown == ("b", "c")
    assert found.cells["c"] is None


def test_procurement_is_never_merged() -> None:
    cheap, dear = Version((AtMost(F(140000)),), EN, "s", AT), Version((AtMost(F(216000)),), EN, "s", AT)
    rules = [done(add_rule("x", BUYING, "a", cheap)), done(add_rule("y", BUYING, "b", dear))]
    found = row(BUYING, ("a", "b"), rules, (), DAY)
    assert found.common is None
    assert found.pairs[0].standing == "one-law"
    assert code(record_recognition(replace(AID, subject="buying"), BUYING, ABC)) == "legal.procurement"
    assert code(add_subject(replace(BUYING, mergeable=True))) == "legal.procurement"


def test_one_law_is_named_by_the_agreement() -> None:
    buyers = (Buyer("a", "A", "BE", "BE"), Buyer("b", "B", "NL", "NL"))
    found = laws_by_lead(LawRule("art-buying", rule="lead-buyer"), buyers)
    assert [law.law for law in found.values() if isinstance(law, ApplicableLaw)] == ["BE", "NL"]
    none = laws_by_lead(None, buyers)
    assert {code(r) for r in none.values()} == {"procurement.no-law"}


def test_what_held_on_a_day() -> None:
    old = rule("a", "be", valid_to=date(2025, 12, 31))
    new = done(amend_rule(old, CREWS, crew("nl", valid_from=date(2026, 1, 1))))
    assert [v and v.demands for v in (new.held(date(2025, 12, 31)), new.held(date(2026, 1, 1)))] == [
        (OneOf(("be",)),), (OneOf(("nl",)),)
    ]  # fmt: skip
    assert len(new.versions) == 2


def test_what_was_known_at_a_moment() -> None:
    first = rule("a", "be")
    later = AT + timedelta(days=30)
    corrected = done(amend_rule(first, CREWS, crew("de", recorded=later)))
    now, then = corrected.held(DAY), corrected.held(DAY, known_at=AT)
    assert now is not None
    assert then is not None
    assert (now.demands, then.demands) == ((OneOf(("de",)),), (OneOf(("be",)),))
    assert corrected.held(DAY, known_at=AT - timedelta(1)) is None


def test_retired_rules_hold_until_their_last_day() -> None:
    gone = done(retire_rule(rule("a", "be"), date(2026, 2, 28), "repealed, official journal"))
    assert gone.held(date(2026, 2, 28)) is not None
    assert gone.held(DAY) is None
    assert code(retire_rule(gone, DAY, "again")) == "legal.retired"
    assert code(amend_rule(gone, CREWS, crew("nl"))) == "legal.retired"
    assert code(retire_rule(rule("a", "be"), DAY, " ")) == "legal.reason"


def test_due_for_review() -> None:
    rules = [
        rule("a", "be", review=date(2026, 6, 1)),
        rule("b", "nl", review=date(2026, 4, 1)),
        rule("c", "de"),
    ]
    found = due_for_review(rules, DAY, date(2026, 5, 1))
    assert [(d.member, d.review) for d in found] == [("b", date(2026, 4, 1))]
    assert [d.member for d in due_for_review(rules, DAY, date(2027, 1, 1))] == ["b", "a"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (crew("be", source=" "), "legal.no-source"),
        (crew("xx"), "legal.label"),
        (Version((OneOf(()),), EN, "s", AT), "legal.label"),
        (Version((AtMost(F(1)),), EN, "s", AT), "legal.unit"),
        (crew("be", valid_from=DAY, valid_to=DAY - timedelta(1)), "legal.dates"),
    ],
)
def test_rules_that_cannot_stand(version: Version, expected: str) -> None:
    assert code(add_rule("r", CREWS, "a", version)) == expected
    assert code(amend_rule(rule("a", "be"), CREWS, version)) == expected


def test_one_rule_for_each_member_and_subject() -> None:
    there = rule("a", "be")
    assert code(add_rule("other", CREWS, "a", crew("nl"), [there])) == "legal.rule-there"
    assert done(add_rule("other", CREWS, "b", crew("nl"), [there])).member == "b"
    gone = done(retire_rule(there, DAY, "repealed"))
    assert done(add_rule("other", CREWS, "a", crew("nl"), [gone])).member == "a"
    assert code(amend_rule(there, CREWS, crew("be", recorded=AT + timedelta(1)))) == "legal.no-change"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (replace(AID, takers=("z",)), "legal.stranger"),
        (replace(AID, givers=("a",), takers=("a",)), "legal.one-side"),
        (replace(AID, article=""), "legal.source"),
        (replace(AID, until=date(2010, 1, 1)), "legal.dates"),
    ],
)
def test_recognitions_that_cannot_be(wrong: Recognition, expected: str) -> None:
    assert code(record_recognition(wrong, CREWS, ABC)) == expected


def test_a_recognition_ends() -> None:
    ended = done(end_recognition(AID, date(2026, 2, 28), "denounced"))
    assert recognised((ended,), "crews", "a", "b", date(2026, 2, 28)) == ended
    assert recognised((ended,), "crews", "a", "b", DAY) is None
    assert code(end_recognition(ended, DAY, "too late")) == "legal.dates"
    assert code(end_recognition(AID, date(2009, 1, 1), "too early")) == "legal.dates"
    assert code(end_recognition(AID, DAY, "")) == "legal.reason"


def test_unknown_areas_are_refused() -> None:
    assert code(add_subject(replace(CREWS, area="weather"))) == "legal.area"
    assert done(add_subject(CREWS)) == CREWS


def test_entries_are_plain_and_complete() -> None:
    change = add_rule("crews.a", CREWS, "a", crew("be", valid_from=DAY, review=DAY))
    assert isinstance(change, Change)
    (entry,) = change.entries
    assert (entry.kind, entry.subject) == ("legal.rule-added", "legal-rule/crews.a")
    assert entry.body["valid_from"] == "2026-03-01"
    assert entry.body["demands"] == [{"kind": "one-of", "options": ["be"]}]


def test_states_survive_being_written_down() -> None:
    kept = TypeAdapter(LegalRule)
    first = rule("a", "be", valid_from=DAY)
    assert kept.validate_json(kept.dump_json(first)) == first
    assert [r.subject.id for r in matrix((CREWS, BUYING), ABC, [first], (), DAY)] == ["crews", "buying"]
