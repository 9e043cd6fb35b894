"""Each case of the folder as a game on its hazard model: who may do what, at what cost, with what effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.partition import alone_partition, together_partition
from bothbanks.analysis.measures.flood_case import FloodCase, FloodSettings, WarningSpec
from bothbanks.analysis.measures.heat_case import Coverage, HeatCase, HeatSettings
from bothbanks.analysis.measures.measure import Measure
from bothbanks.analysis.measures.storm_case import StormCase
from bothbanks.analysis.risk.hazards.heat import GROUPS, HeatModel
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate
from bothbanks.analysis.risk.hazards.storm import StormModel
from bothbanks.app.hazard_models import FloodHazard, flood_hazard, heat_model, storm_model
from bothbanks.app.measures import measures_of, scales_of
from bothbanks.region.folder import RegionModel
from bothbanks.region.schema_cases import CaseSettings
from bothbanks.words.errors import InputError

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class FloodRun:
    """A flood case ready to play."""

    settings: CaseSettings
    measures: tuple[Measure, ...]
    hazard: FloodHazard
    game: FloodCase

    def under(self, climate: Climate) -> FloodCase:
        """The same game in another climate."""
        g = self.game
        return FloodCase(g.id, g.members, g.basins, self.measures, self.hazard.under(climate), g.settings)


@dataclass(frozen=True, eq=False)
class StormRun:
    """A windstorm case ready to play."""

    settings: CaseSettings
    measures: tuple[Measure, ...]
    hazard: StormModel
    game: StormCase

    def under(self, climate: Climate) -> StormCase:
        """The same game in another climate."""
        g = self.game
        damage = StormDamage(self.hazard, climate)
        return StormCase(
            g.id, g.members, self.measures, damage, g.classes, g.horizon_years, unit=g.unit, scales=g.scales
        )


@dataclass(frozen=True, eq=False)
class HeatRun:
    """A heat case ready to play. ``trees`` and other measures outside the game only have their effect
    shown.
    """

    settings: CaseSettings
    measures: tuple[Measure, ...]
    hazard: HeatModel
    game: HeatCase

    def deaths(self, draw: Draw, climate: Climate = TODAY) -> FloatArray:
        """(member, group) deaths a year without any measure."""
        return np.asarray(self.hazard.annual_deaths(draw, climate=climate)[0])

    def faced(self, draw: Draw, climate: Climate = TODAY) -> FloatArray:
        """(2, member) deaths a year alone and together, with the cooling centres of the game."""
        g = self.game
        n = len(g.members)
        under = HeatCase(
            g.id,
            g.members,
            (*g.shared, *g.own.values()),
            lambda d: self.deaths(d, climate),
            g.coverage,
            g.settings,
            g.scales,
        )
        parts = alone_partition(n), together_partition(n)
        return np.stack([under.outcomes(p, draw).physical["deaths"] for p in parts])


def population_of(model: RegionModel) -> FloatArray:
    """(member,) people by the municipal totals."""
    table = model.table("municipalities")
    total = table.groupby("member")["population"].sum()
    return np.array([float(total.get(m.id, 0.0)) for m in model.members])


def flood_run(model: RegionModel, case: CaseSettings) -> FloodRun:
    """The flood game."""
    members = tuple(m.id for m in model.members)
    hazard = flood_hazard(model, case)
    measures = measures_of(case)
    settings = FloodSettings(
        horizon_years=model.settings.horizon_years,
        classes=tuple(c.id for c in case.classes),
        unit=case.unit,
        warning=_warning(model, case, measures, hazard),
        scales=scales_of(case, population_of(model)),
    )
    game = FloodCase(case.id, members, hazard.basins, measures, hazard, settings)
    return FloodRun(case, measures, hazard, game)


def _warning(
    model: RegionModel, case: CaseSettings, measures: tuple[Measure, ...], hazard: FloodHazard
) -> WarningSpec | None:
    """The joint technology of the case's warning measure: cost of one system alone, of one for all."""
    found = [m for m in measures if m.kind == "warning"]
    if not found:
        return None
    return WarningSpec(
        measure=found[0],
        alone_factor=f"{case.id}.warning_alone",
        joint_factor=f"{case.id}.warning_joint",
        alone_cost=f"{case.id}.warning_cost_alone",
        joint_cost=f"{case.id}.warning_cost_joint",
        helps=upstream_of(model, hazard),
    )


