"""Cash by fiscal year to the cent, upkeep and its pots, exchange rates, revenue of joint undertakings."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from funding_needs import limits_of, needs_of

from bothbanks.civic.finance.cashflow import (
    SOURCES_OF_CAPITAL,
    SOURCES_OF_UPKEEP,
    CashFlow,
    cash_flow,
    statements,
)
from bothbanks.civic.finance.exchange import DatedRate, exposures, rate_on, stated_moves
from bothbanks.civic.finance.fiscal import by_fiscal_year
from bothbanks.civic.finance.funding_sources import FundingSource
from bothbanks.civic.finance.mix import Mix, cheapest_mix
from bothbanks.civic.finance.revenue import Venture, share_revenue
from bothbanks.civic.finance.stewardship import Pot, stewardship
from bothbanks.words.errors import InputError, MoneyError, ShapeError

DAY = datetime.date(2023, 12, 29)


def a_mix() -> Mix:
    """Two members, two years, a grant of a third, a loan, a pot, upkeep."""
    needs = needs_of(
        [[[100.0, 50.005], [0.0, 0.0]], [[0.0, 0.0], [80.01, 0.0]]],
        [[[0.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 1.5]]],
    )
    sources = [
        FundingSource("third", "fund", {}, largest_share=1 / 3),
        FundingSource("loan", "loan", {}, largest_share=0.5, interest=0.01, maturity_years=4, grace_years=1),
        FundingSource("pot", "citizens", {}, cap=10.0),
        FundingSource("care", "fund", {}, pays=("upkeep",), largest_share=0.3),
    ]
    mix = cheapest_mix(needs, sources, limits_of(capital=16.0), rate=0.03)
    assert mix is not None
    return mix


def flow_of(mix: Mix) -> CashFlow:
    return cash_flow(mix, np.array([[1.005, -1.0], [-1.005, 1.0]]))


def test_every_year_adds_up_in_money_of_account() -> None:
    mix = a_mix()
    flow = flow_of(mix)
    np.testing.assert_allclose(
        flow.capital, flow.grants + flow.drawn + flow.set_aside + flow.own_cash, atol=1e-9
    )
    np.testing.assert_allclose(flow.upkeep, flow.upkeep_granted + flow.own_upkeep, atol=1e-9)
    np.testing.assert_allclose(flow.repayment.sum(axis=1), flow.drawn.sum(axis=1), atol=1e-9)
    assert flow.set_aside.sum() > 0
    assert flow.capital.shape == (2, 2 + 4)
    assert flow.upkeep_granted.sum() == pytest.approx(0.3 * 3.5)


def test_present_cost_is_that_of_the_cash() -> None:
    """The mix's objective and the cash, discounted, are the same money."""
    mix = a_mix()
    flow = cash_flow(mix)
    factor = 1.03 ** -np.arange(flow.net.shape[1])
    assert float((flow.net @ factor).sum()) == pytest.approx(mix.present_cost, abs=1e-6)


@pytest.mark.parametrize("begins", ["01-01", "04-01", "07-01", "10-01"])
@pytest.mark.parametrize(("currency", "rate"), [("EUR", 1.0), ("CHF", 0.9376), ("JPY", 157.13)])
def test_statements_add_up_to_the_cent(begins: str, currency: str, rate: float) -> None:
    flow = flow_of(a_mix())
    made = statements(flow, (currency, "EUR"), np.array([rate, 1.0]), (begins, "01-01"))
    digits = 0 if currency == "JPY" else 2
    for s, to_own, places, i in ((made[0], rate, digits, 0), (made[1], 1.0, 2, 1)):
        lines = s.lines
        for year in range(len(s.years)):
            assert lines["capital"][year] == sum(lines[p][year] for p in SOURCES_OF_CAPITAL)
            assert lines["upkeep"][year] == sum(lines[p][year] for p in SOURCES_OF_UPKEEP)
            out = sum(
                lines[p][year] for p in ("own_cash", "set_aside", "interest", "repayment", "own_upkeep")
            )
            assert lines["net"][year] == out - lines["payments"][year]
        for name in ("grants", "drawn", "interest", "payments"):
            whole = float(getattr(flow, name)[i].sum()) * to_own * 10**places
            assert abs(int(lines[name].sum()) - whole) <= len(s.years)
    assert made[0].first_year == (2026 if begins == "01-01" else 2025)


def test_what_one_pays_the_other_receives() -> None:
    made = statements(flow_of(a_mix()), ("EUR", "EUR"), np.ones(2), ("01-01", "01-01"))
    np.testing.assert_array_equal(made[0].lines["payments"], -made[1].lines["payments"])
    assert made[0].lines["payments"][:2].tolist() in ([100, -100], [101, -100])


def test_payments_that_do_not_cancel_are_refused() -> None:
    with pytest.raises(ShapeError, match="adding up to 0"):
        cash_flow(a_mix(), np.ones((2, 2)))


def test_fiscal_years_by_hand() -> None:
    """Seven cents from July: half a year each, the odd cent to the later one."""
    first, table = by_fiscal_year(np.array([[7, 0, -7]]), "07-01", 2026)
    assert first == 2025
    assert table.sum() == 0
    assert table.tolist() == [[3, 4, -4, -3]]
    with pytest.raises(InputError, match="MM-DD"):
        by_fiscal_year(np.array([1]), "13-01", 2026)


