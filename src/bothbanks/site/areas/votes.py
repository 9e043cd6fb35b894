"""Votes: what is open, how each came out and why, and who could block it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Annotated, Any

from fastapi import Path, Query
from fastapi.responses import Response
from markupsafe import Markup

from bothbanks.app.partnership.votes import electors
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact import votes
from bothbanks.civic.compact.accounts import CONFIRMATION_LASTS
from bothbanks.civic.compact.votes import Vote
from bothbanks.civic.compact.votes_rules import Elector, VoteRule
from bothbanks.civic.compact.votes_tally import Tally, tally
from bothbanks.civic.compact.votes_whatif import Powers, powers
from bothbanks.pages.svg.bars import Bar, bars
from bothbanks.site.area import Area
from bothbanks.site.areas import votes_words as words
from bothbanks.site.problems import RefusedError, not_found
from bothbanks.site.visit import Visit
from bothbanks.store.interface import Kept, MissingError
from bothbanks.words.errors import InputError, RangeError

AREA = Area("votes", "votes", "Votes")
SOON = timedelta(days=3)
LISTED = 12
"""Most minimal coalitions that a page lists; the API has all."""

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,80}$")]
Members = Annotated[list[str] | None, Query(max_length=100)]


@dataclass(frozen=True)
class BallotOut:
    """Who has voted; ``choice`` is '' in a secret vote, ``commitment`` then is what the record holds."""

    member: str
    at: datetime
    version: int
    choice: str
    commitment: str
    by_deputy: bool


@dataclass(frozen=True)
class VoteOut:
    """A vote. ``result`` holds each quorum and condition with its exact figures, fractions as text."""

    id: str
    version: int
    subject: str
    title: dict[str, str]
    text: dict[str, str]
    rule: str
    article: str
    secret: bool
    proposer: str
    proposed: datetime
    status: str
    opened: datetime | None
    closes: datetime | None
    closed: datetime | None
    presiding: str
    electors: list[str]
    excluded: dict[str, str]
    ballots: list[BallotOut]
    waiting: list[str]
    result: dict[str, Any] | None


@dataclass(frozen=True)
class RuleOut:
    """A voting rule and the article it comes from."""

    id: str
    article: str
    name: dict[str, str]
    secret: bool
    written: bool


@dataclass(frozen=True)
class IndexOut:
    """A member's power under a rule: exact fractions as text, and as numbers."""

    member: str
    swings: int
    banzhaf: str
    banzhaf_share: str
    shapley_shubik: str
    banzhaf_share_number: float
    shapley_shubik_number: float


@dataclass(frozen=True)
class PowerOut:
    """Who can block and who can carry a decision under a rule, and the power of each member."""

    rule: str
    winning_coalitions: int
    minimal_blocking: list[list[str]]
    minimal_winning: list[list[str]]
    indices: list[IndexOut]


@dataclass(frozen=True)
class WhatIfOut:
    """How a vote would come out."""

    rule: str
    outcome: str
    result: dict[str, Any]


@AREA.page("/votes")
def index(visit: Visit) -> Response:
    """Open votes first, then what waits to be opened, then what was decided."""
    kept = [k.state for k in visit.reader.all(Vote)]
    running = sorted((v for v in kept if v.status == votes.OPEN), key=lambda v: (v.closes is None, v.closes))
    waiting = [v for v in kept if v.status == votes.PROPOSED]
    over = sorted(
        (v for v in kept if v.status in (votes.CLOSED, votes.WITHDRAWN)),
        key=lambda v: v.closed or v.proposed,
        reverse=True,
    )
    soon = {v.id for v in running if v.closes is not None and v.closes - visit.reader.at <= SOON}
    rules = [k.state for k in visit.reader.all(VoteRule)]
    return visit.show(
        "votes/index.html", running=running, waiting=waiting, over=over, soon=soon, rules=rules, words=words
    )


@AREA.page("/votes/propose")
def propose(visit: Visit) -> Response:
    """The form of a new proposal."""
    rules = [k.state for k in visit.reader.all(VoteRule)]
    return visit.show("votes/propose.html", rules=rules, own=visit.may_for("votes.propose"))


