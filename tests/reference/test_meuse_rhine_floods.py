"""Floods computed on the real folder beside what is known: mapped frequencies, published losses.

Bands are wide: the terrain is coarse and the calibration factors are set by hand from some of
these very figures, which each test says.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "meuse-rhine"
DATA = Path(os.environ.get("BOTHBANKS_DATA", ROOT.parent / "shared" / "data"))
STEIN = DATA / "meuse-rhine" / "meuse_grid_rd28992.csv"
MEMBERS = ("lie", "ver", "ost", "bli", "mhl", "pks", "aac", "duh")


@pytest.fixture(scope="module")
def region() -> Any:
    from bothbanks.region.folder import harmonise, read_region

    return harmonise(read_region(FOLDER))


@pytest.fixture(scope="module")
def draw(region: Any) -> dict[str, float]:
    return {p.id: p.value for p in region.parameters}


@pytest.fixture(scope="module")
def flood(region: Any) -> Any:
    from bothbanks.analysis.risk.curves import jrc_flood_curves
    from bothbanks.analysis.risk.hazards.flood import FloodModel
    from bothbanks.analysis.risk.hazards.inputs import AssetClass, Basin, FloodInputs
    from bothbanks.analysis.risk.hazards.rain import RainFits

    t, case, curves = region.tables, region.cases["flood"], jrc_flood_curves()
    inputs = FloodInputs.from_tables(
        t["cells"],
        t["terrain"],
        t["floodplain"],
        t["reaches"],
        members=[m.id for m in region.members],
        member_country=[m.country for m in region.members],
        basins=[Basin(name, basin.kind) for name, basin in case.basins.items()],
        classes=[
            AssetClass(c.id, curves[c.curve.removeprefix("jrc-")], c.id == "public") for c in case.classes
        ],
        cell_size_m=region.settings.cell_size_m,
    )
    rain = t["rain_maxima"]
    return FloodModel(inputs, RainFits.from_maxima(rain.duration_days, rain.depth, rain.days_observed))


def wet_share_of_floor(draw: dict[str, float], area_km2: float, q: float) -> float:
    """Share of the valley floor under water at relative discharge q, without protection."""
    depth = draw["flood.bankfull_depth_coefficient"] * area_km2 ** draw["flood.bankfull_depth_exponent"]
    stage = depth * ((q / draw["flood.bankfull_ratio"]) ** draw["flood.stage_exponent"] - 1.0)
    edge = draw["flood.profile_coefficient"] * depth
    return float(np.clip(max(stage, 0.0) / edge, 0.0, 1.0) ** (1.0 / draw["flood.profile_exponent"]))


@pytest.mark.skipif(
    not STEIN.exists(), reason="the mapped flooding frequencies at Stein are absent (BOTHBANKS_DATA)"
)
def test_flooding_frequency_at_stein(flood: Any, draw: dict[str, float]) -> None:
    """Share of the mapped floodplain wet at 2, 10 and 50 years (Pebesma and Bivand, sp: meuse.grid, ffreq).

    The profile of the floor was fitted to this map, so this checks the computation, not the method.
    """
    frequency = pd.read_csv(STEIN).ffreq
    mapped = [float((frequency <= c).mean()) for c in (1, 2, 3)]
    assert mapped == pytest.approx([0.25, 0.68, 1.00], abs=0.01)
    growth = flood.growth(draw, "meuse")
    area = 21_700.0  # km2 drained at Stein, from the reaches
    computed = [wet_share_of_floor(draw, area, float(growth.q(t))) for t in (2.0, 10.0, 50.0)]
    assert computed[0] == pytest.approx(mapped[0], abs=0.12)
    assert computed[1] == pytest.approx(mapped[1], abs=0.25)
    assert computed[2] == pytest.approx(mapped[2], abs=0.05)


def test_growth_of_the_hundred_year_flood(flood: Any, draw: dict[str, float]) -> None:
    """q100 / q2: a first pass on this data gave Meuse 2.1, Vesdre 3.1, Geul 3.5, Rur 2.6.

    For the Meuse it can be held against published discharges at Sint Pieter: 3,375 m3/s at 100 years
    (Rijkswaterstaat, 2021) over 1,576 at 2 years (Gumbel law through four published levels) = 2.14.
    """
    expected = {"meuse": 3375.0 / 1576.0, "vesdre": 3.1, "geul": 3.5, "rur": 2.6}
    for basin, ratio in expected.items():
        assert float(flood.growth(draw, basin).q(100.0)) == pytest.approx(ratio, rel=0.06), basin


def yearly(flood: Any, draw: dict[str, float]) -> np.ndarray:
    from bothbanks.analysis.risk.hazards.variants import BasinVariants

    base = BasinVariants.base(len(MEMBERS))
    return np.asarray(sum(flood.annual_damage(draw, b, base).by_member[0] for b in flood.basins)) / 1e6


def test_yearly_damage_is_of_the_right_order(flood: Any, draw: dict[str, float]) -> None:
    """EUR million a year: 40 to 150 in all; Liège most, Ostbelgien and Parkstad least (first pass)."""
    damage = dict(zip(MEMBERS, yearly(flood, draw), strict=True))
    assert 40.0 < sum(damage.values()) < 150.0
    assert max(damage, key=lambda m: damage[m]) == "lie"
    assert set(sorted(damage, key=lambda m: damage[m])[:2]) == {"ost", "pks"}


def test_a_flood_like_july_2021(flood: Any, draw: dict[str, float]) -> None:
    """EUR million of 2023 beside published losses of 2021 (times 1.162 to 2023).

    Dutch side: EUR 350-600 million nationwide (TU Delft and Deltares 2021), of which Valkenburg,
    Gulpen-Wittem and Meerssen some 300 material; used for the factors of Geul and Geleenbeek.
    Belgian side: EUR 2.07 billion insured in Wallonia and 2.8 billion to the Region, wider than ours.
    German side: Stolberg and Eschweiler lost EUR 392 million in municipal works alone.
    """
    event = {b: draw[f"flood.event.july-2021.{b}"] for b in flood.basins}
    loss = dict(zip(MEMBERS, flood.scenario(draw, event).money.sum(axis=(0, 2)) / 1e6, strict=True))
    assert 350.0 < loss["mhl"] + loss["pks"] < 750.0
    assert 1000.0 < loss["lie"] + loss["ver"] + loss["ost"] < 4000.0
    assert 500.0 < loss["aac"] + loss["duh"] < 2000.0


def test_retention_on_the_geul_helps_and_a_levee_harms_the_other_bank(
    flood: Any, draw: dict[str, float]
) -> None:
    from bothbanks.analysis.risk.hazards.variants import BasinVariants

    n = len(MEMBERS)
    one, none, nan = np.ones((1, n)), np.zeros((1, n)), np.full((1, n), np.nan)
    base = BasinVariants.base(n)
    held = BasinVariants(draw["flood.measure.geul-buffers.effect1"] * one, none, nan, one)
    alone = flood.annual_damage(draw, "geul", base).by_member[0]
    with_buffers = flood.annual_damage(draw, "geul", held).by_member[0]
    assert with_buffers[MEMBERS.index("mhl")] < 0.95 * alone[MEMBERS.index("mhl")]
    raised = none.copy()
    raised[0, MEMBERS.index("bli")] = 0.05
    before = flood.annual_damage(draw, "meuse", base).by_member[0]
    after = flood.annual_damage(draw, "meuse", BasinVariants(one, raised, nan, one)).by_member[0]
    assert after[MEMBERS.index("bli")] > before[MEMBERS.index("bli")]
    assert after[MEMBERS.index("mhl")] == pytest.approx(before[MEMBERS.index("mhl")])
