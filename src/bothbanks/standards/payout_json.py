"""What all payout documents have in common: bytes, hash, published form, and how two are compared.

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
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from bothbanks.standards.payout_data import DataFile
from bothbanks.words.errors import InputError

Json = dict[str, Any]
STATEMENT_FORMAT = "bothbanks-payout/1"
TERMS_FORMAT = "bothbanks-trigger/1"
GRANT_STATEMENT_FORMAT = "bothbanks-grant-payout/1"
GRANT_TERMS_FORMAT = "bothbanks-grant/1"
_FORMS = {
    STATEMENT_FORMAT: "statement",
    TERMS_FORMAT: "terms",
    GRANT_STATEMENT_FORMAT: "grant_statement",
    GRANT_TERMS_FORMAT: "grant_terms",
}
"""Format -> its part of the schema."""
_LONGEST = 400  # characters of a number
_TEXT = re.compile(r"-?\d+(\.\d+)?|-?\d+/[1-9]\d*", re.ASCII)


@cache
def payout_schema() -> Json:
    """The JSON Schema of all documents, under ``$defs``."""
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
    """A document of one of the formats, checked against the published form.

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

    schema = {"$ref": f"#/$defs/{_FORMS[form]}", "$defs": payout_schema()["$defs"]}
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


def files_json(contents: Mapping[str, bytes]) -> list[Json]:
    """Data files by path, hash and size, in the order of their paths."""
    return [{"file": f, "sha256": sha256(b), "bytes": len(b)} for f, b in sorted(contents.items())]


def data_json(data: DataFile) -> Json:
    """How a data file is read, as terms say it."""
    return {
        "file": data.file,
        "columns": dict(data.columns),
        "time_format": data.time_format,
        "encoding": data.encoding,
        "delimiter": data.delimiter,
        "decimal": data.decimal,
        "missing": list(data.missing),
        "final": list(data.final),
        "status": data.status,
    }


def read_data_file(document: Json) -> DataFile:
    """What ``data_json`` wrote.

    >>> about = DataFile("a.csv", {"time": "day", "value": "m"}, missing=("", "-"))
    >>> read_data_file(data_json(about)) == about
    True
    """
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


def amounts_json(minor: Mapping[str, int]) -> Json:
    """Money of each member in whole minor units, with its sum.

    >>> amounts_json({"left": 2, "right": 1})
    {'total': 3, 'members': {'left': 2, 'right': 1}}
    """
    return {"total": sum(minor.values()), "members": dict(minor)}


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
