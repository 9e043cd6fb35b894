"""Payout statements and trigger terms as JSON that anybody can recompute and hash.

The bytes are canonical: UTF-8, keys sorted, no spaces, whole numbers only where money is counted in minor
units, every other number as text (``"0.5"``, ``"2771/3"``), so no reader can round it. This is the form of
RFC 8785 for documents without floats; keys are plain ASCII, where its order and ours agree. The published
form is ``payout.schema.json``; what breaks it is refused, all faults at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from bothbanks.analysis.reserve.index import Window
from bothbanks.analysis.reserve.triggers import LinearPayout, Shape, Step, StepTable
from bothbanks.civic.finance.payouts import Part, PartResult, Settlement, TriggerTerms
from bothbanks.standards.payout_data import DataFile
from bothbanks.words.errors import InputError

STATEMENT_FORMAT = "bothbanks-payout/1"
TERMS_FORMAT = "bothbanks-trigger/1"
Json = dict[str, Any]
_LONGEST = 400  # characters of a number
_TEXT = re.compile(r"-?\d+(\.\d+)?|-?\d+/[1-9]\d*", re.ASCII)
_BOUNDS = ("gt", "ge", "lt", "le")


@cache
def payout_schema() -> Json:
    """The JSON Schema of both documents, under ``$defs``."""
    text = files("bothbanks.standards").joinpath("payout.schema.json").read_text(encoding="utf-8")
    loaded: Json = json.loads(text)
    return loaded


def canonical(document: Json) -> bytes:
    """The bytes that are hashed and written.

    >>> canonical({"b": 1, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    return json.dumps(
        document, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode("utf-8")


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal.

    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


def parse(data: bytes, name: str, form: str) -> Json:
    """A document of one of the two formats, checked against the published form.

    Raises
    ------
    InputError
        Not UTF-8 JSON, a key twice, a float, another format, or a breach of the form (all of them listed); a
        negative amount has a code of its own.
    """

    def no_float(text: str) -> Any:
        raise InputError(
            "payout.float", f"{name} holds the number {text}; write it as text, so that nobody rounds it."
        )

    def once(pairs: list[tuple[str, Any]]) -> Json:
        keys = [k for k, _ in pairs]
        twice = sorted({k for k in keys if keys.count(k) > 1})
        if twice:
            raise InputError("payout.json", f"{name} holds the key {', '.join(twice)} twice; which counts?")
        return dict(pairs)

    try:
        document = json.loads(
            data.decode("utf-8"), parse_float=no_float, parse_constant=no_float, object_pairs_hook=once
        )
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError("payout.json", f"{name} is not JSON in UTF-8: {error}.") from None
    except RecursionError:
        raise InputError("payout.json", f"{name} is nested too deep to be a document of ours.") from None
    found = document.get("format") if isinstance(document, dict) else None
    if found != form:
        raise InputError(
            "payout.format", f"{name} has the format {found!r}; expected '{form}'. Is it another file?"
        )
    _check(document, name, form)
    return dict(document)


def _check(document: Json, name: str, form: str) -> None:
    from jsonschema import Draft202012Validator

    which = "statement" if form == STATEMENT_FORMAT else "terms"
    schema = {"$ref": f"#/$defs/{which}", "$defs": payout_schema()["$defs"]}
    faults = sorted(Draft202012Validator(schema).iter_errors(document), key=lambda e: e.json_path)
    if not faults:
        return
    lines = "\n".join(f"  {fault.json_path}: {fault.message}" for fault in faults)
    negative = any(fault.validator == "minimum" for fault in faults)
    code = "reserve.negative-payout" if negative else "payout.form"
    why = " A payout is never negative." if negative else ""
    raise InputError(code, f"{name} breaks the published form in {len(faults)} place(s).{why}\n{lines}")


def number_text(value: Fraction) -> str:
    """A number as text, exact: a decimal where there is a finite one, else a fraction.

    >>> number_text(Fraction(1, 2)), number_text(Fraction(2771, 3)), number_text(Fraction(923))
    ('0.5', '2771/3', '923')
    """
    rest, digits = value.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        digits = max(digits, power)
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    whole = abs(value.numerator) * 10**digits // value.denominator
    sign = "-" if value < 0 else ""
    if not digits:
        return f"{sign}{whole}"
    return f"{sign}{whole // 10**digits}.{whole % 10**digits:0{digits}d}"


def number(text: str) -> Fraction:
    """The number of a text. Raises InputError for what is no number.

    >>> number("0.25"), number("1/3")
    (Fraction(1, 4), Fraction(1, 3))
    """
    if len(text) > _LONGEST or not _TEXT.fullmatch(text):
        raise InputError("payout.number", f"'{text[:60]}' is no number written as 12, 0.5 or 1/3.")
    return Fraction(text)


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
        "cover": _window_json(terms.cover),
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
    return terms, {p["id"]: _data(p["data"]) for p in document["parts"]}


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
        "window": _window_json(settlement.window),
        "data": [{"file": f, "sha256": sha256(b), "bytes": len(b)} for f, b in sorted(data_files.items())],
        "parts": [_result_json(p, terms.unit) for p in settlement.parts],
        "share": number_text(settlement.share),
        "status": settlement.status,
        "waiting": settlement.waiting,
        "indicated": {"total": settlement.indicated_total, "members": dict(settlement.indicated)},
        "due": {"total": settlement.due_total, "members": dict(settlement.due)},
        "software": {"name": "bothbanks", "version": version},
    }


def window_of(document: Json) -> Window:
    """The window of a statement."""
    return _window(document["window"])


def differences(stated: Json, again: Json) -> list[tuple[str, str, str]]:
    """(where, stated, recomputed) of everything that differs but the software that computed it.

    >>> differences({"due": {"total": 5}}, {"due": {"total": 4}})
    [('due.total', '5', '4')]
    """
    found: list[tuple[str, str, str]] = []
    _compare("", {k: v for k, v in stated.items() if k != "software"}, again, found)
    return found


def _compare(where: str, stated: Any, again: Any, found: list[tuple[str, str, str]]) -> None:
    if isinstance(stated, dict) and isinstance(again, dict):
        for key in sorted({*stated, *again} - ({"software"} if not where else set())):
            _compare(f"{where}.{key}".lstrip("."), stated.get(key), again.get(key), found)
    elif isinstance(stated, list) and isinstance(again, list) and len(stated) == len(again):
        for k, (one, other) in enumerate(zip(stated, again, strict=True)):
            _compare(f"{where}[{k + 1}]", one, other, found)
    elif stated != again:
        found.append((where, _shown(stated), _shown(again)))


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _window_json(window: Window) -> Json:
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
        "data": {
            "file": data.file,
            "columns": dict(data.columns),
            "time_format": data.time_format,
            "encoding": data.encoding,
            "delimiter": data.delimiter,
            "decimal": data.decimal,
            "missing": list(data.missing),
            "final": list(data.final),
            "status": data.status,
        },
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


def _data(document: Json) -> DataFile:
    return DataFile(
        document["file"],
        document["columns"],
        document["time_format"],
        document["encoding"],
        document["delimiter"],
        document["decimal"],
        tuple(document["missing"]),
        tuple(document["final"]),
        document["status"],
    )


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
