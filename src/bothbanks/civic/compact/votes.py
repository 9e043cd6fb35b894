"""A vote: proposed, open, closed with its result, or withdrawn; and the ballots while it is open.

The rule, the electors and their weights are fixed at the opening, so that nothing amended later changes a
vote that runs. A secret vote keeps the choices apart, in a :class:`Box` that is thrown away at the closing;
the record holds who has voted and a salted commitment to each choice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.roles import COUNCIL, SECRETARIAT, Actor, Mandate, Right
from bothbanks.civic.compact.votes_rules import OBJECTION, Elector, VoteRule, bound, faults
from bothbanks.civic.compact.votes_tally import Tally, tally
from bothbanks.record.entries import Entry

PROPOSED: Final = "proposed"
OPEN: Final = "open"
CLOSED: Final = "closed"
WITHDRAWN: Final = "withdrawn"
Status = Literal["proposed", "open", "closed", "withdrawn"]

LONGEST = timedelta(days=3652)

PROPOSE_RIGHT = Right(frozenset({COUNCIL, SECRETARIAT}), own_member=True)
RUN_RIGHT = Right(frozenset({SECRETARIAT}))
CAST_RIGHT = Right(frozenset({COUNCIL}), own_member=True)
CLOSE_RIGHT = Right(frozenset({SECRETARIAT}), clock=True)


@dataclass(frozen=True)
class Ballot:
    """One member's ballot as everyone sees it; ``choice`` is '' in a secret vote.

    ``version`` counts from 1 and grows when the member changes its mind. ``commitment`` is set in a secret
    vote: what the record holds in place of the choice.
    """

    member: str
    at: datetime
    version: int
    choice: str = ""
    commitment: str = ""
    by_deputy: bool = False


@dataclass(frozen=True)
class Hidden:
    """A choice of a secret vote, with the salt of its commitment."""

    choice: str
    salt: str


@dataclass(frozen=True)
class Box:
    """The choices of a secret vote until it closes. Whoever runs the host's database can read them."""

    vote: str
    choices: Mapping[str, Hidden] = field(default_factory=dict)


@dataclass(frozen=True)
class Vote:
    """A vote and everything that may be shown of it."""

    id: str
    subject: str  # what is decided: '<kind>/<id>', with '@version' for an agreement
    title: Mapping[str, str]
    text: Mapping[str, str]
    rule: VoteRule
    proposer: str  # member
    proposed: datetime
    status: Status = PROPOSED
    electors: tuple[Elector, ...] = ()
    excluded: Mapping[str, str] = field(default_factory=dict)  # member -> its interest, as stated
    presiding: str = ""
    opened: datetime | None = None
    closes: datetime | None = None
    ballots: tuple[Ballot, ...] = ()
    result: Tally | None = None
    closed: datetime | None = None

    @property
    def subject_id(self) -> str:
        """How the record calls it."""
        return f"vote/{self.id}"

    @property
    def waiting(self) -> tuple[str, ...]:
        """Members entitled that have not voted."""
        voted = {b.member for b in self.ballots}
        return tuple(e.member for e in self.electors if e.member not in voted)

    def ballot(self, member: str) -> Ballot | None:
        """A member's ballot."""
        return next((b for b in self.ballots if b.member == member), None)


@dataclass(frozen=True)
class Polling:
    """A vote with its box, as casting and closing need them; the box of an open ballot stays empty."""

    vote: Vote
    box: Box


@dataclass(frozen=True)
class Proposal:
    """What is to be decided, and under which rule."""

    id: str
    subject: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    proposer: str
    burdened: tuple[str, ...] = ()  # members on which it lays a new cost or risk


@dataclass(frozen=True)
class Opening:
    """The terms on which a vote is opened."""

    closes: datetime
    electors: tuple[Elector, ...]
    presiding: str = ""


def commitment(vote: str, member: str, version: int, choice: str, salt: str) -> str:
    """SHA-256 over a ballot and its salt, in hexadecimal: what a voter compares with the record.

    >>> commitment("v1", "aac", 1, "yes", "00" * 16) == commitment("v1", "aac", 1, "no", "00" * 16)
    False
    """
    words = "\n".join(("bothbanks ballot", vote, member, str(version), choice, salt))
    return hashlib.sha256(words.encode()).hexdigest()


