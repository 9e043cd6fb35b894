"""Every way a layer can be wrong: its file, its records, its outlines; one test each, and all at once."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from region_folders import CELLS, DEPTHS, LEFT, RIGHT, append, found, lines, one, replace, set_field, set_line

from bothbanks.region.folder import check_folder, harmonise, read_region
from bothbanks.words.errors import RegionError

# --- files ---------------------------------------------------------------------------------------------


def test_missing_data_file(folder: Path) -> None:
    (folder / CELLS).unlink()
    problem = one(folder, "region.missing-file")
    assert (problem.file, problem.record, problem.field) == (RIGHT, "sources[2] cells", "file")
    assert "population.csv" in problem.found


def test_path_out_of_the_folder(folder: Path) -> None:
    replace(folder, RIGHT, 'file = "population.csv"', 'file = "../../../elsewhere.csv"')
    assert "outside the region folder" in one(folder, "region.missing-file").found


def test_truncated_csv(folder: Path) -> None:
    text = (folder / CELLS).read_text("utf-8").rstrip()
    (folder / CELLS).write_text(text.rsplit(",", 1)[0], "utf-8")
    problem = one(folder, "region.truncated")
    assert problem.record == "line 13"
    assert "3 fields" in problem.found


def test_too_many_fields(folder: Path) -> None:
    set_line(folder, CELLS, 4, lines(folder, CELLS)[3] + ",7")
    assert one(folder, "region.format").record == "line 4"


def test_wrong_delimiter(folder: Path) -> None:
    replace(folder, RIGHT, 'file = "population.csv"', 'file = "population.csv"\ndelimiter = ";"')
    problems = found(folder, "region.column")
    assert {p.field for p in problems} == {"x", "y", "municipality", "population"}
    assert "x,y,municipality,population" in problems[0].found


def test_csv_that_is_a_workbook(folder: Path) -> None:
    with zipfile.ZipFile(folder / CELLS, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert one(folder, "region.format").expected == "text (CSV)"


def test_empty_file(folder: Path) -> None:
    (folder / CELLS).write_bytes(b"")
    assert one(folder, "region.format").found == "an empty file"


def test_bytes_of_another_encoding_name_their_position(folder: Path) -> None:
    data = (folder / "members/left/einwohner.csv").read_bytes()
    replace(folder, LEFT, 'encoding = "windows-1252"', 'encoding = "utf-8"')
    problem = one(folder, "region.encoding")
    assert f"position {data.index(bytes([0xDC]))} (line 1)" in problem.found


def test_unknown_encoding(folder: Path) -> None:
    replace(folder, LEFT, "windows-1252", "windows-9999")
    assert one(folder, "region.encoding").field == "encoding"


def test_unknown_ending(folder: Path) -> None:
    (folder / "members/right/population.dbq").write_bytes((folder / CELLS).read_bytes())
    replace(folder, RIGHT, "population.csv", "population.dbq")
    assert ".dbq" in one(folder, "region.format").found


def workbook(folder: Path) -> Path:
    """Turn the cells of the right bank into a workbook."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Population"
    rows = lines(folder, CELLS)
    sheet.append(rows[0].split(","))
    for row in rows[1:]:
        x, y, municipality, population = row.split(",")
        sheet.append([float(x), float(y), municipality, int(population)])
    path = folder / "members/right/population.xlsx"
    book.save(path)
    replace(folder, RIGHT, 'file = "population.csv"', 'file = "population.xlsx"\nlayer = "Population"')
    return path


def test_workbook_is_read(folder: Path) -> None:
    workbook(folder)
    assert check_folder(folder) == ()


def test_truncated_workbook(folder: Path) -> None:
    path = workbook(folder)
    path.write_bytes(path.read_bytes()[:-400])
    assert one(folder, "region.truncated").file.endswith("population.xlsx#Population")


def test_workbook_without_that_sheet(folder: Path) -> None:
    workbook(folder)
    replace(folder, RIGHT, 'layer = "Population"', 'layer = "Einwohner"')
    assert "Population" in one(folder, "region.layer").expected


