"""A step of a purchase as a release of OCDS 1.1.5, and releases as a package.

Several buyers: each is a party with the role ``buyer``; ``buyer`` itself is the lead, and
``procuringEntity`` is who runs the purchase. Shares are the budget breakdown, and each payment is one
transaction a buyer. The one law named is ``tender.crossBorderLaw``. Two published extensions are used: budget
breakdown, and legal basis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from bothbanks.civic.finance.applicable_law import BY_AGREEMENT, BY_ENTITY, ApplicableLaw, Buyer
from bothbanks.civic.finance.procurement_steps import (
    Amendment,
    Contract,
    Entry,
    Item,
    Payment,
    Purchase,
    Supplier,
    Tender,
    Words,
)
from bothbanks.civic.finance.threshold_tables import UNION

_EXTENSIONS = "https://raw.githubusercontent.com/open-contracting-extensions"
EXTENSIONS = (
    f"{_EXTENSIONS}/ocds_budget_breakdown_extension/master/extension.json",
    f"{_EXTENSIONS}/ocds_legalBasis_extension/master/extension.json",
)
DIRECTIVE = {
    "scheme": "CELEX",
    "id": "32014L0024",
    "description": "Directive 2014/24/EU",
}
SOCIAL = "socialServices"
"""Additional category of social and other specific services, which OCDS counts as services."""


def release(entry: Entry) -> dict[str, Any]:
    """The release of one step: who takes part so far, and the sections that the step changed."""
    p = entry.purchase
    out: dict[str, Any] = {
        "ocid": p.ocid,
        "id": entry.release,
        "date": _moment(entry.when),
        "tag": [entry.tag],
        "initiationType": "tender",
        "language": p.language,
        "parties": _parties(p),
        "buyer": _reference(next(b for b in p.buyers if b.id == p.lead)),
    }
    if "planning" in entry.touched:
        out["planning"] = _planning(p)
    if "tender" in entry.touched:
        out["tender"] = _tender(p)
    if "awards" in entry.touched and p.award is not None:
        out["awards"] = [_award(p)]
    if "contracts" in entry.touched and p.contract is not None:
        out["contracts"] = [_contract(p, p.contract)]
    return out


def package(
    releases: Sequence[Mapping[str, Any]], uri: str, publisher: str, published: str, licence: str = ""
) -> dict[str, Any]:
    """A release package; ``published`` is an RFC 3339 instant, such as the date of the last release."""
    out: dict[str, Any] = {
        "uri": uri,
        "version": "1.1",
        "publishedDate": published,
        "publisher": {"name": publisher},
        "extensions": list(EXTENSIONS),
        "releases": list(releases),
    }
    if licence:
        out["license"] = licence
    return out


def law_words(law: ApplicableLaw) -> str:
    """The law named, as ``crossBorderLaw`` says it: its code first, then why.

    >>> law_words(ApplicableLaw("NL", "39(4)", "lead-buyer", "compact article 7", ("BE",)))
    'NL: named under Article 39(4) of Directive 2014/24/EU by compact article 7 (rule: lead-buyer)'
    """
    if law.basis in (BY_AGREEMENT, BY_ENTITY):
        return (
            f"{law.law}: named under Article {law.basis} of Directive 2014/24/EU by {law.agreement} "
            f"(rule: {law.rule})"
        )
    return f"{law.law}: all buyers are of this country"


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _money(purchase: Purchase, minor: int) -> dict[str, Any]:
    whole, cents = divmod(minor, 100)
    return {"amount": minor / 100 if cents else whole, "currency": purchase.currency}


def _words(name: str, words: Words, language: str) -> dict[str, str]:
    """The text in the release's language, and in the others as ``<name>_<code>``."""
    out = {name: words[language]} if language in words else {}
    others = sorted(code for code in words if code not in (language, ""))
    return out | {f"{name}_{code}": words[code] for code in others}


def _reference(who: Buyer | Supplier) -> dict[str, str]:
    return {"id": who.id, "name": who.name}


def _manager(purchase: Purchase) -> dict[str, str]:
    if purchase.law.basis == BY_ENTITY and purchase.entity is not None:
        return {"id": purchase.entity.id, "name": purchase.entity.name}
    return _reference(next(b for b in purchase.buyers if b.id == purchase.lead))


def _parties(purchase: Purchase) -> list[dict[str, Any]]:
    roles: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    countries = {b.id: b.country for b in purchase.buyers}

    def take(who: Mapping[str, str], role: str) -> None:
        names.setdefault(who["id"], who["name"])
        roles.setdefault(who["id"], []).append(role)

    for buyer in purchase.buyers:
        take(_reference(buyer), "buyer")
    take(_manager(purchase), "procuringEntity")
    if purchase.award is not None:
        for firm in purchase.award.tenderers:
            take(_reference(firm), "tenderer")
        take(_reference(purchase.award.winner), "supplier")
    if purchase.payments and purchase.award is not None:
        for buyer in purchase.buyers:
            take(_reference(buyer), "payer")
        take(_reference(purchase.award.winner), "payee")
    out = []
    for who, has in roles.items():
        party: dict[str, Any] = {"id": who, "name": names[who], "roles": has}
        if who in countries:
            party["address"] = {"countryName": _country(countries[who])}
        out.append(party)
    return out


def _country(code: str) -> str:
    from babel import Locale

    return str(Locale("en").territories.get(code, code))


