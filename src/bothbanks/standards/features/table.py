"""A layer held as columns with its geometry: what every query, document and download reads.

Values are numpy arrays with a mask of what is present; geometry is shapely's, (x, y) order, in the system it
is stored in. A view in another system, with its R-tree (shapely's STRtree), is made when first asked for and
kept for the last few systems.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Lock
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bothbanks.standards.features import crs as systems

Kind = Literal["string", "number", "integer", "boolean", "date", "instant"]
BoolArray = NDArray[np.bool_]
VIEWS_KEPT = 3


@dataclass(frozen=True)
class Column:
    """One property of the features: its values, and which of them are there."""

    name: str
    kind: Kind
    values: NDArray[Any]
    present: BoolArray
    unit: str = ""

    def take(self, rows: NDArray[np.int64]) -> Column:
        """The column of some rows only."""
        return replace(self, values=self.values[rows], present=self.present[rows])

    def plain(self, row: int) -> str | float | int | bool | None:
        """A value as JSON holds it; None where it is missing or no finite number."""
        if not self.present[row]:
            return None
        value = self.values[row]
        if self.kind == "number":
            return float(value) if np.isfinite(value) else None
        if self.kind == "integer":
            return int(value)
        if self.kind == "boolean":
            return bool(value)
        if self.kind == "date":
            return str(np.datetime64(value, "D"))
        if self.kind == "instant":
            return f"{np.datetime64(value, 's')}Z"
        return str(value)


def column(name: str, kind: Kind, values: Sequence[Any], unit: str = "") -> Column:
    """A column from plain values, None for what is missing.

    >>> column("depth", "number", [1.5, None]).present.tolist()
    [True, False]
    """
    present = np.array([v is not None and v == v for v in values], dtype=np.bool_)
    full = [v if there else None for v, there in zip(values, present, strict=True)]
    made: NDArray[Any]
    if kind == "number":
        made = np.array([np.nan if v is None else float(v) for v in full], dtype=np.float64)
    elif kind == "integer":
        made = np.array([0 if v is None else int(v) for v in full], dtype=np.int64)
    elif kind == "boolean":
        made = np.array([bool(v) for v in full], dtype=np.bool_)
    elif kind in ("date", "instant"):
        made = np.array(
            [_moment(v) for v in full], dtype="datetime64[D]" if kind == "date" else "datetime64[us]"
        )
    else:
        made = np.empty(len(full), dtype=object)
        made[:] = ["" if v is None else str(v) for v in full]
    return Column(name, kind, made, present, unit)


def _moment(value: Any) -> np.datetime64:
    if value is None:
        return np.datetime64("NaT")
    if isinstance(value, datetime):
        from datetime import UTC

        return np.datetime64(value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value)
    if isinstance(value, date):
        return np.datetime64(value, "D")
    return np.datetime64(str(value).replace("Z", ""))


@dataclass(frozen=True)
class View:
    """The geometry in one system, with its tree."""

    geometry: NDArray[Any]
    tree: Any
    bounds: tuple[float, float, float, float] | None


@dataclass(frozen=True)
class FeatureTable:
    """Features: ids in their lasting order, columns, geometry in ``crs``, and which columns tell the time.

    ``time`` names no column (timeless), one (an instant or a day) or two (from, until).
    """

    ids: tuple[str, ...]
    columns: Mapping[str, Column]
    geometry: NDArray[Any]
    crs: str = systems.CRS84
    time: tuple[str, ...] = ()
    geometry_type: str = "Geometry"
    versions: tuple[int, ...] = ()
    ordered_ids: bool = False  # ids sort as text in the order of the rows (UUIDv7): a lost id keeps its place
    _views: OrderedDict[str, View] = field(default_factory=OrderedDict, repr=False, compare=False)
    _rows: dict[str, int] = field(default_factory=dict, repr=False, compare=False)
    _lock: Any = field(default_factory=Lock, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._rows.update({fid: i for i, fid in enumerate(self.ids)})

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, fid: str) -> int | None:
        """The row of a feature; None where there is none of that id."""
        return self._rows.get(fid)

    def after(self, fid: str) -> int | None:
        """The first row behind a feature, even behind one that has been removed where ids keep an order."""
        if (row := self._rows.get(fid)) is not None:
            return row + 1
        if not self.ordered_ids:
            return None
        from bisect import bisect_right

        return bisect_right(self.ids, fid)

    def view(self, uri: str) -> View:
        """Geometry in a system, its tree and its bounds."""
        with self._lock:
            if (known := self._views.get(uri)) is not None:
                self._views.move_to_end(uri)
                return known
        import shapely

        # RFC 7946, 3.1.6: outer rings run counterclockwise.
        geometry = shapely.orient_polygons(systems.project(self.geometry, self.crs, uri))
        total = shapely.total_bounds(geometry) if len(geometry) else np.full(4, np.nan)
        bounds = tuple(float(v) for v in total) if np.isfinite(total).all() else None
        made = View(geometry, shapely.STRtree(geometry), bounds)  # type: ignore[arg-type]
        with self._lock:
            self._views[uri] = made
            while len(self._views) > VIEWS_KEPT:
                self._views.popitem(last=False)
        return made

    def only(self, names: Iterable[str]) -> FeatureTable:
        """The table with some columns, in its own order; times that are not among them are gone too."""
        wanted = set(names)
        return replace(
            self,
            columns={k: c for k, c in self.columns.items() if k in wanted},
            time=self.time if set(self.time) <= wanted else (),
            _views=OrderedDict(),
            _rows={},
            _lock=Lock(),
        )

    def rows(self, rows: NDArray[np.int64]) -> FeatureTable:
        """The table of some rows."""
        return replace(
            self,
            ids=tuple(self.ids[i] for i in rows),
            columns={k: c.take(rows) for k, c in self.columns.items()},
            geometry=self.geometry[rows],
            versions=tuple(self.versions[i] for i in rows) if self.versions else (),
            _views=OrderedDict(),
            _rows={},
            _lock=Lock(),
        )

    def placed(self, geometry: NDArray[Any], geometry_type: str | None = None) -> FeatureTable:
        """The table with other geometry in the same system."""
        return replace(
            self,
            geometry=geometry,
            geometry_type=geometry_type or self.geometry_type,
            _views=OrderedDict(),
            _rows={},
            _lock=Lock(),
        )

    def moments(self) -> tuple[NDArray[Any], NDArray[Any], BoolArray] | None:
        """Start and end of each feature's time (microseconds, UTC), and whether it has one; None if timeless.

        A day lasts to its last microsecond. A missing start or end of an interval is open.
        """
        if not self.time:
            return None
        first, last = self.columns[self.time[0]], self.columns[self.time[-1]]
        start = first.values.astype("datetime64[us]")
        end = last.values.astype("datetime64[us]")
        if last.kind == "date":
            end = end + np.timedelta64(86_399_999_999, "us")
        known = first.present | last.present
        start = np.where(first.present, start, np.datetime64("0001-01-01", "us"))
        end = np.where(last.present, end, np.datetime64("9999-12-31", "us"))
        return start, end, known
