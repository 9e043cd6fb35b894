"""Places: coordinate reference systems, and the way from one to another with its accuracy stated."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import CrsError

FloatArray = NDArray[np.float64]

MARGIN_DEGREES = 0.5
"""National grids are used a little past the bounds that EPSG states (UTM 32 in the west of Aachen)."""

BoolArray = NDArray[np.bool_]


def _offline() -> None:
    import pyproj.network

    pyproj.network.set_network_enabled(False)  # type: ignore[attr-defined]


@lru_cache(maxsize=64)
def known_crs(name: str) -> Any:
    """The pyproj CRS of that name (``EPSG:3035``). Raises CrsError when there is none."""
    import pyproj

    _offline()
    if not name.strip():
        raise CrsError(
            "crs.none", "coordinates have no coordinate reference system; state crs, such as EPSG:31370."
        )
    try:
        return pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError as error:
        raise CrsError(
            "crs.unknown",
            f"'{name}' is no coordinate reference system we know; give an EPSG code, such as EPSG:31370.",
        ) from error


@dataclass(frozen=True)
class Projection:
    """The way from one CRS to another: x, y (or longitude, latitude) in that order on both ends."""

    crs_from: str
    crs_to: str
    accuracy_m: float  # NaN: not stated by the registry
    operation: str
    better_not_installed: str  # name of a more accurate published operation whose grid is not on this machine
    _forward: Any
    _to_degrees: Any
    _bounds: tuple[float, float, float, float] | None

    def apply(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Coordinates in the target CRS; infinite where the formulas have no answer."""
        east, north = self._forward.transform(np.asarray(x, float), np.asarray(y, float))
        return np.asarray(east, float), np.asarray(north, float)

    def inside_area_of_use(self, x: FloatArray, y: FloatArray) -> BoolArray:
        """True where a point lies in the source CRS's area of use (EPSG's box plus the margin)."""
        if self._bounds is None:
            return np.isfinite(x) & np.isfinite(y)
        longitude, latitude = self._to_degrees.transform(np.asarray(x, float), np.asarray(y, float))
        west, south, east, north = self._bounds
        south, north = south - MARGIN_DEGREES, north + MARGIN_DEGREES
        west, east = west - MARGIN_DEGREES, east + MARGIN_DEGREES
        ok = (np.asarray(latitude) >= south) & (np.asarray(latitude) <= north)
        lon = np.asarray(longitude)
        across = (lon >= west) | (lon <= east) if west > east else (lon >= west) & (lon <= east)
        return np.asarray(ok & across, dtype=bool)


@lru_cache(maxsize=64)
def projection(crs_from: str, crs_to: str) -> Projection:
    """The most accurate published operation that needs no grid this machine lacks; no ballpark shifts.

    Source: the operations of the EPSG registry as PROJ lists them (ISO 19111).

    Raises
    ------
    CrsError
        One of the two is unknown, or no operation leads from one to the other.
    """
    from pyproj import Transformer
    from pyproj.aoi import AreaOfInterest
    from pyproj.transformer import TransformerGroup

    source, target = known_crs(crs_from), known_crs(crs_to)
    area = source.area_of_use
    interest: Any = AreaOfInterest(area.west, area.south, area.east, area.north) if area else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # 'best transformation is not available': reported below
        group = TransformerGroup(
            source, target, always_xy=True, area_of_interest=interest, allow_ballpark=False
        )
        if not group.transformers:
            raise CrsError(
                "crs.no-way", f"no published operation leads from {crs_from} to {crs_to} on this machine."
            )
        forward = group.transformers[0]
        degrees = Transformer.from_crs(source, "EPSG:4326", always_xy=True)
    missing = (
        group.unavailable_operations[0].name
        if not group.best_available and group.unavailable_operations
        else ""
    )
    return Projection(
        crs_from=crs_from,
        crs_to=crs_to,
        accuracy_m=float(forward.accuracy) if forward.accuracy >= 0 else float("nan"),
        operation=forward.description,
        better_not_installed=missing,
        _forward=forward,
        _to_degrees=degrees,
        _bounds=(area.west, area.south, area.east, area.north) if area else None,
    )


def axis_unit_metres(name: str) -> bool:
    """True for a projected CRS counted in metres, which a grid of account needs."""
    crs = known_crs(name)
    return bool(crs.is_projected and all(axis.unit_name == "metre" for axis in crs.axis_info[:2]))
