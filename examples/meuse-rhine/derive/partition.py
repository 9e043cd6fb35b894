"""One municipality a pixel: three generalised sources made into outlines that don't overlap."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from layout import PIXEL_M, Grid
from rasterio import features
from rasterio.transform import from_origin
from scipy import ndimage

_SLIVER_PIXELS = 8  # detached pieces under half a square kilometre go to their neighbours


def rasterise(frame: gpd.GeoDataFrame, grid: Grid) -> np.ndarray:
    """Municipality number of each pixel centre, -1 outside.

    The sources overlap by 23 km2 in all. Where two claim a pixel the smaller municipality
    gets it, so that no small one is eaten; narrow gaps between sources are closed.
    """
    h, _ = grid.pixel_shape
    transform = from_origin(grid.x0, grid.y0 + h * PIXEL_M, PIXEL_M, PIXEL_M)
    order = np.argsort(-frame.geometry.area.to_numpy(), kind="stable")  # last one drawn wins
    shapes = [(frame.geometry.iloc[i], int(i)) for i in order]
    label = features.rasterize(shapes, grid.pixel_shape, fill=-1, transform=transform, dtype="int32")
    label = _without_slivers(label, len(frame))
    for _ in range(4):
        label = _close_gaps(label)
    return label


def _without_slivers(label: np.ndarray, count: int) -> np.ndarray:
    out = label.copy()
    for i in range(count):
        parts, n = ndimage.label(label == i)
        if n > 1:
            size = ndimage.sum_labels(np.ones_like(parts), parts, np.arange(1, n + 1))
            for k in np.flatnonzero((size < _SLIVER_PIXELS) & (size < size.max())):
                out[parts == k + 1] = -1
    return out


def _close_gaps(label: np.ndarray) -> np.ndarray:
    """Give an empty pixel with five labelled neighbours of eight the commonest of them."""
    padded = np.pad(label, 1, constant_values=-1)
    around = np.stack(
        [
            padded[1 + di : padded.shape[0] - 1 + di, 1 + dj : padded.shape[1] - 1 + dj]
            for di in (-1, 0, 1)
            for dj in (-1, 0, 1)
            if di or dj
        ]
    )
    out = label.copy()
    for i, j in np.argwhere((label < 0) & ((around >= 0).sum(axis=0) >= 5)):
        near = around[:, i, j]
        values, counts = np.unique(near[near >= 0], return_counts=True)
        out[i, j] = values[np.argmax(counts)]
    return out


def outlines(label: np.ndarray, grid: Grid, count: int, tolerance_m: float = 250.0) -> list[shapely.Geometry]:
    """Simplified outline of each municipality; vertices on the 250 m grid, no overlaps, no gaps.

    The pixels are dissolved and simplified as one coverage (Visvalingam-Whyatt on shared
    edges), so two neighbours keep the same boundary.
    """
    h, _ = grid.pixel_shape
    transform = from_origin(grid.x0, grid.y0 + h * PIXEL_M, PIXEL_M, PIXEL_M)
    parts: list[list[shapely.Geometry]] = [[] for _ in range(count)]
    for geometry, value in features.shapes(label.astype("int32"), mask=label >= 0, transform=transform):
        parts[int(value)].append(shapely.geometry.shape(geometry))
    # a vertex at every pixel corner, so that neighbours share all of theirs
    whole = [shapely.segmentize(shapely.union_all(p), PIXEL_M) for p in parts]
    simple = shapely.coverage_simplify(np.array(whole), tolerance_m)
    if not shapely.coverage_is_valid(simple):
        raise ValueError("simplified outlines overlap")
    return [shapely.normalize(g) for g in simple]
