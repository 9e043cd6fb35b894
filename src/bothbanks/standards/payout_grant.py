"""Statements and terms of outcome grants as JSON that anybody can recompute and hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from bothbanks.civic.finance.claims import Route
from bothbanks.civic.finance.outcome_grants import (
    Band,
    Formula,
    GrantResult,
    GrantTerms,
    Linear,
    Progressive,
    Reached,
    Steps,
)
from bothbanks.standards.payout_data import DataFile
from bothbanks.standards.payout_json import (
    GRANT_STATEMENT_FORMAT,
    GRANT_TERMS_FORMAT,
    Json,
    amounts_json,
    data_json,
    files_json,
    number,
    number_text,
    read_data_file,
    sha256,
)
from bothbanks.words.errors import InputError
from bothbanks.words.money import minor_digits

_DAYS = ("file_days", "evidence_days", "panel_days", "decide_days", "panel_size")


@dataclass(frozen=True)
class GrantText:
    """What terms say in words, by language where it is a mapping: no number follows from it."""

    region: str
    indicator: str
    name: Mapping[str, str]
    about: Mapping[str, str] = field(default_factory=dict)
    funder: Mapping[str, str] = field(default_factory=dict)


def grant_terms_document(terms: GrantTerms, data: DataFile, text: GrantText) -> Json:
    """The terms of a grant with how its file is read: what a member needs besides the data.

    Raises
    ------
    InputError
        The terms say nothing of disputes.
    """
    return {
        "format": GRANT_TERMS_FORMAT,
        "region": text.region,
        "id": terms.id,
        "name": dict(text.name),
        "about": dict(text.about),
        "funder": dict(text.funder),
        "indicator": text.indicator,
        "unit": terms.unit,
        "better": terms.better,
        "aggregate": terms.aggregate,
        "baseline": number_text(terms.baseline),
        "pays": _formula_json(terms.formula),
        "currency": terms.currency,
        "price_year": terms.price_year,
        "floor": terms.floor_minor,
        "cap": terms.cap_minor,
        "shares": {m: number_text(s) for m, s in terms.shares.items()},
        "members": list(terms.shares),
        "verifier": terms.verifier,
        "period": _period_json(terms),
        "least_count": terms.least_count,
        "dispute": _dispute_json(terms),
        "data": data_json(data),
    }


def read_grant_terms(document: Json) -> tuple[GrantTerms, DataFile]:
    """Terms and file, from a document that ``parse`` let through.

    Raises RangeError or InputError for terms that can't be (a floor above the cap, shares that are not 1).
    """
    shares = document["shares"]
    if sorted(document["members"]) != sorted(shares):
        raise InputError(
            "payout.form", f"the terms list members {document['members']}, but shares of {list(shares)}."
        )
    currency = document["currency"]
    terms = GrantTerms(
        id=document["id"],
        unit=document["unit"],
        better=document["better"],
        aggregate=document["aggregate"],
        baseline=number(document["baseline"]),
        formula=_formula(document["pays"]),
        minor_digits=minor_digits(currency),
        floor_minor=document["floor"],
        cap_minor=document["cap"],
        currency=currency,
        price_year=document["price_year"],
        shares={m: number(shares[m]) for m in document["members"]},
        verifier=document["verifier"],
        start=_day(document["period"]["start"]),
        end=_day(document["period"]["end"]),
        least_count=document["least_count"],
        dispute=_route(document["dispute"], currency),
    )
    return terms, read_data_file(document["data"])


def grant_statement_document(
    result: GrantResult,
    terms: GrantTerms,
    terms_file: tuple[str, bytes],
    data_files: Mapping[str, bytes],
    *,
    region: str,
    decision: str,
    stated_on: str | None,
    version: str,
) -> Json:
    """The statement of a grant: what was read (by hash), measured against the baseline, due to whom.

    ``stated_on`` is the day (YYYY-MM-DD) from which the days to dispute run.

    Raises
    ------
    InputError
        The result has no measured value, or ``stated_on`` is no day, or one before the period's end.
    """
    if result.measured is None or result.outcome is None or result.first is None or result.last is None:
        raise InputError("grant.no-data", f"grant '{terms.id}' has no measured value, so nothing is stated.")
    name, data = terms_file
    dispute = _dispute_json(terms)
    return {
        "format": GRANT_STATEMENT_FORMAT,
        "region": region,
        "grant": {"id": terms.id, "file": name, "sha256": sha256(data)},
        "decision": decision,
        "stated_on": stated_on,
        "currency": terms.currency,
        "price_year": terms.price_year,
        "period": _period_json(terms),
        "data": files_json(data_files),
        "verifier": terms.verifier,
        "observations": {
            "counted": result.counted,
            "needed": terms.least_count,
            "set_aside": result.set_aside,
            "first": result.first.isoformat(),
            "last": result.last.isoformat(),
        },
        "unit": terms.unit,
        "better": terms.better,
        "baseline": number_text(terms.baseline),
        "measured": number_text(result.measured),
        "outcome": number_text(result.outcome),
        "verdict": result.verdict,
        "floor": terms.floor_minor,
        "cap": terms.cap_minor,
        "due": amounts_json(result.due),
        "dispute": dispute,
        "dispute_until": None if stated_on is None else _until(stated_on, terms, dispute["file_days"]),
        "software": {"name": "bothbanks", "version": version},
    }


def _period_json(terms: GrantTerms) -> Json:
    return {"start": terms.start.isoformat(), "end": terms.end.isoformat()}


def _dispute_json(terms: GrantTerms) -> Json:
    route = terms.dispute
    if route is None:
        raise InputError(
            "grant.dispute", f"grant '{terms.id}' does not say how its amount is disputed; add its dispute."
        )
    return {"article": route.article, **{d: getattr(route, d) for d in _DAYS}, "cap": route.cap_minor}


def _route(dispute: Json, currency: str) -> Route:
    return Route(
        "outcome-grant",
        dispute["article"],
        dispute["file_days"],
        dispute["evidence_days"],
        dispute["panel_days"],
        dispute["decide_days"],
        dispute["panel_size"],
        dispute["cap"],
        currency,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("payout.time", f"'{text}' is no day of the calendar (YYYY-MM-DD).") from None


def _until(stated_on: str, terms: GrantTerms, days: int) -> str:
    """Last day to file a dispute; the rule of ``civic.finance.claims``."""
    first = _day(stated_on)
    if first < terms.end:
        raise InputError(
            "grant.early",
            f"a statement of {stated_on} of grant '{terms.id}', whose period ends on {terms.end}: what is "
            "measured until then would be left out. State it on that day or later.",
        )
    try:
        return (first + timedelta(days=days)).isoformat()
    except OverflowError:
        raise InputError(
            "payout.time", f"{days} days after {stated_on} are beyond the calendar; is it the day meant?"
        ) from None


def _formula_json(formula: Formula) -> Json:
    if isinstance(formula, Linear):
        return {"price": number_text(formula.price)}
    if isinstance(formula, Progressive):
        return {"bands": [_texts(start=b.start, price=b.price) for b in formula.bands]}
    return {"steps": [_texts(at_least=s.at_least, amount=s.amount) for s in formula.steps]}


def _texts(**numbers: Fraction) -> Json:
    return {name: number_text(x) for name, x in numbers.items()}


def _formula(pays: Json) -> Formula:
    if "price" in pays:
        return Linear(number(pays["price"]))
    if "bands" in pays:
        return Progressive(tuple(Band(number(b["start"]), number(b["price"])) for b in pays["bands"]))
    return Steps(tuple(Reached(number(s["at_least"]), number(s["amount"])) for s in pays["steps"]))
