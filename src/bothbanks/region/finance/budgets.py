"""``finance/budgets.toml``: what councils can spend by year, and the least that must be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bothbanks.region.finance.section import FinanceSettings, Known, Number
from bothbanks.region.problems import Problems
from bothbanks.region.schema import Identifier, MoneySettings, ParameterSettings, Settings, SourceText

UNLIMITED = "unlimited"
WORST_OFF = "worst-off"
PER_PERSON = "/person"
KINDS = ("capital", "running")


def _no_limit(value: Any) -> Any:
    return None if value == UNLIMITED else value


class YearsSettings(Settings):
    """Some fiscal years of a budget, each named by the calendar year in which it starts."""

    first: int | None = Field(None, alias="from", description="first fiscal year; every entry has one")
    last: int | None = Field(
        None, alias="to", description="last fiscal year; default: the last one of the horizon"
    )
    amount: Annotated[MoneySettings | None, BeforeValidator(_no_limit)] = Field(
        description="money of each of these years, in the member's currency, or that a person "
        "(`EUR/person`); or the word 'unlimited'"
    )


class BudgetSettings(Settings):
    """What one council can spend, every year of the horizon covered once."""

    member: str = Field(description="id of the member")
    capital: tuple[YearsSettings, ...] = Field(description="what it can spend on building")
    running: tuple[YearsSettings, ...] = Field(description="what it can spend on upkeep")
    note: str = Field("", description="remark")

    def of(self, kind: str) -> tuple[YearsSettings, ...]:
        """The years of 'capital' or 'running'."""
        return self.capital if kind == "capital" else self.running


class DependencySettings(Settings):
    """A measure that is built only where others are."""

    measure: str = Field(description="id of a measure")
    needs: tuple[str, ...] = Field(min_length=1, description="ids of measures that must be there too")
    source: SourceText = Field(description="a citation, or the word 'assumed'")


class ExclusionSettings(Settings):
    """Measures of which at most one is built."""

    measures: tuple[str, ...] = Field(min_length=2, description="ids of measures")
    source: SourceText = Field(description="a citation, or the word 'assumed'")


class MinimumServiceSettings(Settings):
    """The least that must be done for some members, whatever it brings."""

    id: Identifier = Field(description="id")
    members: tuple[str, ...] | Literal["worst-off"] = Field(
        description="ids of members, or 'worst-off': whoever has most to lose a head with nothing built"
    )
    year: int = Field(description="calendar year by which it must hold")
    on: Literal["loss", "people"] = Field(description="expected yearly loss, or people affected a year")
    share: ParameterSettings = Field(description="at most this share of what it is with nothing built")


class PathwaySettings(Settings):
    """How the climate may grow, and how much more harm is too much: when to add which measure."""

    id: Identifier = Field(description="id")
    scenario: str = Field(description="id of a scenario of region.toml that changes rain or discharge")
    year: int = Field(description="calendar year by which it has come; on the way it grows evenly")
    on: Literal["loss", "people"] = Field(description="expected yearly loss, or people affected a year")
    share: ParameterSettings = Field(
        description="more than this share of today's, nothing built, is too much"
    )
    lasts_years: int = Field(0, ge=0, description="an addition must be enough for so many years")
    source: SourceText = Field(description="of the year: a citation, or the word 'assumed'")


class BudgetsSettings(FinanceSettings):
    """What councils can spend by year, what depends on what, and the least that must be done."""

    first_year: int = Field(ge=1900, le=2200, description="calendar year of year 0 of the horizon")
    delays: tuple[int, ...] = Field(
        (0,), min_length=1, description="years by which the start of a measure may be put off"
    )
    pooling: Literal["pooled", "own"] = Field(
        description="'pooled': members that act together spend one budget; 'own': each pays what is its own"
    )
    budgets: tuple[BudgetSettings, ...] = Field(description="one for each member")
    dependencies: tuple[DependencySettings, ...] = Field((), description="what is built only with what")
    exclusions: tuple[ExclusionSettings, ...] = Field((), description="what is not built together")
    minimum_service: tuple[MinimumServiceSettings, ...] = Field((), description="the least to be done")
    pathways: tuple[PathwaySettings, ...] = Field((), description="what comes next as the climate changes")
    note: str = Field("", description="remark")

    def numbers(self) -> Iterator[Number]:
        """Each stated amount and each share."""
        for i, budget in enumerate(self.budgets):
            for kind in KINDS:
                for k, years in enumerate(budget.of(kind)):
                    if years.amount is not None and years.first is not None:
                        name = f"{budget.member}.{kind}.{years.first}"
                        yield name, ("budgets", i, kind, k, "amount"), years.amount
        for i, least in enumerate(self.minimum_service):
            yield f"minimum_service.{least.id}", ("minimum_service", i, "share"), least.share
        for i, way in enumerate(self.pathways):
            yield f"pathway.{way.id}", ("pathways", i, "share"), way.share

    def check(self, known: Known, problems: Problems) -> None:
        """Note budgets, dependencies and services that can't be."""
        from bothbanks.region.finance.budgets_checks import check_budgets

        check_budgets(self, known, problems)
