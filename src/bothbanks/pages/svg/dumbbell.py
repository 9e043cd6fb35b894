"""Alone and together on one short line, with the range of nine in ten draws."""

from __future__ import annotations

import math

from markupsafe import Markup

from bothbanks.pages.svg.draw import n

WIDTH, HEIGHT, EDGE = 112, 26, 7


def dumbbell(
    alone: float,
    together: float,
    together_low: float,
    together_high: float,
    *,
    state: str,
) -> Markup:
    """A dumbbell for one cell of the matrix; hidden from readers because the figures stand above it.

    Each cell has its own scale from nought (or the lowest value) to its highest value; ``state`` is
    'better', 'worse' or 'same' and sets the colour by a class of the style sheet.
    """
    values = [v for v in (0.0, alone, together, together_low, together_high) if math.isfinite(v)]
    low, high = min(values), max(values)
    width = (high - low) or 1.0

    def x(v: float) -> str:
        return n(EDGE + (v - low) / width * (WIDTH - 2 * EDGE))

    band = ""
    if math.isfinite(together_low) and math.isfinite(together_high):
        band = f'<path class="b" d="M{x(together_low)} 13H{x(together_high)}"/>'
    return Markup(
        f'<svg class="db {state}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        f'<path class="a" d="M{EDGE} 13H{WIDTH - EDGE}"/>{band}'
        f'<path class="l" d="M{x(alone)} 13H{x(together)}"/>'
        f'<circle class="o" cx="{x(alone)}" cy="13" r="4.5"/>'
        f'<circle class="t" cx="{x(together)}" cy="13" r="5"/></svg>'
    )
