"""What an agreement says: its articles in several languages, from one source of figures.

Texts are templates: figures, dates, amounts and names of members are terms kept once, so that two languages
can't drift apart in them; ``agreement_text`` fills them in. How a text becomes binding is in
``agreement_steps``, what held on a day in ``agreement_history``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

TermKind = Literal["number", "fraction", "percent", "money", "date", "duration", "text"]
Form = Literal["agreement", "egtc"]
RIVER_BASIN, MUTUAL_AID, DATA_SHARING = "river-basin", "mutual-aid", "data-sharing"
JOINT_PURCHASING, RESERVE_FUND = "joint-purchasing", "reserve-fund"
SUBJECTS = (RIVER_BASIN, MUTUAL_AID, DATA_SHARING, JOINT_PURCHASING, RESERVE_FUND)
"""What agreements can be about; each is a template, and one agreement may hold several."""


@dataclass(frozen=True)
class Term:
    """A figure, date, amount or word of the agreement, kept once for all languages.

    ``amount`` is exact: a percentage of 50 is Fraction(1, 2), money is in the main unit of its currency, a
    duration is a whole number of ``unit`` (minutes, hours, days, months, years).
    """

    kind: TermKind
    amount: Fraction | None = None
    day: date | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Part:
    """A heading under which articles stand."""

    id: str
    title: Mapping[str, str]


@dataclass(frozen=True)
class Article:
    """One article: its stable identifier, its words by language, and the prescribed contents it covers.

    Blank lines part paragraphs; lines that begin with '- ' are the points of a list. ``{name}`` stands for a
    term, ``{art-…}`` for another article. ``pending`` are the languages whose words are still to be
    written or checked: only a draft may have them.
    """

    id: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    part: str = ""
    covers: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seat:
    """Where the partnership has its seat, and whose law governs what the agreement leaves open."""

    place: Mapping[str, str]
    member: str
    law: str  # ISO 3166-1 country


@dataclass(frozen=True)
class AgreementText:
    """A whole text of an agreement, as one version holds it."""

    id: str
    form: Form
    subjects: tuple[str, ...]
    title: Mapping[str, str]
    languages: tuple[str, ...]  # all equally authentic
    members: tuple[str, ...]  # the parties
    seat: Seat
    parts: tuple[Part, ...]
    terms: Mapping[str, Term]
    articles: tuple[Article, ...]
    notice: Mapping[str, str] = field(default_factory=dict)  # what the text is not, printed above it

    def article(self, identifier: str) -> Article:
        """The article of that id. Raises KeyError."""
        return {a.id: a for a in self.articles}[identifier]

    def number(self, identifier: str) -> int:
        """Its number in the order of the text, from 1. Raises KeyError."""
        return {a.id: n for n, a in enumerate(self.articles, 1)}[identifier]

    @property
    def ids(self) -> frozenset[str]:
        """Identifiers of the articles."""
        return frozenset(a.id for a in self.articles)

    @property
    def untranslated(self) -> tuple[tuple[str, str], ...]:
        """(article, language) of every translation that is still to be written or checked."""
        return tuple(
            (a.id, code)
            for a in self.articles
            for code in self.languages
            if code in a.pending or not a.text.get(code) or not a.title.get(code)
        )