@AREA.page("/votes/rules/{rule}")
def rule_page(visit: Visit, rule: Id) -> Response:
    """A rule in words, who can block under it, and a vote to try out."""
    kept = _rule(visit, rule)
    return _what_if(visit, kept, electors(visit.reader, kept), None)


@AREA.page("/votes/{vote}")
def vote_page(visit: Visit, vote: Id) -> Response:
    """One vote: what it is about, its rule, who has voted, and the result in words."""
    kept = _vote(visit, vote)
    state = kept.state
    own = [m for m in visit.may_for("votes.cast") if any(e.member == m for e in state.electors)]
    casting = own if state.status == votes.OPEN and not _ended(visit, state) else []
    salts = {m: secrets.token_hex(16) for m in casting} if state.rule.secret else {}
    return visit.show(
        "votes/vote.html",
        vote=state,
        now=kept.version,
        words=words,
        casting=casting,
        salts=salts,
        ended=_ended(visit, state),
        least=_least_closing(visit, state),
        proposed=_least_closing(visit, state, CONFIRMATION_LASTS + timedelta(hours=1)),
        electors=state.electors or electors(visit.reader, state.rule),
    )


@AREA.page("/votes/{vote}/what-if")
def what_if_page(visit: Visit, vote: Id) -> Response:
    """Try out how this vote could come out."""
    state = _vote(visit, vote).state
    return _what_if(visit, state.rule, state.electors or electors(visit.reader, state.rule), state)


@AREA.api("/votes", answer=list[VoteOut])
def list_votes(visit: Visit) -> list[VoteOut]:
    """Every vote, oldest first."""
    return [_vote_out(k) for k in visit.reader.all(Vote)]


@AREA.api("/votes/{vote}", answer=VoteOut)
def read_vote(visit: Visit, vote: Id) -> VoteOut:
    """One vote with its ballots (a secret one without choices) and its result."""
    return _vote_out(_vote(visit, vote))


@AREA.api("/vote-rules", answer=list[RuleOut])
def list_rules(visit: Visit) -> list[RuleOut]:
    """Every voting rule of the agreement."""
    return [
        RuleOut(r.id, r.article, dict(r.name), r.secret, r.written is not None)
        for r in (k.state for k in visit.reader.all(VoteRule))
    ]


@AREA.api("/vote-rules/{rule}/power", answer=PowerOut)
def read_power(visit: Visit, rule: Id) -> PowerOut:
    """Who can block under a rule, and Banzhaf and Shapley-Shubik indices of every member."""
    kept = _rule(visit, rule)
    try:
        found = powers(kept, electors(visit.reader, kept), next(iter(visit.region.members)))
    except (InputError, RangeError) as error:
        raise RefusedError(_no_power(error)) from error
    return PowerOut(
        kept.id, found.indices.winning, [list(c) for c in found.blocking], [list(c) for c in found.winning],
        [
            IndexOut(
                m, found.indices.swings[m], str(found.indices.banzhaf[m]),
                str(found.indices.banzhaf_share[m]), str(found.indices.shapley[m]),
                float(found.indices.banzhaf_share[m]), float(found.indices.shapley[m]),
            )
            for m in found.indices.members
        ],
    )  # fmt: skip


@AREA.api("/vote-rules/{rule}/what-if", answer=WhatIfOut)
def read_what_if(
    visit: Visit, rule: Id, yes: Members = None, no: Members = None, abstain: Members = None
) -> WhatIfOut:
    """How a vote under a rule would come out with these members in favour, against, abstaining."""
    kept = _rule(visit, rule)
    choices: dict[str, str] = {}
    for choice, members in (("abstain", abstain), ("no", no), ("yes", yes)):
        choices |= dict.fromkeys(members or (), choice)
    strangers = [m for m in choices if m not in visit.region.members]
    if strangers:
        raise RefusedError(
            Refusal("command.member", "there is no member '{member}'.", {"member": strangers[0]}, "missing")
        )
    found = tally(kept, electors(visit.reader, kept), choices)
    return WhatIfOut(kept.id, found.outcome, found.body())


