"""The legal matrix on a day: how each pair of members stands, the common rule, what is due for review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from itertools import combinations
from typing import Literal

from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.legal import LegalRule, Recognition, Subject, Version, recognised
from bothbanks.civic.compact.legal_demands import Clash, Common, Demands, same, strictest
from bothbanks.civic.finance.applicable_law import ApplicableLaw, Buyer, LawRule, applicable_law

Standing = Literal["same", "together", "one-law", "conflict", "recognised", "one-way", "not-known"]
"""How two members stand: the same rule; different, and both can be met; different, and one law is named; a
conflict; a conflict closed by recognition both ways, or one way only; a rule is not known."""


@dataclass(frozen=True)
class Pair:
    """Two members on one subject, and the recognitions from the first to the second and back."""

    first: str
    second: str
    standing: Standing
    clashes: tuple[Clash, ...] = ()
    there: Recognition | None = None
    back: Recognition | None = None


@dataclass(frozen=True)
class Row:
    """One subject on one day."""

    subject: Subject
    day: date
    cells: Mapping[str, Version | None]  # member -> what holds; None: nothing is on file
    pairs: tuple[Pair, ...]
    common: Common | None  # None where the laws are never merged
    unknown: tuple[str, ...]  # members whose rule is not known

    @property
    def standing(self) -> Standing:
        """The worst that any two members have between them; what is not known comes after a conflict."""
        order: tuple[Standing, ...] = (
            "conflict", "one-way", "not-known", "one-law", "recognised", "together", "same",
        )  # fmt: skip
        found = {p.standing for p in self.pairs}
        return next((s for s in order if s in found), "same")

    def pair(self, first: str, second: str) -> Pair | None:
        """The standing of two members, in either order."""
        return next((p for p in self.pairs if {p.first, p.second} == {first, second}), None)


def row(
    subject: Subject,
    members: Sequence[str],
    rules: Iterable[LegalRule],
    recognitions: Iterable[Recognition],
    day: date,
    known_at: datetime | None = None,
) -> Row:
    """One subject of the matrix on a day, by what is known now (or was known at ``known_at``)."""
    own = [r for r in rules if r.subject == subject.id]
    cells: dict[str, Version | None] = dict.fromkeys(members)
    for rule in own:
        version = rule.held(day, known_at)
        if version is not None and rule.member in cells:
            cells[rule.member] = version
    agreed = [r for r in recognitions if r.subject == subject.id]
    known = {m: v.demands for m, v in cells.items() if v is not None and v.known}
    pairs = tuple(_pair(subject, a, b, known, agreed, day) for a, b in combinations(members, 2))
    common = strictest(known) if subject.mergeable else None
    return Row(subject, day, cells, pairs, common, tuple(m for m in members if m not in known))


def matrix(
    subjects: Iterable[Subject],
    members: Sequence[str],
    rules: Iterable[LegalRule],
    recognitions: Iterable[Recognition],
    day: date,
    known_at: datetime | None = None,
) -> tuple[Row, ...]:
    """Every subject on a day, in the order given."""
    held, agreed = list(rules), list(recognitions)
    return tuple(row(s, members, held, agreed, day, known_at) for s in subjects)


def _pair(
    subject: Subject,
    first: str,
    second: str,
    known: Mapping[str, Demands],
    recognitions: Sequence[Recognition],
    day: date,
) -> Pair:
    there = recognised(recognitions, subject.id, first, second, day)
    back = recognised(recognitions, subject.id, second, first, day)
    both = first in known and second in known
    if both and same(known[first], known[second]):
        return Pair(first, second, "same", (), there, back)
    if there and back:
        return Pair(first, second, "recognised", (), there, back)
    if not both:
        return Pair(first, second, "one-way" if there or back else "not-known", (), there, back)
    if not subject.mergeable:
        return Pair(first, second, "one-law")
    clashes = strictest({first: known[first], second: known[second]}).clashes
    if not clashes:
        return Pair(first, second, "together", (), there, back)
    return Pair(first, second, "one-way" if there or back else "conflict", clashes, there, back)


@dataclass(frozen=True)
class Due:
    """A rule to be looked at again: the member, the subject, and by when."""

    rule: str
    subject: str
    member: str
    review: date
    known: bool


def due_for_review(rules: Iterable[LegalRule], day: date, until: date) -> tuple[Due, ...]:
    """Rules in force on ``day`` whose review falls on or before ``until``, the earliest first."""
    found = []
    for rule in rules:
        version = rule.held(day)
        if version is not None and version.review is not None and version.review <= until:
            found.append(Due(rule.id, rule.subject, rule.member, version.review, version.known))
    return tuple(sorted(found, key=lambda d: (d.review, d.subject, d.member)))


def laws_by_lead(rule: LawRule | None, buyers: Sequence[Buyer]) -> dict[str, ApplicableLaw | Refusal]:
    """For a purchase by all these buyers in equal shares: the law named, by who leads it.

    Procurement law is never merged; the agreement names one (see ``civic.finance.applicable_law``).
    """
    share = Fraction(1, len(buyers)) if buyers else Fraction(0)
    shares = {b.id: share for b in buyers}
    return {b.id: applicable_law(rule, buyers, b.id, shares) for b in buyers}
