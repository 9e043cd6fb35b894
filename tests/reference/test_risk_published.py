"""Published curves and worked numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bothbanks.analysis.risk import aggregate_distribution, jrc_flood_curves, schwierz_storm_curve


def test_jrc_curves_are_those_of_the_report() -> None:
    """Huizinga et al. 2017 (JRC105688), Europe: fractions at 1 m, 3 m and 6 m."""
    curves = jrc_flood_curves()
    at = np.array([1.0, 3.0, 6.0])
    expected = {
        "residential": [0.40, 0.75, 1.0],
        "commercial": [0.30, 0.75, 1.0],
        "industrial": [0.27, 0.70, 1.0],
        "transport": [0.542, 1.0, 1.0],
        "infrastructure": [0.42, 0.80, 1.0],
        "agriculture": [0.55, 0.85, 1.0],
    }
    assert sorted(curves) == sorted(expected)
    for name, fractions in expected.items():
        np.testing.assert_allclose(curves[name](at), fractions)
        assert "doi:10.2760/16510" in curves[name].source


def test_storm_curve_is_schwierz_with_the_factor_of_welker() -> None:
    """Schwierz et al. 2010: share affected x damage degree; Welker et al. 2021: both x 1.332518."""
    plain = schwierz_storm_curve(welker=False)
    np.testing.assert_allclose(plain([30.0, 50.0]), [0.00676 * 0.00177515, 0.48869 * 0.01849639])
    scaled = schwierz_storm_curve()
    np.testing.assert_allclose(scaled([30.0, 50.0]), 1.332518**2 * plain([30.0, 50.0]))
    # the share affected ends at 1: 0.82907 x 1.33 is more
    np.testing.assert_allclose(scaled([55.0]), 1.332518 * 0.02370487)
    # between knots both factors are read linearly: 27.5 m/s lies midway between 25 and 30
    middle = (0.001 + 0.00676) / 2 * (0.001 + 0.00177515) / 2
    np.testing.assert_allclose(plain([27.5]), middle, rtol=1e-9)
    assert plain([19.9])[0] == 0.0


def test_compound_poisson_with_geometric_severities_has_its_closed_form() -> None:
    """Polya-Aeppli distribution (Johnson, Kotz and Kemp, Univariate Discrete Distributions, section 9.7).

    P(0) = exp(-r); P(n) = exp(-r) sum over k of r^k / k! C(n-1, k-1) p^k (1-p)^(n-k).
    """
    rate, p = 0.8, 0.4
    size = np.arange(1, 200)
    weight = rate * p * (1 - p) ** (size - 1)
    dist = aggregate_distribution(size.astype(float), weight, points=1 << 15)
    for n in range(6):
        exact = math.exp(-rate) * (
            1.0 if n == 0 else sum(
                rate**k / math.factorial(k) * math.comb(n - 1, k - 1) * p**k * (1 - p) ** (n - k)
                for k in range(1, n + 1)
            )
        )  # fmt: skip
        near = dist.probability[np.abs(dist.loss - n) < 0.5].sum()
        assert near == pytest.approx(exact, abs=1e-9)
