"""What a missed duty does: its right rests, a dispute opens; and a decision drives only its own matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from duties_fixture import live, two_banks
from partnerships import Live

from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.plans import presiding
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.disputes_state import Dispute
from bothbanks.civic.compact.duties_state import NEVER_SUSPENDED, SUSPENDABLE, Step
from bothbanks.civic.compact.roles import Actor, Mandate
from bothbanks.civic.compact.votes import Vote
from bothbanks.words.errors import RangeError

__all__ = ["live", "two_banks"]

LATE = datetime(2027, 5, 1, tzinfo=UTC)
SHA = "ab" * 32


def holder(role: str, member: str) -> Actor:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return Actor(f"{role}-{member or 'all'}", (Mandate(role, member, since, organ="rat"),))


def act(live: Live, name: str, role: str, of: str = "", /, **payload: Any) -> Done:
    outcome = live.act(name, payload, holder(role, of))
    assert isinstance(outcome, Done), str(outcome)
    return outcome


def refused(live: Live, name: str, role: str, of: str = "", /, **payload: Any) -> Refusal:
    outcome = live.act(name, payload, holder(role, of))
    assert isinstance(outcome, Refusal), outcome
    return outcome


def carried(live: Live, subject: str, rule: str = "ordinary") -> str:
    """A vote of both members about something, closed and carried."""
    form = {"member": "steinach", "rule": rule, "subject": subject, "title": "x"}
    vote = str(act(live, "votes.propose", "council", "steinach", **form).answer["vote"])
    closes = live.clock() + timedelta(days=15)
    act(live, "votes.open", "secretariat", vote=vote, closes=closes)
    for member in ("steinach", "uferau"):
        act(live, "votes.cast", "council", member, vote=vote, member=member, choice="yes")
    live.clock.set(closes)
    act(live, "votes.close", "secretariat", vote=vote)
    return vote


def disputes(live: Live) -> list[Dispute]:
    with live.reading() as reader:
        return [k.state for k in reader.all(Dispute)]


def test_a_member_whose_vote_rests_cannot_vote_until_its_duty_is_done(live: Live) -> None:
    live.clock.set(LATE)
    live.tick()
    form = {"member": "uferau", "rule": "ordinary", "subject": "duty/x", "title": "x"}
    vote = str(act(live, "votes.propose", "council", "uferau", **form).answer["vote"])  # only voting rests
    act(live, "votes.open", "secretariat", vote=vote, closes=LATE + timedelta(days=40))
    ballot = {"vote": vote, "member": "uferau", "choice": "yes"}
    why = refused(live, "votes.cast", "council", "uferau", **ballot)
    assert (why.code, why.cause) == ("duties.right-rests", "forbidden")
    assert why.values["duty"] == "report-uferau"
    assert why.values["article"] == "art-duties"
    paper = {"duty": "report-uferau", "member": "uferau", "number": 1, "words": "late", "reference": SHA}
    act(live, "duties.give-evidence", "council", "uferau", **paper)
    act(live, "duties.accept", "secretariat", duty="report-uferau", number=1)
    act(live, "votes.cast", "council", "uferau", **ballot)


def test_only_rights_that_a_step_asks_for_can_be_suspended_and_none_of_an_emergency() -> None:
    from bothbanks.app.partnership.areas import commands

    asked = {c.rests for c in commands().values() if c.rests}
    assert asked == set(SUSPENDABLE)
    assert not asked & set(NEVER_SUSPENDED)
    emergency = ("sharing.open", "sharing.confirm-opening", "plans.activate", "plans.step")
    assert not any(commands()[name].rests for name in emergency)
    with pytest.raises(RangeError, match="no right that can rest"):
        Step("suspend", 90, suspends="coffee")


def test_a_duty_passed_on_to_mediation_opens_one_dispute_brought_by_another_member(live: Live) -> None:
    live.clock.set(LATE)
    live.tick()
    live.tick()
    found = {d.subject: d for d in disputes(live)}
    assert set(found) == {"report-steinach", "report-uferau"}
    assert len(disputes(live)) == 2
    assert (found["report-uferau"].claimant, found["report-uferau"].respondents) == (
        "steinach", ("uferau",),
    )  # fmt: skip
    # steinach presides, and can't bring what it owes itself.
    assert found["report-steinach"].claimant == "uferau"
    assert "2026-12-31, art-duties" in found["report-uferau"].words
    live.clock.set(LATE + timedelta(days=1))
    live.tick()
    assert len(disputes(live)) == 2


def test_a_dispute_that_members_opened_themselves_is_the_one(live: Live) -> None:
    live.clock.set(datetime(2027, 1, 5, tzinfo=UTC))
    form = {"respondents": ["uferau"], "about": "duty", "subject": "report-uferau", "words": "not there"}
    act(live, "disputes.open", "council", "steinach", member="steinach", **form)
    live.clock.set(LATE)
    live.tick()
    live.tick()
    assert [d.subject for d in disputes(live) if d.subject == "report-uferau"] == ["report-uferau"]


def test_a_carried_vote_drives_what_it_is_about_and_nothing_else(live: Live) -> None:
    other = carried(live, "duty/report-steinach")
    waive = {"duty": "report-uferau", "number": 1, "reason": "x"}
    why = refused(live, "duties.waive", "secretariat", **waive, decision=other)
    assert why.code == "references.other-matter"
    assert "duty/report-uferau" in str(why)
    due = {"due": "2027-02-28"}
    assert refused(live, "duties.extend", "secretariat", **waive, **due, decision=other).code == why.code
    swap = {"first": 4, "second": 5}
    assert refused(live, "presidency.swap", "secretariat", **swap, decision=other).code == why.code
    rule = {
        "rule": "new", "datasets": ["money"], "readers": ["public"], "level": "full",
        "since": live.clock() + timedelta(days=90),
    }  # fmt: skip
    assert refused(live, "sharing.set-rule", "secretariat", **rule, decision=other).code == why.code
    entry = {
        "id": "p-9", "day": "2026-11-24", "article": "art-contributions", "text": "x", "currency": "EUR",
        "postings": ["x 1"], "price_year": 2026,
    }  # fmt: skip
    assert refused(live, "money.post", "secretariat", **entry, decision=other).code == why.code
    own = carried(live, "duty/report-uferau")
    act(live, "duties.waive", "secretariat", **waive, decision=own)
    swapped = carried(live, "presidency/presidency")
    act(live, "presidency.swap", "secretariat", **swap, decision=swapped)
    act(live, "sharing.set-rule", "secretariat", **rule, decision=carried(live, "sharing/money"))


def test_a_vote_that_was_not_carried_decides_nothing(live: Live) -> None:
    form = {"member": "steinach", "rule": "ordinary", "subject": "duty/report-uferau", "title": "x"}
    vote = str(act(live, "votes.propose", "council", "steinach", **form).answer["vote"])
    waive = {"duty": "report-uferau", "number": 1, "reason": "x"}
    assert refused(live, "duties.waive", "secretariat", **waive, decision=vote).code == "references.decision"


def test_the_presidency_presides_over_a_vote_unless_another_is_named(live: Live) -> None:
    with live.reading() as reader:
        term = presiding(reader)
    assert term is not None
    other = next(m for m in live.region.members if m != term.member)
    for named, expected in (("", term.member), (other, other)):
        form = {"member": "steinach", "rule": "ordinary", "subject": "duty/x", "title": "x"}
        vote = str(act(live, "votes.propose", "council", "steinach", **form).answer["vote"])
        closes = live.clock() + timedelta(days=40)
        act(live, "votes.open", "secretariat", vote=vote, closes=closes, presiding=named)
        with live.reading() as reader:
            assert reader.load(Vote, vote).state.presiding == expected
