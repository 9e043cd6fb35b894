"""Money: balances by member and currency, statements, claims with their clocks, purchases by stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fastapi.responses import Response

from bothbanks.app.partnership.money import journal_of
from bothbanks.civic.finance.booked import BuyingRules, GrantHeld
from bothbanks.civic.finance.claims_kept import KeptClaim, Statement, clock_of
from bothbanks.civic.finance.ledger import Entry as LedgerEntry
from bothbanks.civic.finance.ledger import Journal, units
from bothbanks.civic.finance.ledger_balances import Balance, balances, branch
from bothbanks.civic.finance.procurement_taken import KeptPurchase
from bothbanks.site.area import Area
from bothbanks.site.problems import not_found
from bothbanks.site.sent import AskedDay
from bothbanks.site.visit import Visit
from bothbanks.store.interface import Kept, MissingError
from bothbanks.words.money import minor_digits

AREA = Area("money", "money", "Money")
ENTRIES_SHOWN = 20


@dataclass(frozen=True)
class BalanceOut:
    """What stands on an account in a currency, in whole minor units; positive is a debit."""

    account: str
    currency: str
    minor: int


@dataclass(frozen=True)
class PostingOut:
    """Money put to an account; positive is a debit."""

    account: str
    minor: int
    currency: str
    price_year: int


@dataclass(frozen=True)
class EntryOut:
    """An entry of the ledger."""

    id: str
    day: date
    decision: str
    article: str
    text: str
    reverses: str
    postings: list[PostingOut]


@dataclass(frozen=True)
class StatementOut:
    """A payout as it was stated."""

    id: str
    about: str
    terms: str
    article: str
    sha256: str
    stated_on: date
    claims_until: date
    due_minor: dict[str, int]
    currency: str


@dataclass(frozen=True)
class ClaimOut:
    """A claim and its clock; the people of a panel are not named."""

    id: str
    version: int
    statement: str
    claimant: str
    amount_minor: int
    currency: str
    reason: str
    state: str
    filed: date
    deadlines: dict[str, date]
    overdue: list[str]
    award_minor: int


@dataclass(frozen=True)
class PurchaseOut:
    """A joint purchase and how far it has come."""

    id: str
    version: int
    ocid: str
    title: dict[str, str]
    stage: str
    lead: str
    shares: dict[str, str]
    law: str
    agreement: str
    currency: str
    budget_minor: int
    contract_minor: int | None
    paid_minor: int
    decision: str


@dataclass(frozen=True)
class MemberRow:
    """A member's money in one currency: called, open, paid out to it; whole minor units."""

    member: str
    currency: str
    called: int
    open: int
    payouts: int


@AREA.page("/money")
def index(visit: Visit) -> Response:
    """What was called and paid, what is claimed, what is bought."""
    journal = journal_of(visit.reader)
    today = visit.reader.at.astimezone(visit.zone).date()
    found = balances(journal, today)
    rules = [k.state for k in visit.reader.all(BuyingRules)]
    return visit.show(
        "money/index.html",
        rows=member_rows(journal, found),
        banks=[b for b in found if b.account.startswith("assets:bank")],
        entries=list(reversed(journal.entries))[:ENTRIES_SHOWN],
        count=len(journal.entries),
        statements=[k.state for k in visit.reader.all(Statement)],
        claims=[(k.state, clock_of(k.state)) for k in visit.reader.all(KeptClaim)],
        purchases=[k.state for k in visit.reader.all(KeptPurchase)],
        grants=[k.state for k in visit.reader.all(GrantHeld) if k.state.name],
        amount=lambda minor, currency: amount(visit, minor, currency),
        year=today.year,
        today=today,
        made_up=rules[0].made_up if rules else {},
        claiming=visit.may_for("money.file-claim"),
    )


@AREA.page("/money/claims/{id}")
def claim(visit: Visit, id: str) -> Response:
    """One claim with its clocks."""
    kept = _load_claim(visit, id)
    return visit.show(
        "money/claim.html",
        kept=kept.state,
        claim=kept.state.claim,
        clock=clock_of(kept.state),
        amount=lambda minor, currency: amount(visit, minor, currency),
        entries=visit.reader.entries_about(f"claim/{id}"),
    )


@AREA.page("/money/purchases/{id}")
def purchase(visit: Visit, id: str) -> Response:
    """One purchase: its law, its steps, what each pays."""
    kept = _load_purchase(visit, id)
    return visit.show(
        "money/purchase.html",
        kept=kept.state,
        purchase=kept.state.purchase,
        state_version=kept.version,
        amount=lambda minor, currency: amount(visit, minor, currency),
        entries=visit.reader.entries_about(f"purchase/{id}"),
    )