def _what_if(visit: Visit, rule: VoteRule, electing: tuple[Elector, ...], vote: Vote | None) -> Response:
    query = visit.request.query_params
    asked = "try" in query
    chair = vote.presiding if vote else query.get("presiding", "")
    choices = {e.member: query.get(f"m-{e.member}", "yes") for e in electing}
    cast = {m: c for m, c in choices.items() if c in rule.choices}
    found = tally(rule, electing, cast, chair) if asked else None
    power, why = _powers(rule, electing, chair or electing[0].member)
    return visit.show(
        "votes/what_if.html", rule=rule, vote=vote, electors=electing, choices=choices, chair=chair,
        found=found, words=words, power=power, why=why, most=LISTED, table=_table(visit, power, electing),
        chart=_chart(visit, power),
    )  # fmt: skip


def _powers(rule: VoteRule, electing: tuple[Elector, ...], chair: str) -> tuple[Powers | None, str]:
    try:
        return powers(rule, electing, chair), ""
    except (InputError, RangeError) as error:
        return None, error.message


@dataclass(frozen=True)
class PowerLine:
    """A member in the table of power: what it weighs, and its indices as percentages."""

    member: str
    weight: str
    population: str
    banzhaf: str
    shapley: str


def _table(visit: Visit, power: Powers | None, electing: tuple[Elector, ...]) -> list[PowerLine]:
    if power is None:
        return []
    people = sum(e.population for e in electing) or 1
    return [
        PowerLine(
            e.member, str(e.weight), words.percent(visit, Fraction(e.population, people), 1),
            words.percent(visit, power.indices.banzhaf_share[e.member], 1),
            words.percent(visit, power.indices.shapley[e.member], 1),
        )
        for e in electing
    ]  # fmt: skip


def _chart(visit: Visit, power: Powers | None) -> Markup:
    if power is None:
        return Markup("")
    items = [
        Bar(
            visit.language.plain(visit.region.members[m].name, m),
            float(share),
            words.percent(visit, share, 1),
        )
        for m, share in power.indices.shapley.items()
    ]
    title = visit.t("Power of each member under this rule")
    equal = 1 / len(items)
    return bars(items, name=str(title), text="; ".join(f"{b.name} {b.text}" for b in items), mark=equal)


def _vote(visit: Visit, id: str) -> Kept[Vote]:
    try:
        return visit.reader.load(Vote, id)
    except MissingError:
        raise not_found() from None


def _rule(visit: Visit, id: str) -> VoteRule:
    try:
        return visit.reader.load(VoteRule, id).state
    except MissingError:
        raise not_found() from None


def _ended(visit: Visit, vote: Vote) -> bool:
    return votes.due(vote, visit.reader.at)


def _least_closing(visit: Visit, vote: Vote, more: timedelta = timedelta(minutes=1)) -> str:
    """The earliest closing by the reader's clock and ``more``, as a form's field writes it.

    What the form proposes leaves a second person the time to confirm the opening.
    """
    days = max(vote.rule.least_days, vote.rule.written.days if vote.rule.written else 0, 1)
    soonest = (visit.reader.at + timedelta(days=days)).astimezone(visit.zone)
    return (soonest + more).strftime("%Y-%m-%dT%H:%M")


def _no_power(error: InputError | RangeError) -> Refusal:
    return Refusal(
        "votes.no-power", "the power under this rule can’t be counted: {why}", {"why": error.message}
    )


def _vote_out(kept: Kept[Vote]) -> VoteOut:
    v = kept.state
    return VoteOut(
        v.id, kept.version, v.subject, dict(v.title), dict(v.text), v.rule.id, v.rule.article, v.rule.secret,
        v.proposer, v.proposed, v.status, v.opened, v.closes, v.closed, v.presiding,
        [e.member for e in v.electors], dict(v.excluded),
        [BallotOut(b.member, b.at, b.version, b.choice, b.commitment, b.by_deputy) for b in v.ballots],
        list(v.waiting), _result(v.result),
    )  # fmt: skip


def _result(found: Tally | None) -> dict[str, Any] | None:
    return None if found is None else found.body()
