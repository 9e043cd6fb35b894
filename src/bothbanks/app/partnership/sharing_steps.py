"""Steps on sharing rules, emergency openings, requests for access and stated purposes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done, signs_as
from bothbanks.app.partnership.references import no_article, no_decision
from bothbanks.app.partnership.sharing import book_of, keep_book, ready_rules, restamp
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import sharing_openings as openings
from bothbanks.civic.compact import sharing_requests as requests
from bothbanks.civic.compact.roles import (
    AUDITOR,
    COUNCIL,
    DUTY_OFFICER,
    ENGINEER,
    MONITOR,
    SECRETARIAT,
    Right,
)
from bothbanks.civic.compact.sharing import (
    COARSE,
    FULL,
    SUPPRESSED,
    Coarsening,
    Reader,
    SharingRule,
    reader_of,
)
from bothbanks.civic.compact.sharing_openings import AskedOpening, Opening
from bothbanks.civic.compact.sharing_requests import AccessRequest, Answer, PurposeStated
from bothbanks.civic.compact.sharing_rules import RuleBook, end_rule, set_rule
from bothbanks.store.interface import Kept

# steps on rules


@dataclass(frozen=True)
class SetRule:
    """Let a group of readers see datasets, or stop them, from a moment on."""

    rule: str
    """A short name for the rule, never used before."""
    datasets: tuple[str, ...]
    """The datasets it is about."""
    readers: tuple[str, ...]
    """public, members, partnership, member:<id>, role:<role> or role:<role>@<member>."""
    level: str
    """full, coarse, suppressed or nothing."""
    article: str = ""
    """The article of the agreement it rests on."""
    decision: str = ""
    """The decision it rests on, where it is no article."""
    since: datetime | None = None
    """From when it holds; now where not given."""
    until: datetime | None = None
    """Until when."""
    purposes: tuple[str, ...] = ()
    """Only for these purposes; they have to be stated."""
    areas: tuple[str, ...] = ()
    """Only in these areas."""
    grid_m: int = 0
    """Coarse: side of the squares in metres."""
    group: int = 0
    """Coarse: the smallest number of people in a figure."""
    rounding: int = 0
    """Coarse: figures are multiples of this."""
    delay_hours: int = 0
    """Coarse: nothing younger than this."""
    hidden: tuple[str, ...] = ()
    """Fields that stay hidden."""
    version: int | None = None
    """The version of the rules that was looked at."""


def set_sharing_rule(desk: Desk, command: SetRule) -> Done | Refusal:
    """Add a rule for datasets that the one who acts may decide about."""
    kept = book_of(desk)
    refusal = _may_rule(desk, kept.state, command.datasets) or _grounds(
        desk, command.article, command.decision, f"sharing-rule/{command.rule}", subject_of(command.datasets)
    )
    if refusal is not None:
        return refusal
    if command.version is not None and command.version != kept.version:
        return _changed()
    detail = Coarsening(command.grid_m, command.group, command.rounding, command.delay_hours)
    rule = SharingRule(
        id=command.rule,
        datasets=command.datasets,
        readers=command.readers,
        level=command.level,
        article=command.article,
        since=_utc(command.since) or desk.at,
        until=_utc(command.until),
        purposes=command.purposes,
        areas=command.areas,
        detail=detail if command.level in (COARSE, SUPPRESSED) else None,
        hidden=command.hidden,
        decision=command.decision,
    )
    refusal = keep_book(desk, set_rule(kept.state, rule, tuple(desk.region.members), desk.at))
    return refusal or Done(f"sharing-rule/{rule.id}")


@dataclass(frozen=True)
class EndRule:
    """End a sharing rule now."""

    rule: str
    """The rule."""
    ground: str
    """The article or decision it rests on."""


def end_sharing_rule(desk: Desk, command: EndRule) -> Done | Refusal:
    """End a rule; what falls to no other rule is seen by its owner only."""
    book = book_of(desk).state
    rule = book.rule(command.rule)
    datasets = rule.datasets if rule else ()
    refusal = _may_rule(desk, book, datasets) or _grounds(
        desk, command.ground, "", f"sharing-rule/{command.rule}", subject_of(datasets)
    )
    if refusal is not None:
        return refusal
    refusal = keep_book(desk, end_rule(book, command.rule, command.ground, desk.at))
    return refusal or Done(f"sharing-rule/{command.rule}")


# steps in an emergency


@dataclass(frozen=True)
class OpenInEmergency:
    """Open datasets to those who act in an emergency, at once and for a short time."""

    datasets: tuple[str, ...]
    """The datasets to open."""
    hours: int
    """For how many hours."""
    reason: str
    """What has happened and what the data is needed for; no names of people."""
    areas: tuple[str, ...] = ()
    """Only in these areas; everywhere where none is given."""
    vote: str = ""
    """The vote that carried it, where the agreement asks for one."""


def open_in_emergency(desk: Desk, command: OpenInEmergency) -> Done | Refusal:
    """Open at once, or ask for the second person that a renewal needs."""
    if command.vote:
        refusal = no_decision(desk, command.vote, subject_of(command.datasets))
        if refusal is not None:
            return refusal
    asked = AskedOpening(
        desk.new_id(), command.datasets, command.areas, command.hours, command.reason, command.vote
    )
    earlier = [k.state for k in desk.all(Opening)]
    by = signs_as(desk.actor)
    change = openings.open_now(book_of(desk).state, earlier, asked, desk.actor, by, desk.at)
    if isinstance(change, Refusal):
        return change
    desk.keep(asked.id, change, None)
    restamp(desk)
    return Done(f"sharing-opening/{asked.id}", _opening_answer(change.state))


@dataclass(frozen=True)
class OpeningStep:
    """Agree to the renewal of an emergency opening, or close one before its end."""

    opening: str
    """The opening."""


def confirm_opening(desk: Desk, command: OpeningStep) -> Done | Refusal:
    """A second person agrees: it opens now."""
    kept = desk.load(Opening, command.opening)
    by = signs_as(desk.actor)
    return _opening_moves(
        desk, kept, openings.confirm(book_of(desk).state, kept.state, desk.actor, by, desk.at)
    )


def close_opening(desk: Desk, command: OpeningStep) -> Done | Refusal:
    """Close it before its end."""
    kept = desk.load(Opening, command.opening)
    by = signs_as(desk.actor)
    return _opening_moves(desk, kept, openings.close(kept.state, book_of(desk).state, desk.at, by))


@dataclass(frozen=True)
class ReviewOpening:
    """Say afterwards whether an emergency opening was needed."""

    opening: str
    """The opening."""
    needed: bool
    """Whether it was needed."""
    words: str
    """What was found; no names of people."""


def review_opening(desk: Desk, command: ReviewOpening) -> Done | Refusal:
    """Close the matter; whoever opened it can't."""
    kept = desk.load(Opening, command.opening)
    terms = book_of(desk).state.emergency
    if terms is None:
        return Refusal("sharing.no-emergency", "the agreement has no article on opening data in emergencies.")
    by = signs_as(desk.actor)
    return _opening_moves(
        desk,
        kept,
        openings.review(kept.state, terms, command.needed, command.words, desk.actor, by, desk.at),
    )


