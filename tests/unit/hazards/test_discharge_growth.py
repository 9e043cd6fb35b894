from __future__ import annotations

import numpy as np
import pytest
from hazard_cases import flood_draw, rain_fits

from bothbanks.analysis.risk.hazards.discharge import GrowthCurve, growth_curve
from bothbanks.analysis.risk.hazards.rain import GevFit
from bothbanks.words.errors import MissingValueError, RangeError

RAIN = GevFit(2, 40.5, 9.4, 0.03, 104, 46.3, 6.8)


def test_runoff_is_that_of_the_handbook() -> None:
    # CN 80: S = 63.5 mm, initial loss 12.7 mm; 50 mm of rain leave 37.3^2 / (37.3 + 63.5) = 13.80 mm
    curve = GrowthCurve(RAIN, "tributary", storage_mm=63.5, loss_mm=12.7)
    assert curve.runoff([10.0, 50.0]) == pytest.approx([0.0, 37.3**2 / 100.8])
    wetter = GrowthCurve(RAIN, "tributary", storage_mm=63.5, loss_mm=12.7, rain_ratio=1.2)
    assert wetter.runoff(50.0) == pytest.approx(curve.runoff(60.0))


def test_a_main_river_grows_with_rain_above_the_threshold() -> None:
    curve = GrowthCurve(RAIN, "main", loss_mm=25.0)
    two, hundred = RAIN.quantile(2), RAIN.quantile(100)
    assert curve.q(100) == pytest.approx((hundred - 25) / (two - 25))


def test_the_exponent_flattens_the_growth() -> None:
    whole = GrowthCurve(RAIN, "main", loss_mm=25.0).q(100)
    assert GrowthCurve(RAIN, "main", loss_mm=25.0, exponent=0.75).q(100) == pytest.approx(whole**0.75)


@pytest.mark.parametrize("kind", ["tributary", "main"])
@pytest.mark.parametrize("exponent", [0.75, 1.0])
def test_there_and_back(kind: str, exponent: float) -> None:
    curve = GrowthCurve(RAIN, kind, 55.0, 11.0, 1.1, exponent)  # type: ignore[arg-type]
    t = np.array([1.3, 2.0, 5.0, 100.0, 1e4])
    assert curve.return_period(curve.q(t)) == pytest.approx(t, rel=1e-6)


def test_climate_makes_the_same_flood_commoner() -> None:
    curve = GrowthCurve(RAIN, "tributary", 55.0, 11.0)
    assert curve.return_period(curve.q(50, rain_factor=1.1)) > 80
    assert curve.q(50, discharge_factor=1.2) == pytest.approx(1.2 * curve.q(50))


def test_parameters_come_by_name() -> None:
    draw = flood_draw(beck={"orographic": 1.2, "growth_exponent": 0.75})
    curve = growth_curve(draw, rain_fits(), "beck", "tributary")
    assert curve.storage_mm == pytest.approx(25400 / 82 - 254)
    assert curve.loss_mm == pytest.approx(0.2 * curve.storage_mm)
    assert (curve.rain_ratio, curve.exponent, curve.rain.duration_days) == (1.2, 0.75, 2)
    assert curve.rain.shape == 0.03  # flood.rain_shape_prior, not the 0.015 of the record
    assert growth_curve(draw, rain_fits(), "beck", "main").rain.duration_days == 10


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(RangeError, match="no runoff"):
        GrowthCurve(RAIN, "main", loss_mm=80.0)
    with pytest.raises(RangeError, match="curve number"):
        growth_curve(flood_draw(beck={"runoff_cn": 0.0}), rain_fits(), "beck", "tributary")
    draw = flood_draw(beck={})
    del draw["flood.basin.beck.runoff_cn"]
    with pytest.raises(MissingValueError, match=r"flood\.basin\.beck\.runoff_cn"):
        growth_curve(draw, rain_fits(), "beck", "tributary")
    with pytest.raises(RangeError, match="above 0"):
        growth_curve(flood_draw(beck={"orographic": -1.0}), rain_fits(), "beck", "tributary")
