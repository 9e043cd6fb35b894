"""The shape of the valley below the size of a cell: floor, sides, and who lives on them.

A reach that drains A km2 has a floor ``floor_width_coefficient`` x sqrt(A) m wide and a bankfull depth
db = ``bankfull_depth_coefficient`` A^``bankfull_depth_exponent`` m. Across the floor the ground rises as
y(u) = Hf u^p, with u from 0 (bank) to 1 (edge), Hf = ``profile_coefficient`` db, p = ``profile_exponent``.
Beyond the edge the valley side rises with the slope of the cell, on both sides. A floor wider than its cell
goes on in neighbour cells along the same reach that lie less than ``overflow_height_m`` above it, lowest
first.

All integrals over the ground are exact, not sums over strips. A depth-damage curve is
f(d) = y0 [d > 0] + sum_k m_k (d - x_k)+ (piecewise linear), and for each knot, with t = s - x_k and stage s,

    floor   int_0^1 (t - Hf u^p)+ du = p/(p+1) Hf^(-1/p) min(t, Hf)^(1 + 1/p) + (t - Hf)+
    sides   int_0^Z (h - z - x_k)+ dz = [((h - x_k)+)^2 - ((h - Z - x_k)+)^2] / 2,   h = s - Hf,

where Z is the height at which the sides fill the rest of the cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.risk.curves import Curve
from bothbanks.analysis.risk.hazards.inputs import AssetClass, FloodInputs
from bothbanks.analysis.risk.hazards.parameters import Draw, optional, required
from bothbanks.words.errors import RangeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MIN_SLOPE = 1e-3
"""Flatter valley sides than this are read as this steep, so that a side has an end."""
_OVERFLOW_ROUNDS = 4


@dataclass(frozen=True, eq=False)
class Links:
    """Which rows can take the floor that doesn't fit into a row's own cell: (link,) indices of rows."""

    giver: IntArray
    taker: IntArray

    @classmethod
    def of(cls, inputs: FloodInputs) -> Links:
        """Rows with a stream, each with the rows of the same reach in the eight cells around it."""
        size = inputs.cell_size_m
        ix = np.floor(inputs.cell_x / size).astype(np.int64)[inputs.row_cell]
        iy = np.floor(inputs.cell_y / size).astype(np.int64)[inputs.row_cell]
        at = {
            (int(r), int(a), int(b)): n
            for n, (r, a, b) in enumerate(zip(inputs.row_reach, ix, iy, strict=True))
        }
        pairs = [
            (n, at[key])
            for n in np.flatnonzero(inputs.stream_length_m > 0)
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            if (dx or dy) and (key := (int(inputs.row_reach[n]), int(ix[n]) + dx, int(iy[n]) + dy)) in at
        ]
        table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return cls(table[:, 0], table[:, 1])


@dataclass(frozen=True, eq=False)
class Floodplain:
    """Floor and sides of every row, for one draw; all arrays (row,).

    ``floor_m2`` and ``side_m2`` are areas of ground inside the cell; ``side_m2_per_m`` is the ground of both
    sides for each metre of height; ``floor_density`` and ``side_density`` are people per m2 over the people
    of the cell.
    """

    bankfull_m: FloatArray
    floor_height_m: FloatArray
    floor_m2: FloatArray
    side_m2: FloatArray
    side_m2_per_m: FloatArray
    floor_density: FloatArray
    side_density: FloatArray
    profile_exponent: float
    lost_floor_m2: float

    @property
    def side_height_m(self) -> FloatArray:
        """(row,) height over the floor's edge at which the sides fill the cell."""
        out = np.zeros_like(self.side_m2)
        np.divide(self.side_m2, self.side_m2_per_m, out=out, where=self.side_m2_per_m > 0)
        return out


def floodplain(inputs: FloodInputs, links: Links, draw: Draw) -> Floodplain:
    """The valley of each row for the parameters of a draw.

    Clustering: in steep country people build on the floor. Relative to the mean of the cell, the floor has
    the density phi = 1 / (f + (1 - f) k) and the rest k phi, with k = exp(-slope / clustering_slope) and f
    the share of the cell that is floor, so people are conserved.
    """
    area = inputs.upstream_area_km2
    slope = inputs.cell_slope[inputs.row_cell]
    width = required(draw, "flood.floor_width_coefficient") * np.sqrt(area)
    bankfull = required(draw, "flood.bankfull_depth_coefficient") * area ** required(
        draw, "flood.bankfull_depth_exponent"
    )
    height = required(draw, "flood.profile_coefficient") * bankfull
    exponent = required(draw, "flood.profile_exponent")
    if not (exponent > 0 and (height > 0).all() and (width > 0).all()):
        raise RangeError(
            "flood.profile", "floor width, bankfull depth and profile parameters must be above 0."
        )
    cell_m2 = inputs.cell_size_m**2
    floor, lost = _floor_areas(inputs, links, width, required(draw, "flood.overflow_height_m"))
    of_cell = np.bincount(inputs.row_cell, floor, inputs.cell_count)[inputs.row_cell]
    rest = np.maximum(cell_m2 - of_cell, 0.0)
    side = rest * np.divide(floor, of_cell, out=np.zeros_like(floor), where=of_cell > 0)
    length = floor / width
    per_metre = optional(draw, "flood.valley_side", 1.0) * 2.0 * length / np.maximum(slope, MIN_SLOPE)
    share = of_cell / cell_m2
    thin = np.exp(-slope / required(draw, "flood.clustering_slope"))
    density = 1.0 / (share + (1.0 - share) * thin) / cell_m2
    return Floodplain(
        bankfull,
        height,
        floor,
        np.where(per_metre > 0, side, 0.0),
        per_metre,
        density,
        density * thin,
        exponent,
        lost,
    )


