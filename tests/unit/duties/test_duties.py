from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import duties
from bothbanks.civic.compact.duties_calendar import After, Every, Once, WorkCalendar, add_months
from bothbanks.civic.compact.duties_late import late, open_ones, rests
from bothbanks.civic.compact.duties_state import Duty, Evidence, Step
from bothbanks.civic.compact.roles import Actor, Mandate
from bothbanks.words.errors import RangeError

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
LADDER = (
    Step("remind", -14),
    Step("remind", 0),
    Step("escalate", 14, to="art-organs"),
    Step("mediate", 30),
    Step("arbitrate", 60),
    Step("suspend", 90, suspends="vote"),
)
SECRETARIAT = Actor("s", (Mandate("secretariat", "", START),))


def duty(rule: object = Once(date(2026, 3, 31)), zone: str = "Europe/Brussels", **more: object) -> Duty:
    base = Duty(
        "d1", "lie", "art-reports", {"en": "Yearly report"}, {"en": "The report"}, rule,  # type: ignore[arg-type]
        LADDER, "secretariat", WorkCalendar(zone), START,
    )  # fmt: skip
    return duties.add(replace(base, **more)).state  # type: ignore[arg-type]


def evidence(at: datetime, reference: str = "ab" * 32, by: str = "lie") -> Evidence:
    return Evidence("document", reference, "the report as adopted", by, at)


def done(outcome: Change[Duty] | Refusal) -> Change[Duty]:
    assert isinstance(outcome, Change), outcome
    return outcome


def kinds(change: Change[Duty]) -> list[str]:
    return [e.kind.removeprefix("duties.") for e in change.entries]


def test_the_ladder_is_climbed_at_its_own_instants_after_a_long_silence() -> None:
    caught = duties.catch_up(duty(), datetime(2026, 12, 1, tzinfo=UTC))
    assert kinds(caught) == [
        "reminded", "reminded", "escalated", "mediation-begun", "arbitration-begun", "right-suspended",
    ]  # fmt: skip
    # 17 March is winter time (UTC+1), 31 March and later summer time (UTC+2).
    assert [e.body["at"] for e in caught.entries][:3] == [
        "2026-03-17T23:00:00Z", "2026-03-31T22:00:00Z", "2026-04-14T22:00:00Z",
    ]  # fmt: skip
    assert caught.entries[-1].body["suspends"] == "vote"
    assert kinds(duties.catch_up(caught.state, datetime(2027, 12, 1, tzinfo=UTC))) == []


def test_a_right_rests_until_the_duty_is_met_and_no_other_right() -> None:
    after = datetime(2026, 7, 1, tzinfo=UTC)
    missed = duties.catch_up(duty(), after).state
    found = rests([missed], "lie", "vote", after)
    assert found is not None
    assert (found.article, found.since) == ("art-reports", datetime(2026, 6, 29, 22, tzinfo=UTC))
    assert rests([missed], "lie", "presidency", after) is None
    given = done(duties.submit(missed, 1, evidence(after))).state
    accepted = done(duties.accept(given, 1, after + timedelta(days=1), SECRETARIAT))
    assert kinds(accepted) == ["done", "right-returned"]
    assert rests([accepted.state], "lie", "vote", after) is None


def test_emergency_sharing_is_never_suspended() -> None:
    with pytest.raises(RangeError, match="never suspended"):
        Step("suspend", 90, suspends="emergency-sharing")


def test_evidence_stops_the_clock_and_sending_it_back_adds_the_days_it_was_read() -> None:
    given = done(duties.submit(duty(), 1, evidence(datetime(2026, 4, 10, 9, tzinfo=UTC))))
    assert kinds(given) == ["reminded", "reminded", "evidence-given"]
    still = duties.catch_up(given.state, datetime(2026, 4, 20, 8, tzinfo=UTC))
    assert kinds(still) == []
    back = done(
        duties.send_back(still.state, 1, datetime(2026, 4, 20, 9, tzinfo=UTC), SECRETARIAT, "unsigned")
    )
    assert back.entries[-1].body["days_read"] == 10
    later = duties.catch_up(back.state, datetime(2026, 5, 1, tzinfo=UTC))
    assert [(e.kind, e.body["at"]) for e in later.entries] == [("duties.escalated", "2026-04-24T22:00:00Z")]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (evidence(START + timedelta(days=1), "no hash"), "duties.evidence"),
        (evidence(START + timedelta(days=1), by="mhl"), "duties.owner"),
        (replace(evidence(START + timedelta(days=1)), words=" "), "duties.evidence-words"),
        (replace(evidence(START + timedelta(days=1), ""), kind="record"), "duties.evidence-missing"),
    ],
)
def test_evidence_that_shows_nothing_is_refused(given: Evidence, code: str) -> None:
    outcome = duties.submit(duty(), 1, given)
    assert isinstance(outcome, Refusal)
    assert outcome.code == code


def test_nobody_accepts_its_own_evidence_and_nothing_is_accepted_without() -> None:
    own = Actor("x", (Mandate("secretariat", "lie", START),))
    outcome = duties.accept(duty(), 1, START + timedelta(days=1), own)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "duties.accepted-by"
    empty = duties.accept(duty(), 1, START + timedelta(days=1), SECRETARIAT)
    assert isinstance(empty, Refusal)
    assert empty.code == "duties.no-evidence"


