"""What must hold for any losses: sub-additive capital, Euler parts that add up, monotone tails, a core."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bothbanks.analysis.reserve.allocation import core_test, euler_allocation
from bothbanks.analysis.reserve.capital import (
    Claims,
    capital,
    coalition_capital,
    diversification,
    tail_value_at_risk,
    tail_weights,
)
from bothbanks.analysis.reserve.layers import Layer, cede, year_split
from bothbanks.analysis.reserve.pooling import FundTerms, pool_costs, pool_premiums

MONEY = st.integers(0, 40).map(float)  # few values, so that ties are common


@st.composite
def losses(draw: st.DrawFn, most: int = 4) -> np.ndarray:
    years, members = draw(st.integers(2, 40)), draw(st.integers(1, most))
    return draw(arrays(np.float64, (years, members), elements=MONEY))


def levels(years: int) -> st.SearchStrategy[float]:
    return st.floats(0.01, 1 - 1 / years - 1e-6) if years > 2 else st.just(0.5)


@given(losses(), st.data())
def test_capital_is_sub_additive(loss: np.ndarray, data: st.DataObject) -> None:
    level = data.draw(levels(loss.shape[0]))
    held = coalition_capital(loss, level)
    for first in range(1, held.size):
        for second in range(1, held.size):
            if not first & second:
                assert held[first | second] <= held[first] + held[second] + 1e-9
    assert diversification(held).whole >= -1e-12


@given(losses(), st.data())
def test_euler_parts_add_up_and_no_coalition_pays_more_than_alone(
    loss: np.ndarray, data: st.DataObject
) -> None:
    level = data.draw(levels(loss.shape[0]))
    held, parts = coalition_capital(loss, level), euler_allocation(loss, level)
    assert parts.sum() == pytest.approx(held[-1], abs=1e-9)
    assert core_test(held, parts).holds


@given(losses(), st.data())
def test_order_of_years_and_scale(loss: np.ndarray, data: st.DataObject) -> None:
    level = data.draw(levels(loss.shape[0]))
    order = np.array(data.draw(st.permutations(range(loss.shape[0]))))
    assert euler_allocation(loss[order], level) == pytest.approx(euler_allocation(loss, level), abs=1e-9)
    assert coalition_capital(3.0 * loss, level) == pytest.approx(3.0 * coalition_capital(loss, level))
    total = loss.sum(axis=1)
    assert tail_weights(total, level).sum() == pytest.approx(1.0)
    assert capital(total + 7.0, level) == pytest.approx(capital(total, level), abs=1e-9)


@given(losses(), st.data())
def test_tails_are_monotone_in_losses_and_in_level(loss: np.ndarray, data: st.DataObject) -> None:
    total = loss.sum(axis=1)
    more = data.draw(arrays(np.float64, total.shape, elements=MONEY))
    low, high = sorted(data.draw(levels(total.size)) for _ in range(2))
    assert tail_value_at_risk(total + more, low) >= tail_value_at_risk(total, low) - 1e-9
    assert tail_value_at_risk(total, high) >= tail_value_at_risk(total, low) - 1e-9
    assert total.mean() - 1e-9 <= tail_value_at_risk(total, low) <= total.max() + 1e-9


@given(losses(1), st.data())
def test_losses_that_rise_together_gain_nothing(loss: np.ndarray, data: st.DataObject) -> None:
    level = data.draw(levels(loss.shape[0]))
    factors = data.draw(st.lists(st.integers(0, 5), min_size=2, max_size=3))
    held = coalition_capital(np.outer(loss[:, 0], factors), level)
    assert held[-1] == pytest.approx(sum(held[1 << i] for i in range(len(factors))), abs=1e-9)


@given(losses(), st.data())
def test_premiums_are_in_the_core_and_cover_the_cost(loss: np.ndarray, data: st.DataObject) -> None:
    level = data.draw(levels(loss.shape[0]))
    load, alone, member = (data.draw(st.floats(0.0, 2.0)) for _ in range(3))
    fixed = data.draw(st.floats(0.0, 2.0))
    terms = FundTerms(level, load, alone, fixed, member)
    costs = pool_costs(Claims.of(loss), terms)
    premiums = pool_premiums(loss, (1 << loss.shape[1]) - 1, terms)
    assert premiums.premium.sum() == pytest.approx(costs.cost[-1])
    n = loss.shape[1]
    if terms.running(n) / n <= alone:  # else somebody's own administration is the cheaper one
        assert core_test(costs.cost, premiums.premium).holds


@given(losses(), st.data())
def test_layers_add_up_and_never_pay_more_for_less(loss: np.ndarray, data: st.DataObject) -> None:
    low, width = data.draw(MONEY), data.draw(MONEY)
    layer = Layer(low, low + width, data.draw(st.floats(0.0, 1.0)))
    paid = layer.pays(loss)
    borne = cede(year_split(loss, paid), Layer(data.draw(MONEY), 60.0, data.draw(st.floats(0.0, 1.0))))
    assert (borne.kept + borne.fund + borne.ceded == loss).all()
    assert min(borne.kept.min(), borne.fund.min(), borne.ceded.min()) >= 0.0
    assert (layer.pays(loss + 1.0) >= paid).all()
    assert (paid <= np.ceil(layer.limit)).all()
