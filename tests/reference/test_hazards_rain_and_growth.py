"""Rain at Aachen and growth of the Meuse against outside figures.

The fits are checked with scipy's maximum likelihood on the daily series (DWD, 1891-2011), the growth of the
Meuse with return levels that Rijkswaterstaat stated in public and with the daily discharges at Borgharen
(used here only).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hazard_cases import EXAMPLE, example_draw, example_flood, example_tables
from scipy.stats import genextreme

from bothbanks.analysis.risk.hazards import RainFits, block_maxima, fit_gev, return_levels


@pytest.fixture(scope="module")
def daily(outside_data: Path) -> pd.DataFrame:
    file = outside_data / "meuse-rhine" / "precip_daily_aachen.csv"
    if not file.is_file():
        pytest.skip("outside data: no daily rain at Aachen")
    return pd.read_csv(file, parse_dates=["Date"])


def _maxima(daily: pd.DataFrame, days: int) -> np.ndarray:
    number = np.array([d.toordinal() for d in daily.Date])
    _, depth, seen = block_maxima(number, daily.Date.dt.year.to_numpy(), daily.cumPrec.to_numpy(), days)
    return depth[seen >= 330]


# duration, hundred-year depth and its 90 % interval in mm, as a first pass by maximum likelihood found them
FIRST_PASS = [(1, 78.5, 67, 93), (2, 87, 78, 95), (3, 104, 86, 121), (10, 149, 132, 172)]


@pytest.mark.parametrize(("days", "t100", "low", "high"), FIRST_PASS)
def test_hundred_year_rain(daily: pd.DataFrame, days: int, t100: float, low: float, high: float) -> None:
    x = _maxima(daily, days)
    assert x.size == 104
    got = return_levels(x, days, [100.0], np.random.default_rng(20261124))
    assert got.depth[0] == pytest.approx(t100, rel=0.05)
    assert got.low[0] == pytest.approx(low, rel=0.07)
    assert got.high[0] == pytest.approx(high, rel=0.12)


def test_l_moments_and_maximum_likelihood_agree(daily: pd.DataFrame) -> None:
    x = _maxima(daily, 2)
    fit = fit_gev(x, 2)
    assert (fit.location, fit.scale, fit.shape) == pytest.approx((40.5, 9.7, 0.015), abs=0.1)
    k, location, scale = genextreme.fit(x, -fit.shape, loc=fit.location, scale=fit.scale)
    assert (location, scale, -k) == pytest.approx((40.5, 9.4, 0.03), abs=0.05)
    assert fit.quantile(100) == pytest.approx(genextreme.isf(0.01, k, location, scale), rel=0.02)


def test_july_2021_lies_off_the_fitted_curve(daily: pd.DataFrame) -> None:
    # 271.5 mm fell at Jalhay on 13-15 July 2021 (Tractebel); even the 1,000-year rain at Aachen is far below
    fit = fit_gev(_maxima(daily, 3), 3)
    assert fit.quantile(1000) < 150
    assert fit.return_period(271.5) > 20_000


@pytest.mark.skipif(not EXAMPLE.is_dir(), reason="example: no examples/meuse-rhine")
def test_the_shipped_maxima_are_those_of_the_daily_series(daily: pd.DataFrame) -> None:
    shipped = RainFits.from_table(example_tables()["rain_maxima"])
    for days in (1, 2, 3, 10):
        own = fit_gev(_maxima(daily, days), days)
        assert shipped.fit(days).years == 104
        assert shipped.fit(days).quantile(100) == pytest.approx(own.quantile(100), rel=1e-3)


# Rijkswaterstaat, in the press of July 2021: Meuse at Sint Pieter, m3/s (Gumbel through four public figures)
STATED = {10: 2356.0, 25: 2749.0, 50: 3040.0, 100: 3329.0}
STATED_TWO_YEAR = 1576.0


@pytest.mark.skipif(not EXAMPLE.is_dir(), reason="example: no examples/meuse-rhine")
@pytest.mark.parametrize("period", sorted(STATED))
def test_ten_days_of_rain_give_the_stated_growth_of_the_meuse(period: int) -> None:
    got = float(example_flood().growth(example_draw("flood"), "meuse").q(period))
    assert got == pytest.approx(STATED[period] / STATED_TWO_YEAR, rel=0.05)


@pytest.mark.skipif(not EXAMPLE.is_dir(), reason="example: no examples/meuse-rhine")
@pytest.mark.parametrize(
    ("period", "tolerance"), [(5, 0.05), (10, 0.05), (50, 0.05), (100, 0.07), (250, 0.12)]
)
def test_and_that_of_a_century_at_borgharen(outside_data: Path, period: int, tolerance: float) -> None:
    file = outside_data / "river" / "discharge_daily_borgharen.csv"
    if not file.is_file():
        pytest.skip("outside data: no daily discharge at Borgharen")
    flow = pd.read_csv(file, parse_dates=["date"]).dropna()
    winter = flow.date.dt.year + (flow.date.dt.month >= 10)  # hydrological years from October
    by_year = flow.groupby(winter).discharge_m3_s.agg(["max", "count"])
    gauge = fit_gev(by_year.loc[by_year["count"] > 330, "max"].to_numpy(), 1)
    got = float(example_flood().growth(example_draw("flood"), "meuse").q(period))
    assert got == pytest.approx(float(gauge.quantile(period) / gauge.quantile(2)), rel=tolerance)
