"""``layers.gpkg``: the appraisal's maps as one GeoPackage, in the region's coordinate system.

Layers: ``cells`` (one square a cell, one column a map; empty = not modelled), ``members``, ``border``,
``rivers``, ``places``, ``seams``. The file's own time stamps are fixed, so that the same findings
give the same bytes with the same GDAL.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bothbanks.analysis.findings import Findings
from bothbanks.words.errors import CrsError

if TYPE_CHECKING:
    import geopandas as gpd

FIXED_TIME = "2000-01-01T00:00:00Z"  # GeoPackage demands a last change; ours says nothing
GEOMETRY = {
    "cells": "Polygon",
    "members": "MultiPolygon",
    "border": "MultiLineString",
    "rivers": "MultiLineString",
    "places": "Point",
    "seams": "Point",
}


def write_layers(findings: Findings, path: Path) -> Path:
    """Write all layers, replacing the file. Empty layers are there with no feature.

    Raises
    ------
    CrsError
        The region's coordinate system is unknown.
    """
    import pyogrio

    frames = layer_frames(findings)
    path.unlink(missing_ok=True)
    with _fixed_time():
        for name, frame in frames.items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                append=path.exists(),
                geometry_type=GEOMETRY[name],
                promote_to_multi=GEOMETRY[name].startswith("Multi"),
                dataset_options=None if path.exists() else {"VERSION": "1.3"},
            )
    return path


def layer_frames(findings: Findings) -> dict[str, gpd.GeoDataFrame]:
    """The layers as GeoDataFrames in the region's coordinate system, in the order they are written."""
    import geopandas as gpd
    from pyproj import CRS
    from pyproj.exceptions import CRSError as UnknownCrs

    try:
        crs = CRS.from_user_input(findings.map_base.crs)
    except UnknownCrs as error:
        raise CrsError(
            "standards.crs", f"the maps are in {findings.map_base.crs!r}, which is unknown"
        ) from error
    made = {
        "cells": _cells(findings),
        "members": _members(findings),
        "border": _border(findings),
        "rivers": _rivers(findings),
        "places": _places(findings),
        "seams": _seams(findings),
    }
    return {
        name: gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)
        for name, (columns, geometry) in made.items()
    }


@contextmanager
def _fixed_time() -> Iterator[None]:
    import pyogrio

    before = os.environ.get("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_TIME})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


Layer = tuple[dict[str, Any], list[Any]]


def _column(name: str) -> str:
    """A column name that every program can read.

    >>> _column("flood-depth-100")
    'flood_depth_100'
    """
    return re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_").lower()


def cell_name(x: float, y: float, size_m: float) -> str:
    """Name of a reference grid cell by its lower left corner (INSPIRE grid form).

    >>> cell_name(4028000.0, 3102000.0, 1000.0)
    '1kmN3102E4028'
    """
    unit, label = (1000.0, "km") if size_m % 1000 == 0 else (1.0, "m")
    return f"{size_m / unit:g}{label}N{y / unit:.0f}E{x / unit:.0f}"


def _cells(f: Findings) -> Layer:
    import shapely

    base = f.map_base
    size = base.cell_size_m
    ids = [m.id for m in f.members]
    columns: dict[str, Any] = {
        "cell": [cell_name(x, y, size) for x, y in zip(base.cell_x, base.cell_y, strict=True)],
        "member": [ids[i] if i >= 0 else None for i in base.cell_member],
        "municipality": list(base.cell_municipality),
        "population": base.population,
    }
    for layer in f.maps:
        columns[_column(layer.id)] = layer.values
    boxes = shapely.box(base.cell_x, base.cell_y, base.cell_x + size, base.cell_y + size)
    return columns, list(boxes)


def _names(texts: list[Mapping[str, str]], languages: tuple[str, ...]) -> dict[str, list[str | None]]:
    return {f"name_{_column(k)}": [text.get(k) or text.get("") for text in texts] for k in languages}


def _languages(f: Findings) -> tuple[str, ...]:
    """The region's languages, and any other that a member's name is given in."""
    more = {k for m in f.members for k in m.name if k} - set(f.region.languages)
    return (*f.region.languages, *sorted(more))


def _members(f: Findings) -> Layer:
    columns: dict[str, Any] = {
        "member": [m.id for m in f.members],
        **_names([m.name for m in f.members], _languages(f)),
        "country": [m.country for m in f.members],
        "population": [m.population for m in f.members],
    }
    for case in f.cases:
        columns[f"{_column(case.id)}_alone"] = case.alone
        columns[f"{_column(case.id)}_together"] = case.together
    return columns, [f.map_base.outlines.get(m.id) for m in f.members]


def _border(f: Findings) -> Layer:
    line = f.map_base.country_border
    there = [] if line is None or line.is_empty else [line]
    return {"kind": ["country border"] * len(there)}, there


def _rivers(f: Findings) -> Layer:
    rivers = f.map_base.rivers
    return (
        {
            "name": [name or None for name, _, _ in rivers],
            "upstream_area_km2": [area for _, area, _ in rivers],
        },
        [line for _, _, line in rivers],
    )


def _places(f: Findings) -> Layer:
    import shapely

    places = f.map_base.places
    columns: dict[str, Any] = {
        **_names([place[0] for place in places], _languages(f)),
        "population": [place[3] for place in places],
    }
    return columns, [shapely.Point(place[1], place[2]) for place in places]


def _seams(f: Findings) -> Layer:
    import shapely

    return (
        {
            "side_a": [s.pair[0] for s in f.seams],
            "side_b": [s.pair[1] for s in f.seams],
            "kilometre": [s.kilometre for s in f.seams],
            "cell_pairs": [s.cell_pairs for s in f.seams],
            "depth_difference_m": [s.depth_difference_m for s in f.seams],
            "extent_disagreement": [s.extent_disagreement for s in f.seams],
            "return_period_ratio": [s.return_period_ratio for s in f.seams],
            "score": [s.score for s in f.seams],
        },
        [shapely.Point(s.x, s.y) for s in f.seams],
    )
