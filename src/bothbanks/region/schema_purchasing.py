"""The ``[purchasing]`` table of ``cases/purchasing.toml``."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from typing import Literal

from pydantic import Field, field_validator, model_validator

from bothbanks.civic.finance.thresholds import regimes, union_threshold
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import (
    Identifier,
    MemberSettings,
    Number,
    ParameterSettings,
    RegionSettings,
    Settings,
    Words,
)
from bothbanks.words.errors import InputError

Numbers = Iterator[tuple[str, tuple[str | int, ...], ParameterSettings]]


class StepSettings(Settings):
    """A step of a price list."""

    start: Number = Field(ge=0.0, description="units a year from which the factor holds; the first 0")
    factor: Number = Field(gt=0.0, description="factor on the price; never rising")


class GoodSettings(Settings):
    """A good that members buy: how much, at what price by volume, under which kind of contract."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="name by language")
    unit: Words = Field(description="what is counted, by language: trees, shields")
    note: str = Field("", description="remark")
    kind: Literal["goods", "services", "works"] = Field(description="kind of contract")
    contract_years: int = Field(ge=1, le=20, description="years that one procedure covers")
    lead: Identifier | None = Field(
        None, description="member whose law holds wherever it takes part; default: the largest buyer"
    )
    measure: str = Field(
        "", description="'<case>.<measure>' whose capital pays for it; 'share' says how much of it"
    )
    every_member: bool = Field(
        False, description="with a measure: all members buy, also where the appraisal doesn't choose it"
    )
    share: ParameterSettings | None = Field(
        None, description="with a measure: share of its capital that buys this good"
    )
    per_head: ParameterSettings | None = Field(
        None, description="without a measure: units a head and year, of every member"
    )
    price: ParameterSettings = Field(description="money a unit, at the reference volume, without tax")
    reference: ParameterSettings | None = Field(
        None, description="units a year at which the price was seen; with movable and elasticity"
    )
    movable: ParameterSettings | None = Field(None, description="share of the price that volume can move")
    elasticity: ParameterSettings | None = Field(
        None, description="how fast that share falls with volume: doubling it leaves 2**-elasticity"
    )
    steps: tuple[StepSettings, ...] = Field((), description="a price list instead of a curve")
    delivery: ParameterSettings | None = Field(
        None, description="money a unit that joint buying adds: storing and bringing it round"
    )

    @model_validator(mode="after")
    def _says_how_much(self) -> GoodSettings:
        if bool(self.measure) == (self.per_head is not None):
            raise ValueError("either a measure that pays for it, or per_head")
        if bool(self.measure) != (self.share is not None):
            raise ValueError("a share of the measure's capital with a measure, and only then")
        return self

    @model_validator(mode="after")
    def _says_the_price(self) -> GoodSettings:
        curve = [x is not None for x in (self.reference, self.movable, self.elasticity)]
        if self.steps:
            starts, factors = [s.start for s in self.steps], [s.factor for s in self.steps]
            if any(curve):
                raise ValueError("steps, or a curve (reference, movable, elasticity), not both")
            if starts != sorted(set(starts)) or starts[0] != 0.0:
                raise ValueError("steps that rise from 0")
            if factors != sorted(factors, reverse=True):
                raise ValueError("factors that never rise with volume")
        elif not all(curve):
            raise ValueError("steps, or reference, movable and elasticity")
        for item, low, high, words in (
            (self.price, 0.0, float("inf"), "a price of 0 or more"),
            (self.movable, 0.0, 1.0, "a movable share from 0 to 1"),
            (self.share, 0.0, 1.0, "a share from 0 to 1"),
            (self.elasticity, 0.0, 0.999, "an elasticity from 0 to below 1"),
            (self.per_head, 0.0, float("inf"), "a quantity of 0 or more"),
            (self.reference, 1e-9, float("inf"), "a reference volume above 0"),
            (self.delivery, 0.0, float("inf"), "a cost of 0 or more"),
        ):
            if item is not None and not (low <= min(_ends(item)) and max(_ends(item)) <= high):
                raise ValueError(words)
        return self

    def numbers(self) -> Iterator[tuple[str, ParameterSettings]]:
        """(last part of the id, settings) of its parameters."""
        for name in ("share", "per_head", "price", "reference", "movable", "elasticity", "delivery"):
            item = getattr(self, name)
            if item is not None:
                yield name, item


def _ends(item: ParameterSettings) -> tuple[float, ...]:
    return tuple(x for x in (item.low, item.value, item.high) if x is not None)


class PurchasingSettings(Settings):
    """Buying together: what is bought, at what price by volume, under which rules."""

    opens: datetime.date = Field(description="day the tenders open: it decides which thresholds hold")
    rules: dict[str, str] = Field(
        default_factory=dict,
        description="country or member = code of its procurement rules (DE-NW); default: the country's own",
    )
    goods: tuple[GoodSettings, ...] = Field(min_length=1, description="what is bought")

    @field_validator("goods")
    @classmethod
    def _ids_differ(cls, value: tuple[GoodSettings, ...]) -> tuple[GoodSettings, ...]:
        ids = [item.id for item in value]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"no id twice, not {', '.join(twice)}")
        return value

    def numbers(self) -> Numbers:
        """(id below the case, keys below its table, settings) of every number that is a parameter."""
        for place, good in enumerate(self.goods):
            for name, item in good.numbers():
                yield f"good.{good.id}.{name}", ("goods", place, name), item

    def check(
        self,
        file: str,
        settings: RegionSettings,
        members: tuple[MemberSettings, ...],
        measures: Collection[str],
        problems: Problems,
    ) -> None:
        """Note goods, rules or a day that the rest of the folder, or the thresholds on file, don't know.

        ``measures`` are those of all cases, as '<case>.<measure>'.
        """
        try:
            union_threshold("goods", self.opens)
        except InputError as error:
            problems.add(
                file, self.opens.isoformat(), error.message, field="purchasing.opens", code="region.date"
            )
        known = {*settings.members, *(m.country for m in members)}
        for place, code in self.rules.items():
            field = f"purchasing.rules.{place}"
            if place not in known:
                problems.add(file, short(place), "a member, or the country of one", field=field)
            if code not in regimes():
                problems.add(file, short(code), f"one of {', '.join(regimes())}", field=field)
        for number, good in enumerate(self.goods, 1):
            record = f"purchasing.goods[{number}] {good.id}"
            for field, words in (("name", good.name), ("unit", good.unit)):
                lacking = [x for x in settings.languages if not (words.get("") or words.get(x, "")).strip()]
                if lacking:
                    problems.add(
                        file,
                        f"no words in {', '.join(lacking)}",
                        "words in each language of the region, or one text",
                        record=record,
                        field=field,
                        code="region.language",
                    )
            if good.lead is not None and good.lead not in settings.members:
                problems.add(
                    file, short(good.lead), "a member", record=record, field="lead", code="region.member"
                )
            if good.measure and good.measure not in measures:
                problems.add(
                    file,
                    short(good.measure),
                    "a measure of a case, as <case>.<measure>",
                    record=record,
                    field="measure",
                    code="region.measure",
                )
