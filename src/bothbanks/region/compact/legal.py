"""``compact/legal.toml``: what each member's law asks on each subject, with its source, and recognitions."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact import legal_demands as demands
from bothbanks.civic.compact.legal import (
    LegalRule,
    Recognition,
    Subject,
    Version,
    add_rule,
    add_subject,
    record_recognition,
)
from bothbanks.region.compact.section import CompactSettings, KnownCompact
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import Identifier, Settings, SourceText, Words

AreaName = Literal[
    "procurement", "environment", "land-use", "qualifications", "driving", "equipment", "insurance", "radio",
    "data-protection",
]  # fmt: skip
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def _value(text: str) -> str:
    try:
        Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError("an exact number in quotes, such as '140000' or '2.5'") from error
    return text


Value = Annotated[str, AfterValidator(_value)]


class SubjectSettings(Settings):
    """One question put to each member's law."""

    id: Identifier = Field(description="id; crews, vehicles and packages point to it")
    area: AreaName = Field(description="area")
    name: Words = Field(description="name by language")
    question: Words = Field(description="the question, by language")
    unit: str = Field("", description="unit of its values")
    mergeable: bool = Field(True, description="false: one law is named (procurement)")
    labels: dict[str, Words] = Field(
        default_factory=dict, description="words, by language, for what rules permit, require or forbid"
    )

    def subject(self) -> Subject:
        """As the matrix keeps it."""
        labels = {key: dict(words) for key, words in self.labels.items()}
        return Subject(
            self.id, self.area, dict(self.name), dict(self.question), self.unit, self.mergeable, labels
        )


class DemandSettings(Settings):
    """One thing that a rule asks: exactly one of its kinds."""

    at_least: Value | None = Field(None, description="least value, in the subject's unit, in quotes")
    at_most: Value | None = Field(None, description="greatest value")
    one_of: tuple[str, ...] | None = Field(None, description="permitted: one of these labels")
    requires: tuple[str, ...] | None = Field(None, description="labels that must all be there")
    forbids: tuple[str, ...] | None = Field(None, description="labels that may not be there")

    @model_validator(mode="after")
    def _one_kind(self) -> DemandSettings:
        names = ("at_least", "at_most", "one_of", "requires", "forbids")
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(names)} (found: {', '.join(given) or 'none'})")
        return self

    def demand(self) -> demands.Demand:
        """As the matrix combines it."""
        if self.at_least is not None:
            return demands.AtLeast(Fraction(self.at_least))
        if self.at_most is not None:
            return demands.AtMost(Fraction(self.at_most))
        if self.one_of is not None:
            return demands.OneOf(self.one_of)
        if self.requires is not None:
            return demands.Requires(self.requires)
        return demands.Forbids(self.forbids or ())


class LegalRuleSettings(Settings):
    """What the law of one or more members asks on a subject, for a span of days."""

    subject: str = Field(description="id of the subject")
    members: tuple[str, ...] = Field(min_length=1, description="members it holds for")
    demands: tuple[DemandSettings, ...] = Field((), description="what it asks; none: not known, to be asked")
    text: Words = Field(description="the rule in words, by language")
    source: SourceText = Field(description="where it was read, or who is to be asked")
    certainty: Literal["seen", "inferred", "unclear", "made-up"] = Field("seen", description="how sure it is")
    valid_from: datetime.date | None = Field(None, description="first day")
    valid_to: datetime.date | None = Field(None, description="last day")
    review: datetime.date | None = Field(None, description="when to look at it again")

    def version(self, recorded: datetime.datetime) -> Version:
        """As the matrix keeps it."""
        return Version(
            tuple(d.demand() for d in self.demands), dict(self.text), self.source, recorded, self.certainty,
            self.valid_from, self.valid_to, self.review,
        )  # fmt: skip


