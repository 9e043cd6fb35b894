"""``finance/grants.toml``: outcome grants: formulas that pay by measured indicators."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from bothbanks.civic.finance.claims import Route
from bothbanks.civic.finance.outcome_grants import (
    Band,
    Formula,
    GrantTerms,
    Linear,
    Progressive,
    Reached,
    Steps,
)
from bothbanks.region.finance.section import FinanceSettings, Known, Number
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import Identifier, ParameterSettings, Settings, SourceText, Words
from bothbanks.region.schema import Number as Real
from bothbanks.region.schema_triggers import exact
from bothbanks.words.errors import BothbanksError
from bothbanks.words.money import minor_digits


class BandSettings(Settings):
    """From an outcome of ``start`` on, each further unit is worth ``price``."""

    start: Real = Field(ge=0.0, description="outcome from which the price holds; the first 0")
    price: Real = Field(ge=0.0, description="money of account a unit of outcome")


class ReachedSettings(Settings):
    """A fixed amount for what was reached."""

    at_least: Real = Field(ge=0.0, description="outcome of this or more")
    amount: Real = Field(ge=0.0, description="money of account")


class DisputeSettings(Settings):
    """Who may say that the amount is wrong, until when, and who decides."""

    article: str = Field("", description="article of the agreement it follows")
    file_days: int = Field(ge=0, description="days after the statement within which a member may dispute it")
    evidence_days: int = Field(ge=0, description="days after filing within which evidence may be added")
    panel_days: int = Field(ge=0, description="days after filing within which the panel is seated")
    decide_days: int = Field(ge=0, description="days after that within which it decides")
    panel_size: int = Field(ge=1, description="people on the panel, an odd number")
    cap: Real = Field(ge=0.0, description="most that can be awarded, in money of account")

    @model_validator(mode="after")
    def _can_decide(self) -> DisputeSettings:
        if self.panel_size % 2 == 0:
            raise ValueError("a panel of an odd number, so that it can decide")
        if self.evidence_days > self.panel_days:
            raise ValueError("evidence_days of panel_days or fewer")
        return self


class GrantDataSettings(Settings):
    """The published CSV of observations."""

    file: str = Field(min_length=1, description="path below the published folder, with /")
    time: str = Field("date", description="column: the day (YYYY-MM-DD)")
    value: str = Field("value", description="column: the measured value")
    verifier: str = Field("verifier", description="column: who signed for it")


class GrantSettings(Settings):
    """One outcome grant."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="name by language")
    about: Words = Field(default_factory=dict, description="what is measured and how, by language")
    funder: Words = Field(description="who pays, by language")
    indicator: str = Field(min_length=1, description="id of the indicator")
    unit: str = Field(min_length=1, description="unit of the indicator, such as EUR/year or min")
    better: Literal["lower", "higher"] = Field(description="which way is better")
    aggregate: Literal["mean", "sum", "last", "min", "max"] = Field(
        description="how the observations of the period become one measured value"
    )
    start: datetime.date = Field(description="first day of the period")
    end: datetime.date = Field(description="last day of the period")
    least_count: int = Field(1, ge=1, description="observations needed; with fewer nothing is paid")
    verifier: str = Field(min_length=1, description="who must sign an observation for it to count")
    baseline: ParameterSettings | None = Field(
        None,
        description="value without the effort; left open, the forecast takes everybody alone as modelled, "
        "and nothing can be paid until it is agreed",
    )
    price: ParameterSettings | None = Field(None, description="linear: money a unit of outcome")
    bands: tuple[BandSettings, ...] = Field((), description="progressive: prices by band of the outcome")
    steps: tuple[ReachedSettings, ...] = Field((), description="steps: amounts for what was reached")
    floor: Real = Field(0.0, ge=0.0, description="least paid once there are data, in money of account")
    cap: ParameterSettings = Field(description="most paid, in money of account")
    shares: dict[str, Real] = Field(min_length=1, description="member = its part of a payout; they sum to 1")
    dispute: DisputeSettings = Field(description="how its amount is disputed")
    data: GrantDataSettings = Field(description="where the observations are published")
    forecast: Literal["", "flood-loss", "people-affected"] = Field(
        "", description="which modelled figures the expected payout is computed from; empty: none is"
    )
    source: SourceText = Field(description="where the terms are stated, or 'assumed'")
    note: str = Field("", description="remark")

    @model_validator(mode="after")
    def _pays_one_way(self) -> GrantSettings:
        if sum((self.price is not None, bool(self.bands), bool(self.steps))) != 1:
            raise ValueError("one of price, bands and steps")
        if self.bands and (self.bands[0].start or any(b.start <= a.start for a, b in pairwise(self.bands))):
            raise ValueError("bands that start at 0 and rise")
        if min(self.shares.values()) <= 0.0 or sum(exact(s) for s in self.shares.values()) != 1:
            raise ValueError("shares above 0 that sum to 1 exactly")
        if self.end < self.start:
            raise ValueError(f"a period that ends on {self.start} or later")
        if min(x.value for x in (self.cap, self.price) if x is not None) < 0.0:
            raise ValueError("a price and a cap of 0 or more; a payout is never negative")
        return self

    @property
    def years(self) -> int:
        """Whole years of the period, at least one: over how many years a mean is taken."""
        return max(1, round((self.end - self.start).days / 365.25))

    def numbers(self) -> Iterator[tuple[str, ParameterSettings]]:
        """(last part of the id, settings) of its parameters."""
        for name in ("baseline", "price", "cap"):
            item = getattr(self, name)
            if item is not None:
                yield name, item

    def formula(self) -> Formula:
        """What it pays, exact."""
        if self.price is not None:
            return Linear(exact(self.price.value))
        if self.bands:
            return Progressive(tuple(Band(exact(b.start), exact(b.price)) for b in self.bands))
        return Steps(tuple(Reached(exact(s.at_least), exact(s.amount)) for s in self.steps))

    def terms(self, currency: str, price_year: int, baseline: Fraction | None = None) -> GrantTerms:
        """Exact terms; ``baseline`` stands where the file leaves it open.

        Raises
        ------
        RangeError
            A floor above the cap, steps that fall.
        """
        digits = minor_digits(currency)
        stated = exact(self.baseline.value) if self.baseline is not None else baseline
        d = self.dispute
        route = Route(
            "outcome-grant", d.article, d.file_days, d.evidence_days, d.panel_days, d.decide_days,
            d.panel_size, round(exact(d.cap) * 10**digits), currency,
        )  # fmt: skip
        return GrantTerms(
            id=self.id,
            unit=self.unit,
            better=self.better,
            aggregate=self.aggregate,
            baseline=Fraction(0) if stated is None else stated,
            formula=self.formula(),
            minor_digits=digits,
            floor_minor=round(exact(self.floor) * 10**digits),
            cap_minor=round(exact(self.cap.value) * 10**digits),
            currency=currency,
            price_year=price_year,
            shares={m: exact(s) for m, s in self.shares.items()},
            verifier=self.verifier,
            start=self.start,
            end=self.end,
            least_count=self.least_count,
            dispute=route,
        )


