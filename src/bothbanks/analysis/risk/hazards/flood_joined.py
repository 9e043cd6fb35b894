"""Some members by their official maps, the others by the regional method: one model with the methods of
both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from bothbanks.analysis.risk.hazards.flood import FloodModel
from bothbanks.analysis.risk.hazards.flood_events import FloodEvents, draw_years, event_set
from bothbanks.analysis.risk.hazards.flood_map_events import map_event_set, merge_events
from bothbanks.analysis.risk.hazards.flood_maps import MapFloodInputs, MapFloodModel
from bothbanks.analysis.risk.hazards.inputs import FloodInputs
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate, Draw
from bothbanks.analysis.risk.hazards.variants import BasinDamage, BasinVariants, FloodScenario, PeriodDamage
from bothbanks.words.errors import ShapeError

FloatArray = NDArray[np.float64]
Chosen = Mapping[str, BasinVariants] | None


def basin_of_cells(inputs: FloodInputs) -> dict[str, str]:
    """Basin of each cell: that of the largest river along it, or else of the nearest cell that has one."""
    rows = np.lexsort((-inputs.upstream_area_km2, inputs.row_cell))
    cell, first = np.unique(inputs.row_cell[rows], return_index=True)
    basin = inputs.row_basin[rows][first]
    xy = np.column_stack((inputs.cell_x, inputs.cell_y))
    _, near = cKDTree(xy[cell]).query(xy)
    return {c: inputs.basins[b].id for c, b in zip(inputs.cell_id, basin[near], strict=True)}


@dataclass(frozen=True, eq=False)
class JoinedFloodModel:
    """The sum of a regional model and a map model over the same members, basins and classes.

    Each person is in one of the two: the regional one holds no people of the members that have maps, and the
    map model none of the others. ``join`` builds both.
    """

    regional: FloodModel
    maps: MapFloodModel

    def __post_init__(self) -> None:
        a, b = self.regional.inputs, self.maps.inputs
        if (a.members, a.basins, a.classes) != (b.members, b.basins, b.classes):
            raise ShapeError("flood.join", "the two models differ in members, basins or classes.")

    @classmethod
    def join(
        cls, regional: FloodModel, cells: Mapping[str, Any], depths: Mapping[str, Any], mapped: Sequence[str]
    ) -> JoinedFloodModel:
        """Replace the regional method by ``flood_depths`` for the members ``mapped``."""
        i = regional.inputs
        maps = MapFloodInputs.from_tables(
            cells, depths, members=i.members, member_country=i.member_country, basins=i.basins,
            classes=i.classes, basin_of_cell=basin_of_cells(i),
        )  # fmt: skip
        own = np.isin(maps.record_member, [i.members.index(m) for m in mapped])
        maps = replace(maps, record_population=np.where(own, maps.record_population, 0.0))
        return cls(FloodModel(i.without(mapped), regional.rain), MapFloodModel(maps, regional.rain))

    @property
    def basins(self) -> tuple[str, ...]:
        """Names of the basins."""
        return self.regional.basins

    def people_not_modelled(self) -> FloatArray:
        """(member,) people that neither the method nor the maps reach."""
        return self.regional.inputs.people_not_modelled() + self.maps.inputs.people_not_modelled()

    def annual_damage(
        self, draw: Draw, basin: str, variants: BasinVariants | None = None, climate: Climate = TODAY
    ) -> BasinDamage:
        """See ``FloodModel.annual_damage``."""
        a = self.regional.annual_damage(draw, basin, variants, climate)
        b = self.maps.annual_damage(draw, basin, variants, climate)
        return BasinDamage(a.money + b.money, a.people + b.people)

    def return_period_damage(
        self, draw: Draw, return_periods: ArrayLike, variants: Chosen = None, climate: Climate = TODAY
    ) -> PeriodDamage:
        """See ``FloodModel.return_period_damage``."""
        a = self.regional.return_period_damage(draw, return_periods, variants, climate)
        b = self.maps.return_period_damage(draw, return_periods, variants, climate)
        return PeriodDamage(a.return_periods, a.basins, a.money + b.money, a.people + b.people)

    def scenario(self, draw: Draw, q_by_basin: Mapping[str, float], variants: Chosen = None) -> FloodScenario:
        """See ``FloodModel.scenario``."""
        a = self.regional.scenario(draw, q_by_basin, variants)
        b = self.maps.scenario(draw, q_by_basin, variants)
        return FloodScenario(a.basins, a.q, a.return_period, a.money + b.money, a.people + b.people)

    def event_set(
        self, draw: Draw, years: int, rng: np.random.Generator, variants: Chosen = None,
        climate: Climate = TODAY, scenario: str = "today",
    ) -> FloodEvents:  # fmt: skip
        """See ``FloodModel.event_set``; both parts see the same drawn years."""
        drawn = draw_years(self.regional.inputs.basins, draw, years, rng)
        return merge_events(
            event_set(self.regional, draw, drawn, variants, climate, scenario),
            map_event_set(self.maps, draw, drawn, variants, climate, scenario),
        )
