from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import findings_fixture
import numpy as np
import pyogrio
import pytest

from bothbanks.standards import layers
from bothbanks.words.errors import CrsError


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layers.write_layers(findings_fixture.findings(), tmp_path_factory.mktemp("gpkg") / "layers.gpkg")


def test_each_layer_comes_back_in_the_regions_system(package: Path) -> None:
    assert {name for name, _ in pyogrio.list_layers(package)} == set(layers.GEOMETRY)
    for name in layers.GEOMETRY:
        assert pyogrio.read_info(package, layer=name)["crs"] == "EPSG:3035"


def test_cells_hold_every_map_and_unknown_stays_unknown(package: Path) -> None:
    found = findings_fixture.findings()
    cells = pyogrio.read_dataframe(package, layer="cells")
    depth = found.maps[0].values
    np.testing.assert_array_equal(cells["flood_depth_100"].to_numpy(), depth)
    assert cells["flood_depth_100"].isna().sum() == np.isnan(depth).sum() > 0
    assert (cells.area == 1e6).all()
    assert cells["cell"][0] == "1kmN3000E4000"
    assert cells.groupby("member", observed=True).size().to_dict() == {"upper": 128, "lower": 160, "east": 96}


def test_members_carry_the_matrix(package: Path) -> None:
    members = pyogrio.read_dataframe(package, layer="members").set_index("member")
    assert members.loc["lower", "flood_alone"] == 224e6
    assert members.loc["upper", "name_fr"] == "Haut-Ruisseau"


def test_names_in_other_scripts_survive(tmp_path: Path) -> None:
    path = layers.write_layers(findings_fixture.other_scripts(), tmp_path / "x.gpkg")
    members = pyogrio.read_dataframe(path, layer="members").set_index("member")
    assert members.loc["lower", "name_ka"] == "ქვემო მდინარის გაერთიანებული მუნიციპალიტეტი"


def test_a_region_without_maps_has_empty_layers(tmp_path: Path) -> None:
    path = layers.write_layers(findings_fixture.bare(), tmp_path / "x.gpkg")
    assert pyogrio.read_info(path, layer="seams")["features"] == 0


def test_the_same_findings_give_the_same_bytes_at_another_time(package: Path, tmp_path: Path) -> None:
    time.sleep(1.1)
    again = layers.write_layers(findings_fixture.findings(), tmp_path / "layers.gpkg")
    assert again.read_bytes() == package.read_bytes()


def test_an_unknown_system_is_said(tmp_path: Path) -> None:
    found = findings_fixture.findings()
    with pytest.raises(CrsError, match="EPSG:999999"):
        layers.write_layers(
            replace(found, map_base=replace(found.map_base, crs="EPSG:999999")), tmp_path / "x.gpkg"
        )


def test_a_name_given_once_serves_every_language(tmp_path: Path) -> None:
    found = findings_fixture.findings()
    plain = tuple(replace(m, name={"": f"Town {m.id}"}) for m in found.members)
    path = layers.write_layers(replace(found, members=plain), tmp_path / "x.gpkg")
    members = pyogrio.read_dataframe(path, layer="members")
    assert list(members["name_en"]) == list(members["name_nl"]) == ["Town upper", "Town lower", "Town east"]
