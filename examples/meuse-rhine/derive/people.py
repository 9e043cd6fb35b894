"""Spread each municipality's people over its pixels, then count them by cell.

15 % evenly, 85 % around places with weight population x exp(-d / l), l = 0.6 km
(population / 5000) ** 0.4. The shares and the length are assumed; the municipal total is
kept exactly. Some sources list a town with the figure of its whole municipality; the
villages listed beside it are then taken off the town, but never below 30 % of its figure.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from layout import ACCOUNT_CRS, Grid

EVEN_SHARE = 0.15
LENGTH_KM = 0.6
LENGTH_EXPONENT = 0.4
WHOLE_TOWN_SHARE = 0.55
FLOOR_SHARE = 0.30


def read_places(path: str, frame: gpd.GeoDataFrame, label: np.ndarray, grid: Grid) -> pd.DataFrame:
    """Places with people inside the members: name, population, x, y, municipality number."""
    raw = pd.read_csv(path, keep_default_na=False)
    raw = raw[raw.population > 0]
    points = gpd.GeoSeries.from_xy(raw.longitude, raw.latitude, crs="EPSG:4326").to_crs(ACCOUNT_CRS)
    x, y = points.x.to_numpy(), points.y.to_numpy()
    h, w = grid.pixel_shape
    col = np.floor((x - grid.x0) / 250).astype(int)
    row = h - 1 - np.floor((y - grid.y0) / 250).astype(int)
    inside = (col >= 0) & (col < w) & (row >= 0) & (row < h)
    municipality = np.where(inside, label[row.clip(0, h - 1), col.clip(0, w - 1)], -1)
    out = pd.DataFrame(
        {
            "geonameid": raw.geonameid.to_numpy(),
            "name": raw.name.to_numpy(),
            "population": raw.population.to_numpy(),
            "x": x,
            "y": y,
            "municipality": municipality,
        }
    )
    return out[out.municipality >= 0].sort_values("geonameid").reset_index(drop=True)


def place_weights(population: np.ndarray, total: int) -> np.ndarray:
    """Weights of a municipality's places, the town's own figure corrected for its villages."""
    weight = population.astype(float)
    top = int(np.argmax(weight))
    if len(weight) > 1 and weight[top] >= WHOLE_TOWN_SHARE * total:
        weight[top] = max(weight[top] - (weight.sum() - weight[top]), FLOOR_SHARE * weight[top])
    return weight


def spread(frame: gpd.GeoDataFrame, label: np.ndarray, places: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """People and area by cell and municipality.

    Returns columns cell (number), municipality (number), population (whole persons),
    pixels (of 16). The populations of a municipality add up to its total exactly.
    """
    px, py = grid.pixel_centres()
    rows = []
    for i, total in enumerate(frame.population):
        mask = label == i
        x, y = px[mask], py[mask]
        if not len(x):
            raise ValueError(f"{frame.name.iloc[i]} has no pixel")
        density = np.full(len(x), EVEN_SHARE / len(x))
        own = places[places.municipality == i]
        if len(own):
            weight = place_weights(own.population.to_numpy(), int(total))
            around = np.zeros(len(x))
            for w, a, b in zip(weight, own.x, own.y, strict=True):
                length = 1000 * LENGTH_KM * (w / 5000) ** LENGTH_EXPONENT
                kernel = np.exp(-np.hypot(x - a, y - b) / length)
                around += w * kernel / kernel.sum()
            density += (1 - EVEN_SHARE) * around / around.sum()
        else:
            density /= EVEN_SHARE
        cell = grid.cell_index(x, y)
        by_cell = pd.DataFrame({"cell": cell, "people": density * total, "pixels": 1}).groupby("cell").sum()
        whole = _whole_numbers(by_cell.people.to_numpy(), int(total))
        rows.append(
            pd.DataFrame(
                {
                    "cell": by_cell.index.to_numpy(),
                    "municipality": i,
                    "population": whole,
                    "pixels": by_cell.pixels.to_numpy(),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _whole_numbers(value: np.ndarray, total: int) -> np.ndarray:
    """Round by largest remainder so that the sum is ``total``."""
    value = value * (total / value.sum()) if total else value * 0
    floor = np.floor(value).astype(np.int64)
    rest = total - int(floor.sum())
    order = np.lexsort((np.arange(len(value)), -(value - floor)))
    floor[order[:rest]] += 1
    return floor
