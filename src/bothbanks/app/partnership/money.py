"""Money at work: the ledger, statements and claims with their clocks, purchases step by step.

The folder's files come in once (``money_opening``); from then on the store is the truth, and ``money_files``
writes it back. A payment takes two people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bothbanks.app.partnership.bounds import Amount, Day, Year, minor_or_refused
from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done, Reader
from bothbanks.app.partnership.duties import TICK, kept_or_refused, loaded, record_in_order
from bothbanks.app.partnership.money_opening import (
    BASIS_RISK,
    entry_body,
    take_over,
)
from bothbanks.app.partnership.opening import Opening
from bothbanks.app.partnership.references import no_article, no_decision
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.duties import is_sha256
from bothbanks.civic.compact.duties_calendar import WorkCalendar
from bothbanks.civic.compact.roles import AUDITOR, COUNCIL, SECRETARIAT, Right
from bothbanks.civic.finance import claims, claims_kept
from bothbanks.civic.finance.booked import GrantHeld
from bothbanks.civic.finance.claims import Route
from bothbanks.civic.finance.claims_kept import KeptClaim, Statement
from bothbanks.civic.finance.ledger import BANK, Journal, Posting, faults_of
from bothbanks.civic.finance.ledger import Entry as LedgerEntry
from bothbanks.record.entries import Entry
from bothbanks.store.interface import MissingError
from bothbanks.words.money import Money

OFFICE = Right(frozenset({SECRETARIAT}))
CLAIM_RIGHT = Right(frozenset({COUNCIL, SECRETARIAT}), own_member=True)
PANEL_RIGHT = Right(frozenset({SECRETARIAT, AUDITOR}))


@dataclass(frozen=True)
class Post:
    """Book an entry that moves nothing out of a bank. One line a posting: 'account amount'."""

    id: str
    day: Day
    decision: str
    article: str
    text: str
    postings: tuple[str, ...]
    currency: str
    price_year: Year
    reverses: str = ""


@dataclass(frozen=True)
class PayOut(Post):
    """Book a payment: an entry that credits a bank account."""


@dataclass(frozen=True)
class RegisterStatement:
    """Register the statement of a payout, by its SHA-256. One line a member: 'member amount'."""

    about: Literal["trigger", "grant"]
    terms: str
    sha256: str
    stated_on: Day
    due: tuple[str, ...]
    currency: str


@dataclass(frozen=True)
class FileClaim:
    """Claim more than a statement gives."""

    statement: str
    member: str
    amount: Amount
    reason: str


@dataclass(frozen=True)
class AddClaimEvidence:
    """Add a document to a claim, by its SHA-256, and say what it shows."""

    claim: str
    member: str
    sha256: str
    shows: str


@dataclass(frozen=True)
class SeatClaimPanel:
    """Seat the panel of a claim. One line a person: 'name; named by'."""

    claim: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class DecideClaim:
    """Record the panel's decision. One line a person: 'name; yes' or 'name; no'."""

    claim: str
    votes: tuple[str, ...]
    award: Amount
    reasons: str


@dataclass(frozen=True)
class PayAward:
    """Say that an award was paid, by which entry of the ledger."""

    claim: str
    payment: str


@dataclass(frozen=True)
class WithdrawClaim:
    """Withdraw one's claim."""

    claim: str
    member: str


def journal_of(reader: Reader) -> Journal:
    """The ledger as it stands."""
    entries = tuple(k.state for k in reader.all(LedgerEntry))
    return Journal(entries, tuple(reader.region.members))


def post(desk: Desk, form: Post) -> Done | Refusal:
    """Book an entry."""
    return _book(desk, form, pays=False)


def pay_out(desk: Desk, form: PayOut) -> Done | Refusal:
    """Book a payment."""
    return _book(desk, form, pays=True)


