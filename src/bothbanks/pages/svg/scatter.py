"""Two aims against each other: points of a front, the chosen one marked by shape and word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bothbanks.pages.svg.draw import figure, label, line, n, text_width, ticks

WIDTH, HEIGHT = 340.0, 280.0
LEAST_LEFT, LEAST_RIGHT, TOP, BOTTOM = 40.0, 14.0, 26.0, 44.0


@dataclass(frozen=True)
class Point:
    """One choice: where it lies, its number in the table, and whether it is the one chosen."""

    x: float
    y: float
    name: str
    chosen: bool = False


def scatter(
    points: Sequence[Point],
    *,
    name: str,
    text: str,
    x_title: str,
    y_title: str,
    x_text: Callable[[float], str],
    y_text: Callable[[float], str],
) -> Markup:
    """Points with their numbers; ranges follow the data and need not start at nought."""
    xs, ys = [p.x for p in points], [p.y for p in points]
    x_ticks, y_ticks = ticks(min(xs), max(xs), 3), ticks(min(ys), max(ys), 4)
    left = max(LEAST_LEFT, max(text_width(y_text(v)) for v in y_ticks) + 8)
    right = max(LEAST_RIGHT, text_width(x_text(x_ticks[-1])) / 2 + 2)

    def px(v: float) -> float:
        return left + (v - x_ticks[0]) / (x_ticks[-1] - x_ticks[0]) * (WIDTH - left - right)

    def py(v: float) -> float:
        return HEIGHT - BOTTOM - (v - y_ticks[0]) / (y_ticks[-1] - y_ticks[0]) * (HEIGHT - TOP - BOTTOM)

    out = [label(2, 14, y_title)]
    for v in y_ticks:
        out.append(line(left, py(v), WIDTH - right, py(v), "grid"))
        out.append(label(left - 5, py(v) + 4, y_text(v), anchor="end"))
    for v in x_ticks:
        out.append(line(px(v), TOP, px(v), HEIGHT - BOTTOM, "grid"))
        out.append(label(px(v), HEIGHT - BOTTOM + 17, x_text(v), anchor="middle"))
    out.append(label((left + WIDTH - right) / 2, HEIGHT - 6, x_title, anchor="middle"))
    spots = [(px(p.x), py(p.y)) for p in points]
    taken: list[tuple[float, float, float]] = []
    for p in sorted(points, key=lambda q: not q.chosen):
        x, y = px(p.x), py(p.y)
        shape = "point chosen" if p.chosen else "point"
        size = 6 if p.chosen else 3.5
        out.append(f'<circle class="{shape}" cx="{n(x)}" cy="{n(y)}" r="{n(size)}"/>')
        wide = text_width(p.name)
        for left_side in (x > WIDTH - 60, x <= WIDTH - 60):
            a = x - 9 - wide if left_side else x + 9
            free = not any(a - 4 < u < a + wide + 4 and y - 20 < v < y for u, v in spots)
            clear = all(a > b + w + 2 or b > a + wide + 2 or abs(y - v) > 13 for b, w, v in taken)
            if free and clear:
                taken.append((a, wide, y))
                out.append(label(a, y - 6, p.name, css="strong" if p.chosen else ""))
                break
    return figure(WIDTH, HEIGHT, "".join(out), name=name, text=text)
