"""Loss exceedance curves: return period on a logarithmic axis, loss upwards, ranges as bands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bothbanks.pages.svg.draw import figure, label, line, n, path, text_width, ticks

WIDTH, HEIGHT = 340.0, 260.0
LEAST_LEFT, LEAST_RIGHT, TOP, BOTTOM = 40.0, 14.0, 26.0, 44.0


@dataclass(frozen=True)
class Series:
    """One curve with its range; ``css`` is 'alone' or 'together'."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    css: str


def curve(
    series: Sequence[Series],
    *,
    name: str,
    text: str,
    x_title: str,
    y_title: str,
    x_text: Callable[[float], str],
    y_text: Callable[[float], str],
) -> Markup:
    """Draw curves over return period in years (at least 1) against loss, both in the units of the titles."""
    every_x = [v for s in series for v in s.x]
    tops = [v for s in series for v in (*s.y, *s.high) if math.isfinite(v)]
    y_ticks = ticks(0.0, max(tops, default=1.0))
    x_low, x_high = math.log(min(every_x)), math.log(max(every_x))
    x_span = (x_high - x_low) or 1.0
    left = max(LEAST_LEFT, max(text_width(y_text(v)) for v in y_ticks) + 8)
    right = max(LEAST_RIGHT, text_width(x_text(max(every_x))) / 2 + 2)

    def px(v: float) -> float:
        return left + (math.log(v) - x_low) / x_span * (WIDTH - left - right)

    def py(v: float) -> float:
        return HEIGHT - BOTTOM - v / y_ticks[-1] * (HEIGHT - TOP - BOTTOM)

    out = [label(2, 14, y_title)]
    for v in y_ticks:
        out.append(line(left, py(v), WIDTH - right, py(v), "grid"))
        out.append(label(left - 5, py(v) + 4, y_text(v), anchor="end"))
    wanted = [
        v
        for v in (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
        if x_low - 1e-9 <= math.log(v) <= x_high + 1e-9
    ]
    shown = wanted if len(wanted) <= 6 else [v for v in wanted if str(v)[0] == "1"] or wanted[::2]
    for v in shown:
        out.append(line(px(v), HEIGHT - BOTTOM, px(v), HEIGHT - BOTTOM + 4, "axis"))
        out.append(label(px(v), HEIGHT - BOTTOM + 17, x_text(v), anchor="middle"))
    out.append(label((left + WIDTH - right) / 2, HEIGHT - 6, x_title, anchor="middle"))
    for s in series:
        band = [(px(a), py(b)) for a, b in zip(s.x, s.high, strict=True) if math.isfinite(b)]
        band += [(px(a), py(b)) for a, b in reversed(list(zip(s.x, s.low, strict=True))) if math.isfinite(b)]
        if len(band) > 3:
            out.append(path(band, f"band {s.css}", closed=True))
    for s in series:
        points = [(px(a), py(b)) for a, b in zip(s.x, s.y, strict=True) if math.isfinite(b)]
        out.append(path(points, f"curve {s.css}"))
    for i, s in enumerate(series if len(series) > 1 else ()):  # one curve is named by its axis
        x, y = left + 8, TOP + 12 + 18 * i
        out.append(f'<path class="curve {s.css}" d="M{n(x)} {n(y - 4)}h22"/>')
        out.append(label(x + 28, y, s.name))
    out.append(line(left, HEIGHT - BOTTOM, WIDTH - right, HEIGHT - BOTTOM, "axis"))
    return figure(WIDTH, HEIGHT, "".join(out), name=name, text=text)
