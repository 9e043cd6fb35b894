"""Coarser places, figures and times: squares of a stated grid, multiples of a stated step, a stated delay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
DateArray = NDArray[np.datetime64]

DATE_STEPS = {"day": "D", "month": "M", "year": "Y"}


@dataclass(frozen=True)
class Squares:
    """The squares of a grid that some places fall into, each once, from south-west to north-east."""

    side_m: int
    west_m: FloatArray  # (square,)
    south_m: FloatArray  # (square,)
    of_place: IntArray  # (place,)

    @property
    def centres(self) -> tuple[FloatArray, FloatArray]:
        """Easting and northing of each square's centre, m."""
        return self.west_m + self.side_m / 2, self.south_m + self.side_m / 2

    def summed(self, values: FloatArray) -> FloatArray:
        """The places' values added up by square; a missing value counts as nothing."""
        out = np.zeros(len(self.west_m))
        np.add.at(out, self.of_place, np.nan_to_num(values))
        return out

    def averaged(self, values: FloatArray) -> FloatArray:
        """The mean of the values that are there; NaN for a square without any."""
        number = self.summed(np.isfinite(values).astype(float))
        out = np.full(len(number), np.nan)
        np.divide(self.summed(values), number, out=out, where=number > 0)
        return out


def squares(x_m: FloatArray, y_m: FloatArray, side_m: int) -> Squares:
    """The squares that places fall into. Their corners are multiples of the side, so that two data sets fit.

    Parameters
    ----------
    x_m, y_m : (place,), metres in a projected coordinate system
    side_m : metres

    Raises
    ------
    RangeError
        The side isn't above 0.
    ShapeError
        Not as many eastings as northings.
    MissingValueError
        A coordinate is missing.

    Examples
    --------
    >>> found = squares(np.array([120.0, 180.0, 1250.0]), np.array([10.0, 990.0, 10.0]), 1000)
    >>> found.of_place.tolist(), found.centres[0].tolist()
    ([0, 0, 1], [500.0, 1500.0])
    """
    if side_m <= 0:
        raise RangeError("disclosure.grid", f"a grid of {side_m} m; squares need a side above 0")
    if x_m.shape != y_m.shape:
        raise ShapeError("disclosure.grid", f"{x_m.size} eastings, but {y_m.size} northings")
    if not (np.isfinite(x_m).all() and np.isfinite(y_m).all()):
        raise MissingValueError("disclosure.grid", "a place has no coordinates")
    pairs = np.column_stack([np.floor_divide(y_m, side_m), np.floor_divide(x_m, side_m)])
    found, of_place = np.unique(pairs, axis=0, return_inverse=True)
    return Squares(side_m, found[:, 1] * side_m, found[:, 0] * side_m, of_place.ravel())


def rounded(values: FloatArray, step: int) -> FloatArray:
    """Values to the nearest multiple of a step (halves to the even multiple); missing ones stay missing.

    >>> rounded(np.array([12.0, 13.0, 17.5]), 5).tolist()
    [10.0, 15.0, 20.0]
    """
    return values if step <= 1 else np.round(values / step) * step


def coarse_dates(moments: DateArray, step: str) -> DateArray:
    """The beginning of the day, month or year of each moment ('' leaves them).

    >>> coarse_dates(np.array(["2026-11-24T21:00"], dtype="datetime64[m]"), "month").tolist()
    [datetime.date(2026, 11, 1)]
    """
    return moments.astype(f"datetime64[{DATE_STEPS[step]}]").astype("datetime64[D]") if step else moments


def old_enough(moments: DateArray, now: np.datetime64, delay_hours: int) -> BoolArray:
    """Which moments are at least the delay ago (or known to no second: missing ones aren't)."""
    age = now.astype("datetime64[s]") - moments.astype("datetime64[s]")
    return np.asarray(~np.isnat(moments) & (age >= np.timedelta64(delay_hours, "h")), dtype=bool)
