"""What ``cases/<id>.toml`` may say: a shared problem, its numbers, and what could be done."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from bothbanks.region.schema import (
    Identifier,
    MoneySettings,
    Number,
    ParameterSettings,
    Settings,
    SourceText,
    Words,
)
from bothbanks.region.schema_purchasing import PurchasingSettings
from bothbanks.region.schema_reserve import ReserveSettings

OWN_KINDS = ("proofing", "relocation", "roof", "cooling", "trees")
"""Measures each member decides for itself, with an effect on itself only."""

MeasureKind = Literal[
    "retention", "levee", "walls", "room", "proofing", "relocation", "warning", "cooling", "trees", "roof"
]
CaseKind = Literal["flood", "storm", "heat", "reserve", "purchasing"]


class CurveSettings(Settings):
    """A vulnerability curve, piecewise linear between its knots."""

    id: Identifier = Field(description="id, used by classes")
    intensity: tuple[Number, ...] = Field(min_length=2, description="knots, strictly rising")
    fraction: tuple[Number, ...] = Field(
        min_length=2, description="share of the value lost at each knot, never falling"
    )
    unit: str = Field(description="unit of intensity, such as m or m/s")
    source: SourceText = Field(description="a citation, or the word 'assumed'")

    @model_validator(mode="after")
    def _rises(self) -> CurveSettings:
        if len(self.intensity) != len(self.fraction):
            raise ValueError(
                f"as many fractions as intensities, not {len(self.fraction)} and {len(self.intensity)}"
            )
        for (x0, x1), (y0, y1) in zip(pairwise(self.intensity), pairwise(self.fraction), strict=True):
            if x1 <= x0:
                raise ValueError(f"intensities that rise, not {x0:g} then {x1:g}")
            if y1 < y0:
                raise ValueError(f"a curve that never falls, not {y0:g} at {x0:g} then {y1:g} at {x1:g}")
        if self.fraction[0] < 0.0:
            raise ValueError(f"fractions of 0 or more, not {self.fraction[0]:g}")
        return self


class ClassSettings(Settings):
    """A class of what can be harmed, with its curve and its numbers."""

    id: Identifier = Field(description="id")
    name: Words = Field(default_factory=dict, description="name by language")
    curve: str = Field(
        description="id of a curve under [[curves]], or a built-in one such as jrc-residential"
    )
    owner: Literal["households", "firms", "public"] | None = Field(None, description="who bears its loss")
    parameters: dict[Identifier, ParameterSettings] = Field(
        default_factory=dict, description="numbers of this class"
    )


class BasinSettings(Settings):
    """A river basin of a flood case."""

    kind: Literal["tributary", "main"] = Field(description="'main' for the main river, else 'tributary'")
    name: Words = Field(description="name by language")
    parameters: dict[Identifier, ParameterSettings] = Field(
        default_factory=dict, description="numbers of this basin"
    )


class EffectSettings(Settings):
    """What a measure changes, where and for whom."""

    basin: str = Field("", description="basin of a flood case, '*' for all; empty in other cases")
    members: tuple[str, ...] = Field(("*",), min_length=1, description="members it reaches, or '*' for all")
    on: Literal["discharge", "stage", "protection", "damage", "coverage"] = Field(
        description="discharge: factor; stage: metres added; protection: years, replaces if higher; "
        "damage: factor on loss; coverage: share of people reached"
    )
    classes: tuple[str, ...] = Field(("*",), min_length=1, description="classes it reaches, or '*' for all")
    size: ParameterSettings = Field(description="how much")


class MeasureSettings(Settings):
    """Something that could be done: who decides it, what it costs, what it changes."""

    id: Identifier = Field(description="id")
    kind: MeasureKind = Field(description="kind of measure")
    name: Words = Field(description="name by language")
    about: Words = Field(default_factory=dict, description="a sentence by language")
    holders: tuple[str, ...] = Field(
        (), description="members who must all agree; '*' where each member decides for itself"
    )
    holders_source: SourceText = Field(description="where that competence is stated, or 'assumed'")
    outside_holder: str = Field("", description="name of a holder that is not a member")
    hosts: tuple[str, ...] = Field((), description="members on whose ground it stands; default: the holders")
    outside_consents: bool = Field(
        False, description="true where the outside holder leaves the decision to the holders"
    )
    planned: bool = Field(
        False, description="an outside holder's own plan: true where it will be built anyway"
    )
    paid_by: tuple[str, ...] = Field(
        (),
        description="who pays when nobody shares; default: the hosts among the holders, else the holders",
    )
    lifetime_years: int = Field(ge=1, le=500, description="years until it has to be built again")
    years: tuple[int, ...] = Field((0,), min_length=1, description="years from now in which capital is spent")
    year_shares: tuple[Number, ...] = Field(
        (1.0,), min_length=1, description="share of capital in each of these years"
    )
    cost: MoneySettings = Field(description="capital")
    upkeep: ParameterSettings = Field(description="share of capital a year")
    parameters: dict[Identifier, ParameterSettings] = Field(default_factory=dict, description="other numbers")
    effects: tuple[EffectSettings, ...] = Field((), description="what it changes")
    note: str = Field("", description="remark")

    @model_validator(mode="after")
    def _someone_decides_and_shares_fit(self) -> MeasureSettings:
        if not self.holders and not self.outside_holder.strip():
            raise ValueError("someone who has the competence: holders, or an outside_holder")
        if len(self.years) != len(self.year_shares):
            raise ValueError(
                f"a share for each year, not {len(self.year_shares)} shares for {len(self.years)} years"
            )
        if any(year < 0 for year in self.years) or len(set(self.years)) < len(self.years):
            raise ValueError("years of 0 or more, none twice")
        if any(share < 0.0 for share in self.year_shares) or abs(sum(self.year_shares) - 1.0) > 1e-6:
            raise ValueError(f"year_shares that add up to 1, not {sum(self.year_shares):g}")
        if self.cost.value < 0.0 or (self.cost.low is not None and self.cost.low < 0.0):
            raise ValueError("a cost of 0 or more")
        return self


class DealSettings(Settings):
    """A real pair or group: who hosts, who gains."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="name by language")
    measures: tuple[str, ...] = Field(min_length=1, description="ids of measures")
    hosts: tuple[str, ...] = Field(min_length=1, description="members who host")
    beneficiaries: tuple[str, ...] = Field(min_length=1, description="members who gain")
    article: Words = Field(default_factory=dict, description="draft article by language")


