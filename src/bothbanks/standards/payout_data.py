"""Read what terms say about a data file: a CSV of a gauge's records, of a storm's fixes, or of observations.

Numbers are read as they are written, into fractions, never through floats. Bytes come in, so that what is
hashed is what is read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from bothbanks.analysis.reserve.index import Fix, Record
from bothbanks.civic.finance.outcome_grants import Observation
from bothbanks.civic.finance.payouts import FINAL, OPERATIONAL, Observed
from bothbanks.words.errors import InputError

SHOWN = 8
LISTED = 20  # faults of a file that are told one by one
LONGEST = 40  # characters of a number; a longer one is a fault of the file
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


@dataclass(frozen=True)
class DataFile:
    """How the terms say a CSV is to be read.

    ``columns`` maps time and value (and x, y of a track, place, status where there are such columns; verifier
    for the observations of an outcome grant) to their heads in the file. A record is final where its status
    is one of ``final``; without a status column the whole file has the standing ``status``.
    """

    file: str
    columns: Mapping[str, str]
    time_format: str = "%Y-%m-%d"
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    missing: tuple[str, ...] = ("",)
    final: tuple[str, ...] = ()
    status: str = ""


@dataclass(frozen=True)
class Seen:
    """What a file holds of one place, and in words what was looked at."""

    observed: Observed
    looked_at: str
    skipped: int = field(default=0)  # records of the place without a value


def read_observed(data: bytes, about: DataFile, place: str, track: bool) -> Seen:
    """Records (or fixes) of a place in the bytes of a CSV.

    Raises
    ------
    InputError
        The bytes are not in the stated encoding, a column is missing, a time or number can't be read, or a
        status is neither final nor a word of its own.
    """
    faults: list[InputError] = []
    rows = list(_rows(data, about, faults))
    needed = ("time", "value", *(("x", "y") if track else ()))
    lacking = [c for c in needed if c not in about.columns]
    if lacking:
        raise InputError(
            "payout.columns",
            f"the terms name no column for {', '.join(lacking)} of {about.file}; "
            f"{'a track' if track else 'a gauge'} needs {', '.join(needed)}.",
        )
    column = about.columns.get("place")
    places = dict.fromkeys(str(row[column]).strip() for _, row in rows) if column else {}
    found: list[Record | Fix] = []
    skipped = 0
    for line, row in rows:
        if place and column and str(row[column]).strip() != place:
            continue
        text = str(row[about.columns["value"]]).strip()
        if text in about.missing:
            skipped += 1
            continue
        try:
            found.append(_observation(about, line, row, track))
        except InputError as fault:
            faults.append(fault)
    _refuse(faults, about)
    looked_at = _looked_at(about, places, skipped)
    if track:
        return Seen([o for o in found if isinstance(o, Fix)], looked_at, skipped)
    return Seen([o for o in found if isinstance(o, Record)], looked_at, skipped)


@dataclass(frozen=True)
class SeenSigned:
    """Observations of a file with their verifiers, and in words what was looked at."""

    observations: tuple[Observation, ...]
    looked_at: str


def read_signed(data: bytes, about: DataFile) -> SeenSigned:
    """Observations of an outcome grant in the bytes of a CSV: day, value, and who signed.

    A record without a value is passed over and counted in ``looked_at``; one without a verifier is kept, and
    counts as signed by nobody.

    Raises
    ------
    InputError
        The bytes are not in the stated encoding, a column is missing, or a day or number can't be read.

    Examples
    --------
    >>> about = DataFile("m.csv", {"time": "date", "value": "value", "verifier": "verifier"})
    >>> read_signed(b"date,value,verifier\\n2027-05-01,38.5,audit\\n", about).observations[0].value
    Fraction(77, 2)
    """
    lacking = [c for c in ("time", "value", "verifier") if c not in about.columns]
    if lacking:
        raise InputError(
            "payout.columns",
            f"the terms name no column for {', '.join(lacking)} of {about.file}; a grant needs all three.",
        )
    found: list[Observation] = []
    faults: list[InputError] = []
    skipped = 0
    for line, row in _rows(data, about, faults):
        if row[about.columns["value"]].strip() in about.missing:
            skipped += 1
            continue
        try:
            day = _time(about, line, row[about.columns["time"]]).date()
            value = _number(about, line, "value", row)
        except InputError as fault:
            faults.append(fault)
            continue
        found.append(Observation(day, value, row[about.columns["verifier"]].strip()))
    _refuse(faults, about)
    return SeenSigned(tuple(found), _looked_at(about, {}, skipped))


def _refuse(faults: Sequence[InputError], about: DataFile) -> None:
    """Raise for a file with faults, all of them listed; a single one keeps its code."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        listed = "".join(f"\n  [{fault.code}] {fault.message}" for fault in faults[:LISTED])
        more = f"\n  and {len(faults) - LISTED} more" if len(faults) > LISTED else ""
        raise InputError("payout.data", f"{len(faults)} faults in {about.file}:{listed}{more}")