def test_an_extension_begins_the_ladder_again_from_the_new_day() -> None:
    at = datetime(2026, 5, 10, tzinfo=UTC)
    extended = done(duties.extend(duty(), 1, at, date(2026, 5, 20), "vote-7", "the report's author fell ill"))
    assert kinds(extended)[-1] == "extended"
    assert open_ones([extended.state], at)[0].late is False
    later = duties.catch_up(extended.state, datetime(2026, 6, 10, tzinfo=UTC))
    assert [(e.kind, e.body["at"]) for e in later.entries] == [
        ("duties.reminded", "2026-05-20T22:00:00Z"), ("duties.escalated", "2026-06-03T22:00:00Z"),
    ]  # fmt: skip
    for day in (date(2026, 3, 31), date(2026, 5, 1)):
        earlier = duties.extend(duty(), 1, at, day, "vote-7", "why")
        assert isinstance(earlier, Refusal)
        assert earlier.code == "duties.extension"


def test_a_waiver_and_an_end_name_their_decision() -> None:
    at = START + timedelta(days=2)
    assert isinstance(duties.waive(duty(), 1, at, "", "why"), Refusal)
    waived = done(duties.waive(duty(), 1, at, "vote-9", "nothing to report")).state
    assert waived.status == "closed"
    again = duties.submit(waived, 1, evidence(at + timedelta(days=1)))
    assert isinstance(again, Refusal)
    assert again.code == "duties.closed"
    ended = done(duties.end(duty(), at, "vote-9", "the article is gone")).state
    assert kinds(duties.catch_up(ended, datetime(2027, 1, 1, tzinfo=UTC))) == []


def test_a_recurring_duty_falls_due_each_year_and_two_years_can_be_late() -> None:
    yearly = duty(Every(date(2025, 3, 31), 12))
    assert yearly.due == date(2026, 3, 31)  # what was over when it was taken up is left out
    at = datetime(2027, 4, 2, tzinfo=UTC)
    caught = duties.catch_up(yearly, at)
    assert [s.due for s in late([caught.state], at)] == [date(2026, 3, 31), date(2027, 3, 31)]
    assert [s.late_days for s in late([caught.state], at)] == [367, 2]
    assert late([caught.state], at, owner="mhl") == ()
    closed = done(duties.submit(caught.state, 2, evidence(at)))
    assert [s.occurrence.number for s in late([closed.state], at)] == [3]


def test_a_duty_waits_for_its_event_and_counts_from_the_day_after() -> None:
    waiting = duty(After("adoption", months=6))
    assert (waiting.status, waiting.due) == ("waiting", None)
    assert isinstance(duties.happened(waiting, START, "flood", date(2026, 8, 31), "vote-1"), Refusal)
    opened = done(duties.happened(waiting, START, "adoption", date(2026, 8, 31), "vote-1")).state
    assert opened.due == date(2027, 2, 28)


def test_steps_go_forward_in_time() -> None:
    given = done(duties.submit(duty(), 1, evidence(START + timedelta(days=5)))).state
    outcome = duties.accept(given, 1, START + timedelta(days=4), SECRETARIAT)
    assert isinstance(outcome, Refusal)
    assert outcome.cause == "conflict"


def test_a_duty_taken_up_late_does_not_escalate_at_once() -> None:
    old = duty(Once(date(2025, 6, 30)))
    caught = duties.catch_up(old, START + timedelta(days=20))
    assert [(e.kind, e.body["at"]) for e in caught.entries] == [
        ("duties.reminded", "2026-01-01T23:00:00Z"), ("duties.escalated", "2026-01-15T23:00:00Z"),
    ]  # fmt: skip


def test_days_end_where_the_owner_is_and_a_day_can_have_23_hours() -> None:
    brussels, london = WorkCalendar("Europe/Brussels"), WorkCalendar("Europe/London")
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert brussels.end_of(spring) - brussels.end_of(spring - timedelta(days=1)) == timedelta(hours=23)
    assert brussels.end_of(autumn) - brussels.end_of(autumn - timedelta(days=1)) == timedelta(hours=25)
    assert london.end_of(spring) - brussels.end_of(spring) == timedelta(hours=1)
    assert brussels.day_of(datetime(2026, 3, 31, 22, tzinfo=UTC)) == date(2026, 4, 1)


def test_a_last_day_off_moves_only_where_the_agreement_says_so() -> None:
    holidays = frozenset({"2026-04-03", "04-06"})
    moving = WorkCalendar("Europe/Brussels", "next-working-day", holidays)
    assert moving.moved(date(2026, 4, 3)) == date(2026, 4, 7)  # Friday off, weekend, Monday off
    assert WorkCalendar("Europe/Brussels", "as-it-falls", holidays).moved(date(2026, 4, 4)) == date(
        2026, 4, 4
    )
    caught = duties.catch_up(duty(Once(date(2026, 4, 3)), calendar=moving), datetime(2026, 4, 8, tzinfo=UTC))
    assert [e.body["at"] for e in caught.entries] == ["2026-03-24T23:00:00Z", "2026-04-07T22:00:00Z"]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 2, 28), 1, date(2026, 3, 28)),
        (date(2026, 11, 30), 6, date(2027, 5, 30)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


def test_what_cannot_be_is_refused_where_it_is_written() -> None:
    for wrong in (
        lambda: WorkCalendar("Europe/Nowhere"),
        lambda: WorkCalendar("Europe/Berlin", "as-it-falls", frozenset({"13-45"})),
        lambda: Every(date(2026, 1, 1), 0),
        lambda: After("adoption", days=-1),
        lambda: Step("escalate", -1),
        lambda: Step("suspend", 1),
        lambda: duty(ladder=(Step("escalate", 10), Step("remind", 0))),
        lambda: duty(accepted_by="mayor"),
        lambda: duty(article=""),
    ):
        with pytest.raises(RangeError):
            wrong()
