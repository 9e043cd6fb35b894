"""Annual flood damage of a region, basin by basin, by the regional method (docs/explanation/flood-method.md).

Within a basin everything depends on one number, the relative discharge q. So damage is tabulated over q once
for each draw and member, and each variant of the measures is an interpolation in that table, weighted with
the chance that the protection fails, and summed over the frequencies of the flood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.risk.hazards.discharge import GrowthCurve, growth_curve
from bothbanks.analysis.risk.hazards.floodplain import (
    Floodplain,
    Hinges,
    Links,
    floodplain,
    ground_integrals,
    wet_ground,
)
from bothbanks.analysis.risk.hazards.inputs import FloodInputs
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate, Draw, optional, required
from bothbanks.analysis.risk.hazards.rain import RainFits
from bothbanks.analysis.risk.hazards.variants import (
    BasinDamage,
    BasinVariants,
    DepthMap,
    FloodScenario,
    PeriodDamage,
)
from bothbanks.words.errors import RangeError

if TYPE_CHECKING:
    from bothbanks.analysis.risk.hazards.flood_events import FloodEvents

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FREQUENCY_NODES = 240
RAREST_YEARS = 1e5
_STAGES = 32


def frequency_nodes() -> tuple[FloatArray, FloatArray]:
    """Return periods and the yearly probability each stands for; the probabilities sum to 1.

    Midpoints in ln T from 1 to 100,000 years; the last node also stands for everything rarer.
    """
    edge = np.linspace(0.0, np.log(RAREST_YEARS), FREQUENCY_NODES + 1)
    weight = -np.diff(np.exp(-edge))
    weight[-1] += 1.0 / RAREST_YEARS
    return np.exp((edge[:-1] + edge[1:]) / 2.0), weight


def chance_of_failure(return_period: ArrayLike, protection_years: ArrayLike, spread: float) -> FloatArray:
    """Share of the damage behind protection that happens at a flood of this return period.

    clip(ln(T / (Tp / 2)) / ln(spread), 0, 1): nothing below half the design return period Tp, all from
    ``spread`` / 2 times Tp on. T is the return period of the flood *as altered by measures*; with that of the
    unaltered flood no retention upstream would ever keep a levee from failing.

    >>> chance_of_failure([25.0, 50.0, 100.0, 200.0], 100.0, 4.0)
    array([0. , 0. , 0.5, 1. ])
    """
    t = np.maximum(np.asarray(return_period, dtype=np.float64), 1e-12)
    return np.asarray(np.clip(np.log(2.0 * t / np.asarray(protection_years)) / np.log(spread), 0.0, 1.0))


@dataclass(frozen=True)
class StageLaw:
    """Height over the bank: s = db ((q / ratio)^exponent - 1), and back."""

    ratio: float
    exponent: float

    def rise(self, q: ArrayLike) -> FloatArray:
        """s / db at relative discharge q; -1 for a dry river."""
        return np.asarray((np.asarray(q, dtype=np.float64) / self.ratio) ** self.exponent - 1.0)

    def discharge(self, rise: ArrayLike) -> FloatArray:
        """q at s / db."""
        return np.asarray(self.ratio * np.maximum(1.0 + np.asarray(rise), 0.0) ** (1.0 / self.exponent))


@dataclass(frozen=True, eq=False)
class BasinState:
    """One basin in one draw: its frequencies, stages and people, ready for variants."""

    growth: GrowthCurve
    law: StageLaw
    plain: Floodplain
    rows: IntArray
    people: FloatArray  # (member, row of the basin) people in the row's cell
    value: FloatArray  # (member, class) money per head
    bankfull_m: FloatArray  # (member,) mean db, weighted with the people on the floor
    protection_years: FloatArray  # (member,)
    spread: float
    calibration: float


@dataclass(frozen=True, eq=False)
class FloodModel:
    """Flood damage by basin.

    Parameters
    ----------
    inputs : arrays of the region
    rain : GEV fits by duration
    """

    inputs: FloodInputs
    rain: RainFits
    _links: Links = field(init=False, repr=False)
    _hinges: Hinges = field(init=False, repr=False)
    _cell_people: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "_links", Links.of(self.inputs))
        put(self, "_hinges", Hinges.of(self.inputs.classes))
        cells, members = self.inputs.cell_count, len(self.inputs.members)
        key = self.inputs.record_member * cells + self.inputs.record_cell
        people = np.bincount(key, self.inputs.record_population, members * cells)
        put(self, "_cell_people", people.reshape(members, cells))

    @property
    def basins(self) -> tuple[str, ...]:
        """Names of the basins."""
        return tuple(b.id for b in self.inputs.basins)

    def growth(self, draw: Draw, basin: str) -> GrowthCurve:
        """Discharge by return period of a basin."""
        at = self.inputs.basin_index(basin)
        return growth_curve(draw, self.rain, basin, self.inputs.basins[at].kind)

    def floodplain(self, draw: Draw) -> Floodplain:
        """The valley of every row; pass it to ``state`` to use it for several basins."""
        return floodplain(self.inputs, self._links, draw)

    def state(self, draw: Draw, basin: str, plain: Floodplain | None = None) -> BasinState:
        """All that the variants of a basin share."""
        plain = self.floodplain(draw) if plain is None else plain
        rows = np.flatnonzero(self.inputs.row_basin == self.inputs.basin_index(basin))
        people = self._cell_people[:, self.inputs.row_cell[rows]]
        on_floor = people * (plain.floor_m2 * plain.floor_density)[rows]
        total = on_floor.sum(axis=1)
        depth = plain.bankfull_m[rows]
        plain_mean = depth.mean() if rows.size else 1.0
        mean = np.where(total > 0, on_floor @ depth / np.where(total > 0, total, 1.0), plain_mean)
        own = f"flood.basin.{basin}."
        base = required(draw, own + "protection_years")
        years = [optional(draw, f"{own}protection_years_{m}", base) for m in self.inputs.members]
        spread = required(draw, "flood.breach_spread")
        if not (spread > 1 and min(years, default=1.0) > 0):
            raise RangeError(
                "flood.protection",
                f"basin {basin!r}: protection_years must be above 0, breach_spread above 1.",
            )
        return BasinState(
            growth=self.growth(draw, basin),
            law=StageLaw(required(draw, "flood.bankfull_ratio"), required(draw, "flood.stage_exponent")),
            plain=plain, rows=rows, people=people, value=self.inputs.value_per_head(draw), bankfull_m=mean,
            protection_years=np.array(years), spread=spread, calibration=optional(draw, own + "calibration",
            1.0),
        )  # fmt: skip

    def annual_damage(
        self, draw: Draw, basin: str, variants: BasinVariants | None = None, climate: Climate = TODAY,
        plain: Floodplain | None = None,
    ) -> BasinDamage:  # fmt: skip
        """Expected annual damage (money) and people flooded each year, for each variant of the measures.

        Returns
        -------
        BasinDamage
            money (k, member, class) in EUR/year, people (k, member) in persons/year.
        """
        members = len(self.inputs.members)
        variants = BasinVariants.base(members) if variants is None else variants
        variants.check(members)
        state = self.state(draw, basin, plain)
        periods, chance = frequency_nodes()
        q = state.growth.q(periods, climate.rain_factor, climate.discharge_factor)
        money = np.zeros((variants.count, members, len(self.inputs.classes)))
        people = np.zeros((variants.count, members))
        for m in np.flatnonzero(state.people.sum(axis=1) > 0):
            distinct, back = variants.distinct(int(m))
            money[:, m], people[:, m] = self._member_damage(state, int(m), q, chance, distinct, back)
        return BasinDamage(money * variants.damage_factor[:, :, None], people)

    def _member_damage(
        self,
        state: BasinState,
        m: int,
        q: FloatArray,
        chance: FloatArray,
        distinct: FloatArray,
        back: IntArray,
    ) -> tuple[FloatArray, FloatArray]:
        """Money (k, class) and people (k,) of one member; ``distinct`` (n, 3) of factor, shift, years."""
        altered = q * distinct[:, :1]
        failed = failure(state, m, altered, distinct[:, 1:2], distinct[:, 2:3])
        result = np.empty((distinct.shape[0], 1 + len(self.inputs.classes)))
        for shift in np.unique(distinct[:, 1]):
            use = distinct[:, 1] == shift
            rise = state.law.rise(altered[use])
            counts = rise[failed[use] > 0]
            grid, table = self._table(state, m, float(shift), counts)
            loss = _interpolate(grid, table, rise)
            result[use] = np.einsum("nf,nfc->nc", failed[use] * chance, loss)
        return result[back, 1:] * state.value[m], result[back, 0]

    def _table(
        self, state: BasinState, m: int, shift: float, rise: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Grid of s / db over ``rise``, and (grid, 1 + class): people wetted, and damage in persons'
        worth.
        """
        live = np.flatnonzero(state.people[m] > 0)
        rows = state.rows[live]
        depth = state.plain.bankfull_m[rows]
        dry = -shift / float(depth.min() if shift > 0 else depth.max())
        low = max(float(rise.min(initial=dry)), dry, -1.0)
        grid = np.linspace(low, max(float(rise.max(initial=dry)), low + 0.1), _STAGES)
        stage = depth[:, None] * grid + shift
        ground = ground_integrals(state.plain, rows, stage, self._hinges.knot)
        weighted = state.people[m, live] @ ground  # (1 + knot, grid)
        weighted *= state.calibration
        return grid, np.column_stack((weighted[0], weighted.T @ self._hinges.weight))

    def damage_at(
        self, state: BasinState, q: FloatArray, variants: BasinVariants, protected: bool = True
    ) -> tuple[FloatArray, FloatArray]:
        """Damage at given discharges under the first variant: money (q, member, class), people (q,
        member).
        """
        classes = len(self.inputs.classes)
        money = np.zeros((q.size, len(self.inputs.members), classes))
        people = np.zeros((q.size, len(self.inputs.members)))
        for m in np.flatnonzero(state.people.sum(axis=1) > 0):
            factor, shift, years = variants.one(int(m))
            altered = q * factor
            live = np.flatnonzero(state.people[m] > 0)
            rows = state.rows[live]
            stage = state.plain.bankfull_m[rows][:, None] * state.law.rise(altered) + shift
            ground = state.people[m, live] @ ground_integrals(state.plain, rows, stage, self._hinges.knot)
            ground = ground * state.calibration
            if protected:
                ground = ground * failure(
                    state, int(m), altered[None], np.array([[shift]]), np.array([[years]])
                )
            people[:, m] = ground[0]
            money[:, m] = ground.T @ self._hinges.weight * state.value[m] * variants.damage_factor[0, m]
        return money, people

    def return_period_damage(
        self, draw: Draw, return_periods: ArrayLike, variants: Mapping[str, BasinVariants] | None = None,
        climate: Climate = TODAY,
    ) -> PeriodDamage:  # fmt: skip
        """Damage in each basin when its own flood has the return period, protection counted as a share lost.

        Basins don't reach their T-year flood in the same year, so sums over basins are not a T-year loss of
        the region; that comes from the event set.
        """
        periods = np.atleast_1d(np.asarray(return_periods, dtype=np.float64))
        base = BasinVariants.base(len(self.inputs.members))
        plain = self.floodplain(draw)
        parts = []
        for basin in self.basins:
            state = self.state(draw, basin, plain)
            q = state.growth.q(periods, climate.rain_factor, climate.discharge_factor)
            parts.append(self.damage_at(state, q, (variants or {}).get(basin, base)))
        return PeriodDamage(
            periods,
            self.basins,
            np.stack([p[0] for p in parts], axis=1),
            np.stack([p[1] for p in parts], axis=1),
        )

    def scenario(
        self, draw: Draw, q_by_basin: Mapping[str, float], variants: Mapping[str, BasinVariants] | None = None
    ) -> FloodScenario:
        """A named flood with its discharges typed in, each as a multiple of the basin's two-year flood.

        Basins that are not named have no flood. Protection fails by the return period of the typed discharge.
        """
        base = BasinVariants.base(len(self.inputs.members))
        plain = self.floodplain(draw)
        basins = tuple(q_by_basin)
        states = [self.state(draw, b, plain) for b in basins]
        q = [np.array([float(q_by_basin[b])]) for b in basins]
        parts = [
            self.damage_at(s, v, (variants or {}).get(b, base))
            for b, s, v in zip(basins, states, q, strict=True)
        ]
        shape = (0, len(self.inputs.members))
        money = (
            np.concatenate([p[0] for p in parts]) if parts else np.zeros((*shape, len(self.inputs.classes)))
        )
        people = np.concatenate([p[1] for p in parts]) if parts else np.zeros(shape)
        periods = np.array([float(s.growth.return_period(v)[0]) for s, v in zip(states, q, strict=True)])
        return FloodScenario(basins, np.array([float(v[0]) for v in q]), periods, money, people)

    def event_set(
        self, draw: Draw, years: int, rng: np.random.Generator,
        variants: Mapping[str, BasinVariants] | None = None, climate: Climate = TODAY, scenario: str =
        "today",
    ) -> FloodEvents:  # fmt: skip
        """A catalogue of ``years`` equally likely years with its exposure; see ``flood_events``."""
        from bothbanks.analysis.risk.hazards.flood_events import draw_years, event_set

        drawn = draw_years(self.inputs.basins, draw, years, rng)
        return event_set(self, draw, drawn, variants, climate, scenario)

    def depth_map(
        self,
        draw: Draw,
        return_period: float,
        climate: Climate = TODAY,
        basins: tuple[str, ...] | None = None,
    ) -> DepthMap:
        """Mean depth on the wet part and the wet share of every cell, as if no protection stood.

        Every basin is at the return period, as on an official hazard map. Depth times share is the mean over
        the cell; never use the depth alone for a whole cell. NaN where the terrain is not known.
        """
        plain = self.floodplain(draw)
        law = StageLaw(required(draw, "flood.bankfull_ratio"), required(draw, "flood.stage_exponent"))
        stage = np.full(plain.bankfull_m.size, -1.0)
        for basin in self.basins if basins is None else basins:
            rows = self.inputs.row_basin == self.inputs.basin_index(basin)
            q = self.growth(draw, basin).q(return_period, climate.rain_factor, climate.discharge_factor)
            stage[rows] = plain.bankfull_m[rows] * law.rise(q)
        wet, volume = wet_ground(plain, stage)
        cells = self.inputs.cell_count
        wet_cell = np.bincount(self.inputs.row_cell, wet, cells)
        volume_cell = np.bincount(self.inputs.row_cell, volume, cells)
        depth = np.divide(volume_cell, wet_cell, out=np.zeros(cells), where=wet_cell > 0)
        share = np.minimum(wet_cell / self.inputs.cell_size_m**2, 1.0)
        known = self.inputs.covered
        return DepthMap(return_period, np.where(known, depth, np.nan), np.where(known, share, np.nan))


def failure(
    state: BasinState, m: int, altered_q: FloatArray, shift_m: FloatArray, protection_years: FloatArray
) -> FloatArray:
    """(n, q) share of damage that gets through the protection of member ``m``.

    A stage shift counts as the discharge that would raise the water by as much, so a levee across the river
    that lifts the level also makes this bank's protection fail more often. Where the protection of a variant
    is lower than the base, or NaN, the base holds.
    """
    years = np.fmax(protection_years, state.protection_years[m])
    rise = state.law.rise(altered_q) + shift_m / state.bankfull_m[m]
    return chance_of_failure(state.growth.return_period(state.law.discharge(rise)), years, state.spread)


def _interpolate(grid: FloatArray, table: FloatArray, at: FloatArray) -> FloatArray:
    """(n, f, column) values of ``table`` (grid, column) at ``at`` (n, f) on an even grid, held at its
    ends.
    """
    step = grid[1] - grid[0]
    place = (at - grid[0]) / step
    low = np.clip(place.astype(np.int64), 0, grid.size - 2)
    part = np.clip(place - low, 0.0, 1.0)[..., None]
    return np.asarray(table[low] * (1.0 - part) + table[low + 1] * part)