def test_text_in_a_workbook_number(folder: Path) -> None:
    from openpyxl import load_workbook

    path = workbook(folder)
    book = load_workbook(path)
    book["Population"]["D5"] = "viele"
    book.save(path)
    problem = one(folder, "region.not-a-number")
    assert (problem.record, problem.field, problem.found) == ("row 5", "population", "'viele'")


def vector(folder: Path, name: str, driver: str) -> Path:
    """Write the outlines of the right bank with another driver."""
    import geopandas as gpd

    frame = gpd.read_file(folder / "members/right/municipalities.geojson")
    path = folder / "members/right" / name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a shapefile cuts long names
        frame.to_file(path, driver=driver, engine="pyogrio", encoding="utf-8")
    replace(folder, RIGHT, "municipalities.geojson", name)
    return path


def test_geopackage_is_read(folder: Path) -> None:
    vector(folder, "outlines.gpkg", "GPKG")
    assert check_folder(folder) == ()


def test_truncated_geopackage(folder: Path) -> None:
    path = vector(folder, "outlines.gpkg", "GPKG")
    path.write_bytes(path.read_bytes()[:20_000])
    assert "truncated" in one(folder, "region.truncated").expected


def test_geopackage_that_is_none(folder: Path) -> None:
    vector(folder, "outlines.gpkg", "GPKG").write_text("code,name\n", "utf-8")
    assert one(folder, "region.format").expected == "a GeoPackage"


def test_geopackage_without_that_layer(folder: Path) -> None:
    vector(folder, "outlines.gpkg", "GPKG")
    replace(folder, RIGHT, '"outlines.gpkg"', '"outlines.gpkg"\nlayer = "gemeinden"')
    assert one(folder, "region.layer").found == "no layer 'gemeinden'"


def test_truncated_shapefile(folder: Path) -> None:
    path = vector(folder, "outlines.shp", "ESRI Shapefile")
    path.write_bytes(path.read_bytes()[:-20])
    assert "truncated" in one(folder, "region.truncated").expected


def test_shapefile_without_its_table(folder: Path) -> None:
    vector(folder, "outlines.shp", "ESRI Shapefile").with_suffix(".dbf").unlink()
    assert one(folder, "region.missing-file").found == "no outlines.dbf"


def test_truncated_geojson(folder: Path) -> None:
    path = folder / "members/right/municipalities.geojson"
    path.write_text(path.read_text("utf-8")[:300], "utf-8")
    assert one(folder, "region.truncated").expected == "whole GeoJSON"


# --- records -------------------------------------------------------------------------------------------


def test_unknown_code(folder: Path) -> None:
    set_field(folder, DEPTHS, 3, 2, "T7")
    problem = one(folder, "region.code")
    assert (problem.record, problem.found) == ("line 3", "'T7'")


def test_unknown_municipality(folder: Path) -> None:
    set_field(folder, CELLS, 2, 2, "FR-9")
    assert one(folder, "region.code").found == "'FR-9'"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "region.missing-value"), ("nan", "region.not-a-number"), ("-5", "region.negative"),
     ("many", "region.not-a-number"), ("inf", "region.not-a-number"), ("1,5", "region.not-a-number")],
)  # fmt: skip
def test_what_is_no_population(folder: Path, text: str, code: str) -> None:
    set_field(folder, CELLS, 5, 3, f'"{text}"')
    problem = one(folder, code)
    assert (problem.file, problem.record, problem.field) == (CELLS, "line 5", "population")
    assert problem.found == f"'{text}'"


def test_decimal_point_where_a_comma_was_stated(folder: Path) -> None:
    replace(folder, "members/left/tiefen.csv", ";40", ";40.5")
    assert one(folder, "region.not-a-number").found == "'40.5'"