# requests and purposes


@dataclass(frozen=True)
class AskAccess:
    """Ask the owner of a dataset to show it to a member."""

    dataset: str
    """The dataset."""
    member: str
    """The member that asks."""
    purpose: str
    """What it is for."""
    until: datetime
    """Until when it is wanted."""
    reason: str
    """Why it is needed; no names of people."""


def ask_access(desk: Desk, command: AskAccess) -> Done | Refusal:
    """Ask; the owner answers."""
    asked = AccessRequest(
        id=desk.new_id(),
        dataset=command.dataset,
        member=command.member,
        purpose=command.purpose,
        until=_utc(command.until) or desk.at,
        reason=command.reason,
        asked_at=desk.at,
        by=signs_as(desk.actor, command.member),
        person=desk.actor.person,
    )
    own = Reader(frozenset({(COUNCIL, command.member)}))
    change = requests.ask(book_of(desk).state, ready_rules(desk), asked, own)
    if isinstance(change, Refusal):
        return change
    desk.keep(asked.id, change, None)
    return Done(f"sharing-request/{asked.id}")


@dataclass(frozen=True)
class GrantAccess:
    """Grant a request: a rule for that member, purpose and time."""

    request: str
    """The request."""
    level: str
    """full, coarse or suppressed."""
    article: str
    """The article of the agreement it rests on."""
    reason: str
    """Why."""
    grid_m: int = 0
    """Coarse: side of the squares in metres."""
    group: int = 0
    """Coarse: the smallest number of people in a figure."""
    rounding: int = 0
    """Coarse: figures are multiples of this."""


