"""A layer as a file: GeoPackage, GeoParquet or CSV, with its licence and where it comes from inside.

Written from what the gate left of the layer, in the system it is stored in. The libraries that write are
loaded when the first file is asked for: a server that only answers queries doesn't carry them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bothbanks.standards.features import FeatureTable
from bothbanks.standards.features import crs as systems

ROWS_AT_ONCE = 1_000
GEOPARQUET = "1.1.0"
_TYPES = {"string": "string", "number": "float64", "integer": "int64", "boolean": "bool"}


@dataclass(frozen=True)
class About:
    """What a file says of itself."""

    title: str
    licence: str
    attribution: str
    provenance: str
    source: str  # the address it was taken from

    def items(self) -> dict[str, str]:
        """Name -> text, without what is empty."""
        named = {
            "title": self.title, "licence": self.licence, "attribution": self.attribution,
            "provenance": self.provenance, "source": self.source,
        }  # fmt: skip
        return {k: v for k, v in named.items() if v}


def write_geopackage(table: FeatureTable, name: str, about: About, path: Path) -> Path:
    """One layer with its metadata in ``gpkg_metadata`` (OGC 12-128r19, F.8), written by GDAL."""
    import pyogrio.raw
    import shapely

    fields = list(table.columns.values())
    pyogrio.raw.write(
        str(path),
        geometry=shapely.to_wkb(table.geometry, flavor="iso"),
        field_data=[_plain(c.values, c.present, c.kind) for c in fields],
        fields=[c.name for c in fields],
        field_mask=[~c.present for c in fields],
        layer=name,
        driver="GPKG",
        geometry_type=_shape(table),
        crs=systems.authority(table.crs),
        promote_to_multi=False,
        dataset_options={"VERSION": "1.3"},
        layer_options={"FID": "fid"} if "fid" not in table.columns else {},
        layer_metadata=about.items(),
    )
    return path


def _shape(table: FeatureTable) -> str:
    return "Unknown" if table.geometry_type == "Geometry" else table.geometry_type


def _plain(values: np.ndarray[Any, Any], present: np.ndarray[Any, Any], kind: str) -> np.ndarray[Any, Any]:
    """Values as GDAL's writer takes them."""
    if kind == "string":
        out = np.empty(len(values), dtype=object)
        out[:] = [v if there else None for v, there in zip(values, present, strict=True)]
        return out
    return values.astype("datetime64[ms]") if kind == "instant" else values


def write_geoparquet(table: FeatureTable, about: About, path: Path) -> Path:
    """One file of GeoParquet 1.1: well-known binary, the system as PROJJSON, our words beside ``geo``."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import shapely

    arrays: dict[str, Any] = {"id": pa.array(list(table.ids), pa.string())}
    for c in table.columns.values():
        kind = {"date": pa.date32(), "instant": pa.timestamp("us", tz="UTC")}.get(c.kind) or getattr(
            pa, _TYPES[c.kind]
        )()
        values = c.values.astype("datetime64[us]") if c.kind == "instant" else c.values
        arrays[c.name] = pa.array(values, mask=~c.present).cast(kind)
    arrays["geometry"] = pa.array(shapely.to_wkb(table.geometry, flavor="iso").tolist(), pa.binary())
    found = sorted({str(t) for t in shapely.get_type_id(table.geometry[~shapely.is_missing(table.geometry)])})
    names = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
             "GeometryCollection")  # fmt: skip
    bounds = table.view(table.crs).bounds
    described = {
        "encoding": "WKB",
        "geometry_types": [names[int(t)] for t in found],
        "crs": systems.system(table.crs).to_json_dict(),
        **({"bbox": list(bounds)} if bounds else {}),
    }
    geo = {"version": GEOPARQUET, "primary_column": "geometry", "columns": {"geometry": described}}
    metadata = {"geo": json.dumps(geo), **{f"bothbanks:{k}": v for k, v in about.items().items()}}
    pq.write_table(pa.table(arrays).replace_schema_metadata(metadata), path)
    return path


def csv_rows(table: FeatureTable) -> Iterator[str]:
    """CSV (RFC 4180), geometry as well-known text in longitude and latitude; some rows at a time."""
    import shapely

    placed = not shapely.is_missing(table.geometry).all()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", *table.columns, *(["geometry"] if placed else [])])
    for start in range(0, len(table) or 1, ROWS_AT_ONCE):
        rows = range(start, min(start + ROWS_AT_ONCE, len(table)))
        shapes: Mapping[int, str | None] = {}
        if placed:
            there = table.view(systems.CRS84).geometry[start : rows.stop]
            shapes = dict(zip(rows, shapely.to_wkt(there, rounding_precision=7).tolist(), strict=True))
        for row in rows:
            values = [c.plain(row) for c in table.columns.values()]
            writer.writerow([table.ids[row], *values, *([shapes[row]] if placed else [])])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
