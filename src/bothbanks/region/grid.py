"""The grid of account: square cells in the CRS of account, named as the INSPIRE grid names them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_ID = re.compile(r"(\d+)(k?m)N(-?\d+)E(-?\d+)")


@dataclass(frozen=True)
class Grid:
    """Cells of ``size`` metres whose corners are multiples of ``size``.

    Cell ids follow the INSPIRE grid (D2.8.I.2, section on the grid coding system): size, then the
    northing and easting of the lower left corner in units of the cell size.

    >>> Grid(1000.0).ids(np.array([4028]), np.array([3102]))[0]
    '1kmN3102E4028'
    """

    size: float

    @property
    def label(self) -> str:
        """'1km', '250m'."""
        size = round(self.size)
        return f"{size // 1000}km" if size % 1000 == 0 else f"{size}m"

    def index(self, x: FloatArray, y: FloatArray) -> tuple[IntArray, IntArray]:
        """Column and row of the cell each point lies in; points must be finite."""
        return np.floor(x / self.size).astype(np.int64), np.floor(y / self.size).astype(np.int64)

    def centre(
        self, column: IntArray | FloatArray, row: IntArray | FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Coordinates of the centres, metres."""
        return np.asarray((column + 0.5) * self.size, float), np.asarray((row + 0.5) * self.size, float)

    def ids(self, column: IntArray, row: IntArray) -> NDArray[np.object_]:
        """Names of the cells."""
        pairs = np.stack([np.asarray(column, np.int64), np.asarray(row, np.int64)], axis=1)
        once, where = np.unique(pairs, axis=0, return_inverse=True)
        names = np.array([f"{self.label}N{row}E{column}" for column, row in once], dtype=object)
        return names[where.reshape(-1)] if len(names) else np.empty(0, dtype=object)

    def parse(self, names: Any) -> tuple[FloatArray, FloatArray]:
        """Column and row of cells by name, NaN where a name is none of this grid."""
        column, row = np.full(len(names), np.nan), np.full(len(names), np.nan)
        for i, name in enumerate(names):
            match = _ID.fullmatch(str(name).strip())
            if match and f"{match[1]}{match[2]}" == self.label:
                row[i], column[i] = float(match[3]), float(match[4])
        return column, row