def test_place_outside_the_region(folder: Path) -> None:
    x, y = (float(v) for v in lines(folder, CELLS)[1].split(",")[:2])
    from bothbanks.words.places import projection

    there, back = projection("EPSG:2154", "EPSG:3035"), projection("EPSG:3035", "EPSG:2154")
    east, north = there.apply(np.array([x]), np.array([y]))
    far = back.apply(east + 9000.0, north)
    set_field(folder, CELLS, 2, 0, f"{far[0][0]:.2f}")
    set_field(folder, CELLS, 2, 1, f"{far[1][0]:.2f}")
    problem = one(folder, "region.outside")
    assert (problem.record, problem.expected) == ("line 2", "a place in member 'right' (within 1000 m)")


def test_place_outside_the_area_of_use(folder: Path) -> None:
    set_field(folder, CELLS, 2, 0, "99000000")
    assert "area of use of EPSG:2154" in one(folder, "region.area-of-use").expected


def test_cell_off_the_grid(folder: Path) -> None:
    x, y = (float(v) for v in lines(folder, CELLS)[1].split(",")[:2])
    set_field(folder, CELLS, 2, 0, f"{x + 450:.2f}")
    set_field(folder, CELLS, 2, 1, f"{y + 450:.2f}")
    assert one(folder, "region.grid").record == "line 2"


def test_duplicate_cell(folder: Path) -> None:
    set_line(folder, CELLS, 3, lines(folder, CELLS)[1])
    assert one(folder, "region.duplicate").record == "line 3"


def outlines(folder: Path, change: str, side: str = "right") -> None:
    """Spoil the first municipality of a side."""
    path = folder / f"members/{side}/municipalities.geojson"
    data = json.loads(path.read_text("utf-8"))
    first, second = data["features"]
    ring = first["geometry"]["coordinates"][0]
    if change == "bow-tie":
        ring[1], ring[2] = ring[2], ring[1]
    elif change == "overlap":
        first["geometry"] = second["geometry"]
    elif change == "point":
        first["geometry"] = {"type": "Point", "coordinates": ring[0]}
    elif change == "none":
        first["geometry"] = None
    elif change == "code":
        first["properties"]["code"] = second["properties"]["code"]
    elif change == "other side":
        first["properties"]["code"] = "DE-1"
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")


def test_invalid_outline(folder: Path) -> None:
    outlines(folder, "bow-tie")
    problem = found(folder, "region.geometry")[0]
    assert problem.record == "feature 1"
    assert "Self-intersection" in problem.found


def test_overlapping_outlines(folder: Path) -> None:
    outlines(folder, "overlap")
    assert "FR-2" in found(folder, "region.overlap")[0].found


def test_outline_that_is_a_point(folder: Path) -> None:
    outlines(folder, "point")
    assert found(folder, "region.geometry")[0].found == "'Point'"


def test_no_outline(folder: Path) -> None:
    outlines(folder, "none")
    assert found(folder, "region.geometry")[0].record == "feature 1"


def test_duplicate_codes_in_one_file(folder: Path) -> None:
    outlines(folder, "code")
    assert found(folder, "region.duplicate")[0].record == "feature 2"


def test_duplicate_codes_across_members(folder: Path) -> None:
    outlines(folder, "other side")
    assert found(folder, "region.duplicate")[0].expected == "each municipality once in the region"


def test_people_on_the_grid_and_in_the_town_disagree(folder: Path) -> None:
    set_field(folder, CELLS, 2, 3, "90000")
    assert one(folder, "region.totals").record == "municipality FR-1 Œuvrecourt"


# --- all at once ---------------------------------------------------------------------------------------


def test_all_problems_of_all_files_are_told_at_once(folder: Path) -> None:
    replace(folder, "region.toml", "high = 0.04", "high = 0.01")
    replace(folder, LEFT, 'depth = "cm"', 'depth = "ells"')
    set_field(folder, CELLS, 5, 3, "many")
    (folder / DEPTHS).unlink()
    with pytest.raises(RegionError) as error:
        read_region(folder)
    told = {(p.file, p.code) for p in error.value.problems}
    assert told >= {("region.toml", "region.range"), (RIGHT, "region.missing-file")}
    replace(folder, "region.toml", "high = 0.01", "high = 0.04")
    with pytest.raises(RegionError) as error:
        read_region(folder)
    told = {(p.file, p.code) for p in error.value.problems}
    assert told == {
        (RIGHT, "region.missing-file"),
        ("members/left/tiefen.csv", "region.unit"),
        (CELLS, "region.not-a-number"),
    }


