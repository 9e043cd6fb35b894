"""Hazard models from the harmonised tables: flood by the regional method or by official maps, storm, heat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.risk.curves import Curve, jrc_flood_curves
from bothbanks.analysis.risk.hazards.flood import FloodModel
from bothbanks.analysis.risk.hazards.flood_joined import JoinedFloodModel
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
AnyFloodModel = FloodModel | MapFloodModel | JoinedFloodModel
ONLY_BASIN = "river"


@dataclass(eq=False)
class FloodHazard:
    """The flood model of a region: regional where a member has no official map, its map where it has.

    ``annual_damage`` is what the game of measures asks for. The valley of the last draw is kept, because all
    basins of a draw share it.
    """

    members: tuple[str, ...]
    model: AnyFloodModel
    official: NDArray[np.bool_]  # (member,) True where the member's own map is used
    climate: Climate = TODAY
    _last: tuple[Draw, Floodplain] | None = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Without the valley of the last draw, to travel light to another process."""
        return {**self.__dict__, "_last": None}

    @property
    def basins(self) -> tuple[str, ...]:
        """Names of the basins."""
        return self.model.basins

    @property
    def regional(self) -> FloodModel | None:
        """The part that follows the regional method, if any."""
        if isinstance(self.model, JoinedFloodModel):
            return self.model.regional
        return self.model if isinstance(self.model, FloodModel) else None

    @property
    def maps(self) -> MapFloodModel | None:
        """The part that follows official maps, if any."""
        if isinstance(self.model, JoinedFloodModel):
            return self.model.maps
        return self.model if isinstance(self.model, MapFloodModel) else None

    def annual_damage(self, draw: Draw, basin: str, variants: BasinVariants) -> BasinDamage:
        """Expected annual damage of each variant of a basin; see ``FloodModel.annual_damage``."""
        if isinstance(self.model, FloodModel):
            return self.model.annual_damage(draw, basin, variants, self.climate, self._valley(draw))
        return self.model.annual_damage(draw, basin, variants, self.climate)

    def under(self, climate: Climate) -> FloodHazard:
        """The same hazard in another climate."""
        return FloodHazard(self.members, self.model, self.official, climate, self._last)

    def people_not_modelled(self) -> FloatArray:
        """(member,) people whom neither terrain nor a map reaches."""
        if isinstance(self.model, JoinedFloodModel):
            return self.model.people_not_modelled()
        return np.asarray(self.model.inputs.people_not_modelled())

    def _valley(self, draw: Draw) -> Floodplain:
        assert isinstance(self.model, FloodModel)
        if self._last is None or self._last[0] is not draw:
            self._last = (draw, self.model.floodplain(draw))
        return self._last[1]


def flood_hazard(model: RegionModel, case: CaseSettings) -> FloodHazard:
    """Build the flood hazard that the case and the layers in the folder ask for."""
    members = tuple(m.id for m in model.members)
    countries = [m.country for m in model.members]
    basins = tuple(Basin(b, s.kind) for b, s in case.basins.items()) or (Basin(ONLY_BASIN, "main"),)
    classes = asset_classes(case)
    depths: Any = model.tables.get("flood_depths")
    mapped = [] if depths is None else [m for m in members if m in set(depths["member"])]
    official = np.isin(members, mapped)
    rain = _rain(model)
    if official.all() and (case.method == "maps" or len(basins) == 1):
        inputs = MapFloodInputs.from_tables(
            model.table("cells"),
            depths,
            members=members,
            member_country=countries,
            basins=basins,
            classes=classes,
        )
        return FloodHazard(members, MapFloodModel(inputs, rain), official)
    if case.method == "maps":
        lacking = ", ".join(m for m in members if m not in mapped)
        raise InputError(
            "app.flood-depths", f"method 'maps' needs flood_depths of every member; none given for {lacking}."
        )
    if rain is None:
        raise InputError(
            "app.rain", "the regional flood method needs a layer rain_maxima; add it as a source."
        )
    regional = FloodModel(
        FloodInputs.from_tables(
            model.table("cells"),
            model.table("terrain"),
            model.table("floodplain"),
            model.table("reaches"),
            members=members,
            member_country=countries,
            basins=basins,
            classes=classes,
            cell_size_m=model.settings.cell_size_m,
        ),
        rain,
    )
    if not mapped:
        return FloodHazard(members, regional, official)
    return FloodHazard(
        members, JoinedFloodModel.join(regional, model.table("cells"), depths, mapped), official
    )


def _rain(model: RegionModel) -> RainFits | None:
    """Fits of the region's rain. Two stations are refused: one must stand for the region."""
    return RainFits.from_table(model.tables["rain_maxima"]) if "rain_maxima" in model.tables else None


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
    return StormModel(
        StormInputs.from_tables(model.table("cells"), model.table("storm_gusts"), members=members)
    )


def heat_model(model: RegionModel) -> HeatModel:
    """Heat deaths from daily highest temperatures and the people, over the summers the case's
    parameters name.
    """
    members = tuple(m.id for m in model.members)
    return HeatModel(
        HeatInputs.from_tables(model.table("municipalities"), model.table("daily_tmax"), members=members)
    )