def grant_access(desk: Desk, command: GrantAccess) -> Done | Refusal:
    """The owner says yes; the rule ends by itself on the day that was asked for."""
    kept, book = desk.load(AccessRequest, command.request), book_of(desk).state
    refusal = _may_rule(desk, book, (kept.state.dataset,)) or _grounds(
        desk, command.article, "", f"sharing-request/{kept.id}", subject_of((kept.state.dataset,))
    )
    if refusal is not None:
        return refusal
    if command.level not in (FULL, COARSE, SUPPRESSED):
        return Refusal("sharing.level-unknown", "say how fine it is shown: full, coarse or suppressed.")
    answer = Answer(
        desk.at, signs_as(desk.actor), command.article, command.reason, f"request-{command.request}"
    )
    detail = Coarsening(command.grid_m, command.group, command.rounding)
    granted = requests.grant(
        book, kept.state, answer, command.level, detail if command.level != FULL else None
    )
    if isinstance(granted, Refusal):
        return granted
    change, rule = granted
    refusal = keep_book(desk, set_rule(book, rule, tuple(desk.region.members), desk.at))
    if refusal is not None:
        return refusal
    desk.keep(kept.id, change, kept)
    return Done(f"sharing-request/{kept.id}", {"rule": rule.id})


@dataclass(frozen=True)
class RefuseAccess:
    """Refuse a request, with the reason and the article."""

    request: str
    """The request."""
    article: str
    """The article of the agreement it rests on."""
    reason: str
    """Why."""


def refuse_access(desk: Desk, command: RefuseAccess) -> Done | Refusal:
    """The owner says no."""
    kept, book = desk.load(AccessRequest, command.request), book_of(desk).state
    refusal = _may_rule(desk, book, (kept.state.dataset,)) or _grounds(
        desk, command.article, "", f"sharing-request/{kept.id}", subject_of((kept.state.dataset,))
    )
    if refusal is not None:
        return refusal
    answer = Answer(desk.at, signs_as(desk.actor), command.article, command.reason)
    change = requests.refuse(kept.state, answer)
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    return Done(f"sharing-request/{kept.id}")


@dataclass(frozen=True)
class WithdrawAccess:
    """Take a request back."""

    request: str
    """The request."""


def withdraw_access(desk: Desk, command: WithdrawAccess) -> Done | Refusal:
    """Whoever asked takes it back."""
    kept = desk.load(AccessRequest, command.request)
    if kept.state.person != desk.actor.person:
        return Refusal("sharing.not-yours", "only whoever asked can take it back.", {}, "forbidden")
    change = requests.withdraw(kept.state)
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    return Done(f"sharing-request/{kept.id}")


@dataclass(frozen=True)
class StatePurpose:
    """Say what you read a dataset for, where a rule asks for it. It is recorded."""

    dataset: str
    """The dataset."""
    purpose: str
    """The purpose."""


