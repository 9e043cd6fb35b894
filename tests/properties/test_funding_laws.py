"""Laws of blending: more room never costs more, every rule is kept, every cent is somewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from funding_needs import limits_of, needs_of
from hypothesis import given, settings
from hypothesis import strategies as st

from bothbanks.civic.finance.cashflow import SOURCES_OF_CAPITAL, cash_flow, statements
from bothbanks.civic.finance.fiscal import by_fiscal_year
from bothbanks.civic.finance.funding_sources import FundingSource, Needs
from bothbanks.civic.finance.mix import Mix, cheapest_mix
from bothbanks.civic.finance.revenue import Venture, share_revenue

MONEY = st.integers(0, 40).map(lambda x: x * 2.5)
SHARE = st.sampled_from([0.2, 0.35, 0.5, 0.8, 1.0])
QUICK = settings(max_examples=25, deadline=None)


@st.composite
def needs(draw: st.DrawFn) -> Needs:
    table = [[[draw(MONEY) for _ in range(2)] for _ in range(2)] for _ in range(2)]
    upkeep = [[[draw(MONEY) / 10 for _ in range(2)] for _ in range(2)] for _ in range(2)]
    return needs_of(table, upkeep, ("ab", draw(st.sampled_from(["a", "b", "ab"]))))


@st.composite
def sources(draw: st.DrawFn) -> list[FundingSource]:
    return [
        FundingSource(
            "grant",
            "fund",
            {},
            largest_share=draw(SHARE),
            smallest_share=draw(st.sampled_from([0.0, 0.15])),
            cap=draw(MONEY) + 1.0,
            countries=draw(st.sampled_from([1, 2])),
        ),
        FundingSource(
            "other",
            "climate",
            {},
            largest_share=draw(SHARE),
            cap_measure=draw(MONEY) + 1.0,
            cap_member=draw(MONEY) + 1.0,
            not_with=draw(st.sampled_from([(), ("grant",)])),
            pays=("capital", "upkeep"),
        ),
        FundingSource(
            "loan",
            "loan",
            {},
            largest_share=draw(SHARE),
            interest=draw(st.sampled_from([0.0, 0.02, 0.06])),
            maturity_years=draw(st.integers(1, 6)),
        ),
    ]


def keeps_every_rule(mix: Mix) -> None:
    """Checked from the answer alone, not from the programme."""
    tiny = 0.01
    due = {"capital": mix.needs.capital, "upkeep": mix.needs.upkeep}
    for kind, table in due.items():
        paid = getattr(mix, kind)
        assert (paid.sum(axis=0) <= table + tiny).all()
        for s, q in enumerate(mix.sources):
            assert (paid[s] <= q.largest_share * table + tiny).all()
            assert kind in q.pays or not paid[s].any()
    for s, q in enumerate(mix.sources):
        both = mix.capital[s] + mix.upkeep[s]
        assert both.sum() <= q.cap + tiny
        assert (both.sum(axis=(1, 2)) <= q.cap_measure + tiny).all()
        assert (both.sum(axis=(0, 2)) <= q.cap_member + tiny).all()
        for j, partners in enumerate(mix.needs.partners):
            used = both[j].sum() > tiny
            assert not used or len(partners) >= q.countries
            eligible = float(mix.needs.capital[j].sum() * ("capital" in q.pays))
            eligible += float(mix.needs.upkeep[j].sum() * ("upkeep" in q.pays))
            assert not used or both[j].sum() >= q.smallest_share * eligible - tiny
            for r, other in enumerate(mix.sources):
                rival = (mix.capital[r] + mix.upkeep[r])[j].sum() > tiny
                assert not (used and rival and other.id in q.not_with)


@QUICK
@given(needs(), sources(), MONEY)
def test_every_rule_is_kept_and_grants_never_cost(
    needs: Needs, sources: list[FundingSource], room: float
) -> None:
    cash = cheapest_mix(needs, [], rate=0.03)
    mix = cheapest_mix(needs, sources, rate=0.03)
    assert cash is not None
    assert mix is not None
    keeps_every_rule(mix)
    assert mix.present_cost <= cash.present_cost + 1e-6
    budgeted = cheapest_mix(needs, sources, limits_of(capital=room), rate=0.03)
    if budgeted is not None:
        keeps_every_rule(budgeted)
        assert (budgeted.own_capital.sum(axis=0) <= room + 0.01).all()
        assert budgeted.present_cost >= mix.present_cost - 1e-6


@QUICK
@given(needs(), sources(), st.floats(1.0, 3.0))
def test_a_looser_rule_never_costs_more(needs: Needs, sources: list[FundingSource], looser: float) -> None:
    before = cheapest_mix(needs, sources, rate=0.03)
    grant = replace(sources[0], cap=sources[0].cap * looser, countries=1)
    after = cheapest_mix(needs, [grant, *sources[1:]], rate=0.03)
    assert before is not None
    assert after is not None
    assert after.present_cost <= before.present_cost + 1e-6


@QUICK
@given(needs(), sources(), st.sampled_from(["01-01", "04-01", "07-01", "10-01"]), st.floats(0.01, 200.0))
def test_statements_add_up_in_any_currency(
    needs: Needs, sources: list[FundingSource], begins: str, rate: float
) -> None:
    mix = cheapest_mix(needs, sources, rate=0.03)
    assert mix is not None
    made = statements(cash_flow(mix), ("CHF", "EUR"), np.array([rate, 1.0]), (begins, begins))
    for s in made:
        parts = np.sum([s.lines[p] for p in SOURCES_OF_CAPITAL], axis=0)
        np.testing.assert_array_equal(parts, s.lines["capital"])


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=8),
    st.sampled_from(["01-01", "02-01", "04-01", "06-15", "10-01"]),
)
def test_fiscal_years_lose_no_cent(amounts: list[int], begins: str) -> None:
    _, table = by_fiscal_year(np.array(amounts), begins, 2026)
    assert int(table.sum()) == sum(amounts)


@QUICK
@given(
    st.lists(st.tuples(*(st.integers(0, 10**7) for _ in range(3))), min_size=1, max_size=6),
    st.integers(0, 10**7),
    st.lists(st.integers(1, 50), min_size=2, max_size=5),
)
def test_a_venture_loses_no_cent(years: list[tuple[int, int, int]], reserve: int, weights: list[int]) -> None:
    flows = np.array(years, dtype=np.float64).T / 100.0
    owners = {f"o{k}": w / sum(weights) for k, w in enumerate(weights)}
    places = {o: {f"n{k}": float(k + 1) for k in range(3)} for o in owners}
    done = share_revenue(Venture("v", owners, flows[0], flows[1], flows[2], reserve / 100.0, places))
    whole = sum(done.owners.values())
    np.testing.assert_array_equal(done.revenue, done.costs + done.debt_paid + done.to_reserve + whole)
    np.testing.assert_array_equal(whole, sum(done.neighbourhoods.values()))
    assert done.reserve.min() >= 0
    assert int(done.debt_paid.sum() + done.debt_owed[-1]) == round(float(flows[2].sum()) * 100)
