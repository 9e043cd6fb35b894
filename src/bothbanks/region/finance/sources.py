"""``finance/sources.toml``: funding sources and the rules they come with, and who pays for upkeep."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from bothbanks.region.finance.section import FinanceSettings, Known, Number
from bothbanks.region.problems import Problems
from bothbanks.region.schema import (
    Currency,
    Identifier,
    MoneySettings,
    ParameterSettings,
    Settings,
    SourceText,
    Words,
)
from bothbanks.region.schema import Number as Real

EVERY = "*"
SourceKind = Literal["appropriation", "fund", "interreg", "climate", "loan", "bond", "private", "citizens"]
SHARES = ("largest_share", "smallest_share", "interest")
CAPS = ("cap", "cap_measure", "cap_member")


class FundingRateSettings(Settings):
    """A dated exchange rate of the funding: any day, so that its range can be seen."""

    currency_from: Currency = Field(alias="from", description="currency")
    currency_to: Currency = Field(alias="to", description="currency")
    rate: Real = Field(gt=0.0, description="units of 'to' for one unit of 'from'")
    date: datetime.date = Field(description="day of the rate")
    source: SourceText = Field(description="a citation, or the word 'assumed'")


class FundingSourceSettings(Settings):
    """One source of money and its rules."""

    id: Identifier = Field(description="id")
    kind: SourceKind = Field(
        description="appropriation, fund, interreg, climate: grants; loan, bond, private: paid back; "
        "citizens: the council's own money, set aside before"
    )
    name: Words = Field(description="name by language")
    measures: tuple[str, ...] = Field((EVERY,), min_length=1, description="ids or kinds of measures, or '*'")
    members: tuple[str, ...] = Field((EVERY,), min_length=1, description="members it is open to, or '*'")
    countries: int = Field(1, ge=1, description="a measure's partners must come from so many countries")
    first_year: int | None = Field(None, description="first calendar year it can be drawn in")
    last_year: int | None = Field(None, description="last calendar year it can be drawn in")
    currency: Currency = Field(description="currency it pays in")
    pays: tuple[Literal["capital", "upkeep"], ...] = Field(
        ("capital",), min_length=1, description="what it may pay: 'capital', 'upkeep' or both"
    )
    largest_share: ParameterSettings | None = Field(
        None, description="most of each payment it pays; default all"
    )
    smallest_share: ParameterSettings | None = Field(
        None, description="least of a measure's eligible cost, where it pays at all"
    )
    cap: MoneySettings | None = Field(None, description="most it pays in all")
    cap_measure: MoneySettings | None = Field(None, description="most it pays for one measure")
    cap_member: MoneySettings | None = Field(None, description="most it pays for one member")
    interest: ParameterSettings | None = Field(
        None, description="yearly interest over inflation, of what is paid back"
    )
    maturity_years: int = Field(0, ge=0, le=100, description="years until it is paid back")
    grace_years: int = Field(0, ge=0, description="of these, years with interest only")
    not_with: tuple[str, ...] = Field((), description="sources that can't pay for the same measure")
    conditions: Words = Field(default_factory=dict, description="its conditions in words")
    closed: Words = Field(default_factory=dict, description="why it is closed, if it is: shown, never drawn")
    source: SourceText = Field(description="a citation, or the word 'assumed'")

    @property
    def repaid(self) -> bool:
        """True where it has to be paid back."""
        return self.kind in ("loan", "bond", "private")


class TogetherSettings(Settings):
    """Several sources together pay at most a share of a measure's capital."""

    id: Identifier = Field(description="id")
    sources: tuple[str, ...] = Field(
        min_length=1, description="ids of sources, or 'grants' for all that are not paid back"
    )
    share: ParameterSettings = Field(description="most of a measure's capital that they pay together")


class DebtLimitSettings(Settings):
    """The most a council may owe a year."""

    member: str = Field(description="id of the member, or '*' for each")
    amount: MoneySettings = Field(
        description="most interest and repayment a year, or that a person (`EUR/person`)"
    )


class PotSettings(Settings):
    """Who pays for upkeep, and from what."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="name by language")
    measures: tuple[str, ...] = Field((EVERY,), min_length=1, description="ids or kinds of measures, or '*'")
    members: tuple[str, ...] = Field((EVERY,), min_length=1, description="whose upkeep it pays, or '*'")
    first_year: int | None = Field(None, description="first calendar year")
    last_year: int | None = Field(None, description="last calendar year")
    a_year: MoneySettings | None = Field(
        None, description="most it pays a year for each member; default: what is due"
    )
    source: SourceText = Field(description="a citation, or the word 'assumed'")


class SourcesSettings(FinanceSettings):
    """Funding sources and the rules they come with, and who pays for upkeep."""

    first_year: int = Field(ge=1900, le=2200, description="calendar year of year 0 of the horizon")
    rate_date: datetime.date | None = Field(
        None, description="day of the exchange rates used; needed where currencies differ"
    )
    sources: tuple[FundingSourceSettings, ...] = Field(description="in order of preference where equal")
    together: tuple[TogetherSettings, ...] = Field((), description="limits on several sources at once")
    debt_limits: tuple[DebtLimitSettings, ...] = Field((), description="what councils may owe a year")
    upkeep: tuple[PotSettings, ...] = Field((), description="who pays for upkeep, in the order of use")
    rates: tuple[FundingRateSettings, ...] = Field((), description="dated exchange rates")
    note: str = Field("", description="remark")

    def numbers(self) -> Iterator[Number]:
        """Each share, interest and amount."""
        for i, s in enumerate(self.sources):
            for name in (*SHARES, *CAPS):
                item = getattr(s, name)
                if item is not None:
                    yield f"{s.id}.{name}", ("sources", i, name), item
        for i, group in enumerate(self.together):
            yield f"together.{group.id}.share", ("together", i, "share"), group.share
        for i, limit in enumerate(self.debt_limits):
            who = "every" if limit.member == EVERY else limit.member
            yield f"debt_limit.{who}", ("debt_limits", i, "amount"), limit.amount
        for i, pot in enumerate(self.upkeep):
            if pot.a_year is not None:
                yield f"upkeep.{pot.id}", ("upkeep", i, "a_year"), pot.a_year

    def check(self, known: Known, problems: Problems) -> None:
        """Note sources that can't be used, names nobody knows, shares that can't add up, missing rates."""
        from bothbanks.region.finance.sources_checks import check_sources

        check_sources(self, known, problems)
