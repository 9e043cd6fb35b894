"""Vulnerability curves: what share of a value is lost at an intensity.

Piecewise linear between knots. The published curves kept here: river flood in Europe (Huizinga, J.,
De Moel, H., Szewczyk, W. 2017, *Global flood depth-damage functions*, JRC105688, doi:10.2760/16510, Europe)
and windstorm (Schwierz, C. et al. 2010, doi:10.1007/s10584-009-9712-1, with the factor of Welker, C. et al.
2021, doi:10.5194/nhess-21-279-2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
Extrapolation = Literal["clamp", "linear"]
_MAX_BUCKETS = 4096


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve: loss fraction by intensity.

    Below the first knot the first fraction holds. Above the last knot the last fraction holds (``clamp``), or
    the last slope goes on (``linear``).

    Parameters
    ----------
    id : name
    intensity : (knot,), in ``unit``, strictly rising
    fraction : (knot,), share of the value, 0 or more, never falling
    unit : unit of intensity, such as ``m`` or ``m/s``
    source : citation, or 'assumed'
    extrapolate : ``clamp`` or ``linear``

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Knots that don't fit; NaN; a curve that falls, with the knot named; no source.

    Examples
    --------
    >>> curve = Curve("shed", [0.0, 1.0, 2.0], [0.0, 0.5, 1.0], "m", "assumed")
    >>> curve(np.array([0.5, 1.0, 9.0]))
    array([0.25, 0.5 , 1.  ])
    """

    id: str
    intensity: ArrayLike
    fraction: ArrayLike
    unit: str
    source: str
    extrapolate: Extrapolation = "clamp"

    def __post_init__(self) -> None:
        for name in ("intensity", "fraction"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        _check_knots(self.id, self.x, self.y)
        for name in ("unit", "source"):
            if not getattr(self, name).strip():
                raise RangeError(f"risk.curve-{name}", f"curve {self.id!r} has no {name}; state it.")
        if self.extrapolate not in ("clamp", "linear"):
            raise RangeError(
                "risk.curve-extrapolate", f"curve {self.id!r}: {self.extrapolate!r} is not clamp or linear."
            )

    @property
    def x(self) -> FloatArray:
        """(knot,) intensities."""
        return np.asarray(self.intensity, dtype=np.float64)

    @property
    def y(self) -> FloatArray:
        """(knot,) loss fractions."""
        return np.asarray(self.fraction, dtype=np.float64)

    def __call__(self, intensity: ArrayLike) -> FloatArray:
        """Loss fraction at each intensity (same shape). NaN gives NaN."""
        at = np.asarray(intensity, dtype=np.float64)
        out = np.asarray(np.interp(at, self.x, self.y), dtype=np.float64)
        if self.extrapolate == "linear" and self.x.size > 1:
            slope = (self.y[-1] - self.y[-2]) / (self.x[-1] - self.x[-2])
            out = np.where(at > self.x[-1], slope * (at - self.x[-1]) + self.y[-1], out)
        return out

    def scaled(self, factor: float, id: str, source: str) -> Curve:
        """The same curve with all fractions times ``factor``."""
        return Curve(id, self.x, self.y * factor, self.unit, source, self.extrapolate)


def _check_knots(name: str, x: FloatArray, y: FloatArray) -> None:
    if x.ndim != 1 or x.shape != y.shape or not x.size:
        raise ShapeError("risk.curve", f"curve {name!r}: intensity {x.shape}, fraction {y.shape} must fit.")
    if np.isnan(x).any() or np.isnan(y).any():
        at = int((np.isnan(x) | np.isnan(y)).argmax())
        raise MissingValueError("risk.curve", f"curve {name!r}: knot {at} is NaN.")
    if not (np.isfinite(x).all() and np.isfinite(y).all()) or (y < 0).any():
        at = int((~np.isfinite(x) | ~np.isfinite(y) | (y < 0)).argmax())
        raise RangeError(
            "risk.curve", f"curve {name!r}: knot {at} is ({x[at]:g}, {y[at]:g}); expected 0 or more."
        )
    if (np.diff(x) <= 0).any():
        at = int((np.diff(x) <= 0).argmax()) + 1
        raise RangeError(
            "risk.curve-knots",
            f"curve {name!r}: intensity {x[at]:g} of knot {at} does not exceed {x[at - 1]:g} before it.",
        )
    if (np.diff(y) < 0).any():
        at = int((np.diff(y) < 0).argmax()) + 1
        raise RangeError(
            "risk.curve-falls",
            f"curve {name!r} falls at knot {at}: fraction {y[at]:g} at intensity {x[at]:g} is below "
            f"{y[at - 1]:g} at {x[at - 1]:g}. More hazard cannot mean less loss; check the knots.",
        )


@dataclass(frozen=True, eq=False)
class CurveTables:
    """All curves laid out flat, for reading a fraction without a search.

    Intensity is cut into buckets whose width is a power of two, so finding the bucket is exact in floating
    point. ``segment`` gives each bucket's first segment; where a bucket holds knots, ``steps`` says how many
    segments further the right one can be. Segments evaluate as ``y + slope * (x - left)``, the same
    operations in the same order as ``numpy.interp``.
    """

    scale: FloatArray  # (curve,) 1 / bucket width
    first: FloatArray  # (curve,) number of the first bucket
    last: FloatArray  # (curve,) number of the last bucket, counted from ``first``
    offset: NDArray[np.int64]  # (curve,) where the curve's buckets begin in ``segment``
    segment: NDArray[np.int64]  # (bucket,) segment numbers, over all curves
    left: FloatArray  # (segment,) intensity where the segment begins
    y: FloatArray  # (segment,)
    slope: FloatArray  # (segment,)
    is_last: NDArray[np.bool_]  # (segment,) True for the last segment of each curve
    steps: int

    @classmethod
    def of(cls, curves: Sequence[Curve]) -> CurveTables:
        """Tables of the curves, in their order."""
        parts = [_tables(c) for c in curves]
        buckets = np.cumsum([0] + [p[3].size for p in parts])
        segments = np.cumsum([0] + [p[4].size for p in parts])
        joined = [np.concatenate([p[k] for p in parts]) if parts else np.zeros(0) for k in (4, 5, 6)]
        return cls(
            scale=np.array([p[0] for p in parts], dtype=np.float64),
            first=np.array([p[1] for p in parts], dtype=np.float64),
            last=np.array([p[2] for p in parts], dtype=np.float64),
            offset=buckets[:-1].astype(np.int64),
            segment=np.concatenate([p[3] + s for p, s in zip(parts, segments, strict=False)]).astype(np.int64)
            if parts
            else np.zeros(0, dtype=np.int64),
            left=joined[0],
            y=joined[1],
            slope=joined[2],
            is_last=np.isin(np.arange(segments[-1]), segments[1:] - 1),
            steps=max((p[7] for p in parts), default=0),
        )


_Tables = tuple[float, float, float, NDArray[np.int64], FloatArray, FloatArray, FloatArray, int]


def _tables(curve: Curve) -> _Tables:
    """Bucket and segment tables of one curve. Segment 0 lies before the first knot."""
    x, y = curve.x, curve.y
    inner = np.diff(y) / np.diff(x)
    tail = float(inner[-1]) if curve.extrapolate == "linear" and inner.size else 0.0
    left = np.concatenate(([x[0]], x))
    value = np.concatenate(([y[0]], y))
    slope = np.concatenate(([0.0], inner, [tail]))
    gap = float(np.diff(x).min()) if x.size > 1 else 1.0
    span = float(x[-1] - x[0]) or 1.0
    width = 2.0 ** np.floor(np.log2(max(gap, span / _MAX_BUCKETS)))
    # half-open buckets [b, b + 1) * width, from the one before the first knot to that of the last knot
    first = np.floor(x[0] / width) - 1.0
    last = np.floor(x[-1] / width) - first + 1.0
    edge = (first + np.arange(int(last) + 1)) * width
    segment = np.searchsorted(x, edge, side="right")
    inside = np.searchsorted(x, edge + width, side="left") - segment
    return 1.0 / width, first, last, segment.astype(np.int64), left, value, slope, int(inside.max())


JRC_2017 = "Huizinga, De Moel and Szewczyk 2017, JRC105688, doi:10.2760/16510, Europe"
SCHWIERZ_2010 = "Schwierz et al. 2010, doi:10.1007/s10584-009-9712-1"
WELKER_2021 = f"{SCHWIERZ_2010}; factor of Welker et al. 2021, doi:10.5194/nhess-21-279-2021"
WELKER_FACTOR = 1.332518

_JRC_DEPTH_M = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)
_JRC_EUROPE = {
    "residential": (0.0, 0.25, 0.40, 0.50, 0.60, 0.75, 0.85, 0.95, 1.0),
    "commercial": (0.0, 0.15, 0.30, 0.45, 0.55, 0.75, 0.90, 1.0, 1.0),
    "industrial": (0.0, 0.15, 0.27, 0.40, 0.52, 0.70, 0.85, 1.0, 1.0),
    "transport": (0.0, 0.317, 0.542, 0.702, 0.832, 1.0, 1.0, 1.0, 1.0),
    "infrastructure": (0.0, 0.25, 0.42, 0.55, 0.65, 0.80, 0.90, 1.0, 1.0),
    "agriculture": (0.0, 0.30, 0.55, 0.65, 0.75, 0.85, 0.95, 1.0, 1.0),
}
_GUST_M_S = (0.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 80.0, 100.0)
_SCHWIERZ_PAA = (0.0, 0.0, 0.001, 0.00676, 0.03921, 0.10707, 0.25357, 0.48869, 0.82907, 1.0, 1.0, 1.0)
_SCHWIERZ_MDD = (
    0.0, 0.0, 0.001, 0.00177515, 0.00367253, 0.00749977, 0.01263556, 0.01849639, 0.02370487, 0.037253,
    0.037253, 0.037253,
)  # fmt: skip


