"""The joint ledger of a region folder: read and checked, exported, and told as balances."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bothbanks.civic.finance.ledger import Journal, units
from bothbanks.civic.finance.ledger_balances import YearStatement, balances, statement, trial_balance
from bothbanks.region.finance.journal import FILE, has_journal, read_journal
from bothbanks.region.problems import Problems
from bothbanks.region.schema import MemberSettings
from bothbanks.region.settings import open_folder
from bothbanks.standards.plain_text_accounting import FORMATS
from bothbanks.words.errors import InputError, RegionError
from bothbanks.words.money import minor_digits


@dataclass(frozen=True)
class Ledger:
    """The journal of a region folder, with the members it is about."""

    journal: Journal
    members: tuple[MemberSettings, ...]


def open_ledger(region: Path, before: Path | None = None) -> Ledger:
    """Read and check the ledger of a region folder.

    Parameters
    ----------
    before : an older copy of the journal, every entry of which must still stand

    Raises
    ------
    RegionError
        The folder's settings or the ledger can't be used; every problem is listed.
    InputError
        The folder keeps no ledger.
    """
    problems = Problems()
    folder = open_folder(region, problems)
    if len(problems):
        raise RegionError(problems.listed())
    if not has_journal(region):
        raise InputError(
            "ledger.none", f"{region} keeps no ledger; write its entries to {FILE} (docs/how-to/ledger.md)."
        )
    ids = tuple(m.id for m in folder.members)
    return Ledger(read_journal(region, ids, before), folder.members)


def export(ledger: Ledger, form: str) -> str:
    """The journal in the syntax of another program. Raises InputError for a format that isn't known."""
    if form not in FORMATS:
        raise InputError("ledger.format", f"'{form}' is no format; give one of {', '.join(FORMATS)}.")
    return FORMATS[form](ledger.journal)


def write_whole(text: str, out: Path) -> None:
    """Write a file so that readers see the old one or the new one. Raises InputError for a folder."""
    if out.is_dir():
        raise InputError("ledger.out", f"{out} is a folder; give a file to write to.")
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.with_name(f".{out.name}.partial-{os.getpid()}")
    try:
        with fresh.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(fresh, out)
    finally:
        fresh.unlink(missing_ok=True)


def summary(ledger: Ledger) -> str:
    """What a checked ledger holds, in a line or two."""
    entries = ledger.journal.entries
    if not entries:
        return "The ledger has no entry yet."
    days = [e.day for e in entries]
    postings = sum(len(e.postings) for e in entries)
    taken_back = sum(bool(e.reverses) for e in entries)
    decisions = len({e.decision for e in entries})
    return (
        f"{len(entries)} entries with {postings} postings, {min(days)} to {max(days)}; {decisions} decisions "
        f"named, {taken_back} entries taken back by reversals. Debits equal credits in each entry."
    )


def trial_lines(ledger: Ledger, until: date | None = None) -> list[str]:
    """The trial balance as lines of text: account, debit, credit, balance."""
    rows = trial_balance(ledger.journal, until)
    kept = {(b.account, b.currency): b.minor for b in balances(ledger.journal, until)}
    table: list[tuple[str, ...]] = [("account", "debit", "credit", "balance", "currency")]
    for r in rows:
        sums = (r.debit, r.credit, kept.get((r.account, r.currency), 0))
        table.append((r.account, *(_shown(x, r.currency) for x in sums), r.currency))
    for currency in sorted({r.currency for r in rows}):
        debit = sum(r.debit for r in rows if r.currency == currency)
        credit = sum(r.credit for r in rows if r.currency == currency)
        sums = (debit, credit, debit - credit)
        table.append(("all", *(_shown(x, currency) for x in sums), currency))
    return _columns(table)


def statement_lines(ledger: Ledger, member: str | None = None) -> list[str]:
    """Contributions against what is due, and payouts, of one member or all, by their fiscal years."""
    wanted = [m for m in ledger.members if member in (None, m.id)]
    if not wanted:
        known = ", ".join(m.id for m in ledger.members)
        raise InputError("ledger.member", f"'{member}' is no member; there are {known}.")
    table: list[tuple[str, ...]] = [
        ("member", "fiscal year from", "called", "paid", "open", "payouts", "currency")
    ]
    for m in wanted:
        for s in statement(ledger.journal, m.id, m.fiscal_year_start):
            table.append(_statement_row(s, m.fiscal_year_start))
    return _columns(table)


def _statement_row(s: YearStatement, begins: str) -> tuple[str, ...]:
    amounts = (_shown(x, s.currency) for x in (s.called, s.paid, s.open, s.payouts))
    return (s.member, f"{s.year}-{begins}", *amounts, s.currency)


def _shown(minor: int, currency: str) -> str:
    return units(minor, minor_digits(currency))


def _columns(table: Sequence[tuple[str, ...]]) -> list[str]:
    """Text columns: the first and the last to the left, the others to the right."""
    widths = [max(len(row[k]) for row in table) for k in range(len(table[0]))]
    last = len(widths) - 1
    return [
        "  ".join(
            cell.ljust(width) if k in (0, last) else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
