"""Write an agreement as ``compact.toml``: what is written is read back as the same settings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from bothbanks.civic.compact.agreement import AgreementText, Term
from bothbanks.region.compact.agreement import AgreementSettings

HEAD = (
    "# The agreement. Keys: docs/reference/compact.md; 'bothbanks compact check .' lists all\n"
    "# that is wrong. A figure is written once, as a term, and stands in the texts as {name}.\n"
)


def settings_of(
    text: AgreementText,
    drafted: date,
    in_force: date | None,
    signed: Mapping[str, date],
    notes: Mapping[str, str],
) -> AgreementSettings:
    """The settings that give this text; without ``in_force`` a draft. ``notes`` are the terms' remarks."""
    terms = {name: {**_term(name, term), "note": notes.get(name, "")} for name, term in text.terms.items()}
    articles = [
        {
            "id": a.id,
            "part": a.part,
            "covers": a.covers,
            "pending": a.pending,
            "title": dict(a.title),
            "text": dict(a.text),
        }
        for a in text.articles
    ]
    tables = {
        "id": text.id,
        "form": text.form,
        "subjects": text.subjects,
        "status": "draft" if in_force is None else "in-force",
        "drafted": drafted,
        "in_force": in_force,
        "signed": {} if in_force is None else dict(signed),
        "title": dict(text.title),
        "notice": dict(text.notice),
        "seat": {"place": dict(text.seat.place), "member": text.seat.member, "law": text.seat.law},
        "terms": terms,
        "parts": [{"id": p.id, "title": dict(p.title)} for p in text.parts],
        "articles": articles,
    }
    return AgreementSettings.model_validate(tables, context={"languages": text.languages})


def _term(name: str, term: Term) -> dict[str, Any]:
    if term.kind == "date":
        return {"date": term.day}
    if term.kind == "text":
        return {"text": dict(term.words)}
    amount = term.amount or Fraction(0)
    if term.kind == "fraction":
        return {"fraction": f"{amount.numerator}/{amount.denominator}"}
    if term.kind == "duration":
        return {term.unit: int(amount)}
    shown = float(amount * 100 if term.kind == "percent" else amount)
    return {term.kind: shown, **({"currency": term.currency} if term.kind == "money" else {})}


def as_toml(settings: AgreementSettings) -> str:
    """The settings as a TOML file (TOML 1.0), texts in several lines as a person would write them."""
    lines = [HEAD]
    for name in ("id", "form", "subjects", "status", "drafted", "in_force"):
        value = getattr(settings, name)
        if value is not None:
            lines.append(f"{name} = {_value(value)}")
    lines += _words("title", settings.title)
    if settings.notice:
        lines += _words("notice", settings.notice)
    lines += ["", "[seat]", f"member = {_value(settings.seat.member)}", f"law = {_value(settings.seat.law)}"]
    lines.append(f"place = {_inline(settings.seat.place)}")
    if settings.signed:
        lines += ["", "[signed]", *(f"{_key(m)} = {_value(day)}" for m, day in settings.signed.items())]
    lines += ["", "[terms]"]
    for name, term in settings.terms.items():
        given = {k: v for k, v in term.model_dump().items() if v is not None and v != ""}
        lines.append(f"{_key(name)} = {_inline(given)}")
    for part in settings.parts:
        lines += ["", "[[parts]]", f"id = {_value(part.id)}", f"title = {_inline(part.title)}"]
    for article in settings.articles:
        lines += ["", "[[articles]]", f"id = {_value(article.id)}"]
        if article.part:
            lines.append(f"part = {_value(article.part)}")
        for name in ("covers", "pending"):
            if getattr(article, name):
                lines.append(f"{name} = {_value(getattr(article, name))}")
        lines += _words("articles.title", article.title)
        lines += _words("articles.text", article.text, several=True)
    return "\n".join(lines) + "\n"


def _words(table: str, words: Mapping[str, str], several: bool = False) -> Iterable[str]:
    yield from ("", f"[{table}]")
    for code, text in words.items():
        yield f"{_key(code)} = {_lines(text) if several else _value(text)}"


def _lines(text: str) -> str:
    body = text.strip()
    if "'''" in body or body.endswith("'"):
        return _value(body)
    return f"'''\n{body}\n'''"


def _key(name: str) -> str:
    bare = name.replace("-", "").replace("_", "")
    return name if bare.isascii() and bare.isalnum() else json.dumps(name)


def _inline(table: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in table.items()) + " }"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, Mapping):
        return _inline(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return str(value)
