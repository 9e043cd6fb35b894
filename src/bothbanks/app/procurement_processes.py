"""One purchase as a finding: from what was decided here, or from what others published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bothbanks.analysis.findings.procurement import (
    BandFinding,
    BuyerFinding,
    FlagFinding,
    ProcessFinding,
    StepFinding,
)
from bothbanks.civic.finance.applicable_law import BY_ENTITY
from bothbanks.civic.finance.procurement_steps import CANCELLED, Entry, Purchase
from bothbanks.civic.finance.red_flags import Facts
from bothbanks.civic.finance.threshold_tables import NationalRule
from bothbanks.civic.finance.thresholds import Together, steps, together, unclear
from bothbanks.standards.ocds import Process
from bothbanks.standards.ocds_conflicts import moment


def own(
    purchase: Purchase,
    entries: Sequence[Entry],
    process: Process,
    flags: tuple[FlagFinding, ...],
    agreement: Mapping[str, str],
) -> ProcessFinding:
    """A purchase decided in the region's folder, under an agreement named by language."""
    tender, award, contract = purchase.tender, purchase.award, purchase.contract
    estimate = purchase.budget if tender is None else tender.estimate
    day = (purchase.last if tender is None else tender.opens).date()
    parts = purchase.part_of(estimate)
    values = {b: cents / 100 for b, cents in parts.items()}
    regime_of = {b.id: b.regime for b in purchase.buyers}
    found = together(values, regime_of, purchase.law.law, purchase.kind, day)
    manager = purchase.lead
    if purchase.law.basis == BY_ENTITY and purchase.entity is not None:
        manager = purchase.entity.name
    return ProcessFinding(
        ocid=purchase.ocid,
        title=purchase.title,
        own=True,
        file=process.releases[0].file,
        kind=purchase.kind,
        stage=purchase.stage,
        buyers=_buyers(purchase, values, found),
        lead=purchase.lead,
        manager=manager,
        currency=purchase.currency,
        estimate=estimate / 100,
        method=tender.method if tender else "",
        opens=tender.opens.date() if tender else None,
        closes=tender.closes.date() if tender else None,
        tenderers=len(award.tenderers) if award else None,
        winner=award.winner.name if award else "",
        award=award.value / 100 if award else None,
        contract_first=contract.first_value / 100 if contract else None,
        contract=contract.value / 100 if contract else None,
        paid=purchase.paid / 100,
        steps=tuple(StepFinding(e.when.date(), e.tag, e.release) for e in entries),
        flags=flags,
        law=purchase.law.law,
        basis=purchase.law.basis,
        rule=purchase.law.rule,
        agreement=agreement if purchase.law.agreement else {},
        asked=found.joint.step.procedure,
        union_threshold=found.joint.union_threshold,
        passes_only_together=found.passes_only_together and purchase.stage != CANCELLED,
        shown={r: ruling.step.procedure for r, ruling in found.shown.items()},
        bands=bands((purchase.law.law, *purchase.law.others), purchase.kind, day),
    )


def _buyers(purchase: Purchase, values: Mapping[str, float], found: Together) -> tuple[BuyerFinding, ...]:
    return tuple(
        BuyerFinding(
            b.id, b.name, b.regime, float(purchase.shares[b.id]), values[b.id],
            found.alone[b.id].step.procedure, purchase.paid_by(b.id) / 100,
        )
        for b in purchase.buyers
    )  # fmt: skip


def bands(regimes: Sequence[str], kind: str, day: date) -> tuple[BandFinding, ...]:
    """The bands of values of each regime on a day; rules that sources disagree about last, marked unused."""
    out: list[BandFinding] = []
    for regime in dict.fromkeys(regimes):
        out += [
            BandFinding(
                regime, s.above, s.below, s.procedure, s.offers, s.tender_days, s.standstill_days, s.mark,
                s.source, s.time_source, s.note, True,
            )
            for s in steps(regime, kind, day)
        ]  # fmt: skip
        out += [_unused(rule) for rule in unclear(regime, kind, day)]
    return tuple(out)


def _unused(rule: NationalRule) -> BandFinding:
    below = float("inf") if rule.below is None else rule.below
    return BandFinding(
        rule.regime, 0.0, below, rule.procedure, rule.offers, None, None, rule.mark, rule.source, "",
        rule.note, False,
    )  # fmt: skip


def foreign(process: Process, flags: tuple[FlagFinding, ...], facts: Facts) -> ProcessFinding:
    """A process read from others' files: only what they published."""
    release = process.compiled
    tender = release.get("tender") or {}
    names = {str(p.get("id")): str(p.get("name") or p.get("id")) for p in release.get("parties") or ()}
    lead = str((release.get("buyer") or {}).get("id") or "")
    values = [a.value for a in facts.awards if a.value is not None]
    first = [c.first_value for c in facts.contracts if c.first_value is not None]
    now = [c.value for c in facts.contracts if c.value is not None]
    return ProcessFinding(
        ocid=process.ocid,
        title={"": facts.title or process.ocid},
        own=False,
        file=process.releases[0].file if process.releases else "",
        kind=facts.kind,
        stage=_stage(release),
        buyers=tuple(
            BuyerFinding(b, names.get(b, b), "", None, None, "", _paid(release, b)) for b in facts.buyers
        ),
        lead=lead,
        manager=str((tender.get("procuringEntity") or {}).get("name") or lead),
        currency=facts.currency or _currency(release),
        estimate=facts.estimate,
        method=facts.method,
        opens=facts.opens.date() if facts.opens else None,
        closes=facts.closes.date() if facts.closes else None,
        tenderers=facts.tenderers,
        winner=", ".join(names.get(s, s) for a in facts.awards for s in a.suppliers),
        award=sum(values) if values else None,
        contract_first=sum(first) if first else None,
        contract=sum(now) if now else None,
        paid=_paid(release, None),
        steps=tuple(
            StepFinding(moment(r.data["date"]).date(), str(r.data["tag"][0]), r.id) for r in process.releases
        ),
        flags=flags,
    )


def _stage(release: Mapping[str, Any]) -> str:
    """How far it has come, by what was published."""
    contracts = [c.get("status") for c in release.get("contracts") or ()]
    if contracts:
        return "complete" if all(s == "terminated" for s in contracts) else "contracted"
    if release.get("awards"):
        return "awarded"
    status = (release.get("tender") or {}).get("status")
    return {
        "active": "tendering",
        "complete": "tendering",
        "cancelled": "cancelled",
        "unsuccessful": "cancelled",
        "withdrawn": "cancelled",
    }.get(str(status), "planned")


def _payments(release: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        payment
        for contract in release.get("contracts") or ()
        for payment in (contract.get("implementation") or {}).get("transactions") or ()
    ]


def _paid(release: Mapping[str, Any], buyer: str | None) -> float:
    paid = sum(
        (p.get("value") or {}).get("amount") or 0.0
        for p in _payments(release)
        if buyer is None or (p.get("payer") or {}).get("id") == buyer
    )
    return round(float(paid), 2)


def _currency(release: Mapping[str, Any]) -> str:
    for place in (*(release.get("awards") or ()), *(release.get("contracts") or ())):
        found = (place.get("value") or {}).get("currency")
        if found:
            return str(found)
    return ""
