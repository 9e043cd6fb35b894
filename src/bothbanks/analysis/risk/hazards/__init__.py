"""Hazards: how often how much rain, river flood, storm and heat, and what each does to every member."""

from bothbanks.analysis.risk.hazards.discharge import GrowthCurve, growth_curve
from bothbanks.analysis.risk.hazards.flood import FloodModel
from bothbanks.analysis.risk.hazards.flood_events import FloodEvents
from bothbanks.analysis.risk.hazards.flood_joined import JoinedFloodModel
from bothbanks.analysis.risk.hazards.flood_maps import MapBounds, MapFloodInputs, MapFloodModel
from bothbanks.analysis.risk.hazards.heat import HeatInputs, HeatModel, HeatVariants
from bothbanks.analysis.risk.hazards.inputs import AssetClass, Basin, FloodInputs
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate
from bothbanks.analysis.risk.hazards.rain import (
    GevFit,
    RainFits,
    ReturnLevels,
    block_maxima,
    fit_gev,
    return_levels,
)
from bothbanks.analysis.risk.hazards.storm import StormInputs, StormModel
from bothbanks.analysis.risk.hazards.variants import (
    BasinDamage,
    BasinVariants,
    DepthMap,
    FloodScenario,
    PeriodDamage,
)

__all__ = [
    "TODAY",
    "AssetClass",
    "Basin",
    "BasinDamage",
    "BasinVariants",
    "Climate",
    "DepthMap",
    "FloodEvents",
    "FloodInputs",
    "FloodModel",
    "FloodScenario",
    "GevFit",
    "GrowthCurve",
    "HeatInputs",
    "HeatModel",
    "HeatVariants",
    "JoinedFloodModel",
    "MapBounds",
    "MapFloodInputs",
    "MapFloodModel",
    "PeriodDamage",
    "RainFits",
    "ReturnLevels",
    "StormInputs",
    "StormModel",
    "block_maxima",
    "fit_gev",
    "growth_curve",
    "return_levels",
]
