"""What the partnership keeps of its agreement: dated versions, signatures, comments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Final, Literal

from bothbanks.civic.compact.agreement import AgreementText

VersionStatus = Literal[
    "draft", "superseded", "withdrawn", "voting", "rejected", "carried", "adopted", "in-force"
]
DRAFT: Final = "draft"
SUPERSEDED: Final = "superseded"
WITHDRAWN: Final = "withdrawn"
VOTING: Final = "voting"
REJECTED: Final = "rejected"
CARRIED: Final = "carried"
ADOPTED: Final = "adopted"
IN_FORCE: Final = "in-force"
OPEN = (DRAFT, VOTING, CARRIED)
"""A version on its way; there is one at most."""
ASIDE = (SUPERSEDED, WITHDRAWN, REJECTED)
"""Kept to be looked up; nothing builds on it any more."""
BINDING = (ADOPTED, IN_FORCE)
"""Adopted, whether or not its day has come."""


@dataclass(frozen=True)
class Signature:
    """A member's own act by which it is bound."""

    member: str
    day: date
    how: Literal["signature", "ratification"]


@dataclass(frozen=True)
class Version:
    """One text of the agreement and how far it has come.

    ``apart`` names articles whose change applies from a later day than the rest. ``base`` is the binding
    version that an amendment amends (None: the first text).
    """

    number: int
    text: AgreementText
    made: datetime
    status: VersionStatus
    reason: str = ""
    base: int | None = None
    vote: str = ""
    signatures: tuple[Signature, ...] = ()
    adopted: date | None = None
    in_force: date | None = None
    apart: Mapping[str, date] = field(default_factory=dict)

    @property
    def unsigned(self) -> tuple[str, ...]:
        """Members that have neither signed nor ratified."""
        signed = {s.member for s in self.signatures}
        return tuple(m for m in self.text.members if m not in signed)

    def from_day(self, article: str) -> date | None:
        """The day from which its words of an article apply; None while it is not adopted."""
        return self.apart.get(article, self.in_force) if self.status in BINDING else None


@dataclass(frozen=True)
class Agreement:
    """The versions of the agreement that count, oldest first.

    ``last`` is the highest number given so far: versions set aside (superseded, withdrawn, rejected) may be
    kept elsewhere, and no number is given twice.
    """

    id: str
    versions: tuple[Version, ...]
    repealed: date | None = None  # from this day nothing of it holds
    last: int = 0

    def version(self, number: int) -> Version:
        """The version of that number. Raises KeyError."""
        return {v.number: v for v in self.versions}[number]

    @property
    def open(self) -> Version | None:
        """The version on its way, where there is one."""
        return next((v for v in self.versions if v.status in OPEN), None)

    @property
    def binding(self) -> Version | None:
        """The version adopted last."""
        return next((v for v in reversed(self.versions) if v.status in BINDING), None)

    @property
    def next_number(self) -> int:
        """The number of the next version."""
        return max([self.last, *(v.number for v in self.versions)]) + 1

    @property
    def current(self) -> Version | None:
        """What a reader is shown first: the version adopted last, else the one on its way."""
        return self.binding or self.open


@dataclass(frozen=True)
class Comment:
    """What someone says on an article of a version, in a language; '' is the text as a whole."""

    agreement: str
    version: int
    article: str
    language: str
    words: str
    role: str
    member: str
    made: datetime
    status: Literal["open", "resolved"] = "open"
    answer: str = ""
    answered: datetime | None = None


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value


def text_sha256(text: AgreementText) -> str:
    """The hash by which the record names a text: SHA-256 of its canonical JSON.

    Keys sorted, no spaces, UTF-8, fractions as 'a/b', days as ISO 8601.
    """
    plain = _plain(asdict(text))
    packed = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode()).hexdigest()
