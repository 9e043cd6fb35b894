"""An environment of its own for CLIMADA, the peer we are measured against and checked with.

CLIMADA is GPL and is never a dependency. Its package asks for ``gdal``, which needs a system
library; gdal is used for night lights only, so it is left out and stubbed. CLIMADA copies demo data
into the home folder when it is imported, so it gets a temporary one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-bench"
CLIMADA = "climada==6.1.0"
# What climada 6.1.0 asks for, without gdal.
NEEDS = [
    "bayesian-optimization",
    "bottleneck",
    "cartopy",
    "cfgrib",
    "contextily",
    "dask",
    "deprecation",
    "fiona",
    "geopandas",
    "h5py",
    "haversine",
    "matplotlib",
    "netcdf4",
    "numba>=0.60",
    "openpyxl",
    "overpy",
    "pandas",
    "pathos",
    "peewee",
    "pillow",
    "pint",
    "pyarrow",
    "pycountry",
    "pyproj",
    "rasterio",
    "salib",
    "scikit-learn",
    "scipy",
    "seaborn",
    "sparse",
    "statsmodels",
    "tables",
    "tabulate",
    "tqdm",
    "xarray",
    "xlrd",
    "xlsxwriter",
    "psutil",
]
STUB = '''"""Stands in for gdal, which climada imports for night lights only."""


class _Missing:
    def __getattr__(self, name):
        raise ImportError("gdal is left out of this environment")


gdal = _Missing()
'''


def python() -> Path:
    """The environment's Python; the environment is made first where it is missing or unfinished."""
    executable = ENVIRONMENT / "bin" / "python"
    ready = ENVIRONMENT / ".ready"
    if not ready.exists():
        _make(executable)
        ready.write_text(CLIMADA + "\n", encoding="utf-8")
    return executable


def _make(executable: Path) -> None:
    print(f"making {ENVIRONMENT.name} with {CLIMADA} (a few minutes the first time)", flush=True)
    if not executable.exists():
        venv.EnvBuilder(with_pip=True).create(ENVIRONMENT)
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    pip = (
        [uv, "pip", "install", "--python", str(executable)]
        if uv
        else [str(executable), "-m", "pip", "install"]
    )
    quiet = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for wanted in ([*NEEDS], ["--no-deps", CLIMADA], ["--no-deps", "--editable", str(ROOT)]):
        subprocess.run([*pip, "--quiet", *wanted], check=True, env=quiet)
    found = subprocess.run(
        [str(executable), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    package = Path(found.stdout.strip()) / "osgeo"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text(STUB, encoding="utf-8")


def run(script: Path, arguments: list[str]) -> int:
    """Run a script in the environment, with a home folder that is thrown away; its exit code."""
    executable = python()
    with tempfile.TemporaryDirectory() as home:
        keep = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        keep |= {"HOME": home, "NUMBA_CACHE_DIR": str(ENVIRONMENT / "numba-cache"), "BOTHBANKS_BENCH": "1"}
        return subprocess.run([str(executable), str(script), *arguments], env=keep, check=False).returncode
