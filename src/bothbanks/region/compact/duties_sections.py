"""Sections of ``compact/duties.toml`` beside the duties: presidency, disputes, claims, contingency plans."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bothbanks.civic.compact.disputes_state import STAGES, Procedure, Stage
from bothbanks.civic.compact.plans import ByDecision, Contact, Level, Plan, PlanStep, Trigger
from bothbanks.civic.compact.presidency import Presidency
from bothbanks.civic.finance.claims import Route
from bothbanks.region.compact.duties_terms import Terms, durations
from bothbanks.region.compact.section import KnownCompact
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import Currency, Identifier, Language, Settings, SourceText, Words
from bothbanks.words.errors import BothbanksError
from bothbanks.words.money import minor_digits

StageName = Literal["talks", "mediation", "panel", "arbitration"]


def _decimal(value: str) -> str:
    try:
        Fraction(value)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError("a number in quotes, such as '46.50'") from error
    return value


class PresidencySettings(Settings):
    """Who presides when, and in which language."""

    article: str = Field(description="article that says so")
    order: tuple[str, ...] = Field(min_length=1, description="members in their turn")
    first: datetime.date = Field(description="first day of the first term")
    months: int = Field(ge=1, description="calendar months of a term")
    languages: dict[str, Language] = Field(description="member = working language of its term")

    @model_validator(mode="after")
    def _can_be(self) -> PresidencySettings:
        try:
            self.presidency()
        except BothbanksError as error:
            raise ValueError("each member once, and a working language for each") from error
        return self

    def presidency(self) -> Presidency:
        """As the partnership keeps it."""
        return Presidency(self.article, self.order, self.first, self.months, dict(self.languages))

    def check(self, known: KnownCompact, problems: Problems) -> None:
        """Note members that are not there and languages that are not the region's."""
        for member in self.order:
            known.member(member, "presidency", problems, "order")
        for member, language in self.languages.items():
            if language not in known.settings.languages:
                wanted = f"a language of the region: {', '.join(known.settings.languages)}"
                problems.add(known.file, short(language), wanted, record="presidency",
                             field=f"languages.{member}", code="region.language")  # fmt: skip


class StageSettings(Settings):
    """A stage of a dispute."""

    name: StageName = Field(description="stage")
    days: int | None = Field(None, ge=1, description="calendar days until it has run out")
    term: str = Field("", description="in place of days: a term of compact.toml, a duration")

    @model_validator(mode="after")
    def _one_of(self) -> StageSettings:
        if (self.days is None) == (not self.term):
            raise ValueError("days, or a term of the agreement")
        return self

    def stage(self, terms: Terms) -> Stage:
        """As the procedure keeps it."""
        months, days = terms[self.term] if self.term else (0, self.days or 0)
        return Stage(self.name, days, months)


class DisputeProcedureSettings(Settings):
    """How disputes between members are settled."""

    article: str = Field(description="article that says so")
    stages: tuple[StageSettings, ...] = Field(min_length=1, description="stages in their order")
    each_names: int = Field(1, ge=1, description="people that each side names to the panel")
    seat_days: int = Field(30, ge=1, description="days to seat the panel")
    chair: Literal["agreed", "presidency"] = Field("agreed", description="who names the chair")

    @model_validator(mode="after")
    def _in_order(self) -> DisputeProcedureSettings:
        names = [s.name for s in self.stages]
        if names != [s for s in STAGES if s in names]:
            raise ValueError(f"stages in the order {', '.join(STAGES)}, each once")
        return self

    def procedure(self, terms: Terms) -> Procedure:
        """As disputes keep it; ``terms`` are the durations of the agreement."""
        stages = tuple(s.stage(terms) for s in self.stages)
        return Procedure(self.article, stages, self.each_names, self.seat_days, self.chair)

    def check(self, known: KnownCompact, problems: Problems) -> None:
        """Note an article or a term that is none."""
        terms = durations(known.others.get("agreement"))
        for k, stage in enumerate(self.stages, 1):
            if stage.term and stage.term not in terms:
                wanted = "a term of compact.toml that is a duration"
                problems.add(known.file, short(stage.term), wanted, record=f"disputes, stages[{k}]",
                             field="term", code="region.unknown-term")  # fmt: skip
        if not self.article.startswith("art-"):
            known.article(self.article, "disputes", problems)


