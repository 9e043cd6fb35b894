"""Rain maxima, summer temperatures and storm gusts from the supplied series and footprints."""

from __future__ import annotations

import netCDF4
import numpy as np
import pandas as pd
from layout import ACCOUNT_CRS, Grid
from pyproj import Transformer

DURATIONS = (1, 2, 3, 10)
MIN_DAYS = 330
STORMS = {"lothar": "wisc_lothar.nc", "xynthia": "wisc_xynthia.nc"}


def rain_maxima(path: str) -> pd.DataFrame:
    """Annual maxima of rain over 1, 2, 3 and 10 days: year, duration_days, depth (mm), days_observed.

    The years 1915-1929 are missing as rows, so the series is laid out by date first; a sum
    holding a missing day is missing. A sum belongs to the year of its last day. Years with
    fewer than 330 observed days are left out.
    """
    raw = pd.read_csv(path, parse_dates=["Date"])
    days = pd.date_range(raw.Date.min(), raw.Date.max(), freq="D")
    daily = raw.set_index("Date").cumPrec.reindex(days)
    if (daily < 0).any():
        raise ValueError("negative rain")
    observed = daily.notna().groupby(daily.index.year).sum()
    rows = []
    for duration in DURATIONS:
        total = daily.rolling(duration, min_periods=duration).sum()
        peak = total.groupby(total.index.year).max()
        for year, depth in peak.items():
            if observed[year] >= MIN_DAYS and np.isfinite(depth):
                rows.append((int(year), duration, round(float(depth), 1), int(observed[year])))
    return pd.DataFrame(rows, columns=["year", "duration_days", "depth", "days_observed"])


def daily_tmax(path: str) -> pd.DataFrame:
    """Daily maximum temperature at Aachen, summers 1930-2010: date, tmax (degC)."""
    raw = pd.read_csv(path)
    out = raw[["date", "tmax_aachen"]].dropna().rename(columns={"tmax_aachen": "tmax"})
    return out.sort_values("date").reset_index(drop=True)


def gusts(folder: str, grid: Grid, cells: np.ndarray) -> pd.DataFrame:
    """Peak gust of each storm at the centres of the cells: cell, storm, gust (m/s).

    Interpolated linearly in the 4.4 km footprint; south of 50.5 N, where the file ends, the
    last row of the footprint is used.
    """
    x, y = grid.centre(cells)
    lon, lat = Transformer.from_crs(ACCOUNT_CRS, "EPSG:4326", always_xy=True).transform(x, y)
    frames = []
    for storm, file in STORMS.items():
        with netCDF4.Dataset(f"{folder}/{file}") as d:
            la = np.asarray(d["latitude"][:], dtype=float)
            lo = np.asarray(d["longitude"][:], dtype=float)
            v = np.ma.filled(d["max_wind_gust"][0].astype(float), np.nan)
        if la[0] > la[-1]:
            la, v = la[::-1], v[::-1]
        value = _bilinear(la, lo, v, lat, lon)
        if not np.isfinite(value).all():
            raise ValueError(f"{file} has no value at some cells")
        frames.append(pd.DataFrame({"cell": cells, "storm": storm, "gust": value}))
    return pd.concat(frames, ignore_index=True)


def _bilinear(la: np.ndarray, lo: np.ndarray, v: np.ndarray, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    fi = np.clip((lat - la[0]) / (la[1] - la[0]), 0, len(la) - 1)
    fj = np.clip((lon - lo[0]) / (lo[1] - lo[0]), 0, len(lo) - 1)
    i = np.minimum(fi.astype(int), len(la) - 2)
    j = np.minimum(fj.astype(int), len(lo) - 2)
    a, b = fi - i, fj - j
    return (
        v[i, j] * (1 - a) * (1 - b)
        + v[i + 1, j] * a * (1 - b)
        + v[i, j + 1] * (1 - a) * b
        + v[i + 1, j + 1] * a * b
    )
