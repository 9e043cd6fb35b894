"""Lay rasters and polygons on the grid of account."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.region.grid import Grid
from bothbanks.region.kinds import LayerKind
from bothbanks.region.problems import short
from bothbanks.region.reading import UnreadableFile, check_signature
from bothbanks.region.schema import SourceSettings
from bothbanks.words.places import known_crs, projection

FloatArray = NDArray[np.float64]
_BLOCK = 1024


@dataclass(frozen=True)
class Gridded:
    """Values by cell of the grid of account."""

    column: NDArray[np.int64]
    row: NDArray[np.int64]
    value: FloatArray  # (cell,) mean or sum, or mean depth on the wet part
    wet_share: FloatArray  # (cell,) only for 'water': share of the cell under water
    pixels: int
    pixel_m: float


def raster_to_cells(
    path: Path, source: SourceSettings, kind: LayerKind, grid: Grid, crs_account: str
) -> Gridded:
    """Pixels gathered by the cell their centre lies in, block by block.

    'mean': mean of the pixels with data; 'sum': their sum; 'water': mean of those deeper than 0, with the
    wet area over the cell's area. Pixels of no data are dry or not modelled and count for nothing.

    Raises
    ------
    UnreadableFile
        No raster, truncated, no CRS or another one than stated, or pixels coarser than the cells.
    """
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.windows import Window

    check_signature(path)
    name = f"netcdf:{path}:{source.layer}" if path.suffix.lower() == ".nc" and source.layer else str(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with rasterio.open(name) as data:
                _check_raster(data, source)
                crs = source.crs or data.crs.to_string()
                way = projection(crs, crs_account)
                pixel_area = _pixel_area(data, way)
                if np.sqrt(pixel_area) > grid.size * 1.01:
                    raise UnreadableFile(
                        f"pixels of {np.sqrt(pixel_area):.0f} m",
                        f"{grid.size:.0f} m or finer",
                        "region.resolution",
                    )
                parts = []
                pixels = 0
                for top in range(0, data.height, _BLOCK):
                    for left in range(0, data.width, _BLOCK):
                        window = Window(
                            left, top, min(_BLOCK, data.width - left), min(_BLOCK, data.height - top)
                        )
                        part, count = _block(data, window, way, grid, kind)
                        parts.append(part)
                        pixels += count
    except RasterioError as error:
        raise UnreadableFile(
            f"a raster GDAL can't read ({short(str(error))})", "a whole raster", "region.truncated"
        ) from None
    sums = _merged(parts)
    counts = sums[:, 3]
    value = sums[:, 2] if kind.raster_rule == "sum" else sums[:, 2] / np.maximum(counts, 1.0)
    wet = np.minimum(counts * pixel_area / grid.size**2, 1.0)
    return Gridded(
        sums[:, 0].astype(np.int64),
        sums[:, 1].astype(np.int64),
        value,
        wet,
        pixels,
        float(np.sqrt(pixel_area)),
    )


def _check_raster(data: Any, source: SourceSettings) -> None:
    if data.count < 1:
        names = ", ".join(data.subdatasets) or "none"
        raise UnreadableFile(
            "no band", f"layer = one of the variables: {names}", "region.layer", field="layer"
        )
    if data.crs is None and not source.crs:
        raise UnreadableFile("a raster without CRS", "crs in member.toml", "region.crs", field="crs")
    if (
        data.crs is not None
        and source.crs
        and not known_crs(data.crs.to_wkt()).equals(known_crs(source.crs), ignore_axis_order=True)
    ):
        raise UnreadableFile(
            f"a raster in {short(data.crs.to_string())}",
            f"{source.crs}, as member.toml says",
            "region.crs",
            field="crs",
        )


def _pixel_area(data: Any, way: Any) -> float:
    """Area of the middle pixel, m2 in the CRS of account (shoelace of its corners)."""
    column, row = data.width // 2, data.height // 2
    t = data.transform
    px, py = column + np.array([0.0, 1.0, 1.0, 0.0]), row + np.array([0.0, 0.0, 1.0, 1.0])
    x, y = way.apply(t.a * px + t.b * py + t.c, t.d * px + t.e * py + t.f)
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0)


def _block(data: Any, window: Any, way: Any, grid: Grid, kind: LayerKind) -> tuple[FloatArray, int]:
    band = data.read(1, window=window, masked=True).astype(float)
    values = np.ma.filled(band, np.nan)
    keep = np.isfinite(values)
    count = int(keep.sum())
    if kind.raster_rule == "water":
        if (values[keep] < 0.0).any():
            worst = float(values[keep].min())
            raise UnreadableFile(
                f"a depth of {worst:g}",
                "depths of 0 or more, or a declared nodata value",
                "region.value",
                field=kind.raster_value,
            )
        keep &= values > 0.0
    rows, columns = np.nonzero(keep)
    if not len(rows):
        return np.empty((0, 4)), count
    t = data.transform
    px, py = columns + window.col_off + 0.5, rows + window.row_off + 0.5
    x, y = way.apply(t.a * px + t.b * py + t.c, t.d * px + t.e * py + t.f)
    finite = np.isfinite(x) & np.isfinite(y)
    column, row = grid.index(x[finite], y[finite])
    chosen = values[rows, columns][finite]
    return _merged([np.stack([column, row, chosen, np.ones(len(chosen))], axis=1)]), count


def _merged(parts: list[FloatArray]) -> FloatArray:
    """Add up rows (column, row, sum, count) of the same cell."""
    every = np.concatenate(parts) if parts else np.empty((0, 4))
    if not len(every):
        return every
    cells, where = np.unique(every[:, :2], axis=0, return_inverse=True)
    where = where.reshape(-1)
    total = np.bincount(where, every[:, 2], len(cells))
    count = np.bincount(where, every[:, 3], len(cells))
    return np.column_stack([cells, total, count])


def polygons_to_cells(geometry: NDArray[np.object_], depth: FloatArray, grid: Grid) -> Gridded:
    """Polygons of equal depth laid on the grid: area-weighted depth, wet area over cell area.

    Polygons are in the CRS of account. Those of one return period should not overlap; where they do, the
    wet share stays at most 1.
    """
    import shapely

    parts = []
    for shape, value in zip(geometry, depth, strict=True):
        if value <= 0.0:
            continue
        west, south, east, north = shape.bounds
        (c0, c1), (r0, r1) = grid.index(np.array([west, east]), np.array([south, north]))
        columns, rows = (part.ravel() for part in np.meshgrid(np.arange(c0, c1 + 1), np.arange(r0, r1 + 1)))
        boxes = shapely.box(
            columns * grid.size, rows * grid.size, (columns + 1) * grid.size, (rows + 1) * grid.size
        )
        area = shapely.area(shapely.intersection(boxes, shape))
        hit = area > 0.0
        parts.append(np.column_stack([columns[hit], rows[hit], area[hit] * value, area[hit]]))
    sums = _merged(parts)
    if not len(sums):
        empty = np.empty(0)
        return Gridded(empty.astype(np.int64), empty.astype(np.int64), empty, empty, len(geometry), grid.size)
    wet = np.minimum(sums[:, 3] / grid.size**2, 1.0)
    return Gridded(
        sums[:, 0].astype(np.int64),
        sums[:, 1].astype(np.int64),
        sums[:, 2] / sums[:, 3],
        wet,
        len(geometry),
        grid.size,
    )
