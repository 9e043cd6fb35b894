from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import disputes
from bothbanks.civic.compact.disputes_state import Dispute, Judgement, Paper, Procedure, Seat, Stage
from bothbanks.civic.compact.duties_calendar import WorkCalendar
from bothbanks.words.errors import RangeError

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROCEDURE = Procedure(
    "art-disputes",
    (Stage("talks", 30), Stage("mediation", 60), Stage("panel", 90), Stage("arbitration", 180)),
    seat_days=30,
)
SEATS = (
    Seat("first", "lie", (), "A. Person"),
    Seat("second", "mhl", (), "B. Person"),
    Seat("chair", "both", ("aac",), "C. Person"),
)


def opened(procedure: Procedure = PROCEDURE) -> Dispute:
    made = disputes.begin(
        "x1", procedure, WorkCalendar("Europe/Brussels"), "lie", ("mhl",), ("payment", "2027-003"),
        "paid twice", START,
    )  # fmt: skip
    assert isinstance(made, Change)
    return made.state


def state(outcome: Change[Dispute] | Refusal) -> Dispute:
    assert isinstance(outcome, Change), outcome
    return outcome.state


def code(outcome: Change[Dispute] | Refusal) -> str:
    assert isinstance(outcome, Refusal)
    return outcome.code


def at_panel() -> Dispute:
    return disputes.catch_up(opened(), datetime(2026, 6, 10, tzinfo=UTC)).state


def judged(at: datetime, **more: object) -> Judgement:
    base = Judgement("upheld", 2, 1, "it was paid twice", "pay it back", {"mhl": Fraction(1)}, at)
    return replace(base, **more)  # type: ignore[arg-type]


def test_stages_that_run_out_pass_on_by_themselves_and_what_is_overdue_is_named() -> None:
    caught = disputes.catch_up(opened(), datetime(2027, 12, 1, tzinfo=UTC))
    told = [(e.kind.removeprefix("disputes."), e.body.get("to", e.body.get("what")), e.body["at"][:10])
            for e in caught.entries]  # fmt: skip
    assert told == [
        ("moved-on", "mediation", "2026-04-01"),
        ("moved-on", "panel", "2026-06-01"),
        ("overdue", "seat", "2026-07-02"),
        ("moved-on", "arbitration", "2026-09-30"),
        ("overdue", "decision", "2027-03-30"),
    ]
    assert caught.state.next_deadline is None


def test_a_panel_is_seated_by_rule_and_its_days_run_from_its_seating() -> None:
    seated_at = datetime(2026, 6, 15, 9, tzinfo=UTC)
    assert code(disputes.seat(opened(), SEATS, START + timedelta(days=1))) == "disputes.stage"
    seated = disputes.seat(at_panel(), SEATS, seated_at)
    assert isinstance(seated, Change)
    assert seated.entries[0].private == {"first": "A. Person", "second": "B. Person", "chair": "C. Person"}
    assert "Person" not in str(seated.entries[0].body)
    assert seated.state.stage_ends.date().isoformat() == "2026-09-13"


@pytest.mark.parametrize(
    ("seats", "wanted"),
    [
        (SEATS[:2], "disputes.panel"),
        ((SEATS[0], replace(SEATS[1], named_by="lie"), SEATS[2]), "disputes.panel"),
        ((*SEATS[:2], replace(SEATS[2], named_by="lie")), "disputes.chair"),
        ((*SEATS[:2], replace(SEATS[2], ties=("mhl",))), "disputes.conflict"),
    ],
)
def test_a_panel_that_is_not_even_handed_is_refused(seats: tuple[Seat, ...], wanted: str) -> None:
    assert code(disputes.seat(at_panel(), seats, datetime(2026, 6, 15, tzinfo=UTC))) == wanted


def test_the_presidency_names_the_chair_unless_it_is_a_party() -> None:
    by_presidency = disputes.catch_up(
        opened(replace(PROCEDURE, chair="presidency")), datetime(2026, 6, 10, tzinfo=UTC)
    ).state
    at = datetime(2026, 6, 15, tzinfo=UTC)
    assert code(disputes.seat(by_presidency, SEATS, at, presiding="ver")) == "disputes.chair"
    named = (*SEATS[:2], replace(SEATS[2], named_by="ver"))
    assert isinstance(disputes.seat(by_presidency, named, at, presiding="ver"), Change)
    assert isinstance(disputes.seat(by_presidency, SEATS, at, presiding="mhl"), Change)


def test_a_challenged_seat_is_taken_anew_before_a_decision() -> None:
    at = datetime(2026, 6, 15, tzinfo=UTC)
    seated = state(disputes.seat(at_panel(), SEATS, at))
    challenged = state(disputes.challenge(seated, "chair", "lie", "advised the other side", at))
    assert code(disputes.decide(challenged, judged(at))) == "disputes.challenged"
    assert (
        code(disputes.replace_seat(challenged, replace(SEATS[2], named_by="lie"), at)) == "disputes.replace"
    )
    anew = state(disputes.replace_seat(challenged, replace(SEATS[2], name="D. Person", ties=()), at))
    assert state(disputes.decide(anew, judged(at))).state == "decided"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"votes_for": 3}, "disputes.votes"),
        ({"votes_for": 1, "votes_against": 2}, "disputes.majority"),
        ({"reasons": ""}, "duties.reason"),
        ({"costs": {"mhl": Fraction(1, 2)}}, "disputes.costs"),
        ({"costs": {"aac": Fraction(1)}}, "disputes.costs"),
    ],
)
def test_a_judgement_adds_up(more: dict[str, object], wanted: str) -> None:
    at = datetime(2026, 6, 15, tzinfo=UTC)
    seated = state(disputes.seat(at_panel(), SEATS, at))
    assert code(disputes.decide(seated, judged(at, **more))) == wanted


def test_a_settlement_needs_every_party_for_the_same_text() -> None:
    at = START + timedelta(days=3)
    one = state(disputes.agree(opened(), "lie", "aa" * 32, at))
    other = state(disputes.agree(one, "mhl", "bb" * 32, at))
    assert (other.state, other.agreed) == ("open", ("mhl",))
    both = disputes.agree(other, "lie", "bb" * 32, at)
    assert state(both).state == "settled"
    assert code(disputes.withdraw(state(both), "lie", at)) == "disputes.closed"


def test_only_the_claimant_withdraws_and_only_parties_bring_papers() -> None:
    at = START + timedelta(days=3)
    assert code(disputes.withdraw(opened(), "mhl", at)) == "disputes.claimant"
    assert state(disputes.withdraw(opened(), "lie", at)).state == "withdrawn"
    paper = Paper("ab" * 32, "the bank's letter", "aac", "parties", at)
    assert code(disputes.add_paper(opened(), paper)) == "disputes.party"
    added = disputes.add_paper(opened(), replace(paper, by="mhl"))
    assert isinstance(added, Change)
    assert "words" not in added.entries[0].body  # what a closed paper shows stays with the parties
    assert code(disputes.add_paper(added.state, replace(paper, by="lie"))) == "disputes.paper-twice"


def test_a_procedure_has_its_stages_in_order() -> None:
    for stages in ((), (Stage("panel", 1), Stage("talks", 1)), (Stage("talks", 0),)):
        with pytest.raises(RangeError):
            Procedure("art-disputes", stages)
    assert code(
        disputes.begin("x", PROCEDURE, WorkCalendar("UTC"), "a", ("a",), ("duty", "d"), "w", START)
    ) == ("disputes.parties")
