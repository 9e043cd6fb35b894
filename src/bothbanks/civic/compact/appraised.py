"""The appraisal that the partners look at, by its hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Appraised:
    """A finished appraisal: SHA-256 of its value.json and of the inputs behind it, and when it was taken."""

    value_sha256: str
    inputs_sha256: str
    taken: datetime
