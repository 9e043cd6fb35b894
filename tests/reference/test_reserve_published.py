"""Published terms and formulas: CCRIF's layer terms, the tail of known distributions, Euler parts.

CCRIF: a country report of the International Monetary Fund gives a policy's terms as attachment once in 10
years, exhaustion once in 100 years, ceding 25 % (tropical cyclone), and 50 and 175 years, 33 % (earthquake);
see the facts file of issue 4, section 6. It gives no amounts in money; the payout formula (share of the loss
between attachment and exhaustion) is what those terms imply and isn't quoted from it.
"""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.reserve.allocation import euler_allocation
from bothbanks.analysis.reserve.capital import capital, tail_value_at_risk
from bothbanks.analysis.reserve.layers import Layer, event_loss_at, whole
from bothbanks.analysis.reserve.years import Peril

CYCLONE = (10.0, 100.0, 0.25)
EARTHQUAKE = (50.0, 175.0, 0.33)


def made_up_country() -> Peril:
    """10,000 equally frequent events, one a year: the event of rank k costs 10,000 / k millions."""
    events = 10_000
    period = 10_000.0 / (np.arange(events) + 0.5)
    return Peril("cyclone", whole(period * 1e6)[:, None], np.full(events, 1e-4))


@pytest.mark.parametrize("terms", [CYCLONE, EARTHQUAKE])
def test_payouts_that_published_terms_imply(terms: tuple[float, float, float]) -> None:
    attach, exhaust, share = terms
    peril = made_up_country()
    low, high = (float(event_loss_at([peril], t)[0]) for t in (attach, exhaust))
    # yearly worst under Poisson events: P = 1 - exp(-1e6 x 100 / loss), so loss = 1e8 / -ln(1 - 1/T) cents
    for found, period in ((low, attach), (high, exhaust)):
        assert found == pytest.approx(-1e8 / np.log1p(-1 / period), rel=0.01)
    layer = Layer(low, high, share)
    below, just, half, full, beyond = layer.pays(
        np.array([low - 1, low + 4, (low + high) / 2, high, 50 * high])
    )
    assert below == 0.0  # Belize 2010: just under its attachment, so nothing
    assert just == round(4 * share)
    assert half == pytest.approx(share * (high - low) / 2, abs=1)
    assert full == beyond == pytest.approx(share * (high - low), abs=0.5)


def test_tail_of_an_exponential_loss() -> None:
    # TVaR of an exponential with mean 1 is VaR + 1 = 1 - ln(1 - level): the memoryless property
    years = -np.log1p(-(np.arange(400_000) + 0.5) / 400_000)
    for level in (0.5, 0.9, 0.99):
        assert tail_value_at_risk(years, level) == pytest.approx(1 - np.log(1 - level), rel=1e-3)


def test_euler_parts_of_joint_normal_losses() -> None:
    # for elliptical losses the Euler part is in proportion to the covariance with the sum: McNeil, Frey and
    # Embrechts, Quantitative Risk Management, chapter 8 (capital allocation)
    covariance = np.array([[4.0, 1.2, 0.0], [1.2, 1.0, -0.3], [0.0, -0.3, 9.0]])
    rng = np.random.default_rng(5)
    loss = rng.multivariate_normal([10.0, 20.0, 30.0], covariance, 800_000)
    parts = euler_allocation(loss, 0.95)
    share = covariance.sum(axis=1) / covariance.sum()
    assert parts / parts.sum() == pytest.approx(share, abs=0.01)
    # density of the standard normal at its 95 % point, 1.6449, over 0.05: 2.0627
    assert capital(loss.sum(axis=1), 0.95) == pytest.approx(2.0627 * np.sqrt(covariance.sum()), rel=0.01)