class EventSettings(Settings):
    """A named event to replay: discharge of each basin as a multiple of its two-year discharge."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="name by language")
    date: str = Field("", description="when it happened")
    discharge_ratio: dict[str, ParameterSettings] = Field(description="basin = ratio")
    note: str = Field("", description="remark")


class CaseSettings(Settings):
    """One shared problem."""

    id: Identifier = Field(description="id, the same as its file")
    kind: CaseKind = Field(description="flood, storm, heat, reserve or purchasing")
    unit: str = Field(description="unit of the result: the currency of account, or such as deaths/year")
    reading: Literal["annual-maxima", "poisson"] = Field(
        "annual-maxima", description="how its events are read"
    )
    method: Literal["", "regional", "maps"] = Field(
        "", description="flood: 'regional' (from rain and terrain) or 'maps' (official depth maps)"
    )
    name: Words = Field(description="name by language")
    about: Words = Field(default_factory=dict, description="a sentence or two by language")
    modelled: Words = Field(
        default_factory=dict, description="said where the hazard is modelled; empty when official"
    )
    parameters: dict[Identifier, ParameterSettings] = Field(
        default_factory=dict, description="numbers of the case"
    )
    basins: dict[Identifier, BasinSettings] = Field(
        default_factory=dict, description="basins of a flood case"
    )
    curves: tuple[CurveSettings, ...] = Field((), description="vulnerability curves of its own")
    classes: tuple[ClassSettings, ...] = Field((), description="what can be harmed")
    measures: tuple[MeasureSettings, ...] = Field((), description="what could be done")
    deals: tuple[DealSettings, ...] = Field((), description="real pairs and groups")
    events: tuple[EventSettings, ...] = Field((), description="named events to replay")
    reserve: ReserveSettings | None = Field(None, description="a reserve case: the fund")
    purchasing: PurchasingSettings | None = Field(None, description="a purchasing case: what is bought")
    note: str = Field("", description="remark")

    @field_validator("curves", "classes", "measures", "deals", "events")
    @classmethod
    def _ids_differ(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        ids = [item.id for item in value]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"no id twice, not {', '.join(twice)}")
        return value

    @model_validator(mode="after")
    def _flood_says_how(self) -> CaseSettings:
        if self.kind == "flood" and not self.method:
            raise ValueError("method = 'regional' or 'maps' in a flood case")
        return self

    @model_validator(mode="after")
    def _has_its_own_table(self) -> CaseSettings:
        for kind in ("reserve", "purchasing"):
            if (self.kind == kind) != (getattr(self, kind) is not None):
                raise ValueError(f"a table [{kind}] in a case of kind '{kind}', and in no other")
        return self
