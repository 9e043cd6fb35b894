"""Spending by year, a strip of bars for each council, with its budget as a dashed line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bothbanks.pages.svg.draw import figure, label, line, n, text_width

WIDTH = 340.0
STRIP, BARS, FOOT, LINE = 76.0, 46.0, 24.0, 16.0
LONGEST = 46


@dataclass(frozen=True)
class Strip:
    """One council: its spending by year, what may be spent, and its highest year in words."""

    name: str
    capital: Sequence[float]
    running: Sequence[float]
    budget: Sequence[float]  # of both; infinite where nothing limits it
    text: str


def cash(
    strips: Sequence[Strip], years: Sequence[int], *, name: str, text: str, year_text: Sequence[str] = ()
) -> Markup:
    """A strip of bars for each council, one above the other; building below, upkeep on top.

    Each strip has a scale of its own, because councils of all sizes, and with money of their own, stand
    beside each other; its highest year is printed.
    """
    labels = list(year_text) or [str(y) for y in years]
    wide = (WIDTH - 4.0) / max(len(years), 1)
    out = []
    beside = all(text_width(s.name[:LONGEST]) + text_width(s.text) <= WIDTH - 8 for s in strips)
    extra = 0.0 if beside else LINE  # a line of its own for the highest year, so no name is cut
    for i, s in enumerate(strips):
        top = i * (STRIP + extra)
        foot = top + 22.0 + extra + BARS
        limits = [b for b in s.budget if math.isfinite(b)]
        totals = [c + r for c, r in zip(s.capital, s.running, strict=True)]
        high = max([*totals, *limits, 0.0]) or 1.0
        shown = s.name if len(s.name) <= LONGEST else s.name[: LONGEST - 1] + "…"
        out.append(label(2, top + 14, shown))
        out.append(label(WIDTH - 2, top + 14 + extra, s.text, anchor="end", css="strong"))
        for k, (building, upkeep) in enumerate(zip(s.capital, s.running, strict=True)):
            x = 2.0 + k * wide
            tall, more = building / high * BARS, upkeep / high * BARS
            for css, y, size in (("plain", foot - tall, tall), ("same", foot - tall - more, more)):
                if size > 0.05:
                    out.append(
                        f'<rect class="fill {css}" x="{n(x + wide * 0.12)}" y="{n(y)}" '
                        f'width="{n(wide * 0.76)}" height="{n(size)}"/>'
                    )
            if math.isfinite(s.budget[k]):
                y = foot - s.budget[k] / high * BARS
                out.append(line(x, y, x + wide, y, "dash"))
        out.append(line(2, foot, WIDTH - 2, foot, "axis"))
    bottom = len(strips) * (STRIP + extra)
    every = max(1, math.ceil(max((text_width(w) for w in labels), default=1.0) * 1.4 / wide))
    for k in range(0, len(years), every):
        out.append(
            label(
                2.0 + (k + 0.5) * wide if k else 2.0,
                bottom + 14,
                labels[k],
                anchor="middle" if k else "start",
            )
        )
    return figure(WIDTH, bottom + FOOT, "".join(out), name=name, text=text)
