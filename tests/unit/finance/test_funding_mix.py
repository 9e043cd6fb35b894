"""The cheapest blend by hand and by trying everything; rules one at a time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from funding_needs import limits_of, needs_of

from bothbanks.civic.finance.funding_sources import FundingSource, Limits, Needs, Together, openings
from bothbanks.civic.finance.mix import Mix, cheapest_mix
from bothbanks.civic.finance.mix_rules import CAPITAL_BUDGET, build
from bothbanks.words.errors import InputError, MissingValueError, RangeError, ShapeError


def solved(*args: object, **kwargs: object) -> Mix:
    found = cheapest_mix(*args, **kwargs)  # type: ignore[arg-type]
    assert found is not None
    return found


NEEDS = needs_of([[[100.0, 100.0], [0.0, 0.0]], [[0.0, 0.0], [80.0, 0.0]]])


def test_a_source_pays_only_what_its_rules_let_it() -> None:
    """Ids, kinds, members and years, each alone."""
    for changed, wanted in (
        ({"measures": ("m1",)}, [0.0, 40.0]),
        ({"measures": ("levee",)}, [100.0, 40.0]),
        ({"measures": ("walls",)}, [0.0, 0.0]),
        ({"members": ("a",)}, [100.0, 0.0]),
        ({"first_year": 2027}, [50.0, 0.0]),
        ({"last_year": 2026}, [50.0, 40.0]),
        ({"countries": 2}, [100.0, 0.0]),
        ({"closed": {"en": "closed"}}, [0.0, 0.0]),
        ({"pays": ("upkeep",)}, [0.0, 0.0]),
    ):
        source = FundingSource("f", "fund", {}, largest_share=0.5, **changed)  # type: ignore[arg-type]
        mix = solved(NEEDS, [source], rate=0.03)
        np.testing.assert_allclose(mix.capital.sum(axis=(0, 2, 3)), wanted, atol=1e-6, err_msg=str(changed))


def test_partners_count_only_where_they_are_present() -> None:
    """Alone, a joint measure has partners of one country only."""
    joint = FundingSource("joint", "interreg", {}, largest_share=0.5, countries=2)
    assert solved(NEEDS, [joint]).capital.sum() == pytest.approx(100.0)
    assert solved(NEEDS, [joint], present=frozenset("a")).capital.sum() == 0.0


def test_caps_in_all_for_a_measure_and_for_a_member() -> None:
    needs = needs_of([[[100.0], [100.0]], [[100.0], [0.0]]])
    for changed, wanted in (
        ({"cap": 70.0}, 70.0),
        ({"cap_measure": 70.0}, 140.0),
        ({"cap_member": 70.0}, 140.0),
    ):
        source = FundingSource("f", "fund", {}, **changed)  # type: ignore[arg-type]
        assert solved(needs, [source]).capital.sum() == pytest.approx(wanted)


def test_grants_come_in_step_with_payments() -> None:
    """Half of every payment, not all of the first year although that is worth more."""
    mix = solved(NEEDS, [FundingSource("f", "fund", {}, largest_share=0.5)], rate=0.05)
    np.testing.assert_allclose(mix.capital[0, 0, 0], [50.0, 50.0])


def test_no_payment_is_paid_twice() -> None:
    sources = [FundingSource(x, "fund", {}, largest_share=0.7) for x in "pq"]
    mix = solved(NEEDS, sources)
    np.testing.assert_allclose(mix.capital.sum(axis=0), NEEDS.capital)
    assert mix.present_cost == pytest.approx(0.0, abs=1e-6)


def test_grants_together_stay_under_their_limit() -> None:
    sources = [FundingSource(x, "fund", {}, largest_share=0.7) for x in "pq"]
    mix = solved(NEEDS, sources, together=[Together("grants", ("p", "q"), 0.9)])
    np.testing.assert_allclose(mix.capital.sum(axis=(0, 2, 3)), [180.0, 72.0])


def test_a_smallest_share_is_paid_or_nothing() -> None:
    """A fund with 50 to give, at least half of what it touches: it takes the 80 and leaves the 200."""
    source = FundingSource("f", "fund", {}, smallest_share=0.5, cap=60.0)
    mix = solved(NEEDS, [source])
    np.testing.assert_allclose(mix.capital.sum(axis=(0, 2, 3)), [0.0, 60.0], atol=1e-6)


def test_sources_that_exclude_each_other_never_meet_on_a_measure() -> None:
    p = FundingSource("p", "fund", {}, largest_share=0.3, not_with=("q",))
    q = FundingSource("q", "fund", {}, largest_share=0.6, cap=70.0)
    mix = solved(NEEDS, [p, q])
    paid = mix.capital.sum(axis=(2, 3))
    assert not ((paid[0] > 0) & (paid[1] > 0)).any()
    assert paid.sum() == pytest.approx(60.0 + 48.0)  # p on m0 and q on m1; the other way round brings 24 + 70


def test_a_cheap_loan_is_drawn_and_a_dear_one_only_where_a_budget_binds() -> None:
    dear = FundingSource("dear", "loan", {}, interest=0.08, maturity_years=10)
    cheap = FundingSource("cheap", "loan", {}, interest=0.01, maturity_years=10, cap=30.0)
    mix = solved(NEEDS, [dear, cheap], rate=0.03)
    np.testing.assert_allclose(mix.capital.sum(axis=(1, 2, 3)), [0.0, 30.0], atol=1e-6)
    tight = solved(NEEDS, [dear, cheap], limits_of(capital=60.0), rate=0.03)
    np.testing.assert_allclose(tight.capital.sum(axis=(1, 2, 3)), [70.0, 30.0], atol=1e-6)
    assert tight.present_cost > mix.present_cost


def test_a_loan_of_a_hundred_costs_what_its_service_is_worth() -> None:
    """By hand: interest 10 in year 1 (grace), then 115.2381 in two parts of 57.619 at 10 %, all at 5 %."""
    loan = FundingSource("l", "loan", {}, interest=0.1, maturity_years=3, grace_years=1)
    interest, repayment = loan.service()
    np.testing.assert_allclose(interest, [0.0, 0.1, 0.1, 0.052381], atol=1e-6)
    np.testing.assert_allclose(repayment, [0.0, 0.0, 0.476190, 0.523810], atol=1e-6)
    by_hand = 0.1 / 1.05 + 0.576190 / 1.05**2 + 0.576190 / 1.05**3
    assert loan.present_cost(0.05) == pytest.approx(by_hand, abs=1e-6)


def test_debt_service_keeps_its_limit_after_the_horizon_too() -> None:
    """100 at 0 % over 10 years is 10 a year; a limit of 8 lets 80 be drawn."""
    needs = needs_of([[[200.0, 0.0], [0.0, 0.0]]])
    loan = FundingSource("l", "loan", {}, interest=0.0, maturity_years=10)
    mix = solved(needs, [loan], limits_of(debt=8.0), rate=0.03)
    assert mix.capital.sum() == pytest.approx(80.0)


def test_running_budgets_bear_upkeep_and_debt_service() -> None:
    needs = needs_of([[[100.0, 0.0], [0.0, 0.0]]], [[[0.0, 5.0], [0.0, 0.0]]])
    loan = FundingSource("l", "loan", {}, interest=0.0, maturity_years=10)
    mix = solved(needs, [loan], limits_of(running=9.0), rate=0.03)
    assert mix.capital.sum() == pytest.approx(40.0)  # 9 less 5 of upkeep leaves 4 a year for ten years


def test_a_pot_costs_as_much_as_cash_and_spares_the_budget() -> None:
    pot = FundingSource("pot", "citizens", {}, cap=60.0)
    assert solved(NEEDS, [pot]).capital.sum() == 0.0
    mix = solved(NEEDS, [pot], limits_of(capital=75.0))
    np.testing.assert_allclose(mix.capital[0].sum(axis=0), [[25.0, 25.0], [5.0, 0.0]], atol=1e-6)
    assert mix.present_cost == pytest.approx(280.0, abs=1e-6)
    assert (
        cheapest_mix(NEEDS, [FundingSource("pot", "citizens", {}, cap=54.0)], limits_of(capital=75.0)) is None
    )


def test_a_source_may_pay_for_upkeep() -> None:
    needs = needs_of([[[10.0, 0.0], [0.0, 0.0]]], [[[0.0, 4.0], [0.0, 0.0]]])
    mix = solved(needs, [FundingSource("u", "fund", {}, pays=("upkeep",), largest_share=0.25)])
    assert (mix.capital.sum(), mix.upkeep.sum()) == (0.0, pytest.approx(1.0))


def test_pooled_purses_help_each_other() -> None:
    needs = needs_of([[[100.0, 0.0], [0.0, 0.0]]])
    alone = limits_of(capital=60.0)
    assert cheapest_mix(needs, [], alone) is None
    assert cheapest_mix(needs, [], Limits(alone.capital, alone.running, alone.debt_service, pooled=True))


def test_of_two_equal_sources_the_first_pays() -> None:
    sources = [FundingSource(x, "fund", {}, cap=150.0) for x in "pq"]
    for order in (sources, sources[::-1]):
        paid = solved(NEEDS, order).capital.sum(axis=(1, 2, 3))
        np.testing.assert_allclose(paid, [150.0, 130.0])


def test_reasons_why_a_source_is_shut() -> None:
    for changed, reason in (
        ({"first_year": 2030}, "years"),
        ({"measures": ("walls",)}, "measure"),
        ({"measures": ("m0",), "members": ("b",)}, "member"),
        ({"measures": ("m1",), "countries": 2}, "countries"),
        ({"closed": {"en": "since 2022"}}, "closed"),
        ({"pays": ("upkeep",)}, "nothing"),
        ({}, ""),
    ):
        source = FundingSource("f", "fund", {}, **changed)  # type: ignore[arg-type]
        assert openings((source,), NEEDS).reason(0, source, NEEDS) == reason, changed


def test_rules_say_what_they_are_about() -> None:
    made = build(NEEDS, (), openings((), NEEDS), limits_of(capital=90.0), (), 0.0)
    rules = [r for r in made.rules if r is not None]
    assert {(r.kind, r.member, r.year, r.limit, r.due) for r in rules} == {
        (CAPITAL_BUDGET, "a", 2026, 90.0, 100.0),
        (CAPITAL_BUDGET, "a", 2027, 90.0, 100.0),
        (CAPITAL_BUDGET, "b", 2026, 90.0, 80.0),
    }


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(RangeError, match="negative"):
        needs_of([[[-1.0], [0.0]]])
    with pytest.raises(MissingValueError, match="NaN"):
        needs_of([[[np.nan], [0.0]]])
    with pytest.raises(ShapeError, match="shape"):
        needs_of([[[1.0], [0.0]]], [[[1.0, 2.0], [0.0, 0.0]]])
    with pytest.raises(ShapeError, match="limits"):
        cheapest_mix(NEEDS, [], Limits.none(2, 5))
    with pytest.raises(RangeError, match="limits"):
        cheapest_mix(NEEDS, [], limits_of(capital=-1.0))
    with pytest.raises(RangeError, match="discount"):
        cheapest_mix(NEEDS, [], rate=-1.0)
    with pytest.raises(InputError, match="kinds are"):
        cheapest_mix(NEEDS, [FundingSource("x", "lottery", {})])


def by_trying(needs: Needs, sources: list[FundingSource], limits: Limits, rate: float, step: float) -> float:
    """Least present cost over all whole steps of money, one member and one year."""
    grids = []
    cells = [(s, j) for s in range(len(sources)) for j in range(len(needs.measures))]
    for s, j in cells:
        most = sources[s].largest_share * needs.capital[j, 0, 0]
        grids.append(np.arange(0.0, most + step / 2, step))
    best = np.inf
    for amounts in itertools.product(*grids):
        x = np.zeros((len(sources), len(needs.measures)))
        for (s, j), a in zip(cells, amounts, strict=True):
            x[s, j] = a
        if _allowed(x, needs, sources, limits):
            own = needs.capital[:, 0, 0] - x.sum(axis=0)
            cost = own.sum() + sum(x[s].sum() * q.present_cost(rate) for s, q in enumerate(sources))
            best = min(best, float(cost))
    return best


def _allowed(x: np.ndarray, needs: Needs, sources: list[FundingSource], limits: Limits) -> bool:
    own = needs.capital[:, 0, 0] - x.sum(axis=0)
    if (own < -1e-9).any() or own.sum() > limits.capital[0, 0] + 1e-9:
        return False
    for s, q in enumerate(sources):
        used = x[s] > 0
        if x[s].sum() > q.cap + 1e-9 or (x[s] > q.cap_measure + 1e-9).any():
            return False
        if (x[s][used] < q.smallest_share * needs.capital[used, 0, 0] - 1e-9).any():
            return False
        for r, other in enumerate(sources):
            if other.id in q.not_with and (used & (x[r] > 0)).any():
                return False
    return True


@pytest.mark.parametrize("seed", range(12))
def test_agrees_with_trying_everything(seed: int) -> None:
    """Whole tens of money, two measures and two sources with shares, caps, smallest shares, exclusions."""
    rng = np.random.default_rng(seed)
    needs = needs_of((rng.integers(2, 6, (2, 1, 1)) * 10.0 * np.array([[[1.0], [0.0]]])).tolist())
    sources = [
        FundingSource(
            name,
            kind,
            {},
            largest_share=1.0,
            smallest_share=float(rng.choice([0.0, 0.5])),
            cap=float(rng.integers(1, 8) * 10),
            interest=float(rng.choice([0.0, 0.06])) if kind == "loan" else 0.0,
            maturity_years=8 if kind == "loan" else 0,
            not_with=tuple("q" for _ in range(int(rng.integers(0, 2)))) if name == "p" else (),
        )
        for name, kind in (("p", "fund"), ("q", str(rng.choice(["fund", "loan"]))))
    ]
    limits = limits_of(capital=float(rng.integers(2, 10) * 10), years=1)
    mix = cheapest_mix(needs, sources, limits, rate=0.03)
    best = by_trying(needs, sources, limits, 0.03, 5.0)
    assert (mix is None) == (not np.isfinite(best))
    if mix is not None:
        assert mix.present_cost == pytest.approx(best, abs=1e-6)