def _rows(data: bytes, about: DataFile, faults: list[InputError]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line, row by head) of the file; every column named by the terms must be there.

    A row of another length is added to ``faults`` and passed over.
    """
    try:
        text = data.decode(about.encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise InputError(
            "payout.encoding", f"{about.file} can't be read as {about.encoding}: {error}."
        ) from None
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=about.delimiter)
    heads = next(_each(reader, about), [])
    lacking = [h for h in about.columns.values() if h not in heads]
    if lacking:
        raise InputError(
            "payout.columns",
            f"{about.file} has no column {', '.join(repr(h) for h in lacking)}; its columns are "
            f"{', '.join(heads) or 'none'}. Check its delimiter ({about.delimiter!r}) too.",
        )
    twice = [h for h in dict.fromkeys(about.columns.values()) if heads.count(h) > 1]
    if twice:
        raise InputError(
            "payout.columns", f"{about.file} has the column {', '.join(twice)} twice; which counts?"
        )
    for row in _each(reader, about):
        if not row:
            continue
        if len(row) != len(heads):
            faults.append(
                InputError(
                    "payout.row",
                    f"line {reader.line_num} of {about.file} has {len(row)} fields; its head has "
                    f"{len(heads)}.",
                )
            )
            continue
        yield reader.line_num, dict(zip(heads, row, strict=True))


def _each(reader: Iterator[list[str]], about: DataFile) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise InputError("payout.row", f"{about.file} is no CSV as the terms say: {error}.") from None


def _observation(about: DataFile, line: int, row: Mapping[str, str], track: bool) -> Record | Fix:
    when = _time(about, line, row[about.columns["time"]])
    value = _number(about, line, "value", row)
    final = _final(about, line, row)
    if not track:
        return Record(when, value, final)
    x, y = (_number(about, line, c, row) for c in ("x", "y"))
    return Fix(when, x, y, value, final)


def _time(about: DataFile, line: int, text: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), about.time_format)
    except ValueError:
        raise InputError(
            "payout.time",
            f"line {line} of {about.file}, column '{about.columns['time']}': '{text}' is no time written as "
            f"{about.time_format}.",
        ) from None


def _number(about: DataFile, line: int, name: str, row: Mapping[str, str]) -> Fraction:
    column = about.columns[name]
    text = row[column]
    plain = text.strip()
    if about.decimal != ".":
        plain = "x" if "." in plain else plain.replace(about.decimal, ".")
    if len(plain) > LONGEST or not _NUMBER.fullmatch(plain):
        raise InputError(
            "payout.number",
            f"line {line} of {about.file}, column '{column}': '{text}' is no number with the decimal mark "
            f"'{about.decimal}'.",
        )
    return Fraction(plain)


def _final(about: DataFile, line: int, row: Mapping[str, str]) -> bool:
    column = about.columns.get("status")
    if column is None:
        if about.status not in (FINAL, OPERATIONAL):
            raise InputError(
                "payout.status",
                f"the terms name neither a status column of {about.file} nor its standing; give "
                f"columns.status with the words that mean final, or status = '{FINAL}' or '{OPERATIONAL}'.",
            )
        return about.status == FINAL
    word = row[column].strip()
    if not word:
        raise InputError(
            "payout.status",
            f"line {line} of {about.file}, column '{column}' has no status; expected a word such as "
            f"{', '.join(about.final) or FINAL}.",
        )
    return word in about.final


def _looked_at(about: DataFile, places: Mapping[str, None], skipped: int) -> str:
    told = about.file
    if places:
        named = [repr(p) for p in list(places)[:SHOWN]]
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        told += f", which names {', '.join(named)}{more}"
    if skipped:
        told += f", {skipped} of its records without a value"
    return told
