"""The query of ``/collections/{id}/items``: parameters read once, whole, and answered on columns.

Sources: OGC 17-069r4 (Part 1) 7.15; 18-058r1 (Part 2) 6 and 7; 19-079r2 (Part 3) 6 and 8. A parameter that
is not known is refused rather than passed over (Part 1, 7.8), because a misspelt filter that is ignored
answers another question.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bothbanks.standards.features import crs as systems
from bothbanks.standards.features.cql2 import read_filter, selected
from bothbanks.standards.features.cql2_text import Json
from bothbanks.standards.features.cql2_time import instant, read_datetime
from bothbanks.standards.features.faults import QueryError
from bothbanks.standards.features.table import BoolArray, Column, FeatureTable

DEFAULT_LIMIT, MOST = 100, 10_000
KNOWN = (
    "f", "limit", "after", "offset", "bbox", "bbox-crs", "datetime", "crs", "filter", "filter-lang",
    "filter-crs", "lang",
)  # fmt: skip
Box = tuple[float, float, float, float]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class ItemsQuery:
    """What is asked of a collection."""

    limit: int = DEFAULT_LIMIT
    after: str = ""
    offset: int = 0
    boxes: tuple[Box, ...] = ()
    bbox_crs: str = systems.CRS84
    interval: tuple[np.datetime64, np.datetime64] | None = None
    crs: str = systems.CRS84
    condition: Json = None
    filter_crs: str = systems.CRS84
    equal: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = field(default=())
    """The parameters as they came, for links."""

    @property
    def everything(self) -> bool:
        """Whether nothing is filtered."""
        return not self.boxes and self.interval is None and self.condition is None and not self.equal


def read_query(
    parameters: Sequence[tuple[str, str]],
    table: FeatureTable,
    offered: Sequence[str],
    also: Sequence[str] = (),
) -> ItemsQuery:
    """The parameters of a request for items.

    Parameters
    ----------
    parameters : names and values as they came
    table : the layer, for the properties that can be filtered
    offered : the systems it is served in
    also : parameters known to the caller, and left to it

    Raises
    ------
    QueryError
        A parameter is unknown, given twice, or has a value that can't be used; the first one is named.

    Examples
    --------
    >>> from bothbanks.standards.features.table import column
    >>> names = {"name": column("name", "string", ["Vaals"])}
    >>> t = FeatureTable(("1",), names, np.array([None], dtype=object))
    >>> read_query([("limit", "5"), ("name", "Vaals")], t, (systems.CRS84,)).equal
    (('name', 'Vaals'),)
    """
    given = _once(parameters, table, also)
    bbox_crs = _system(given, "bbox-crs", offered)
    filter_crs = _system(given, "filter-crs", offered)
    language = given.get("filter-lang", "cql2-text")
    after = given.get("after", "")
    if after and table.after(after) is None:
        raise QueryError("features.after", f"after: there is no feature {after!r} to go on from", "after")
    return ItemsQuery(
        limit=min(_whole(given, "limit", DEFAULT_LIMIT, 1), MOST),
        after=after,
        offset=_whole(given, "offset", 0, 0),
        boxes=systems.boxes(_bbox(given["bbox"], bbox_crs), bbox_crs) if "bbox" in given else (),
        bbox_crs=bbox_crs,
        interval=_interval(given["datetime"]) if "datetime" in given else None,
        crs=_system(given, "crs", offered),
        condition=read_filter(given["filter"], language) if "filter" in given else None,
        filter_crs=filter_crs,
        equal=tuple((k, v) for k, v in given.items() if k not in KNOWN and k not in also),
        texts=tuple(parameters),
    )


def _once(parameters: Sequence[tuple[str, str]], table: FeatureTable, also: Sequence[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for key, value in parameters:
        if key not in KNOWN and key not in also and key not in table.columns:
            raise QueryError(
                "features.parameter",
                f"there is no parameter {key!r}; known are {', '.join(KNOWN)} and what /queryables lists",
                key,
            )
        if key in given:
            raise QueryError("features.parameter", f"{key}: is given twice", key)
        given[key] = value
    return given


def _system(given: dict[str, str], parameter: str, offered: Sequence[str]) -> str:
    return systems.chosen(given[parameter], offered, parameter) if parameter in given else systems.CRS84


def _whole(given: dict[str, str], parameter: str, default: int, least: int) -> int:
    text = given.get(parameter)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text[:18]) < least:
        raise QueryError(
            "features.limit",
            f"{parameter}: found {text[:40]!r}; expected a whole number from {least}",
            parameter,
        )
    return int(text[:18])


def _bbox(text: str, uri: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise QueryError(
            "features.bbox", f"bbox: found {text[:80]!r}; expected 4 or 6 numbers, lower corner first", "bbox"
        )
    half = len(numbers) // 2
    lower, upper = numbers[:half], numbers[half:]
    look = systems.axes(uri)
    east, north = (1, 0) if look.north_first else (0, 1)
    wrong = lower[north] > upper[north] or (half == 3 and lower[2] > upper[2])
    if not look.geographic:
        wrong = wrong or lower[east] > upper[east]
    elif max(abs(lower[north]), abs(upper[north])) > 90 or max(abs(lower[east]), abs(upper[east])) > 180:
        wrong = True
    if wrong:
        raise QueryError(
            "features.bbox",
            f"bbox: {text[:80]!r} has its corners the wrong way round, or lies outside the system's extent",
            "bbox",
        )
    return numbers


def _interval(text: str) -> tuple[np.datetime64, np.datetime64]:
    try:
        return read_datetime(text)
    except ValueError:
        raise QueryError(
            "features.datetime",
            f"datetime: found {text[:80]!r}; expected '2026-11-24T20:00:00Z', a day, or two "
            "of them with a slash ('..' leaves one end open)",
            "datetime",
        ) from None


def matching(table: FeatureTable, query: ItemsQuery) -> Rows:
    """The rows that fit, in the layer's own order; before paging.

    A feature without geometry fits any bbox, one without time any datetime (Part 1, requirements
    fc-bbox-response and fc-time-response).
    """
    if query.everything:
        return np.arange(len(table), dtype=np.int64)
    fits: BoolArray = np.ones(len(table), dtype=np.bool_)
    if query.boxes:
        fits &= _in_boxes(table, query)
    if query.interval is not None and (moments := table.moments()) is not None:
        start, end, known = moments
        fits &= ((start <= query.interval[1]) & (end >= query.interval[0])) | ~known
    for name, text in query.equal:
        fits &= _equals(table.columns[name], text)
    if query.condition is not None:
        fits &= selected(table, query.condition, query.filter_crs)
    return np.flatnonzero(fits).astype(np.int64)


def _in_boxes(table: FeatureTable, query: ItemsQuery) -> BoolArray:
    import shapely

    view = table.view(query.bbox_crs)
    hit: BoolArray = shapely.is_missing(view.geometry) | shapely.is_empty(view.geometry)
    for box in query.boxes:
        hit[view.tree.query(shapely.box(*box), predicate="intersects")] = True
    return hit


def _equals(column: Column, text: str) -> BoolArray:
    """A property parameter: equal to the value, in the property's own kind."""
    try:
        wanted: object
        if column.kind in ("number", "integer"):
            wanted = float(text)
        elif column.kind == "boolean":
            wanted = {"true": True, "false": False}[text.lower()]
        elif column.kind == "date":
            wanted = np.datetime64(text, "D")
        elif column.kind == "instant":
            wanted = instant(text)
        else:
            wanted = text
    except (ValueError, KeyError):
        raise QueryError(
            "features.property", f"{column.name}: found {text[:80]!r}; expected a {column.kind}", column.name
        ) from None
    return np.asarray(column.values == wanted, dtype=np.bool_) & column.present


def page(table: FeatureTable, query: ItemsQuery, rows: Rows) -> tuple[Rows, str]:
    """The rows of this page, and the id after which the next one starts ('' on the last).

    A page starts behind an id, not at a number, so that features added or removed before it neither
    repeat nor hide one (``offset`` is there for clients that count).
    """
    start = query.offset
    if query.after:
        behind = table.after(query.after)
        start += int(np.searchsorted(rows, 0 if behind is None else behind))
    shown = rows[start : start + query.limit]
    more = start + len(shown) < len(rows) and len(shown) > 0
    return shown, table.ids[int(shown[-1])] if more else ""
