"""What the partnership keeps of its money beside entries, purchases and claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bothbanks.civic.finance.applicable_law import LawRule
from bothbanks.civic.finance.claims import Route


@dataclass(frozen=True)
class BuyingRules:
    """How joint purchases are named and under whose law they run.

    ``regimes`` says whose procurement rules a member follows, where it is not its country's.
    """

    ocid_prefix: str  # with the region's id: 'ocds-xxxxxx-region'
    rule: LawRule | None
    article: str
    regimes: Mapping[str, str]
    language: str
    made_up: Mapping[str, str] = field(default_factory=dict)  # said wherever the purchases are shown


@dataclass(frozen=True)
class GrantHeld:
    """An outcome grant as agreed: what it pays for at most, to whom, when, and how it is disputed."""

    id: str
    name: Mapping[str, str]
    funder: Mapping[str, str]
    cap_minor: int
    currency: str
    verifier: str
    start: date
    end: date
    members: tuple[str, ...]
    route: Route


@dataclass(frozen=True)
class MoneyFile:
    """A file of ``finance/`` as it was taken over: its path, its hash, and its text where it is text."""

    path: str
    sha256: str
    text: str = ""
