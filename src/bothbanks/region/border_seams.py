"""Seams: does one side's flood continue on the other? Measured cell pair by cell pair along the border."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import SeamKilometre
from bothbanks.region.folder import RegionModel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

WET_M = 0.01
"""Water shallower than a centimetre counts as none."""


def seams(model: RegionModel, depth_by_return_period: Mapping[float, Any]) -> tuple[SeamKilometre, ...]:
    """Disagreement of two sides' flood depth by kilometre of national border, worst first.

    Two cells are a pair when they share an edge (or are the same cell, cut by the border) and one belongs
    to a member of one country, the other to a member of another. Each kilometre tells the mean difference of
    depth over pairs and return periods, the share of them with water on one side only, and how many times
    rarer one side calls the depth that the other has (geometric mean; depths interpolated over the logarithm
    of the return period; NaN where no depth lies within the other side's range).

    Parameters
    ----------
    depth_by_return_period : return period in years -> depth in m
        A pandas Series by (member, cell), where each side has a map of its own (a cell absent there is
        dry, a return period between two of its maps is interpolated), or by cell, where one method gives
        both sides (a cell absent or NaN there is 'not modelled' and left out).

    Returns
    -------
    Score = mean depth difference in m + extent disagreement (a share, 0 to 1): half a metre of difference
    weighs as much as half the pairs wet on one side only.
    """
    sides = _sides(model)
    found: list[SeamKilometre] = []
    periods = sorted(depth_by_return_period)
    if not periods:
        return ()
    for a, b in _foreign_pairs(model):
        left, right = _touching(sides[a], sides[b])
        if not len(left):
            continue
        if not (_has_own_map(depth_by_return_period, a) or _has_own_map(depth_by_return_period, b)):
            apart = sides[a].cells[left] != sides[b].cells[right]  # one method says one thing about one cell
            left, right = left[apart], right[apart]
        depth_a = _depths(depth_by_return_period, periods, a, sides[a].cells[left])
        depth_b = _depths(depth_by_return_period, periods, b, sides[b].cells[right])
        known = (np.isfinite(depth_a) & np.isfinite(depth_b)).any(axis=0)
        if not known.any():
            continue
        x = (sides[a].x[left] + sides[b].x[right])[known] / 2.0
        y = (sides[a].y[left] + sides[b].y[right])[known] / 2.0
        kilometre = _kilometre(model, a, b, x, y)
        found.extend(
            _measure((a, b), kilometre, x, y, depth_a[:, known], depth_b[:, known], np.array(periods))
        )
    return tuple(sorted(found, key=lambda seam: (-seam.score, seam.pair, seam.kilometre)))


class _Side:
    """The cells of one member: index on the grid, name, centre."""

    def __init__(self, table: Any, size: float) -> None:
        once = table.drop_duplicates("cell")
        self.x, self.y = once["x"].to_numpy(float), once["y"].to_numpy(float)
        self.cells = once["cell"].to_numpy(dtype=object)
        self.column = np.floor(self.x / size).astype(np.int64)
        self.row = np.floor(self.y / size).astype(np.int64)


def _sides(model: RegionModel) -> dict[str, _Side]:
    cells = model.tables["cells"]
    size = model.settings.cell_size_m
    return {m.id: _Side(cells[cells["member"] == m.id], size) for m in model.members}


def _foreign_pairs(model: RegionModel) -> list[tuple[str, str]]:
    members = model.members
    return [(a.id, b.id) for i, a in enumerate(members) for b in members[i + 1 :] if a.country != b.country]


def _touching(a: _Side, b: _Side) -> tuple[IntArray, IntArray]:
    """Positions of cell pairs that share an edge or are one cell."""
    if not len(a.column) or not len(b.column):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    low = min(a.column.min(), b.column.min()) - 1
    span = max(a.column.max(), b.column.max()) - low + 2

    def key(column: IntArray, row: IntArray) -> IntArray:
        return np.asarray(row * span + (column - low), dtype=np.int64)

    keys_b = key(b.column, b.row)
    order = np.argsort(keys_b)
    ordered = keys_b[order]
    lefts, rights = [], []
    for dc, dr in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
        wanted = key(a.column + dc, a.row + dr)
        place = np.searchsorted(ordered, wanted)
        place = np.minimum(place, len(ordered) - 1)
        hit = ordered[place] == wanted
        lefts.append(np.flatnonzero(hit))
        rights.append(order[place[hit]])
    return np.concatenate(lefts), np.concatenate(rights)


def _depths(
    maps: Mapping[float, Any], periods: list[float], member: str, cells: NDArray[np.object_]
) -> FloatArray:
    """(period, pair) depth in m; NaN where the side says nothing.

    A member's own map leaves dry cells out, so they are 0 there; return periods it has no map for are
    interpolated over the logarithm of the return period between its own, and NaN outside them.
    """
    own = [_of_member(maps[period], member) for period in periods]
    listed = np.array([series.reindex(cells).to_numpy(float) for series, _ in own])
    mapped = np.array([official for _, official in own])
    if not mapped.any():
        return listed
    depth = np.full(listed.shape, np.nan)
    depth[mapped] = np.nan_to_num(listed[mapped])
    log_t = np.log(np.array(periods))
    known = np.flatnonzero(mapped)
    for k in np.flatnonzero(~mapped):
        high = int(np.searchsorted(known, k))
        if 0 < high < len(known):
            i, j = known[high - 1], known[high]
            share = (log_t[k] - log_t[i]) / (log_t[j] - log_t[i])
            depth[k] = (1.0 - share) * depth[i] + share * depth[j]
    return depth


def _of_member(series: Any, member: str) -> tuple[Any, bool]:
    """The part of a depth series that speaks for a member, and whether it is the member's own map."""
    import pandas as pd

    if isinstance(series.index, pd.MultiIndex):
        if member in series.index.get_level_values(0):
            return series.xs(member, level=0), True
        return pd.Series(dtype=float), False
    return series, False


def _has_own_map(maps: Mapping[float, Any], member: str) -> bool:
    return any(_of_member(series, member)[1] for series in maps.values())


def _kilometre(model: RegionModel, a: str, b: str, x: FloatArray, y: FloatArray) -> IntArray:
    """Kilometre of border each pair lies at, counted along the common line from its western end."""
    import shapely

    line = border_line(model, a, b)
    if line is None or line.is_empty:
        order = np.hypot(x - x.min(), y - y.min())
        return np.asarray(order // 1000.0, dtype=np.int64)
    parts = sorted(shapely.get_parts(line), key=lambda part: (part.bounds[0], part.bounds[1]))
    starts = np.concatenate([[0.0], np.cumsum([part.length for part in parts])[:-1]])
    points = shapely.points(x, y)
    distance = np.array([shapely.distance(part, points) for part in parts])
    nearest = distance.argmin(axis=0)
    along = starts[nearest]
    for i, part in enumerate(parts):
        here = nearest == i
        if here.any():
            along[here] += shapely.line_locate_point(part, points[here])
    return np.asarray(along // 1000.0, dtype=np.int64)


def border_line(model: RegionModel, a: str, b: str) -> Any:
    """Line work of member a's outline within half a cell of member b's; None without outlines."""
    import shapely

    if "municipalities" not in model.tables:
        return None
    table = model.tables["municipalities"]
    outlines = [shapely.union_all(table.geometry[table["member"] == m].to_numpy()) for m in (a, b)]
    near = shapely.buffer(outlines[1], model.settings.cell_size_m / 2.0)
    line = shapely.intersection(shapely.boundary(outlines[0]), near)
    lines = [part for part in shapely.get_parts(line) if part.geom_type in ("LineString", "LinearRing")]
    return shapely.line_merge(shapely.MultiLineString(lines)) if lines else None


def _measure(
    pair: tuple[str, str],
    kilometre: IntArray,
    x: FloatArray,
    y: FloatArray,
    depth_a: FloatArray,
    depth_b: FloatArray,
    periods: FloatArray,
) -> list[SeamKilometre]:
    """Group the pairs by kilometre."""
    difference = np.nanmean(np.abs(depth_a - depth_b), axis=0)
    both = np.isfinite(depth_a) & np.isfinite(depth_b)
    one_sided = (((depth_a > WET_M) != (depth_b > WET_M)) & both).sum(axis=0) / both.sum(axis=0)
    log_ratio = _log_ratio(depth_a, depth_b, periods)
    names, where = np.unique(kilometre, return_inverse=True)
    count = np.bincount(where)
    wet = np.bincount(where, ((depth_a > WET_M) | (depth_b > WET_M)).any(axis=0))
    comparable = np.isfinite(log_ratio)
    ratios = np.bincount(where[comparable], log_ratio[comparable], len(names))
    known = np.bincount(where[comparable], minlength=len(names))
    rows = []
    for i, name in enumerate(names):
        if wet[i] == 0.0:
            continue  # dry on both sides in every return period: nothing to compare
        depth = float(np.bincount(where, difference)[i] / count[i])
        extent = float(np.bincount(where, one_sided)[i] / count[i])
        rows.append(
            SeamKilometre(
                pair=pair,
                kilometre=int(name),
                x=float(np.bincount(where, x)[i] / count[i]),
                y=float(np.bincount(where, y)[i] / count[i]),
                cell_pairs=int(count[i]),
                depth_difference_m=depth,
                extent_disagreement=extent,
                return_period_ratio=float(np.exp(ratios[i] / known[i])) if known[i] else float("nan"),
                score=depth + extent,
            )
        )
    return rows


def _log_ratio(depth_a: FloatArray, depth_b: FloatArray, periods: FloatArray) -> FloatArray:
    """(pair,) mean |log(T / T')|: one side reaches at T' the depth the other has at T."""
    total = np.zeros(depth_a.shape[1])
    count = np.zeros(depth_a.shape[1])
    log_t = np.log(periods)
    for here, there in ((depth_a, depth_b), (depth_b, depth_a)):
        speaks = np.isfinite(there).any(axis=1)  # return periods the other side speaks of
        there, log_there = there[speaks], log_t[speaks]
        for k in range(len(periods)):
            other = _reached(here[k], there, log_there)
            ok = np.isfinite(other) & (here[k] > WET_M)
            total[ok] += np.abs(other[ok] - log_t[k])
            count[ok] += 1
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _reached(depth: FloatArray, there: FloatArray, log_t: FloatArray) -> FloatArray:
    """(pair,) log of the return period at which ``there`` (period, pair) reaches ``depth``, or NaN."""
    found = np.full(depth.shape, np.nan)
    for k in range(len(log_t) - 1):
        low, high = there[k], there[k + 1]
        hit = np.isnan(found) & (low <= depth) & (depth <= high) & (high > low)
        share = np.where(hit, (depth - low) / np.where(high > low, high - low, 1.0), 0.0)
        found = np.where(hit, log_t[k] + share * (log_t[k + 1] - log_t[k]), found)
    return found
