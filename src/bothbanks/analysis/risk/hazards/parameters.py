"""Reading numbers from a draw, and the climate factors of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bothbanks.words.errors import MissingValueError, RangeError

Draw = Mapping[str, float]


@dataclass(frozen=True)
class Climate:
    """Change factors of a climate scenario; the defaults are today's climate.

    Rain depth and discharge are multiplied (first rain, then the discharge that follows), gusts are
    multiplied, and ``temperature_shift_c`` is added to each day's maximum.
    """

    rain_factor: float = 1.0
    discharge_factor: float = 1.0
    gust_factor: float = 1.0
    temperature_shift_c: float = 0.0

    def __post_init__(self) -> None:
        for name in ("rain_factor", "discharge_factor", "gust_factor"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise RangeError("hazard.climate", f"{name} is {getattr(self, name):g}; expected above 0.")
        if not np.isfinite(self.temperature_shift_c):
            raise MissingValueError("hazard.climate", "temperature_shift_c is not a number.")


TODAY = Climate()


def required(draw: Draw, name: str) -> float:
    """The value of a parameter. Raises MissingValueError naming it when absent or NaN."""
    value = draw.get(name)
    if value is None or np.isnan(value):
        raise MissingValueError(
            "hazard.parameter",
            f"parameter {name!r} is missing from the draw. Add it to the case's toml with a source.",
        )
    return float(value)


def optional(draw: Draw, name: str, default: float) -> float:
    """The value of a parameter, or ``default`` where the case doesn't state it."""
    value = draw.get(name)
    return default if value is None else float(value)
