"""Decisions that money points to: each must be one of ``compact/duties.toml``, named with file and record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from bothbanks.civic.finance.ledger import Entry
from bothbanks.region.compact.duties import DutiesSettings
from bothbanks.region.compact.section import CompactSettings
from bothbanks.region.problems import Problems, short

JOURNAL = "finance/journal.csv"


def check_decisions(
    raw: Mapping[str, Mapping[str, Any]], compact: Mapping[str, CompactSettings], problems: Problems
) -> None:
    """Note each 'decision' of ``finance/*.toml`` that is none; nothing where there is no such file."""
    duties = compact.get("duties")
    if not isinstance(duties, DutiesSettings):
        return
    known = frozenset(d.id for d in duties.decisions)
    for file, tables in raw.items():
        if not file.startswith("finance/"):
            continue
        for record, decision in _decisions(tables, ""):
            if decision not in known:
                _note(problems, file, record, "decision", decision, known, "decision")


def check_journal(
    entries: Iterable[Entry], articles: Collection[str], decisions: Collection[str], problems: Problems
) -> None:
    """Note every entry of the ledger whose article or decision is none."""
    for entry in entries:
        record = f"entry {entry.id}"
        if entry.article and entry.article not in articles:
            _note(problems, JOURNAL, record, "article", entry.article, articles, "article")
        if entry.decision not in decisions:
            _note(problems, JOURNAL, record, "decision", entry.decision, decisions, "decision")


def _note(
    problems: Problems, file: str, record: str, field: str, found: str, known: Collection[str], what: str
) -> None:
    where = "compact.toml" if what == "article" else "compact/duties.toml"
    there = ", ".join(sorted(known)) or "none"
    problems.add(file, f"{short(found)}, which is no {what}", f"one of {where} ({there})", record=record,
                 field=field, code=f"region.unknown-{what}")  # fmt: skip


def _decisions(tables: Any, record: str) -> Iterator[tuple[str, str]]:
    """(record as messages name it, decision) of every 'decision' that is given."""
    if isinstance(tables, list):
        for number, item in enumerate(tables, 1):
            name = f" {item['id']}" if isinstance(item, dict) and isinstance(item.get("id"), str) else ""
            yield from _decisions(item, f"{record}[{number}]{name}")
    elif isinstance(tables, dict):
        for key, item in tables.items():
            if key == "decision" and isinstance(item, str) and item:
                yield record, item
            elif isinstance(item, dict | list):
                yield from _decisions(item, f"{record}{', ' if record else ''}{key}")
