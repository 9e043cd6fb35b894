"""Which municipalities make up which member, and the region's reference grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

ACCOUNT_CRS = "EPSG:3035"  # European reference grid (INSPIRE ETRS89-LAEA)
CELL_M = 1000
PIXEL_M = 250  # the outlines and the spreading of people use a quarter of a cell

MEMBERS = ("lie", "ver", "ost", "bli", "mhl", "pks", "aac", "duh")
NATIONAL_CRS = {
    "lie": "EPSG:31370",
    "ver": "EPSG:31370",
    "ost": "EPSG:31370",
    "bli": "EPSG:3812",
    "mhl": "EPSG:28992",
    "pks": "EPSG:28992",
    "aac": "EPSG:25832",
    "duh": "EPSG:25832",
}
_GERMAN_SPEAKING = {"BE-63023", "BE-63061", "BE-63040", "BE-63048"}  # Eupen, Raeren, Kelmis, Lontzen
_PARKSTAD = {
    "NL-GM0881", "NL-GM0882", "NL-GM0899", "NL-GM0917", "NL-GM0928",
    "NL-GM0951", "NL-GM0962", "NL-GM0965", "NL-GM0986",
}  # fmt: skip

# The file has no figure for two German municipalities, and for a third only that of the
# village of the same name. These come from pages that quote the statistical office IT.NRW.
POPULATION_FACTS = {
    "DE-05334028": (15404, 2019, "IT.NRW 31.12.2019, quoted by Eifeler Zeitung (spd-simmerath.de/?p=13130)"),
    "DE-05358016": (8700, 2019, "IT.NRW 31.12.2019, quoted by Wikipedia, Hürtgenwald"),
    "DE-05370024": (10253, 2020, "IT.NRW 31.12.2020, quoted by Wikipedia, Selfkant"),
}


def member_of(code: str, province: str) -> str:
    """The member a municipality belongs to, by its code and province."""
    if code in _GERMAN_SPEAKING:
        return "ost"
    if code.startswith("BE-63"):
        return "ver"
    if code.startswith("BE-7"):
        return "bli"
    if code.startswith("BE-6"):
        return "lie"
    if code.startswith("NL-"):
        return "pks" if code in _PARKSTAD else "mhl"
    if code.startswith("DE-05334"):
        return "aac"
    if code.startswith(("DE-05358", "DE-05370")):
        return "duh"
    raise ValueError(f"municipality {code} ({province}) belongs to no member")


def read_municipalities(path: str) -> gpd.GeoDataFrame:
    """Municipalities in the CRS of account, with member, population, year and a note."""
    frame = gpd.read_file(path).to_crs(ACCOUNT_CRS)
    frame["member"] = [member_of(c, str(p)) for c, p in zip(frame.muni_id, frame.nuts_hint, strict=True)]
    note = []
    for i, row in frame.iterrows():
        fact = POPULATION_FACTS.get(row.muni_id)
        if fact:
            frame.loc[i, "population"], frame.loc[i, "pop_year"] = fact[0], fact[1]
            note.append(fact[2])
        elif row.country == "DE":
            note.append("GeoNames figure of the town of the same name; year not stated")
        else:
            note.append(row.pop_source)
    frame["population_note"] = note
    missing = frame[frame.population.isna()]
    if len(missing):
        raise ValueError(f"no population for {', '.join(missing.name)}")
    frame["population"] = frame.population.round().astype(np.int64)
    return frame.sort_values("muni_id").reset_index(drop=True)


@dataclass(frozen=True)
class Grid:
    """A block of the European reference grid, whole cells, lower left corner at (x0, y0)."""

    x0: int
    y0: int
    columns: int  # cells
    rows: int

    @property
    def pixel_shape(self) -> tuple[int, int]:
        """Rows and columns of the quarter-cell raster; row 0 is the northernmost."""
        k = CELL_M // PIXEL_M
        return self.rows * k, self.columns * k

    def pixel_centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates of the pixel centres, each of ``pixel_shape``, metres."""
        h, w = self.pixel_shape
        x = self.x0 + PIXEL_M * (np.arange(w) + 0.5)
        y = self.y0 + PIXEL_M * (h - np.arange(h) - 0.5)
        return np.meshgrid(x, y)

    def cell_index(self, x: Any, y: Any) -> np.ndarray:
        """Cell number of points (row from the south times columns plus column), -1 outside."""
        c = np.floor((np.asarray(x) - self.x0) / CELL_M).astype(np.int64)
        r = np.floor((np.asarray(y) - self.y0) / CELL_M).astype(np.int64)
        inside = (c >= 0) & (c < self.columns) & (r >= 0) & (r < self.rows)
        return np.where(inside, r * self.columns + c, -1)

    def centre(self, index: Any) -> tuple[np.ndarray, np.ndarray]:
        """Centre of cells by number."""
        i = np.asarray(index)
        return (
            self.x0 + CELL_M * (i % self.columns + 0.5),
            self.y0 + CELL_M * (i // self.columns + 0.5),
        )


def grid_for(frame: gpd.GeoDataFrame, margin_cells: int = 3) -> Grid:
    """The whole-cell block around all municipalities."""
    a, b, c, d = frame.total_bounds
    x0 = (int(a // CELL_M) - margin_cells) * CELL_M
    y0 = (int(b // CELL_M) - margin_cells) * CELL_M
    columns = int(c // CELL_M) + margin_cells + 1 - x0 // CELL_M
    rows = int(d // CELL_M) + margin_cells + 1 - y0 // CELL_M
    return Grid(x0, y0, columns, rows)