def propose(
    proposal: Proposal, rule: VoteRule, electors: tuple[Elector, ...], at: datetime
) -> Change[Vote] | Refusal:
    """Put something to the vote under a rule of the agreement."""
    if not any(words.strip() for words in proposal.title.values()):
        return Refusal("votes.title", "say in a few words what is to be decided.")
    wrong = faults(rule, electors)
    if wrong:
        return wrong[0]
    own = bound(rule, proposal.burdened)
    if isinstance(own, Refusal):
        return own
    vote = Vote(proposal.id, proposal.subject, proposal.title, proposal.text, own, proposal.proposer, at)
    body = {
        "subject": vote.subject, "title": dict(vote.title), "text": dict(vote.text), "rule": rule.id,
        "article": rule.article, "member": vote.proposer, "burdened": list(proposal.burdened),
    }  # fmt: skip
    return Change(vote, (Entry("votes.proposed", vote.subject_id, body),))


def open_vote(vote: Vote, terms: Opening, at: datetime) -> Change[Vote] | Refusal:
    """Open the vote until ``terms.closes``. The rule, the electors and what they weigh are fixed by it."""
    rule = vote.rule
    if vote.status != PROPOSED:
        return _wrong_status(vote)
    electors = tuple(e for e in terms.electors if e.member not in vote.excluded)
    wrong = faults(rule, electors)
    if wrong:
        return wrong[0]
    days = max(rule.least_days, rule.written.days if rule.written else 0)
    if terms.closes <= at or terms.closes - at < timedelta(days=days):
        return Refusal(
            "votes.too-short",
            "the article leaves at least {days} days to vote; close it on {moment} or later.",
            {"days": days, "moment": _moment(at + timedelta(days=days))},
        )  # fmt: skip
    if terms.closes - at > LONGEST:
        return Refusal("votes.too-long", "no vote stays open for more than ten years.")
    entitled = {e.member for e in electors}
    if rule.casting_vote and terms.presiding not in entitled:
        return Refusal(
            "votes.presiding", "the presiding member has the casting vote: name one that is entitled to vote."
        )
    opened = replace(
        vote, status=OPEN, electors=electors, presiding=terms.presiding, opened=at, closes=terms.closes
    )
    body = {
        "closes": _moment(terms.closes),
        "rule": rule.id,
        "article": rule.article,
        "presiding": terms.presiding,
        "secret": rule.secret,
        "electors": [
            {"member": e.member, "weight": str(e.weight), "population": e.population} for e in electors
        ],
        "excluded": dict(vote.excluded),
    }
    return Change(opened, (Entry("votes.opened", vote.subject_id, body),))


def exclude(vote: Vote, member: str, interest: str, at: datetime) -> Change[Vote] | Refusal:
    """Leave out a member with an interest of its own: before the opening, and where the article says so."""
    if vote.status != PROPOSED:
        return _wrong_status(vote)
    if not vote.rule.excludes_interested:
        return Refusal(
            "votes.no-exclusion", "article {article} excludes no member for an interest of its own.",
            {"article": vote.rule.article},
        )  # fmt: skip
    if not interest.strip():
        return Refusal("votes.interest", "say which interest of its own the member has.")
    excluded = {**vote.excluded, member: interest.strip()}
    entry = Entry("votes.member-excluded", vote.subject_id, {"member": member, "interest": interest.strip()})
    return Change(replace(vote, excluded=excluded), (entry,))


def cast(
    polling: Polling, member: str, choice: str, actor: Actor, at: datetime, salt: str = ""
) -> Change[Polling] | Refusal:
    """Cast or change a member's ballot. A mandate for the member is needed at this moment.

    ``salt`` : at least 16 random bytes in hexadecimal, for a secret vote.
    """
    vote = polling.vote
    wrong = _may_not_cast(vote, member, choice, at)
    if wrong is not None:
        return wrong
    mandate = _mandate(vote.rule, member, actor, at)
    if mandate is None:
        return Refusal(
            "votes.no-mandate", "voting for this member takes a mandate in force now (article {article}).",
            {"article": vote.rule.article}, "forbidden",
        )  # fmt: skip
    before = vote.ballot(member)
    version = before.version + 1 if before else 1
    body: dict[str, Any] = {"member": member, "version": version, "by_deputy": bool(mandate.deputy_of)}
    private: dict[str, Any] | None = None  # who acted is sealed by the record itself
    ballot = Ballot(member, at, version, by_deputy=bool(mandate.deputy_of))
    box = polling.box
    if vote.rule.secret:
        if len(salt) < 32:
            return Refusal("votes.salt", "a secret ballot needs a salt of 16 random bytes.")
        sealed = commitment(vote.id, member, version, choice, salt)
        ballot = replace(ballot, commitment=sealed)
        box = replace(box, choices={**box.choices, member: Hidden(choice, salt)})
        body["commitment"] = sealed
        private = {"choice": choice, "salt": salt}
    else:
        ballot = replace(ballot, choice=choice)
        body["choice"] = choice
    order = [e.member for e in vote.electors]
    others = [b for b in vote.ballots if b.member != member]
    ballots = tuple(sorted((*others, ballot), key=lambda b: order.index(b.member)))
    entry = Entry("votes.ballot-cast", vote.subject_id, body, private)
    return Change(Polling(replace(vote, ballots=ballots), box), (entry,))


