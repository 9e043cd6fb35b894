"""From rain to discharge: how a basin's flood peak grows with the return period.

Discharge is kept relative: q = peak / two-year peak of today's climate, so that no gauge is needed.

- *tributary*: the peak is proportional to the runoff of a two-day storm by the curve-number method of the US
  Soil Conservation Service (National Engineering Handbook, part 630, chapter 10): runoff = e^2 / (e + S) with
  e = max(P - lambda S, 0), S = 25400 / CN - 254 mm.
- *main*: a large river, where only the part of a long rain above a threshold counts:
  q = (R - R0) / (R(2 years) - R0).

Both are raised to ``exponent`` (below 1 where reservoirs flatten the peaks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.risk.hazards.parameters import optional, required
from bothbanks.analysis.risk.hazards.rain import GevFit, RainFits
from bothbanks.words.errors import RangeError

FloatArray = NDArray[np.float64]
BasinKind = Literal["tributary", "main"]
KINDS: tuple[BasinKind, ...] = ("tributary", "main")
MAIN_DURATION_DAYS = 10.0


@dataclass(frozen=True)
class GrowthCurve:
    """Relative peak q by return period, and back.

    Parameters
    ----------
    rain : fit of the station's yearly maxima
    kind : ``tributary`` or ``main``
    storage_mm : S of the curve-number method; unused for a main river
    loss_mm : lambda S, or the rain threshold of a main river
    rain_ratio : basin rain over station rain (orographic)
    exponent : power of the ratio of runoffs

    Raises
    ------
    RangeError
        No runoff from the two-year rain: growth relative to it would be infinite.

    Examples
    --------
    >>> rain = GevFit(2, 40.5, 9.4, 0.0, 100, 46.0, 6.5)
    >>> curve = GrowthCurve(rain, "tributary", storage_mm=63.5, loss_mm=12.7)
    >>> bool(np.isclose(curve.q(2.0), 1.0)), round(float(curve.return_period(curve.q(50.0))), 6)
    (True, 50.0)
    """

    rain: GevFit
    kind: BasinKind
    storage_mm: float = 0.0
    loss_mm: float = 0.0
    rain_ratio: float = 1.0
    exponent: float = 1.0

    def __post_init__(self) -> None:
        if not self.runoff(self.rain.quantile(2.0)) > 0:
            raise RangeError(
                "flood.growth",
                f"a two-year rain of {float(self.rain.quantile(2.0)) * self.rain_ratio:.1f} mm gives no "
                f"runoff after a "
                f"loss of {self.loss_mm:.1f} mm. Lower the loss or raise the curve number.",
            )

    def runoff(self, station_rain_mm: ArrayLike) -> FloatArray:
        """Runoff (tributary) or effective rain (main river) in mm from rain at the station."""
        excess = np.maximum(
            np.asarray(station_rain_mm, dtype=np.float64) * self.rain_ratio - self.loss_mm, 0.0
        )
        if self.kind == "main":
            return excess
        return np.asarray(excess**2 / np.maximum(excess + self.storage_mm, 1e-12), dtype=np.float64)

    def q(
        self, return_period: ArrayLike, rain_factor: float = 1.0, discharge_factor: float = 1.0
    ) -> FloatArray:
        """q at return periods in years; the factors are those of a climate scenario."""
        two = self.runoff(self.rain.quantile(2.0))
        grown = self.runoff(self.rain.quantile(return_period) * rain_factor) / two
        return np.asarray(grown**self.exponent * discharge_factor, dtype=np.float64)

    def return_period(self, q: ArrayLike) -> FloatArray:
        """Return period in years of q in today's climate (same shape); infinite beyond a bounded tail."""
        runoff = np.maximum(np.asarray(q, dtype=np.float64), 0.0) ** (1.0 / self.exponent)
        runoff = runoff * self.runoff(self.rain.quantile(2.0))
        if self.kind == "main":
            excess = runoff
        else:
            excess = (runoff + np.sqrt(runoff**2 + 4.0 * runoff * self.storage_mm)) / 2.0
        return self.rain.return_period((excess + self.loss_mm) / self.rain_ratio)


def growth_curve(draw: Mapping[str, float], rain: RainFits, basin: str, kind: BasinKind) -> GrowthCurve:
    """The growth curve of a basin, from the parameters of a draw."""
    own = f"flood.basin.{basin}."
    shape = optional(draw, "flood.rain_shape_prior", float("nan"))
    ratio = optional(draw, own + "orographic", 1.0)
    exponent = optional(draw, own + "growth_exponent", 1.0)
    if not (ratio > 0 and exponent > 0):
        raise RangeError(
            "flood.growth",
            f"basin {basin!r}: orographic {ratio:g} and growth_exponent {exponent:g} must be above 0.",
        )
    if kind == "main":
        days = optional(
            draw,
            own + "rain_duration_days",
            optional(draw, "flood.main_rain_duration_days", MAIN_DURATION_DAYS),
        )
        return GrowthCurve(
            rain.fit(days, shape), kind, 0.0, required(draw, "flood.main_rain_threshold_mm"), ratio, exponent
        )
    days = optional(draw, own + "rain_duration_days", required(draw, "flood.rain_duration_days"))
    number = required(draw, own + "runoff_cn")
    if not 0 < number <= 100:
        raise RangeError(
            "flood.runoff-cn", f"basin {basin!r}: curve number {number:g}; expected above 0, to 100."
        )
    storage = 25400.0 / number - 254.0
    return GrowthCurve(
        rain.fit(days, shape),
        kind,
        storage,
        required(draw, "flood.initial_loss_ratio") * storage,
        ratio,
        exponent,
    )
