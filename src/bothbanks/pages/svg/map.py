"""Maps as SVG files: cells merged to one path a class, border, rivers, place names, scale bar.

The file carries its own style, so the same file serves as a picture in the page (no script)
and as the overlay that Leaflet moves. Text grows on small screens by a media query inside the file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import escape

from bothbanks.analysis.findings import FloatArray, MapBase, MapLayer
from bothbanks.pages.svg import colours
from bothbanks.pages.svg.draw import n

STYLE = (
    "text{font:600 12px system-ui,'Segoe UI',Roboto,sans-serif;fill:#17212b;stroke:#fff;stroke-width:3px;"
    "paint-order:stroke;stroke-linejoin:round}.r{fill:none;stroke:#2f6f9f;stroke-linejoin:round;stroke-linecap:round}"
    ".m{fill:none;stroke:#6b7680;stroke-width:.8;stroke-dasharray:2 2}"
    ".c{fill:none;stroke:#17212b;stroke-width:2.2;"
    "stroke-dasharray:9 3 2 "
    "3}.s{stroke:#17212b;stroke-width:2;fill:none}.p{fill:#17212b;stroke:#fff;stroke-width:1}"
    "@media(max-width:500px){text{font-size:30px;stroke-width:6px}.q{display:none}.c{stroke-width:4}}"
)
TARGET_WIDTH = 760.0


@dataclass(frozen=True)
class Frame:
    """From metres of the region's CRS to the drawing: y downwards, ``unit`` drawing units a cell."""

    x0: float
    y1: float
    cell: float
    unit: float
    columns: int
    rows: int

    @property
    def width(self) -> float:
        return self.columns * self.unit

    @property
    def height(self) -> float:
        return self.rows * self.unit

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.x0) / self.cell * self.unit, (self.y1 - y) / self.cell * self.unit


def frame_of(base: MapBase) -> Frame | None:
    """The frame that holds every cell; None when there are no cells."""
    if base.cell_x.size == 0:
        return None
    size = base.cell_size_m
    x0, x1 = float(base.cell_x.min()), float(base.cell_x.max()) + size
    y0, y1 = float(base.cell_y.min()), float(base.cell_y.max()) + size
    columns, rows = round((x1 - x0) / size), round((y1 - y0) / size)
    return Frame(x0, y1, size, TARGET_WIDTH / max(columns, 1), columns, rows)


def class_count(layer: MapLayer) -> int:
    """Limits make one class more than there are limits."""
    return len(layer.breaks) + 1


def class_colours(layer: MapLayer) -> tuple[str, ...]:
    """The colour of each class of a layer, lowest class first."""
    if layer.ramp == "difference":
        return colours.difference(layer.breaks)
    return colours.ramp(layer.ramp, class_count(layer))


def classes(layer: MapLayer) -> np.ndarray[Any, np.dtype[np.int64]]:
    """(cell,) class of each cell; -1 not modelled, -2 blank (nought where nought is blank)."""
    values = layer.values
    out = np.searchsorted(np.asarray(layer.breaks, dtype=float), values, side="right").astype(np.int64)
    if layer.zero_is_blank:
        out[values == 0] = -2
    out[~np.isfinite(values)] = -1
    return out


