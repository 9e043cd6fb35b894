"""Write the money back as the files of a region folder: read again, they give the same model."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bothbanks.app.partnership.desk import Reader
from bothbanks.app.partnership.money import journal_of
from bothbanks.civic.finance.booked import MoneyFile
from bothbanks.civic.finance.procurement_taken import KeptPurchase, Taken
from bothbanks.standards.plain_text_accounting import to_csv
from bothbanks.words.money import minor_digits

JOURNAL, PROCUREMENT = "finance/journal.csv", "finance/procurement.toml"


def write_back(reader: Reader) -> dict[str, str]:
    """Path in the region folder -> text, for every text file of ``finance/``.

    What nothing has changed comes back byte for byte; the journal and the purchases as they stand now.
    """
    texts = {k.state.path: k.state.text for k in reader.all(MoneyFile) if k.state.text}
    journal = journal_of(reader)
    if journal.entries:
        texts[JOURNAL] = _unless_same(texts.get(JOURNAL, ""), to_csv(journal))
    purchases = [k.state for k in reader.all(KeptPurchase)]
    if PROCUREMENT in texts:
        before = tomllib.loads(texts[PROCUREMENT])
        after = {**before, "purchases": _purchases(before.get("purchases", ()), purchases)}
        if after["purchases"] != list(before.get("purchases", ())):
            texts[PROCUREMENT] = toml_text(after)
    return texts


def _unless_same(before: str, after: str) -> str:
    """The older text where it says the same, so that its line ends and blank rows stay."""
    rows = [line.rstrip("\r\n") for line in before.splitlines() if line.strip()]
    return before if rows == after.splitlines() else after


def _purchases(before: Sequence[Mapping[str, Any]], kept: Sequence[KeptPurchase]) -> list[dict[str, Any]]:
    written = {str(p["id"]): dict(p) for p in before}
    order = [*written, *(k.id for k in kept if k.id not in written)]
    now = {k.id: k for k in kept}
    out = []
    for id in order:
        table = written.get(id) or _plan(now[id])
        told = list(table.get("steps", ()))
        steps = now[id].steps if id in now else ()
        table["steps"] = told + [_step(s, now[id].purchase.currency) for s in steps[len(told) :]]
        if not table["steps"]:
            del table["steps"]
        out.append(table)
    return out


def _plan(kept: KeptPurchase) -> dict[str, Any]:
    p = kept.purchase
    planned = p.last if not kept.steps else min(kept.steps[0].when, p.last)
    return {
        "id": kept.id,
        "title": dict(p.title),
        "rationale": dict(p.rationale),
        "kind": p.kind,
        "lead": p.lead,
        "shares": {m: str(share) for m, share in p.shares.items()},
        "currency": p.currency,
        "estimate": _units(kept.estimate, p.currency),
        "planned": planned,
        "decision": p.decision,
    }


def _step(taken: Taken, currency: str) -> dict[str, Any]:
    """The keys that the step says, and no others: a folder refuses what does not belong to a step."""
    out: dict[str, Any] = {"step": taken.step, "when": taken.when}
    if taken.amount is not None:
        out["amount"] = _units(taken.amount, currency)
    for name in ("method", "closes", "reason", "winner", "starts", "ends", "milestone", "decision"):
        value = getattr(taken, name)
        if value:
            out[name] = value
    if taken.step == "tender":
        out["criteria"] = taken.criteria
        if not taken.electronic:
            out["electronic"] = False
    if taken.tenderers:
        out["tenderers"] = [{"id": t.id, "name": t.name} for t in taken.tenderers]
    if taken.milestones:
        out["milestones"] = [{"id": m.id, "title": m.title, "due": m.due} for m in taken.milestones]
    return out


def _units(minor: int, currency: str) -> float:
    return minor / float(10 ** minor_digits(currency))


def toml_text(table: Mapping[str, Any]) -> str:
    """A table as TOML 1.0: values first, then tables and lists of tables under their heads.

    >>> print(toml_text({"id": "a", "n": 1.5, "sub": {"x": True}, "rows": [{"k": "v"}]}), end="")
    id = "a"
    n = 1.5
    <BLANKLINE>
    [sub]
    x = true
    <BLANKLINE>
    [[rows]]
    k = "v"
    """
    return "\n".join(_lines(table, "")) + "\n"


def _lines(table: Mapping[str, Any], head: str) -> list[str]:
    nested = {k: v for k, v in table.items() if isinstance(v, Mapping) or _is_tables(v)}
    out = [f"{_key(k)} = {_value(v)}" for k, v in table.items() if k not in nested]
    for key, item in nested.items():
        name = f"{head}.{_key(key)}" if head else _key(key)
        for row in item if not isinstance(item, Mapping) else (item,):
            out += ["", f"[[{name}]]" if not isinstance(item, Mapping) else f"[{name}]", *_lines(row, name)]
    return out


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(x, Mapping) for x in value)


def _key(key: str) -> str:
    plain = bool(key) and all(c.isascii() and (c.isalnum() or c in "-_") for c in key)
    return key if plain else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(v) for v in value)}]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    return _text(str(value))


def _text(value: str) -> str:
    """A basic string; what TOML does not allow as it is, escaped."""
    marks = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    plain = "".join(marks.get(c, c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}") for c in value)
    return f'"{plain}"'
