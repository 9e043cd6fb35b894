"""Compute a payout statement from published data, and verify one from what was published with it.

The published folder is all a member needs: the statement, the terms beside it, and the data files. Nothing of
the region folder is read when a statement is verified.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path, PurePosixPath
from typing import Any

from bothbanks import __version__
from bothbanks.analysis.reserve.index import Window
from bothbanks.civic.finance.payouts import Settlement, TriggerTerms, settle
from bothbanks.region import RegionFolder, read_region
from bothbanks.region.schema_triggers import TriggerSettings
from bothbanks.region.trigger_terms import data_file, terms_of
from bothbanks.standards.payout_data import DataFile, read_observed
from bothbanks.standards.payout_statement import (
    STATEMENT_FORMAT,
    TERMS_FORMAT,
    canonical,
    differences,
    parse,
    read_terms,
    sha256,
    statement_document,
    terms_document,
    window_of,
)
from bothbanks.words.errors import BothbanksError, InputError

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes beyond which a data file is refused: a gauge's record of a century by the minute is smaller."""


@dataclass(frozen=True)
class Difference:
    """One place where a statement and what was recomputed disagree."""

    where: str
    stated: str
    recomputed: str

    def __str__(self) -> str:
        return f"{self.where}: stated {self.stated}, recomputed {self.recomputed}"


@dataclass(frozen=True)
class Verdict:
    """What verifying found. ``notes`` are worth knowing and no difference."""

    statement_sha256: str
    due_total: int
    currency: str
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()

    @property
    def matches(self) -> bool:
        """True where nothing differs."""
        return not self.differences


def trigger_of(folder: RegionFolder, identifier: str) -> TriggerSettings:
    """A trigger of the region's reserve. Raises InputError naming those there are."""
    found = [t for case in folder.cases.values() if case.reserve is not None for t in case.reserve.triggers]
    for trigger in found:
        if trigger.id == identifier:
            return trigger
    there = ", ".join(t.id for t in found) or "none"
    raise InputError(
        "payout.trigger",
        f"the region has no trigger '{identifier}' under [[reserve.triggers]] of cases/reserve.toml; "
        f"there are: {there}.",
    )


def compute(
    region: Path,
    trigger: str,
    data: Path,
    out: Path,
    *,
    start: date | None = None,
    end: date | None = None,
    decision: str = "",
) -> Settlement:
    """Settle a trigger on the files in ``data``; write the statement to ``out`` and its terms beside it.

    Parameters
    ----------
    start, end : the window within the cover; by default the whole cover
    decision : identifier of the decision to pay

    Raises
    ------
    InputError, RegionError
        The region can't be read, has no such trigger, or the data don't give its index (naming gauge,
        period and file). Nothing is written then.
    """
    folder = read_region(region)
    settings = trigger_of(folder, trigger)
    terms = terms_of(settings, folder.settings.currency, folder.settings.price_year)
    files = {p.id: data_file(p.data) for p in settings.parts}
    window = _window(terms, start, end)
    contents = {name: _data_bytes(data, name) for name in {f.file for f in files.values()}}
    settlement = _settle(terms, files, contents, window)
    document = terms_document(terms, files, settings.name, folder.settings.id)
    terms_bytes = canonical(document)
    terms_path = out.with_name(f"{terms.id}-terms-{sha256(terms_bytes)[:12]}.json")
    statement = statement_document(
        settlement,
        terms,
        (terms_path.name, terms_bytes),
        contents,
        region=folder.settings.id,
        decision=decision,
        version=__version__,
    )
    parse(canonical(statement), str(out), STATEMENT_FORMAT)
    out.parent.mkdir(parents=True, exist_ok=True)
    _write(terms_path, terms_bytes)  # named by its hash: an older statement keeps the terms it names
    _write(out, canonical(statement))
    return settlement


