"""Colours with one meaning each: teal better, burnt orange worse, grey unchanged.

Ramps are single-hue or cividis and run from little to much; the classes are always printed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

BETTER = "#00695c"
WORSE = "#a8420a"
SAME = "#5a6672"
INK = "#17212b"
SOFT = "#55616c"
LINE = "#d5dbe0"
RIVER = "#2f6f9f"
BORDER = "#17212b"

# Anchors of each ramp, little first. 'heat' is cividis turned round (Nunez, Anderton, Renslow 2018).
RAMPS: dict[str, tuple[str, ...]] = {
    "water": ("#dcebf7", "#a9cfe8", "#66a7d3", "#2c79b5", "#0b4a86", "#06284f"),
    "heat": ("#fde737", "#c9b75c", "#948e77", "#666970", "#35456c", "#00224e"),
    "wind": ("#ebe5f3", "#cbbfe0", "#a391c6", "#7b63a9", "#573b86", "#32195a"),
    "people": ("#ececec", "#c9c9c9", "#a1a1a1", "#777777", "#4d4d4d", "#262626"),
}
DIVERGING = ("#00695c", "#5da79b", "#b7d8d2", "#e9ebec", "#f0c8a8", "#d98a4f", "#a8420a")


def ramp(name: str, count: int) -> tuple[str, ...]:
    """``count`` colours of a ramp, evenly spread; unknown names use 'people'.

    >>> ramp("water", 2)
    ('#dcebf7', '#06284f')
    """
    anchors = DIVERGING if name == "difference" else RAMPS.get(name, RAMPS["people"])
    if count <= 1:
        return (anchors[len(anchors) // 2],)
    return tuple(_between(anchors, i / (count - 1)) for i in range(count))


def difference(breaks: Sequence[float]) -> tuple[str, ...]:
    """Colours of the classes a set of limits makes, by the sign of each class.

    Less is better, so classes below zero are teal, above zero burnt orange, across zero grey.
    """
    middles = [
        breaks[0] - 1e-9,
        *((a + b) / 2 for a, b in itertools.pairwise(breaks)),
        breaks[-1] + 1e-9,
    ]
    below = [i for i, m in enumerate(middles) if m < -1e-12]
    above = [i for i, m in enumerate(middles) if m > 1e-12]
    colours = [DIVERGING[3]] * len(middles)
    for place, i in enumerate(below):
        colours[i] = DIVERGING[min(2, place + max(0, 3 - len(below)))]
    for place, i in enumerate(reversed(above)):
        colours[i] = DIVERGING[6 - min(2, place + max(0, 3 - len(above)))]
    return tuple(colours)


def _between(anchors: Sequence[str], at: float) -> str:
    place = at * (len(anchors) - 1)
    i = min(math.floor(place), len(anchors) - 2)
    t = place - i
    a, b = _rgb(anchors[i]), _rgb(anchors[i + 1])
    return "#" + "".join(f"{round(x + (y - x) * t):02x}" for x, y in zip(a, b, strict=True))


def _rgb(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition)."""
    parts = [c / 255 for c in _rgb(colour)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, definition), 1 to 21."""
    first, second = sorted((luminance(a), luminance(b)), reverse=True)
    return (first + 0.05) / (second + 0.05)
