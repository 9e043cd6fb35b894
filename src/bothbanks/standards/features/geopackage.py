"""Layers of a GeoPackage read with SQLite alone (OGC 12-128r19), so that the server carries no GDAL.

A GeoPackage is an SQLite database; a geometry is a short header before well-known binary (2.1.3). Rows come
in the order of their primary key, which is the feature's id.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bothbanks.standards.features import crs as systems
from bothbanks.standards.features.table import Column, FeatureTable, Kind, column
from bothbanks.words.errors import InputError

MOST_FEATURES = 500_000
"""Beyond this a layer is not held in memory (measured: about 700 bytes a feature of a small polygon)."""
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("BOOL", "boolean"), ("TINYINT", "integer"), ("SMALLINT", "integer"), ("MEDIUMINT", "integer"),
    ("INT", "integer"), ("FLOAT", "number"), ("DOUBLE", "number"), ("REAL", "number"),
    ("DATETIME", "instant"), ("DATE", "date"), ("TEXT", "string"),
)  # fmt: skip
_SHAPES = {
    s.upper(): s for s in ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
}


def layers(path: Path) -> tuple[str, ...]:
    """The feature layers of the file, in their own order."""
    with _opened(path) as db:
        found = db.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features' ORDER BY rowid")
        return tuple(str(row[0]) for row in found)


def read_layer(path: Path, layer: str) -> FeatureTable:
    """A layer whole.

    Raises
    ------
    InputError
        There is no such layer, it has too many features, or its coordinate system has no EPSG code.
    """
    import shapely

    with _opened(path) as db:
        found = db.execute(
            "SELECT g.column_name, g.geometry_type_name, s.organization, s.organization_coordsys_id "
            "FROM gpkg_geometry_columns g JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id "
            "WHERE g.table_name = ?",
            (layer,),
        ).fetchone()
        if found is None:
            raise InputError("features.layer", f"{path.name} has no layer '{layer}'")
        shape, shape_type, organisation, code = found
        if str(organisation).upper() != "EPSG":
            raise InputError(
                "features.layer",
                f"{path.name}: layer '{layer}' is in {organisation}:{code}; expected an EPSG code",
            )
        info = db.execute(f"PRAGMA table_info({_name(layer)})").fetchall()
        key = next((str(c[1]) for c in info if c[5]), "rowid")
        (count,) = db.execute(f"SELECT count(*) FROM {_name(layer)}").fetchone()
        if count > MOST_FEATURES:
            raise InputError(
                "features.layer",
                f"{path.name}: layer '{layer}' has {count:,} features; at most {MOST_FEATURES:,}",
            )
        fields = [(str(c[1]), _kind(str(c[2]))) for c in info if str(c[1]) not in (key, shape)]
        names = ", ".join(_name(n) for n in (key, str(shape), *(n for n, _ in fields)))
        rows = db.execute(f"SELECT {names} FROM {_name(layer)} ORDER BY {_name(key)}").fetchall()
    columns: dict[str, Column] = {
        name: column(name, kind, [row[i + 2] for row in rows]) for i, (name, kind) in enumerate(fields)
    }
    blobs = np.empty(len(rows), dtype=object)
    blobs[:] = [_wkb(row[1]) for row in rows]
    return FeatureTable(
        ids=tuple(str(row[0]) for row in rows),
        columns=columns,
        geometry=np.asarray(shapely.from_wkb(blobs), dtype=object),
        crs=systems.name(f"EPSG:{code}"),
        geometry_type=_SHAPES.get(str(shape_type), "Geometry"),
    )


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise InputError("features.file", f"{path.name} is not there")
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        yield db
    except sqlite3.DatabaseError as error:
        raise InputError("features.file", f"{path.name} is no GeoPackage: {error}") from error
    finally:
        db.close()


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _kind(declared: str) -> Kind:
    bare = re.sub(r"\(.*", "", declared).strip().upper()
    return next(
        (kind for name, kind in _KINDS if bare == name or (name == "INT" and bare == "INTEGER")), "string"
    )


def _wkb(blob: Any) -> bytes | None:
    """The well-known binary behind the header; None for no or an empty geometry.

    Byte 3 holds the flags: bits 1 to 3 the kind of envelope, bit 4 'empty' (2.1.3.1.1).
    """
    if not blob:
        return None
    flags = blob[3]
    if flags & 0b1_0000:
        return None
    return bytes(blob[8 + _ENVELOPE_BYTES[min((flags >> 1) & 0b111, 4)] :])