def _floor_areas(
    inputs: FloodInputs, links: Links, width: FloatArray, overflow_height: float
) -> tuple[FloatArray, float]:
    """Floor of each row in m2, at most the cell's area in all; and the floor no neighbour could take."""
    cell_m2, cells = inputs.cell_size_m**2, inputs.cell_count
    want = width * inputs.stream_length_m
    of_cell = np.bincount(inputs.row_cell, want, cells)[inputs.row_cell]
    floor = want * np.minimum(1.0, np.divide(cell_m2, of_cell, out=np.ones_like(want), where=of_cell > 0))
    excess = want - floor
    low = np.clip(1.0 - inputs.height_over_reach_m / overflow_height, 0.0, 1.0)[links.taker]
    taker_cell = inputs.row_cell[links.taker]
    for _ in range(_OVERFLOW_ROUNDS):
        free = np.maximum(cell_m2 - np.bincount(inputs.row_cell, floor, cells), 0.0)[taker_cell]
        weight = low * (free > 1e-6)
        total = np.bincount(links.giver, weight, width.size)[links.giver]
        flow = excess[links.giver] * np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        asked = np.bincount(taker_cell, flow, cells)[taker_cell]
        flow = flow * np.minimum(1.0, np.divide(free, asked, out=np.ones_like(flow), where=asked > 0))
        floor = floor + np.bincount(links.taker, flow, width.size)
        excess = excess - np.bincount(links.giver, flow, width.size)
    return floor, float(np.maximum(excess, 0.0).sum())


@dataclass(frozen=True, eq=False)
class Hinges:
    """Depth-damage curves as sums of hinges over common knots.

    ``knot`` (knot,) m, rising, and ``weight`` (1 + knot, class): first the fraction lost as soon as there is
    water, then the change of slope at each knot.
    """

    knot: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, classes: tuple[AssetClass, ...]) -> Hinges:
        """From the curves of the classes. Raises RangeError for a curve whose unit is not m."""
        for asset in classes:
            if asset.curve.unit != "m":
                raise RangeError(
                    "risk.depth-unit",
                    f"curve {asset.curve.id!r} of class {asset.id!r} is in {asset.curve.unit!r}, but "
                    f"depth is in m.",
                )
        knots = np.unique(np.concatenate([np.maximum(a.curve.x, 0.0) for a in classes] + [np.zeros(1)]))
        weight = np.stack([_weights(a.curve, knots) for a in classes], axis=1)
        return cls(knots, weight)


def _weights(curve: Curve, knots: FloatArray) -> FloatArray:
    """Fraction at the first touch of water, then slope changes at ``knots``."""
    value = curve(knots)
    inner = np.diff(value) / np.diff(knots)
    tail = 0.0
    if curve.extrapolate == "linear":
        tail = float(curve([knots[-1] + 1.0])[0] - value[-1])
    slope = np.concatenate((inner, [tail]))
    return np.concatenate(([value[0]], np.diff(slope, prepend=0.0)))


def ground_integrals(plain: Floodplain, rows: IntArray, stage_m: FloatArray, knots: FloatArray) -> FloatArray:
    """People under water, and their depth above each knot, on the ground of each row.

    Parameters
    ----------
    rows : (r,) which rows of ``plain``
    stage_m : (r, q) water level over the bank
    knots : (knot,) m

    Returns
    -------
    (1 + knot, r, q)
        First the people wetted for each person in the cell, then the integral of (depth - knot)+ over them
        (m). All grow with the stage.
    """
    p = plain.profile_exponent
    height = plain.floor_height_m[rows, None]
    floor = (plain.floor_m2 * plain.floor_density)[rows, None]
    side = (plain.side_m2_per_m * plain.side_density)[rows, None]
    top = plain.side_height_m[rows, None]
    over = stage_m - height
    out = np.empty((1 + knots.size, *stage_m.shape))
    out[0] = floor * np.clip(stage_m / height, 0.0, 1.0) ** (1.0 / p) + side * np.clip(over, 0.0, top)
    root = p / (p + 1.0) * height ** (-1.0 / p)
    for k, x in enumerate(knots):
        t = np.maximum(stage_m - x, 0.0)
        low = np.minimum(t, height)
        on_floor = root * low ** (1.0 + 1.0 / p) + (t - low)
        h = over - x
        on_side = (np.square(np.maximum(h, 0.0)) - np.square(np.maximum(h - top, 0.0))) / 2.0
        out[1 + k] = floor * on_floor + side * on_side
    return out


def wet_ground(plain: Floodplain, stage_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Wet area (m2) and water volume (m3) of every row at ``stage_m`` (row,)."""
    p, height, top = plain.profile_exponent, plain.floor_height_m, plain.side_height_m
    over = stage_m - height
    wet = plain.floor_m2 * np.clip(stage_m / height, 0.0, 1.0) ** (1.0 / p)
    wet = wet + plain.side_m2_per_m * np.clip(over, 0.0, top)
    t = np.maximum(stage_m, 0.0)
    low = np.minimum(t, height)
    volume = plain.floor_m2 * (p / (p + 1.0) * height ** (-1.0 / p) * low ** (1.0 + 1.0 / p) + (t - low))
    volume = (
        volume + plain.side_m2_per_m * (np.maximum(over, 0.0) ** 2 - np.maximum(over - top, 0.0) ** 2) / 2.0
    )
    return wet, volume
