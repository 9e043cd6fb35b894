"""The shape of the house: who may import whom, and what a bare import costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = (
    "geopandas", "highspy", "jinja2", "matplotlib", "numba", "numpy", "openpyxl", "pandas", "pint", "pyarrow",
    "pydantic", "pyogrio", "pyproj", "rasterio", "SALib", "scipy", "shapely", "typer",
)  # fmt: skip


def test_imports_point_downward(root: Path) -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=root, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_bare_import_loads_no_heavy_module(root: Path) -> None:
    code = "import sys, bothbanks; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(run.stdout.split())


def test_the_command_loads_the_heavy_ones_only_when_it_works(root: Path) -> None:
    code = "import sys, bothbanks.cli; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert not {"geopandas", "pandas", "scipy", "matplotlib", "rasterio"} & set(run.stdout.split())
