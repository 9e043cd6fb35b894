"""Flood damage from official depth maps by return period, instead of the regional method.

A map says how deep and on what share of each cell the flood of one return period stands; what lies between
two maps is not known. Three readings are given (``MapBounds``):

- *lower*: between two return periods the more frequent map holds, and nothing is flooded more often than the
  most frequent map (event rates are the differences of the exceedance rates);
- *upper*: between two return periods the rarer map holds, and down to ``flood.map_damage_starts_years`` the
  most frequent one;
- *central*: damage runs linearly with the yearly probability between the maps, from zero where damage starts.

In all three the rarest map stands for everything rarer, so none bounds the far tail from above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.risk.hazards.discharge import GrowthCurve, growth_curve
from bothbanks.analysis.risk.hazards.flood import chance_of_failure, frequency_nodes
from bothbanks.analysis.risk.hazards.inputs import AssetClass, Basin, class_values
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate, Draw, optional, required
from bothbanks.analysis.risk.hazards.rain import RainFits
from bothbanks.analysis.risk.hazards.variants import (
    BasinDamage,
    BasinVariants,
    DepthMap,
    FloodScenario,
    PeriodDamage,
)
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

if TYPE_CHECKING:
    from bothbanks.analysis.risk.hazards.flood_events import FloodEvents

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class MapFloodInputs:
    """Depth maps and people.

    Parameters
    ----------
    members, member_country : (member,)
    municipalities : names
    basins : (basin,)
    classes : (class,)
    return_periods : (period,) years, rising, above 1
    record_member, record_municipality, record_basin : (record,) indices
    record_population : (record,) persons of one municipality in one cell
    depth_m : (period, record) mean depth on the wet part of the cell
    wet_share : (period, record) wet part of the cell, 0 to 1
    record_cell : (record,) cell index
    covered : (record,) whether the map reaches the cell; outside it is 'not modelled'
    """

    members: tuple[str, ...]
    member_country: tuple[str, ...]
    municipalities: tuple[str, ...]
    basins: tuple[Basin, ...]
    classes: tuple[AssetClass, ...]
    return_periods: FloatArray
    record_member: IntArray
    record_municipality: IntArray
    record_basin: IntArray
    record_population: FloatArray
    record_cell: IntArray
    depth_m: FloatArray
    wet_share: FloatArray
    covered: NDArray[np.bool_]

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("return_periods", "record_population", "depth_m", "wet_share"):
            put(self, name, np.ascontiguousarray(getattr(self, name), dtype=np.float64))
        size = self.record_population.size
        for name in ("record_member", "record_municipality", "record_basin", "record_cell", "covered"):
            put(self, name, np.asarray(getattr(self, name)))
            if getattr(self, name).shape != (size,):
                raise ShapeError(
                    "flood.maps", f"{name} has shape {getattr(self, name).shape}; expected ({size},)."
                )
        for name in ("depth_m", "wet_share"):
            if getattr(self, name).shape != (self.return_periods.size, size):
                raise ShapeError(
                    "flood.maps",
                    f"{name} has shape {getattr(self, name).shape}; expected ({self.return_periods.size}, "
                    f"{size}).",
                )
            if np.isnan(getattr(self, name)).any():
                raise MissingValueError(
                    "flood.maps", f"{name} holds NaN; leave dry cells at depth 0 and share 0."
                )
        self._check_ranges()

    def _check_ranges(self) -> None:
        t = self.return_periods
        if not t.size or (np.diff(t) <= 0).any() or t[0] <= 1:
            raise RangeError("flood.maps", f"return periods {t.tolist()} must rise and be above 1 year.")
        if (self.depth_m < 0).any() or (self.wet_share < 0).any() or (self.wet_share > 1).any():
            raise RangeError("flood.maps", "depths must be 0 or more and wet shares from 0 to 1.")

    @classmethod
    def from_tables(
        cls, cells: Mapping[str, Any], depths: Mapping[str, Any], *, members: Sequence[str],
        member_country: Sequence[str], basins: Sequence[Basin], classes: Sequence[AssetClass],
        basin_of_cell: Mapping[str, str] | None = None,
    ) -> MapFloodInputs:  # fmt: skip
        """From harmonised ``cells`` and ``flood_depths``.

        A cell that no map names is dry. ``basin_of_cell`` is needed with more than one basin.

        Raises
        ------
        RangeError
            A (member, cell, return period) given twice, unknown members or basins, or no basin for a cell.
        """
        text = {n: np.asarray(cells[n]).astype(str) for n in ("cell", "municipality", "member")}
        unknown = sorted(set(text["member"].tolist()) - set(members))
        if unknown:
            raise RangeError(
                "flood.maps", f"cells name members that the region doesn't have: {', '.join(unknown)}."
            )
        ids, cell = np.unique(text["cell"], return_inverse=True)
        towns, town = np.unique(text["municipality"], return_inverse=True)
        periods = np.unique(np.asarray(depths["return_period"], dtype=np.float64))
        sides, side = np.unique(_sides(text["member"], text["cell"]), return_inverse=True)
        depth, share = _grids(depths, sides, periods)
        names = [b.id for b in basins]
        if len(names) > 1 and basin_of_cell is None:
            raise RangeError("flood.maps", "give basin_of_cell: the maps hold more than one basin.")
        of = {c: (names[0] if basin_of_cell is None else basin_of_cell.get(c, "")) for c in ids.tolist()}
        wet = {str(s).split("\t")[1] for s in sides[share.any(axis=0)]}
        lost = [c for c, b in of.items() if b not in names and c in wet]
        if lost:
            raise RangeError("flood.maps", f"{len(lost)} wet cells belong to no basin, such as {lost[0]}.")
        basin = np.array([names.index(b) if b in names else 0 for b in of.values()], dtype=np.int64)
        order = {m: i for i, m in enumerate(members)}
        return cls(
            members=tuple(members), member_country=tuple(member_country),
            municipalities=tuple(str(t) for t in towns), basins=tuple(basins), classes=tuple(classes),
            return_periods=periods, record_member=np.array([order[m] for m in text["member"]],
            dtype=np.int64), record_municipality=town, record_basin=basin[cell],
            record_population=np.asarray(cells["population"], dtype=np.float64), record_cell=cell,
            depth_m=depth[:, side], wet_share=share[:, side], covered=np.ones(cell.size, dtype=bool),
        )  # fmt: skip

    def people_not_modelled(self) -> FloatArray:
        """(member,) people outside the maps."""
        out = ~self.covered
        return np.asarray(
            np.bincount(self.record_member[out], self.record_population[out], len(self.members)),
            dtype=np.float64,
        )


def _sides(member: ArrayLike, cell: ArrayLike) -> NDArray[np.str_]:
    """A name for each member's part of a cell: two members may both map a cell that the border cuts."""
    return np.char.add(np.char.add(np.asarray(member).astype(str), "\t"), np.asarray(cell).astype(str))