def upstream_of(model: RegionModel, hazard: FloodHazard) -> NDArray[np.bool_]:
    """(basin, member, other): the other member has reaches of the basin above the member's own.

    'Above' means that the other's smallest drained area lies below the people-free mean drained area of the
    member's reaches; without reaches (official maps only) members that share the basin help each other.
    """
    n, nb = len(hazard.members), len(hazard.basins)
    helps = np.zeros((nb, n, n), dtype=bool)
    if hazard.regional is None:
        helps[:] = ~np.eye(n, dtype=bool)
        return helps
    inputs = hazard.regional.inputs
    owner = np.full(inputs.cell_count, -1, dtype=np.int64)
    order = np.argsort(inputs.record_population, kind="stable")
    owner[inputs.record_cell[order]] = inputs.record_member[order]  # the member with most people in the cell
    member, stream = owner[inputs.row_cell], inputs.stream_length_m > 0
    for b in range(nb):
        here = stream & (inputs.row_basin == b) & (member >= 0)
        area, who = inputs.upstream_area_km2[here], member[here]
        lowest = np.full(n, np.inf)
        np.minimum.at(lowest, who, area)
        count = np.bincount(who, minlength=n)
        mean = np.bincount(who, area, n) / np.maximum(count, 1)
        helps[b] = (lowest[None, :] < mean[:, None]) & (count > 0)[:, None] & (count > 0)[None, :]
        np.fill_diagonal(helps[b], False)
    return helps


@dataclass(frozen=True, eq=False)
class StormDamage:
    """Expected annual damage of the one class that windstorm knows; can be sent to another process."""

    hazard: StormModel
    climate: Climate = TODAY

    def __call__(self, draw: Draw) -> FloatArray:
        """(member, 1) money a year."""
        damage: FloatArray = np.asarray(self.hazard.annual_damage(draw, climate=self.climate))[0]
        return damage[:, None]


def storm_run(model: RegionModel, case: CaseSettings) -> StormRun:
    """The windstorm game: each member's own measures."""
    hazard, measures = storm_model(model), measures_of(case)
    if len(case.classes) > 1:
        raise InputError(
            "app.storm-classes",
            f"cases/{case.id}.toml: {len(case.classes)} classes, but windstorm knows one (all buildings); "
            "keep one.",
        )
    game = StormCase(
        case.id,
        tuple(m.id for m in model.members),
        measures,
        StormDamage(hazard),
        tuple(c.id for c in case.classes) or ("buildings",),
        model.settings.horizon_years,
        unit=case.unit,
        scales=dict(scales_of(case, population_of(model))),
    )
    return StormRun(case, measures, hazard, game)


def heat_run(model: RegionModel, case: CaseSettings) -> HeatRun:
    """The heat game: cooling centres, open to residents of one's own side or of both."""
    hazard, measures = heat_model(model), measures_of(case)
    played = tuple(m for m in measures if m.kind == "cooling")
    settings = HeatSettings(
        horizon_years=model.settings.horizon_years,
        groups=GROUPS,
        served=("65plus",),
        centre_effect=f"{case.id}.centre_effect",
        unit=case.unit,
    )
    game = HeatCase(
        case.id,
        tuple(m.id for m in model.members),
        played,
        lambda draw: np.asarray(hazard.annual_deaths(draw)[0]),
        centre_coverage(model, case),
        settings,
        dict(scales_of(case, population_of(model))),
    )
    return HeatRun(case, measures, hazard, game)


def centre_coverage(model: RegionModel, case: CaseSettings) -> Coverage:
    """Who can walk to whose cooling centres, straight line from the middle of the cell.

    A centre stands at each existing one (layer ``centres``), or, where none is given, in each cell of at
    least ``centre_min_population`` people. Cells count with all their people, older people being
    spread alike.
    """
    from scipy.spatial import cKDTree

    members = [m.id for m in model.members]
    centres = _centres(model, case)
    cells = model.table("cells")
    xy, people = cells[["x", "y"]].to_numpy(float), cells["population"].to_numpy(float)
    owner = np.array([members.index(m) for m in cells["member"]], dtype=np.int64)
    reach = float(case.parameters["walk_m"].value) if "walk_m" in case.parameters else 0.0
    pattern = np.zeros(len(cells), dtype=np.int64)
    for j, m in enumerate(members):
        own = centres[centres["member"] == m]
        if len(own):
            distance, _ = cKDTree(own[["x", "y"]].to_numpy(float)).query(xy)
            pattern |= (distance <= reach).astype(np.int64) << j
    patterns, row = np.unique(pattern, return_inverse=True)
    share = np.zeros((len(patterns), len(members)))
    np.add.at(share, (row, owner), people)
    total = np.bincount(owner, people, len(members))
    share = share / np.maximum(total, 1.0)
    some = patterns > 0
    return Coverage(patterns[some], share[some])


def _centres(model: RegionModel, case: CaseSettings) -> Any:
    if "centres" in model.tables:
        return model.tables["centres"]
    cells = cell_table(model)
    least = (
        case.parameters["centre_min_population"].value if "centre_min_population" in case.parameters else 0.0
    )
    return cells[cells["population"] >= least]


def cell_table(model: RegionModel) -> Any:
    """Cells once each: id, corner, member with most people in it, municipality, population."""
    cells = model.table("cells").copy()
    total = cells.groupby("cell")["population"].sum()
    cells = cells.sort_values(["cell", "population"], ascending=[True, False], kind="stable").drop_duplicates(
        "cell"
    )
    cells["population"] = total.reindex(cells["cell"]).to_numpy()
    return cells.reset_index(drop=True)
