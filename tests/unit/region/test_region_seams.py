"""Seams: two sides' depths compared by hand."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from region_folders import TWO_BANKS

from bothbanks.region.border_seams import border_line, seams
from bothbanks.region.folder import harmonise, read_region


@pytest.fixture(scope="module")
def two_banks() -> Any:
    return harmonise(read_region(TWO_BANKS))


def strip(countries: tuple[str, str] = ("AA", "BB"), rows: int = 2) -> Any:
    """Two columns of cells of 1 km side by side: west is member a, east is member b."""
    import geopandas as gpd
    import shapely

    cells = pd.DataFrame(
        [
            {
                "member": m,
                "cell": f"{m}{r}",
                "x": 500.0 + 1000.0 * c,
                "y": 500.0 + 1000.0 * r,
                "population": 1.0,
            }
            for c, m in enumerate("ab")
            for r in range(rows)
        ]
    )
    outlines = [shapely.box(0, 0, 1000, 1000 * rows), shapely.box(1000, 0, 2000, 1000 * rows)]
    towns = gpd.GeoDataFrame({"member": ["a", "b"]}, geometry=outlines, crs="EPSG:3035")
    return SimpleNamespace(
        tables={"cells": cells, "municipalities": towns},
        members=tuple(SimpleNamespace(id=m, country=c) for m, c in zip("ab", countries, strict=True)),
        settings=SimpleNamespace(cell_size_m=1000.0),
    )


def own(values: dict[tuple[str, str], float]) -> pd.Series:
    return pd.Series(values, index=pd.MultiIndex.from_tuples(list(values), names=["member", "cell"]))


def test_no_difference_where_both_sides_agree() -> None:
    maps = {t: own({("a", "a0"): d, ("b", "b0"): d}) for t, d in ((10.0, 0.5), (100.0, 1.0))}
    (seam,) = seams(strip(rows=1), maps)
    assert (seam.depth_difference_m, seam.extent_disagreement, seam.return_period_ratio) == (0.0, 0.0, 1.0)


def test_differences_by_hand() -> None:
    """10 y: 0.0 against 0.4 m; 100 y: 1.0 against 1.0 m."""
    maps = {
        10.0: own({("b", "b0"): 0.4, ("a", "a1"): 0.0}),
        100.0: own({("a", "a0"): 1.0, ("b", "b0"): 1.0}),
    }
    (seam,) = seams(strip(rows=1), maps)
    assert seam.cell_pairs == 1
    assert seam.depth_difference_m == pytest.approx(0.2)
    assert seam.extent_disagreement == pytest.approx(0.5)
    # a has 0.4 m at 10^(1 + 0.4) years, b at 10: a factor of 10^0.4; at 100 years both agree, twice told
    assert seam.return_period_ratio == pytest.approx(10 ** (0.4 / 3))
    assert seam.score == pytest.approx(0.7)


def test_worst_kilometre_comes_first() -> None:
    maps = {
        t: own({("a", "a0"): 1.0, ("b", "b0"): 1.1, ("a", "a1"): 1.0, ("b", "b1"): 3.0})
        for t in (10.0, 100.0)
    }
    found = seams(strip(), maps)
    assert [round(s.depth_difference_m, 6) for s in found] == [2.0, 0.1]
    assert {s.kilometre for s in found} == {0, 1} or len({s.kilometre for s in found}) == 2


def test_members_of_one_country_have_no_seam() -> None:
    maps = {t: own({("a", "a0"): 1.0, ("b", "b0"): 3.0}) for t in (10.0, 100.0)}
    assert seams(strip(("AA", "AA"), 1), maps) == ()


def test_a_side_that_says_nothing_is_left_out() -> None:
    maps = {t: own({("a", "a0"): 1.0}) for t in (10.0, 100.0)}
    assert seams(strip(rows=1), maps) == ()


def test_one_method_for_both_sides_by_cell() -> None:
    maps = {t: pd.Series({"a0": 1.0, "b0": 1.5, "a1": 0.0, "b1": math.nan}) for t in (10.0, 100.0)}
    (seam,) = seams(strip(), maps)
    assert seam.depth_difference_m == pytest.approx(0.5)
    assert seam.cell_pairs == 1


def test_a_return_period_only_one_side_maps_is_interpolated() -> None:
    """a maps 10 and 1000 years, b 100 years: a has (0 + 2) / 2 = 1 m there by the logarithm."""
    maps = {
        10.0: own({("a", "a1"): 9.0}),
        100.0: own({("b", "b0"): 1.0}),
        1000.0: own({("a", "a0"): 2.0}),
    }
    (seam,) = seams(strip(rows=1), maps)
    assert seam.depth_difference_m == pytest.approx(0.0)


def test_the_border_of_the_second_region(two_banks: Any) -> None:
    table = two_banks.tables["flood_depths"]
    maps = {
        float(period): rows.groupby(["member", "cell"])["depth"].max()
        for period, rows in table[~table["interpolated"]].groupby("return_period")
    }
    found = seams(two_banks, maps)
    assert {s.pair for s in found} == {("steinach", "uferau")}
    assert sum(s.cell_pairs for s in found) == 4
    assert all(s.return_period_ratio > 1.0 for s in found)
    assert border_line(two_banks, "steinach", "uferau").length == pytest.approx(5000.0, abs=5.0)


def test_the_second_region_is_made_from_new_by_a_few_edits(tmp_path: Path) -> None:
    from region_folders import make_two_banks

    made = make_two_banks(tmp_path / "two-banks")
    files = sorted(p.relative_to(made) for p in made.rglob("*") if p.is_file())
    there = sorted(p.relative_to(TWO_BANKS) for p in TWO_BANKS.rglob("*") if p.is_file())
    agreement = [p for p in there if p.parts[0] in ("compact.toml", "compact")]  # written by hand
    assert files == [p for p in there if p not in agreement]
    for file in files:
        assert (made / file).read_bytes() == (TWO_BANKS / file).read_bytes(), file


def test_heights_of_the_second_region_agree_across_the_border(two_banks: Any) -> None:
    """One bench mark, read over LN02 and over DHHN92: the same height of account, so the sign is right."""
    assert two_banks.tables["gauge_levels"]["level"].tolist() == pytest.approx([300.0, 300.0])


def test_money_of_the_second_region(two_banks: Any) -> None:
    """EUR 1.0 m of 2020 x 1.2 (prices) x 0.93 (CHF for a euro)."""
    assert two_banks.parameter("flood.measure.walls-right.cost").value == pytest.approx(1_116_000.0)
    assert two_banks.parameter("flood.measure.walls-right.cost").unit == "CHF"
