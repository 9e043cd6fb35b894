"""The first import of a folder's money: ``finance/`` becomes objects and entries, its references checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from bothbanks.app.partnership.desk import Desk, Reader
from bothbanks.app.partnership.opening import Opening
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.legal import PROCUREMENT, LegalRule, Subject
from bothbanks.civic.finance import procurement_steps
from bothbanks.civic.finance.booked import BuyingRules, GrantHeld, MoneyFile
from bothbanks.civic.finance.ledger import Entry as LedgerEntry
from bothbanks.civic.finance.procurement_steps import Purchase
from bothbanks.civic.finance.procurement_taken import KeptPurchase
from bothbanks.record.entries import Entry
from bothbanks.region.compact.agreement import AgreementSettings
from bothbanks.region.compact.duties import DutiesSettings
from bothbanks.region.compact.duties_references import check_journal
from bothbanks.region.finance.grants import GrantsSettings
from bothbanks.region.finance.journal import has_journal, read_journal
from bothbanks.region.finance.procurement import ProcurementSettings
from bothbanks.region.finance.purchases import cents, history, plan_of, steps_of
from bothbanks.region.problems import Problems
from bothbanks.words.errors import RegionError

BASIS_RISK = "basis-risk"
"""Id under which the route of claims against triggers is kept."""
RULES = "buying"  # the one object of its kind
TEXTS = (".toml", ".csv", ".json", ".md")


def take_over(desk: Desk, opened: Opening) -> None:
    """Everything of ``finance/``.

    Raises
    ------
    RegionError
        An entry names an article or decision that there is not, or a purchase runs under a law that the
        legal matrix does not know; every problem is listed with its file, record and field.
    """
    problems = Problems()
    _files(desk, opened)
    _ledger(desk, opened, problems)
    _grants(desk, opened)
    _purchases(desk, opened, problems)
    if len(problems):
        raise RegionError(problems.listed())


def _files(desk: Desk, opened: Opening) -> None:
    root = opened.region.path
    for path in sorted(p for p in (root / "finance").rglob("*") if p.is_file()):
        data = path.read_bytes()
        shown = path.relative_to(root).as_posix()
        text = data.decode("utf-8") if path.suffix in TEXTS else ""
        kept = MoneyFile(shown, hashlib.sha256(data).hexdigest(), text)
        told = Entry("money.file-registered", f"money-file/{shown}", {"path": shown, "sha256": kept.sha256})
        desk.keep(shown, Change(kept, (told,)), None)


def _ledger(desk: Desk, opened: Opening, problems: Problems) -> None:
    region = opened.region
    if not has_journal(region.path):
        return
    journal = read_journal(region.path, tuple(desk.region.members))
    duties, agreement = region.compact.get("duties"), region.compact.get("agreement")
    if isinstance(duties, DutiesSettings) and isinstance(agreement, AgreementSettings):
        decisions = {d.id for d in duties.decisions}
        check_journal(journal.entries, {a.id for a in agreement.articles}, decisions, problems)
    for entry in journal.entries:
        desk.keep(entry.id, Change(entry, (entry_body(entry),)), None)


def entry_body(entry: LedgerEntry) -> Entry:
    """What the record keeps of a line of the ledger: all of it."""
    body: dict[str, Any] = {
        "day": entry.day.isoformat(),
        "decision": entry.decision,
        "article": entry.article,
        "text": entry.text,
        "reverses": entry.reverses,
        "postings": [
            {
                "account": p.account,
                "minor": p.money.minor,
                "currency": p.money.currency,
                "price_year": p.money.price_year,
            }
            for p in entry.postings
        ],
    }
    if entry.rate is not None:
        rate = entry.rate
        body["rate"] = {"value": str(rate.value), "day": rate.day.isoformat(), "source": rate.source}
    return Entry("money.booked", f"ledger-entry/{entry.id}", body)


def _grants(desk: Desk, opened: Opening) -> None:
    region = opened.region
    found = region.finance.get("grants")
    account = region.settings
    for g in found.grants if isinstance(found, GrantsSettings) else ():
        terms = g.terms(account.currency, account.price_year, Fraction(0))
        assert terms.dispute is not None
        held = GrantHeld(
            g.id, dict(g.name), dict(g.funder), terms.cap_minor, terms.currency, g.verifier, g.start, g.end,
            tuple(g.shares), terms.dispute,
        )  # fmt: skip
        _keep_grant(desk, held)
    duties = region.compact.get("duties")
    if isinstance(duties, DutiesSettings) and BASIS_RISK in duties.claims:
        route = duties.claims[BASIS_RISK].route(BASIS_RISK)
        held = GrantHeld(
            BASIS_RISK, {}, {}, route.cap_minor, route.currency, "", opened.at.date(), opened.at.date(),
            tuple(desk.region.members), route,
        )  # fmt: skip
        _keep_grant(desk, held)


def _keep_grant(desk: Desk, held: GrantHeld) -> None:
    body = {
        "article": held.route.article,
        "cap_minor": held.cap_minor,
        "currency": held.currency,
        "members": list(held.members),
    }
    desk.keep(held.id, Change(held, (Entry("money.terms", f"grant/{held.id}", body),)), None)


def _purchases(desk: Desk, opened: Opening, problems: Problems) -> None:
    region = opened.region
    settings = region.finance.get("procurement")
    if not isinstance(settings, ProcurementSettings):
        return
    first = settings.purchases[0] if settings.purchases else None
    rule = plan_of(settings, first, region.settings.id, region.members).rule if first is not None else None
    article = settings.law.article if settings.law is not None else ""
    rules = BuyingRules(
        f"{settings.ocid_prefix}-{region.settings.id}",
        rule,
        article,
        dict(settings.regimes),
        settings.language,
        dict(settings.made_up),
    )
    body = {"article": article, "law_rule": rule.rule if rule else "", "basis": rule.basis if rule else ""}
    desk.keep(RULES, Change(rules, (Entry("money.buying-rules", f"buying-rules/{RULES}", body),)), None)
    for k, p in enumerate(settings.purchases, 1):
        outcome = history(settings, p, region.settings.id, region.members)
        if isinstance(outcome, Refusal):  # told already when the folder was read
            continue
        purchase, entries = outcome
        fault = law_fault(desk, purchase)
        if fault is not None:
            problems.add("finance/procurement.toml", fault.words, "a law that compact/legal.toml knows",
                         record=f"purchases[{k}] {p.id}", field="law", code=fault.code)  # fmt: skip
        kept = KeptPurchase(p.id, purchase, cents(p.estimate), steps_of(p))
        desk.keep(p.id, Change(kept, purchase_entries(p.id, entries)), None)


def purchase_entries(id: str, steps: Iterable[procurement_steps.Entry]) -> tuple[Entry, ...]:
    """The steps for the record, each by its release."""
    return tuple(
        Entry(
            f"purchases.{s.tag}",
            f"purchase/{id}",
            {
                "release": s.release,
                "at": s.when.isoformat().replace("+00:00", "Z"),
                "stage": s.purchase.stage,
                "lead": s.purchase.lead,
                "law": s.purchase.law.law,
                "agreement": s.purchase.law.agreement,
                "decision": s.purchase.decision,
                "paid_minor": s.purchase.paid,
                "currency": s.purchase.currency,
            },
        )
        for s in steps
    )


def law_fault(reader: Reader, purchase: Purchase) -> Refusal | None:
    """A refusal where the legal matrix has rules on procurement, but none of the law that was named."""
    subjects = {k.state.id for k in reader.all(Subject) if k.state.area == PROCUREMENT}
    if not subjects:
        return None
    day = purchase.last.date()
    ruled = {
        k.state.member
        for k in reader.all(LegalRule)
        if k.state.subject in subjects and k.state.held(day) is not None
    }
    under = {b.id for b in purchase.buyers if b.regime == purchase.law.law}
    if ruled & under or not under:
        return None
    return Refusal(
        "money.law", "the legal matrix knows no procurement rule of {law} in force on {day}.",
        {"law": purchase.law.law, "day": day.isoformat()},
    )  # fmt: skip
