"""Compute a payout statement of a trigger from published data, and verify one.

Nothing of the region folder is read when a statement is verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from bothbanks import __version__
from bothbanks.analysis.reserve.index import Window
from bothbanks.app import statements
from bothbanks.app.statements import Kind, Read, Terms, Verdict, publish
from bothbanks.civic.finance.payouts import Settlement, TriggerTerms, settle
from bothbanks.region import RegionFolder, read_region
from bothbanks.region.schema_triggers import TriggerSettings
from bothbanks.region.trigger_terms import data_file, terms_of
from bothbanks.standards.payout_data import DataFile, read_observed
from bothbanks.standards.payout_json import STATEMENT_FORMAT, TERMS_FORMAT, Json
from bothbanks.standards.payout_statement import (
    read_terms,
    statement_document,
    terms_document,
    window_json,
    window_of,
)
from bothbanks.words.errors import InputError


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
    document = terms_document(terms, files, settings.name, folder.settings.id)
    asked = {"window": window_json(_window(terms, start, end)), "decision": decision}
    return publish(PAYOUT, document, asked, data, out)


def verify(statement: Path, data: Path | None = None) -> Verdict:
    """Recompute a statement from the terms beside it and the data files; see ``statements.verify``."""
    return statements.verify(PAYOUT, statement, data)


def _state(terms_file: Terms, asked: Mapping[str, Any], read: Read) -> tuple[Settlement, Json]:
    """The settlement of the asked window, and its statement."""
    terms, files = read_terms(terms_file.document)
    contents = {f.file: read(f.file, "the data file") for f in files.values()}
    settlement = _settle(terms, files, contents, window_of(dict(asked)))
    return settlement, statement_document(
        settlement,
        terms,
        (terms_file.file, terms_file.data),
        contents,
        region=terms_file.document["region"],
        decision=asked["decision"],
        version=__version__,
    )


PAYOUT = Kind("trigger", STATEMENT_FORMAT, TERMS_FORMAT, _state)


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
