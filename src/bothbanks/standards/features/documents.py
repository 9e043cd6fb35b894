"""The documents of OGC API Features: landing page, conformance, collections, queryables, schema, items.

Sources: OGC 17-069r4 (Part 1) 7.2 to 7.16, 18-058r1 (Part 2) 6, 19-079r2 (Part 3) 6.2, 20-002 (Part 4) 6 to
9, 23-058r1 (Part 5) 6. Links carry rel and type; hrefs are absolute, from ``base`` (no slash at its end).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np

from bothbanks.standards.features import crs as systems
from bothbanks.standards.features.query import DEFAULT_LIMIT, MOST, ItemsQuery
from bothbanks.standards.features.table import Column, FeatureTable

JSON, GEOJSON, HTML, SCHEMA = (
    "application/json",
    "application/geo+json",
    "text/html",
    "application/schema+json",
)
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
_PART = "http://www.opengis.net/spec/ogcapi-features-"
_COMMON = "http://www.opengis.net/spec/ogcapi-common-"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
CONFORMS_TO = (
    f"{_COMMON}1/1.0/conf/core",
    f"{_COMMON}2/1.0/conf/collections",
    *(f"{_PART}1/1.0/conf/{c}" for c in ("core", "geojson", "html")),
    f"{_PART}2/1.0/conf/crs",
    *(
        f"{_PART}3/1.0/conf/{c}"
        for c in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(f"{_PART}4/1.0/conf/{c}" for c in ("create-replace-delete", "optimistic-locking-etags", "features")),
    *(
        _CQL2 + c
        for c in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
            "case-insensitive-comparison", "accent-insensitive-comparison", "basic-spatial-functions",
            "basic-spatial-functions-plus", "spatial-functions", "temporal-functions", "property-property",
            "arithmetic",
        )
    ),
)  # fmt: skip
"""What is claimed. Part 3's array functions and custom functions are not: no layer holds an array."""
DOWNLOADS = {
    "gpkg": ("application/geopackage+sqlite3", "GeoPackage"),
    "parquet": ("application/vnd.apache.parquet", "GeoParquet"),
    "csv": ("text/csv; charset=utf-8", "CSV"),
}
"""Ending -> (media type, name)."""
_JSON_TYPES: dict[str, dict[str, str]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
}
_SHAPES = {
    "Point": "geometry-point", "MultiPoint": "geometry-multipoint", "LineString": "geometry-linestring",
    "MultiLineString": "geometry-multilinestring", "Polygon": "geometry-polygon",
    "MultiPolygon": "geometry-multipolygon",
}  # fmt: skip


@dataclass(frozen=True)
class LayerWords:
    """What is said of a layer beside its features, in the reader's language."""

    id: str
    title: str
    description: str = ""
    licence: str = ""
    licence_link: str = ""
    attribution: str = ""
    editable: bool = False
    note: str = ""  # how the gate has changed it for this reader


Link = dict[str, str]


def link(href: str, rel: str, kind: str, title: str = "") -> Link:
    """One link object (Part 1, 5.2)."""
    made = {"href": href, "rel": rel, "type": kind}
    return {**made, "title": title} if title else made


def landing(base: str, page: str, title: str, description: str) -> dict[str, Any]:
    """The landing page. ``page`` is where a person reads how to use the service."""
    return {
        "title": title,
        "description": description,
        "links": [
            link(f"{base}/api", "self", JSON),
            link(f"{base}/", "alternate", HTML),
            link(f"{base}/openapi.json", "service-desc", JSON),
            link(page, "service-doc", HTML),
            link(f"{base}/conformance", "conformance", JSON),
            link(f"{base}/collections", "data", JSON),
            link(f"{base}/catalogue", f"{REL}dataset", "text/turtle"),
        ],
    }


def conformance() -> dict[str, Any]:
    """The conformance classes."""
    return {"conformsTo": list(CONFORMS_TO)}


def collection(base: str, words: LayerWords, table: FeatureTable, offered: Sequence[str]) -> dict[str, Any]:
    """One collection."""
    here = f"{base}/collections/{quote(words.id, safe='')}"
    made: dict[str, Any] = {
        "id": words.id,
        "title": words.title,
        "description": " ".join(part for part in (words.description, words.note) if part),
        "itemType": "feature",
        "links": [
            link(here, "self", JSON),
            link(f"{here}?f=html", "alternate", HTML),
            link(f"{here}/items", "items", GEOJSON, words.title),
            link(f"{here}/items?f=html", "items", HTML, words.title),
            link(f"{here}/queryables", f"{REL}queryables", SCHEMA),
            link(f"{here}/schema", f"{REL}schema", SCHEMA),
            *(link(f"{here}/download.{e}", "enclosure", kind, name) for e, (kind, name) in DOWNLOADS.items()),
        ],
        "extent": _extent(table),
        "crs": list(offered),
        "storageCrs": table.crs,
    }
    if words.licence_link:
        made["links"].append(link(words.licence_link, "license", HTML, words.licence))
    if words.attribution:
        made["attribution"] = words.attribution
    return made


