"""The harmonised layers that ``ask`` needs, kept in the user's cache folder so that the next question starts
sooner.

Kept are tables as Parquet and parameters as JSON, under the SHA-256 of every file of the region folder,
of the layers outside it, and of this program; nothing else is trusted, and no code is ever read from
there. What can't be read back is read from the region folder again. Only a folder without a single
problem is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bothbanks
from bothbanks.analysis.findings import Table
from bothbanks.region.folder import RegionModel, harmonise, read_region
from bothbanks.region.problems import Problems
from bothbanks.region.settings import Opened, open_folder
from bothbanks.words.parameters import Parameter

KINDS = (
    "municipalities",
    "cells",
    "terrain",
    "floodplain",
    "reaches",
    "rain_maxima",
    "flood_depths",
    "storm_gusts",
)
"""Layers that the games counted in money read; without their outlines, which only maps need."""
MOST_KEPT = 8
READERS = ("numpy", "pandas", "pyarrow", "pyproj", "geopandas", "pint")


def cache_folder() -> Path:
    """Where the user's programs keep what they can make again (XDG_CACHE_HOME, or as the system has it)."""
    home = Path.home()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "") or str(home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(home / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "") or str(home / ".cache")
    return Path(base) / "bothbanks" / "ask"


def region_for_games(path: Path, keep_in: Path | None = None) -> RegionModel:
    """A region folder with all that its games read, from the cache where nothing has changed.

    Read back from the cache, the model has no counts, conversions, refusals, origins nor outlines.

    Parameters
    ----------
    keep_in : folder to keep it in; None = nothing is kept and everything is read.

    Raises
    ------
    RegionError
        The folder can't be used; every problem is listed.
    """
    opened = open_folder(path, Problems())
    if keep_in is None or opened.settings is None:
        return harmonise(read_region(path))
    kept = keep_in / fingerprint(opened)
    # The same files were checked, and found without fault, by the same program when they were kept. Anything
    # may be in a cache, though: a half-written or foreign file is as good as none.
    with suppress(OSError, ValueError, KeyError, TypeError):
        return _read(kept, opened)
    model = harmonise(read_region(path))
    with suppress(OSError, ValueError):  # a full or read-only disk keeps nothing and spoils nothing
        _write(kept, model)
    return model


def fingerprint(folder: Opened) -> str:
    """SHA-256 over every input and over the program that harmonises it."""
    files = {p for p in folder.path.rglob("*") if p.is_file()}
    files |= {p for s in folder.sources for p in s.path.parent.glob(f"{s.path.stem}.*") if p.is_file()}
    named = {os.path.relpath(file, folder.path): file for file in files}
    return _sha256(named, _program())


@cache
def _program() -> str:
    """SHA-256 over this program and the libraries that read layers, as they were at its start."""
    package = Path(bothbanks.__file__).parent
    sources = {p.relative_to(package).as_posix(): p for p in package.rglob("*.py")}
    return _sha256(sources, " ".join(f"{r} {version(r)}" for r in READERS))


def _sha256(files: Mapping[str, Path], start: str) -> str:
    whole = hashlib.sha256(start.encode())
    for name, file in sorted(files.items()):
        with file.open("rb") as stream:
            whole.update(f"\n{name} ".encode() + hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


def _read(kept: Path, folder: Opened) -> RegionModel:
    import pandas as pd

    assert folder.settings is not None
    told: dict[str, Any] = json.loads((kept / "region.json").read_text(encoding="utf-8"))
    tables = {kind: pd.read_parquet(kept / f"{kind}.parquet") for kind in told["tables"] if kind in KINDS}
    nothing = Table("", (), (), "")
    os.utime(kept)
    return RegionModel(
        settings=folder.settings,
        members=folder.members,
        tables=tables,
        cases=dict(folder.cases),
        finance=dict(folder.finance),
        compact=dict(folder.compact),
        path=folder.path,
        parameters=tuple(Parameter(**p) for p in told["parameters"]),
        files=(),
        conversions=nothing,
        refused=nothing,
        inputs_sha256=told["inputs_sha256"],
        settings_sha256={},
        origins={},
    )


def _write(kept: Path, model: RegionModel) -> None:
    """Write beside the place and put it there in one step, so that it is whole or not there."""
    import pandas as pd

    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=kept.parent))
    try:
        kinds = [k for k in KINDS if k in model.tables]
        for kind in kinds:
            frame = pd.DataFrame(model.tables[kind]).drop(columns="geometry", errors="ignore")
            frame.to_parquet(made / f"{kind}.parquet", index=False)
        told = {
            "tables": kinds,
            "parameters": [asdict(p) for p in model.parameters],
            "inputs_sha256": model.inputs_sha256,
        }
        (made / "region.json").write_text(json.dumps(told), encoding="utf-8")
        if kept.exists():
            shutil.rmtree(kept)
        made.rename(kept)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    old = sorted((p for p in kept.parent.iterdir() if p != kept), key=lambda p: p.stat().st_mtime)
    for folder in old[: max(len(old) + 1 - MOST_KEPT, 0)]:
        shutil.rmtree(folder, ignore_errors=True)
