"""Basis risk on small catalogues that can be worked out by hand, and on many simulated years."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.reserve.basis_risk import basis_risk, correlation, value_at
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

RATE = np.array([0.1, 0.05, 0.01])
LOSS = np.array([[50.0, 0.0], [0.0, 200.0], [400.0, 400.0]])
PAID = np.array([[30.0, 30.0], [0.0, 0.0], [100.0, 100.0]])


def test_by_hand() -> None:
    # Needs above 40 and up to 100: member 1: 10, 0, 100; member 2: 0, 100, 100.
    found = basis_risk(PAID, LOSS, RATE, retention=40.0, limit=100.0)
    assert found.paid == pytest.approx([0.11, 0.11])
    assert found.needed == pytest.approx([0.11, 0.06])
    assert found.paid_not_needed == pytest.approx([0.0, 0.1])
    assert found.needed_not_paid == pytest.approx([0.0, 0.05])
    assert found.mean_paid == pytest.approx([4.0, 4.0])
    assert found.mean_needed == pytest.approx([2.0, 6.0])
    assert found.excess == pytest.approx([2.0, 3.0])
    assert found.shortfall == pytest.approx([0.0, 5.0])


def test_excess_and_shortfall_close_the_account() -> None:
    found = basis_risk(PAID, LOSS, RATE, retention=[40.0, 10.0], limit=[100.0, 80.0])
    assert found.mean_paid - found.excess == pytest.approx(found.mean_needed - found.shortfall)


def test_poisson_events_come_several_times_a_year() -> None:
    found = basis_risk(PAID, LOSS, RATE, retention=40.0, limit=100.0, reading="poisson")
    assert found.paid == pytest.approx(1 - np.exp([-0.11, -0.11]))


def test_a_trigger_that_pays_the_need_has_no_basis_risk() -> None:
    want = np.minimum(np.maximum(LOSS - 40.0, 0.0), 100.0)
    found = basis_risk(want, LOSS, RATE, retention=40.0, limit=100.0)
    for name in ("paid_not_needed", "needed_not_paid", "excess", "shortfall"):
        assert getattr(found, name) == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize("reading", ["annual-maxima", "poisson"])
def test_the_correlation_is_that_of_simulated_years(reading: str) -> None:
    rng = np.random.default_rng(5)
    years = 400_000
    if reading == "poisson":
        counts = rng.poisson(RATE, (years, 3))
    else:
        which = np.searchsorted(np.cumsum(RATE), rng.random(years), side="right")
        counts = np.eye(4)[which][:, :3]
    paid, lost = counts @ PAID, counts @ LOSS
    simulated = [np.corrcoef(paid[:, m], lost[:, m])[0, 1] for m in range(2)]
    assert correlation(PAID, LOSS, RATE, reading) == pytest.approx(simulated, abs=0.01)  # type: ignore[arg-type]


def test_a_payout_that_never_changes_has_no_correlation() -> None:
    same = np.ones((3, 1))
    assert np.isnan(correlation(np.zeros((3, 1)), LOSS[:, :1], RATE)).all()
    assert np.isnan(correlation(same, same * 2, [0.5, 0.25, 0.25])).all()


def test_attachments_are_order_statistics_of_the_index() -> None:
    index = np.arange(1.0, 101.0)
    rate = np.full(100, 0.01)
    assert value_at(index, rate, [10.0, 100.0]).tolist() == [91.0, 100.0]
    assert value_at(-index, rate, [10.0], low_is_severe=True).tolist() == [-91.0]
    pays = index >= value_at(index, rate, [20.0])[0]
    assert rate @ pays == pytest.approx(1 / 20)


def test_an_attachment_beyond_the_catalogue_is_refused() -> None:
    with pytest.raises(RangeError, match="draw more years"):
        value_at([1.0, 2.0], [0.5, 0.5], [100.0])


def test_bad_input_is_refused() -> None:
    with pytest.raises(RangeError) as told:
        basis_risk(-PAID, LOSS, RATE, retention=0.0, limit=1.0)
    assert told.value.code == "reserve.negative-payout"
    with pytest.raises(ShapeError):
        basis_risk(PAID[:2], LOSS, RATE, retention=0.0, limit=1.0)
    with pytest.raises(MissingValueError):
        basis_risk(PAID, LOSS * np.nan, RATE, retention=0.0, limit=1.0)
    with pytest.raises(RangeError):
        basis_risk(PAID, LOSS, RATE, retention=-1.0, limit=1.0)
