"""The gate and the steps on rules, openings and requests, in a live partnership."""

from __future__ import annotations

from datetime import timedelta

import pytest
from partnerships import Live, people

from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.sharing import book_of, declare, gate
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.roles import ANYONE, CLOCK, Actor
from bothbanks.civic.compact.sharing import COARSE, FULL, NOTHING, SUPPRESSED, Dataset, Decision
from bothbanks.civic.compact.sharing_openings import Opening
from bothbanks.civic.compact.sharing_requests import PurposeStated

REASON = "The dyke at the weir has given way."


def seen(live: Live, actor: Actor, dataset: str, purpose: str = "", area: str = "") -> Decision:
    with live.reading() as reader:
        return gate(reader, actor).decide(dataset, purpose, area)


def done(outcome: Done | Refusal) -> Done:
    assert isinstance(outcome, Done), outcome
    return outcome


def code(outcome: Done | Refusal) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


def kinds(live: Live) -> list[str]:
    with live.store.reading() as reading:
        return [e.kind for e in reading.entries()]


def test_the_folder_opens_the_book(partnership: Live) -> None:
    assert seen(partnership, ANYONE, "votes").article == "art-data"
    assert seen(partnership, ANYONE, "layer:cells").level == COARSE
    council = people(partnership, "council", "steinach")
    assert seen(partnership, council, "layer:cells").level == FULL
    assert seen(partnership, council, "rosters-uferau") == Decision(
        "rosters-uferau", NOTHING, "rosters-other-side", "art-personal-data", because=("rosters-other-side",)
    )
    assert seen(partnership, CLOCK, "rosters-uferau").level == NOTHING
    assert "sharing.rule-set" in kinds(partnership)


def test_a_purpose_is_stated_recorded_and_forgotten(partnership: Live) -> None:
    officer = people(partnership, "duty-officer", "uferau")
    assert seen(partnership, officer, "clinic-places-steinach").level == SUPPRESSED
    assert code(
        partnership.act(
            "sharing.state-purpose", {"dataset": "clinic-places-steinach", "purpose": "audit"}, officer
        )
    ) == ("sharing.purpose-idle")
    done(
        partnership.act(
            "sharing.state-purpose", {"dataset": "clinic-places-steinach", "purpose": "mutual-aid"}, officer
        )
    )
    assert seen(partnership, officer, "clinic-places-steinach").full
    other = people(partnership, "duty-officer", "uferau", "someone-else")
    assert seen(partnership, other, "clinic-places-steinach").level == SUPPRESSED
    with partnership.store.reading() as reading:
        entry = reading.entries()[-1]
        assert entry.kind == "sharing.purpose-stated"
        assert officer.person.encode() not in entry.leaf
    partnership.clock.advance(hours=9)
    assert seen(partnership, officer, "clinic-places-steinach").level == SUPPRESSED
    partnership.tick()
    with partnership.reading() as reader:
        assert reader.all(PurposeStated) == []


def test_an_emergency_opens_at_once_and_closes_by_the_clock(partnership: Live) -> None:
    officer = people(partnership, "duty-officer", "steinach")
    payload = {"datasets": ["rosters-uferau"], "hours": 2, "reason": REASON}
    assert code(partnership.act("sharing.open", payload, people(partnership, "council", "steinach"))) == (
        "command.right"
    )
    answer = done(partnership.act("sharing.open", payload, officer))
    id_ = answer.subject.split("/")[1]
    decision = seen(partnership, officer, "rosters-uferau")
    assert (decision.level, decision.emergency, decision.article) == (FULL, True, "art-emergency")
    assert not seen(partnership, people(partnership, "council", "steinach"), "rosters-uferau").allowed
    partnership.clock.advance(hours=2)
    assert not seen(partnership, officer, "rosters-uferau").allowed  # before anybody ticks
    assert partnership.tick() >= 1
    with partnership.reading() as reader:
        closed = reader.load(Opening, id_).state
    assert (closed.status, closed.review_due) == ("closed", partnership.clock.now + timedelta(days=30))
    with partnership.store.reading() as reading:
        assert not any(REASON.encode() in e.leaf for e in reading.entries())
    # a renewal takes two people of two members
    renewed = done(partnership.act("sharing.open", payload, officer))
    assert renewed.answer["status"] == "asked"
    assert not seen(partnership, officer, "rosters-uferau").allowed
    step = {"opening": renewed.subject.split("/")[1]}
    assert code(partnership.act("sharing.confirm-opening", step, officer)) == "sharing.opening-same-person"
    same = people(partnership, "duty-officer", "steinach", "colleague")
    assert code(partnership.act("sharing.confirm-opening", step, same)) == "sharing.opening-same-member"
    done(partnership.act("sharing.confirm-opening", step, people(partnership, "duty-officer", "uferau")))
    assert seen(partnership, officer, "rosters-uferau").emergency
    done(partnership.act("sharing.close-opening", step, officer))
    assert not seen(partnership, officer, "rosters-uferau").allowed
    # the review: late ones are told of, once; never by whoever opened
    partnership.clock.advance(days=31)
    partnership.tick()
    partnership.tick()
    assert kinds(partnership).count("sharing.review-late") == 2  # of two openings
    verdict = {"opening": id_, "needed": True, "words": "The rosters saved an hour."}
    done(partnership.act("sharing.review", verdict, people(partnership, "auditor")))
    assert code(partnership.act("sharing.review", verdict, people(partnership, "auditor"))) == (
        "sharing.review-early"
    )