def _book(desk: Desk, form: Post, pays: bool) -> Done | Refusal:
    about = (f"ledger-entry/{form.id.strip()}", *([f"article/{form.article}"] if form.article else []))
    fault = no_decision(desk, form.decision, *about) or (
        no_article(desk, form.article) if form.article else None
    )
    if fault is not None:
        return fault
    made = _entry(form)
    if isinstance(made, Refusal):
        return made
    credits = any(p.account.startswith(BANK) and p.money.minor < 0 for p in made.postings)
    if credits != pays:
        return Refusal(
            "money.payment",
            "what takes money from a bank is a payment and needs two people.",
        )
    before = [k.state for k in desk.all(LedgerEntry)]
    faults = [f for f in faults_of([*before, made], tuple(desk.region.members)) if f.place == len(before)]
    if faults:
        told = "; ".join(f"{f.field}: {f.found} ({f.expected})" for f in faults)
        return Refusal("money.ledger", "this can't be booked: {faults}", {"faults": told})
    desk.keep(made.id, Change(made, (entry_body(made),)), None)
    return Done(f"ledger-entry/{made.id}")


def _entry(form: Post) -> LedgerEntry | Refusal:
    postings = []
    for line in form.postings:
        account, _, amount = line.strip().rpartition(" ")
        minor = minor_or_refused(amount, form.currency)
        if isinstance(minor, Refusal):
            return minor
        money = Money(minor, form.currency, form.price_year)
        postings.append(Posting(account.strip(), money))
    return LedgerEntry(
        form.id.strip(),
        form.day,
        form.decision,
        form.article,
        form.text.strip(),
        tuple(postings),
        form.reverses,
    )


def register_statement(desk: Desk, form: RegisterStatement) -> Done | Refusal:
    """A payout was stated."""
    digest = form.sha256.strip().lower()
    if not is_sha256(digest):
        return _no_hash(form.sha256)
    route = _route(desk, form)
    if isinstance(route, Refusal):
        return route
    due: dict[str, int] = {}
    for line in form.due:
        member, _, amount = line.strip().rpartition(" ")
        if member.strip() not in desk.region.members:
            return Refusal("command.member", "there is no member '{member}'.", {"member": member}, "missing")
        minor = minor_or_refused(amount, form.currency)
        if isinstance(minor, Refusal):
            return minor
        due[member.strip()] = minor
    if any(k.state.sha256 == digest for k in desk.all(Statement)):
        return Refusal("money.stated", "this statement was registered before.", cause="conflict")
    stated = Statement(
        desk.new_id(),
        form.about,
        form.terms,
        route.article,
        digest,
        form.stated_on,
        due,
        form.currency,
        route,
    )
    body = {
        "about": form.about,
        "terms": form.terms,
        "article": route.article,
        "sha256": digest,
        "stated_on": form.stated_on.isoformat(),
        "due_minor": due,
        "currency": form.currency,
    }
    desk.keep(stated.id, Change(stated, (Entry("money.stated", f"statement/{stated.id}", body),)), None)
    return Done(f"statement/{stated.id}")


def _route(desk: Desk, form: RegisterStatement) -> Route | Refusal:
    """A grant's own route; for triggers the one of the agreement."""
    try:
        if form.about == "grant":
            return desk.load(GrantHeld, form.terms).state.route
        return desk.load(GrantHeld, BASIS_RISK).state.route
    except MissingError:
        return Refusal(
            "money.no-route", "the agreement states no way to dispute a payout under '{terms}'.",
            {"terms": form.terms}, "missing",
        )  # fmt: skip


def file_claim(desk: Desk, form: FileClaim) -> Done | Refusal:
    """A member claims more."""
    statement = desk.load(Statement, form.statement).state
    calendar = WorkCalendar(desk.region.members[form.member].zone)
    minor = minor_or_refused(form.amount, statement.route.currency)
    if isinstance(minor, Refusal):
        return minor
    command = claims.FileClaim(calendar.day_of(desk.at), form.member, minor, form.reason)
    change = claims_kept.file_claim(desk.new_id(), statement, calendar, command, desk.at)
    if isinstance(change, Refusal):
        return as_told(change)
    desk.keep(change.state.id, change, None)
    return Done(f"claim/{change.state.id}")


def add_claim_evidence(desk: Desk, form: AddClaimEvidence) -> Done | Refusal:
    """What shows it."""
    return _claim_step(
        desk, form.claim,
        lambda k, day: claims.AddEvidence(day, form.member, form.sha256.strip().lower(), form.shows),
    )  # fmt: skip


