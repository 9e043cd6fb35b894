"""A vote from its proposal to its result, and every step that is refused on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction as F
from typing import TypeVar

import pytest
from pydantic import TypeAdapter

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.roles import COUNCIL, Actor, Mandate
from bothbanks.civic.compact.votes import (
    Box,
    Opening,
    Polling,
    Proposal,
    Vote,
    cast,
    close,
    commitment,
    due,
    exclude,
    open_vote,
    propose,
    withdraw,
)
from bothbanks.civic.compact.votes_rules import AllOf, Consent, Elector, Share, VoteRule, Written

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
END = AT + timedelta(days=7)
ABC = tuple(Elector(m, F(1), 10) for m in "abc")
RULE = VoteRule("r", "art-votes", {"en": "Rule"}, Share("members", F(1, 2), more_than=True))
SALT = "5a" * 16


def person(member: str, deputy_of: str = "", until: datetime | None = None, organ: str = "council") -> Actor:
    return Actor(f"p-{member}", (Mandate(COUNCIL, member, AT - timedelta(1), until, organ, deputy_of),))


T = TypeVar("T")


def done(change: Change[T] | Refusal) -> T:
    assert isinstance(change, Change), str(change)
    return change.state


def proposed(rule: VoteRule = RULE) -> Vote:
    what = Proposal("v1", "agreement/main@2", {"en": "Adopt the text"}, {"en": "Shall it be adopted?"}, "a")
    return done(propose(what, rule, ABC, AT))


def opened(rule: VoteRule = RULE, presiding: str = "") -> Polling:
    return Polling(done(open_vote(proposed(rule), Opening(END, ABC, presiding), AT)), Box("v1"))


def voted(polling: Polling, text: str) -> Polling:
    words = {"y": "yes", "n": "no", "x": "abstain", "o": "objection"}
    for member, choice in zip("abc", text, strict=True):
        if choice != ".":
            polling = done(cast(polling, member, words[choice], person(member), AT, SALT))
    return polling


def code(change: object) -> str:
    assert isinstance(change, Refusal), change
    assert "{" not in change.words
    return change.code


def test_from_proposal_to_result() -> None:
    polling = voted(opened(), "yyn")
    result = done(close(polling, END)).vote
    assert (result.status, result.result and result.result.outcome) == ("closed", "carried")
    change = close(polling, END)
    assert isinstance(change, Change)
    (entry,) = change.entries
    assert (entry.kind, entry.subject) == ("votes.closed", "vote/v1")
    assert entry.body["condition"] == {
        "kind": "share", "met": True, "counts": "members", "of": "all", "value": "2", "base": "3",
        "needed": "3/2", "more_than": True,
    }  # fmt: skip
    json.dumps(entry.body)


def test_a_ballot_can_be_changed_until_the_closing() -> None:
    polling = voted(opened(), "n..")
    polling = done(cast(polling, "a", "yes", person("a"), END - timedelta(seconds=1)))
    ballot = polling.vote.ballot("a")
    assert ballot is not None
    assert (ballot.choice, ballot.version) == ("yes", 2)
    assert code(cast(polling, "a", "no", person("a"), END)) == "votes.over"


def test_the_record_names_the_member_and_never_the_person() -> None:
    change = cast(opened(), "a", "yes", person("a"), AT)
    assert isinstance(change, Change)
    (entry,) = change.entries
    assert entry.body == {"member": "a", "version": 1, "by_deputy": False, "choice": "yes"}
    assert entry.private is None  # the record seals who acted by itself


def test_a_secret_ballot_shows_who_voted_and_not_how() -> None:
    change = cast(opened(replace(RULE, secret=True)), "a", "yes", person("a"), AT, SALT)
    assert isinstance(change, Change)
    (entry,) = change.entries
    sealed = commitment("v1", "a", 1, "yes", SALT)
    assert entry.body == {"member": "a", "version": 1, "by_deputy": False, "commitment": sealed}
    assert entry.private == {"choice": "yes", "salt": SALT}
    assert '"yes"' not in TypeAdapter(Vote).dump_json(change.state.vote).decode().replace('"yes":', "")


def test_a_secret_vote_is_counted_and_its_box_thrown_away() -> None:
    polling = voted(opened(replace(RULE, secret=True)), "yyn")
    after = done(close(polling, END))
    assert after.box.choices == {}
    assert after.vote.result is not None
    assert after.vote.result.carried
    assert after.vote.result.number["no"] == 1
    assert after.vote.result.no == ()
    assert [b.choice for b in after.vote.ballots] == ["", "", ""]


def test_a_box_that_was_tampered_with_is_not_counted() -> None:
    polling = voted(opened(replace(RULE, secret=True)), "yyn")
    changed = {**polling.box.choices, "c": replace(polling.box.choices["c"], choice="yes")}
    assert code(close(replace(polling, box=Box("v1", changed)), END)) == "votes.box-broken"
    assert code(close(replace(polling, box=Box("v1")), END)) == "votes.box-broken"


def test_a_secret_ballot_needs_a_salt() -> None:
    assert code(cast(opened(replace(RULE, secret=True)), "a", "yes", person("a"), AT)) == "votes.salt"


@pytest.mark.parametrize(
    "who",
    [
        Actor("nobody"),
        person("b"),
        person("a", until=AT),  # the mandate has just ended
        person("a", organ="audit-board"),
        Actor("s", (Mandate(COUNCIL, "", AT - timedelta(1), organ="council"),)),
        Actor("s", (Mandate("secretariat", "a", AT - timedelta(1), organ="council"),)),
    ],
)
def test_no_mandate_no_vote(who: Actor) -> None:
    found = cast(opened(replace(RULE, organ="council")), "a", "yes", who, AT)
    assert code(found) == "votes.no-mandate"
    assert isinstance(found, Refusal)
    assert found.cause == "forbidden"


def test_a_deputy_votes_and_the_record_says_so() -> None:
    polling = done(cast(opened(), "a", "yes", person("a", deputy_of="p-mayor"), AT))
    ballot = polling.vote.ballot("a")
    assert ballot is not None
    assert ballot.by_deputy


def test_choices_are_those_of_the_rule() -> None:
    assert code(cast(opened(), "a", "maybe", person("a"), AT)) == "votes.choice"
    assert code(cast(opened(), "a", "objection", person("a"), AT)) == "votes.choice"
    written = replace(RULE, written=Written(7, objection_stops=True))
    assert done(cast(opened(written), "a", "objection", person("a"), AT)).vote.ballots


def test_strangers_do_not_vote() -> None:
    assert code(cast(opened(), "z", "yes", person("z"), AT)) == "votes.not-entitled"


def test_closing_waits_for_the_clock() -> None:
    polling = voted(opened(), "yyy")
    assert code(close(polling, END - timedelta(seconds=1))) == "votes.still-open"
    assert not due(polling.vote, END - timedelta(seconds=1))
    assert due(polling.vote, END)
    early = voted(opened(replace(RULE, early=True)), "yyy")
    assert done(close(early, AT)).vote.status == "closed"
    assert code(close(voted(opened(replace(RULE, early=True)), "yy."), AT)) == "votes.still-open"


def test_an_objection_ends_a_written_procedure_at_once() -> None:
    written = replace(RULE, written=Written(7, silence=True, objection_stops=True))
    result = done(close(voted(opened(written), "y.o"), AT)).vote.result
    assert result is not None
    assert result.outcome == "stopped"


def test_silence_agrees_at_the_deadline() -> None:
    quiet = voted(opened(replace(RULE, written=Written(7, silence=True))), "y..")
    result = done(close(quiet, END)).vote.result
    assert result is not None
    assert (result.outcome, result.silent) == ("carried", ("b", "c"))


def test_least_days_of_the_article() -> None:
    slow = proposed(replace(RULE, least_days=8))
    assert code(open_vote(slow, Opening(END, ABC), AT)) == "votes.too-short"
    assert code(open_vote(proposed(), Opening(AT, ABC), AT)) == "votes.too-short"
    written = proposed(replace(RULE, written=Written(14)))
    assert code(open_vote(written, Opening(END, ABC), AT)) == "votes.too-short"


def test_casting_vote_needs_someone_in_the_chair() -> None:
    rule = replace(RULE, casting_vote=True)
    assert code(open_vote(proposed(rule), Opening(END, ABC), AT)) == "votes.presiding"
    assert opened(rule, "b").vote.presiding == "b"


def test_interested_member_is_left_out_only_where_the_article_says_so() -> None:
    assert code(exclude(proposed(), "b", "owns the land", AT)) == "votes.no-exclusion"
    allowed = replace(RULE, excludes_interested=True)
    assert code(exclude(proposed(allowed), "b", " ", AT)) == "votes.interest"
    vote = done(exclude(proposed(allowed), "b", "owns the land", AT))
    vote = done(open_vote(vote, Opening(END, ABC), AT))
    assert [e.member for e in vote.electors] == ["a", "c"]
    assert code(cast(Polling(vote, Box("v1")), "b", "yes", person("b"), AT)) == "votes.excluded"
    assert code(exclude(vote, "c", "late", AT)) == "votes.open-already"


def test_taking_a_proposal_back() -> None:
    assert code(withdraw(proposed(), "b", "why not", AT)) == "votes.not-proposer"
    assert code(withdraw(proposed(), "a", "", AT)) == "votes.reason"
    gone = done(withdraw(opened().vote, "a", "to be redrafted", AT))
    assert code(open_vote(gone, Opening(END, ABC), AT)) == "votes.withdrawn"


def test_steps_out_of_order() -> None:
    before, after = Polling(proposed(), Box("v1")), done(close(opened(), END))
    assert code(cast(before, "a", "yes", person("a"), AT)) == "votes.not-open"
    assert code(close(before, END)) == "votes.not-open"
    assert code(cast(after, "a", "yes", person("a"), AT)) == "votes.closed"
    assert code(close(after, END)) == "votes.closed"
    assert code(withdraw(after.vote, "a", "too late", AT)) == "votes.closed"
    assert code(open_vote(opened().vote, Opening(END, ABC), AT)) == "votes.open-already"


def test_a_proposal_says_what_it_is_about() -> None:
    empty = Proposal("v1", "duty/x", {"en": " "}, {}, "a")
    assert code(propose(empty, RULE, ABC, AT)) == "votes.title"
    wrong = replace(RULE, condition=Share("members", F(2)))
    assert code(propose(replace(empty, title={"en": "x"}), wrong, ABC, AT)) == "votes.rule-share"


def test_those_burdened_are_asked_for_their_consent() -> None:
    rule = replace(RULE, condition=AllOf((RULE.condition, Consent())))
    what = Proposal("v1", "duty/x", {"en": "A basin in c"}, {}, "a")
    assert code(propose(what, rule, ABC, AT)) == "votes.burdened"
    vote = done(propose(replace(what, burdened=("c",)), rule, ABC, AT))
    polling = Polling(done(open_vote(vote, Opening(END, ABC), AT)), Box("v1"))
    result = done(close(voted(polling, "yyn"), END)).vote.result
    assert result is not None
    assert not result.carried
    assert result.condition.parts[1].against == ("c",)


def test_states_survive_being_written_down() -> None:
    for polling in (opened(), voted(opened(), "yxn"), done(close(voted(opened(), "yxn"), END))):
        kept = TypeAdapter(Vote)
        assert kept.validate_json(kept.dump_json(polling.vote)) == polling.vote
    secret = voted(opened(replace(RULE, secret=True)), "yyn").box
    assert TypeAdapter(Box).validate_json(TypeAdapter(Box).dump_json(secret)) == secret
