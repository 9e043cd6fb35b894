"""Horizontal bars around a nought line, with ranges: payments, shares, indices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bothbanks.pages.svg.draw import figure, label, line, n

WIDTH = 340
LONGEST = 46


@dataclass(frozen=True)
class Bar:
    """One bar: its name, value and what is printed; ``state`` is better, worse, same or plain."""

    name: str
    value: float
    text: str
    low: float = math.nan
    high: float = math.nan
    state: str = "plain"


def bars(items: Sequence[Bar], *, name: str, text: str, mark: float | None = None) -> Markup:
    """Bars one under the other, name above, figure right of the bar; ``mark`` draws a dashed line.

    Names longer than the drawing are cut with an ellipsis; the table beside has them whole.
    """
    ends = [v for b in items for v in (b.value, b.low, b.high, 0.0, mark or 0.0) if math.isfinite(v)]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    width = (high - low) or 1.0
    left, row = 2.0, 42.0
    right = WIDTH - 18.0 - 7.6 * max((len(b.text) for b in items), default=0)

    def x(v: float) -> float:
        return left + (v - low) / width * (right - left)

    out = []
    for i, b in enumerate(items):
        top = i * row
        out.append(label(left, top + 14, b.name if len(b.name) <= LONGEST else b.name[: LONGEST - 1] + "…"))
        out.append(label(WIDTH - 2, top + 30, b.text, anchor="end", css="strong"))
        a, z = sorted((x(0.0), x(b.value)))
        out.append(
            f'<rect class="fill {b.state}" x="{n(a)}" y="{n(top + 20)}" '
            f'width="{n(max(z - a, 1))}" height="10"/>'
        )
        if math.isfinite(b.low) and math.isfinite(b.high):
            out.append(line(x(b.low), top + 25, x(b.high), top + 25, "whisker"))
    height = len(items) * row + 4
    out.append(line(x(0.0), 16, x(0.0), height - 4, "axis"))
    if mark is not None:  # beside each bar only, so that it crosses no name
        for i in range(len(items)):
            out.append(line(x(mark), i * row + 17, x(mark), i * row + 33, "dash"))
    return figure(WIDTH, height, "".join(out), name=name, text=text)
