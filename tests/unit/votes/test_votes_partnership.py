"""Votes as people take them: rights, the clock, two people, receipts, what the record holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from partnerships import START, Live, people

from bothbanks.app.partnership.desk import Done
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.roles import ANYONE, COUNCIL, SECRETARIAT, Actor, Mandate
from bothbanks.civic.compact.votes import Box, Vote, commitment
from bothbanks.civic.compact.votes_rules import AllOf, Share, VoteRule

END = START + timedelta(days=30)


def councillor(member: str, person: str = "") -> Actor:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return Actor(person or f"c-{member}", (Mandate(COUNCIL, member, since, organ="rat"),))


def done(outcome: Done | Refusal) -> Done:
    assert isinstance(outcome, Done), str(outcome)
    return outcome


def code(outcome: Done | Refusal) -> str:
    assert isinstance(outcome, Refusal), outcome
    assert "{" not in outcome.words
    return outcome.code


def proposal(live: Live, rule: str = "ordinary") -> str:
    payload = {
        "member": "steinach",
        "rule": rule,
        "subject": "duty/x",
        "title": "Ein Deich",
        "text": "Bauen?",
    }
    return str(done(live.act("votes.propose", payload, councillor("steinach"))).answer["vote"])


def running(live: Live, rule: str = "ordinary") -> str:
    vote = proposal(live, rule)
    office = people(live, SECRETARIAT)
    done(live.act("votes.open", {"vote": vote, "closes": END.isoformat()}, office))
    return vote


def cast(live: Live, vote: str, member: str, choice: str) -> Done | Refusal:
    payload = {"vote": vote, "member": member, "choice": choice}
    return live.act("votes.cast", payload, councillor(member))


def state(live: Live, vote: str) -> Vote:
    with live.reading() as reader:
        return reader.load(Vote, vote).state


def test_rules_come_from_the_agreement(partnership: Live) -> None:
    with partnership.reading() as reader:
        ordinary = reader.load(VoteRule, "ordinary").state
        assert {k.state.id for k in reader.all(VoteRule)} == {"ordinary", "written", "election", "amendment"}
    assert isinstance(ordinary.condition, AllOf)
    assert isinstance(ordinary.condition.parts[0], Share)
    assert str(ordinary.condition.parts[0].needed) == "1/2"  # {majority} of compact.toml
    assert str(ordinary.quorum[0].needed) == "2/3"  # {quorum}


def test_the_folder_opens_a_made_up_vote(partnership: Live) -> None:
    with partnership.reading() as reader:
        (kept,) = reader.all(Vote)
    assert kept.state.status == "open"
    assert kept.state.closes == START + timedelta(days=14)


def test_carried_when_the_clock_closes_it(partnership: Live) -> None:
    vote = running(partnership)
    done(cast(partnership, vote, "steinach", "yes"))
    done(cast(partnership, vote, "uferau", "yes"))
    partnership.clock.set(END - timedelta(seconds=1))
    before = partnership.tick()
    assert state(partnership, vote).status == "open"
    partnership.clock.set(END)
    assert partnership.tick() >= 1
    result = state(partnership, vote).result
    assert result is not None
    assert result.carried
    assert before >= 0


def test_blocked_by_one_of_two(partnership: Live) -> None:
    vote = running(partnership)
    done(cast(partnership, vote, "steinach", "yes"))
    done(cast(partnership, vote, "uferau", "no"))
    partnership.clock.set(END)
    closed = done(partnership.act("votes.close", {"vote": vote}, people(partnership, SECRETARIAT)))
    assert closed.answer["outcome"] == "rejected"


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (ANYONE, "command.right"),
        (councillor("uferau"), "command.right"),
        (Actor("s", (Mandate(SECRETARIAT, "", datetime(2026, 1, 1, tzinfo=UTC)),)), "command.right"),
        (Actor("o", (Mandate(COUNCIL, "steinach", datetime(2026, 1, 1, tzinfo=UTC)),)), "votes.no-mandate"),
    ],
)
def test_only_the_members_own_council_votes(partnership: Live, actor: Actor, expected: str) -> None:
    vote = running(partnership)
    payload = {"vote": vote, "member": "steinach", "choice": "yes"}
    assert code(partnership.act("votes.cast", payload, actor)) == expected


def test_two_that_decide_on_the_same_version_never_both_win(partnership: Live) -> None:
    vote = running(partnership)
    with partnership.reading() as reader:
        version = reader.load(Vote, vote).version
    first = {"vote": vote, "member": "steinach", "choice": "yes", "version": version}
    second = {"vote": vote, "member": "uferau", "choice": "no", "version": version}
    done(partnership.act("votes.cast", first, councillor("steinach")))
    assert code(partnership.act("votes.cast", second, councillor("uferau"))) == "store.conflict"


def test_irreversible_decisions_are_opened_by_two_people(partnership: Live) -> None:
    vote = proposal(partnership, "amendment")
    payload = {"vote": vote, "closes": END.isoformat()}
    assert (
        code(partnership.act("votes.open", payload, people(partnership, SECRETARIAT))) == "votes.two-people"
    )
    held = done(partnership.act("votes.open-irreversible", payload, people(partnership, SECRETARIAT)))
    assert held.waits
    assert state(partnership, vote).status == "proposed"


def test_least_days_are_those_of_the_agreement(partnership: Live) -> None:
    vote = proposal(partnership, "written")
    soon = {"vote": vote, "closes": (START + timedelta(days=13)).isoformat()}
    assert code(partnership.act("votes.open", soon, people(partnership, SECRETARIAT))) == "votes.too-short"


def test_a_closing_without_zone_is_by_the_readers_clock(partnership: Live) -> None:
    vote = proposal(partnership)
    done(
        partnership.act(
            "votes.open", {"vote": vote, "closes": "2026-12-20T18:00"}, people(partnership, SECRETARIAT)
        )
    )
    closes = state(partnership, vote).closes
    assert closes == datetime(2026, 12, 20, 17, tzinfo=UTC)  # an hour ahead of UTC in winter


def test_a_secret_ballot_leaves_a_receipt_and_no_choice_in_the_open(partnership: Live) -> None:
    vote = running(partnership, "election")
    receipt = done(cast(partnership, vote, "steinach", "no")).answer["receipt"]
    assert isinstance(receipt, dict)
    sealed = commitment(vote, "steinach", 1, "no", receipt["salt"])
    assert receipt["commitment"] == sealed
    with partnership.reading() as reader:
        (logged,) = [e for e in reader.entries_about(f"vote/{vote}") if b"ballot-cast" in bytes(e.leaf)]
        assert sealed.encode() in bytes(logged.leaf)
        assert receipt["salt"].encode() not in bytes(logged.leaf)
        assert json.loads(logged.leaf)["body"].get("choice") is None
        assert reader.load(Box, vote).state.choices["steinach"].choice == "no"
    done(cast(partnership, vote, "uferau", "no"))
    closed = done(partnership.act("votes.close", {"vote": vote}, people(partnership, SECRETARIAT)))
    assert closed.answer["outcome"] == "rejected"
    with partnership.reading() as reader:
        assert reader.all(Box) == []


def test_a_voter_may_choose_the_salt(partnership: Live) -> None:
    vote = running(partnership, "election")
    payload = {"vote": vote, "member": "steinach", "choice": "yes", "salt": "ab" * 16}
    done(partnership.act("votes.cast", payload, councillor("steinach")))
    ballot = state(partnership, vote).ballot("steinach")
    assert ballot is not None
    assert ballot.commitment == commitment(vote, "steinach", 1, "yes", "ab" * 16)


def test_taking_back_throws_the_box_away(partnership: Live) -> None:
    vote = running(partnership, "election")
    done(cast(partnership, vote, "steinach", "no"))
    payload = {"vote": vote, "member": "steinach", "reason": "neu fassen"}
    done(partnership.act("votes.withdraw", payload, councillor("steinach")))
    with partnership.reading() as reader:
        assert reader.all(Box) == []
    assert state(partnership, vote).status == "withdrawn"


def test_the_record_never_names_the_person(partnership: Live) -> None:
    vote = running(partnership)
    done(partnership.act("votes.cast", {"vote": vote, "member": "uferau", "choice": "yes"},
                         councillor("uferau", "person-with-a-name")))  # fmt: skip
    with partnership.reading() as reader:
        leaves = [bytes(e.leaf) for e in reader.entries_about(f"vote/{vote}")]
    assert not any(b"person-with-a-name" in leaf for leaf in leaves)


def test_unknown_things_are_named(partnership: Live) -> None:
    office = people(partnership, SECRETARIAT)
    assert code(partnership.act("votes.close", {"vote": "nothing"}, office)) == "store.missing"
    payload = {"member": "steinach", "rule": "none", "subject": "x", "title": "x"}
    assert code(partnership.act("votes.propose", payload, councillor("steinach"))) == "store.missing"
    wrong = {"member": "steinach", "rule": "ordinary", "subject": "x", "title": "x", "burdened": ["z"]}
    assert code(partnership.act("votes.propose", wrong, councillor("steinach"))) == "command.member"
    exclude = {"vote": proposal(partnership), "excluded": "z", "interest": "x"}
    assert code(partnership.act("votes.exclude", exclude, office)) == "command.member"
    allowed = {**exclude, "excluded": "uferau"}
    assert code(partnership.act("votes.exclude", allowed, office)) == "votes.no-exclusion"


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ("9999-12-31T23:59+00:00", "votes.too-long"),
        ("9999-12-31T23:59", "votes.too-long"),
        ("2037-01-01T00:00Z", "votes.too-long"),
        ("2025-01-01T00:00Z", "votes.too-short"),
        ("0001-01-01T00:00+14:00", "votes.too-short"),
    ],
)
def test_a_closing_that_no_clock_reaches(partnership: Live, closes: str, expected: str) -> None:
    payload = {"vote": proposal(partnership), "closes": closes}
    assert code(partnership.act("votes.open", payload, people(partnership, SECRETARIAT))) == expected
