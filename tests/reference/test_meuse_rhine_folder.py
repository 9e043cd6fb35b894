"""The real region folder: complete licences, kept totals, nothing that must not ship, published areas."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "meuse-rhine"
LANGUAGES = ("en", "de", "fr", "nl")
PEOPLE = {  # method note and Statbel, CBS, GeoNames, IT.NRW: sums over the municipalities of each member
    "lie": 633_547, "ver": 151_536, "ost": 47_625, "bli": 366_551,
    "mhl": 341_938, "pks": 258_099, "aac": 573_825, "duh": 296_415,
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Any:
    from bothbanks.region.folder import harmonise, read_region

    return harmonise(read_region(FOLDER))


def tomls() -> list[Path]:
    return sorted(FOLDER.rglob("*.toml"))


def data_files() -> list[str]:
    found = (p for p in FOLDER.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return sorted(p.relative_to(FOLDER).as_posix() for p in found if p.name != "LICENCES.csv")


def licences() -> dict[str, dict[str, str]]:
    with (FOLDER / "LICENCES.csv").open(encoding="utf-8", newline="") as rows:
        return {row["file"]: row for row in csv.DictReader(rows)}


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from walk(inner, f"{path}[{number}]")


def test_every_file_has_a_licence_row_and_data_files_their_hash() -> None:
    rows = licences()
    assert sorted(rows) == data_files()
    written_here = {".toml", ".md", ".py"}
    for file, row in rows.items():
        assert all(row[c] for c in ("licence", "attribution", "source")), file
        digest = hashlib.sha256((FOLDER / file).read_bytes()).hexdigest()
        assert row["sha256"] == ("" if Path(file).suffix in written_here else digest), file


def test_tables_from_terrain_are_odbl_and_apart() -> None:
    for file, row in licences().items():
        inside = file.startswith("odbl/") and not file.endswith("NOTICE.md")
        assert ("ODbL" in row["licence"]) == inside, file
        assert ("pyflwdir" in row["attribution"]) == inside, file


def test_nothing_from_sets_that_may_not_be_passed_on() -> None:
    banned = (
        "grdc",
        "pabulib",
        "gtfs",
        "rail_nl",
        "sp_meuse",
        "spacetime",
        "surveillance",
        "horst",
        "pcr-globwb",
    )
    for file, row in licences().items():
        text = " ".join(row.values()).lower()
        assert not any(word in text for word in banned), file
    for toml in tomls():
        assert "[mem]" not in toml.read_text(encoding="utf-8")


def test_the_folder_is_small_enough_for_mail() -> None:
    assert sum((FOLDER / f).stat().st_size for f in data_files()) < 8_000_000


def test_words_are_there_in_every_language() -> None:
    count = 0
    for toml in tomls():
        for path, value in walk(tomllib.loads(toml.read_text(encoding="utf-8"))):
            if isinstance(value, dict) and "en" in value:
                count += 1
                assert set(value) == set(LANGUAGES), f"{toml.name}{path}"
                assert all(str(v).strip() for v in value.values()), f"{toml.name}{path}"
    assert count > 50


def test_every_number_has_a_range_that_holds_it_and_a_source() -> None:
    count = 0
    for toml in tomls():
        for path, value in walk(tomllib.loads(toml.read_text(encoding="utf-8"))):
            if isinstance(value, dict) and "value" in value and "unit" in value and "fields" not in path:
                count += 1
                assert value["source"].strip(), f"{toml.name}{path}"
                assert value.get("low", value["value"]) <= value["value"] <= value.get("high", value["value"])
    assert count > 150


def test_measures_name_who_decides_and_where_that_is_said() -> None:
    measures = [
        m
        for case in ("flood", "storm", "heat")
        for m in tomllib.loads((FOLDER / "cases" / f"{case}.toml").read_text(encoding="utf-8"))["measures"]
    ]
    assert len(measures) >= 14
    assert all(m["holders"] and m["holders_source"].strip() for m in measures)
    outside = {m["outside_holder"] for m in measures if m.get("outside_holder")}
    assert {"Service public de Wallonie", "Waterschap Limburg", "Wasserverband Eifel-Rur"} <= outside


def test_used_and_refused_add_up_and_two_records_are_refused(model: Any) -> None:
    assert all(f.read == f.used + f.refused for f in model.files)
    assert {(row[0], row[3]) for row in model.refused.rows} == {
        ("members/mhl/waterstanden.csv", "juli 2021"),
        ("members/duh/pegel.csv", "Januar 2011"),
    }


def test_people_are_kept_by_municipality_and_member(model: Any) -> None:
    municipalities, cells = model.tables["municipalities"], model.tables["cells"]
    spread = cells.groupby("municipality").population.sum()
    total = municipalities.set_index("code").population
    assert (spread.sort_index() == total.sort_index()).all()
    assert municipalities.groupby("member").population.sum().to_dict() == PEOPLE
    assert len(municipalities) == 102


def test_members_lie_in_their_own_crs_and_come_back_to_the_same_cells(model: Any) -> None:
    assert len({m.country for m in model.members}) == 3
    crs = {
        s["crs"]
        for toml in (FOLDER / "members").glob("*/member.toml")
        for s in tomllib.loads(toml.read_text(encoding="utf-8"))["sources"]
        if "crs" in s
    }
    assert crs == {"EPSG:31370", "EPSG:3812", "EPSG:28992", "EPSG:25832"}
    cells = model.tables["cells"]
    assert np.all(cells.x % 1000 == 500)
    assert np.all(cells.y % 1000 == 500)


def test_outlines_do_not_overlap(model: Any) -> None:
    import shapely

    shapes = model.tables["municipalities"].geometry
    assert shapes.is_valid.all()
    overlap = shapes.area.sum() - shapely.union_all(shapes.to_numpy()).area
    assert abs(overlap) < 1000.0  # m2; the sources overlap by 23 km2


def test_people_outside_the_terrain_are_known_by_number(model: Any) -> None:
    cells = model.tables["cells"]
    outside = cells[~cells.cell.isin(set(model.tables["terrain"].cell))].groupby("member").population.sum()
    assert outside.to_dict() == {"bli": 202_042}


def test_floodplain_cells_have_terrain_and_known_reaches(model: Any) -> None:
    plain, reaches = model.tables["floodplain"], model.tables["reaches"]
    assert set(plain.cell) <= set(model.tables["terrain"].cell)
    assert set(plain.reach) <= set(reaches.reach)
    assert set(reaches.downstream) - {""} <= set(reaches.reach)


@pytest.mark.parametrize(
    ("basin", "published_km2", "source"),
    [
        ("rur", 2340.0, "daten.flussgebiete.nrw.de, steckbr/rur: basin of the Rur"),
        ("geul", 323.0, "cesarexpertise.nl: Geul at Meerssen, some 3 km above the mouth"),
    ],
)
def test_drained_areas_agree_with_published_ones(
    model: Any, basin: str, published_km2: float, source: str
) -> None:
    reaches = model.tables["reaches"]
    assert reaches[reaches.basin == basin].upstream_area.max() == pytest.approx(published_km2, rel=0.08), (
        source
    )


def test_water_runs_downhill_in_drained_area(model: Any) -> None:
    area = model.tables["reaches"].set_index("reach").upstream_area
    down = model.tables["reaches"].set_index("reach").downstream
    for reach, below in down.items():
        if below:
            assert area[below] > area[reach]


def test_rain_maxima_hold_104_whole_years(model: Any) -> None:
    rain = model.tables["rain_maxima"]
    assert sorted(rain.duration_days.unique()) == [1, 2, 3, 10]
    for _, rows in rain.groupby("duration_days"):
        years = set(rows.year)
        assert len(years) == 104
        assert not years & set(range(1915, 1930))
        assert not years & {1945, 2011}
        assert (rows.days_observed >= 330).all()
    wide = rain.pivot(index="year", columns="duration_days", values="depth")
    assert (wide[1] <= wide[2]).all()
    assert (wide[2] <= wide[3]).all()
    assert (wide[3] <= wide[10]).all()


def test_taw_is_about_two_metres_thirty_above_nap() -> None:
    region = tomllib.loads((FOLDER / "region.toml").read_text(encoding="utf-8"))
    taw = next(d for d in region["datums"] if d["name"] == "TAW")
    assert taw["offset_to_account_m"] == -2.33  # published at Eijsden-grens: TAW - NAP = 233 +/- 1 cm
