"""From parameters to draws: the base values, and scrambled Sobol draws over the stated ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bothbanks.words.parameters import Parameter

Draw = dict[str, float]


@dataclass(frozen=True)
class DrawSet:
    """The base case and the draws around it, with the matrix that the sensitivities need."""

    parameters: tuple[Parameter, ...]
    base: Draw
    draws: tuple[Draw, ...]
    values: np.ndarray[tuple[int, int], np.dtype[np.float64]]  # (draw, parameter)
    seed: int


def draw_set(parameters: Sequence[Parameter], n: int, seed: int) -> DrawSet:
    """The base values of all parameters, and ``n`` draws of those that vary."""
    from bothbanks.analysis.risk.uncertainty import draws

    drawn = draws(parameters, n, seed)
    rows = tuple(drawn.row(i) for i in range(len(drawn)))
    base = {p.id: p.value for p in parameters}
    return DrawSet(tuple(parameters), base, rows, drawn.values, seed)