@AREA.api("/money/balances", answer=list[BalanceOut])
def list_balances(visit: Visit, until: AskedDay | None = None) -> list[BalanceOut]:
    """Balances of all accounts on a day (all entries where none is given), those at 0 left out.

    In a currency never converted they add up to 0.
    """
    found = balances(journal_of(visit.reader), until)
    return [BalanceOut(b.account, b.currency, b.minor) for b in found]


@AREA.api("/money/entries", answer=list[EntryOut])
def list_entries(visit: Visit) -> list[EntryOut]:
    """The ledger, the oldest first."""
    return [_entry_out(k.state) for k in visit.reader.all(LedgerEntry)]


@AREA.api("/money/statements", answer=list[StatementOut])
def list_statements(visit: Visit) -> list[StatementOut]:
    """Payouts as they were stated."""
    return [
        StatementOut(
            k.id, k.state.about, k.state.terms, k.state.article, k.state.sha256, k.state.stated_on,
            k.state.last_day, dict(k.state.due), k.state.currency,
        )
        for k in visit.reader.all(Statement)
    ]  # fmt: skip


@AREA.api("/money/claims", answer=list[ClaimOut])
def list_claims(visit: Visit) -> list[ClaimOut]:
    """Claims and their clocks."""
    return [_claim_out(k) for k in visit.reader.all(KeptClaim)]


@AREA.api("/money/claims/{id}", answer=ClaimOut)
def get_claim(visit: Visit, id: str) -> ClaimOut:
    """One claim."""
    return _claim_out(_load_claim(visit, id))


@AREA.api("/money/purchases", answer=list[PurchaseOut])
def list_purchases(visit: Visit) -> list[PurchaseOut]:
    """Joint purchases."""
    return [_purchase_out(k) for k in visit.reader.all(KeptPurchase)]


@AREA.api("/money/purchases/{id}", answer=PurchaseOut)
def get_purchase(visit: Visit, id: str) -> PurchaseOut:
    """One purchase."""
    return _purchase_out(_load_purchase(visit, id))


def member_rows(journal: Journal, found: tuple[Balance, ...]) -> list[MemberRow]:
    """Each member's part in each currency it has one in."""
    currencies = sorted({b.currency for b in found})
    rows = [
        MemberRow(
            m,
            c,
            -branch(found, f"income:contributions:{m}", c),
            branch(found, f"assets:due:{m}", c),
            branch(found, f"expenses:payouts:{m}", c),
        )
        for m in journal.members
        for c in currencies
    ]
    return [r for r in rows if r.called or r.open or r.payouts]


def amount(visit: Visit, minor: int, currency: str) -> str:
    """'12 345,60 EUR' as the language writes it."""
    digits = minor_digits(currency)
    return f"{visit.number(float(units(minor, digits)), digits)} {currency}"


def shares_of(shares: Mapping[str, object]) -> dict[str, str]:
    """Exact shares as text."""
    return {m: str(s) for m, s in shares.items()}


def _entry_out(e: LedgerEntry) -> EntryOut:
    postings = [
        PostingOut(p.account, p.money.minor, p.money.currency, p.money.price_year) for p in e.postings
    ]
    return EntryOut(e.id, e.day, e.decision, e.article, e.text, e.reverses, postings)


def _claim_out(kept: Kept[KeptClaim]) -> ClaimOut:
    c = kept.state.claim
    return ClaimOut(
        kept.id, kept.version, kept.state.statement, c.claimant, c.amount_minor, c.route.currency, c.reason,
        c.state, c.filed, c.deadlines, list(kept.state.noted), c.award_minor,
    )  # fmt: skip


def _purchase_out(kept: Kept[KeptPurchase]) -> PurchaseOut:
    p = kept.state.purchase
    return PurchaseOut(
        kept.id, kept.version, p.ocid, dict(p.title), p.stage, p.lead, shares_of(p.shares), p.law.law,
        p.law.agreement, p.currency, p.budget, p.contract.value if p.contract else None, p.paid, p.decision,
    )  # fmt: skip


def _load_claim(visit: Visit, id: str) -> Kept[KeptClaim]:
    try:
        return visit.reader.load(KeptClaim, id)
    except MissingError:
        raise not_found() from None


def _load_purchase(visit: Visit, id: str) -> Kept[KeptPurchase]:
    try:
        return visit.reader.load(KeptPurchase, id)
    except MissingError:
        raise not_found() from None
