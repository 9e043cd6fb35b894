"""Slope, rivers and floodplain on the 1 km grid, from the 30 arc-second grids.

Upstream area is read from the file computed on the whole basin; it is never recomputed on
the crop, where the Meuse, Ourthe, Amblève and Rur enter over the edge. Heights are of no
stated datum, so only differences are used ('relative only').
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import rasterio
import shapely
from layout import ACCOUNT_CRS, CELL_M, Grid
from pyproj import Transformer

MIN_AREA_KM2 = 20.0
MAIN_STEM_KM2 = 10_000.0
NEIGHBOUR_HEIGHT_M = 12.0  # kept a little beyond the 8 m of the base case, so that it can be varied
NODATA_D8 = 247
STEPS = {1: (0, 1), 2: (1, 1), 4: (1, 0), 8: (1, -1), 16: (0, -1), 32: (-1, -1), 64: (-1, 0), 128: (-1, 1)}

# The last cell of each tributary before it meets a larger river, as (row, column) of the
# 30" grid; found by following the flow directions, not by nearness to a drawn line.
MOUTHS = {
    "ourthe": (75, 52),
    "ambleve": (92, 53),
    "vesdre": (76, 56),
    "geul": (41, 67),
    "gele": (12, 87),
    "geer": (54, 64),
    "berwinne": (59, 65),
    "rur": (3, 100),
    "inde": (42, 145),
    "wurm": (19, 115),
}


@dataclass(frozen=True)
class Rasters:
    """The three 30" grids and the place of their cell centres in the CRS of account."""

    height: np.ndarray  # m, NaN where nothing is known
    direction: np.ndarray
    area: np.ndarray  # km2
    x: np.ndarray
    y: np.ndarray
    to_row_col: object  # function of x, y