def test_a_file_full_of_flaws_lists_twenty_and_counts_the_rest(folder: Path) -> None:
    rows = lines(folder, CELLS)
    bad = [",".join([*row.split(",")[:3], "?"]) for row in rows[1:]]
    (folder / CELLS).write_text("\n".join([rows[0], *bad * 5]) + "\n", "utf-8")
    problems = found(folder, "region.not-a-number")
    assert len(problems) == 21
    assert problems[-1].found == "40 more records of the same kind"


def test_refuse_sets_bad_records_aside_and_counts_them(folder: Path) -> None:
    set_field(folder, DEPTHS, 3, 2, "T7")
    set_field(folder, DEPTHS, 4, 3, "deep")
    replace(folder, RIGHT, 'file = "depths.csv"', 'file = "depths.csv"\non_bad_record = "refuse"')
    model = harmonise(read_region(folder))
    count = next(f for f in model.files if f.file == DEPTHS)
    assert (count.read, count.used, count.refused) == (20, 18, 2)
    assert model.refused.rows == (
        (DEPTHS, "line 3", "return_period", "T7", "expected a code of [sources.codes]: T20, T100, T500"),
        (DEPTHS, "line 4", "depth", "deep", "expected a number with decimal mark '.'"),
    )


def test_check_exits_with_2_and_writes_nothing(folder: Path) -> None:
    set_field(folder, CELLS, 5, 3, "many")
    before = sorted(p.name for p in folder.rglob("*"))
    run = subprocess.run(
        [sys.executable, "-c", "from bothbanks.cli import main; main()", "check", str(folder)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 2
    assert "line 5, population: found 'many'" in run.stderr
    assert sorted(p.name for p in folder.rglob("*")) == before


# --- size and script -----------------------------------------------------------------------------------


def test_a_million_rows(folder: Path) -> None:
    from bothbanks.words.places import projection

    n = 1_000_000
    left = lines(folder, CELLS)[1].split(",")
    x, y = float(left[0]), float(left[1])
    east, north = projection("EPSG:2154", "EPSG:3035").apply(np.array([x]), np.array([y]))
    step = np.arange(n) % 1000
    text = io.StringIO()
    text.write("x,y,name,population\n")
    text.write(
        "\n".join(f"{x + 0.1 * (i // 1000):.1f},{y + 0.1 * k:.1f},p{i},{k}" for i, k in enumerate(step))
    )
    text.write("\n")
    (folder / "members/right/places.csv").write_text(text.getvalue(), "utf-8")
    source = '\n[[sources]]\nkind = "places"\nfile = "places.csv"\ncrs = "EPSG:2154"\n'
    append(folder, RIGHT, source + 'licence = "x"\nattribution = "x"\n')
    model = harmonise(read_region(folder))
    count = next(f for f in model.files if f.kind == "places")
    assert (count.read, count.used, count.refused) == (n, n, 0)
    assert model.tables["places"]["population"].sum() == step.sum()
    assert abs(model.tables["places"]["x"].iloc[0] - east[0]) < 0.1  # written to a decimetre
    assert abs(model.tables["places"]["y"].iloc[0] - north[0]) < 0.1


@pytest.mark.parametrize(
    "name", ["Łódź", "Αθήνα", "Київ", "القاهرة", "東京", "दिल्ली", "ירושלים", "Ḫanaqin 🏞"]
)
def test_a_name_in_any_script(folder: Path, name: str) -> None:
    path = folder / "members/right/municipalities.geojson"
    path.write_text(path.read_text("utf-8").replace("Œuvrecourt", name), "utf-8")
    model = harmonise(read_region(folder))
    assert name in set(model.tables["municipalities"]["name"])
