"""Features as GeoJSON bytes (RFC 7946), made once a feature and kept within a bound.

A number that JSON can't hold (NaN, infinity) is written as null where it means 'missing', and refused
anywhere else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bothbanks.standards.features import crs as systems
from bothbanks.standards.features.query import Rows
from bothbanks.standards.features.table import FeatureTable

KEPT_BYTES = 16_000_000
"""Most bytes of finished features kept for one layer."""


def dumps(value: Any) -> bytes:
    """Strict JSON: no NaN, no infinity, UTF-8.

    >>> dumps({"a": 1.5, "b": None, "ü": "é"}).decode()
    '{"a":1.5,"b":null,"ü":"é"}'
    >>> dumps(float("nan"))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ValueError: Out of range float values are not JSON compliant
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


@dataclass
class Encoder:
    """Writes the features of one table, in any of its systems."""

    table: FeatureTable
    kept: dict[tuple[str, int], bytes] = field(default_factory=dict)
    kept_bytes: int = 0

    def features(self, rows: Rows, uri: str) -> list[bytes]:
        """Each feature as a GeoJSON object; coordinates in the system's own axis order."""
        found = [self.kept.get((uri, int(row))) for row in rows]
        wanted = [int(row) for row, known in zip(rows, found, strict=True) if known is None]
        if not wanted:
            return [known for known in found if known is not None]
        made = dict(zip(wanted, self._write(np.array(wanted, dtype=np.int64), uri), strict=True))
        for row, text in made.items():
            if self.kept_bytes + len(text) <= KEPT_BYTES:
                self.kept[uri, row] = text
                self.kept_bytes += len(text)
        return [made[int(row)] if known is None else known for row, known in zip(rows, found, strict=True)]

    def _write(self, rows: Rows, uri: str) -> list[bytes]:
        import shapely

        geometry = systems.turned(self.table.view(uri).geometry[rows], uri)
        shapes = [text or "null" for text in np.atleast_1d(shapely.to_geojson(geometry)).tolist()]
        return [
            b'{"type":"Feature","id":'
            + dumps(self.table.ids[int(row)])
            + b',"geometry":'
            + shape.encode()
            + b',"properties":'
            + dumps({name: c.plain(int(row)) for name, c in self.table.columns.items()})
            + b"}"
            for row, shape in zip(rows, shapes, strict=True)
        ]

    def collection(self, rows: Rows, uri: str, head: Mapping[str, Any]) -> bytes:
        """A FeatureCollection: ``head`` first (links, counts), then the features."""
        start = dumps({"type": "FeatureCollection", **head})[:-1]
        return start + b',"features":[' + b",".join(self.features(rows, uri)) + b"]}"

    def feature(self, row: int, uri: str, links: list[dict[str, str]]) -> bytes:
        """One feature with its links."""
        (text,) = self.features(np.array([row], dtype=np.int64), uri)
        return text[:-1] + b',"links":' + dumps(links) + b"}"
