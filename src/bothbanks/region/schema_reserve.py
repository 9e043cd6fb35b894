"""The ``[reserve]`` table of ``cases/reserve.toml``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pydantic import Field, model_validator

from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import Identifier, ParameterSettings, Settings
from bothbanks.region.schema_triggers import TriggerSettings, check_triggers

Numbers = Iterator[tuple[str, tuple[str | int, ...], ParameterSettings]]

YEARS = frozenset({"yr", "year", "years", "a"})
"""Units that make a retention or a limit a return period; any other is money."""
TAIL_YEARS = 100
"""Fewest simulated years beyond the level for capital that is worth stating."""
ALL = "all"
PAID_CASES = ("flood", "storm")
"""Cases whose losses come event by event, in money."""


def ends(number: ParameterSettings) -> tuple[float, float, float]:
    """Value, low and high of a number."""
    low = number.value if number.low is None else number.low
    high = number.value if number.high is None else number.high
    return number.value, low, high


def is_period(number: ParameterSettings) -> bool:
    """Whether a retention or limit is told as a return period."""
    return number.unit in YEARS


class LayerSettings(Settings):
    """What the fund takes of each event's loss of a member: ``share`` of what lies between two amounts."""

    attachment: ParameterSettings = Field(
        description="what the member keeps of an event: money, or the return period of its loss (unit year)"
    )
    exhaustion: ParameterSettings = Field(
        description="the event's loss beyond which the fund pays no more: money, or a return period"
    )
    share: ParameterSettings = Field(description="part of the layer that the fund pays, 0 to 1 (unit 1)")
    year_retention: ParameterSettings | None = Field(
        None, description="what the member keeps of a year's payouts: money, or their return period"
    )
    year_limit: ParameterSettings | None = Field(
        None, description="a year's payouts beyond which the fund pays no more: money, or a return period"
    )

    @model_validator(mode="after")
    def _order_and_signs(self) -> LayerSettings:
        for low, high, what in (
            (self.attachment, self.exhaustion, "attachment"),
            (self.year_retention, self.year_limit, "year_retention"),
        ):
            for number in (low, high):
                if number is not None:
                    _amount(number, what)
            if low is None or high is None or low.unit != high.unit:
                continue  # money beside a return period is compared when the losses are known
            if max(ends(low)) > min(ends(high)):
                raise ValueError(
                    f"a retention below the exhaustion over the whole range, not {max(ends(low)):g} and "
                    f"{min(ends(high)):g} {high.unit}"
                )
        if not all(0.0 <= x <= 1.0 for x in ends(self.share)):
            raise ValueError(f"a share of 0 to 1, not {self.share.value:g}")
        return self

    def numbers(self) -> Iterator[tuple[str, ParameterSettings]]:
        """(name, settings) of the numbers that are there."""
        for name in ("attachment", "exhaustion", "share", "year_retention", "year_limit"):
            number = getattr(self, name)
            if number is not None:
                yield name, number


def _amount(number: ParameterSettings, what: str) -> None:
    least = min(ends(number))
    if is_period(number) and least < 1.0:
        raise ValueError(f"return periods of 1 year or more, not {what} of {least:g} {number.unit}")
    if least < 0.0:
        raise ValueError(f"amounts of 0 or more, not {what} of {least:g} {number.unit}")


class CessionSettings(Settings):
    """A layer of the pool's yearly payouts that it could cede to the market, by return period."""

    attachment: ParameterSettings = Field(description="return period of the year at which it attaches (year)")
    exhaustion: ParameterSettings = Field(description="return period at which it is exhausted (year)")
    share: ParameterSettings = Field(description="part of the layer that is ceded, 0 to 1 (unit 1)")
    rate_on_line: ParameterSettings = Field(
        description="yearly price over the most that the layer pays (unit 1/year)"
    )

    @model_validator(mode="after")
    def _by_period(self) -> CessionSettings:
        for name in ("attachment", "exhaustion"):
            number = getattr(self, name)
            if not is_period(number):
                raise ValueError(f"a return period in years for {name}, not the unit {number.unit!r}")
            _amount(number, name)
        if max(ends(self.attachment)) > min(ends(self.exhaustion)):
            raise ValueError(
                f"a layer that attaches before it is exhausted, not {max(ends(self.attachment)):g} and "
                f"{min(ends(self.exhaustion)):g} years"
            )
        if not all(0.0 <= x <= 1.0 for x in ends(self.share)):
            raise ValueError(f"a share of 0 to 1, not {self.share.value:g}")
        if min(ends(self.rate_on_line)) < 0.0:
            raise ValueError(f"a rate on line of 0 or more, not {min(ends(self.rate_on_line)):g}")
        return self


class ReserveSettings(Settings):
    """A reserve fund: who pays in, what it keeps, what it cedes, and what triggers a payout."""

    cases: tuple[Identifier, ...] = Field(
        ("flood", "storm"), min_length=1, description="cases whose losses it pays; those without are left out"
    )
    years: int = Field(100_000, ge=1_000, le=2_000_000, description="years that are simulated")
    paths: int = Field(20_000, ge=1_000, le=1_000_000, description="paths of the fund over its years")
    path_years: int = Field(20, ge=1, le=200, description="years that a path looks ahead")
    level: ParameterSettings = Field(
        description="level of the tail value at risk that capital is held for, such as 0.99 (unit 1)"
    )
    layers: dict[Identifier, LayerSettings] = Field(
        description="what the fund pays: 'all' for every member, or a member's own under its id"
    )
    ceded: CessionSettings | None = Field(None, description="a layer that the pool could cede")
    triggers: tuple[TriggerSettings, ...] = Field((), description="payouts by an index, not by the loss")

    @model_validator(mode="after")
    def _level_and_years(self) -> ReserveSettings:
        for value in ends(self.level):
            if not 0.0 < value < 1.0:
                raise ValueError(f"a level between 0 and 1, such as 0.99, not {value:g}")
        highest = max(ends(self.level))
        needed = math.ceil(round(TAIL_YEARS / (1.0 - highest), 6))
        if self.years < needed:
            raise ValueError(
                f"{needed} years or more, so that {TAIL_YEARS} lie beyond the level {highest:g}, "
                f"not {self.years}"
            )
        if not self.layers:
            raise ValueError("a table [reserve.layers.all], or one for each member")
        return self

    def check(self, file: str, members: Sequence[str], problems: Problems) -> None:
        """Note a layer of somebody who is no member, and cases that have no losses in money."""
        for who in self.layers:
            if who not in (ALL, *members):
                known = f"'{ALL}', or one of {', '.join(members)}"
                problems.add(file, short(who), known, field=f"reserve.layers.{who}")
        for case in self.cases:
            if case not in PAID_CASES:
                problems.add(file, short(case), f"one of {', '.join(PAID_CASES)}", field="reserve.cases")
        check_triggers(self.triggers, members, file, problems)

    def layer_of(self, member: str) -> LayerSettings | None:
        """A member's own layer, else everybody's; None where there is neither (the fund pays it nothing)."""
        return self.layers.get(member, self.layers.get(ALL))

    def numbers(self) -> Numbers:
        """(id below the case, keys below its table, settings) of every number that is a parameter."""
        yield "level", ("level",), self.level
        for who, layer in self.layers.items():
            for name, number in layer.numbers():
                yield f"layer.{who}.{name}", ("layers", who, name), number
        if self.ceded is not None:
            for name in ("attachment", "exhaustion", "share", "rate_on_line"):
                yield f"ceded.{name}", ("ceded", name), getattr(self.ceded, name)
