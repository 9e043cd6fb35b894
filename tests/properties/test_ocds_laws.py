"""Laws of purchases and their releases, for any shares, payments and order of files."""

from __future__ import annotations

import json
from datetime import timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from procurement_cases import AWARD, BUYERS, CONTRACT, LIFE, TENDER, after, at, packed, plan, releases

from bothbanks.civic.changes import Refusal
from bothbanks.civic.finance.procurement import decide, start
from bothbanks.civic.finance.procurement_steps import Pay, divide
from bothbanks.civic.finance.thresholds import regimes, ruling, steps
from bothbanks.standards.ocds import read_texts, text_of
from bothbanks.standards.ocds_schema import PACKAGE, faults

parts = st.lists(st.integers(1, 1000), min_size=1, max_size=8)


def shares_of(weights: list[int]) -> dict[str, Fraction]:
    return {f"b{k}": Fraction(w, sum(weights)) for k, w in enumerate(weights)}


@given(parts, st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_payments_add_up_and_no_part_is_negative(weights: list[int], amounts: list[int]) -> None:
    shares = shares_of(weights)
    paid = dict.fromkeys(shares, 0)
    for amount in amounts:
        now = divide(amount, shares, paid)
        assert sum(now.values()) == amount
        assert min(now.values()) >= 0
        paid = {b: paid[b] + now[b] for b in shares}


@given(parts, st.lists(st.integers(10**6, 10**9), min_size=1, max_size=12))
def test_nobody_drifts_a_cent_from_its_share(weights: list[int], amounts: list[int]) -> None:
    shares = shares_of(weights)
    paid = dict.fromkeys(shares, 0)
    for amount in amounts:
        now = divide(amount, shares, paid)
        paid = {b: paid[b] + now[b] for b in shares}
        assert all(abs(paid[b] - shares[b] * sum(paid.values())) < 1 for b in shares)


@given(st.lists(st.integers(1, 43_000_000), max_size=6))
def test_never_more_paid_than_contracted(amounts: list[int]) -> None:
    purchase, _ = after([TENDER, AWARD, CONTRACT])
    for k, amount in enumerate(amounts):
        outcome = decide(purchase, Pay(at(4, 1) + timedelta(days=k), amount))
        if isinstance(outcome, Refusal):
            assert purchase.paid + amount > 43_000_000
        else:
            purchase = outcome[0]
    assert purchase.paid <= 43_000_000
    assert sum(purchase.paid_by(b.id) for b in BUYERS) == purchase.paid


@given(st.lists(st.sampled_from(LIFE), max_size=12))
def test_any_commands_give_releases_that_validate_or_a_reason(commands: list[Any]) -> None:
    outcome = start(plan())
    assert not isinstance(outcome, Refusal)
    purchase, entries = outcome
    for command in commands:
        step = decide(purchase, command)
        if isinstance(step, Refusal):
            assert step.code.startswith("procurement.")
            assert step.reason
        else:
            purchase, entries = step[0], entries + step[1]
    assert len(entries) == len(purchase.releases)
    made = [e.release for e in entries]
    assert made == list(purchase.releases)
    assert [e.when for e in entries] == sorted(e.when for e in entries)


@settings(max_examples=20)
@given(st.permutations(range(len(LIFE) + 1)), st.integers(1, 9))
def test_files_in_any_order_merge_alike(order: list[int], cut: int) -> None:
    life = releases()
    shuffled = [life[k] for k in order]
    texts = {
        "a.json": text_of(packed(shuffled[:cut])).encode(),
        "b.json": text_of(packed(shuffled[cut:])).encode(),
    }
    whole = read_texts({"w.json": text_of(packed(life)).encode()})
    found = read_texts(texts)
    assert found.problems == ()
    assert found.processes[0].compiled == whole.processes[0].compiled
    assert found.processes[0].versioned == whole.processes[0].versioned


@settings(max_examples=20)
@given(st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_read_is_merged_repeated_and_refused(again: int, spoilt: int, bad: bool) -> None:
    life = releases()
    other = json.loads(json.dumps(life[spoilt]))
    if bad:
        other["language"] = "fr"
    found = read_texts(
        {
            "a.json": json.dumps(packed(life)).encode(),
            "b.json": json.dumps(packed([life[again]])).encode(),
            "c.json": json.dumps(packed([other])).encode(),
        }
    )
    assert found.read == 12 == found.merged + found.repeated + found.refused_releases
    assert bool(found.problems) == bad
    kept = [r.data for r in found.refused] + [r.data for p in found.processes for r in p.releases]
    assert all(release in kept for release in (*life, other))


@given(parts, st.integers(1, 10**10))
def test_any_shares_give_a_valid_package_that_adds_up(weights: list[int], estimate: int) -> None:
    three = (weights * 3)[:3]
    shares = dict(zip((b.id for b in BUYERS), shares_of(three).values(), strict=True))
    made = releases([], shares=shares, estimate=estimate)
    package = json.loads(text_of(packed(made)))
    assert faults(PACKAGE, package, "x") == []
    budget = package["releases"][0]["planning"]["budget"]
    assert sum(round(p["amount"]["amount"] * 100) for p in budget["budgetBreakdown"]) == estimate


@given(
    st.sampled_from([*regimes(), "FR"]),
    st.sampled_from(["goods", "services", "works", "social"]),
    st.floats(0.01, 1e9),
    st.floats(0.01, 1e9),
)
def test_a_larger_value_never_asks_for_less(regime: str, kind: str, one: float, other: float) -> None:
    strictness = {"unknown": -1, "direct": 0, "several-offers": 1, "national-open": 2, "union-open": 3}
    low, high = sorted((one, other))
    day = at(3, 1).date()
    asked = [strictness[ruling(regime, kind, v, day).step.procedure] for v in (low, high)]
    assert asked[0] <= asked[1]
    assert sum(s.above <= low < s.below for s in steps(regime, kind, day)) == 1