class RecognitionSettings(Settings):
    """An agreement by which members accept what is lawful in others."""

    id: Identifier = Field(description="id")
    subject: str = Field(description="id of the subject")
    givers: tuple[str, ...] = Field(min_length=1, description="what is lawful in these members")
    takers: tuple[str, ...] = Field(min_length=1, description="is accepted in these")
    article: str = Field(min_length=1, description="the article or agreement that says so")
    source: SourceText = Field(description="where it was read")
    since: datetime.date = Field(description="first day")
    until: datetime.date | None = Field(None, description="last day")
    conditions: Words = Field(default_factory=dict, description="where it stops, by language")

    def recognition(self) -> Recognition:
        """As the matrix keeps it."""
        return Recognition(
            self.id, self.subject, self.givers, self.takers, self.article, self.source, self.since,
            self.until, dict(self.conditions),
        )  # fmt: skip


class LegalSettings(CompactSettings):
    """The legal matrix of the region."""

    subjects: tuple[SubjectSettings, ...] = Field(min_length=1, description="the questions")
    rules: tuple[LegalRuleSettings, ...] = Field((), description="the answers of each member's law")
    recognitions: tuple[RecognitionSettings, ...] = Field((), description="what is recognised across")

    def all_rules(self, recorded: datetime.datetime) -> Iterator[tuple[Subject, LegalRule]]:
        """Each member's rule on each subject, its versions in the order of their first days."""
        for settings in self.subjects:
            subject = settings.subject()
            spans: dict[str, list[Version]] = {}
            for rule in self.rules:
                if rule.subject == subject.id:
                    for member in rule.members:
                        spans.setdefault(member, []).append(rule.version(recorded))
            for member, versions in spans.items():
                ordered = sorted(versions, key=lambda v: v.valid_from or datetime.date.min)
                yield subject, LegalRule(f"{subject.id}.{member}", subject.id, member, tuple(ordered))

    def check(self, known: KnownCompact, problems: Problems) -> None:
        """Note unknown subjects and members, ids used twice, spans that overlap, rules that can't stand."""
        subjects = {s.id: s.subject() for s in self.subjects}
        for table, ids in (
            ("subjects", [s.id for s in self.subjects]), ("recognitions", [r.id for r in self.recognitions])
        ):  # fmt: skip
            for twice, times in Counter(ids).items():
                if times > 1:
                    problems.add(known.file, f"'{twice}' {times} times", "each id once", record=table,
                                 field="id", code="region.duplicate")  # fmt: skip
        for n, settings in enumerate(self.subjects, 1):
            found = add_subject(settings.subject())
            _note(found, f"subjects[{n}] {settings.id}", known, problems)
        listed = f"a subject: {', '.join(subjects)}"
        for n, rule in enumerate(self.rules, 1):
            record = f"rules[{n}] {rule.subject}"
            for member in rule.members:
                known.member(member, record, problems, "members")
            if rule.subject not in subjects:
                problems.add(known.file, short(rule.subject), listed, record=record, field="subject")
                continue
            subject = subjects[rule.subject]
            _note(add_rule("check", subject, "check", rule.version(_EPOCH)), record, known, problems)
        for n, settings_ in enumerate(self.recognitions, 1):
            record = f"recognitions[{n}] {settings_.id}"
            if settings_.subject not in subjects:
                problems.add(known.file, short(settings_.subject), listed, record=record, field="subject")
                continue
            agreed = record_recognition(
                settings_.recognition(), subjects[settings_.subject], known.settings.members
            )
            _note(agreed, record, known, problems)
        self._check_spans(known, problems)

    def _check_spans(self, known: KnownCompact, problems: Problems) -> None:
        for _, rule in self.all_rules(_EPOCH):
            for earlier, later in zip(rule.versions, rule.versions[1:], strict=False):
                if (
                    earlier.valid_to is None
                    or later.valid_from is None
                    or later.valid_from <= earlier.valid_to
                ):
                    problems.add(
                        known.file, f"two rules of '{rule.member}' that hold on the same day",
                        "valid_to of the one before valid_from of the other",
                        record=f"subject {rule.subject}", field="valid_from", code="region.duplicate",
                    )  # fmt: skip


def _note(found: object, record: str, known: KnownCompact, problems: Problems) -> None:
    if isinstance(found, Refusal):
        problems.add(known.file, "what can't stand", found.words, record=record, code="region.legal")
