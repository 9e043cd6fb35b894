"""Claims against payments: every state, every refusal, with days as arguments."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bothbanks.civic.changes import Refusal
from bothbanks.civic.finance.claims import (
    AWARDED,
    EVIDENCE,
    PAID,
    PANEL,
    REFUSED,
    WITHDRAWN,
    AddEvidence,
    Claim,
    Decide,
    FileClaim,
    PayAward,
    Route,
    SeatPanel,
    Subject,
    Withdraw,
    act,
    file_claim,
)
from bothbanks.words.errors import RangeError

DAY = date(2026, 7, 20)
ROUTE = Route("basis-risk", "article 12", 60, 30, 45, 90, 3, 1_000_00, "EUR")
SUBJECT = Subject("ab" * 32, DAY, ("aac", "ver"))
PEOPLE = {"A": "court", "B": "aac", "C": "university"}
DOCUMENT = AddEvidence(DAY + timedelta(days=12), "ver", "cd" * 32, "photographs of the Vesdre")


def filed(**changes: Any) -> Any:
    command = {
        "when": DAY + timedelta(days=10),
        "claimant": "ver",
        "amount_minor": 500_00,
        "reason": "the gauge",
    }
    return file_claim(ROUTE, SUBJECT, FileClaim(**{**command, **changes}))


def after(*commands: Any) -> Claim:
    claim: Claim = filed()[0]
    for command in commands:
        made = act(claim, command)
        assert not isinstance(made, Refusal), made
        claim = made[0]
    return claim


def code(made: Any) -> str:
    assert isinstance(made, Refusal)
    return made.code


SEAT = SeatPanel(DAY + timedelta(days=20), PEOPLE)
YES = Decide(DAY + timedelta(days=40), {"A": True, "B": True, "C": False}, 400_00, "the gauge was blocked")
NO = Decide(DAY + timedelta(days=40), {"A": False, "B": True, "C": False}, 0, "the gauge was right")


def test_the_whole_way_to_a_payment() -> None:
    claim, entries = filed()
    told = [*entries]
    for command in (DOCUMENT, SEAT, YES, PayAward(DAY + timedelta(days=50), "payment-7", 400_00)):
        made = act(claim, command)
        assert not isinstance(made, Refusal)
        claim = made[0]
        told += made[1]
    assert claim.state == PAID
    assert [e.what for e in told] == ["filed", EVIDENCE, PANEL, AWARDED, PAID]
    assert not any(e.late for e in told)
    assert told[3].detail["award_minor"] == 400_00


def test_a_minority_refuses_and_closes() -> None:
    claim = after(DOCUMENT, SEAT, NO)
    assert (claim.state, claim.award_minor) == (REFUSED, 0)
    assert code(act(claim, DOCUMENT)) == "claim.closed"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"claimant": "mhl"}, "claim.claimant"),
        ({"when": DAY - timedelta(days=1)}, "claim.early"),
        ({"when": DAY + timedelta(days=61)}, "claim.late"),
        ({"amount_minor": 0}, "claim.amount"),
        ({"amount_minor": -5}, "claim.amount"),
        ({"amount_minor": 1_000_01}, "claim.cap"),
        ({"reason": " "}, "claim.reason"),
    ],
)
def test_claims_that_are_not_taken(changes: dict[str, Any], expected: str) -> None:
    assert code(filed(**changes)) == expected


def test_the_last_day_and_the_cap_are_taken_in() -> None:
    claim, _ = filed(when=DAY + timedelta(days=60), amount_minor=1_000_00)
    assert claim.deadlines == {
        "evidence": DAY + timedelta(days=90),
        "panel": DAY + timedelta(days=105),
    }


def test_evidence_has_its_days_and_is_named_by_its_hash() -> None:
    late = AddEvidence(DAY + timedelta(days=41), "ver", "cd" * 32, "too late")
    assert code(act(filed()[0], late)) == "claim.late"
    assert code(act(filed()[0], AddEvidence(DOCUMENT.when, "ver", "xyz", ""))) == "claim.evidence"
    assert code(act(after(DOCUMENT), DOCUMENT)) == "claim.evidence"
    assert code(act(after(DOCUMENT, SEAT), AddEvidence(SEAT.when, "ver", "ef" * 32, ""))) == "claim.state"


def test_steps_follow_their_order_in_state_and_time() -> None:
    assert code(act(filed()[0], SEAT)) == "claim.state"
    assert code(act(after(DOCUMENT), YES)) == "claim.state"
    assert code(act(after(DOCUMENT, SEAT), PayAward(SEAT.when, "p", 1))) == "claim.state"
    assert code(act(after(DOCUMENT), SeatPanel(DAY, PEOPLE))) == "claim.order"


def test_nobody_judges_the_claim_of_who_named_them() -> None:
    assert code(act(after(DOCUMENT), SeatPanel(SEAT.when, {"A": "court"}))) == "claim.panel"
    own = SeatPanel(SEAT.when, {**PEOPLE, "B": "ver"})
    assert code(act(after(DOCUMENT), own)) == "claim.panel"


@pytest.mark.parametrize(
    ("votes", "award", "expected"),
    [
        ({"A": True, "B": True}, 400_00, "claim.votes"),
        ({"A": True, "B": True, "X": True}, 400_00, "claim.votes"),
        ({"A": True, "B": True, "C": True}, 500_01, "claim.award"),
        ({"A": True, "B": True, "C": True}, -1, "claim.award"),
        ({"A": True, "B": True, "C": False}, 0, "claim.award"),
        ({"A": True, "B": False, "C": False}, 400_00, "claim.award"),
    ],
)
def test_decisions_that_do_not_hold(votes: dict[str, bool], award: int, expected: str) -> None:
    assert code(act(after(DOCUMENT, SEAT), Decide(YES.when, votes, award, "because"))) == expected


def test_a_decision_gives_its_reasons() -> None:
    assert code(act(after(DOCUMENT, SEAT), Decide(YES.when, YES.votes, 1, ""))) == "claim.reason"


def test_a_late_panel_still_decides_and_is_marked_late() -> None:
    claim = after(DOCUMENT, SeatPanel(DAY + timedelta(days=56), PEOPLE))
    made = act(claim, Decide(DAY + timedelta(days=56 + 91), YES.votes, 1, "late, but right"))
    assert not isinstance(made, Refusal)
    assert made[0].state == AWARDED
    assert made[1][0].late


def test_an_award_is_paid_whole_and_once() -> None:
    claim = after(DOCUMENT, SEAT, YES)
    assert code(act(claim, PayAward(YES.when, "p", 399_99))) == "claim.payment"
    paid = act(claim, PayAward(YES.when, "p", 400_00))
    assert not isinstance(paid, Refusal)
    assert code(act(paid[0], PayAward(YES.when, "p", 400_00))) == "claim.closed"


def test_the_claimant_may_withdraw_until_a_panel_sits() -> None:
    assert after(Withdraw(DAY + timedelta(days=11), "ver")).state == WITHDRAWN
    assert code(act(filed()[0], Withdraw(DAY + timedelta(days=11), "aac"))) == "claim.claimant"
    assert code(act(after(DOCUMENT, SEAT), Withdraw(SEAT.when, "ver"))) == "claim.state"


def test_no_step_changes_the_claim_it_was_given() -> None:
    claim = after(DOCUMENT)
    act(claim, SEAT)
    assert claim.panel is None
    assert claim.state == EVIDENCE


@pytest.mark.parametrize(
    "wrong", [{"file_days": -1}, {"panel_size": 2}, {"evidence_days": 50}, {"cap_minor": -1}]
)
def test_routes_that_cannot_be(wrong: dict[str, int]) -> None:
    about = {
        "file_days": 60,
        "evidence_days": 30,
        "panel_days": 45,
        "decide_days": 90,
        "panel_size": 3,
        "cap_minor": 1,
    }
    with pytest.raises(RangeError):
        Route("outcome-grant", "", **{**about, **wrong}, currency="EUR")