class ClaimRouteSettings(Settings):
    """Route of a claim: until when it is filed, shown and decided, and the most it can give."""

    article: str = Field(description="article that says so")
    file_days: int = Field(ge=0, description="days after the statement within which a member may claim")
    evidence_days: int = Field(ge=0, description="days after filing within which evidence may be added")
    panel_days: int = Field(ge=0, description="days after filing within which the panel is seated")
    decide_days: int = Field(ge=0, description="days after that within which it decides")
    panel_size: int = Field(ge=1, description="people on the panel, an odd number")
    cap: Annotated[str, AfterValidator(_decimal)] = Field(description="most that can be awarded, in quotes")
    currency: Currency = Field(description="currency of the cap")
    source: SourceText = Field(description="where it is stated, or 'assumed'")

    @model_validator(mode="after")
    def _can_decide(self) -> ClaimRouteSettings:
        if self.panel_size % 2 == 0 or self.evidence_days > self.panel_days:
            raise ValueError("an odd panel_size, and evidence_days of panel_days or fewer")
        return self

    def route(self, kind: str) -> Route:
        """As claims keep it."""
        cap = round(Fraction(self.cap) * 10 ** minor_digits(self.currency))
        return Route(
            kind, self.article, self.file_days, self.evidence_days, self.panel_days, self.decide_days,
            self.panel_size, cap, self.currency,
        )  # fmt: skip


class TriggerSettings(Settings):
    """What sets a plan off: an indicator at a level, or a decision."""

    indicator: str = Field("", description="indicator")
    value: Annotated[str, AfterValidator(_decimal)] | None = Field(None, description="level, in quotes")
    unit: str = Field("", description="unit of the level")
    side: Literal["at-least", "at-most"] = Field("at-least", description="on which side it is reached")
    decided_by: str = Field("", description="in place of a level: who decides")
    source: str = Field("", description="with a level: where it is stated, or 'assumed'")

    @model_validator(mode="after")
    def _one_of(self) -> TriggerSettings:
        level = bool(self.indicator) and self.value is not None and bool(self.unit)
        if level == bool(self.decided_by):
            raise ValueError("indicator, value and unit, or decided_by")
        if level and not self.source.strip():
            raise ValueError("a citation, or the word 'assumed', as source of the level")
        return self

    def trigger(self) -> Trigger:
        """As the plan keeps it."""
        if self.decided_by:
            return ByDecision(self.decided_by)
        return Level(self.indicator, Fraction(self.value or "0"), self.unit, self.side)


class PlanStepSettings(Settings):
    """One thing to be done when a plan runs."""

    id: Identifier = Field(description="id")
    owner: str = Field(description="member that does it")
    words: Words = Field(description="what, by language")
    within_minutes: int = Field(ge=1, description="minutes from the activation")


class ContactSettings(Settings):
    """An office to call; never a person."""

    member: str = Field(description="whose office")
    office: str = Field(min_length=1, description="the office")
    reach: str = Field(min_length=1, description="how it is reached")


class PlanSettings(Settings):
    """A contingency plan."""

    id: Identifier = Field(description="id")
    article: str = Field(description="article it rests on")
    title: Words = Field(description="title by language")
    trigger: TriggerSettings = Field(description="what sets it off")
    steps: tuple[PlanStepSettings, ...] = Field(min_length=1, description="what is done")
    contacts: tuple[ContactSettings, ...] = Field((), description="offices to call")
    reviewed: datetime.date = Field(description="day of the last review")
    review_months: int = Field(ge=1, description="calendar months until the next")
    drilled: datetime.date | None = Field(None, description="day of the last drill")

    @model_validator(mode="after")
    def _ids_differ(self) -> PlanSettings:
        ids = [s.id for s in self.steps]
        if len(set(ids)) < len(ids):
            raise ValueError("no id twice")
        return self

    def plan(self) -> Plan:
        """As the partnership keeps it."""
        return Plan(
            self.id,
            self.article,
            dict(self.title),
            self.trigger.trigger(),
            tuple(PlanStep(s.id, s.owner, dict(s.words), s.within_minutes) for s in self.steps),
            tuple(Contact(c.member, c.office, c.reach) for c in self.contacts),
            self.reviewed,
            self.review_months,
            self.drilled,
        )

    def check(self, known: KnownCompact, record: str, problems: Problems) -> None:
        """Note members and articles that are not there."""
        for step in self.steps:
            known.member(step.owner, f"{record}, step {step.id}", problems, "owner")
        for contact in self.contacts:
            known.member(contact.member, record, problems, "contacts")
        if not self.article.startswith("art-"):
            known.article(self.article, record, problems)
