"""Small helpers shared by the drawings."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape


def n(value: float, places: int = 1) -> str:
    """A coordinate, short: no trailing zeros, no minus zero."""
    text = f"{value:.{places}f}".rstrip("0").rstrip(".") if places else f"{value:.0f}"
    return "0" if text in ("-0", "") else text


def figure(width: float, height: float, body: str, *, name: str, text: str, css: str = "chart") -> Markup:
    """An SVG with a title for those who do not see it; the table beside says the rest."""
    return Markup(
        f'<svg class="{css}" viewBox="0 0 {n(width)} {n(height)}" role="img" aria-label="{escape(name)}">'
        f"<title>{escape(name)}</title><desc>{escape(text)}</desc>{body}</svg>"
    )


def label(x: float, y: float, words: object, *, anchor: str = "start", css: str = "") -> str:
    """A text element."""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    kind = f' class="{css}"' if css else ""
    return f'<text x="{n(x)}" y="{n(y)}"{where}{kind}>{escape(words)}</text>'


def text_width(words: str, size: float = 13.0) -> float:
    """About how wide words are when drawn, on the safe side for figures in a system font.

    >>> text_width("1,000") < text_width("10,000")
    True
    """
    return sum(0.34 if c in ".,\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE} " else 0.64 for c in words) * size


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """A straight line."""
    return f'<line x1="{n(x1)}" y1="{n(y1)}" x2="{n(x2)}" y2="{n(y2)}" class="{css}"/>'


def path(points: Sequence[tuple[float, float]], css: str, closed: bool = False) -> str:
    """A line through points."""
    steps = " ".join(f"{'M' if i == 0 else 'L'}{n(x)} {n(y)}" for i, (x, y) in enumerate(points))
    return f'<path d="{steps}{"Z" if closed else ""}" class="{css}"/>'


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers that cover a range.

    >>> ticks(0, 97)
    [0.0, 25.0, 50.0, 75.0, 100.0]
    """
    if not high > low:
        high = low + 1.0
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    size = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / size + 1e-9), math.ceil(high / size - 1e-9)
    return [round(i * size, 12) for i in range(first, last + 1)]