class GrantsSettings(FinanceSettings):
    """Outcome grants: formulas that pay by measured indicators."""

    grants: tuple[GrantSettings, ...] = Field(min_length=1, description="the grants")
    note: str = Field("", description="remark")

    @model_validator(mode="after")
    def _ids_differ(self) -> GrantsSettings:
        ids = [g.id for g in self.grants]
        if len(set(ids)) < len(ids):
            raise ValueError("no id twice")
        return self

    def numbers(self) -> Iterator[Number]:
        """Baseline, price and cap of each grant."""
        for i, grant in enumerate(self.grants):
            for name, item in grant.numbers():
                yield f"{grant.id}.{name}", ("grants", i, name), item

    def check(self, known: Known, problems: Problems) -> None:
        """Note members that are not there, other money than that of account, and terms that can't be."""
        account = known.settings
        members = {m.id for m in known.members}
        for number, grant in enumerate(self.grants, 1):
            record = f"grants[{number}] {grant.id}"
            for member in grant.shares:
                if member not in members:
                    problems.add(
                        known.file,
                        short(member),
                        f"one of {', '.join(sorted(members))}",
                        record=record,
                        field="shares",
                        code="region.member",
                    )
            for name, item in grant.numbers():
                if name != "baseline":
                    _check_money(known, item, record, name, problems)
            if "flood" not in known.cases and grant.forecast:
                problems.add(
                    known.file,
                    short(grant.forecast),
                    "no forecast, because the region has no flood case",
                    record=record,
                    field="forecast",
                )
            try:
                grant.terms(account.currency, account.price_year)
            except BothbanksError as error:
                problems.add_error(known.file, error, record=record)


def _check_money(known: Known, item: ParameterSettings, record: str, field: str, problems: Problems) -> None:
    """Terms are paid to the cent, so their money is that of account as it stands, never converted."""
    account = known.settings
    if item.unit.partition("/")[0] != account.currency:
        problems.add(
            known.file,
            short(item.unit),
            f"{account.currency}, the currency of account (a unit of outcome after a slash)",
            record=record,
            field=f"{field}.unit",
            code="region.currency",
        )
    if item.price_year not in (None, account.price_year):
        problems.add(
            known.file,
            str(item.price_year),
            f"{account.price_year}, the price year of account: terms are paid to the cent, not deflated",
            record=record,
            field=f"{field}.price_year",
        )
