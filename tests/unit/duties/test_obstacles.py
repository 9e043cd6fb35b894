from __future__ import annotations

from datetime import UTC, date, datetime

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.duties_calendar import WorkCalendar
from bothbanks.civic.compact.obstacles import (
    ARTICLES,
    Obstacle,
    TakeStep,
    catch_up,
    submit,
    take,
    yearly_report,
)

DAY = datetime(2026, 1, 31, 9, tzinfo=UTC)


def file() -> Obstacle:
    return submit(
        Obstacle("o1", "Ambulances over the border", "A driver's licence is not recognised.",
                 "joint secretariat", "DE", "a ministry", WorkCalendar("Europe/Berlin"), DAY)
    ).state  # fmt: skip


def step(
    obstacle: Obstacle, what: str, month: int, day: int = 1, **more: object
) -> Change[Obstacle] | Refusal:
    at = datetime(2026, month, day, 9, tzinfo=UTC)
    return take(obstacle, TakeStep(what, at, "in writing", **more))  # type: ignore[arg-type]


def after(obstacle: Obstacle, what: str, month: int, **more: object) -> Obstacle:
    outcome = step(obstacle, what, month, **more)
    assert isinstance(outcome, Change), outcome
    return outcome.state


def test_two_months_to_ask_end_with_the_month_where_the_date_is_wanting() -> None:
    # Submitted on 31 January: two months later is 31 March; on 31 December it would be the end of February.
    assert file().clarify_until == date(2026, 3, 31)
    caught = catch_up(file(), datetime(2026, 6, 1, tzinfo=UTC))
    assert [(e.body["clock"], e.body["at"], e.body["article"]) for e in caught.entries] == [
        ("clarify", "2026-03-31T22:00:00Z", "9(2)")
    ]
    assert catch_up(caught.state, datetime(2026, 7, 1, tzinfo=UTC)).entries == ()


def test_asking_after_two_months_is_recorded_as_late_and_names_its_article() -> None:
    early, late = step(file(), "ask", 3), step(file(), "ask", 5)
    assert isinstance(early, Change)
    assert isinstance(late, Change)
    assert (early.entries[-1].body["late"], late.entries[-1].body["late"]) == (False, True)
    assert late.entries[-1].body["article"] == "9(2)"


def test_the_way_from_finding_to_outcome_and_six_months_of_redress() -> None:
    found = after(file(), "inform", 4, kind="administrative")
    told = after(found, "tell-neighbour", 5)
    assert isinstance(step(told, "other-procedure", 5, 2), Refusal)  # that is for legislation, 11(5)
    asked = after(told, "contact-body", 6)
    ended = after(asked, "outcome", 8, result="not-resolved")
    assert (ended.state, ended.redress_until) == ("outcome", date(2027, 2, 1))
    closed = catch_up(ended, datetime(2027, 3, 1, tzinfo=UTC))
    assert closed.state.state == "closed"
    assert closed.entries[0].body["clock"] == "redress"


def test_a_national_limit_takes_the_place_of_six_months() -> None:
    found = after(file(), "inform", 4, kind="legislative")
    ended = after(found, "outcome", 8, result="legislation", redress_until=date(2026, 9, 30))
    assert ended.redress_until == date(2026, 9, 30)


def test_closing_needs_reasons_and_an_outcome_its_result() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert isinstance(take(file(), TakeStep("close-no-obstacle", at, " ")), Refusal)
    assert isinstance(step(file(), "outcome", 3), Refusal)
    assert isinstance(step(file(), "inform", 3), Refusal)
    found = after(file(), "inform", 4, kind="legislative")
    assert isinstance(step(found, "outcome", 5), Refusal)


def test_the_year_is_counted() -> None:
    closed = after(file(), "close-incomplete", 3)
    found = after(after(file(), "inform", 4, kind="legislative"), "outcome", 8, result="changed")
    assert yearly_report((closed, found), 2026) == {
        "submitted": 2, "closed-without-outcome": 1, "changed": 1, "legislation": 0, "not-resolved": 0,
    }  # fmt: skip
    assert sum(yearly_report((closed, found), 2027).values()) == 0


def test_what_was_not_read_says_so() -> None:
    assert {k for k, v in ARTICLES.items() if "not read" in v} == {"submitted", "use-tool"}
