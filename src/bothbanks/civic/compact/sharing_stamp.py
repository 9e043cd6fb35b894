"""A stamp on rules and openings as they stand: whoever made them ready once knows whether they changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from bothbanks.civic.compact.sharing import Opened
from bothbanks.civic.compact.sharing_rules import RuleBook, as_body

STAMP = "stamp"
"""The one object of its kind."""


@dataclass(frozen=True)
class Stamp:
    """SHA-256 over all that a decision goes by."""

    digest: str


def stamp_of(book: RuleBook, openings: Iterable[Opened]) -> Stamp:
    """The stamp of a book with its openings."""
    said = {
        "datasets": [[d.id, d.owner, list(d.inputs), d.released] for d in book.datasets],
        "rules": [[r.id, as_body(r)] for r in book.rules],
        "openings": [
            [o.id, o.datasets, o.areas, o.readers, o.article, o.since.isoformat(), o.until.isoformat()]
            for o in openings
        ],
    }
    return Stamp(hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest())
