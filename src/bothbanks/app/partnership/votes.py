"""Votes: propose, open, cast, take back, close; and the clock that closes them.

The rules are in ``civic/compact/votes*.py``. A secret ballot comes with a receipt: the salt of its
commitment, which the voter may choose or is told once, and nobody else is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done, Reader
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import votes
from bothbanks.civic.compact.votes import Box, Opening, Polling, Proposal, Vote
from bothbanks.civic.compact.votes_rules import Elector, VoteRule, electors_of
from bothbanks.record.entries import Entry
from bothbanks.store.interface import Kept, MissingError

if TYPE_CHECKING:
    from bothbanks.app.partnership.opening import Opening as FirstImport


@dataclass(frozen=True)
class ProposeVote:
    """Put something to the vote."""

    member: str
    rule: str
    subject: str
    title: dict[str, str] | str
    text: dict[str, str] | str = ""
    burdened: tuple[str, ...] = ()


def propose(desk: Desk, command: ProposeVote) -> Done | Refusal:
    """A proposal under a rule of the agreement; it is opened by the secretariat."""
    rule = desk.load(VoteRule, command.rule).state
    strangers = [m for m in command.burdened if m not in desk.region.members]
    if strangers:
        return Refusal(
            "command.member", "there is no member '{member}'.", {"member": strangers[0]}, "missing"
        )
    language = desk.region.members[command.member].languages[0]
    proposal = Proposal(
        desk.new_id(), command.subject, _words(command.title, language), _words(command.text, language),
        command.member, tuple(m for m in desk.region.members if m in command.burdened),
    )  # fmt: skip
    change = votes.propose(proposal, rule, electors(desk, rule), desk.at)
    if isinstance(change, Refusal):
        return change
    desk.keep(proposal.id, change, None)
    return Done(f"vote/{proposal.id}", {"vote": proposal.id})


@dataclass(frozen=True)
class OpenVote:
    """Open a vote until a moment."""

    vote: str
    closes: datetime
    presiding: str = ""  # '': whoever holds the presidency on the day of the opening
    version: int | None = None


def open_vote(desk: Desk, command: OpenVote) -> Done | Refusal:
    """By one person, unless the article calls the decision irreversible."""
    kept = desk.load(Vote, command.vote)
    if kept.state.rule.irreversible:
        return Refusal(
            "votes.two-people",
            "article {article} makes this irreversible: opening it takes two people.",
            {"article": kept.state.rule.article},
        )
    return _open(desk, command, kept)


def open_irreversible(desk: Desk, command: OpenVote) -> Done | Refusal:
    """The same after a second person has confirmed it."""
    return _open(desk, command, desk.load(Vote, command.vote))


def _open(desk: Desk, command: OpenVote, kept: Kept[Vote]) -> Done | Refusal:
    closes = command.closes
    if closes.tzinfo is None:  # a page's form sends the reader's own clock, as Visit.zone shows it
        own = next(iter(sorted(desk.actor.members)), next(iter(desk.region.members)))
        closes = closes.replace(tzinfo=ZoneInfo(desk.region.members[own].zone))
    # At both ends of the calendar no clock can turn a moment into another zone.
    if closes.year == MAXYEAR:
        return Refusal("votes.too-long", "no vote stays open for more than ten years.")
    closes = desk.at if closes.year == MINYEAR else closes.astimezone(UTC)
    terms = Opening(closes, electors(desk, kept.state.rule), command.presiding or _presiding(desk))
    change = _stale(kept, command.version) or votes.open_vote(kept.state, terms, desk.at)
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    return Done(kept.state.subject_id)


@dataclass(frozen=True)
class ExcludeMember:
    """Leave out a member that has an interest of its own."""

    vote: str
    excluded: str
    interest: str
    version: int | None = None


def exclude(desk: Desk, command: ExcludeMember) -> Done | Refusal:
    """Before the opening, and only where the article says so."""
    kept = desk.load(Vote, command.vote)
    if command.excluded not in desk.region.members:
        return Refusal(
            "command.member", "there is no member '{member}'.", {"member": command.excluded}, "missing"
        )
    change = _stale(kept, command.version) or votes.exclude(
        kept.state, command.excluded, command.interest, desk.at
    )
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    return Done(kept.state.subject_id)


@dataclass(frozen=True)
class CastBallot:
    """Cast or change the ballot of a member."""

    vote: str
    member: str
    choice: str
    salt: str = ""
    version: int | None = None


def cast(desk: Desk, command: CastBallot) -> Done | Refusal:
    """The ballot counts from now on; a secret one is answered with its receipt."""
    kept = desk.load(Vote, command.vote)
    secret = kept.state.rule.secret
    salt = (command.salt or secrets.token_hex(16)) if secret else ""
    box = _box(desk, kept.id)
    polling = Polling(kept.state, box.state if box else Box(kept.id))
    change = _stale(kept, command.version) or votes.cast(
        polling, command.member, command.choice, desk.actor, desk.at, salt
    )
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, Change(change.state.vote, change.entries), kept)
    answer: dict[str, object] = {"member": command.member}
    if secret:
        desk.keep(kept.id, Change(change.state.box, ()), box)
        ballot = change.state.vote.ballot(command.member)
        assert ballot is not None
        answer |= {
            "receipt": {
                "vote": kept.id, "member": command.member, "version": ballot.version,
                "choice": command.choice, "salt": salt, "commitment": ballot.commitment,
            }
        }  # fmt: skip
    return Done(kept.state.subject_id, answer)


@dataclass(frozen=True)
class WithdrawVote:
    """Take a proposal back."""

    vote: str
    member: str
    reason: str
    version: int | None = None


def withdraw(desk: Desk, command: WithdrawVote) -> Done | Refusal:
    """By the member that proposed it, as long as it is not closed; ballots in a box are thrown away."""
    kept = desk.load(Vote, command.vote)
    change = _stale(kept, command.version) or votes.withdraw(
        kept.state, command.member, command.reason, desk.at
    )
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    if _box(desk, kept.id):
        desk.forget(Box, kept.id)
    return Done(kept.state.subject_id)


@dataclass(frozen=True)
class CloseVote:
    """Close a vote that has ended, and count it."""

    vote: str
    version: int | None = None


def close(desk: Desk, command: CloseVote) -> Done | Refusal:
    """At its time, or before where all have voted or a member has asked for a meeting."""
    kept = desk.load(Vote, command.vote)
    stale = _stale(kept, command.version)
    return stale or _close(desk, kept)


def _close(desk: Desk, kept: Kept[Vote]) -> Done | Refusal:
    box = _box(desk, kept.id)
    change = votes.close(Polling(kept.state, box.state if box else Box(kept.id)), desk.at)
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, Change(change.state.vote, change.entries), kept)
    if box:
        desk.forget(Box, kept.id)
    result = change.state.vote.result
    return Done(kept.state.subject_id, {"outcome": result.outcome if result else ""})


def close_due_votes(desk: Desk) -> int:
    """Close and count what has ended; how many. A box that can't be counted waits for people to see to it."""
    closed = 0
    for kept in desk.all(Vote, status=votes.OPEN, due_before=desk.at + timedelta(seconds=1)):
        if votes.due(kept.state, desk.at) and isinstance(_close(desk, kept), Done):
            closed += 1
    return closed