def _planning(purchase: Purchase) -> dict[str, Any]:
    parts = purchase.part_of(purchase.budget)
    budget: dict[str, Any] = {
        "amount": _money(purchase, purchase.budget),
        "budgetBreakdown": [
            {"id": b.id, "amount": _money(purchase, parts[b.id]), "sourceParty": _reference(b)}
            for b in purchase.buyers
        ],
    }
    if purchase.decision:
        budget["description"] = f"Decision: {purchase.decision}"
    return {**_words("rationale", purchase.rationale, purchase.language), "budget": budget}


def _tender(purchase: Purchase) -> dict[str, Any]:
    out: dict[str, Any] = {
        "id": f"{purchase.ocid}-tender",
        **_words("title", purchase.title, purchase.language),
        "status": "planned",
        "procuringEntity": _manager(purchase),
        "mainProcurementCategory": "services" if purchase.kind == "social" else purchase.kind,
        "crossBorderLaw": law_words(purchase.law),
        "value": _money(purchase, purchase.budget),
        "items": [_item(i, purchase.language) for i in purchase.items],
    }
    if purchase.kind == "social":
        out["additionalProcurementCategories"] = [SOCIAL]
    if not purchase.items:
        del out["items"]
    if purchase.cancelled_because:
        out |= {"status": "cancelled", "description": f"Cancelled: {purchase.cancelled_because}"}
    if purchase.tender is not None:
        out |= _open_tender(purchase, purchase.tender)
    if purchase.award is not None:
        out["numberOfTenderers"] = len(purchase.award.tenderers)
        out["tenderers"] = [_reference(s) for s in purchase.award.tenderers]
    return out


def _open_tender(purchase: Purchase, tender: Tender) -> dict[str, Any]:
    out: dict[str, Any] = {
        "status": tender.status,
        "value": _money(purchase, tender.estimate),
        "procurementMethod": tender.method,
        "procurementMethodDetails": f"The joint value asks for: {tender.procedure} (law: {purchase.law.law})",
        "awardCriteria": tender.criteria,
        "tenderPeriod": {"startDate": _moment(tender.opens), "endDate": _moment(tender.closes)},
    }
    if tender.electronic:
        out["submissionMethod"] = ["electronicSubmission"]
    if tender.procedure == UNION:
        out["legalBasis"] = DIRECTIVE
    if tender.reason:
        out["procurementMethodRationale"] = tender.reason
    if tender.works_from is not None and tender.works_to is not None:
        out["contractPeriod"] = {"startDate": _day(tender.works_from), "endDate": _day(tender.works_to)}
    if tender.amendments:
        out["amendments"] = [_amendment(a) for a in tender.amendments]
    return out


def _item(item: Item, language: str) -> dict[str, Any]:
    return {
        "id": item.id,
        **_words("description", item.description, language),
        "classification": {"scheme": item.scheme, "id": item.code},
        "quantity": item.quantity,
        "unit": {"name": item.unit},
    }


def _amendment(amendment: Amendment) -> dict[str, Any]:
    return {
        "id": amendment.id,
        "date": _moment(amendment.when),
        "rationale": amendment.reason,
        "amendsReleaseID": amendment.before,
        "releaseID": amendment.release,
    }


def _award(purchase: Purchase) -> dict[str, Any]:
    award = purchase.award
    assert award is not None
    return {
        "id": f"{purchase.ocid}-award",
        **_words("title", purchase.title, purchase.language),
        "status": "active",
        "date": _moment(award.when),
        "value": _money(purchase, award.value),
        "suppliers": [_reference(award.winner)],
    }


def _contract(purchase: Purchase, contract: Contract) -> dict[str, Any]:
    out: dict[str, Any] = {
        "id": f"{purchase.ocid}-contract",
        "awardID": f"{purchase.ocid}-award",
        **_words("title", purchase.title, purchase.language),
        "status": contract.status,
        "period": {"startDate": _day(contract.starts), "endDate": _day(contract.ends)},
        "value": _money(purchase, contract.value),
        "dateSigned": _moment(contract.signed),
    }
    if contract.ended_because:
        out["description"] = f"Ended: {contract.ended_because}"
    if contract.amendments:
        out["amendments"] = [_amendment(a) for a in contract.amendments]
    implementation: dict[str, Any] = {}
    if purchase.payments:
        implementation["transactions"] = [
            t for payment in purchase.payments for t in _transactions(purchase, payment)
        ]
    if contract.milestones:
        implementation["milestones"] = [
            {
                "id": m.id,
                "title": m.title,
                "type": "delivery",
                "dueDate": _day(m.due),
                "status": "scheduled" if m.met is None else "met",
                **({} if m.met is None else {"dateMet": _day(m.met)}),
            }
            for m in contract.milestones
        ]
    if implementation:
        out["implementation"] = implementation
    return out


def _transactions(purchase: Purchase, payment: Payment) -> list[dict[str, Any]]:
    """One transaction a buyer; together the payment, to the cent."""
    assert purchase.award is not None
    return [
        {
            "id": f"payment-{payment.number}-{buyer.id}",
            "date": _moment(payment.when),
            "value": _money(purchase, payment.parts[buyer.id]),
            "payer": _reference(buyer),
            "payee": _reference(purchase.award.winner),
        }
        for buyer in purchase.buyers
        if payment.parts[buyer.id]
    ]