def test_upkeep_without_a_payer_is_a_gap() -> None:
    mix = a_mix()
    free = np.full((2, 2), np.inf)
    whole = stewardship(mix, [Pot("p", {})], free)
    assert whole.whole
    assert whole.gaps() == ()
    assert {(k.measure, k.member, k.pots) for k in whole.kept} == {
        ("m0", "a", ("care", "p")),
        ("m1", "b", ("care", "p")),
    }
    part = stewardship(mix, [Pot("p", {}, members=("a",))], free)
    assert part.gaps() == (("b", 2027, pytest.approx(0.7 * 1.5)),)
    assert [k.years_paid for k in part.kept] == [1, 0]
    early = stewardship(mix, [Pot("p", {}, last_year=2026)], free)
    assert {(g[0], g[1]) for g in early.gaps()} == {("a", 2027), ("b", 2027)}


def test_pots_hold_no_more_than_they_hold() -> None:
    mix = a_mix()
    free = np.full((2, 2), np.inf)
    one = stewardship(mix, [Pot("p", {}, a_year=1.0)], free)
    assert [g[2] for g in one.gaps()] == [pytest.approx(0.4), pytest.approx(0.05)]
    both = stewardship(mix, [Pot("p", {}, a_year=1.0), Pot("q", {}, measures=("m0",))], free)
    assert [(g[0], g[2]) for g in both.gaps()] == [("b", pytest.approx(0.05))]
    purse = stewardship(mix, [Pot("p", {})], np.full((2, 2), 1.2))
    assert [(g[0], g[2]) for g in purse.gaps()] == [("a", pytest.approx(0.2))]
    shared = stewardship(mix, [Pot("p", {})], np.full((2, 2), 1.2), pooled=True)
    assert sum(g[2] for g in shared.gaps()) == pytest.approx(1.4 + 1.05 - 2.4)


def test_a_rate_missing_for_the_day_says_which_days_there_are() -> None:
    rates = [DatedRate("EUR", "CHF", datetime.date(2023, 6, 30), 0.98, "c")]
    with pytest.raises(
        MoneyError, match="no rate from CHF to EUR on 2023-12-29; rates are stated for 2023-06-30"
    ) as e:
        rate_on(rates, "CHF", "EUR", DAY)
    assert e.value.code == "finance.rate-missing"
    assert rate_on([], "EUR", "EUR", DAY).rate == 1.0


def test_exposure_by_hand() -> None:
    """A Swiss member receives 100 euros and owes 40: ten per cent of 60 at 0.93 is 5.58 francs."""
    rates = [
        DatedRate("EUR", "CHF", DAY, 0.93, "c"),
        DatedRate("CHF", "EUR", datetime.date(2022, 12, 30), 1.0, "c"),
    ]
    found = exposures(
        {("ch", "EUR"): -60.0, ("ch", "CHF"): 10.0, ("de", "EUR"): 5.0},
        {"ch": "CHF", "de": "EUR"},
        "EUR",
        rates,
        DAY,
    )
    assert [(e.member, e.currency) for e in found] == [("ch", "EUR")]
    assert found[0].if_dearer == pytest.approx(-5.58)
    assert found[0].if_cheaper == pytest.approx(5.58)
    assert found[0].stated == (pytest.approx(0.0), pytest.approx(1 / 0.93 - 1))
    assert stated_moves(rates[:1], "EUR", "CHF", DAY) is None


def a_weir(revenue: list[float], costs: list[float], debt: list[float], reserve: float = 0.0) -> Venture:
    return Venture(
        "weir",
        {"a": 0.6, "b": 0.4},
        np.array(revenue),
        np.array(costs),
        np.array(debt),
        reserve,
        {"a": {"north": 3.0, "south": 4.0}, "b": {"quay": 1.0, "mill": 1.0, "lock": 1.0}},
        first_year=2026,
    )


def test_the_waterfall_by_hand() -> None:
    """Year 1 fills the reserve, year 2 is short and draws on it, year 3 pays arrears first."""
    done = share_revenue(a_weir([20.0, 3.0, 20.0], [5.0, 5.0, 5.0], [4.0, 4.0, 4.0], reserve=6.0))
    assert done.debt_paid.tolist() == [400, 0, 800]
    assert done.debt_owed.tolist() == [0, 400, 0]
    assert done.to_reserve.tolist() == [600, -200, 200]
    assert done.reserve.tolist() == [600, 400, 600]
    assert done.owners["a"].tolist() == [300, 0, 300]
    assert done.owners["b"].tolist() == [200, 0, 200]


def test_a_loss_beyond_the_reserve_calls_on_the_owners() -> None:
    done = share_revenue(a_weir([0.0], [10.01], [0.0]))
    assert (done.owners["a"][0], done.owners["b"][0]) == (-601, -400)
    assert sum(x[0] for (o, _), x in done.neighbourhoods.items() if o == "a") == -601


def test_every_cent_of_a_venture_arrives() -> None:
    rng = np.random.default_rng(3)
    v = a_weir(*(np.round(rng.uniform(0, 50, 12), 3).tolist() for _ in range(3)), reserve=17.77)
    done = share_revenue(v)
    owners = sum(done.owners.values())
    np.testing.assert_array_equal(done.revenue, done.costs + done.debt_paid + done.to_reserve + owners)
    for owner, whole in done.owners.items():
        parts = sum(x for (o, _), x in done.neighbourhoods.items() if o == owner)
        np.testing.assert_array_equal(parts, whole)


def test_ventures_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match=r"add up to 1\.1"):
        Venture("v", {"a": 0.6, "b": 0.5}, *(np.zeros(1),) * 3, 0.0, {"a": {"x": 1.0}, "b": {"y": 1.0}})
    with pytest.raises(InputError, match="no neighbourhood"):
        Venture("v", {"a": 1.0}, *(np.zeros(1),) * 3, 0.0, {})
    with pytest.raises(InputError, match="negative or missing"):
        a_weir([-1.0], [0.0], [0.0])
    with pytest.raises(ShapeError, match="different years"):
        a_weir([1.0, 2.0], [0.0], [0.0])
