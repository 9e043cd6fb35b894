"""Which numbers and layers a case is computed from, so that a lacking one is told beforehand.

The lists follow the hazard models of ``analysis.risk.hazards``; a test reads the models and compares.
"""

from __future__ import annotations

from collections.abc import Iterable

from bothbanks.region.kinds import needed_layers
from bothbanks.region.schema import MemberSettings
from bothbanks.region.schema_cases import CaseSettings

COPULA = ("copula_nu", "copula_rho_tributaries", "copula_rho_main")
VALUE = ("price_index",)
FAILURE = ("breach_spread",)
GROWTH = ("initial_loss_ratio", "rain_duration_days")
GROWTH_MAIN = ("main_rain_threshold_mm",)
VALLEY = (
    "bankfull_ratio",
    "bankfull_depth_coefficient",
    "bankfull_depth_exponent",
    "stage_exponent",
    "floor_width_coefficient",
    "profile_coefficient",
    "profile_exponent",
    "overflow_height_m",
    "clustering_slope",
)
STORM = ("gust_location", "gust_scale", "value_per_head")
HEAT = ("death_rate", "deaths_65plus", "share_65plus", "slope_per_c", "threshold_c")
RESERVE = (
    "level",
    "load",
    "running_alone",
    "running_fixed",
    "running_member",
    "interest",
    "target_ruin",
)
PURCHASING: tuple[str, ...] = (
    "staff_direct",
    "staff_offers",
    "staff_national",
    "staff_union",
    "agreement_cost",
    "member_cost",
    "language_cost",
    "agreement_days",
)
WARNING = ("warning_alone", "warning_joint", "warning_cost_alone", "warning_cost_joint")


def changes_discharge(case: CaseSettings) -> bool:
    """True when a measure changes the discharge, so that rain has to say how often the new one comes."""
    return any(effect.on == "discharge" for measure in case.measures for effect in measure.effects)


def layers_of(case: CaseSettings) -> tuple[str, ...]:
    """Layers the case can't do without, beyond municipalities and cells."""
    layers = needed_layers(case.kind, case.method)
    if case.kind == "flood" and case.method == "maps" and changes_discharge(case):
        return (*layers, "rain_maxima")
    return layers


def parameters_of(case: CaseSettings, members: Iterable[MemberSettings]) -> tuple[str, ...]:
    """Ids of the parameters the case can't do without."""
    if case.kind == "storm":
        return tuple(f"storm.{name}" for name in STORM)
    if case.kind == "heat":
        return tuple(f"heat.{name}" for name in HEAT)
    if case.kind == "reserve":
        return tuple(f"reserve.{name}" for name in RESERVE)
    if case.kind == "purchasing":
        return tuple(f"purchasing.{name}" for name in PURCHASING)
    names = [*VALUE, *FAILURE, *COPULA]
    growth = case.method == "regional" or changes_discharge(case)
    if case.method == "regional":
        names += VALLEY
    if growth:
        names += GROWTH
        if any(basin.kind == "main" for basin in case.basins.values()):
            names += GROWTH_MAIN
    if any(measure.kind == "warning" for measure in case.measures):
        names += WARNING
    for entry in case.classes:
        if f"{entry.id}_share" in case.parameters:
            continue  # its value is a share of the other classes
        names.append(f"footprint_{entry.id}_m2_per_head")
        names += [f"value_{entry.id}_{country}" for country in dict.fromkeys(m.country for m in members)]
    for basin, about in case.basins.items():
        if case.method == "regional":
            names.append(f"basin.{basin}.protection_years")
        if growth and about.kind == "tributary":
            names.append(f"basin.{basin}.runoff_cn")
    return tuple(f"flood.{name}" for name in names)
