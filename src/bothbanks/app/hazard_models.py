"""Hazard models from the harmonised tables: flood by the regional method or by official maps, storm, heat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.risk.curves import Curve, jrc_flood_curves
from bothbanks.analysis.risk.hazards.flood import FloodModel
from bothbanks.analysis.risk.hazards.flood_maps import MapFloodInputs, MapFloodModel
from bothbanks.analysis.risk.hazards.floodplain import Floodplain
from bothbanks.analysis.risk.hazards.heat import HeatInputs, HeatModel
from bothbanks.analysis.risk.hazards.inputs import AssetClass, Basin, FloodInputs
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate
from bothbanks.analysis.risk.hazards.rain import RainFits
from bothbanks.analysis.risk.hazards.storm import StormInputs, StormModel
from bothbanks.analysis.risk.hazards.variants import BasinDamage, BasinVariants
from bothbanks.region.folder import RegionModel
from bothbanks.region.schema_cases import CaseSettings
from bothbanks.words.errors import InputError

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]
ONLY_BASIN = "river"


@dataclass(eq=False)
class FloodHazard:
    """The flood model of a region: regional where a member has no official map, its map where it has.

    ``annual_damage`` is what the game of measures asks for. The valley of the last draw is kept, because all
    basins of a draw share it.
    """

    members: tuple[str, ...]
    basins: tuple[str, ...]
    regional: FloodModel | None
    maps: MapFloodModel | None
    official: NDArray[np.bool_]  # (member,) True where the member's own map is used
    climate: Climate = TODAY
    _last: tuple[Draw, Floodplain] | None = field(default=None, repr=False)

    def annual_damage(self, draw: Draw, basin: str, variants: BasinVariants) -> BasinDamage:
        """Expected annual damage of each variant of a basin; see ``FloodModel.annual_damage``."""
        variants = _as_variants(variants)
        if self.regional is None:
            assert self.maps is not None
            return self.maps.annual_damage(draw, basin, variants, self.climate)
        damage = self.regional.annual_damage(draw, basin, variants, self.climate, self._valley(draw))
        if self.maps is None:
            return damage
        mapped = self.maps.annual_damage(draw, basin, variants, self.climate)
        return BasinDamage(
            np.where(self.official[None, :, None], mapped.money, damage.money),
            np.where(self.official[None, :], mapped.people, damage.people),
        )

    def under(self, climate: Climate) -> FloodHazard:
        """The same hazard in another climate."""
        return FloodHazard(self.members, self.basins, self.regional, self.maps, self.official, climate, self._last)

    def people_not_modelled(self) -> FloatArray:
        """(member,) people whom neither terrain nor a map reaches."""
        none = np.zeros(len(self.members))
        modelled = self.regional.inputs.people_not_modelled() if self.regional else none
        mapped = self.maps.inputs.people_not_modelled() if self.maps else none
        return np.where(self.official, mapped, modelled)

    def _valley(self, draw: Draw) -> Floodplain:
        assert self.regional is not None
        if self._last is None or self._last[0] is not draw:
            self._last = (draw, self.regional.floodplain(draw))
        return self._last[1]


def _as_variants(v: Any) -> BasinVariants:
    if isinstance(v, BasinVariants):
        return v
    return BasinVariants(v.discharge_factor, v.stage_shift_m, v.protection_years, v.damage_factor)


def flood_hazard(model: RegionModel, case: CaseSettings) -> FloodHazard:
    """Build the flood hazard that the case and the layers in the folder ask for."""
    members = tuple(m.id for m in model.members)
    basins = tuple(Basin(b, s.kind) for b, s in case.basins.items()) or (Basin(ONLY_BASIN, "main"),)
    classes = asset_classes(case)
    official = np.zeros(len(members), dtype=bool)
    maps = None
    rain = _rain(model)
    if "flood_depths" in model.tables:
        given = set(model.tables["flood_depths"]["member"])
        official = np.array([m in given for m in members])
        maps = MapFloodModel(
            MapFloodInputs.from_tables(
                _cells_of(model, given), model.tables["flood_depths"], members=members,
                member_country=[m.country for m in model.members], basins=basins, classes=classes,
                basin_of_cell=_basin_of_cell(model) if len(basins) > 1 else None,
            ),
            rain,
        )  # fmt: skip
    regional = None
    if case.method == "regional" and not official.all():
        if rain is None:
            raise InputError("app.rain", "the regional flood method needs a layer rain_maxima; add it as a source.")
        regional = FloodModel(
            FloodInputs.from_tables(
                model.table("cells"), model.table("terrain"), model.table("floodplain"), model.table("reaches"),
                members=members, member_country=[m.country for m in model.members], basins=basins, classes=classes,
                cell_size_m=model.settings.cell_size_m,
            ),
            rain,
        )  # fmt: skip
    if regional is None and not official.all():
        lacking = ", ".join(m for m, has in zip(members, official, strict=True) if not has)
        raise InputError(
            "app.flood-depths", f"method 'maps' needs flood_depths of every member; none given for {lacking}."
        )
    return FloodHazard(members, tuple(b.id for b in basins), regional, maps, official)


def _cells_of(model: RegionModel, members: set[str]) -> Any:
    cells = model.table("cells")
    return cells[cells["member"].isin(members)]


def _rain(model: RegionModel) -> RainFits | None:
    if "rain_maxima" not in model.tables:
        return None
    t = model.tables["rain_maxima"]
    first = sorted(set(t["station"]))[0]
    t = t[t["station"] == first]
    return RainFits.from_maxima(t["duration_days"], t["depth"], t["days_observed"])


def _basin_of_cell(model: RegionModel) -> dict[str, str]:
    """Basin of each cell: that of its largest stream, else of the nearest cell with one."""
    from scipy.spatial import cKDTree

    plain, reaches = model.table("floodplain"), model.table("reaches")
    basin = dict(zip(reaches["reach"], reaches["basin"], strict=True))
    best = plain.sort_values(["cell", "upstream_area"]).drop_duplicates("cell", keep="last")
    tree = cKDTree(best[["x", "y"]].to_numpy(float))
    cells = model.table("cells").drop_duplicates("cell")
    _, near = tree.query(cells[["x", "y"]].to_numpy(float))
    reach = best["reach"].to_numpy()[near]
    return {str(c): str(basin[r]) for c, r in zip(cells["cell"], reach, strict=True)}


def asset_classes(case: CaseSettings) -> tuple[AssetClass, ...]:
    """Classes of a case with their curves; a class whose value is a share of the others is marked so."""
    curves = {f"jrc-{name}": curve for name, curve in jrc_flood_curves().items()}
    for c in case.curves:
        curves[c.id] = Curve(c.id, c.intensity, c.fraction, c.unit, c.source)
    out = []
    for k in case.classes:
        if k.curve not in curves:
            raise InputError(
                "app.curve", f"class '{k.id}' names curve '{k.curve}'; there are {', '.join(sorted(curves))}."
            )
        out.append(AssetClass(k.id, curves[k.curve], of_total=f"{k.id}_share" in case.parameters))
    return tuple(out)


def storm_model(model: RegionModel) -> StormModel:
    """Windstorm from the footprints and the people."""
    members = tuple(m.id for m in model.members)
    return StormModel(StormInputs.from_tables(model.table("cells"), model.table("storm_gusts"), members=members))


def heat_model(model: RegionModel, case: CaseSettings) -> HeatModel:
    """Heat deaths from daily highest temperatures and the people, over the summers the case names."""
    members = tuple(m.id for m in model.members)
    inputs = HeatInputs.from_tables(model.table("municipalities"), model.table("daily_tmax"), members=members)
    years = [int(y) for station in inputs.year for y in (station.min(), station.max())]
    first = case.parameters["first_year"].value if "first_year" in case.parameters else min(years)
    last = case.parameters["last_year"].value if "last_year" in case.parameters else max(years)
    return HeatModel(inputs, (int(first), int(last)))
