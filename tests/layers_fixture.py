"""A small finished appraisal with layers and tables, for tests of what serves them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely

COUNT = 30
X0, Y0 = 4_030_000.0, 3_090_000.0  # EPSG:3035, between Maastricht and Aachen


def make_appraisal(folder: Path, region: str) -> Path:
    """layers.gpkg (cells, places, seams, secret), one table, provenance and value.json of a region."""
    (folder / "tables").mkdir(parents=True)
    for name, frame in frames().items():
        pyogrio.write_dataframe(
            frame, folder / "layers.gpkg", layer=name, driver="GPKG", append=(folder / "layers.gpkg").exists()
        )
    (folder / "tables" / "members.csv").write_text(
        "id,name,population\nsteinach,Steinach,12000\nuferau,Uferau,8\n", encoding="utf-8", newline="\n"
    )
    value = {"region": region, "inputs_sha256": "0" * 64}
    (folder / "value.json").write_text(json.dumps(value), encoding="utf-8")
    hashes = {
        "out:layers.gpkg": folder / "layers.gpkg",
        "out:tables~2f~members.csv": folder / "tables" / "members.csv",
    }
    entity = {
        key: {"bb:sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "prov:label": path.name}
        for key, path in hashes.items()
    }
    entity["in:grid.csv"] = {
        "prov:label": "grid.csv",
        "bb:licence": "CC BY 4.0",
        "bb:attribution": "Example Office (CC BY 4.0)",
    }  # fmt: skip
    (folder / "provenance.json").write_text(json.dumps({"entity": entity}), encoding="utf-8")
    return folder


def frames() -> dict[str, gpd.GeoDataFrame]:
    """Squares with people and depth, named places, points where maps disagree, and one without a rule."""
    squares = [shapely.box(X0 + 1000 * (i % 6), Y0 + 1000 * (i // 6), X0 + 1000 * (i % 6 + 1),
                           Y0 + 1000 * (i // 6 + 1)) for i in range(COUNT)]  # fmt: skip
    cells = gpd.GeoDataFrame(
        {
            "member": ["steinach" if i % 6 < 3 else "uferau" for i in range(COUNT)],
            "population": [float(i * 3) for i in range(COUNT)],
            "depth": [None if i % 7 == 0 else i / 10 for i in range(COUNT)],
        },
        geometry=squares,
        crs="EPSG:3035",
    )
    points = [shapely.Point(X0 + 700 * i, Y0 + 450 * i) for i in range(COUNT)]
    places = gpd.GeoDataFrame(
        {"name": [f"Ort {i}" for i in range(COUNT)], "population": [10.0 + i for i in range(COUNT)]},
        geometry=points,
        crs="EPSG:3035",
    )
    seams = gpd.GeoDataFrame({"score": [float(i) for i in range(COUNT)]}, geometry=points, crs="EPSG:3035")
    return {
        "cells": cells,
        "places": places,
        "seams": seams,
        "secret": places.rename(columns={"name": "note"}),
    }
