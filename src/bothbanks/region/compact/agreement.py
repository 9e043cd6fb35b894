"""``compact.toml``: the agreement in force or in draft, all of its problems told at once."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bothbanks.civic.compact.agreement import AgreementText, Article, Part, Seat, Term, TermKind
from bothbanks.region.compact.agreement_checks import check_agreement
from bothbanks.region.compact.section import CompactSettings, KnownCompact
from bothbanks.region.problems import Problems
from bothbanks.region.schema import Country, Currency, Identifier, Number, Settings, Words

UNITS = ("minutes", "hours", "days", "months", "years")
AMOUNTS = ("number", "fraction", "percent", "money", "date", "text", *UNITS)


def _article(value: str) -> str:
    if not re.fullmatch(r"art-[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError("an article's id: 'art-' and small letters, digits and '-', such as art-votes")
    return value


def _fraction(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d+/[1-9]\d*", value):
        raise ValueError("a fraction in quotes, such as '2/3'")
    if Fraction(value) > 1:
        raise ValueError("a fraction of the whole, at most '1/1'")
    return value


def _flat(value: Any) -> Any:
    """Terms of tables in tables under dotted names: reserve.floor."""
    if not isinstance(value, dict):
        return value
    out: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict) and item and not set(item) & {*AMOUNTS, "currency", "note"}:
            flat = _flat(item)
            out.update({f"{name}.{inner}": x for inner, x in flat.items()})
        else:
            out[name] = item
    return out


def _stripped(words: dict[str, str]) -> dict[str, str]:
    return {code: text.strip() for code, text in words.items()}


ArticleId = Annotated[str, AfterValidator(_article)]


class TermSettings(Settings):
    """A figure, date, amount or word of the agreement: one of its kinds, once for all languages."""

    number: Number | None = Field(None, description="a bare number")
    fraction: Annotated[str | None, BeforeValidator(_fraction)] = Field(
        None, description="an exact fraction in quotes, such as '2/3'"
    )
    percent: Number | None = Field(None, description="a percentage: 50 for half")
    money: Number | None = Field(None, description="an amount in the main unit of its currency")
    currency: Currency | None = Field(None, description="with money: the currency")
    date: datetime.date | None = Field(None, description="a day")
    minutes: int | None = Field(None, ge=0, description="a duration; the text says 'minutes'")
    hours: int | None = Field(None, ge=0, description="a duration; the text says 'hours'")
    days: int | None = Field(None, ge=0, description="a duration; the text says 'days'")
    months: int | None = Field(None, ge=0, description="a duration; the text says 'months'")
    years: int | None = Field(None, ge=0, description="a duration; the text says 'years'")
    text: Words | None = Field(None, description="words by language")
    note: str = Field("", description="where the figure comes from, or what it needs")

    @model_validator(mode="after")
    def _one_kind(self) -> TermSettings:
        given = [name for name in AMOUNTS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(AMOUNTS)} (found: {', '.join(given) or 'none'})")
        if (self.currency is not None) != (given == ["money"]):
            raise ValueError("a currency with money, and with nothing else")
        return self

    def term(self) -> Term:
        """As the agreement keeps it, in exact numbers."""
        kind = next(name for name in AMOUNTS if getattr(self, name) is not None)
        value = getattr(self, kind)
        if kind == "date":
            return Term("date", day=value)
        if kind == "text":
            return Term("text", words=dict(value))
        amount = Fraction(str(value))
        if kind in UNITS:
            return Term("duration", amount, unit=kind)
        if kind == "percent":
            return Term("percent", amount / 100)
        kinds: Mapping[str, TermKind] = {"number": "number", "fraction": "fraction", "money": "money"}
        return Term(kinds[kind], amount, currency=self.currency or "")


class PartSettings(Settings):
    """A heading under which articles stand."""

    id: Identifier = Field(description="id, named by the articles under it")
    title: Words = Field(description="title by language")


class SeatSettings(Settings):
    """Where the partnership has its seat."""

    place: Words = Field(description="the place by language")
    member: str = Field(description="the member it lies in")
    law: Country = Field(description="country whose law governs what the agreement leaves open")


class ArticleSettings(Settings):
    """One article in every language of the region."""

    id: ArticleId = Field(
        description="stable identifier that duties, votes, rules and payments point to: art-…"
    )
    part: str = Field("", description="the part it stands in")
    covers: tuple[str, ...] = Field((), description="prescribed contents it covers, such as statutes.b")
    pending: tuple[str, ...] = Field(
        (), description="languages whose words are still to be written or checked; in a draft only"
    )
    title: Words = Field(description="title by language")
    text: Annotated[Words, AfterValidator(_stripped)] = Field(
        description="words by language: an empty line parts paragraphs, '- ' begins a point, {name} a term, "
        "{art-…} another article"
    )


class AgreementSettings(CompactSettings):
    """The agreement in force or in draft."""

    id: Identifier = Field(description="id")
    form: Literal["agreement", "egtc"] = Field(
        description="'egtc' (Regulation (EC) 1082/2006) or any other 'agreement'"
    )
    subjects: tuple[
        Literal["river-basin", "mutual-aid", "data-sharing", "joint-purchasing", "reserve-fund"], ...
    ] = Field((), description="what it is about")
    status: Literal["draft", "in-force"] = Field(description="'draft', or 'in-force' with its dates")
    drafted: datetime.date = Field(description="day of this text")
    in_force: datetime.date | None = Field(None, description="with 'in-force': since when")
    signed: dict[str, datetime.date] = Field(
        default_factory=dict, description="with 'in-force': member = day it signed or ratified"
    )
    title: Words = Field(description="title by language")
    notice: Words = Field(default_factory=dict, description="printed above the text: what it is not")
    seat: SeatSettings = Field(description="seat and applicable law")
    terms: Annotated[dict[str, TermSettings], BeforeValidator(_flat)] = Field(
        default_factory=dict, description="figures, dates, amounts and words, once for all languages"
    )
    parts: tuple[PartSettings, ...] = Field((), description="headings")
    articles: tuple[ArticleSettings, ...] = Field(min_length=1, description="the articles in their order")

    def agreement(self, languages: tuple[str, ...], members: tuple[str, ...]) -> AgreementText:
        """The text, for the languages and the members of the region."""
        return AgreementText(
            id=self.id,
            form=self.form,
            subjects=self.subjects,
            title=dict(self.title),
            languages=languages,
            members=members,
            seat=Seat(dict(self.seat.place), self.seat.member, self.seat.law),
            parts=tuple(Part(p.id, dict(p.title)) for p in self.parts),
            terms={name: term.term() for name, term in self.terms.items()},
            articles=tuple(
                Article(
                    a.id,
                    dict(a.title),
                    dict(a.text),
                    a.part,
                    a.covers,
                    a.pending,
                )
                for a in self.articles
            ),
            notice=dict(self.notice),
        )

    def check(self, known: KnownCompact, problems: Problems) -> None:
        """Note everything of the text that can't be: see ``agreement_checks``."""
        check_agreement(self, known, problems)
