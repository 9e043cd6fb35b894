"""Heat: deaths brought by hot summer days.

A day with maximum T multiplies the day's deaths by RR = exp(ln(1 + slope) max(0, T - T0)), the threshold
form of Baccini et al. 2008 (15 European cities; north-continental T0 23.3 C, 1.84 % per degree).
Attributable deaths are (RR - 1) x the deaths expected *without* heat. That baseline and (RR - 1) / RR times
observed deaths are two different sums and are never mixed.

Baccini's T is the daily maximum *apparent* temperature, which counts humidity and wind. Where only the air
temperature is known, it is used in its place, and the report must say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.risk.curves import Curve
from bothbanks.analysis.risk.eventset import EventSet, EventTable
from bothbanks.analysis.risk.exposure import Column, Exposure
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate, Draw, optional, required
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HAZARD = "heat"
GROUPS = ("under-65", "65plus")
SUMMER_DAYS = 92
MIN_SUMMER_DAYS = 85
DAYS_A_YEAR = 365.0
_KNOT_C = 0.05
_HOTTEST_C = 60.0


@dataclass(frozen=True, eq=False)
class HeatVariants:
    """``k`` variants of what is done against heat.

    Parameters
    ----------
    covered_share : (k, member, group)
        Share of the people who can reach a cool place on hot days; their excess deaths fall by the share
        ``heat.cooling_effect``.
    cooling_c : (k, member), degC
        Taken off every day's maximum, as by shade trees.
    damage_factor : (k, member)
        Factor on the deaths.
    """

    covered_share: FloatArray
    cooling_c: FloatArray
    damage_factor: FloatArray

    def __post_init__(self) -> None:
        for name in ("covered_share", "cooling_c", "damage_factor"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.float64))
            if not np.isfinite(getattr(self, name)).all():
                raise MissingValueError("heat.variants", f"{name} holds values that are not numbers.")
        k, members = self.cooling_c.shape
        if self.damage_factor.shape != (k, members) or self.covered_share.shape != (k, members, len(GROUPS)):
            raise ShapeError(
                "heat.variants",
                f"covered_share {self.covered_share.shape}, cooling_c {self.cooling_c.shape} and "
                f"damage_factor "
                f"{self.damage_factor.shape} must be (k, member, {len(GROUPS)}), (k, member), (k, member).",
            )
        if ((self.covered_share < 0) | (self.covered_share > 1)).any() or (self.damage_factor < 0).any():
            raise RangeError("heat.variants", "covered shares go from 0 to 1, damage factors from 0.")

    @classmethod
    def base(cls, members: int) -> HeatVariants:
        """One variant in which nothing is done."""
        return cls(np.zeros((1, members, len(GROUPS))), np.zeros((1, members)), np.ones((1, members)))


@dataclass(frozen=True, eq=False)
class HeatInputs:
    """Temperatures and people.

    Parameters
    ----------
    members : names
    population : (member,) persons
    share_65plus : (member,) 1; NaN where the member's ages are not known
    station : (member,) index of the station that stands for the member
    stations : names
    year, tmax_c : for each station (day,) calendar year and daily maximum, summer days (June to August) only
    """

    members: tuple[str, ...]
    population: FloatArray
    share_65plus: FloatArray
    station: IntArray
    stations: tuple[str, ...]
    year: tuple[IntArray, ...]
    tmax_c: tuple[FloatArray, ...]

    def __post_init__(self) -> None:
        size = (len(self.members),)
        for name in ("population", "share_65plus", "station"):
            if np.shape(getattr(self, name)) != size:
                raise ShapeError(
                    "heat.inputs", f"{name} has shape {np.shape(getattr(self, name))}; expected {size}."
                )
        if not len(self.year) == len(self.tmax_c) == len(self.stations):
            raise ShapeError("heat.inputs", "each station needs a column of years and one of temperatures.")
        for name, y, t in zip(self.stations, self.year, self.tmax_c, strict=True):
            if y.shape != t.shape or np.isnan(t).any():
                raise MissingValueError(
                    "heat.inputs", f"station {name!r}: leave days without a temperature out."
                )
        if ((self.share_65plus < 0) | (self.share_65plus >= 1)).any():
            raise RangeError("heat.inputs", "shares of people over 65 go from 0 to below 1.")

    @classmethod
    def from_tables(
        cls, municipalities: Mapping[str, Any], daily_tmax: Mapping[str, Any], *, members: Sequence[str],
        station_of_member: Mapping[str, str] | None = None,
    ) -> HeatInputs:  # fmt: skip
        """From harmonised ``municipalities`` and ``daily_tmax``.

        Members without a station of their own use the only one, or the one ``station_of_member`` names.
        Shares of people over 65 are means over the municipalities that state one, weighted with their
        people; a member with none stays NaN. Days outside June to August and days without a temperature are
        left out.
        """
        owner = np.asarray(municipalities["member"]).astype(str)
        people = np.asarray(municipalities["population"], dtype=np.float64)
        old = np.asarray(municipalities["share_65plus"], dtype=np.float64)
        at = np.array([list(members).index(m) for m in owner], dtype=np.int64)
        known = np.isfinite(old)
        total = np.asarray(np.bincount(at, people, len(members)), dtype=np.float64)
        weight = np.bincount(at[known], people[known], len(members))
        sum_old = np.bincount(at[known], (people * old)[known], len(members))
        share = np.divide(sum_old, weight, out=np.full(len(members), np.nan), where=weight > 0)
        stations, which = np.unique(np.asarray(daily_tmax["station"]).astype(str), return_inverse=True)
        date = np.asarray(daily_tmax["date"]).astype("datetime64[D]")
        year = date.astype("datetime64[Y]").astype(np.int64) + 1970
        month = date.astype("datetime64[M]").astype(np.int64) % 12 + 1
        tmax = np.asarray(daily_tmax["tmax"], dtype=np.float64)
        use = np.isfinite(tmax) & (month >= 6) & (month <= 8)
        names = [str(s) for s in stations]
        return cls(
            tuple(members), total, share, _stations(members, names, station_of_member), tuple(names),
            tuple(np.asarray(year[use & (which == s)], dtype=np.int64) for s in range(len(names))),
            tuple(tmax[use & (which == s)] for s in range(len(names))),
        )  # fmt: skip


def _stations(members: Sequence[str], names: list[str], given: Mapping[str, str] | None) -> IntArray:
    chosen = {m: (given or {}).get(m, names[0] if len(names) == 1 else "") for m in members}
    wrong = [f"{m} ({s or 'none'})" for m, s in chosen.items() if s not in names]
    if wrong:
        raise RangeError(
            "heat.station",
            f"no station for {', '.join(wrong)}; there are {', '.join(names)}. Name one for each member.",
        )
    return np.array([names.index(chosen[m]) for m in members], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class HeatEvents:
    """Hot days as events: exposure is expected deaths a day (columns member, group), one curve RR - 1."""

    events: EventSet
    exposure: Exposure
    curves: tuple[Curve, ...]


@dataclass(frozen=True, eq=False)
class HeatModel:
    """Heat deaths by member and age group (``GROUPS``).

    ``years`` are the first and last year whose summers are averaged, by default ``heat.first_year`` and
    ``heat.last_year`` of the draw; a summer with fewer than 85 of its 92 days is left out, and the rest are
    scaled to 92 days.
    """

    inputs: HeatInputs
    years: tuple[int, int] | None = None

    def period(self, draw: Draw) -> tuple[int, int]:
        """First and last year whose summers are averaged."""
        if self.years is not None:
            return self.years
        return round(required(draw, "heat.first_year")), round(required(draw, "heat.last_year"))

    def baseline(self, draw: Draw) -> FloatArray:
        """(member, group) deaths a day without heat.

        ``heat.death_rate`` a year holds for people with the share of over-65s ``heat.share_65plus``;
        ``heat.deaths_65plus`` of the deaths are over 65. A member that is older has more deaths in
        proportion.
        """
        i = self.inputs
        usual, old = required(draw, "heat.share_65plus"), required(draw, "heat.deaths_65plus")
        if not (0 < usual < 1 and 0 <= old <= 1):
            raise RangeError(
                "heat.ages", f"share_65plus {usual:g} and deaths_65plus {old:g} must lie between 0 and 1."
            )
        share = np.where(np.isfinite(i.share_65plus), i.share_65plus, usual)
        relative = np.stack(((1.0 - old) * (1.0 - share) / (1.0 - usual), old * share / usual), axis=1)
        return np.asarray(i.population[:, None] * required(draw, "heat.death_rate") / DAYS_A_YEAR * relative)

    def excess_days(self, draw: Draw, shift_c: float, station: int) -> tuple[IntArray, FloatArray]:
        """Years, and (year, group) the sum of RR - 1 over the summer."""
        year, tmax = self.inputs.year[station], self.inputs.tmax_c[station] + shift_c
        begin, end = self.period(draw)
        inside = (year >= begin) & (year <= end)
        years, at = np.unique(year[inside], return_inverse=True)
        days = np.bincount(at, minlength=years.size)
        full = days >= MIN_SUMMER_DAYS
        if not full.any():
            raise RangeError(
                "heat.years",
                f"station {self.inputs.stations[station]!r} has no full summer from {begin} to {end}.",
            )
        sums = [
            np.bincount(at, _excess(draw, tmax[inside], g), years.size) * SUMMER_DAYS / np.maximum(days, 1)
            for g in range(len(GROUPS))
        ]
        return years[full], np.stack(sums, axis=1)[full]

    def annual_deaths(
        self, draw: Draw, variants: HeatVariants | None = None, climate: Climate = TODAY
    ) -> FloatArray:
        """(k, member, group) deaths a year from heat."""
        i = self.inputs
        variants = HeatVariants.base(len(i.members)) if variants is None else variants
        if variants.cooling_c.shape[1] != len(i.members):
            raise ShapeError("heat.variants", f"variants are for {variants.cooling_c.shape[1]} members.")
        base, effect = self.baseline(draw), optional(draw, "heat.cooling_effect", 0.0)
        if not 0 <= effect <= 1:
            raise RangeError("heat.cooling-effect", f"cooling_effect is {effect:g}; expected from 0 to 1.")
        out = np.zeros((variants.cooling_c.shape[0], len(i.members), len(GROUPS)))
        for m, station in enumerate(i.station):
            for cooling in np.unique(variants.cooling_c[:, m]):
                use = variants.cooling_c[:, m] == cooling
                shift = climate.temperature_shift_c - float(cooling)
                _, sums = self.excess_days(draw, shift, int(station))
                out[use, m] = base[m] * sums.mean(axis=0)
        left = (1.0 - variants.covered_share * effect) * variants.damage_factor[:, :, None]
        return np.asarray(out * left)

    def deaths_by_year(self, draw: Draw, climate: Climate = TODAY) -> tuple[IntArray, FloatArray]:
        """Years in which every station has a full summer, and (year, member, group) deaths in each."""
        each = [
            self.excess_days(draw, climate.temperature_shift_c, s) for s in range(len(self.inputs.stations))
        ]
        years = each[0][0]
        for other, _ in each[1:]:
            years = np.intersect1d(years, other)
        sums = np.stack([s[np.searchsorted(y, years)] for y, s in each])  # (station, year, group)
        return years, np.asarray(self.baseline(draw) * sums[self.inputs.station].swapaxes(0, 1))

    def event_set(self, draw: Draw, climate: Climate = TODAY, scenario: str = "today") -> HeatEvents:
        """Each hot day of the record as one event, its rate one over the years of record.

        Days of one station are events of their own, so a station is a place and a member's people are
        exposed to its station. Reading: Poisson events that add up over a summer.
        """
        i = self.inputs
        coolest = required(draw, "heat.threshold_c")
        rates, degrees, places = [], [], []
        for s in range(len(i.stations)):
            year, tmax = i.year[s], i.tmax_c[s] + climate.temperature_shift_c
            full, _ = self.excess_days(draw, climate.temperature_shift_c, s)
            days = {int(y): int((year == y).sum()) for y in full}
            use = np.isin(year, full) & (tmax > coolest)
            rates.append(SUMMER_DAYS / np.array([days[int(y)] for y in year[use]]) / full.size)
            degrees.append(tmax[use])
            places.append(np.full(int(use.sum()), s))
        rate, degree, place = np.concatenate(rates), np.concatenate(degrees), np.concatenate(places)
        digits = len(str(rate.size))
        table = EventTable(
            [f"heat-{n + 1:0{digits}d}" for n in range(rate.size)], rate, [HAZARD] * rate.size,
            ["weather"] * rate.size, [scenario] * rate.size, {HAZARD: "degC"}, "poisson",
        )  # fmt: skip
        events = EventSet(
            table,
            len(i.stations),
            np.arange(rate.size + 1),
            place.astype(np.uint32),
            degree.astype(np.float32),
        )
        deaths = self.baseline(draw)
        member = np.repeat(np.arange(len(i.members)), len(GROUPS))
        group = np.tile(np.arange(len(GROUPS)), len(i.members))
        columns = {
            "member": Column(member.astype(np.int32), i.members), "group": Column(group.astype(np.int32),
            GROUPS),
        }  # fmt: skip
        exposure = Exposure(deaths.reshape(-1), np.repeat(i.station, len(GROUPS)), {HAZARD: group}, columns)
        return HeatEvents(events, exposure, tuple(_curve(draw, g) for g in range(len(GROUPS))))


def _excess(draw: Draw, tmax_c: FloatArray, group: int) -> FloatArray:
    """RR - 1 of each day for an age group."""
    slope = required(draw, "heat.slope_per_c")
    if group == 1:
        slope *= optional(draw, "heat.slope_ratio_65plus", 1.0)
    if not slope > -1:
        raise RangeError("heat.slope", f"slope_per_c is {slope:g}; expected above -1.")
    over = np.maximum(tmax_c - required(draw, "heat.threshold_c"), 0.0)
    return np.asarray(np.expm1(np.log1p(slope) * over))


def _curve(draw: Draw, group: int) -> Curve:
    """RR - 1 as a curve over temperature, knots 0.05 degC apart."""
    first = required(draw, "heat.threshold_c")
    knots = np.arange(first, max(_HOTTEST_C, first + 1.0), _KNOT_C)
    return Curve(
        f"heat-{GROUPS[group]}", knots, _excess(draw, knots, group), "degC", "Baccini et al. 2008, form"
    )
