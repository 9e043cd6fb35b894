"""``compact/sharing.toml``: who may see which dataset, for what, where, until when, how fine."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bothbanks.civic.compact.sharing import Coarsening, Dataset, SharingRule
from bothbanks.civic.compact.sharing_rules import CountTerms, EmergencyTerms, Purpose, RuleBook, faults
from bothbanks.region.compact.agreement import ArticleId
from bothbanks.region.compact.section import CompactSettings, KnownCompact
from bothbanks.region.problems import Problems
from bothbanks.region.schema import Identifier, Number, Settings, Words

Role = Literal["secretariat", "council", "engineer", "duty-officer", "auditor", "monitor", "resident"]


def _dataset(value: str) -> str:
    kind, colon, name = value.rpartition(":")
    if not name or (colon and not kind) or not all(c.isalnum() or c in "-_*" for c in kind + name):
        raise ValueError("a dataset's id, such as votes, layer:cells or table:members; or a beginning with *")
    return value


DatasetId = Annotated[str, AfterValidator(_dataset)]


class DatasetSettings(Settings):
    """Something that can be shared."""

    id: DatasetId = Field(description="id; 'layer:<name>' and 'table:<name>' for layers and tables")
    name: Words = Field(description="name by language")
    owner: str = Field("", description="member that it belongs to; default: the whole partnership")
    inputs: tuple[DatasetId, ...] = Field((), description="datasets it is made from: the strictest counts")
    released: ArticleId | None = Field(
        None, description="article that frees it from the rules of what it is made from"
    )
    counts: tuple[str, ...] = Field((), description="its fields that count people or households")


class CoarseSettings(Settings):
    """How fine."""

    grid_m: int = Field(0, ge=0, description="side of the squares, metres")
    group: int = Field(0, ge=0, description="smallest number of people in a figure that is shown")
    rounding: int = Field(0, ge=0, description="figures are rounded to multiples of this")
    delay_hours: int = Field(0, ge=0, description="nothing younger is shown")
    dates: Literal["", "day", "month", "year"] = Field("", description="how fine dates are")


class RuleSettings(Settings):
    """Who may see what, and by which article."""

    id: Identifier = Field(description="id, never used for another rule later")
    datasets: tuple[DatasetId, ...] = Field(min_length=1, description="ids, or beginnings with *")
    readers: tuple[str, ...] = Field(
        min_length=1,
        description="'public', 'members', 'partnership', 'member:<id>', 'role:<role>', 'role:<role>@<id>'",
    )
    level: Literal["full", "coarse", "suppressed", "nothing"] = Field(description="how fine in all")
    article: ArticleId = Field(description="article of compact.toml that says so")
    since: datetime.date | None = Field(None, description="first day; default: when the service is opened")
    until: datetime.date | None = Field(None, description="first day on which it no longer holds")
    purposes: tuple[Identifier, ...] = Field((), description="only for these purposes, stated and recorded")
    areas: tuple[str, ...] = Field((), description="only in these areas: ids of members")
    detail: CoarseSettings | None = Field(None, description="how fine, where coarse or suppressed")
    hidden: tuple[str, ...] = Field((), description="fields that stay hidden")


class PurposeSettings(Settings):
    """What data may be asked for."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="in words, by language")


class EmergencySettings(Settings):
    """Opening data in an emergency."""

    article: ArticleId = Field(description="article of compact.toml that allows it")
    openers: tuple[Role, ...] = Field(min_length=1, description="roles that may open")
    readers: tuple[str, ...] = Field(min_length=1, description="whom it is opened to, as in a rule")
    reviewers: tuple[Role, ...] = Field(min_length=1, description="roles that look at it afterwards")
    longest_hours: int = Field(ge=1, description="longest single opening")
    pause_hours: int = Field(ge=0, description="opening again within this time is a renewal: two people")
    window_hours: int = Field(ge=1, description="time over which openings of the same are added up")
    longest_in_all_hours: int = Field(ge=1, description="longest in all within the window without a vote")
    review_days: int = Field(ge=1, description="days until the review")


class CountSettings(Settings):
    """How counts of people are protected."""

    least: int = Field(10, ge=2, description="smallest count above 0 that is shown")
    width: int = Field(10, ge=1, description="how far apart the ends of what a hidden count can be must lie")
    variance: Number = Field(2.0, gt=0.0, description="of the noise")
    reach: int = Field(5, ge=1, description="most that noise adds or takes away")
    step: int = Field(5, ge=1, description="counts with noise are multiples of this")


class SharingSettings(CompactSettings):
    """Who may see which dataset."""

    purposes: tuple[PurposeSettings, ...] = Field((), description="what data may be asked for")
    datasets: tuple[DatasetSettings, ...] = Field(min_length=1, description="what there is to share")
    rules: tuple[RuleSettings, ...] = Field((), description="who may see it; without a rule only its owner")
    emergency: EmergencySettings | None = Field(None, description="opening data in an emergency")
    counts: CountSettings | None = Field(
        None,
        description="how counts of people are protected; default: least 10, width 10, noise 2 to 5, step 5",
    )

    def book(self, opened: datetime.datetime) -> RuleBook:
        """The book of rules; a rule without a first day begins when the service is opened."""
        e = self.emergency
        return RuleBook(
            datasets=tuple(
                Dataset(d.id, d.owner, d.inputs, d.released or "", d.counts, dict(d.name))
                for d in self.datasets
            ),
            rules=tuple(_rule(r, opened) for r in self.rules),
            purposes=tuple(Purpose(p.id, dict(p.name)) for p in self.purposes),
            emergency=None if e is None else EmergencyTerms(**e.model_dump()),
            counts=CountTerms(**self.counts.model_dump()) if self.counts else CountTerms(),
        )

    def check(self, known: KnownCompact, problems: Problems) -> None:
        """Note rules that contradict each other, name nobody or nothing, or rest on nothing."""
        book = self.book(datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC))
        for fault in faults(book, known.settings.members):
            if not fault.note:
                problems.add(
                    known.file,
                    fault.why.words,
                    "rules that fit together",
                    record=fault.about,
                    code=f"region.{fault.why.code.replace('.', '-')}",
                )


def _rule(rule: RuleSettings, opened: datetime.datetime) -> SharingRule:
    return SharingRule(
        id=rule.id,
        datasets=rule.datasets,
        readers=rule.readers,
        level=rule.level,
        article=rule.article,
        since=_midnight(rule.since) or opened,
        until=_midnight(rule.until),
        purposes=rule.purposes,
        areas=rule.areas,
        detail=None if rule.detail is None else Coarsening(**rule.detail.model_dump()),
        hidden=rule.hidden,
    )


def _midnight(day: datetime.date | None) -> datetime.datetime | None:
    """The beginning of a day, UTC: the rules of all members change at one moment."""
    if day is None:
        return None
    return datetime.datetime.combine(day, datetime.time(), tzinfo=datetime.UTC)
