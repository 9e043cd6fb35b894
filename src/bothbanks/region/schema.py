"""What ``region.toml`` and ``member.toml`` may say, as typed settings."""

from __future__ import annotations

import datetime
import math
import re
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bothbanks.words.parameters import Parameter

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def _identifier(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError("letters, digits, '-', '_' and '.' only, starting with a letter or digit")
    return value


def _currency(value: str) -> str:
    from babel.core import get_global

    if value not in get_global("all_currencies"):
        raise ValueError("an ISO 4217 currency code, such as EUR")
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise ValueError("an ISO 3166-1 country code of two capitals, such as BE")
    return value


def _language(value: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(value, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError("a language code such as de or nl") from error
    return value


def _words(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    languages = (info.context or {}).get("languages", ())
    return dict.fromkeys(languages, value) if languages else {"": value}


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("a finite number")
    return value


def _stated(value: str) -> str:
    if not value.strip():
        raise ValueError("a citation, or the word 'assumed'")
    return value.strip()


Identifier = Annotated[str, AfterValidator(_identifier)]
Currency = Annotated[str, AfterValidator(_currency)]
Country = Annotated[str, AfterValidator(_country)]
Language = Annotated[str, AfterValidator(_language)]
Number = Annotated[float, AfterValidator(_finite)]
SourceText = Annotated[str, AfterValidator(_stated)]
Words = Annotated[dict[str, str], BeforeValidator(_words)]
"""Words by language code; a plain string is the same in every language of the region."""


class Settings(BaseModel):
    """Frozen, and no key it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ParameterSettings(Settings):
    """A number with its range, unit and source."""

    value: Number = Field(description="the number used")
    low: Number | None = Field(None, description="lowest plausible value; default: the value itself")
    high: Number | None = Field(None, description="highest plausible value; default: the value itself")
    unit: str = Field(description="unit as pint writes it; a currency counts as one (EUR/m2)")
    source: SourceText = Field(description="a citation, or the word 'assumed'")
    note: str = Field("", description="remark")
    price_year: int | None = Field(
        None, ge=1900, le=2200, description="money: the year whose prices it is in"
    )

    @model_validator(mode="after")
    def _range_holds_the_value(self) -> ParameterSettings:
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            raise ValueError(f"low <= value <= high (low {low:g}, value {self.value:g}, high {high:g})")
        return self

    def parameter(self, identifier: str, factor: float = 1.0, unit: str | None = None) -> Parameter:
        """The parameter of that id, its numbers times ``factor`` (money turned into money of account)."""
        return Parameter(
            id=identifier,
            value=self.value * factor,
            low=(self.value if self.low is None else self.low) * factor,
            high=(self.value if self.high is None else self.high) * factor,
            unit=self.unit if unit is None else unit,
            source=self.source,
            note=self.note,
        )


class MoneySettings(ParameterSettings):
    """A parameter in money: its price year must be stated."""

    price_year: int = Field(ge=1900, le=2200, description="the year whose prices it is in")


class DatumSettings(Settings):
    """A height datum and its offset: height of account = height + offset."""

    name: str = Field(min_length=1, description="name, as used in height_datum")
    offset_to_account_m: Number = Field(description="metres added to a height over this datum")
    uncertainty_m: Number = Field(ge=0.0, description="uncertainty of the offset, metres")
    source: SourceText = Field(description="a citation; 'assumed' is refused")

    @field_validator("source")
    @classmethod
    def _cited(cls, value: str) -> str:
        if value.lower() == "assumed":
            raise ValueError(
                "a citation: an assumed offset is refused, because a wrong sign moves every height"
            )
        return value


class RateSettings(Settings):
    """A dated exchange rate: amount in ``to`` = amount in ``from`` times ``rate``."""

    currency_from: Currency = Field(alias="from", description="currency")
    currency_to: Currency = Field(alias="to", description="currency")
    rate: Number = Field(gt=0.0, description="units of 'to' for one unit of 'from'")
    date: datetime.date = Field(description="day of the rate; must lie in the price year of account")
    source: SourceText = Field(description="a citation, or the word 'assumed'")


class DeflatorSettings(Settings):
    """Prices of one year in those of another: amount in to_year = amount in from_year x factor."""

    currency: Currency = Field(description="currency")
    from_year: int = Field(ge=1900, le=2200, description="price year the money is in")
    to_year: int = Field(ge=1900, le=2200, description="price year wanted")
    factor: Number = Field(gt=0.0, description="price level of to_year over that of from_year")
    source: SourceText = Field(description="a citation, or the word 'assumed'")


class ScenarioSettings(Settings):
    """A climate scenario as stated change factors."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="name by language")
    rain_factor: Number = Field(1.0, gt=0.0, description="factor on rain maxima")
    discharge_factor: Number = Field(1.0, gt=0.0, description="factor on discharge of main rivers")
    temperature_shift_c: Number = Field(0.0, description="added to daily highest temperature, degC")
    gust_factor: Number = Field(1.0, gt=0.0, description="factor on gusts")
    population_factor: Number = Field(1.0, gt=0.0, description="factor on people")
    year: int | None = Field(None, description="year it stands for")
    source: SourceText = Field(description="a citation, or the word 'assumed'")
    note: str = Field("", description="remark")


class SourceSettings(Settings):
    """One layer: the file it is in and how to read it."""

    kind: str = Field(description="kind of layer")
    file: str = Field(min_length=1, description="path from the folder of this toml; inside the region folder")
    layer: str = Field("", description="layer of a GeoPackage, sheet of a workbook, variable of a NetCDF")
    encoding: str = Field(
        "utf-8", description="text encoding of a CSV or shapefile, such as utf-8 or windows-1252"
    )
    delimiter: str = Field(",", min_length=1, max_length=1, description="what separates the fields of a CSV")
    decimal: Literal[".", ","] = Field(".", description="decimal mark of numbers written as text")
    thousands: str = Field("", max_length=1, description="mark between thousands of numbers written as text")
    skip_lines: int = Field(0, ge=0, description="lines before the header of a CSV or sheet")
    missing: tuple[str, ...] = Field(("",), description="texts that mean 'no value'")
    date_format: str = Field("%Y-%m-%d", description="how dates are written, as strftime writes it")
    crs: str = Field(
        "", description="coordinate reference system, required where there are coordinates or geometry"
    )
    height_datum: str = Field("", description="datum, or 'relative only'; required where a field is a height")
    currency: Currency | None = Field(None, description="currency, required where a field is money")
    price_year: int | None = Field(
        None, ge=1900, le=2200, description="price year, required where a field is money"
    )
    licence: str = Field(min_length=1, description="licence of the file")
    attribution: str = Field(min_length=1, description="whom to name")
    reexpressed_from: str = Field("", description="what the file was re-expressed from, if it was")
    derived_how: str = Field("", description="how the file was derived, if it was")
    modelled: bool = Field(False, description="true where the figures are modelled and not official")
    on_bad_record: Literal["error", "refuse"] | None = Field(
        None, description="'error' lists a bad record as a problem, 'refuse' sets it aside and counts it"
    )
    fields: dict[str, str] = Field(default_factory=dict, description="canonical column = their field")
    units: dict[str, str] = Field(
        default_factory=dict, description="canonical column = unit their field is in"
    )
    constants: dict[str, str | float | int | bool | datetime.date] = Field(
        default_factory=dict, description="canonical column = value, the same in every row"
    )
    codes: dict[str, dict[str, str | float | int]] = Field(
        default_factory=dict, description="canonical column: their code = ours"
    )
    code_sources: dict[str, str] = Field(
        default_factory=dict, description="canonical column = where its codes are from"
    )


class MemberSettings(Settings):
    """One member. ``sources`` are its layers."""

    id: Identifier = Field(description="id, the same as its folder")
    name: Words = Field(description="name by language")
    country: Country = Field(description="ISO 3166-1 code, such as BE")
    currency: Currency = Field(description="currency its council counts in")
    languages: tuple[Language, ...] = Field(min_length=1, description="its languages")
    fiscal_year_start: str = Field("01-01", description="MM-DD")
    zone: str | None = Field(
        None, description="IANA time zone, such as Europe/Berlin; by default the only one of its country"
    )
    discount_rate: ParameterSettings | None = Field(
        None, description="its own national rate, shown in its brief"
    )
    parameters: dict[Identifier, ParameterSettings] = Field(
        default_factory=dict, description="numbers of this member alone"
    )
    on_bad_record: Literal["error", "refuse"] = Field("error", description="default for its sources")
    sources: tuple[SourceSettings, ...] = Field((), description="its layers")

    @field_validator("fiscal_year_start")
    @classmethod
    def _is_a_day(cls, value: str) -> str:
        if not _DAY.fullmatch(value):
            raise ValueError("a day as MM-DD, such as 01-01")
        return value

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError("an IANA time zone, such as Europe/Berlin")
        return value


class RegionSettings(Settings):
    """The region as a whole."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="name by language")
    about: Words = Field(default_factory=dict, description="a sentence or two by language")
    demonstration: Words = Field(
        default_factory=dict, description="what this data can bear, said on the first page"
    )
    members: tuple[Identifier, ...] = Field(
        min_length=2, max_length=12, description="ids of the members, in order"
    )
    languages: tuple[Language, ...] = Field(min_length=1, description="languages of the report")
    currency: Currency = Field(description="currency of account")
    price_year: int = Field(ge=1900, le=2200, description="price year of account")
    horizon_years: int = Field(ge=1, le=200, description="years looked ahead")
    crs: str = Field(description="CRS of account, projected, in metres")
    height_datum: str = Field(min_length=1, description="height datum of account")
    cell_size_m: Number = Field(1000.0, gt=0.0, description="cell of the grid of account, metres")
    seed: int = Field(20261124, ge=0, description="seed of the draws")
    draws: int = Field(64, ge=1, le=100_000, description="number of draws")
    parameters: dict[Identifier, ParameterSettings] = Field(
        description="numbers of the region, discount_rate among them"
    )
    datums: tuple[DatumSettings, ...] = Field((), description="height datums and their offsets")
    rates: tuple[RateSettings, ...] = Field((), description="dated exchange rates")
    deflators: tuple[DeflatorSettings, ...] = Field((), description="price levels")
    scenarios: tuple[ScenarioSettings, ...] = Field((), description="climate scenarios")
    on_bad_record: Literal["error", "refuse"] = Field(
        "error", description="default for the region's own sources"
    )
    sources: tuple[SourceSettings, ...] = Field((), description="layers that belong to no single member")

    @field_validator("members", "languages")
    @classmethod
    def _no_repeats(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("no name twice")
        return value

    @field_validator("parameters")
    @classmethod
    def _has_a_discount_rate(cls, value: dict[str, ParameterSettings]) -> dict[str, ParameterSettings]:
        if "discount_rate" not in value:
            raise ValueError("a table [parameters.discount_rate]")
        return value