def test_a_request_is_refused_with_its_article_or_granted_as_a_dated_rule(partnership: Live) -> None:
    council, owner = people(partnership, "council", "steinach"), people(partnership, "council", "uferau")
    until = (partnership.clock.now + timedelta(days=30)).isoformat()
    ask = {
        "dataset": "rosters-uferau", "member": "steinach", "purpose": "planning", "until": until,
        "reason": "To plan crews for the joint drill.",
    }  # fmt: skip
    first = done(partnership.act("sharing.ask", ask, council)).subject.split("/")[1]
    no = {"request": first, "article": "art-personal-data", "reason": "The crews did not agree."}
    assert code(partnership.act("sharing.refuse", no, council)) == "sharing.not-owner"
    assert code(partnership.act("sharing.refuse", {**no, "article": "art-none"}, owner)) == (
        "references.article"
    )
    done(partnership.act("sharing.refuse", no, owner))
    assert code(partnership.act("sharing.refuse", no, owner)) == "sharing.answered"
    second = done(partnership.act("sharing.ask", ask, council)).subject.split("/")[1]
    yes = {"request": second, "level": "full", "article": "art-data", "reason": "For the drill only."}
    done(partnership.act("sharing.grant", yes, owner))
    assert seen(partnership, council, "rosters-uferau", "planning").full
    assert not seen(partnership, council, "rosters-uferau").allowed
    assert code(partnership.act("sharing.ask", ask, council)) == "sharing.seen-already"
    partnership.clock.advance(days=30)
    assert not seen(partnership, council, "rosters-uferau", "planning").allowed


def test_rules_change_by_their_owner_with_a_ground_and_never_contradict(partnership: Live) -> None:
    owner = people(partnership, "council", "uferau")
    rule = {
        "rule": "rosters-open", "datasets": ["rosters-uferau"], "readers": ["member:steinach"],
        "level": "full", "article": "art-mutual-aid",
    }  # fmt: skip
    assert code(partnership.act("sharing.set-rule", rule, people(partnership, "council", "steinach"))) == (
        "sharing.not-owner"
    )
    assert code(partnership.act("sharing.set-rule", rule, owner)) == "sharing.contradiction"
    end = {"rule": "rosters-other-side", "ground": "art-mutual-aid"}
    done(partnership.act("sharing.end-rule", end, owner))
    assert not seen(partnership, people(partnership, "council", "steinach"), "rosters-uferau").allowed
    assert code(partnership.act("sharing.set-rule", {**rule, "article": ""}, owner)) == "sharing.rule-ground"
    done(partnership.act("sharing.set-rule", rule, owner))
    assert seen(partnership, people(partnership, "council", "steinach"), "rosters-uferau").full
    assert code(partnership.act("sharing.set-rule", rule, owner)) == "sharing.rule-known"
    with partnership.reading() as reader:
        version = book_of(reader).version
    stale = {**rule, "rule": "another", "version": version - 1}
    assert code(partnership.act("sharing.set-rule", stale, owner)) == "sharing.changed"


def test_a_new_dataset_is_seen_by_its_owner_until_a_rule_says_more(partnership: Live) -> None:
    owner = people(partnership, "engineer", "uferau")
    with partnership.desk(owner) as desk:
        assert declare(desk, Dataset("layer:uferau-shelters", "uferau")) is None
        assert declare(desk, Dataset("layer:uferau-shelters", "uferau")) is not None
    assert seen(partnership, owner, "layer:uferau-shelters").full
    assert not seen(partnership, people(partnership, "engineer", "steinach"), "layer:uferau-shelters").allowed
    assert not seen(partnership, ANYONE, "layer:uferau-shelters").allowed


@pytest.mark.parametrize("name", ["votes", "layer:cells", "nothing-of-that-name"])
def test_the_gate_is_cheap(partnership: Live, name: str) -> None:
    """A structural check (no clock): a second decision computes nothing, an unknown name keeps nothing."""
    with partnership.reading() as reader:
        door = gate(reader, ANYONE)
        first = door.decide(name)
        known = len(door.rules._known)
        for area in ("", "somewhere", "elsewhere-again"):
            door.decide(name, "no-such-purpose", area)
        assert door.decide(name) == first
        assert len(door.rules._known) <= known + 1  # '' and 'elsewhere'
        assert gate(reader, ANYONE).rules is door.rules
