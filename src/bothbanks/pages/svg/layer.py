"""A layer as one picture: areas merged by class of a figure, lines and points plain. North is up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from bothbanks.pages.svg import colours
from bothbanks.pages.svg.draw import n

WIDTH = 760.0
TALLEST = 900.0
CLASSES = 5
MOST_MARKS = 3_000
STYLE = (
    ".l{fill:none;stroke:#2f6f9f;stroke-width:2;stroke-linejoin:round}.a{stroke:#6b7680;stroke-width:.6}"
    ".p{stroke:#fff;stroke-width:1}"
)


@dataclass(frozen=True)
class Picture:
    """The drawing, its size, and the limits between its classes (empty: one class)."""

    svg: bytes
    width: float
    height: float
    limits: tuple[float, ...]
    fills: tuple[str, ...]
    drawn: int


def picture(
    geometry: NDArray[Any], values: NDArray[np.float64] | None, name: str, ramp: str = "people"
) -> Picture | None:
    """Draw geometries (projected or not, x to the right); None where there is nothing to draw.

    ``values`` colours areas and points by fifths of what is there, along a ramp of ``colours``; NaN is drawn
    pale.
    """
    import shapely

    there = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    if not len(there):
        return None
    shapes = geometry[there]
    x0, y0, x1, y1 = (float(v) for v in shapely.total_bounds(shapes))
    pad = max(x1 - x0, y1 - y0, 1e-9) * 0.02
    x0, y0, x1, y1 = x0 - pad, y0 - pad, x1 + pad, y1 + pad
    scale = min(WIDTH / (x1 - x0), TALLEST / (y1 - y0))
    width, height = (x1 - x0) * scale, (y1 - y0) * scale
    shapes = shapely.transform(shapes, lambda xy: np.column_stack([(xy[:, 0] - x0), (y1 - xy[:, 1])]) * scale)
    figures = values[there] if values is not None else None
    limits = _limits(figures)
    fills = colours.ramp(ramp, len(limits) + 1)
    kinds = np.full(len(there), 0) if figures is None else np.searchsorted(limits, figures, side="right")
    if figures is not None:
        kinds = np.where(np.isfinite(figures), kinds, -1)
    body = "".join(_class(shapes[kinds == k], "#ece9e2" if k < 0 else fills[k]) for k in np.unique(kinds))
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {n(width)} {n(height)}" width="{n(width, 0)}" '
        f'height="{n(height, 0)}"><title>{escape(name)}</title><style>{STYLE}</style>{body}</svg>'
    )
    return Picture(Markup(text).encode(), width, height, limits, fills, min(len(there), MOST_MARKS))


def _limits(figures: NDArray[np.float64] | None) -> tuple[float, ...]:
    """Limits of fifths, rounded to two figures; fewer where values repeat."""
    if figures is None or not np.isfinite(figures).any():
        return ()
    known = figures[np.isfinite(figures)]
    cuts = np.quantile(known, np.linspace(0, 1, CLASSES + 1)[1:-1])
    short = sorted({float(f"{cut:.2g}") for cut in cuts})
    return tuple(cut for cut in short if known.min() < cut <= known.max())


def _class(shapes: NDArray[Any], fill: str) -> str:
    import shapely

    dimension = shapely.get_dimensions(shapes)
    out = ""
    areas, lines, points = shapes[dimension == 2], shapes[dimension == 1], shapes[dimension == 0]
    if len(areas):
        merged = shapely.simplify(shapely.union_all(areas), 0.4)
        rings = [r for part in shapely.get_parts(merged) for r in (part.exterior, *part.interiors)]
        out += f'<path class="a" fill="{fill}" fill-rule="evenodd" d="{"".join(map(_line, rings))}"/>'
    if len(lines):
        parts = shapely.get_parts(shapely.simplify(lines, 0.4))
        out += f'<path class="l" d="{"".join(map(_line, parts))}"/>'
    for point in shapely.get_parts(points)[:MOST_MARKS]:
        out += f'<circle class="p" fill="{fill}" cx="{n(point.x)}" cy="{n(point.y)}" r="5"/>'
    return out


def _line(line: Any) -> str:
    import shapely

    xy = shapely.get_coordinates(line)
    steps = " ".join(f"{n(x)} {n(y)}" for x, y in xy)
    return f"M{steps}"
