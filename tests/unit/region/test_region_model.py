"""The model of a good folder: tables, counts, hashes, provenance, common return periods, the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from region_folders import TWO_BANKS, append, found, replace

from bothbanks.region import check_folder, harmonise, new_region, provenance, read_region
from bothbanks.region.kinds import KINDS
from bothbanks.words.errors import InputError, RegionError


@pytest.fixture(scope="module")
def two_banks() -> Any:
    return harmonise(read_region(TWO_BANKS))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TWO_BANKS, tmp_path / "two"))


def test_every_table_has_its_columns_and_says_where_it_is_from(two_banks: Any) -> None:
    for kind, table in two_banks.tables.items():
        wanted = [
            c.name for c in KINDS[kind].columns if not (kind == "flood_depths" and c.name == "geometry")
        ]
        assert set(wanted) <= set(table.columns), kind
        assert table["member"].isin(["steinach", "uferau"]).all()
        assert table["source_file"].str.startswith("members/").all()


def test_cells_of_both_sides_lie_on_one_grid(two_banks: Any) -> None:
    cells = two_banks.tables["cells"]
    assert ((cells["x"] - 500.0) % 1000.0 == 0.0).all()
    assert cells["cell"].is_unique
    assert cells["x"].nunique() == 6
    assert two_banks.tables["municipalities"].crs == "EPSG:3035"


def test_population_is_kept(two_banks: Any) -> None:
    towns, cells = two_banks.tables["municipalities"], two_banks.tables["cells"]
    on_grid = cells.groupby("municipality")["population"].sum()
    assert on_grid.to_dict() == dict(zip(towns["code"], towns["population"], strict=True))


def test_files_add_up_and_are_hashed(two_banks: Any) -> None:
    for file in two_banks.files:
        assert file.read == file.used + file.refused
        assert len(file.sha256) == 64
    assert len(two_banks.files) == 8


def test_the_same_folder_gives_the_same_model(two_banks: Any, folder: Path) -> None:
    again = harmonise(read_region(folder))
    assert again.inputs_sha256 == two_banks.inputs_sha256
    assert again.conversions == two_banks.conversions or str(again.conversions) == str(two_banks.conversions)


def test_one_changed_input_changes_the_hash_of_all(two_banks: Any, folder: Path) -> None:
    replace(folder, "members/uferau/depths.csv", "0.30", "0.31")
    again = harmonise(read_region(folder))
    assert again.inputs_sha256 != two_banks.inputs_sha256
    changed = [a.file for a, b in zip(again.files, two_banks.files, strict=True) if a.sha256 != b.sha256]
    assert changed == ["members/uferau/depths.csv"]


def test_provenance_names_every_input_and_output_and_no_time(two_banks: Any) -> None:
    text = provenance(two_banks, {"value.json": "ab" * 32}, version="1.0", seed=1, draws=2)
    data = json.loads(text)
    hashes = {e["bb:sha256"] for e in data["entity"].values()}
    settings = set(two_banks.settings_sha256.values())
    assert hashes == {f.sha256 for f in two_banks.files} | settings | {"ab" * 32}
    assert {"region.toml", "cases/flood.toml"} < set(two_banks.settings_sha256)
    assert data["activity"]["bb:appraisal-two-banks"]["bb:inputs_sha256"] == two_banks.inputs_sha256
    assert len(data["used"]) == 8 + len(two_banks.settings_sha256)
    assert "Time" not in text
    assert text == provenance(two_banks, {"value.json": "ab" * 32}, version="1.0", seed=1, draws=2)


def test_provenance_is_read_back_by_the_prov_library(two_banks: Any) -> None:
    from prov.model import ProvDocument

    text = provenance(two_banks, {"a b/é.csv": "00" * 32}, version="1.0", seed=1, draws=2)
    document = ProvDocument.deserialize(content=text, format="json")
    again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
    assert document == again
    assert {
        str(r.label) for r in document.get_records() if r.identifier and "output" in r.identifier.uri
    } == {"a b/é.csv"}


def test_common_return_periods(two_banks: Any) -> None:
    """Left maps 30, 100, 300 years, right 20, 100, 500; by the river the left has 1.4 m at 300 years."""
    table = two_banks.tables["flood_depths"]
    periods = table.groupby("member")["return_period"].unique().map(sorted)
    assert periods["steinach"] == [30.0, 100.0, 300.0, 500.0]
    assert periods["uferau"] == [20.0, 30.0, 100.0, 300.0, 500.0]
    assert table[(table["member"] == "steinach") & (table["return_period"] == 500.0)][
        "depth"
    ].max() == pytest.approx(1.4)
    assert not table.duplicated(["member", "cell", "return_period"]).any()
    at_100 = table[(table["member"] == "uferau") & (table["return_period"] == 100.0)]
    assert not at_100["interpolated"].any()
    noted = {(row[1], row[5]) for row in two_banks.conversions.rows if row[3] == "period"}
    assert noted == {("steinach", "500 years"), ("uferau", "30 years"), ("uferau", "300 years")}


def test_parameters_are_flat_and_unique(two_banks: Any) -> None:
    ids = [p.id for p in two_banks.parameters]
    assert len(set(ids)) == len(ids)
    assert {
        "region.discount_rate",
        "flood.basin.river.protection_years",
        "flood.measure.levee-left.effect2",
    } <= set(ids)
    assert all(p.assumed for p in two_banks.parameters)


def test_cells_by_name_instead_of_coordinates(folder: Path, two_banks: Any) -> None:
    cells = two_banks.tables["cells"]
    mine = cells[cells["member"] == "uferau"]
    rows = [f"{r.cell},{r.municipality},{r.population:.0f}" for r in mine.itertuples()]
    (folder / "members/uferau/population.csv").write_text(
        "cell,municipality,population\n" + "\n".join(rows) + "\n", "utf-8"
    )
    again = harmonise(read_region(folder)).tables["cells"]
    assert again["cell"].tolist() == cells["cell"].tolist()
    assert again["x"].tolist() == cells["x"].tolist()


def test_outlines_in_a_file_of_their_own(folder: Path) -> None:
    import geopandas as gpd

    path = folder / "members/uferau/municipalities.geojson"
    frame = gpd.read_file(path)
    frame[["code", "geometry"]].to_file(folder / "members/uferau/grenzen.gpkg", driver="GPKG")
    frame.drop(columns="geometry").to_csv(folder / "members/uferau/orte.csv", index=False)
    replace(folder, "members/uferau/member.toml", "municipalities.geojson", "orte.csv")
    assert {p.field for p in found(folder, "region.geometry")} == {"geometry"}
    source = '\n[[sources]]\nkind = "outlines"\nfile = "grenzen.gpkg"\ncrs = "EPSG:4326"\n'
    append(folder, "members/uferau/member.toml", source + 'licence = "CC0-1.0"\nattribution = "made up"\n')
    assert check_folder(folder) == ()


def test_one_text_stands_for_every_language(folder: Path) -> None:
    path = folder / "members/uferau/member.toml"
    text = path.read_text("utf-8")
    start, end = text.index("[name]"), text.index("# What the member publishes")
    path.write_text('name = "Uferau"\n' + text[:start] + text[end:], "utf-8")
    member = harmonise(read_region(folder)).members[1]
    assert member.name == {"de": "Uferau", "fr": "Uferau"}


def test_new_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", "utf-8")
    with pytest.raises(InputError, match="not empty"):
        new_region(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["note.txt"]


def test_a_table_that_is_not_there(two_banks: Any) -> None:
    with pytest.raises(RegionError, match="storm_gusts"):
        two_banks.table("storm_gusts")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from bothbanks.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)


def test_new_then_check_from_the_command_line(tmp_path: Path) -> None:
    made = run("new", str(tmp_path / "mine"))
    assert made.returncode == 0, made.stderr
    checked = run("check", str(tmp_path / "mine"))
    assert checked.returncode == 0, checked.stderr
    assert "72 read = 72 used + 0 refused" in checked.stdout
    assert "23 stated, 23 of them assumed" in checked.stdout


def test_check_of_no_folder_exits_with_2(tmp_path: Path) -> None:
    checked = run("check", str(tmp_path / "nowhere"))
    assert checked.returncode == 2
    assert "bothbanks new" in checked.stderr


def test_a_dry_run_of_appraise_writes_nothing(tmp_path: Path) -> None:
    done = run("appraise", str(TWO_BANKS), "--out", str(tmp_path / "out"), "--dry-run")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "out").exists()


def test_check_from_a_workbook_that_is_not_there(tmp_path: Path) -> None:
    done = run("check", str(TWO_BANKS), "--from", str(tmp_path / "no.xlsx"))
    assert done.returncode == 2
    assert "no.xlsx" in done.stderr


@pytest.mark.parametrize("command", ["new", "check", "appraise"])
def test_help_has_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert f"bothbanks {command} " in done.stdout.split("Usage:")[1]
    assert "Example" in done.stdout
