"""Compute the statement of an outcome grant from published observations, and verify one.

Nothing of the region folder is read when a statement is verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bothbanks import __version__
from bothbanks.app import statements
from bothbanks.app.statements import Kind, Read, Terms, Verdict, publish
from bothbanks.civic.finance.outcome_grants import GrantResult, GrantTerms, settle_grant
from bothbanks.region import RegionFolder, read_region
from bothbanks.region.finance.grants import GrantDataSettings, GrantSettings, GrantsSettings
from bothbanks.standards.payout_data import DataFile, read_signed
from bothbanks.standards.payout_grant import (
    GrantText,
    grant_statement_document,
    grant_terms_document,
    read_grant_terms,
)
from bothbanks.standards.payout_json import GRANT_STATEMENT_FORMAT, GRANT_TERMS_FORMAT, Json
from bothbanks.words.errors import InputError


@dataclass(frozen=True)
class Stated:
    """What was settled, under which terms, and what was read (in words)."""

    terms: GrantTerms
    result: GrantResult
    looked_at: str
    statement: Json


def grant_of(folder: RegionFolder, identifier: str) -> GrantSettings:
    """A grant of the region. Raises InputError naming those there are."""
    section = folder.finance.get("grants")
    found = section.grants if isinstance(section, GrantsSettings) else ()
    for grant in found:
        if grant.id == identifier:
            return grant
    there = ", ".join(g.id for g in found) or "none"
    raise InputError(
        "grant.unknown",
        f"the region has no grant '{identifier}' under [[grants]] of finance/grants.toml; there are: "
        f"{there}.",
    )


def compute(
    region: Path, grant: str, data: Path, out: Path, *, decision: str = "", stated_on: date | None = None
) -> Stated:
    """Settle a grant on its file in ``data``; write the statement to ``out`` and its terms beside it.

    Parameters
    ----------
    decision : identifier of the decision to pay
    stated_on : day of the statement, from which the days to dispute run

    Raises
    ------
    InputError, RegionError
        The region can't be read, has no such grant or no agreed baseline for it, or there are not enough
        signed observations (naming grant, period and file). Nothing is written then.
    """
    folder = read_region(region)
    settings = grant_of(folder, grant)
    if settings.baseline is None:
        raise InputError(
            "grant.baseline",
            f"grant '{grant}' has no baseline in finance/grants.toml, so there is nothing to measure against "
            f"in {settings.start} to {settings.end}, and nothing can be paid. Agree one and write it there.",
        )
    account = folder.settings
    terms = settings.terms(account.currency, account.price_year)
    text = GrantText(account.id, settings.indicator, settings.name, settings.about, settings.funder)
    document = grant_terms_document(terms, data_file(settings.data), text)
    asked = {"decision": decision, "stated_on": None if stated_on is None else stated_on.isoformat()}
    return publish(GRANT, document, asked, data, out)


def verify(statement: Path, data: Path | None = None) -> Verdict:
    """Recompute a statement from the terms beside it and the observations; see ``statements.verify``."""
    return statements.verify(GRANT, statement, data)


def data_file(data: GrantDataSettings) -> DataFile:
    """How the observations of a grant are read: UTF-8, commas, days as YYYY-MM-DD, a point in numbers."""
    return DataFile(data.file, {"time": data.time, "value": data.value, "verifier": data.verifier})


def _state(terms_file: Terms, asked: Mapping[str, Any], read: Read) -> tuple[Stated, Json]:
    """The settlement of the grant, and its statement."""
    terms, about = read_grant_terms(terms_file.document)
    what = f"the file of observations of grant '{terms.id}' from {terms.start} to {terms.end}"
    contents = read(about.file, what)
    seen = read_signed(contents, about)
    result = settle_grant(terms, seen.observations, seen.looked_at)
    statement = grant_statement_document(
        result,
        terms,
        (terms_file.file, terms_file.data),
        {about.file: contents},
        region=terms_file.document["region"],
        decision=asked["decision"],
        stated_on=asked["stated_on"],
        version=__version__,
    )
    return Stated(terms, result, seen.looked_at, statement), statement


GRANT = Kind("grant", GRANT_STATEMENT_FORMAT, GRANT_TERMS_FORMAT, _state)
