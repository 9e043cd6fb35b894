"""``[[reserve.triggers]]``: parametric triggers, each with index, payout, data and cover."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from pydantic import Field, field_validator, model_validator

from bothbanks.region.problems import Problems
from bothbanks.region.schema import Identifier, Number, Settings, SourceText, Words


def exact(value: float) -> Fraction:
    """A number of the file as it is written there: 0.1 is one tenth, not the float next to it.

    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(float(value)))


class StepSettings(Settings):
    """A band of the index and the share of the limit it pays."""

    gt: Number | None = Field(None, description="index above this")
    ge: Number | None = Field(None, description="index of this or more")
    lt: Number | None = Field(None, description="index below this")
    le: Number | None = Field(None, description="index of this or less")
    pay: Number = Field(ge=0.0, le=1.0, description="share of the limit; never negative")


class ColumnsSettings(Settings):
    """Heads of the columns of a data file."""

    time: str = Field(min_length=1, description="when it was observed")
    value: str = Field(min_length=1, description="what was observed")
    place: str = Field("", description="which gauge or storm; empty: the file holds one")
    status: str = Field("", description="whether the record is final; empty: 'status' says it for all")
    x: str = Field("", description="a storm's track: longitude of its centre")
    y: str = Field("", description="a storm's track: latitude of its centre")


class DataSettings(Settings):
    """How the published CSV is read; the path is below the published folder."""

    file: str = Field(min_length=1, description="path below the published folder, with /")
    columns: ColumnsSettings = Field(description="heads of its columns")
    time_format: str = Field("%Y-%m-%d", description="how times are written, as strftime writes it")
    encoding: str = Field("utf-8", description="text encoding")
    delimiter: str = Field(",", min_length=1, max_length=1, description="what separates the fields")
    decimal: Literal[".", ","] = Field(".", description="decimal mark")
    missing: tuple[str, ...] = Field(("",), description="texts that mean 'no value'")
    final: tuple[str, ...] = Field((), description="words of the status column that mean final")
    status: Literal["", "final", "operational"] = Field("", description="standing of a file with no status")

    @field_validator("file")
    @classmethod
    def _stays_inside(cls, value: str) -> str:
        parts = value.split("/")
        if value.startswith("/") or "\\" in value or ":" in value or any(p in ("", ".", "..") for p in parts):
            raise ValueError("a path below the published folder, such as gauges/river.csv")
        return value

    @model_validator(mode="after")
    def _says_what_is_final(self) -> DataSettings:
        if bool(self.columns.status) == bool(self.status):
            raise ValueError("either columns.status, or status = 'final' or 'operational' for the file")
        if self.columns.status and not self.final:
            raise ValueError("with columns.status, the words that mean final under 'final'")
        return self


class EventIndexSettings(Settings):
    """How the region's flood years stand for the index, so that its basis risk can be computed."""

    basin: str = Field(description="basin of the flood case whose yearly flood it is")
    as_: Literal["return-period", "discharge", "rain"] = Field(
        alias="as",
        description="'return-period' in years; 'discharge' at a gauge by its published frequencies; "
        "'rain' as rare as that flood",
    )
    gauge: str = Field("", description="'discharge': the gauge in flow_frequency; 'rain': the station")
    duration_days: Number = Field(1.0, gt=0.0, description="'rain': over how many days")
    source: SourceText = Field(description="a citation, or the word 'assumed'")