def verify(statement: Path, data: Path | None = None) -> Verdict:
    """Recompute a statement from the terms beside it and the data files.

    ``data`` is the folder of the data files; by default that of the statement.

    Raises
    ------
    InputError
        The statement, its terms or a data file can't be read at all; a difference is no error.
    """
    raw = _bytes(statement, "the statement")
    stated = parse(raw, str(statement), STATEMENT_FORMAT)
    terms_bytes = _named(statement.parent, stated["trigger"]["file"], "the terms")
    found: list[Difference] = []
    _compare_hash("trigger.sha256", stated["trigger"]["sha256"], terms_bytes, found)
    folder = statement.parent if data is None else data
    contents = {}
    for k, about in enumerate(stated["data"], 1):
        contents[about["file"]] = _data_bytes(folder, about["file"])
        _compare_hash(f"data[{k}].sha256 ({about['file']})", about["sha256"], contents[about["file"]], found)
    again = _again(stated, terms_bytes, contents, folder, found)
    known = {d.where for d in found}
    for where, one, other in differences(stated, again) if again is not None else ():
        plain = [w for w in known if w.partition(" ")[0] == where]
        if not plain:
            found.append(Difference(where, one, other))
    return Verdict(
        sha256(canonical(stated)),
        stated["due"]["total"],
        stated["currency"],
        tuple(found),
        _notes(stated, raw),
    )


def _again(
    stated: Mapping[str, Any],
    terms_bytes: bytes,
    contents: dict[str, bytes],
    folder: Path,
    found: list[Difference],
) -> dict[str, Any] | None:
    """The statement as recomputed; None, with the reason among the differences, where that can't be done."""
    try:
        terms, files = read_terms(parse(terms_bytes, stated["trigger"]["file"], TERMS_FORMAT))
        used = {f.file for f in files.values()}
        for name in used - set(contents):
            contents[name] = _data_bytes(folder, name)
        settlement = _settle(terms, files, contents, window_of(dict(stated)))
    except BothbanksError as error:
        if not found:
            raise
        found.append(Difference("settlement", "one that was computed", f"none: {error.message}"))
        return None
    return statement_document(
        settlement,
        terms,
        (stated["trigger"]["file"], terms_bytes),
        {name: contents[name] for name in used},
        region=parse(terms_bytes, "the terms", TERMS_FORMAT)["region"],
        decision=stated["decision"],
        version=__version__,
    )


def _settle(
    terms: TriggerTerms, files: Mapping[str, DataFile], contents: Mapping[str, bytes], window: Window
) -> Settlement:
    observed, looked_at = {}, {}
    for part in terms.parts:
        about = files[part.id]
        seen = read_observed(contents[about.file], about, part.place, bool(part.area))
        observed[part.id], looked_at[part.id] = seen.observed, seen.looked_at
    return settle(terms, observed, window, looked_at)


def _window(terms: TriggerTerms, start: date | None, end: date | None) -> Window:
    first = terms.cover.start if start is None else datetime.combine(start, time.min)
    last = terms.cover.end if end is None else datetime.combine(end, time(23, 59, 59))
    return Window(first, last)


def _write(path: Path, data: bytes) -> None:
    """Write a file whole: whoever reads it sees all of it or what was there before."""
    fresh = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        with fresh.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _compare_hash(where: str, stated: str, data: bytes, found: list[Difference]) -> None:
    if sha256(data) != stated:
        found.append(Difference(where, stated, sha256(data)))


def _notes(stated: Mapping[str, Any], raw: bytes) -> tuple[str, ...]:
    notes = []
    written = stated["software"]["version"]
    if written != __version__:
        notes.append(f"computed with version {written}, recomputed with {__version__}")
    if raw.rstrip(b"\n") != canonical(dict(stated)):
        notes.append("the file is not in canonical form; its hash is that of its canonical form")
    return tuple(notes)


def _data_bytes(folder: Path, name: str) -> bytes:
    return _named(folder, name, "the data file")


def _named(folder: Path, name: str, what: str) -> bytes:
    """Bytes of a file below a folder; a name that leads out of it is refused."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\\" in name or ":" in name or "\0" in name:
        raise InputError("payout.path", f"{what} is named '{name}', which leads out of {folder}.")
    path = folder / pure
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError("payout.path", f"{what} '{name}' is a link that leads out of {folder}.")
    return _bytes(path, what)


def _bytes(path: Path, what: str) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError("payout.size", f"{path} has more than {LARGEST_FILE} bytes; is it {what}?")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("payout.missing-file", f"there is no {path}; {what} is needed.") from None
    except IsADirectoryError:
        raise InputError("payout.missing-file", f"{path} is a folder; expected {what}.") from None