def state_purpose(desk: Desk, command: StatePurpose) -> Done | Refusal:
    """Recorded with the post; the name can be deleted."""
    if not desk.actor.person:
        return Refusal("sharing.sign-in", "sign in to state a purpose.", {}, "forbidden")
    stated = PurposeStated(
        desk.new_id(),
        desk.actor.person,
        command.dataset,
        command.purpose,
        desk.at,
        desk.at + requests.PURPOSE_LASTS,
    )
    change = requests.state_purpose(
        book_of(desk).state, ready_rules(desk), stated, reader_of(desk.actor), signs_as(desk.actor)
    )
    if isinstance(change, Refusal):
        return change
    desk.keep(stated.id, change, None)
    return Done(f"sharing/{command.dataset}", {"until": stated.until.isoformat()})


OFFICE = Right(frozenset({SECRETARIAT, COUNCIL}))
OPENERS = Right(frozenset({DUTY_OFFICER, SECRETARIAT}))
REVIEWERS = Right(frozenset({AUDITOR, COUNCIL, MONITOR}))
ASKERS = Right(frozenset({SECRETARIAT, COUNCIL, ENGINEER, DUTY_OFFICER}), own_member=True)
SIGNED_IN = Right(
    frozenset({SECRETARIAT, COUNCIL, ENGINEER, DUTY_OFFICER, AUDITOR, MONITOR}),
)
COMMANDS = (
    Command("sharing.set-rule", SetRule, set_sharing_rule, OFFICE),
    Command("sharing.end-rule", EndRule, end_sharing_rule, OFFICE),
    Command("sharing.open", OpenInEmergency, open_in_emergency, OPENERS),
    Command("sharing.confirm-opening", OpeningStep, confirm_opening, OPENERS),
    Command("sharing.close-opening", OpeningStep, close_opening, Right(OFFICE.roles | OPENERS.roles)),
    Command("sharing.review", ReviewOpening, review_opening, REVIEWERS),
    Command("sharing.ask", AskAccess, ask_access, ASKERS, rests="ask-data"),
    Command("sharing.grant", GrantAccess, grant_access, OFFICE),
    Command("sharing.refuse", RefuseAccess, refuse_access, OFFICE),
    Command("sharing.withdraw", WithdrawAccess, withdraw_access, Right(ASKERS.roles)),
    Command("sharing.state-purpose", StatePurpose, state_purpose, SIGNED_IN),
)


def _may_rule(desk: Desk, book: RuleBook, datasets: Iterable[str]) -> Refusal | None:
    """The owner decides: its council or secretariat; the partnership's of what belongs to all."""
    for name in datasets:
        known = book.dataset(name)
        if known is None:
            return Refusal(
                "sharing.unknown", "there is no dataset '{dataset}'.", {"dataset": name}, "missing"
            )
        if not any(m.role in OFFICE.roles and m.member == known.owner for m in desk.actor.mandates):
            return Refusal("sharing.not-owner", "only its owner decides who sees it.", {}, "forbidden")
    return None


def subject_of(datasets: Iterable[str]) -> str:
    """What a vote on showing datasets is about.

    >>> subject_of(["money", "duties"])
    'sharing/duties,money'
    """
    return f"sharing/{','.join(sorted(datasets))}"


def _grounds(desk: Desk, article: str, decision: str, *about: str) -> Refusal | None:
    """What a rule rests on has to be there, and a vote has to be about it."""
    if article and not article.startswith("art-"):
        return no_decision(desk, article, *about)
    return (no_article(desk, article) if article else None) or no_decision(desk, decision, *about)


def _changed() -> Refusal:
    return Refusal("sharing.changed", "the rules have changed since you looked at them.", {}, "conflict")


def _utc(moment: datetime | None) -> datetime | None:
    """A moment as UTC; one from a form without a zone is taken as UTC."""
    if moment is None:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _opening_answer(state: Opening) -> dict[str, object]:
    return {
        "status": state.status,
        "until": state.until.isoformat() if state.until else None,
        "review_due": state.review_due.isoformat() if state.review_due else None,
    }


def _opening_moves(desk: Desk, kept: Kept[Opening], change: Change[Opening] | Refusal) -> Done | Refusal:
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    restamp(desk)
    return Done(f"sharing-opening/{kept.id}", _opening_answer(change.state))