def _may_not_cast(vote: Vote, member: str, choice: str, at: datetime) -> Refusal | None:
    if vote.status != OPEN:
        return _wrong_status(vote)
    assert vote.closes is not None
    if at >= vote.closes:
        return Refusal(
            "votes.over", "voting ended on {moment}.", {"moment": _moment(vote.closes)}, "conflict"
        )
    if member in vote.excluded:
        return Refusal(
            "votes.excluded", "this member takes no part in the vote: it has an interest of its own "
            "(article {article}).", {"article": vote.rule.article},
        )  # fmt: skip
    if all(e.member != member for e in vote.electors):
        return Refusal("votes.not-entitled", "this member is not entitled to vote here.")
    if choice not in vote.rule.choices:
        return Refusal(
            "votes.choice", "'{choice}' is no choice here; possible are {choices}.",
            {"choice": choice, "choices": ", ".join(vote.rule.choices)},
        )  # fmt: skip
    return None


def _mandate(rule: VoteRule, member: str, actor: Actor, at: datetime) -> Mandate | None:
    """The mandate under which the actor votes for the member; an own seat before a deputy's."""
    fit = [
        m
        for m in actor.mandates
        if m.role == COUNCIL and m.member == member and m.in_force(at) and rule.organ in ("", m.organ)
    ]
    return min(fit, key=lambda m: bool(m.deputy_of), default=None)


def withdraw(vote: Vote, member: str, reason: str, at: datetime) -> Change[Vote] | Refusal:
    """The proposer takes the proposal back, as long as the vote has not closed."""
    if vote.status not in (PROPOSED, OPEN):
        return _wrong_status(vote)
    if member != vote.proposer:
        return Refusal(
            "votes.not-proposer", "only the member that proposed it can take it back.", cause="forbidden"
        )
    if not reason.strip():
        return Refusal("votes.reason", "say why the proposal is taken back.")
    entry = Entry("votes.withdrawn", vote.subject_id, {"member": member, "reason": reason.strip()})
    return Change(replace(vote, status=WITHDRAWN, closed=at), (entry,))


def close(polling: Polling, at: datetime) -> Change[Polling] | Refusal:
    """Close the vote and count it.

    At its time; before it where all have voted and the rule allows it, or where an objection has ended a
    written procedure. The box of a secret vote comes back empty: its choices are counted and thrown away.
    """
    vote, box = polling.vote, polling.box
    if vote.status != OPEN:
        return _wrong_status(vote)
    assert vote.closes is not None
    choices = {b.member: b.choice for b in vote.ballots}
    if vote.rule.secret:
        choices = {m: h.choice for m, h in box.choices.items()}
        for b in vote.ballots:
            hidden = box.choices.get(b.member)
            if hidden is None or b.commitment != commitment(
                vote.id, b.member, b.version, hidden.choice, hidden.salt
            ):
                return Refusal(
                    "votes.box-broken", "the ballot kept for {member} is not the one the record holds; the "
                    "vote can't be counted.", {"member": b.member}, "conflict",
                )  # fmt: skip
    stopped = OBJECTION in choices.values()
    if at < vote.closes and not stopped and not (vote.rule.early and not vote.waiting):
        return Refusal(
            "votes.still-open", "the vote is open until {moment}.", {"moment": _moment(vote.closes)}
        )
    found = tally(vote.rule, vote.electors, choices, vote.presiding)
    if vote.rule.secret:
        found = found.unnamed()
    closed = replace(vote, status=CLOSED, result=found, closed=at)
    body = {**found.body(), "subject": vote.subject, "article": vote.rule.article}
    return Change(Polling(closed, Box(vote.id)), (Entry("votes.closed", vote.subject_id, body),))


def due(vote: Vote, at: datetime) -> bool:
    """Whether the clock closes the vote now."""
    return vote.status == OPEN and vote.closes is not None and at >= vote.closes


def _wrong_status(vote: Vote) -> Refusal:
    if vote.status == PROPOSED:
        return Refusal("votes.not-open", "this vote is not open yet.", cause="conflict")
    if vote.status == OPEN:
        return Refusal("votes.open-already", "this vote is open already.", cause="conflict")
    if vote.status == CLOSED:
        return Refusal("votes.closed", "this vote is closed.", cause="conflict")
    return Refusal("votes.withdrawn", "this proposal was taken back.", cause="conflict")


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
