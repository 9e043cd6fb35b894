"""The derived files can be remade from the supplied data, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "meuse-rhine"
DATA = Path(os.environ.get("BOTHBANKS_DATA", ROOT.parent / "shared" / "data"))
needs_data = pytest.mark.skipif(
    not (DATA / "meuse-rhine" / "municipalities.gpkg").exists(),
    reason="the Meuse-Rhine source data is absent (BOTHBANKS_DATA)",
)


@pytest.fixture(scope="module")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("meuse-rhine")
    subprocess.run(
        [sys.executable, str(FOLDER / "derive" / "make.py"), "--data", str(DATA), "--out", str(out)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return out


@needs_data
def test_derived_files_are_the_committed_ones(remade: Path) -> None:
    """Same bytes for text and workbooks; GeoPackages are compared by content (vertices to 1 cm)."""
    made = sorted(p for p in remade.rglob("*") if p.is_file())
    assert len(made) == 60
    for path in made:
        committed = FOLDER / path.relative_to(remade)
        if path.suffix == ".gpkg":
            assert same_layer(path, committed), path.name
        else:
            assert path.read_bytes() == committed.read_bytes(), path.name


def same_layer(a: Path, b: Path) -> bool:
    import geopandas as gpd

    one, two = gpd.read_file(a), gpd.read_file(b)
    plain = [c for c in one.columns if c != "geometry"]
    return (
        one.crs == two.crs
        and one[plain].equals(two[plain])
        and bool(one.geometry.geom_equals_exact(two.geometry, 0.01).all())
    )


@needs_data
def test_no_derived_file_is_left_over(remade: Path) -> None:
    made = {p.relative_to(remade).as_posix() for p in remade.rglob("*") if p.is_file()}
    named = {
        p.relative_to(FOLDER).as_posix()
        for p in (FOLDER / "odbl").rglob("*")
        if p.is_file() and p.suffix != ".md"
    }
    assert named <= made