def cells_path(frame: Frame, base: MapBase, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> str:
    """One path of the chosen cells: runs along a row are one rectangle, in cell units."""
    if not chosen.any():
        return ""
    column = np.rint((base.cell_x[chosen] - frame.x0) / frame.cell).astype(int)
    row = np.rint((frame.y1 - base.cell_y[chosen]) / frame.cell).astype(int) - 1
    order = np.lexsort((column, row))
    parts: list[str] = []
    start = length = last_row = -1
    for r, c in zip(row[order].tolist(), column[order].tolist(), strict=True):
        if r == last_row and c == start + length:
            length += 1
        elif not (r == last_row and start <= c < start + length):
            if length > 0:
                parts.append(f"M{start} {last_row}h{length}v1h-{length}z")
            start, length, last_row = c, 1, r
    parts.append(f"M{start} {last_row}h{length}v1h-{length}z")
    return "".join(parts)


def _lines(frame: Frame, shape: Any, tolerance: float) -> str:
    """The path of any shapely geometry, simplified to a part of a cell."""
    if shape is None or shape.is_empty:
        return ""
    thin = shape.simplify(tolerance * frame.cell, preserve_topology=False)
    parts: list[str] = []

    def ring(points: Sequence[tuple[float, ...]]) -> None:
        steps = [frame.at(p[0], p[1]) for p in points]
        parts.append("".join(f"{'M' if i == 0 else 'L'}{n(x)} {n(y)}" for i, (x, y) in enumerate(steps)))

    def walk(g: Any) -> None:
        if g.is_empty:
            return
        if g.geom_type == "Polygon":
            for r in (g.exterior, *g.interiors):
                ring(list(r.coords))
        elif g.geom_type in ("LineString", "LinearRing"):
            ring(list(g.coords))
        elif hasattr(g, "geoms"):
            for part in g.geoms:
                walk(part)

    walk(thin)
    return "".join(parts)


@dataclass(frozen=True)
class Ground:
    """What every map shares, drawn once: outlines, border, rivers, scale bar."""

    frame: Frame
    under: str
    over: str


def ground(base: MapBase) -> Ground | None:
    """Draw the shared parts once. None when the region has no cells."""
    frame = frame_of(base)
    if frame is None:
        return None
    members = "".join(_lines(frame, base.outlines[m], 0.15) for m in sorted(base.outlines))
    rivers = []
    for _, area, shape in base.rivers:
        d = _lines(frame, shape, 0.2)
        if d:
            thick = min(4.0, max(0.7, 0.35 * math.log10(max(area, 1.0)) ** 1.6))
            rivers.append(f'<path class="r" stroke-width="{n(thick)}" d="{d}"/>')
    border = _lines(frame, base.country_border, 0.15)
    length = _bar_length(frame)
    bar_px = length * 1000 / frame.cell * frame.unit
    y = frame.height - 12
    bar = (
        f'<path class="s" d="M12 {n(y - 6)}v6h{n(bar_px)}v-6"/>'
        f'<text x="{n(12 + bar_px + 6)}" y="{n(y)}">{length} km</text>'
    )
    return Ground(
        frame, "".join(rivers), f'<path class="m" d="{members}"/><path class="c" d="{border}"/>{bar}'
    )


def _bar_length(frame: Frame) -> int:
    third = frame.columns * frame.cell / 1000 / 4
    return max([k for k in (1, 2, 5, 10, 20, 50, 100) if k <= third], default=1)


def labels(
    base: MapBase, frame: Frame, names: Sequence[str], marks: Sequence[tuple[float, float, str]] = ()
) -> str:
    """Place names, the largest first, left out where they would touch each other or a mark; the smaller
    ones hidden on phones.
    """
    taken: list[tuple[float, float, float, float]] = []
    for mx, my, _ in marks:
        a, b = frame.at(mx, my)
        taken.append((a - 8, b - 10, a + 26, b + 10))
    shown = 0
    out: list[str] = []
    order = sorted(range(len(base.places)), key=lambda i: (-base.places[i][3], names[i]))
    for i in order:
        x, y = frame.at(base.places[i][1], base.places[i][2])
        if not (4 <= x <= frame.width - 4 and 14 <= y <= frame.height - 4) or shown >= 24:
            continue
        size = 30.0 if shown < 6 else 12.0
        wide = 0.6 * size * len(names[i]) + 14
        right = x + wide < frame.width
        area = (x - 6 if right else x - wide, y - size, x + wide if right else x + 6, y + 6)
        if any(area[0] < b[2] and b[0] < area[2] and area[1] < b[3] and b[1] < area[3] for b in taken):
            continue
        taken.append(area)
        css = "" if shown < 6 else ' class="q"'
        end = "" if right else ' text-anchor="end"'
        out.append(
            f'<g{css}><circle class="p" cx="{n(x)}" cy="{n(y)}" r="3"/>'
            f'<text x="{n(x + 6 if right else x - 6)}" y="{n(y + 4)}"{end}>{escape(names[i])}</text></g>'
        )
        shown += 1
    return "".join(out)


def cell_paths(base: MapBase, frame: Frame, layer: MapLayer) -> str:
    """The cells of a layer by class, and the hatched cells that were not modelled."""
    which = classes(layer)
    fills = class_colours(layer)
    parts = [f'<path fill="#f3f1ec" d="{cells_path(frame, base, which == -2)}"/>']
    parts += [f'<path fill="{c}" d="{cells_path(frame, base, which == k)}"/>' for k, c in enumerate(fills)]
    parts.append(f'<path fill="url(#h)" d="{cells_path(frame, base, which == -1)}"/>')
    return f'<g transform="scale({n(frame.unit, 4)})" shape-rendering="crispEdges">{"".join(parts)}</g>'


def document(land: Ground, cells: str, names: str, marks: str = "", lang: str = "en") -> str:
    """The whole SVG file."""
    f = land.frame
    step = n(5 / f.unit, 3)
    hatch = (
        f'<pattern id="h" width="{step}" height="{step}" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)">'
        f'<rect width="{step}" height="{step}" fill="#fff"/>'
        f'<rect width="{n(1.8 / f.unit, 3)}" height="{step}" fill="#8b959e"/></pattern>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:lang="{lang}" viewBox="0 0 {n(f.width)} {n(f.height)}" '
        f'width="{n(f.width, 0)}" height="{n(f.height, 0)}"><style>{STYLE}</style><defs>{hatch}</defs>'
        f'<rect width="100%" height="100%" fill="#fff"/>{cells}{land.under}{land.over}{marks}{names}</svg>'
    )


def worst_marks(frame: Frame, points: Sequence[tuple[float, float, str]]) -> str:
    """Numbered rings at places of the table (worst kilometres)."""
    out = []
    placed: list[tuple[float, float]] = []
    for x, y, words in points:
        a, b = frame.at(x, y)
        near = any(abs(a - u) < 30 and abs(b - v) < 16 for u, v in placed)
        where = f'x="{n(a - 9)}" text-anchor="end"' if near else f'x="{n(a + 9)}"'
        placed.append((a, b))
        out.append(
            f'<circle cx="{n(a)}" cy="{n(b)}" r="6" fill="none" stroke="#a8420a" stroke-width="3"/>'
            f'<text {where} y="{n(b + 4)}">{escape(words)}</text>'
        )
    return "".join(out)


def member_summary(base: MapBase, values: FloatArray, member: int) -> Mapping[str, float]:
    """What a map says about one member: cells touched, values, people there, people not modelled."""
    inside = base.cell_member == member
    known = inside & np.isfinite(values)
    touched = known & (values != 0)
    return {
        "cells": float(touched.sum()),
        "share": float(touched.sum() / known.sum()) if known.any() else math.nan,
        "mean": float(values[touched].mean()) if touched.any() else math.nan,
        "low": float(values[touched].min()) if touched.any() else math.nan,
        "high": float(values[touched].max()) if touched.any() else math.nan,
        "people": float(base.population[touched].sum()),
        "not_modelled": float(base.population[inside & ~np.isfinite(values)].sum()),
    }