def read_rasters(folder: str) -> Rasters:
    """Read elevation, flow direction and upstream area."""
    with rasterio.open(f"{folder}/elevation_30s.tif") as r:
        height = r.read(1).astype(float)
        height[height == r.nodata] = np.nan
        height[height < -100] = np.nan
        transform = r.transform
    with rasterio.open(f"{folder}/d8_flowdir_30s.tif") as r:
        direction = r.read(1)
    with rasterio.open(f"{folder}/upstream_area_km2_30s_derived.tif") as r:
        area = r.read(1).astype(float)
    area[(area < 0) | (direction == NODATA_D8)] = 0.0
    height[direction == NODATA_D8] = np.nan
    h, w = height.shape
    lon = transform.c + transform.a * (np.arange(w) + 0.5)
    lat = transform.f + transform.e * (np.arange(h) + 0.5)
    out = Transformer.from_crs("EPSG:4326", ACCOUNT_CRS, always_xy=True)
    back = Transformer.from_crs(ACCOUNT_CRS, "EPSG:4326", always_xy=True)
    x, y = out.transform(*np.meshgrid(lon, lat))

    def to_row_col(px: np.ndarray, py: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a, b = back.transform(px, py)
        col = np.floor((a - transform.c) / transform.a).astype(int)
        row = np.floor((b - transform.f) / transform.e).astype(int)
        outside = (row < 0) | (row >= h) | (col < 0) | (col >= w)
        return np.where(outside, -1, row), np.where(outside, -1, col)

    return Rasters(height, direction, area, x, y, to_row_col)


def slope(r: Rasters) -> np.ndarray:
    """Mean of |height difference| / distance to the eight neighbours, 1; NaN where unknown."""
    h, w = r.height.shape
    total, count = np.zeros((h, w)), np.zeros((h, w))
    pad = [np.pad(a, 1, constant_values=np.nan) for a in (r.height, r.x, r.y)]
    for di, dj in STEPS.values():
        z, x, y = (a[1 + di : h + 1 + di, 1 + dj : w + 1 + dj] for a in pad)
        value = np.abs(z - r.height) / np.hypot(x - r.x, y - r.y)
        known = np.isfinite(value)
        total[known] += value[known]
        count[known] += 1
    return np.where((count > 0) & np.isfinite(r.height), total / np.maximum(count, 1), np.nan)


def cell_terrain(r: Rasters, grid: Grid) -> pd.DataFrame:
    """Slope and mean height by 1 km cell; cells less than half covered are left out."""
    px, py = grid.pixel_centres()
    row, col = r.to_row_col(px.ravel(), py.ravel())
    s = np.where(row >= 0, slope(r)[row, col], np.nan)
    z = np.where(row >= 0, r.height[row, col], np.nan)
    frame = pd.DataFrame({"cell": grid.cell_index(px.ravel(), py.ravel()), "slope": s, "height": z})
    by_cell = frame.groupby("cell").agg(
        slope=("slope", "mean"), height=("height", "mean"), n=("height", "count")
    )
    return by_cell[by_cell.n >= 8].drop(columns="n").reset_index()


def downstream(r: Rasters, i: int, j: int) -> tuple[int, int] | None:
    """The cell the water of (i, j) goes to, None at a pit or the edge."""
    step = STEPS.get(int(r.direction[i, j]))
    if step is None:
        return None
    a, b = i + step[0], j + step[1]
    h, w = r.area.shape
    return (a, b) if 0 <= a < h and 0 <= b < w else None


def basins(r: Rasters) -> np.ndarray:
    """Basin name of each stream cell by the confluence its water passes first, '' elsewhere."""
    name = np.full(r.area.shape, "", dtype=object)
    mouth = {place: basin for basin, place in MOUTHS.items()}
    for i, j in np.argwhere(r.area >= MIN_AREA_KM2):
        if r.area[i, j] > MAIN_STEM_KM2:
            name[i, j] = "meuse"
            continue
        at: tuple[int, int] | None = (int(i), int(j))
        while at is not None and at not in mouth and r.area[at] <= MAIN_STEM_KM2:
            at = downstream(r, *at)
        name[i, j] = mouth.get(at, "other") if at is not None else "other"
    return name


@dataclass(frozen=True)
class Reach:
    """A stretch of stream between two confluences or member boundaries."""

    id: str
    basin: str
    cells: tuple[tuple[int, int], ...]  # 30" cells from up to down
    area: float  # km2 at the lower end
    downstream: str
    length: float  # m
    line: shapely.Geometry
    owner: int  # member index, -1 outside
    main: bool  # on the main stem of its basin


def reaches(r: Rasters, grid: Grid, member_of_cell: np.ndarray) -> list[Reach]:
    """Cut the stream network at confluences and where it passes from member to member.

    ``member_of_cell`` holds the member with most area in each 1 km cell, -1 outside.
    """
    stream = {(int(i), int(j)) for i, j in np.argwhere(r.area >= MIN_AREA_KM2)}
    basin = basins(r)
    owner = {}
    for c in stream:
        k = int(grid.cell_index(r.x[c], r.y[c]))
        owner[c] = int(member_of_cell[k]) if k >= 0 else -1
    below = {c: d for c in stream if (d := downstream(r, *c)) in stream}
    above: dict[tuple[int, int], list[tuple[int, int]]] = {c: [] for c in stream}
    for c, d in below.items():
        above[d].append(c)
    main = _main_stem(r, stream, above)
    heads = [
        c for c in stream
        if len(above[c]) != 1 or owner[above[c][0]] != owner[c] or basin[above[c][0]] != basin[c]
    ]  # fmt: skip
    chains = []
    for c in heads:
        chain = [c]
        while (d := below.get(chain[-1])) is not None:
            if len(above[d]) != 1 or owner[d] != owner[c] or basin[d] != basin[c]:
                break
            chain.append(d)
        chains.append(chain)
    chains.sort(key=lambda ch: (basin[ch[0]], -r.area[ch[-1]], ch[-1]))
    number: dict[str, int] = {}
    ids, first = [], {}
    for ch in chains:
        b = basin[ch[0]]
        number[b] = number.get(b, 0) + 1
        ids.append(f"{b}-{number[b]:03d}")
        first[ch[0]] = ids[-1]
    out = []
    for ident, ch in zip(ids, chains, strict=True):
        nxt = below.get(ch[-1])
        path = ch + ([nxt] if nxt is not None else [])
        xy = [(float(r.x[c]), float(r.y[c])) for c in path]
        line = shapely.LineString(xy) if len(xy) > 1 else shapely.Point(xy[0])
        out.append(
            Reach(
                id=ident,
                basin=str(basin[ch[0]]),
                cells=tuple(ch),
                area=float(r.area[ch[-1]]),
                downstream=first.get(nxt, "") if nxt is not None else "",
                length=float(line.length),
                line=line,
                owner=owner[ch[0]],
                main=all(c in main for c in ch),
            )
        )
    return out


def _main_stem(r: Rasters, stream: set, above: dict) -> set:
    """Cells on the largest branch upstream of each named mouth, and the Meuse."""
    out = {c for c in stream if r.area[c] > MAIN_STEM_KM2}
    for mouth in MOUTHS.values():
        at = mouth
        stops = {m for m in MOUTHS.values() if m != mouth}
        while at in stream and at not in stops:
            out.add(at)
            up = [c for c in above[at] if c not in stops]
            if not up:
                break
            at = max(up, key=lambda c: (r.area[c], c))
    return out


def floodplain(r: Rasters, grid: Grid, found: list[Reach], terrain: pd.DataFrame) -> pd.DataFrame:
    """Stream cells and their neighbours on the 1 km grid.

    Columns cell, reach, upstream_area (km2, mean along the stream in the cell), stream_length
    (m in the cell, 0 for a neighbour), height_over_reach (m; 0 on the stream, else mean height
    of the neighbour minus the height of the stream, at least 0).
    """
    pieces = []
    for reach in found:
        for c, d in zip(reach.cells, [*reach.cells[1:], None], strict=True):
            end = d if d is not None else downstream(r, *c)
            if end is None:
                continue
            n = 20
            t = (np.arange(n) + 0.5) / n
            x = r.x[c] + t * (r.x[end] - r.x[c])
            y = r.y[c] + t * (r.y[end] - r.y[c])
            step = float(np.hypot(r.x[end] - r.x[c], r.y[end] - r.y[c])) / n
            for k in grid.cell_index(x, y):
                if k >= 0:
                    pieces.append((int(k), reach.id, step, r.area[c] * step, r.height[c] * step))
    raw = pd.DataFrame(pieces, columns=["cell", "reach", "length", "area", "height"])
    on = raw.groupby(["cell", "reach"], as_index=False).sum()
    on["upstream_area"] = on.area / on.length
    on["z"] = on.height / on.length
    return _with_neighbours(on, grid, dict(zip(terrain.cell, terrain.height, strict=True)))


def _with_neighbours(on: pd.DataFrame, grid: Grid, height: dict[int, float]) -> pd.DataFrame:
    have = set(zip(on.cell, on.reach, strict=True))
    best: dict[tuple[int, str], tuple[float, float]] = {}
    for row in on.itertuples():
        for dr in (-1, 0, 1):
            for dc in (-1, 0, 1):
                k = row.cell + dr * grid.columns + dc
                if k not in height or (k, row.reach) in have:
                    continue
                over = max(0.0, height[k] - row.z)
                if over < NEIGHBOUR_HEIGHT_M and over < best.get((k, row.reach), (np.inf, 0.0))[0]:
                    best[(k, row.reach)] = (over, row.upstream_area)
    stream = pd.DataFrame(
        {"cell": on.cell, "reach": on.reach, "upstream_area": on.upstream_area, "stream_length": on.length,
         "height_over_reach": 0.0}
    )  # fmt: skip
    near = pd.DataFrame(
        [(k, reach, a, 0.0, over) for (k, reach), (over, a) in sorted(best.items())],
        columns=stream.columns,
    )
    out = pd.concat([stream, near], ignore_index=True)
    return out.sort_values(["cell", "reach"]).reset_index(drop=True)


def drawn_line(reach: Reach) -> shapely.Geometry:
    """The reach simplified for drawing, vertices on the quarter-cell grid."""
    if reach.line.geom_type != "LineString":
        return reach.line
    simple = shapely.simplify(reach.line, 400.0)
    snapped = shapely.set_precision(simple, CELL_M / 4, mode="pointwise")
    xy = [snapped.coords[0]]
    for p in snapped.coords[1:]:
        if p != xy[-1]:
            xy.append(p)
    return shapely.LineString(xy) if len(xy) > 1 else simple
