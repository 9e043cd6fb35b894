"""``compact/duties.toml``: the duties that articles give to members, and what follows when one is missed.

Presidency, disputes, claims and contingency plans stand in the same file (``duties_sections``): all of them
are days that the agreement counts.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bothbanks.civic.compact.duties_calendar import After, Every, Once, When, WorkCalendar
from bothbanks.civic.compact.duties_state import Duty, Step
from bothbanks.region.compact.duties_sections import (
    ClaimRouteSettings,
    DisputeProcedureSettings,
    PlanSettings,
    PresidencySettings,
)
from bothbanks.region.compact.duties_terms import Terms, durations
from bothbanks.region.compact.section import CompactSettings, KnownCompact
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import Country, Identifier, Settings, SourceText, Words
from bothbanks.words.errors import BothbanksError

Role = Literal["secretariat", "council", "engineer", "duty-officer", "auditor", "monitor"]
ActionName = Literal["remind", "escalate", "mediate", "arbitrate", "suspend"]


def _holiday(value: str) -> str:
    if not re.fullmatch(r"(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", value):
        raise ValueError("a day as MM-DD (every year) or YYYY-MM-DD")
    return value


class CalendarSettings(Settings):
    """How last days are counted."""

    last_day: Literal["as-it-falls", "next-working-day"] = Field(
        "as-it-falls", description="what happens to a last day on a weekend or holiday"
    )
    holidays: dict[Country, tuple[Annotated[str, AfterValidator(_holiday)], ...]] = Field(
        default_factory=dict, description="country = its holidays; used by 'next-working-day' only"
    )
    source: SourceText = Field(description="where the choice and the holidays are stated, or 'assumed'")


class StepSettings(Settings):
    """One step of a ladder."""

    action: ActionName = Field(description="what follows")
    days: int | None = Field(
        None, description="calendar days after the last day; below 0: before it (reminders only)"
    )
    term: str = Field("", description="in place of days: a term of compact.toml, a duration in days")
    to: str = Field("", description="to whom it goes")
    suspends: str = Field("", description="step 'suspend': the right that rests")

    @model_validator(mode="after")
    def _can_be(self) -> StepSettings:
        if (self.days is None) == (not self.term):
            raise ValueError("days, or a term of the agreement")
        try:
            self.step(0)
        except BothbanksError as error:
            raise ValueError(error.message.partition("; ")[2] or error.message) from error
        return self

    def step(self, days: int) -> Step:
        """As the duty keeps it; ``days`` are those of the term, where one is named."""
        return Step(self.action, days if self.days is None else self.days, self.to, self.suspends)


class LadderSettings(Settings):
    """What follows, step by step, when a day passes."""

    article: str = Field(description="article that says so")
    steps: tuple[StepSettings, ...] = Field(min_length=1, description="steps, the days rising")

    @model_validator(mode="after")
    def _rises(self) -> LadderSettings:
        days = [s.days for s in self.steps if s.days is not None]
        if days != sorted(days):
            raise ValueError("steps whose days rise")
        return self

    def ladder(self, terms: Terms) -> tuple[Step, ...]:
        """Its steps, the terms of the agreement filled in."""
        return tuple(s.step(terms[s.term][1] if s.term else 0) for s in self.steps)


class EverySettings(Settings):
    """Due again and again."""

    first: datetime.date = Field(description="the first day")
    months: int = Field(ge=1, description="calendar months from one to the next")
    until: datetime.date | None = Field(None, description="last day it can be due")


class AfterSettings(Settings):
    """Due some time after an event."""

    event: str = Field(min_length=1, description="the event, such as 'adoption'")
    months: int = Field(0, ge=0, description="calendar months after it")
    days: int = Field(0, ge=0, description="days after that")


class DutySettings(Settings):
    """What members owe by an article."""

    id: Identifier = Field(description="id; with several owners, the owner is added to it")
    article: str = Field(description="article it rests on")
    owners: tuple[str, ...] = Field(
        (), description="members that owe it, each for itself; none: every member"
    )
    title: Words = Field(description="what, by language")
    asks: Words = Field(description="what evidence closes it, by language")
    accepted_by: Role = Field("secretariat", description="role that reads the evidence")
    ladder: str = Field(description="what follows when it is missed: one of [ladders]")
    day: datetime.date | None = Field(None, description="due once, on this day")
    every: EverySettings | None = Field(None, description="due again and again")
    after: AfterSettings | None = Field(None, description="due some time after an event")
    measure: str = Field("", description="a milestone: id of the measure it belongs to")
    programme_year: int | None = Field(
        None, ge=0, description="a milestone: due at the end of this year of the programme, counted from 0"
    )

    @model_validator(mode="after")
    def _one_rule(self) -> DutySettings:
        given = [n for n in ("day", "every", "after", "programme_year") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError("exactly one of day, every, after and programme_year")
        if self.programme_year is not None and not self.measure:
            raise ValueError("a measure with programme_year")
        if self.every is not None and self.every.until is not None and self.every.until < self.every.first:
            raise ValueError("an end on or after the first day")
        return self

    def rule(self, first_year: int) -> When:
        """When it is due; ``first_year`` is the calendar year of year 0 of the programme."""
        if self.day is not None:
            return Once(self.day)
        if self.every is not None:
            return Every(self.every.first, self.every.months, self.every.until)
        if self.after is not None:
            return After(self.after.event, self.after.days, self.after.months)
        assert self.programme_year is not None
        return Once(datetime.date(first_year + self.programme_year, 12, 31))


class DecisionSettings(Settings):
    """A decision taken before the service kept the votes, to which payments and purchases point."""

    id: Identifier = Field(description="id")
    day: datetime.date = Field(description="day it was taken")
    by: str = Field(min_length=1, description="organ or council that took it")
    words: Words = Field(description="what was decided, by language")
    article: str = Field("", description="article it rests on")


class DutiesSettings(CompactSettings):
    """Duties and deadlines of the agreement."""

    calendar: CalendarSettings = Field(description="how last days are counted")
    begin: Literal["adoption", "at-once"] = Field(
        "adoption", description="when the duties of a draft begin; those of a text in force begin at once"
    )
    first_year: int | None = Field(
        None, ge=1900, le=2200, description="calendar year of year 0 of the programme, for milestones"
    )
    ladders: dict[str, LadderSettings] = Field(default_factory=dict, description="what follows, by name")
    duties: tuple[DutySettings, ...] = Field((), description="the duties")
    presidency: PresidencySettings | None = Field(None, description="who presides when")
    disputes: DisputeProcedureSettings | None = Field(None, description="how disputes are settled")
    claims: dict[Literal["basis-risk"], ClaimRouteSettings] = Field(
        default_factory=dict, description="routes of claims against computed payouts"
    )
    plans: tuple[PlanSettings, ...] = Field((), description="contingency plans")
    decisions: tuple[DecisionSettings, ...] = Field((), description="decisions taken before the service")

    @model_validator(mode="after")
    def _ids_differ(self) -> DutiesSettings:
        for listed in (self.duties, self.plans, self.decisions):
            ids = [x.id for x in listed]
            if len(set(ids)) < len(ids):
                raise ValueError("no id twice")
        return self

    def calendar_of(self, zone: str, country: str) -> WorkCalendar:
        """The calendar of a member in that zone and country."""
        return WorkCalendar(zone, self.calendar.last_day, frozenset(self.calendar.holidays.get(country, ())))

    def each(
        self, members: Mapping[str, tuple[str, str]], since: datetime.datetime, draft: bool, terms: Terms
    ) -> Iterator[Duty]:
        """Every duty of every owner, not yet taken up. ``members``: id -> (zone, country)."""
        begins = self.begin if draft and self.begin == "adoption" else ""
        for d in self.duties:
            owners = d.owners or tuple(members)
            for owner in owners:
                yield Duty(
                    id=d.id if d.owners == (owner,) else f"{d.id}-{owner}",
                    owner=owner,
                    article=d.article,
                    title=dict(d.title),
                    asks=dict(d.asks),
                    rule=d.rule(self.first_year or since.year),
                    ladder=self.ladders[d.ladder].ladder(terms),
                    accepted_by=d.accepted_by,
                    calendar=self.calendar_of(*members[owner]),
                    since=since,
                    about=f"measure/{d.measure}" if d.measure else "",
                    begins=begins,
                )

    def check(self, known: KnownCompact, problems: Problems) -> None:
        """Note articles, members, measures and ladders that are not there."""
        for name, ladder in self.ladders.items():
            _article(known, ladder.article, f"ladders.{name}", problems)
            terms = durations(known.others.get("agreement"))
            for k, step in enumerate(ladder.steps, 1):
                if step.term and terms.get(step.term, (1, 0))[0]:
                    wanted = "a term of compact.toml that is a duration in days"
                    problems.add(known.file, short(step.term), wanted, record=f"ladders.{name}, steps[{k}]",
                                 field="term", code="region.unknown-term")  # fmt: skip
        measures = {m.id for c in known.cases.values() for m in c.measures}
        for k, d in enumerate(self.duties, 1):
            record = f"duties[{k}] {d.id}"
            _article(known, d.article, record, problems)
            for owner in d.owners:
                known.member(owner, record, problems, "owners")
            if d.ladder not in self.ladders:
                wanted = f"one of {', '.join(self.ladders) or '[ladders], which has none'}"
                problems.add(known.file, short(d.ladder), wanted, record=record, field="ladder")
            if d.measure and d.measure not in measures:
                wanted = f"a measure of cases/*.toml ({', '.join(sorted(measures))})"
                problems.add(known.file, short(d.measure), wanted, record=record, field="measure",
                             code="region.unknown-measure")  # fmt: skip
            if d.programme_year is not None and self.first_year is None:
                problems.add(known.file, "nothing", "the calendar year of year 0, because duties name "
                             "programme_year", field="first_year")  # fmt: skip
        self._check_triggers(known, problems)
        for section in (self.presidency, self.disputes):
            if section is not None:
                section.check(known, problems)
        for kind, route in self.claims.items():
            _article(known, route.article, f"claims.{kind}", problems)
        for k, plan in enumerate(self.plans, 1):
            plan.check(known, f"plans[{k}] {plan.id}", problems)

    def _check_triggers(self, known: KnownCompact, problems: Problems) -> None:
        """Payouts name the article they follow; the cases' own file is named."""
        for case in known.cases.values():
            reserve = getattr(case, "reserve", None)
            for k, trigger in enumerate(getattr(reserve, "triggers", ()), 1):
                if trigger.article:
                    there = replace(known, file=f"cases/{case.id}.toml")
                    there.article(trigger.article, f"reserve, triggers[{k}] {trigger.id}", problems)


def _article(known: KnownCompact, article: str, record: str, problems: Problems) -> None:
    """Identifiers that begin with 'art-' are checked for every file at once; anything else is told here."""
    if not article.startswith("art-"):
        known.article(article, record, problems)
