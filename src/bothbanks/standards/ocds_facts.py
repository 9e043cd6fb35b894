"""What the red flags need to know, taken from a contracting process as published.

The law is read from ``tender.crossBorderLaw`` where a known regime stands at its head, or given by the
reader; its thresholds and least days then come from the tables of ``civic.finance``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bothbanks.civic.finance.red_flags import AwardFacts, ContractFacts, Facts
from bothbanks.civic.finance.threshold_tables import ELECTRONIC_DAYS, UNION
from bothbanks.civic.finance.thresholds import regimes, ruling, steps
from bothbanks.standards.ocds import Process
from bothbanks.standards.ocds_conflicts import moment
from bothbanks.standards.ocds_release import SOCIAL
from bothbanks.words.errors import BothbanksError

_LAW = re.compile(r"([A-Z]{2}(?:-[A-Z0-9]{1,3})?)\b")


def law_of(compiled: Mapping[str, Any]) -> str:
    """Code of the regime that the tender names; '' where it names none that is known.

    >>> law_of({"tender": {"id": "1", "crossBorderLaw": "NL: named under Article 39(4) ..."}})
    'NL'
    """
    found = _LAW.match(str((compiled.get("tender") or {}).get("crossBorderLaw") or ""))
    return found[1] if found and found[1] in regimes() else ""


def facts(process: Process, law: str = "") -> Facts:
    """The facts of one process; what was not published is None or empty.

    Parameters
    ----------
    law : regime to use where the data names none (``NL``, ``DE-NW``)
    """
    release = process.compiled
    tender = release.get("tender") or {}
    period = tender.get("tenderPeriod") or {}
    estimate = _amount(tender.get("value"))
    opens = _instant(period.get("startDate"))
    kind = str(tender.get("mainProcurementCategory") or "")
    first = _first_values(process)
    day = opens.date() if opens is not None else None
    least: float | None = None
    thresholds: tuple[float, ...] = ()
    named = law_of(release) or law
    if named and kind and day is not None:
        rules = "social" if SOCIAL in (tender.get("additionalProcurementCategories") or ()) else kind
        least, thresholds = _rules(named, rules, estimate, day, tender)
    return Facts(
        ocid=process.ocid,
        title=str(tender.get("title") or ""),
        buyers=_buyers(release),
        kind=kind,
        method=str(tender.get("procurementMethod") or ""),
        currency=str((tender.get("value") or {}).get("currency") or ""),
        classes=tuple(dict.fromkeys(_classes(release))),
        opens=opens,
        closes=_instant(period.get("endDate")),
        estimate=estimate,
        tenderers=_tenderers(tender),
        awards=tuple(
            AwardFacts(
                str(a["id"]),
                tuple(str(s.get("id") or s.get("name")) for s in a.get("suppliers") or ()),
                _amount(a.get("value")),
            )
            for a in release.get("awards") or ()
            if a.get("status") not in ("cancelled", "unsuccessful")
        ),
        contracts=tuple(
            ContractFacts(
                str(c["id"]), str(c.get("awardID")), first.get(str(c["id"])), _amount(c.get("value"))
            )
            for c in release.get("contracts") or ()
            if c.get("status") != "cancelled"
        ),
        least_days=least,
        thresholds=thresholds,
    )


def _rules(
    law: str, kind: str, estimate: float | None, day: Any, tender: Mapping[str, Any]
) -> tuple[float | None, tuple[float, ...]]:
    """Least days where they are published, and the values at which the procedure changes."""
    try:
        bands = steps(law, kind, day)
        step = ruling(law, kind, estimate, day).step if estimate else None
    except BothbanksError:  # no threshold on file for that day, or a value that is none
        return None, ()
    limits = tuple(s.below for s in bands[:-1])
    if step is None or step.tender_days is None or step.time_source == "assumed":
        return None, limits
    electronic = "electronicSubmission" in (tender.get("submissionMethod") or ())
    saved = ELECTRONIC_DAYS if electronic and step.procedure == UNION else 0
    return float(step.tender_days - saved), limits


def _first_values(process: Process) -> dict[str, float]:
    """Contract -> the first value it was published with; from its releases, else from the versioned one."""
    out: dict[str, float] = {}
    for release in process.releases:
        for contract in release.data.get("contracts") or ():
            amount = _amount(contract.get("value"))
            if amount is not None:
                out.setdefault(str(contract["id"]), amount)
    if not process.releases and process.versioned is not None:
        for contract in process.versioned.get("contracts") or ():
            history = (contract.get("value") or {}).get("amount") or ()
            if history and isinstance(history[0], Mapping):
                out[str(contract["id"])] = float(history[0]["value"])
    return out


def _buyers(release: Mapping[str, Any]) -> tuple[str, ...]:
    named = [str(p.get("id") or p.get("name")) for p in release.get("parties") or () if "buyer" in _roles(p)]
    lead = release.get("buyer") or {}
    if lead.get("id") or lead.get("name"):
        named.append(str(lead.get("id") or lead.get("name")))
    return tuple(dict.fromkeys(named))


def _roles(party: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(party.get("roles") or ())


def _tenderers(tender: Mapping[str, Any]) -> int | None:
    if tender.get("numberOfTenderers") is not None:
        return int(tender["numberOfTenderers"])
    return len(tender["tenderers"]) if tender.get("tenderers") else None


def _classes(release: Mapping[str, Any]) -> Iterator[str]:
    places = [release.get("tender") or {}, *(release.get("awards") or ()), *(release.get("contracts") or ())]
    for place in places:
        for item in place.get("items") or ():
            code = (item.get("classification") or {}).get("id")
            if code:
                yield str(code)


def _amount(value: Any) -> float | None:
    if isinstance(value, Mapping) and value.get("amount") is not None:
        return float(value["amount"])
    return None


def _instant(text: Any) -> Any:
    return None if not text else moment(text)