def jrc_flood_curves() -> dict[str, Curve]:
    """River-flood curves for Europe by class, depth in m (Huizinga et al. 2017)."""
    return {k: Curve(f"jrc-{k}", _JRC_DEPTH_M, v, "m", JRC_2017) for k, v in _JRC_EUROPE.items()}


def schwierz_storm_curve(welker: bool = True, factor: float | None = None) -> Curve:
    """Windstorm curve, gust in m/s: share of assets affected x mean damage degree.

    Both factors are published at knots 5 m/s apart and read linearly between them, so their product bends
    between knots. It is laid down here every 1/8 m/s from 20 to 60 m/s, which keeps the product within
    0.1 % of its exact value above 22 m/s. With ``welker`` both factors are scaled by 1.332518, as Welker
    et al. 2021 calibrated them, the share affected up to 1; ``factor`` puts another number in its place.
    """
    own = factor is not None and factor != (WELKER_FACTOR if welker else 1.0)
    factor = (WELKER_FACTOR if welker else 1.0) if factor is None else factor
    gust = np.concatenate(([0.0], np.arange(20.0, 60.0, 0.125), [60.0, 80.0, 100.0]))
    share = np.minimum(np.interp(gust, _GUST_M_S, _SCHWIERZ_PAA) * factor, 1.0)
    degree = np.interp(gust, _GUST_M_S, np.array(_SCHWIERZ_MDD) * factor)
    name = f"schwierz-{factor:g}" if own else "schwierz-welker" if welker else "schwierz"
    return Curve(name, gust, share * degree, "m/s", WELKER_2021 if welker else SCHWIERZ_2010)
