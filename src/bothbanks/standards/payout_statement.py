"""Statements and terms of parametric triggers as JSON that anybody can recompute and hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bothbanks.analysis.reserve.index import Window
from bothbanks.analysis.reserve.triggers import LinearPayout, Shape, Step, StepTable
from bothbanks.civic.finance.payouts import Part, PartResult, Settlement, TriggerTerms
from bothbanks.standards.payout_data import DataFile
from bothbanks.standards.payout_json import (
    STATEMENT_FORMAT,
    TERMS_FORMAT,
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

_BOUNDS = ("gt", "ge", "lt", "le")


def terms_document(
    terms: TriggerTerms, data: Mapping[str, DataFile], name: Mapping[str, str], region: str
) -> Json:
    """The terms of a trigger with how each part's file is read: what a member needs besides the data."""
    return {
        "format": TERMS_FORMAT,
        "region": region,
        "id": terms.id,
        "name": dict(name),
        "unit": terms.unit,
        "currency": terms.currency,
        "price_year": terms.price_year,
        "limit": terms.limit_minor,
        "shares": {m: number_text(s) for m, s in terms.shares.items()},
        "members": list(terms.shares),
        "cover": window_json(terms.cover),
        "waits_for": terms.waits_for,
        "article": terms.article,
        "parts": [_part_json(p, data[p.id]) for p in terms.parts],
    }


def read_terms(document: Json) -> tuple[TriggerTerms, dict[str, DataFile]]:
    """Terms and files by part, from a document that ``parse`` let through.

    Raises RangeError or InputError for terms that can't be (overlapping steps, shares that are not 1).
    """
    parts = tuple(_part(p) for p in document["parts"])
    shares = document["shares"]
    if sorted(document["members"]) != sorted(shares):
        raise InputError(
            "payout.form", f"the terms list members {document['members']}, but shares of {list(shares)}."
        )
    terms = TriggerTerms(
        id=document["id"],
        unit=document["unit"],
        currency=document["currency"],
        price_year=document["price_year"],
        limit_minor=document["limit"],
        shares={m: number(shares[m]) for m in document["members"]},
        cover=_window(document["cover"]),
        waits_for=document["waits_for"],
        parts=parts,
        article=document["article"],
    )
    return terms, {p["id"]: read_data_file(p["data"]) for p in document["parts"]}


def statement_document(
    settlement: Settlement,
    terms: TriggerTerms,
    terms_file: tuple[str, bytes],
    data_files: Mapping[str, bytes],
    *,
    region: str,
    decision: str,
    version: str,
) -> Json:
    """The statement of a settlement: what was read (by hash), what it gave, and what is due to whom."""
    name, data = terms_file
    return {
        "format": STATEMENT_FORMAT,
        "region": region,
        "trigger": {"id": terms.id, "file": name, "sha256": sha256(data), "article": terms.article},
        "decision": decision,
        "currency": terms.currency,
        "price_year": terms.price_year,
        "window": window_json(settlement.window),
        "data": files_json(data_files),
        "parts": [_result_json(p, terms.unit) for p in settlement.parts],
        "share": number_text(settlement.share),
        "status": settlement.status,
        "waiting": settlement.waiting,
        "indicated": amounts_json(settlement.indicated),
        "due": amounts_json(settlement.due),
        "software": {"name": "bothbanks", "version": version},
    }


def window_of(document: Json) -> Window:
    """The window of a statement."""
    return _window(document["window"])


def window_json(window: Window) -> Json:
    """A window as documents write it."""
    return {"start": window.start.isoformat(), "end": window.end.isoformat()}


def _window(document: Json) -> Window:
    try:
        start, end = (datetime.fromisoformat(document[k]) for k in ("start", "end"))
    except ValueError as error:
        raise InputError("payout.time", f"a window of {document}: {error}.") from None
    if start.tzinfo is not None or end.tzinfo is not None:
        raise InputError(
            "payout.time", f"the window {document} names a time zone; write times as the data file does."
        )
    return Window(start, end)


def _part_json(part: Part, data: DataFile) -> Json:
    return {
        "id": part.id,
        "place": part.place,
        "reduce": part.reduce,
        "step_hours": part.step_hours,
        "span": part.span,
        "area": [[number_text(x), number_text(y)] for x, y in part.area],
        "pays": _shape_json(part.shape),
        "data": data_json(data),
    }


def _shape_json(shape: Shape) -> Json:
    if isinstance(shape, LinearPayout):
        return {"attachment": number_text(shape.attachment), "exhaustion": number_text(shape.exhaustion)}
    steps = []
    for step in shape.steps:
        bounds = {b: number_text(x) for b in _BOUNDS if (x := getattr(step, b)) is not None}
        steps.append(bounds | {"pay": number_text(step.pay)})
    return {"steps": steps}


def _part(document: Json) -> Part:
    pays = document["pays"]
    shape: Shape
    if "steps" in pays:
        shape = StepTable(tuple(_step(s) for s in pays["steps"]))
    else:
        shape = LinearPayout(number(pays["attachment"]), number(pays["exhaustion"]))
    return Part(
        document["id"],
        document["place"],
        document["reduce"],
        shape,
        document["step_hours"],
        document["span"],
        tuple((number(x), number(y)) for x, y in document["area"]),
    )


def _step(document: Json) -> Step:
    bounds = {b: number(document[b]) for b in _BOUNDS if b in document}
    return Step(number(document["pay"]), **bounds)


def _result_json(part: PartResult, unit: str) -> Json:
    return {
        "id": part.id,
        "index": None if part.index is None else number_text(part.index),
        "unit": unit,
        "status": part.status,
        "observations": part.used,
        "step": None if part.step is None else part.step + 1,
        "share": number_text(part.share),
    }
