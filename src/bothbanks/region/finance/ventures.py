"""``finance/ventures.toml``: joint undertakings whose revenue is shared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from bothbanks.region.finance.section import FinanceSettings, Known, Number
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import Identifier, MoneySettings, Settings, SourceText, Words
from bothbanks.region.schema import Number as Real

POPULATION, WEIGHTS = "population", "weights"
ADDS_UP = 1e-9


class VentureYearsSettings(Settings):
    """Some years of an undertaking, alike."""

    first: int = Field(alias="from", description="first calendar year")
    last: int = Field(alias="to", description="last calendar year")
    revenue: MoneySettings = Field(description="what comes in, a year")
    costs: MoneySettings | None = Field(None, description="running costs, a year")
    debt_service: MoneySettings | None = Field(None, description="interest and repayment due, a year")


class NeighbourhoodSettings(Settings):
    """A neighbourhood and its weight."""

    member: str = Field(description="id of the owner it lies in")
    name: str = Field(min_length=1, description="its own name")
    weight: Real = Field(ge=0.0, description="weight, such as people, hours given or hectares flooded")


class VentureSettings(Settings):
    """A joint undertaking: what comes in, what goes out first, and who gets the rest."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="name by language")
    owners: dict[str, Real] = Field(description="member = its share of what is left; they add up to 1")
    years: tuple[VentureYearsSettings, ...] = Field(
        min_length=1, description="its money by year, without a year left out"
    )
    reserve: MoneySettings | None = Field(None, description="the upkeep reserve is filled up to this")
    key: Literal["population", "weights"] = Field(
        description="an owner's part goes to its municipalities by 'population', or to [[neighbourhoods]] by "
        "their weights"
    )
    key_source: SourceText = Field(description="where the key is agreed, or 'assumed'")
    neighbourhoods: tuple[NeighbourhoodSettings, ...] = Field((), description="with key = 'weights'")
    source: SourceText = Field(description="a citation, or the word 'assumed'")


class VenturesSettings(FinanceSettings):
    """Joint undertakings whose revenue is shared."""

    ventures: tuple[VentureSettings, ...] = Field(description="the undertakings")

    def numbers(self) -> Iterator[Number]:
        """Revenue, costs, debt service and reserve."""
        for i, v in enumerate(self.ventures):
            for k, span in enumerate(v.years):
                for name in ("revenue", "costs", "debt_service"):
                    item = getattr(span, name)
                    if item is not None:
                        yield f"{v.id}.{name}.{k + 1}", ("ventures", i, "years", k, name), item
            if v.reserve is not None:
                yield f"{v.id}.reserve", ("ventures", i, "reserve"), v.reserve

    def check(self, known: Known, problems: Problems) -> None:
        """Note unknown owners, shares that don't add up, years left out, negative money, missing weights."""
        for number, v in enumerate(self.ventures, 1):
            record = f"ventures[{number}] {v.id}"
            if v.id in [x.id for x in self.ventures[: number - 1]]:
                _note(problems, known, record, "id", short(v.id), "each id once", "region.duplicate")
            _check_owners(v, record, known, problems)
            _check_years(v, record, known, problems)
            _check_key(v, record, known, problems)


def _note(
    problems: Problems, known: Known, record: str, field: str, found: str, expected: str, code: str
) -> None:
    problems.add(known.file, found, expected, record=record, field=field, code=code)


def _check_owners(v: VentureSettings, record: str, known: Known, problems: Problems) -> None:
    members = known.settings.members
    for owner in v.owners:
        if owner not in members:
            wanted = f"a member: {', '.join(members)}"
            _note(problems, known, record, "owners", short(owner), wanted, "region.unknown-member")
    total = sum(v.owners.values())
    if abs(total - 1.0) > ADDS_UP or any(x < 0 for x in v.owners.values()):
        _note(
            problems,
            known,
            record,
            "owners",
            f"shares that add up to {total:g}",
            "shares of 0 or more that add up to 1",
            "region.venture-shares",
        )


def _check_years(v: VentureSettings, record: str, known: Known, problems: Problems) -> None:
    after = v.years[0].first
    for k, span in enumerate(v.years, 1):
        if span.first != after or span.last < span.first:
            _note(
                problems,
                known,
                record,
                f"years[{k}]",
                f"{span.first} to {span.last}",
                f"years that begin in {after} and don't run backwards",
                "region.venture-years",
            )
        after = span.last + 1
        for name in ("revenue", "costs", "debt_service"):
            item = getattr(span, name)
            if item is not None and (item.value if item.low is None else item.low) < 0:
                _note(
                    problems,
                    known,
                    record,
                    f"years[{k}].{name}",
                    f"{item.value:g}",
                    "an amount of 0 or more",
                    "region.negative-amount",
                )


def _check_key(v: VentureSettings, record: str, known: Known, problems: Problems) -> None:
    for n in v.neighbourhoods:
        if n.member not in v.owners:
            wanted = f"an owner: {', '.join(v.owners)}"
            _note(problems, known, record, "neighbourhoods", short(n.member), wanted, "region.unknown-member")
    if v.key == WEIGHTS:
        for owner in v.owners:
            if sum(n.weight for n in v.neighbourhoods if n.member == owner) <= 0:
                _note(
                    problems,
                    known,
                    record,
                    "neighbourhoods",
                    f"none of '{owner}' with a weight above 0",
                    "a neighbourhood of every owner, or key = 'population'",
                    "region.venture-key",
                )
