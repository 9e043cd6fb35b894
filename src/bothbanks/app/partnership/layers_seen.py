"""What the gate's decision makes of a layer: rows, fields and geometry that a reader may have, and no other.

The table that comes out is all that queries, counts, filters, schemas and downloads ever see, so none of them
can tell more than it holds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import shapely

from bothbanks.analysis.disclosure import coarse_dates, old_enough, rounded, squares
from bothbanks.civic.compact.sharing import COARSE, FULL, Coarsening, Decision
from bothbanks.standards.features import Column, FeatureTable
from bothbanks.standards.features import crs as systems

METRIC = systems.name("EPSG:3035")
"""Squares are laid in this system where the layer's own has no metres (INSPIRE's grid for Europe)."""
PEOPLE = "people"


def seen(table: FeatureTable, decision: Decision, at: datetime) -> FeatureTable | None:
    """The layer as the decision lets it be seen; None where no record may be shown.

    Coarse: one feature a square of the grid, figures of people summed, other figures averaged, texts only
    where a whole square has the same, dates cut. A layer whose features are not figures of people
    counts each feature as one of the group.
    """
    if decision.level not in (FULL, COARSE):
        return None
    shown = _without(table, decision.hidden)
    if decision.level == FULL:
        return shown
    detail = decision.detail or Coarsening()
    shown = _older(shown, at, detail.delay_hours)
    shown = _dated(shown, detail.dates)
    if detail.grid_m:
        shown = _squared(shown, detail)
    return _figures(shown, detail)


def _without(table: FeatureTable, hidden: frozenset[str]) -> FeatureTable:
    if not hidden:
        return table
    if "geometry" in hidden:
        table = table.placed(np.full(len(table), None, dtype=object))
    return table.only([name for name in table.columns if name not in hidden])


def _older(table: FeatureTable, at: datetime, delay_hours: int) -> FeatureTable:
    """Only what is old enough; what has no time is taken for new."""
    if not delay_hours:
        return table
    moments = table.moments()
    if moments is None:
        return table.rows(np.array([], dtype=np.int64))
    now = np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")
    start, _, known = moments
    return table.rows(np.flatnonzero(known & old_enough(start, now, delay_hours)).astype(np.int64))


def _dated(table: FeatureTable, step: str) -> FeatureTable:
    if not step:
        return table
    columns = {
        name: replace(c, kind="date", values=coarse_dates(c.values, step))
        if c.kind in ("date", "instant")
        else c
        for name, c in table.columns.items()
    }
    return replace(table.only(columns), columns=columns)


def _squared(table: FeatureTable, detail: Coarsening) -> FeatureTable:
    """One feature a square; features without a place are left out, for a square can't hide them."""
    metric = table.crs if not systems.axes(table.crs).geographic else METRIC
    geometry = systems.project(table.geometry, table.crs, metric)
    here = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry))).astype(np.int64)
    table = table.rows(here)
    points = shapely.centroid(geometry[here])
    found = squares(shapely.get_x(points), shapely.get_y(points), detail.grid_m)
    count = len(found.west_m)
    sizes = np.bincount(found.of_place, minlength=count) if count else np.zeros(0, dtype=np.int64)
    columns: dict[str, Column] = {}
    for name, c in table.columns.items():
        if c.kind in ("number", "integer"):
            values = np.where(c.present, c.values.astype(float), np.nan)
            made = found.summed(values) if c.unit == PEOPLE else found.averaged(values)
            columns[name] = Column(name, "number", made, np.isfinite(made), c.unit)
        else:
            columns[name] = _common(c, found.of_place, count)
    west, south, side = found.west_m, found.south_m, float(detail.grid_m)
    whole = FeatureTable(
        ids=tuple(f"{int(s)}-{int(w)}" for w, s in zip(west, south, strict=True)),
        columns=columns,
        geometry=np.asarray(shapely.box(west, south, west + side, south + side), dtype=object).reshape(count),
        crs=metric,
        time=table.time if set(table.time) <= set(columns) else (),
        geometry_type="Polygon",
    )
    if detail.group and not any(c.unit == PEOPLE for c in columns.values()):
        return whole.rows(np.flatnonzero(sizes >= detail.group).astype(np.int64))
    return whole


def _common(column: Column, of_place: np.ndarray[tuple[int], np.dtype[np.int64]], count: int) -> Column:
    """A text or date for each square in which it is the same everywhere; missing in the others."""
    values = np.empty(count, dtype=column.values.dtype)
    if column.values.dtype == object:
        values[:] = ""
    present = np.zeros(count, dtype=np.bool_)
    for place in range(count):
        rows = np.flatnonzero(of_place == place)
        first = column.values[rows[0]]
        if column.present[rows].all() and (column.values[rows] == first).all():
            values[place], present[place] = first, True
    return replace(column, values=values, present=present)


def _figures(table: FeatureTable, detail: Coarsening) -> FeatureTable:
    """Figures of people rounded, and those below the smallest group taken out.

    A step that protects people would make nonsense of depths; where no figure counts people, all are
    rounded.
    """
    counting = any(c.unit == PEOPLE for c in table.columns.values())
    columns: dict[str, Column] = {}
    for name, c in table.columns.items():
        if c.kind not in ("number", "integer") or (counting and c.unit != PEOPLE):
            columns[name] = c
            continue
        values = c.values.astype(float)
        small = (values > 0) & (values < detail.group) & (c.unit == PEOPLE)
        made = rounded(values, detail.rounding)
        columns[name] = replace(c, kind="number", values=made, present=c.present & ~small)
    return replace(table.only(columns), columns=columns)