def _extent(table: FeatureTable) -> dict[str, Any]:
    extent: dict[str, Any] = {}
    if (bounds := table.view(systems.CRS84).bounds) is not None:
        extent["spatial"] = {"bbox": [list(bounds)], "crs": systems.CRS84}
    if (moments := table.moments()) is not None and moments[2].any():
        start, end, known = moments
        ends = [np.datetime64(start[known].min(), "s"), np.datetime64(end[known].max(), "s")]
        years = [int(str(e)[:4]) for e in ends]
        extent["temporal"] = {
            "interval": [[None if y in (1, 9999) else f"{e}Z" for y, e in zip(years, ends, strict=True)]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    return extent


def collections(base: str, documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All collections that the reader may see."""
    return {
        "links": [
            link(f"{base}/collections", "self", JSON),
            link(f"{base}/collections?f=html", "alternate", HTML),
            link(f"{base}/catalogue.ttl", "describedby", "text/turtle"),
        ],
        "collections": list(documents),
    }


def _property(column: Column) -> dict[str, str]:
    made = {"title": column.name, **_JSON_TYPES[column.kind]}
    return {**made, "x-ogc-unit": column.unit} if column.unit else made


def _shape(table: FeatureTable) -> dict[str, str]:
    return {"x-ogc-role": "primary-geometry", "format": _SHAPES.get(table.geometry_type, "geometry-any")}


def queryables(base: str, words: LayerWords, table: FeatureTable) -> dict[str, Any]:
    """What can be filtered on: visible properties and the geometry, nothing else."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{quote(words.id, safe='')}/queryables",
        "type": "object",
        "title": words.title,
        "properties": {"geometry": _shape(table), **{n: _property(c) for n, c in table.columns.items()}},
        "additionalProperties": False,
    }


def schema(base: str, words: LayerWords, table: FeatureTable) -> dict[str, Any]:
    """The features' own form (Part 5)."""
    roles = dict(zip(table.time, ("primary-interval-start", "primary-interval-end"), strict=False))
    if len(table.time) == 1:
        roles = {table.time[0]: "primary-instant"}
    properties = {
        n: {**_property(c), **({"x-ogc-role": roles[n]} if n in roles else {})}
        for n, c in table.columns.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{quote(words.id, safe='')}/schema",
        "type": "object",
        "title": words.title,
        "properties": {
            "id": {"x-ogc-role": "id", "type": "string", "readOnly": True},
            "geometry": _shape(table),
            **properties,
        },
        "additionalProperties": False,
    }


def items_head(
    base: str, words: LayerWords, query: ItemsQuery, following: str, matched: int, returned: int, at: str
) -> dict[str, Any]:
    """What stands before the features: links, counts, the time of the answer (UTC, RFC 3339)."""
    here = f"{base}/collections/{quote(words.id, safe='')}"
    asked = [(k, v) for k, v in query.texts if k != "f"]
    links = [
        link(_with(f"{here}/items", asked), "self", GEOJSON),
        link(_with(f"{here}/items", [*asked, ("f", "html")]), "alternate", HTML),
        link(here, "collection", JSON),
    ]
    if following:
        onward = [(k, v) for k, v in query.texts if k not in ("after", "offset")]
        links.append(link(_with(f"{here}/items", [*onward, ("after", following)]), "next", GEOJSON))
    return {"links": links, "timeStamp": at, "numberMatched": matched, "numberReturned": returned}


def feature_links(base: str, words: LayerWords, fid: str) -> list[Link]:
    """Links of one feature."""
    here = f"{base}/collections/{quote(words.id, safe='')}"
    item = f"{here}/items/{quote(fid, safe='')}"
    return [
        link(item, "self", GEOJSON),
        link(f"{item}?f=html", "alternate", HTML),
        link(here, "collection", JSON),
    ]


def _with(href: str, parameters: Sequence[tuple[str, str]]) -> str:
    return f"{href}?{urlencode(parameters)}" if parameters else href


LIMITS = {"default": DEFAULT_LIMIT, "most": MOST}
