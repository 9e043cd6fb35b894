"""Layers: who bears what adds up to the last cent, and terms that cannot be are told."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.reserve.layers import (
    Layer,
    cede,
    event_loss_at,
    event_split,
    whole,
    year_loss_at,
    year_split,
)
from bothbanks.analysis.reserve.years import Peril, annual_losses
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError


def random_events() -> Peril:
    rng = np.random.default_rng(1)
    return Peril("flood", whole(rng.lognormal(8, 2, (300, 4))), rng.gamma(0.5, 0.02, 300))


def test_a_layer_by_hand() -> None:
    layer = Layer([10.0, 0.0], [100.0, np.inf], [0.25, 1.0])
    paid = layer.pays(np.array([[5.0, 5.0], [50.0, 50.0], [500.0, 500.0]]))
    assert paid.tolist() == [[0.0, 5.0], [10.0, 50.0], [22.0, 500.0]]  # 22.5 to even
    assert layer.limit.tolist() == [22.5, np.inf]


def test_every_part_adds_up_to_the_cent() -> None:
    peril = random_events()
    layer = Layer([2e5, 0.0, 1e6, 3e5], [2e6, 1e7, 5e6, 3e5], [0.25, 0.9, 1 / 3, 1.0])
    events = event_split(peril.loss, layer)
    years = annual_losses([Peril("flood", events, peril.rate)], 20_000, np.random.default_rng(2))
    gross, paid = years[:, :4], years[:, 4:]
    yearly = year_split(gross, paid, Layer([1e5] * 4, [4e6] * 4))
    ceded = cede(yearly, Layer(1e6, 4e6, 0.37))
    for borne in (year_split(gross, paid), yearly, ceded):
        assert (borne.kept + borne.fund + borne.ceded == gross).all()
        assert min(borne.kept.min(), borne.fund.min(), borne.ceded.min()) >= 0
        for part in (borne.kept, borne.fund, borne.ceded):
            assert (part == np.rint(part)).all()
    assert not paid[:, 3].any()  # a layer without width pays nothing
    assert (yearly.paid.max(axis=0) <= 3.9e6).all()
    expected = Layer(1e6, 4e6, 0.37).pays(yearly.fund.sum(axis=1))
    assert expected.any()
    assert (ceded.ceded.sum(axis=1) == expected).all()
    assert (ceded.paid == yearly.paid).all()


def test_what_is_ceded_follows_the_payouts_of_the_year() -> None:
    fund = np.array([[3000.0, 1000.0], [0.0, 0.0], [10.0, 0.0]])
    borne = cede(year_split(fund, fund), Layer(2000.0, 4000.0, 0.5))
    assert borne.ceded.tolist() == [[750.0, 250.0], [0.0, 0.0], [0.0, 0.0]]


def test_return_periods_of_events_and_years() -> None:
    loss = np.array([[10.0, 1.0], [20.0, 0.0], [30.0, 0.0]])
    peril = Peril("flood", loss, np.array([0.1, 0.02, 0.01]))
    # Poisson: 30 is reached with 1 - exp(-0.01) < 1/100, so the 100-year event is the one of rate 0.02
    assert event_loss_at([peril], 100.0).tolist() == [20.0, 1.0]
    assert event_loss_at([peril], 40.0).tolist() == [20.0, 1.0]
    assert event_loss_at([peril], 30.0).tolist() == [10.0, 1.0]
    assert event_loss_at([peril], 9.0).tolist() == [10.0, 0.0]
    assert event_loss_at([peril], 8.0).tolist() == [0.0, 0.0]
    years = np.array([[0.0, 5.0], [1.0, 6.0], [2.0, 7.0], [3.0, 8.0]])
    assert year_loss_at(years, 2.0).tolist() == [2.0, 7.0]
    assert year_loss_at(years[2:], 2.0, years=4).tolist() == [2.0, 7.0]
    assert year_loss_at(years[3:], 1.0, years=4).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        ((20.0, 10.0, 1.0), RangeError),
        ((-1.0, 10.0, 1.0), RangeError),
        ((np.inf, np.inf, 1.0), RangeError),
        ((0.0, 10.0, 1.2), RangeError),
        ((0.0, 10.0, -0.1), RangeError),
        ((np.nan, 10.0, 1.0), MissingValueError),
        ((0.0, 10.0, np.nan), MissingValueError),
    ],
)
def test_terms_that_cannot_be(terms: tuple[float, float, float], error: type) -> None:
    with pytest.raises(error, match=r"reserve\.layer"):
        Layer(*terms)


def test_a_retention_above_the_exhaustion_says_both() -> None:
    with pytest.raises(RangeError, match=r"attaches at 20 and is exhausted at 10"):
        Layer([1.0, 20.0], [2.0, 10.0])


def test_sizes_and_periods_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"layer for 2 members"):
        event_split(np.zeros((3, 4)), Layer([0.0, 0.0], [1.0, 1.0]))
    with pytest.raises(ShapeError, match="one shape"):
        year_split(np.zeros((3, 4)), np.zeros((3, 2)))
    with pytest.raises(RangeError, match="1 or more"):
        year_loss_at([1.0, 2.0], 0.5)
    with pytest.raises(RangeError, match="draw more"):
        year_loss_at([1.0, 2.0], 10.0)