def electors(reader: Reader, rule: VoteRule) -> tuple[Elector, ...]:
    """The region's members as electors of a rule, with their population of today."""
    return electors_of(rule, {m: facts.population for m, facts in reader.region.members.items()})


def opening(desk: Desk, opened: FirstImport) -> None:
    """The rules of ``compact/votes.toml`` and its made-up proposals."""
    from bothbanks.region.compact.votes import VotesSettings, terms_of

    settings = opened.region.compact.get("votes")
    if not isinstance(settings, VotesSettings):
        return
    terms = terms_of(opened.region.compact.get("agreement"))
    rules = {r.id: r.rule(terms) for r in settings.rules}
    for rule in rules.values():
        body = {"article": rule.article, "name": dict(rule.name), "secret": rule.secret}
        desk.keep(rule.id, Change(rule, (Entry("votes.rule-set", f"vote-rule/{rule.id}", body),)), None)
    for made_up in settings.proposals:
        rule = rules[made_up.rule]
        proposal = Proposal(
            desk.new_id(), made_up.subject, dict(made_up.title), dict(made_up.text), made_up.member,
            made_up.burdened,
        )  # fmt: skip
        change = votes.propose(proposal, rule, electors(desk, rule), desk.at)
        if isinstance(change, Change) and made_up.open_days is not None:
            terms_ = Opening(desk.at + timedelta(days=made_up.open_days), electors(desk, rule))
            opened_ = votes.open_vote(change.state, terms_, desk.at)
            if isinstance(opened_, Change):
                change = Change(opened_.state, (*change.entries, *opened_.entries))
        if isinstance(change, Change):
            desk.keep(proposal.id, change, None)


def _presiding(reader: Reader) -> str:
    from bothbanks.app.partnership.plans import presiding

    term = presiding(reader)
    return term.member if term else ""


def _box(desk: Desk, vote: str) -> Kept[Box] | None:
    try:
        return desk.load(Box, vote)
    except MissingError:
        return None


def _stale(kept: Kept[Vote], version: int | None) -> Refusal | None:
    if version is None or version == kept.version:
        return None
    return Refusal(
        "store.conflict",
        "someone else changed this first. Look at it as it now stands, and decide again.",
        cause="conflict",
    )


def _words(text: Mapping[str, str] | str, language: str) -> dict[str, str]:
    """Words by language; a bare text is in the member's own first language."""
    if isinstance(text, str):
        return {language: text.strip()} if text.strip() else {}
    return {code: words.strip() for code, words in text.items() if words.strip()}


COMMANDS = (
    Command("votes.propose", ProposeVote, propose, votes.PROPOSE_RIGHT, rests="propose"),
    Command("votes.open", OpenVote, open_vote, votes.RUN_RIGHT),
    Command("votes.open-irreversible", OpenVote, open_irreversible, votes.RUN_RIGHT, two_people=True),
    Command("votes.exclude", ExcludeMember, exclude, votes.RUN_RIGHT),
    Command("votes.cast", CastBallot, cast, votes.CAST_RIGHT, rests="vote"),
    Command("votes.withdraw", WithdrawVote, withdraw, votes.PROPOSE_RIGHT),
    Command("votes.close", CloseVote, close, votes.CLOSE_RIGHT),
)
TICKS = (close_due_votes,)
