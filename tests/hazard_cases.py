"""Small made-up regions, and the example region, for the tests of the hazards."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from bothbanks.analysis.risk.curves import Curve, jrc_flood_curves
from bothbanks.analysis.risk.hazards import AssetClass, Basin, FloodInputs, FloodModel, GevFit, RainFits
from bothbanks.analysis.risk.hazards.rain import gev_from_l_moments

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "meuse-rhine"

FLOOD = {
    "floor_width_coefficient": 12.0,
    "bankfull_depth_coefficient": 0.45,
    "bankfull_depth_exponent": 0.26,
    "stage_exponent": 0.4,
    "bankfull_ratio": 0.87,
    "profile_coefficient": 0.30,
    "profile_exponent": 1.4,
    "overflow_height_m": 8.0,
    "clustering_slope": 0.035,
    "valley_side": 1.0,
    "initial_loss_ratio": 0.2,
    "rain_shape_prior": 0.03,
    "rain_duration_days": 2.0,
    "main_rain_threshold_mm": 25.0,
    "main_rain_duration_days": 10.0,
    "copula_nu": 4.0,
    "copula_rho_tributaries": 0.75,
    "copula_rho_main": 0.45,
    "breach_spread": 4.0,
    "price_index": 1.2,
    "footprint_residential_m2_per_head": 24.0,
    "footprint_commercial_m2_per_head": 6.0,
    "value_residential_AA": 800.0,
    "value_residential_BB": 850.0,
    "value_commercial_AA": 1100.0,
    "value_commercial_BB": 1150.0,
    "public_share": 0.4,
}


def flood_draw(**basins: dict[str, float]) -> dict[str, float]:
    """Parameters of a draw; a keyword for each basin, its parameters as a mapping."""
    draw = {f"flood.{k}": v for k, v in FLOOD.items()}
    for basin, own in basins.items():
        for name, value in {"runoff_cn": 82.0, "protection_years": 20.0, **own}.items():
            draw[f"flood.basin.{basin}.{name}"] = value
    return draw


def rain_fits() -> RainFits:
    """Two- and ten-day rain with means and L-scales like those of a lowland town."""
    fits = {}
    for days, l1, l2, shape in ((2, 46.3, 6.83, 0.015), (10, 86.4, 10.63, 0.012)):
        location, scale = gev_from_l_moments(l1, l2, shape)
        fits[days] = GevFit(days, float(location), float(scale), shape, 100, l1, l2)
    return RainFits(fits)


def classes() -> tuple[AssetClass, ...]:
    """Homes, shops, and public works as a share of both."""
    jrc = jrc_flood_curves()
    return (
        AssetClass("residential", jrc["residential"]),
        AssetClass("commercial", jrc["commercial"]),
        AssetClass("public", jrc["infrastructure"], of_total=True),
    )


def valley(
    *,
    areas: list[float],
    members: list[int],
    basins: list[int],
    people: list[float],
    slopes: list[float] | None = None,
) -> FloodInputs:
    """Cells in a row with 900 m of stream each; two members, a tributary 'beck' and a main 'stroom'."""
    n = len(areas)
    return FloodInputs(
        members=("alm", "brink"), member_country=("AA", "BB"), municipalities=("a1", "b1"),
        basins=(Basin("beck", "tributary"), Basin("stroom", "main")), classes=classes(), cell_size_m=1000.0,
        cell_x=np.arange(n) * 1000.0 + 500.0, cell_y=np.full(n, 500.0),
        cell_slope=np.array(slopes if slopes is not None else [0.03] * n, dtype=np.float64),
        record_cell=np.arange(n), record_member=np.array(members), record_municipality=np.array(members),
        record_population=np.array(people, dtype=np.float64), row_cell=np.arange(n), row_reach=np.arange(n),
        row_basin=np.array(basins), upstream_area_km2=np.array(areas, dtype=np.float64),
        stream_length_m=np.full(n, 900.0), height_over_reach_m=np.zeros(n),
        cell_id=tuple(f"1kmN0E{i}" for i in range(n)),
    )  # fmt: skip


def two_bank_model() -> tuple[FloodModel, dict[str, float]]:
    """Both members on both rivers."""
    inputs = valley(
        areas=[60.0, 150.0, 400.0, 12000.0, 12500.0, 300.0],
        members=[0, 1, 0, 0, 1, 1],
        basins=[0, 0, 0, 1, 1, 0],
        people=[900.0, 2500.0, 1500.0, 4000.0, 3000.0, 700.0],
        slopes=[0.06, 0.02, 0.03, 0.008, 0.012, 0.04],
    )
    return FloodModel(inputs, rain_fits()), flood_draw(
        beck={"orographic": 1.1}, stroom={"protection_years": 100.0}
    )


@functools.cache
def example_tables() -> dict[str, Any]:
    """Harmonised tables of the example region."""
    from bothbanks.region import harmonise, read_region

    return harmonise(read_region(EXAMPLE)).tables


def example_draw(case: str) -> dict[str, float]:
    """Base values of a case of the example region."""
    settings = tomllib.loads((EXAMPLE / "cases" / f"{case}.toml").read_text(encoding="utf-8"))
    draw = {f"{case}.{k}": float(v["value"]) for k, v in settings["parameters"].items()}
    for basin, own in settings.get("basins", {}).items():
        for name, value in own.get("parameters", {}).items():
            draw[f"{case}.basin.{basin}.{name}"] = float(value["value"])
    return draw


def example_settings(case: str) -> dict[str, Any]:
    """A case's toml as it is."""
    return tomllib.loads((EXAMPLE / "cases" / f"{case}.toml").read_text(encoding="utf-8"))


@functools.cache
def example_flood() -> FloodModel:
    """The flood model of the example region."""
    tables, settings = example_tables(), example_settings("flood")
    region = tomllib.loads((EXAMPLE / "region.toml").read_text(encoding="utf-8"))
    members = region["members"]
    country = [
        tomllib.loads((EXAMPLE / "members" / m / "member.toml").read_text(encoding="utf-8"))["country"]
        for m in members
    ]
    jrc = jrc_flood_curves()
    kinds = [AssetClass(c, jrc[c]) for c in ("residential", "commercial", "industrial")]
    inputs = FloodInputs.from_tables(
        tables["cells"], tables["terrain"], tables["floodplain"], tables["reaches"], members=members,
        member_country=country, basins=[Basin(b, v["kind"]) for b, v in settings["basins"].items()],
        classes=[*kinds, AssetClass("public", jrc["infrastructure"], of_total=True)],
        cell_size_m=float(region["cell_size_m"]),
    )  # fmt: skip
    return FloodModel(inputs, RainFits.from_table(tables["rain_maxima"]))


def ramp(depth: float = 2.0) -> Curve:
    """Loss that rises evenly to all at ``depth``."""
    return Curve("ramp", [0.0, depth], [0.0, 1.0], "m", "made up for a test")