class PartSettings(Settings):
    """One gauge, or one box that a storm may cross; the payouts of several add up, to the limit."""

    id: Identifier = Field(description="id")
    place: str = Field("", description="the gauge, or the storm ('' = whatever the file holds)")
    reduce: Literal["max", "min", "sum"] = Field(description="greatest, least or sum over the window")
    step_hours: int = Field(
        0, ge=0, description="hours between records: a gap is then refused; 0 = as they come"
    )
    span: int = Field(1, ge=1, description="records summed before the greatest or least is taken")
    box: tuple[Number, Number, Number, Number] | None = Field(
        None, description="a track's box: west, south, east, north"
    )
    polygon: tuple[tuple[Number, Number], ...] = Field((), description="a track's area: corners x, y")
    steps: tuple[StepSettings, ...] = Field((), description="what it pays, by bands")
    attachment: Number | None = Field(None, description="or in proportion from here ...")
    exhaustion: Number | None = Field(None, description="... to here, where all is paid")
    data: DataSettings = Field(description="where it is observed")
    events: EventIndexSettings | None = Field(
        None, description="how the region's flood years stand for it; without, no basis risk is computed"
    )

    @model_validator(mode="after")
    def _pays_one_way(self) -> PartSettings:
        linear = [x is not None for x in (self.attachment, self.exhaustion)]
        if bool(self.steps) == any(linear) or any(linear) != all(linear):
            raise ValueError("either steps, or attachment and exhaustion")
        if self.box is not None and self.polygon:
            raise ValueError("a box or a polygon, not both")
        if self.track != bool(self.data.columns.x and self.data.columns.y):
            raise ValueError("columns x and y with a box or polygon, and only then")
        if not self.track and (self.reduce == "sum" or self.span > 1) and not self.step_hours:
            raise ValueError("step_hours with a sum, so that a gap does not pass as nothing")
        if self.track and (self.reduce == "sum" or self.span > 1 or self.step_hours):
            raise ValueError("max or min along a track, with no span and no step_hours")
        return self

    @property
    def track(self) -> bool:
        """True for a storm's track in an area, False for the record of a gauge."""
        return self.box is not None or bool(self.polygon)


class TriggerSettings(Settings):
    """A parametric trigger: what it pays by an index that anybody can compute from published data."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="name by language")
    about: Words = Field(default_factory=dict, description="a sentence or two by language")
    unit: str = Field(min_length=1, description="unit of the index, such as m3/s, mm or mbar")
    limit: Number = Field(ge=0.0, description="most it pays in the cover, in money of account")
    shares: dict[str, Number] = Field(
        min_length=1, description="member = its part of a payout; they sum to 1"
    )
    start: datetime.date = Field(description="first day of the cover")
    end: datetime.date = Field(description="last day of the cover")
    waits_for: Literal["final", "any"] = Field(
        description="'final': pays on checked data only; 'any': on operational data too"
    )
    article: str = Field("", description="article of the agreement it follows")
    parts: tuple[PartSettings, ...] = Field(min_length=1, description="its gauges or boxes")
    needed_years: Number = Field(
        10.0,
        gt=1.0,
        description="a payout is needed where a member's flood loss of the year is rarer than this",
    )
    attach_years: tuple[Number, ...] = Field(
        (5.0, 10.0, 20.0, 50.0, 100.0), description="return periods of the index to compare as attachments"
    )
    source: SourceText = Field(description="where the terms are stated, or 'assumed'")
    note: str = Field("", description="remark")

    @model_validator(mode="after")
    def _holds_together(self) -> TriggerSettings:
        if min(self.shares.values()) <= 0.0 or sum(exact(s) for s in self.shares.values()) != 1:
            raise ValueError("shares above 0 that sum to 1 exactly")
        if self.end < self.start:
            raise ValueError(f"a cover that ends on {self.start} or later")
        ids = [p.id for p in self.parts]
        if len(set(ids)) < len(ids):
            raise ValueError("no id twice")
        if any(years < 1.0 for years in self.attach_years):
            raise ValueError("attach_years of 1 year or more")
        return self


def check_triggers(
    triggers: Iterable[TriggerSettings], members: Iterable[str], file: str, problems: Problems
) -> None:
    """Note shares of members that are not in the region, and payouts that can't be."""
    from bothbanks.region.trigger_terms import terms_of
    from bothbanks.words.errors import BothbanksError

    known = set(members)
    for number, trigger in enumerate(triggers, 1):
        record = f"reserve.triggers[{number}] {trigger.id}"
        for member in trigger.shares:
            if member not in known:
                problems.add(
                    file,
                    f"'{member}'",
                    f"one of {', '.join(sorted(known))}",
                    record=record,
                    field="shares",
                    code="region.member",
                )
        try:
            terms_of(trigger, "EUR", 2000)
        except BothbanksError as error:
            problems.add_error(file, error, record=record)
