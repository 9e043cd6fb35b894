from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import plans, presidency
from bothbanks.civic.compact.plans import ByDecision, Contact, Level, Plan, PlanStep
from bothbanks.civic.compact.presidency import Presidency, numbered, term
from bothbanks.words.errors import RangeError

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
TURN = Presidency(
    "art-presidency", ("lie", "mhl", "aac"), date(2026, 7, 1), 6, {"lie": "fr", "mhl": "nl", "aac": "de"}
)
PLAN = Plan(
    "high-water", "art-plans", {"en": "High water"}, Level("stage-eijsden", Fraction(46), "m"),
    (PlanStep("warn", "lie", {"en": "Warn"}, 30), PlanStep("pumps", "mhl", {"en": "Send"}, 120)),
    (Contact("lie", "control room", "112"),), date(2026, 1, 31), 12,
)  # fmt: skip


def test_every_day_has_one_presidency_and_terms_join_without_a_gap() -> None:
    terms = [numbered(TURN, n) for n in range(1, 8)]
    assert all(b.begins - a.ends == timedelta(days=1) for a, b in pairwise(terms))
    assert [t.member for t in terms] == ["lie", "mhl", "aac", "lie", "mhl", "aac", "lie"]
    assert term(TURN, date(2027, 6, 30)).language == "nl"
    assert term(TURN, date(2027, 7, 1)).member == "aac"
    with pytest.raises(RangeError, match="nobody presides"):
        term(TURN, date(2026, 6, 30))


def test_two_terms_to_come_are_swapped_by_decision_and_once_more() -> None:
    once = presidency.swap(TURN, 2, 3, "vote-3", AT.date(), AT)
    assert isinstance(once, Change)
    assert [numbered(once.state, n).member for n in (1, 2, 3, 4)] == ["lie", "aac", "mhl", "lie"]
    twice = presidency.swap(once.state, 3, 4, "vote-4", AT.date(), AT)
    assert isinstance(twice, Change)
    assert [numbered(twice.state, n).member for n in (1, 2, 3, 4)] == ["lie", "aac", "lie", "mhl"]
    assert numbered(twice.state, 4).language == "nl"
    for first, second, decision in ((1, 2, "vote"), (2, 2, "vote"), (2, 3, "")):
        assert isinstance(presidency.swap(TURN, first, second, decision, AT.date(), AT), Refusal)


def change(outcome: Change[Plan] | Refusal) -> Change[Plan]:
    assert isinstance(outcome, Change), outcome
    return outcome


def test_a_plan_is_set_off_by_its_level_or_by_a_decision_and_runs_once_at_a_time() -> None:
    below = plans.activate(PLAN, AT, "the river rises", Fraction(45))
    assert isinstance(below, Refusal)
    assert below.code == "plans.trigger"
    active = change(plans.activate(PLAN, AT, "the river rises", Fraction(46)))
    assert (active.state.status, active.entries[0].kind) == ("active", "plans.activated")
    assert isinstance(plans.activate(active.state, AT, "again", Fraction(47)), Refusal)
    assert change(plans.activate(PLAN, AT, "a dam may fail", decision="vote-5")).state.status == "active"
    by_decision = replace(PLAN, trigger=ByDecision("council"))
    assert isinstance(plans.activate(by_decision, AT, "why", Fraction(99)), Refusal)


def test_steps_are_done_by_their_owner_and_what_was_not_done_is_told_at_the_end() -> None:
    active = change(plans.activate(PLAN, AT, "the river rises", Fraction(46))).state
    assert isinstance(plans.do_step(active, AT, "warn", "mhl"), Refusal)
    warned = change(plans.do_step(active, AT + timedelta(minutes=20), "warn", "lie")).state
    assert isinstance(plans.do_step(warned, AT + timedelta(minutes=21), "warn", "lie"), Refusal)
    down = change(plans.stand_down(warned, AT + timedelta(hours=9), "the river falls"))
    assert down.entries[0].body["not_done"] == ["pumps"]
    assert down.state.status == "ready"
    assert isinstance(plans.stand_down(down.state, AT + timedelta(hours=9), "again"), Refusal)


def test_a_plan_is_reviewed_and_drilled() -> None:
    assert plans.to_review((PLAN,), date(2027, 1, 31)) == ()
    assert plans.to_review((PLAN,), date(2027, 2, 1)) == (PLAN,)
    reviewed = change(plans.review(PLAN, AT, date(2026, 11, 20), "vote-6")).state
    assert plans.to_review((reviewed,), date(2027, 2, 1)) == ()
    assert change(plans.drill(reviewed, AT, date(2026, 11, 24), "both banks warned")).state.drilled
