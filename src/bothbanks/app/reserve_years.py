"""The years behind a reserve fund: catalogues of the cases it covers, in whole cents, split into layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.reserve.capital import tail_years
from bothbanks.analysis.reserve.layers import (
    Borne,
    Layer,
    event_loss_at,
    event_split,
    whole,
    year_loss_at,
    year_split,
)
from bothbanks.analysis.reserve.pooling import Cession, FundTerms
from bothbanks.analysis.reserve.years import Peril, annual_losses
from bothbanks.analysis.risk.eventset import Reading
from bothbanks.app.loss_curves import Catalogue
from bothbanks.region.schema_reserve import ReserveSettings, is_period
from bothbanks.words.errors import InputError, RangeError
from bothbanks.words.money import minor_digits

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]


@dataclass(frozen=True)
class Asked:
    """What the folder asks of the fund: its settings, the members, the currency; ids begin with ``case``."""

    case: str
    settings: ReserveSettings
    members: tuple[str, ...]
    currency: str

    @property
    def minor(self) -> float:
        """Minor units in a unit of account."""
        return float(10 ** minor_digits(self.currency))

    def terms(self, draw: Draw) -> FundTerms:
        """Level, load and running costs of a draw, money in minor units."""
        level = draw[f"{self.case}.level"]
        if not 0.0 < level < 1.0:
            raise InputError(
                "reserve.level", f"{self.case}.level is {level:g}; expected between 0 and 1, such as 0.99."
            )
        money = {
            name: draw[f"{self.case}.{name}"] * self.minor
            for name in ("running_alone", "running_fixed", "running_member")
        }
        return FundTerms(level, draw[f"{self.case}.load"], **money)

    def cession(self, draw: Draw) -> Cession | None:
        """The layer that the pool could cede, in a draw."""
        if self.settings.ceded is None:
            return None
        names = ("attachment", "exhaustion", "share", "rate_on_line")
        return Cession(*(draw[f"{self.case}.ceded.{name}"] for name in names))

    def perils(
        self, catalogues: Sequence[tuple[str, Catalogue]], reading: Reading = "poisson"
    ) -> tuple[Peril, ...]:
        """Events and what each costs every member, in whole minor units."""
        return tuple(
            Peril(name, self._by_member(found), found.losses.events.rate, reading)
            for name, found in catalogues
        )

    def _by_member(self, found: Catalogue) -> FloatArray:
        table = found.losses.table("member")
        out = np.zeros((table.loss.shape[0], len(self.members)))
        for k, member in enumerate(table.keys):
            out[:, self.members.index(member)] = table.loss[:, k]
        return whole(out, self.minor)

    def layers(self, perils: Sequence[Peril], draw: Draw) -> Layer:
        """The events' layer of each member in money: return periods are read off these catalogues."""
        n = len(self.members)
        low, high, share = np.zeros(n), np.zeros(n), np.zeros(n)
        known: dict[float, FloatArray] = {}
        for i, member in enumerate(self.members):
            own = self.settings.layer_of(member)
            if own is None:
                continue
            for name, into in (("attachment", low), ("exhaustion", high)):
                value = draw[self.id_of(member, name)]
                if is_period(getattr(own, name)) and value not in known:
                    known[value] = event_loss_at(perils, value)
                amount = known[value][i] if is_period(getattr(own, name)) else value * self.minor
                into[i] = np.rint(amount)
            share[i] = draw[self.id_of(member, "share")]
            if high[i] < low[i]:
                raise InputError(
                    "reserve.layer",
                    f"cases/{self.case}.toml: {member} keeps {low[i] / self.minor:,.0f} {self.currency} of "
                    f"an event, but its layer is exhausted at {high[i] / self.minor:,.0f}; expected a "
                    "retention below the exhaustion. Lower the attachment or raise the exhaustion.",
                )
        return Layer(low, high, share)

    def id_of(self, member: str, name: str) -> str:
        """Id of the number of a member's layer."""
        own = member if member in self.settings.layers else "all"
        return f"{self.case}.layer.{own}.{name}"

    def year_layer(self, paid: FloatArray, draw: Draw) -> Layer | None:
        """The yearly layer on what the events' layers pay, in money; None where nobody has one."""
        n = len(self.members)
        low, high = np.zeros(n), np.full(n, np.inf)
        for i, member in enumerate(self.members):
            own = self.settings.layer_of(member)
            for name, into in (("year_retention", low), ("year_limit", high)):
                number = None if own is None else getattr(own, name)
                if number is not None:
                    value = draw[self.id_of(member, name)]
                    into[i] = (
                        year_loss_at(paid[:, i], value)
                        if is_period(number)
                        else float(np.rint(value * self.minor))
                    )
        if not low.any() and np.isinf(high).all():
            return None
        return Layer(low, high)


def simulate(
    perils: Sequence[Peril], layer: Layer, year_layer: Layer | None, years: int, rng: np.random.Generator
) -> Borne:
    """Years of gross losses and who bears them, in whole minor units."""
    n = perils[0].loss.shape[1]
    wide = [Peril(p.name, event_split(p.loss, layer), p.rate, p.reading) for p in perils]
    sums = annual_losses(wide, years, rng)
    return year_split(sums[:, :n], sums[:, n:], year_layer)


def check_years(years: int, level: float, least: float) -> None:
    """RangeError told as a fault of the folder when the level is too far out for the years."""
    try:
        tail_years(years, level, least)
    except RangeError as error:
        raise InputError(error.code, error.message) from error
