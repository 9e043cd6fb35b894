"""Features of editable layers: GeoJSON outside, well-known binary and a spatial index inside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import shapely
from sqlalchemy import Row, and_, select, update
from sqlalchemy.sql.elements import ColumnElement

from bothbanks.store import tables
from bothbanks.store.errors import ConflictError, MissingError
from bothbanks.store.interface import Box, Feature
from bothbanks.store.work import Work
from bothbanks.words.errors import RangeError

_t = tables.features


class FeatureTable(Work):
    """The features of one open transaction; each database adds how it looks for a box."""

    def layers(self) -> list[str]:
        """Names of the layers that hold a feature."""
        rows = self.connection.execute(select(_t.c.layer).distinct().order_by(_t.c.layer))
        return [row.layer for row in rows]

    def feature(self, layer: str, id: str) -> Feature:
        """The feature, or MissingError."""
        row = self.connection.execute(select(_t).where(_here(layer, id))).one_or_none()
        if row is None:
            raise MissingError(f"layer '{layer}' has no feature '{id}'")
        return _feature(row)

    def features(
        self, layer: str, bbox: Box | None = None, limit: int | None = None, after: str = ""
    ) -> list[Feature]:
        """Features by id, after the id ``after``; with ``bbox`` those whose geometry touches the box."""
        wanted = select(_t).where(_t.c.layer == layer, _t.c.id > after).order_by(_t.c.id)
        if bbox is None:
            return [_feature(row) for row in self.connection.execute(wanted.limit(limit))]
        window = shapely.union_all([shapely.box(*part) for part in parts(bbox)])
        shapely.prepare(window)
        near = self.connection.execute(wanted.where(self.near(parts(bbox)))).yield_per(500)
        rows = (row for row in near if shapely.intersects(window, shapely.from_wkb(row.geometry)))
        return [_feature(row) for row in islice(rows, limit)]

    def save_feature(self, feature: Feature, expected: int | None, version: int = 0) -> int:
        """Keep the feature; the new version (counted on, unless an import brings it along)."""
        shape = shape_of(feature)
        version = version or (1 if expected is None else expected + 1)
        row = {
            "version": version,
            "geometry": None if shape is None else shapely.to_wkb(shape, flavor="iso"),
            "properties": json.dumps(dict(feature.properties), ensure_ascii=False, allow_nan=False),
            "valid_from": feature.valid_from,
            "valid_to": feature.valid_to,
        }
        here = _here(feature.layer, feature.id)
        if expected is None:
            kept = self.put(_t, {"layer": feature.layer, "id": feature.id, **row})
        else:
            change = update(_t).where(here, _t.c.version == expected).values(row)
            kept = self.connection.execute(change).rowcount == 1
        if not kept:
            raise self._feature_conflict(feature.layer, feature.id, expected)
        self.index(self.connection.execute(select(_t.c.number).where(here)).scalar_one(), shape)
        return version

    def drop_feature(self, layer: str, id: str, expected: int | None = None) -> None:
        """Delete the feature."""
        wanted = select(_t.c.number, _t.c.version).where(_here(layer, id))
        found = self.connection.execute(wanted).one_or_none()
        if found is None:
            raise MissingError(f"layer '{layer}' has no feature '{id}' to drop")
        if expected is not None and found.version != expected:
            raise self._feature_conflict(layer, id, expected)
        self.connection.execute(_t.delete().where(_t.c.number == found.number))
        self.index(found.number, None)
        self.erased = True

    def _feature_conflict(self, layer: str, id: str, expected: int | None) -> ConflictError:
        found = self.connection.execute(select(_t.c.version).where(_here(layer, id))).scalar()
        there = "is not there" if found is None else f"is at version {found}"
        wanted = "none yet" if expected is None else f"version {expected}"
        return ConflictError(f"feature '{id}' of layer '{layer}' {there}; expected {wanted}. Read it again.")

    def near(self, boxes: Sequence[Box]) -> ColumnElement[bool]:
        """The condition that a geometry's bounds touch one of the boxes, by the database's own index."""
        raise NotImplementedError

    def index(self, number: int, shape: shapely.Geometry | None) -> None:
        """Keep the spatial index in step where the database doesn't by itself."""


def parts(bbox: Box) -> list[Box]:
    """The boxes a window is made of: two where it crosses the antimeridian (RFC 7946, section 5.2).

    >>> parts((170.0, -20.0, -170.0, -10.0))
    [(170.0, -20.0, 180.0, -10.0), (-180.0, -20.0, -170.0, -10.0)]
    """
    west, south, east, north = bbox
    if south > north:
        raise RangeError("store.box", f"the box {bbox} has its south ({south}) above its north ({north})")
    return [bbox] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]


def shape_of(feature: Feature) -> shapely.Geometry | None:
    """The geometry of a feature, or None.

    Raises
    ------
    RangeError
        No GeoJSON geometry, an empty one, or a coordinate that is no longitude or latitude.
    """
    if feature.geometry is None:
        return None
    where = f"feature '{feature.id}' of layer '{feature.layer}'"
    try:
        shape = shapely.geometry.shape(dict(feature.geometry))
    except (shapely.errors.ShapelyError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise RangeError("store.geometry", f"{where}: no GeoJSON geometry ({error})") from error
    xy = shapely.get_coordinates(shape, include_z=False)
    if shape.is_empty:
        raise RangeError("store.geometry", f"{where}: its geometry is empty; leave it out (null) instead")
    if not (abs(xy) <= (180.0, 90.0)).all():
        raise RangeError(
            "store.geometry",
            f"{where}: a coordinate is outside longitude -180..180, latitude -90..90 (EPSG:4326)",
        )
    return shape


def _here(layer: str, id: str) -> ColumnElement[bool]:
    return and_(_t.c.layer == layer, _t.c.id == id)


def _feature(row: Row[Any]) -> Feature:
    geometry = None if row.geometry is None else shapely.from_wkb(row.geometry)
    return Feature(
        row.layer,
        row.id,
        row.version,
        None if geometry is None else _listed(shapely.geometry.mapping(geometry)),
        json.loads(row.properties),
        row.valid_from,
        row.valid_to,
    )


def _listed(value: Any) -> Any:
    """GeoJSON with lists, as JSON gives them, in place of shapely's tuples."""
    if isinstance(value, Mapping):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, (list, tuple)) else value
