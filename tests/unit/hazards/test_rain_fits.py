from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy.stats import genextreme

from bothbanks.analysis.risk.hazards.rain import (
    GevFit,
    RainFits,
    block_maxima,
    fit_gev,
    gev_quantile,
    gev_return_period,
    return_levels,
    sample_l_moments,
)
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError


def test_a_gap_in_the_record_never_joins_two_wet_spells() -> None:
    day = [1, 2, 3, 100, 101]
    years, depth, seen = block_maxima(day, [1914, 1914, 1914, 1930, 1930], [5.0, 1.0, 30.0, 40.0, 2.0], 2)
    assert years.tolist() == [1914, 1930]
    assert depth.tolist() == [31.0, 42.0]  # 30 + 40 would be 70
    assert seen.tolist() == [3, 2]


def test_a_window_with_a_missing_day_is_not_used() -> None:
    years, depth, seen = block_maxima([1, 2, 3, 4], [2000] * 4, [9.0, np.nan, 2.0, 3.0], 2)
    assert (years.tolist(), depth.tolist(), seen.tolist()) == ([2000], [5.0], [3])


def test_a_window_belongs_to_the_year_of_its_last_day() -> None:
    years, depth, _ = block_maxima([365, 366], [2001, 2002], [10.0, 20.0], 2)
    assert (years.tolist(), depth.tolist()) == ([2002], [30.0])


def test_l_moments_are_the_textbook_sums() -> None:
    x = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0])
    s, n = np.sort(x), 7
    b = [sum(comb(j, r) * s[j] for j in range(n)) / (n * comb(n - 1, r)) for r in range(3)]
    l1, l2, t3 = sample_l_moments(x)
    assert l1 == pytest.approx(b[0])
    assert l2 == pytest.approx(2 * b[1] - b[0])
    assert t3 == pytest.approx((6 * b[2] - 6 * b[1] + b[0]) / (2 * b[1] - b[0]))


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.03, 0.25])
def test_a_large_even_sample_gives_its_parameters_back(shape: float) -> None:
    u = (np.arange(200_000) + 0.5) / 200_000
    fit = fit_gev(gev_quantile(40.0, 9.0, shape, 1.0 / (1.0 - u)), 2)
    assert (fit.location, fit.scale, fit.shape) == pytest.approx((40.0, 9.0, shape), abs=0.03)


@pytest.mark.parametrize("shape", [-0.15, 0.0, 0.2])
def test_quantiles_and_return_periods_agree_with_scipy_and_each_other(shape: float) -> None:
    t = np.array([1.5, 2.0, 10.0, 100.0, 1e4])
    level = gev_quantile(40.0, 9.0, shape, t)
    assert level == pytest.approx(genextreme.isf(1 / t, -shape, 40.0, 9.0), rel=1e-9)
    assert gev_return_period(40.0, 9.0, shape, level) == pytest.approx(t, rel=1e-6)


def test_beyond_the_ends_of_a_bounded_law() -> None:
    top = 40.0 + 9.0 / 0.2
    assert np.isinf(gev_return_period(40.0, 9.0, -0.2, top + 1.0))
    bottom = 40.0 - 9.0 / 0.2
    assert gev_return_period(40.0, 9.0, 0.2, bottom - 1.0) == pytest.approx(1.0)


def test_another_shape_keeps_the_mean_and_the_spread() -> None:
    x = np.random.default_rng(3).gumbel(40.0, 9.0, 90)
    fit = fit_gev(x, 2)
    heavy = fit.with_shape(0.15)
    assert genextreme.mean(-0.15, heavy.location, heavy.scale) == pytest.approx(x.mean())
    assert heavy.quantile(1000) > fit.with_shape(0.0).quantile(1000)
    assert fit.with_shape(float("nan")) is fit
    u = (np.arange(100_000) + 0.5) / 100_000
    _, l2, _ = sample_l_moments(heavy.quantile(1.0 / (1.0 - u)))
    assert l2 == pytest.approx(fit.l2, rel=1e-3)


def test_intervals_hold_the_estimate_and_repeat_with_the_seed() -> None:
    x = np.random.default_rng(3).gumbel(40.0, 9.0, 90)
    one, two = (return_levels(x, 2, [10, 100], np.random.default_rng(8), 500) for _ in range(2))
    assert (one.low < one.depth).all()
    assert (one.depth < one.high).all()
    assert one.high.tolist() == two.high.tolist()


def test_rows_of_short_years_are_left_out_and_stations_are_not_pooled() -> None:
    depth = np.random.default_rng(5).gumbel(40.0, 9.0, 41)
    depth[0] = 500.0
    table = {
        "station": ["Vaals"] * 41,
        "duration_days": [2.0] * 41,
        "depth": depth,
        "days_observed": [90.0] + [365.0] * 40,
    }
    fits = RainFits.from_table(table)
    assert fits.fit(2).years == 40
    assert fits.fit(2).quantile(100) < 120
    table["station"] = ["Vaals"] * 20 + ["Eupen"] * 21
    with pytest.raises(RangeError, match="Eupen, Vaals"):
        RainFits.from_table(table)
    with pytest.raises(RangeError, match="given: \\[2\\]"):
        fits.fit(10)


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(RangeError, match="20"):
        fit_gev([1.0, 2.0], 2)
    with pytest.raises(MissingValueError, match="NaN"):
        fit_gev([np.nan] * 30, 2)
    with pytest.raises(RangeError, match="equal"):
        fit_gev([7.0] * 30, 2)
    with pytest.raises(RangeError, match="shape"):
        GevFit(2, 40.0, 9.0, 0.0, 50, 46.0, 6.5).with_shape(1.4)
    with pytest.raises(RangeError, match="rise"):
        block_maxima([2, 1], [2000, 2000], [1.0, 1.0], 1)
    with pytest.raises(RangeError, match="negative"):
        block_maxima([1, 2], [2000, 2000], [-1.0, 1.0], 1)
    with pytest.raises(ShapeError):
        block_maxima([1, 2], [2000], [1.0, 1.0], 1)
