"""Which rules are in conflict, by trying every set of them; and what would make it possible."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from funding_needs import limits_of, needs_of

from bothbanks.civic.finance.conflicts import deletion_filter, find_conflict
from bothbanks.civic.finance.funding_sources import FundingSource, Limits, Needs, Together, openings
from bothbanks.civic.finance.mix import cheapest_mix
from bothbanks.civic.finance.mix_rules import (
    CAP,
    CAPITAL_BUDGET,
    LARGEST,
    MixProgramme,
    Rule,
    build,
)
from bothbanks.words.errors import SolverError

NEEDS = needs_of([[[100.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 80.0]]])


def made_of(
    needs: Needs, sources: list[FundingSource], limits: Limits, together: tuple[Together, ...] = ()
) -> MixProgramme:
    return build(needs, sources, openings(tuple(sources), needs), limits, together, 0.03)


def test_no_conflict_where_everything_can_be_kept() -> None:
    made = made_of(NEEDS, [], limits_of(capital=100.0))
    assert find_conflict(made) is None
    with pytest.raises(SolverError, match="no conflict"):
        deletion_filter(made)


def test_a_budget_too_small_by_itself() -> None:
    """100 due, 60 in the budget, nobody helps: one rule, short by 40."""
    found = find_conflict(made_of(NEEDS, [], limits_of(capital=60.0, years=2)))
    assert found is not None
    assert found.smallest
    assert len(found.rules) == 1
    rule = found.rules[0]
    assert (rule.kind, rule.due) == (CAPITAL_BUDGET, 100.0)
    # b's budget of 2027 is short as well, so raising a's alone is not enough
    assert found.remedy == {rule: None}
    assert [(r.member, r.year) for r in found.set_aside] == [("a", 2026), ("b", 2027)]
    assert found.short[rule] == pytest.approx(40.0)


def test_a_budget_and_the_rules_of_the_fund_that_could_help() -> None:
    """The budget holds 30, the fund may pay half and has 45: any one of three would have to give way."""
    needs = needs_of([[[100.0], [0.0]]])
    fund = FundingSource("f", "fund", {}, largest_share=0.5, cap=45.0)
    found = find_conflict(made_of(needs, [fund], limits_of(capital=30.0, years=1)))
    assert found is not None
    assert {r.kind for r in found.rules} == {CAPITAL_BUDGET, CAP} or {r.kind for r in found.rules} == {
        CAPITAL_BUDGET,
        LARGEST,
    }
    assert len(found.rules) == 2
    budget = next(r for r in found.rules if r.kind == CAPITAL_BUDGET)
    assert found.remedy[budget] == pytest.approx(25.0)
    other = next(r for r in found.rules if r.kind != CAPITAL_BUDGET)
    assert found.remedy[other] is None  # the fund's other rule still stands in the way
    assert [r.kind for r in found.set_aside] == [CAPITAL_BUDGET]


def test_what_is_set_aside_makes_it_possible() -> None:
    needs = needs_of([[[100.0], [0.0]]])
    fund = FundingSource("f", "fund", {}, largest_share=0.5, cap=45.0)
    limits = limits_of(capital=30.0, years=1)
    found = find_conflict(made_of(needs, [fund], limits))
    assert found is not None
    mix = cheapest_mix(needs, [fund], limits, rate=0.03, without=frozenset(found.set_aside))
    assert mix is not None
    assert mix.set_aside == found.set_aside
    assert mix.own_capital.sum() == pytest.approx(55.0)


def conflicts_by_trying(made: MixProgramme) -> list[tuple[Rule, ...]]:
    """Smallest sets of rules that can't all hold."""
    from bothbanks.civic.finance.conflicts import _Elastic

    elastic = _Elastic(made)
    for size in range(len(elastic.rules) + 1):
        bad = [c for c in itertools.combinations(elastic.rules, size) if not elastic.feasible(c)]
        if bad:
            return bad
    return []


@pytest.mark.parametrize("seed", range(6))
def test_smallest_by_trying_every_set_and_irreducible_by_leaving_out_each(seed: int) -> None:
    rng = np.random.default_rng(seed)
    needs = needs_of((rng.integers(4, 9, (2, 2, 1)) * 10.0).tolist(), partners=("ab", "ab"))
    sources = [
        FundingSource(
            "p",
            "fund",
            {},
            largest_share=float(rng.choice([0.3, 0.6])),
            cap=float(rng.integers(2, 9) * 10),
            not_with=("q",) if rng.random() < 0.5 else (),
        ),
        FundingSource("q", "fund", {}, smallest_share=0.3, cap_measure=float(rng.integers(1, 6) * 10)),
    ]
    limits = limits_of(capital=float(rng.integers(2, 7) * 10), years=1)
    made = made_of(needs, sources, limits, (Together("all", ("p", "q"), 0.7),))
    found = find_conflict(made)
    expected = conflicts_by_trying(made)
    if found is None:
        assert expected == []
        return
    assert found.smallest
    assert found.rules in expected
    fewer = find_conflict(made, rounds=0)  # the deletion filter alone
    assert fewer is not None
    assert not fewer.smallest
    from bothbanks.civic.finance.conflicts import _Elastic

    elastic = _Elastic(made)
    for rules in (found.rules, fewer.rules):
        assert not elastic.feasible(rules)
        assert all(elastic.feasible([r for r in rules if r != left]) for left in rules)
    aside = len(found.set_aside)
    rest = [r for r in elastic.rules if r not in set(found.set_aside)]
    assert elastic.feasible(rest)
    for group in itertools.combinations(elastic.rules, aside - 1):
        assert not elastic.feasible([r for r in elastic.rules if r not in group])