def _grids(
    depths: Mapping[str, Any], ids: NDArray[Any], periods: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Depth and wet share, both (period, side); sides without people are left out."""
    name = _sides(depths["member"], depths["cell"])
    period = np.searchsorted(periods, np.asarray(depths["return_period"], dtype=np.float64))
    at = np.clip(np.searchsorted(ids, name), 0, max(ids.size - 1, 0))
    here = ids[at] == name if ids.size else np.zeros(name.size, dtype=bool)
    key = period[here] * ids.size + at[here]
    if np.unique(key).size != key.size:
        raise RangeError("flood.maps", "a member gives a cell and return period twice; keep one row each.")
    out = []
    for column in ("depth", "wet_share"):
        grid = np.zeros(periods.size * ids.size)
        grid[key] = np.asarray(depths[column], dtype=np.float64)[here]
        out.append(grid.reshape(periods.size, ids.size))
    return out[0], out[1]


@dataclass(frozen=True, eq=False)
class MapBounds:
    """Expected annual damage by the three readings of the maps, each (member, class)."""

    lower: FloatArray
    central: FloatArray
    upper: FloatArray


@dataclass(frozen=True, eq=False)
class MapFloodModel:
    """The methods of ``FloodModel``, from maps.

    ``rain`` is needed only where measures or a climate scenario change the discharge: the growth curve then
    tells which return period the altered flood has. A stage shift deepens the wet part and leaves its share.
    A protection level of a variant is put on top of what the maps show; NaN leaves the maps as they are.
    """

    inputs: MapFloodInputs
    rain: RainFits | None = None

    @property
    def basins(self) -> tuple[str, ...]:
        """Names of the basins."""
        return tuple(b.id for b in self.inputs.basins)

    def losses(
        self, draw: Draw, basin: str, member: int, shift_m: float = 0.0
    ) -> tuple[FloatArray, FloatArray]:
        """Damage on each map: money (period, class) and people (period,)."""
        i = self.inputs
        mine = (i.record_basin == self._at(basin)) & (i.record_member == member) & i.covered
        wet = i.record_population[mine] * i.wet_share[:, mine]
        depth = np.maximum(i.depth_m[:, mine] + shift_m, 0.0)
        wet = np.where(depth > 0, wet, 0.0)
        worth = class_values(draw, i.members, i.member_country, i.classes)[member]
        money = [worth[c] * (wet * a.curve(depth)).sum(axis=1) for c, a in enumerate(i.classes)]
        return np.stack(money, axis=1), np.asarray(wet.sum(axis=1))

    def annual_damage(
        self, draw: Draw, basin: str, variants: BasinVariants | None = None, climate: Climate = TODAY
    ) -> BasinDamage:
        """Central expected annual damage and people flooded a year; see ``FloodModel.annual_damage``."""
        members = len(self.inputs.members)
        variants = BasinVariants.base(members) if variants is None else variants
        variants.check(members)
        periods, chance = frequency_nodes()
        money = np.zeros((variants.count, members, len(self.inputs.classes)))
        people = np.zeros((variants.count, members))
        for m in range(members):
            distinct, back = variants.distinct(m)
            parts = [self._expected(draw, basin, m, periods, chance, row, climate) for row in distinct]
            money[:, m] = np.stack([p[0] for p in parts])[back]
            people[:, m] = np.array([p[1] for p in parts])[back]
        return BasinDamage(money * variants.damage_factor[:, :, None], people)

    def _expected(
        self, draw: Draw, basin: str, m: int, periods: FloatArray, chance: FloatArray, row: FloatArray,
        climate: Climate,
    ) -> tuple[FloatArray, float]:  # fmt: skip
        factor, shift, years = (float(v) for v in row)
        if (factor, climate.rain_factor, climate.discharge_factor) == (1.0, 1.0, 1.0) and years == 0.0:
            money, people = self.losses(draw, basin, m, shift)
            weight = self._central_weights(draw)
            return weight @ money, float(weight @ people)
        altered = self.altered(draw, basin, periods, factor, climate)
        got = self._at_period(draw, basin, m, altered, shift)
        if years > 0.0:
            got = got * chance_of_failure(altered, years, required(draw, "flood.breach_spread"))[:, None]
        return chance @ got[:, 1:], float(chance @ got[:, 0])

    def bounds(self, draw: Draw, basin: str) -> MapBounds:
        """Expected annual damage by the lower, central and upper reading: each (member, class)."""
        p = 1.0 / self.inputs.return_periods
        lower = p - np.append(p[1:], 0.0)
        start = 1.0 / self.damage_starts(draw)
        upper = np.append(start, p[:-1]) - p
        upper[-1] += p[-1]
        money = np.stack([self.losses(draw, basin, m)[0] for m in range(len(self.inputs.members))], axis=1)
        weights = (lower, self._central_weights(draw), upper)
        return MapBounds(*(np.einsum("t,tmc->mc", w, money) for w in weights))

    def return_period_damage(
        self, draw: Draw, return_periods: ArrayLike, variants: Mapping[str, BasinVariants] | None = None,
        climate: Climate = TODAY,
    ) -> PeriodDamage:  # fmt: skip
        """Damage by basin at return periods; between maps linear in the yearly probability."""
        t = np.atleast_1d(np.asarray(return_periods, dtype=np.float64))
        parts = [self._damage(draw, b, t, (variants or {}).get(b), climate) for b in self.basins]
        return PeriodDamage(
            t, self.basins, np.stack([p[0] for p in parts], axis=1), np.stack([p[1] for p in parts], axis=1)
        )

    def scenario(
        self, draw: Draw, q_by_basin: Mapping[str, float], variants: Mapping[str, BasinVariants] | None = None
    ) -> FloodScenario:
        """A named flood with discharges typed in; the growth curve turns them into return periods."""
        basins = tuple(q_by_basin)
        q = np.array([float(q_by_basin[b]) for b in basins])
        t = np.array([float(self.growth(draw, b).return_period(v)) for b, v in zip(basins, q, strict=True)])
        parts = [
            self._damage(draw, b, t[n : n + 1], (variants or {}).get(b), TODAY) for n, b in enumerate(basins)
        ]
        return FloodScenario(
            basins, q, t, np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
        )

    def event_set(
        self, draw: Draw, years: int, rng: np.random.Generator,
        variants: Mapping[str, BasinVariants] | None = None, climate: Climate = TODAY, scenario: str =
        "today",
    ) -> FloodEvents:  # fmt: skip
        """A catalogue of ``years`` equally likely years; its mean is the central reading."""
        from bothbanks.analysis.risk.hazards.flood_events import draw_years
        from bothbanks.analysis.risk.hazards.flood_map_events import map_event_set

        drawn = draw_years(self.inputs.basins, draw, years, rng)
        return map_event_set(self, draw, drawn, variants, climate, scenario)

    def depth_map(self, return_period: float) -> DepthMap:
        """The map of a return period that was given, by cell: mean depth on the wet part and wet share."""
        i = self.inputs
        at = np.flatnonzero(np.isclose(i.return_periods, return_period))
        if not at.size:
            raise RangeError(
                "flood.maps", f"no map of {return_period:g} years; given: {i.return_periods.tolist()}."
            )
        cells = int(i.record_cell.max(initial=-1)) + 1
        depth, share = np.full(cells, np.nan), np.full(cells, np.nan)
        depth[i.record_cell[i.covered]] = i.depth_m[at[0], i.covered]
        share[i.record_cell[i.covered]] = i.wet_share[at[0], i.covered]
        return DepthMap(return_period, depth, share)

    def _damage(
        self, draw: Draw, basin: str, periods: FloatArray, variants: BasinVariants | None, climate: Climate
    ) -> tuple[FloatArray, FloatArray]:
        members = len(self.inputs.members)
        chosen = BasinVariants.base(members) if variants is None else variants
        money, people = [], []
        for m in range(members):
            factor, shift, years = chosen.one(m)
            t = self.altered(draw, basin, periods, factor, climate)
            got = self._at_period(draw, basin, m, t, shift)
            if years > 0.0:
                got = got * chance_of_failure(t, years, required(draw, "flood.breach_spread"))[:, None]
            money.append(got[:, 1:] * chosen.damage_factor[0, m])
            people.append(got[:, 0])
        return np.stack(money, axis=1), np.stack(people, axis=1)

    def _at_period(self, draw: Draw, basin: str, m: int, periods: FloatArray, shift: float) -> FloatArray:
        """(period, 1 + class) people and money, linear in the yearly probability between the maps."""
        money, people = self.losses(draw, basin, m, shift)
        p = np.append(1.0 / self.inputs.return_periods[::-1], 1.0 / self.damage_starts(draw))
        table = np.column_stack((people, money))[::-1]
        table = np.vstack((table, np.zeros(table.shape[1])))
        at = 1.0 / periods
        return np.stack([np.interp(at, p, column) for column in table.T], axis=1)

    def _central_weights(self, draw: Draw) -> FloatArray:
        """(period,) yearly probability each map stands for when damage is linear in probability."""
        p = np.concatenate(([1.0 / self.damage_starts(draw)], 1.0 / self.inputs.return_periods))
        weight = np.zeros(p.size)
        weight[:-1] += (p[:-1] - p[1:]) / 2.0
        weight[1:] += (p[:-1] - p[1:]) / 2.0
        weight[-1] += p[-1]
        return weight[1:]

    def damage_starts(self, draw: Draw) -> float:
        """Return period in years at which damage starts: by default half that of the most frequent map, at
        least 1.
        """
        first = float(self.inputs.return_periods[0])
        start = optional(draw, "flood.map_damage_starts_years", max(first / 2.0, 1.0))
        if not 1.0 <= start <= first:
            raise RangeError(
                "flood.maps",
                f"map_damage_starts_years is {start:g}; expected from 1 to {first:g} (the first map).",
            )
        return start

    def _at(self, basin: str) -> int:
        if basin not in self.basins:
            raise RangeError("flood.basin", f"no basin {basin!r}; there are {', '.join(self.basins)}.")
        return self.basins.index(basin)

    def growth(self, draw: Draw, basin: str) -> GrowthCurve:
        if self.rain is None:
            raise RangeError(
                "flood.maps",
                f"a change of discharge in basin {basin!r} needs a growth curve, and no rain maxima were "
                f"given. Add "
                "the rain_maxima table, or describe the measure by its effect on stage, protection or "
                "damage.",
            )
        return growth_curve(draw, self.rain, basin, self.inputs.basins[self._at(basin)].kind)

    def altered(
        self, draw: Draw, basin: str, periods: FloatArray, factor: float, climate: Climate
    ) -> FloatArray:
        """Today's return period of the altered flood."""
        if (factor, climate.rain_factor, climate.discharge_factor) == (1.0, 1.0, 1.0):
            return periods
        growth = self.growth(draw, basin)
        q = growth.q(periods, climate.rain_factor, climate.discharge_factor) * factor
        return np.minimum(growth.return_period(q), 1e12)
