"""Coordinate reference systems by their OGC names, and coordinates in the order their authority gives.

Inside, geometry is always (x, y): east or longitude first. On the wire a coordinate follows the axis order
of its system's authority (OGC API Features Part 2, 6.3): CRS84 longitude first, EPSG:4326 latitude first,
EPSG:3035 north first, EPSG:31370 and 28992 east first. Only the pair is turned here; a datum shift is PROJ's,
with the grids of the installed package and no network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.standards.features.faults import QueryError

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
WORLD = (f"{EPSG}4326", f"{EPSG}3857")
_FORMS = (
    re.compile(r"https?://www\.opengis\.net/def/crs/EPSG/[0-9.]+/(\d+)"),
    re.compile(r"urn:ogc:def:crs:EPSG:[0-9.]*:(\d+)"),
    re.compile(r"\[?EPSG:(\d+)\]?"),
)


@dataclass(frozen=True)
class Axes:
    """What the wire needs to know of a system: whether its first axis points north, and its unit."""

    north_first: bool
    geographic: bool
    decimals: int


def name(code: str) -> str:
    """The OGC name of a system.

    >>> name("EPSG:3035"), name("OGC:CRS84") == CRS84
    ('http://www.opengis.net/def/crs/EPSG/0/3035', True)
    """
    if code in (CRS84, CRS84H, "OGC:CRS84", "CRS84", "[OGC:CRS84]", "urn:ogc:def:crs:OGC:1.3:CRS84"):
        return CRS84
    for form in _FORMS:
        if found := form.fullmatch(code):
            return f"{EPSG}{found[1]}"
    raise QueryError("features.crs", f"{code!r} names no coordinate reference system; see the list `crs`")


def authority(uri: str) -> str:
    """The short name PROJ knows: 'EPSG:3035', 'OGC:CRS84'."""
    return "OGC:CRS84" if uri == CRS84 else f"EPSG:{uri.rsplit('/', 1)[1]}"


def chosen(text: str, offered: Iterable[str], parameter: str) -> str:
    """The system a parameter asks for, which must be one the collection offers.

    Raises
    ------
    QueryError
        It is unknown or not offered (Part 2, requirements fc-crs-valid-value and fc-bbox-crs-valid-value).
    """
    offered = tuple(offered)
    try:
        uri = name(text)
    except QueryError:
        uri = ""
    if uri not in offered:
        codes = ", ".join(authority(u) for u in offered)
        raise QueryError(
            "features.crs",
            f"{parameter}: found {text!r}; expected one of {codes}, by its name as the list `crs` gives it",
            parameter,
        )
    return uri


@cache
def system(uri: str) -> CRS:
    """PROJ's description of a system."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError as Unknown

    try:
        return CRS.from_user_input(authority(uri))
    except Unknown as error:
        raise QueryError("features.crs", f"{authority(uri)} is unknown to PROJ") from error


@cache
def axes(uri: str) -> Axes:
    """Axis order and precision of a system.

    >>> axes(CRS84).north_first, axes(name("EPSG:4326")).north_first, axes(name("EPSG:28992")).north_first
    (False, True, False)
    """
    crs = system(uri)
    first = crs.axis_info[0].direction.lower() if crs.axis_info else "east"
    geographic = bool(crs.is_geographic)
    return Axes(first in ("north", "south"), geographic, 7 if geographic else 3)


@cache
def _transformer(source: str, target: str) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(system(source), system(target), always_xy=True)


def project(geometry: NDArray[Any], source: str, target: str) -> NDArray[Any]:
    """Geometries in another system, (x, y) order, rounded to about a centimetre or better.

    A geometry that the target can't hold (a pole in a projected system) becomes None.
    """
    import shapely

    keep = axes(target).decimals
    if source == target:
        return np.asarray(shapely.transform(geometry, lambda xy: np.round(xy, keep)), dtype=object)
    turn = _transformer(source, target)

    def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = turn.transform(xy[:, 0], xy[:, 1])
        return np.round(np.column_stack([x, y]), keep)

    out = np.asarray(shapely.transform(geometry, moved), dtype=object)
    lost = ~np.isfinite(shapely.bounds(out)).all(axis=1) & ~(shapely.is_missing(out) | shapely.is_empty(out))
    out[lost] = None
    return out


def turned(geometry: NDArray[Any], uri: str) -> NDArray[Any]:
    """From inside order to the wire's, and back: the same step either way."""
    import shapely

    if not axes(uri).north_first:
        return geometry
    return np.asarray(shapely.transform(geometry, lambda xy: xy[:, ::-1]), dtype=object)


def boxes(numbers: tuple[float, ...], uri: str) -> tuple[tuple[float, float, float, float], ...]:
    """A bbox of 4 or 6 numbers as one or (across the antimeridian) two boxes in (x, y) order.

    Heights are read and set aside: the layers have none (Part 1, 7.15.3).

    >>> boxes((177.0, -10.0, -178.0, 10.0), CRS84)
    ((177.0, -10.0, 180.0, 10.0), (-180.0, -10.0, -178.0, 10.0))
    """
    a0, b0, a1, b1 = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    look = axes(uri)
    x0, y0, x1, y1 = (b0, a0, b1, a1) if look.north_first else (a0, b0, a1, b1)
    if x0 <= x1:
        return ((x0, y0, x1, y1),)
    return ((x0, y0, 180.0, y1), (-180.0, y0, x1, y1))
