"""``finance/journal.csv``: the joint ledger as rows, one posting each.

The first row of an entry carries its date, decision, article, text, and what it reverses or at what rate it
converts; the rows after it repeat the id and may leave these empty. A bad row or entry is listed with its row
number, and then the file is refused as a whole: a ledger without some of its entries would be wrong.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from bothbanks.civic.finance.ledger import (
    Entry,
    Journal,
    Posting,
    Rate,
    changed,
    faults_of,
    minor_of,
)
from bothbanks.region.problems import Problems, short
from bothbanks.standards.plain_text_accounting import COLUMNS
from bothbanks.words.errors import BothbanksError, RegionError
from bothbanks.words.money import Money

FILE = "finance/journal.csv"
HEAD = ("date", "decision", "article", "text", "reverses", "rate", "rate_date", "rate_source")
"""Columns of the entry; the others are of the posting."""

Row = Mapping[str, str]
_DECIMAL = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True)
class _Line:
    number: int  # of the row in the file, the heads being row 1
    row: Row


def has_journal(region: Path) -> bool:
    """True where the region folder keeps a ledger."""
    return (region / FILE).is_file()


def read_journal(region: Path, members: Sequence[str], before: Path | None = None) -> Journal:
    """The ledger of a region folder.

    Parameters
    ----------
    members : ids of the members
    before : an older copy of the journal; every entry of it must still stand, unchanged and in its place

    Raises
    ------
    RegionError
        Anything is wrong with it; every problem is listed with its row, and no entry is taken.
    """
    problems = Problems()
    entries = entries_of(region / FILE, FILE, members, problems)
    if before is not None:
        older = entries_of(before, str(before), members, problems)
        for fault in changed(older, entries):
            problems.add(FILE, fault.found, fault.expected, record=f"entry {fault.entry}", code=fault.code)
    if len(problems):
        raise RegionError(problems.listed())
    return Journal(entries, tuple(members))


def entries_of(path: Path, shown: str, members: Sequence[str], problems: Problems) -> tuple[Entry, ...]:
    """Entries of a file, in its order; what is wrong is noted."""
    entries: list[Entry] = []
    rows: list[list[int]] = []
    unreadable: set[str] = set()
    for name, group in groupby(_lines(path, shown, problems), key=lambda line: line.row["id"]):
        mine = list(group)
        entry = _entry(mine, shown, problems)
        if entry is None:
            unreadable.add(name)
        else:
            entries.append(entry)
            rows.append([line.number for line in mine])
    for fault in faults_of(entries, members):
        if fault.code == "ledger.reverses" and entries[fault.place].reverses in unreadable:
            continue  # told already, where it stands
        problems.add(
            shown,
            fault.found,
            fault.expected,
            record=f"row {rows[fault.place][max(fault.posting, 0)]}, entry {fault.entry}",
            field=fault.field,
            code=fault.code,
        )
    return tuple(entries)


def _lines(path: Path, shown: str, problems: Problems) -> list[_Line]:
    """Rows with a value for every column; rows that hold nothing at all are passed over."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.add(shown, "no such file", "a CSV of entries", code="region.missing-file")
        return []
    except OSError as error:
        problems.add(
            shown, error.strerror or "an unreadable file", "a readable file", code="region.missing-file"
        )
        return []
    except UnicodeDecodeError as error:
        problems.add(shown, f"a byte that is no UTF-8 at {error.start}", "UTF-8 text", code="region.encoding")
        return []
    rows = csv.reader(io.StringIO(text, newline=""))
    heads = next(rows, [])
    lacking = [c for c in COLUMNS if c not in heads]
    if lacking or len(set(heads)) < len(heads) or set(heads) - set(COLUMNS):
        problems.add(
            shown,
            f"the columns {', '.join(heads) or '(none)'}",
            f"the columns {', '.join(COLUMNS)}, each once",
            record="row 1",
            code="region.columns",
        )
        return []
    out = []
    for number, cells in enumerate(rows, 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heads):
            problems.add(
                shown, f"{len(cells)} fields", f"{len(heads)} fields", record=f"row {number}",
                code="ledger.row",
            )  # fmt: skip
            continue
        out.append(_Line(number, dict(zip(heads, (cell.strip() for cell in cells), strict=True))))
    return out


def _entry(lines: Sequence[_Line], shown: str, problems: Problems) -> Entry | None:
    """The entry of neighbouring rows of one id; None, with its problems noted, where it can't be read."""
    before = len(problems)
    head = lines[0].row
    for line in lines[1:]:
        for name in HEAD:
            if line.row[name] not in ("", head[name]):
                expected = f"nothing, or {short(head[name])} as in row {lines[0].number}"
                _note(problems, shown, line, name, short(line.row[name]), expected, "ledger.row")
    day = _day(lines[0], "date", shown, problems)
    rate = _rate(lines[0], shown, problems)
    postings = [p for line in lines if (p := _posting(line, shown, problems)) is not None]
    if len(problems) > before or day is None:
        return None
    return Entry(
        head["id"],
        day,
        head["decision"],
        head["article"],
        head["text"],
        tuple(postings),
        head["reverses"],
        rate,
    )


def _posting(line: _Line, shown: str, problems: Problems) -> Posting | None:
    row = line.row
    year = row["price_year"]
    if not (year.isdecimal() and 1900 <= int(year) <= 2200):
        _note(
            problems, shown, line, "price_year", short(year), "a year from 1900 to 2200", "ledger.price-year"
        )
        return None
    if not _known_currency(row["currency"]):
        expected = "an ISO 4217 currency code, such as EUR"
        _note(problems, shown, line, "currency", short(row["currency"]), expected, "ledger.currency")
        return None
    try:
        minor = minor_of(row["amount"], row["currency"])
    except BothbanksError as error:
        expected = error.message.partition("; ")[2]
        _note(problems, shown, line, "amount", short(row["amount"]), expected, error.code)
        return None
    return Posting(row["account"], Money(minor, row["currency"], int(year)))


def _rate(line: _Line, shown: str, problems: Problems) -> Rate | None:
    row = line.row
    if not (row["rate"] or row["rate_date"] or row["rate_source"]):
        return None
    day = _day(line, "rate_date", shown, problems)
    if not _DECIMAL.fullmatch(row["rate"]):
        expected = "units of the second currency for one of the first, as a decimal"
        _note(problems, shown, line, "rate", short(row["rate"]), expected, "ledger.rate")
        return None
    return None if day is None else Rate(Fraction(row["rate"]), day, row["rate_source"])


def _day(line: _Line, name: str, shown: str, problems: Problems) -> date | None:
    text = line.row[name]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        expected = "a day as YYYY-MM-DD that is in the calendar"
        _note(problems, shown, line, name, short(text) if text else "nothing", expected, "ledger.date")
        return None
    return day


def _known_currency(code: str) -> bool:
    from babel.core import get_global

    return code in get_global("all_currencies")


def _note(
    problems: Problems, shown: str, line: _Line, field: str, found: str, expected: str, code: str
) -> None:
    problems.add(
        shown, found, expected, record=f"row {line.number}, entry {line.row['id']}", field=field, code=code
    )
