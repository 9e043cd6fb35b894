"""Every number of a region folder that matters, as flat parameters with where each was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bothbanks.region.conversions import Conversion
from bothbanks.region.finance.section import FinanceSettings
from bothbanks.region.money import MoneyTable
from bothbanks.region.problems import Problems
from bothbanks.region.schema import MemberSettings, ParameterSettings, RegionSettings
from bothbanks.region.schema_cases import CaseSettings, MeasureSettings
from bothbanks.words.errors import BothbanksError
from bothbanks.words.parameters import Parameter
from bothbanks.words.quantities import check_unit, currencies_in


@dataclass(frozen=True)
class Origin:
    """Where a parameter stands: file, keys to its table, factor that made it money of account."""

    file: str
    keys: tuple[str | int, ...]
    factor: float


@dataclass(frozen=True)
class Placed:
    """A parameter and where it was written."""

    parameter: Parameter
    origin: Origin


_Found = tuple[str, str, tuple[str | int, ...], ParameterSettings]


def effect_id(case: str, measure: str, number: int) -> str:
    """Id of the size of a measure's effect; effects count from 1.

    >>> effect_id("flood", "geul-buffers", 1)
    'flood.measure.geul-buffers.effect1'
    """
    return f"{case}.measure.{measure}.effect{number}"


def stated_parameters(
    settings: RegionSettings,
    members: tuple[MemberSettings, ...],
    cases: Mapping[str, CaseSettings],
    finance: Mapping[str, FinanceSettings],
) -> Iterator[_Found]:
    """(id, file, keys, settings) of every parameter, in a fixed order."""
    for name, item in settings.parameters.items():
        yield f"region.{name}", "region.toml", ("parameters", name), item
    for member in members:
        file = f"members/{member.id}/member.toml"
        if member.discount_rate is not None:
            yield f"member.{member.id}.discount_rate", file, ("discount_rate",), member.discount_rate
        for name, item in member.parameters.items():
            yield f"member.{member.id}.{name}", file, ("parameters", name), item
    for case in cases.values():
        yield from _of_case(case)
    for section, about in finance.items():
        for name, keys, item in about.numbers():
            yield f"{section}.{name}", f"finance/{section}.toml", keys, item


def _of_case(case: CaseSettings) -> Iterator[_Found]:
    file = f"cases/{case.id}.toml"
    for name, item in case.parameters.items():
        yield f"{case.id}.{name}", file, ("parameters", name), item
    for basin, about in case.basins.items():
        for name, item in about.parameters.items():
            yield f"{case.id}.basin.{basin}.{name}", file, ("basins", basin, "parameters", name), item
    for i, entry in enumerate(case.classes):
        for name, item in entry.parameters.items():
            yield f"{case.id}.class.{entry.id}.{name}", file, ("classes", i, "parameters", name), item
    for i, measure in enumerate(case.measures):
        yield from _of_measure(case.id, file, i, measure)
    for i, event in enumerate(case.events):
        for basin, item in event.discharge_ratio.items():
            yield f"{case.id}.event.{event.id}.{basin}", file, ("events", i, "discharge_ratio", basin), item
    for table, asked in (("reserve", case.reserve), ("purchasing", case.purchasing)):
        for name, keys, item in asked.numbers() if asked is not None else ():
            yield f"{case.id}.{name}", file, (table, *keys), item


def _of_measure(case: str, file: str, place: int, measure: MeasureSettings) -> Iterator[_Found]:
    head = f"{case}.measure.{measure.id}"
    yield f"{head}.cost", file, ("measures", place, "cost"), measure.cost
    yield f"{head}.upkeep", file, ("measures", place, "upkeep"), measure.upkeep
    for name, item in measure.parameters.items():
        yield f"{head}.{name}", file, ("measures", place, "parameters", name), item
    for number, effect in enumerate(measure.effects, 1):
        keys = ("measures", place, "effects", number - 1, "size")
        yield effect_id(case, measure.id, number), file, keys, effect.size


def collect_parameters(
    settings: RegionSettings,
    members: tuple[MemberSettings, ...],
    cases: Mapping[str, CaseSettings],
    finance: Mapping[str, FinanceSettings],
    problems: Problems,
) -> tuple[tuple[Placed, ...], tuple[Conversion, ...]]:
    """All parameters in money of account, and the conversions that took; problems are noted."""
    money = MoneyTable(settings)
    placed: list[Placed] = []
    conversions: list[Conversion] = []
    seen: set[str] = set()
    for identifier, file, keys, item in stated_parameters(settings, members, cases, finance):
        if identifier in seen:
            problems.add(
                file, identifier, "each parameter id once", field=_dotted(keys), code="region.duplicate"
            )
        seen.add(identifier)
        factor, unit = 1.0, item.unit
        try:
            check_unit(item.unit)
            for currency in dict.fromkeys(currencies_in(item.unit)):
                year = item.price_year or settings.price_year
                way = money.factor(currency, year)
                factor *= way.factor
                unit = unit.replace(currency, settings.currency)
                if (currency, year) != (settings.currency, settings.price_year):
                    conversions.append(
                        Conversion(
                            file,
                            "",
                            identifier,
                            "money",
                            f"{currency} {year}",
                            f"{settings.currency} {settings.price_year}",
                            way.factor,
                            0.0,
                            records=1,
                            source=way.source,
                        )
                    )
        except BothbanksError as error:
            problems.add_error(file, error, record=identifier, field="unit")
            continue
        placed.append(Placed(item.parameter(identifier, factor, unit), Origin(file, keys, factor)))
    return tuple(placed), tuple(conversions)


def _dotted(keys: tuple[str | int, ...]) -> str:
    return ".".join(str(key) for key in keys)