def seat_claim_panel(desk: Desk, form: SeatClaimPanel) -> Done | Refusal:
    """Who judges it."""
    people = pairs(form.people)
    return _claim_step(desk, form.claim, lambda k, day: claims.SeatPanel(day, people))


def decide_claim(desk: Desk, form: DecideClaim) -> Done | Refusal:
    """What they decided."""
    votes = {name: vote == "yes" for name, vote in pairs(form.votes).items()}
    currency = desk.load(KeptClaim, form.claim).state.claim.route.currency
    minor = minor_or_refused(form.award, currency)
    if isinstance(minor, Refusal):
        return minor
    return _claim_step(desk, form.claim, lambda k, day: claims.Decide(day, votes, minor, form.reasons))


def pay_award(desk: Desk, form: PayAward) -> Done | Refusal:
    """The award was paid, by an entry of the ledger that pays the claimant exactly that."""
    paid = desk.load(LedgerEntry, form.payment).state
    claimant = desk.load(KeptClaim, form.claim).state.claim.claimant
    ours = sum(
        p.money.minor
        for p in paid.postings
        if p.account.endswith(f"payouts:{claimant}") and p.money.minor > 0
    )
    return _claim_step(desk, form.claim, lambda k, day: claims.PayAward(day, form.payment, ours))


def withdraw_claim(desk: Desk, form: WithdrawClaim) -> Done | Refusal:
    """The claimant gives up."""
    return _claim_step(desk, form.claim, lambda k, day: claims.Withdraw(day, form.member))


def _claim_step(
    desk: Desk, claim: str, command: Callable[[KeptClaim, date], claims.Command]
) -> Done | Refusal:
    def step(kept: KeptClaim) -> Change[KeptClaim] | Refusal:
        outcome = claims_kept.act(kept, command(kept, kept.calendar.day_of(desk.at)), desk.at)
        return as_told(outcome) if isinstance(outcome, Refusal) else outcome

    return kept_or_refused(desk, loaded(desk, KeptClaim, claim, None), "claim", step)


def as_told(refusal: Refusal) -> Refusal:
    """A refusal of the money's own rules, its words as they are: they hold figures and names already."""
    return Refusal(refusal.code, "The rules say: {said}", {"said": refusal.words}, refusal.cause)


def run_clocks(desk: Desk) -> int:
    """Name the clocks of claims that have run out."""
    entries: list[Entry] = []
    for kept in desk.all(KeptClaim, due_before=desk.at + TICK):
        change = claims_kept.catch_up(kept.state, desk.at)
        if change.entries:
            desk.keep(kept.id, Change(change.state, ()), kept)
            entries += change.entries
    return record_in_order(desk, entries)


def pairs(lines: tuple[str, ...]) -> Mapping[str, str]:
    """What stands before and after the semicolon of each line."""
    parted = (line.partition(";") for line in lines)
    return {first.strip(): second.strip() for first, _, second in parted}


def _no_hash(given: str) -> Refusal:
    return Refusal(
        "duties.evidence", "'{given}' is no SHA-256; give the 64 hexadecimal digits of the document.",
        {"given": given},
    )  # fmt: skip


COMMANDS: tuple[Command[Any], ...] = (
    Command("money.post", Post, post, OFFICE),
    Command("money.pay", PayOut, pay_out, OFFICE, two_people=True),
    Command("money.register-statement", RegisterStatement, register_statement, OFFICE),
    Command("money.file-claim", FileClaim, file_claim, CLAIM_RIGHT),
    Command("money.claim-evidence", AddClaimEvidence, add_claim_evidence, CLAIM_RIGHT),
    Command("money.claim-panel", SeatClaimPanel, seat_claim_panel, PANEL_RIGHT),
    Command("money.claim-decide", DecideClaim, decide_claim, PANEL_RIGHT, two_people=True),
    Command("money.claim-pay", PayAward, pay_award, OFFICE, two_people=True),
    Command("money.claim-withdraw", WithdrawClaim, withdraw_claim, CLAIM_RIGHT),
)
TICKS = (run_clocks,)


def opening(desk: Desk, opened: Opening) -> None:
    """The money files of the folder."""
    take_over(desk, opened)
