"""An environment of its own for pygeoapi, the peer that serves the same layer.

pygeoapi reads a GeoPackage through SpatiaLite, which needs a Python that loads SQLite extensions (Debian's
does) and Debian's ``libsqlite3-mod-spatialite``. Where either is wanting, the comparison says so and stops.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-bench-site"
NEEDS = ["pygeoapi==0.21.0", "starlette", "uvicorn", "httptools"]
PROBE = (
    "import sqlite3; c = sqlite3.connect(':memory:'); c.enable_load_extension(True); "
    "c.load_extension('mod_spatialite')"
)


def python() -> Path | None:
    """The environment's Python, made where it is missing; None where SpatiaLite can't be had."""
    executable = ENVIRONMENT / "bin" / "python"
    if not executable.exists():
        base = shutil.which("python3", path="/usr/bin")
        uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
        if base is None or uv is None:
            return None
        print(f"making {ENVIRONMENT.name} with {NEEDS[0]} (a minute the first time)", flush=True)
        quiet = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
        subprocess.run([uv, "venv", "-q", "--python", base, str(ENVIRONMENT)], check=True, env=quiet)
        install = [uv, "pip", "install", "-q", "--python", str(executable), *NEEDS]
        subprocess.run(install, check=True, env=quiet)
    if subprocess.run([str(executable), "-c", PROBE], capture_output=True, check=False).returncode == 0:
        return executable
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", "libsqlite3-mod-spatialite"]
        subprocess.run(apt, capture_output=True, check=False)
    ready = subprocess.run([str(executable), "-c", PROBE], capture_output=True, check=False).returncode == 0
    return executable if ready else None


def start(executable: Path, package: Path, layer: str, port: int, home: Path) -> subprocess.Popen[bytes]:
    """pygeoapi on one process of uvicorn, the server that we run on, too."""
    settings = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": 10_000},
            "map": {"url": "https://tile.example/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {"title": "bench", "description": "bench", "keywords": ["bench"],
                               "terms_of_service": "none", "url": "http://127.0.0.1"},
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
            "provider": {"name": "bench", "url": "http://127.0.0.1"},
            "contact": {"name": "bench"},
        },
        "resources": {
            layer: {
                "type": "collection", "title": layer, "description": layer, "keywords": ["bench"],
                "links": [],
                "extents": {"spatial": {"bbox": [-180, -90, 180, 90],
                                        "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
                "providers": [{"type": "feature", "name": "SQLiteGPKG", "data": str(package),
                               "id_field": "fid", "table": layer}],
            }
        },
    }  # fmt: skip
    config, described = home / "pygeoapi.yml", home / "openapi.json"
    config.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    env = {**os.environ, "PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(described)}
    tool = executable.parent / "pygeoapi"
    made = subprocess.run([str(tool), "openapi", "generate", str(config), "--format", "json"],
                          check=True, capture_output=True, env=env)  # fmt: skip
    described.write_bytes(made.stdout)
    serve = [str(executable), "-m", "uvicorn", "pygeoapi.starlette_app:APP", "--port", str(port),
             "--no-access-log", "--log-level", "error"]  # fmt: skip
    return subprocess.Popen(serve, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
