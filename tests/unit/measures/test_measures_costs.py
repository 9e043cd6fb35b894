"""Costs by year, present values, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.measures.measure import (
    Effect,
    Measure,
    check_measures,
    cost_flow,
    cost_table,
    phase_weights,
)
from bothbanks.analysis.measures.presentvalue import (
    annuity_factor,
    discount_factors,
    level_payment,
    present_value,
)
from bothbanks.words.errors import InputError, RangeError


def measure(**changes: object) -> Measure:
    base: dict[str, object] = {
        "id": "buffers",
        "case": "flood",
        "kind": "retention",
        "name": {"en": "Buffers"},
        "holders": ("a", "b"),
        "hosts": ("a", "b"),
        "cost": "c",
        "upkeep": "u",
        "lifetime_years": 50,
        "years": (0, 1, 2),
        "year_shares": (0.4, 0.3, 0.3),
        "effects": (Effect("geul", ("c",), "discharge", "s"),),
    }
    return Measure(**{**base, **changes})  # type: ignore[arg-type]


def test_cost_by_year_with_upkeep_and_residual() -> None:
    flow = cost_flow(measure(), 100.0, 0.02, 50)
    assert flow.capital[:4].tolist() == [40.0, 30.0, 30.0, 0.0]
    assert flow.upkeep[:4].tolist() == [0.0, 0.0, 0.0, 2.0]
    assert flow.upkeep.sum() == pytest.approx(94.0)
    assert flow.residual == pytest.approx(100 * 3 / 50)  # works in years 3 to 52, three of them unused
    by_hand = 40 + 30 / 1.03 + 30 / 1.03**2 + sum(2 / 1.03**t for t in range(3, 50)) - 6 / 1.03**50
    assert flow.present(0.03) == pytest.approx(by_hand)


def test_renewal_within_the_horizon_keeps_the_measure_working() -> None:
    flow = cost_flow(measure(lifetime_years=20, years=(0, 1), year_shares=(0.5, 0.5)), 10.0, 0.0, 50)
    assert np.flatnonzero(flow.capital).tolist() == [0, 1, 20, 21, 40, 41]
    assert flow.residual == pytest.approx(10.0 * (2 + 60 - 50) / 20)


def test_life_that_ends_with_the_horizon_leaves_nothing() -> None:
    flow = cost_flow(measure(lifetime_years=49, years=(0,), year_shares=(1.0,)), 10.0, 0.0, 50)
    assert flow.residual == 0.0
    assert flow.capital.sum() == 10.0


def test_measures_that_can_not_work_in_time_or_cost_less_than_nothing_are_refused() -> None:
    with pytest.raises(RangeError, match="horizon"):
        cost_flow(measure(years=(60,), year_shares=(1.0,)), 10.0, 0.0, 50)
    with pytest.raises(RangeError, match="capital"):
        cost_flow(measure(), -1.0, 0.0, 50)
    with pytest.raises(RangeError, match="capital"):
        cost_flow(measure(), float("nan"), 0.0, 50)


def test_hosts_with_the_competence_pay_in_equal_parts_a_host_without_it_does_not() -> None:
    draw = {"c": 100.0, "u": 0.0}
    rows = (
        measure(),
        measure(id="m2", holders=("a",), hosts=("a", "b")),
        measure(id="m3", holders=("c",), hosts=("a",)),
        measure(id="m4", outside_holder="river authority", planned=True),
        measure(id="m5", outside_holder="river authority", outside_consents=False),
    )
    shares = cost_table(rows, ("a", "b", "c"), draw, 50, 0.0) / 94.0
    np.testing.assert_allclose(shares, [[0.5, 0.5, 0], [1, 0, 0], [0, 0, 1], [0.5, 0.5, 0], [0, 0, 0]])


def test_every_problem_of_the_measures_is_listed_at_once() -> None:
    bad = (
        measure(id="x", holders=()),
        measure(id="y", holders=("zz",), year_shares=(0.5, 0.5, 0.5), lifetime_years=0),
        measure(id="z", effects=(Effect("rhine", ("q",), "colour", "s"),)),
        measure(id="z", kind="proofing"),
    )
    with pytest.raises(InputError) as caught:
        check_measures(bad, ("a", "b", "c"), ("geul",))
    text = str(caught.value)
    for part in (
        "measure 'x': nobody has the competence",
        "'zz' in holders",
        "lifetime of 0",
        "year shares",
        "'colour' is unknown",
        "basin 'rhine' is unknown",
        "'q' in an effect",
        "'z' is listed twice",
        "a proofing measure changes only its own damage",
    ):
        assert part in text
    check_measures((measure(),), ("a", "b", "c"), ("geul",))


def test_phases_split_the_horizon_where_measures_get_ready() -> None:
    spans = phase_weights([measure(), measure(id="q", years=(9,), year_shares=(1.0,))], 50, 0.03)
    assert [mask for mask, _ in spans] == [0, 1, 3]
    assert sum(w for _, w in spans) == pytest.approx(annuity_factor(0.03, 50))
    assert spans[0][1] == pytest.approx(1 + 1 / 1.03 + 1 / 1.03**2)


def test_present_values() -> None:
    assert annuity_factor(0.03, 50) == pytest.approx((1 - 1.03**-50) / 0.03 * 1.03)
    assert present_value(np.full(50, level_payment(7.0, 0.03, 50)), 0.03) == pytest.approx(7.0)
    with pytest.raises(RangeError, match="discount"):
        discount_factors(-1.0, 3)
    with pytest.raises(RangeError, match="horizon"):
        discount_factors(0.03, -1)
    with pytest.raises(RangeError, match="at least one year"):
        level_payment(1.0, 0.03, 0)
