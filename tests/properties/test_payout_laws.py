"""What must hold of every trigger and payout: no negative amount, shares to the cent, one answer for all."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction as F
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothbanks.analysis.reserve.basis_risk import basis_risk
from bothbanks.analysis.reserve.index import Fix, Record, Window, box_of, track_index
from bothbanks.analysis.reserve.triggers import LinearPayout, Step, StepTable, joint_share
from bothbanks.civic.finance.payouts import Part, TriggerTerms, divide, settle
from bothbanks.standards.payout_data import DataFile
from bothbanks.standards.payout_json import (
    STATEMENT_FORMAT,
    TERMS_FORMAT,
    canonical,
    differences,
    number,
    number_text,
    parse,
)
from bothbanks.standards.payout_statement import read_terms, statement_document, terms_document

fractions = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)
START = datetime(2026, 7, 1)
WINDOW = Window(START, START + timedelta(days=30))


@st.composite
def tables(draw: st.DrawFn) -> StepTable:
    """Bands that touch and pay more the higher the index."""
    bounds = sorted(draw(st.sets(fractions, min_size=1, max_size=5)))
    pays = sorted(draw(st.lists(st.fractions(0, 1, max_denominator=50), min_size=len(bounds), max_size=5)))
    steps = [
        Step(pay, gt=low, le=high) for low, high, pay in zip(bounds, [*bounds[1:], None], pays, strict=False)
    ]
    return StepTable(tuple(steps))


@st.composite
def all_shares(draw: st.DrawFn) -> dict[str, F]:
    weights = draw(st.lists(st.integers(1, 1000), min_size=1, max_size=8))
    return {f"m{k}": F(w, sum(weights)) for k, w in enumerate(weights)}


@given(st.fractions(max_denominator=10**6))
def test_numbers_survive_being_written(value: F) -> None:
    assert number(number_text(value)) == value


@given(tables(), st.lists(fractions, min_size=1, max_size=20))
def test_a_higher_index_never_pays_less_and_shares_stay_within_the_limit(
    table: StepTable, index: list[F]
) -> None:
    paid = table.share(np.array(sorted(index), dtype=object))
    assert all(0 <= p <= 1 for p in paid)
    assert all(a <= b for a, b in pairwise(paid))


@given(tables(), st.lists(st.integers(-4000, 4000), min_size=1, max_size=20))
def test_floats_and_fractions_pay_the_same(table: StepTable, quarters: list[int]) -> None:
    exact = np.array([F(q, 4) for q in quarters], dtype=object)
    floats = np.array(quarters) / 4
    assert table.share(floats) == pytest.approx([float(p) for p in table.share(exact)])


@given(fractions, fractions.filter(bool), fractions)
def test_linear_payouts_are_exact_between_their_ends(attachment: F, width: F, at: F) -> None:
    shape = LinearPayout(attachment, attachment + width)
    paid = shape.share(np.array([attachment, attachment + width, attachment + width / 3, at], dtype=object))
    assert paid[:3].tolist() == [0, 1, F(1, 3)]
    assert 0 <= paid[3] <= 1


@given(st.lists(st.fractions(0, 1, max_denominator=20), min_size=1, max_size=5))
def test_parts_add_up_to_the_limit(parts: list[F]) -> None:
    assert joint_share([np.array([p], dtype=object) for p in parts])[0] == min(1, sum(parts))


@given(st.integers(0, 10**12), all_shares())
def test_money_is_divided_to_the_last_cent(amount: int, shares: dict[str, F]) -> None:
    parts = divide(amount, shares)
    assert sum(parts.values()) == amount
    assert all(abs(parts[m] - shares[m] * amount) < 1 and parts[m] >= 0 for m in shares)


@st.composite
def settled(draw: st.DrawFn) -> tuple[TriggerTerms, list[Record]]:
    terms = TriggerTerms(
        "t", "m", "EUR", 2026, draw(st.integers(0, 10**11)), draw(all_shares()), WINDOW,
        draw(st.sampled_from(["final", "any"])), (Part("p", "gauge", "max", draw(tables())),),
    )  # fmt: skip
    values = draw(st.lists(st.tuples(fractions, st.booleans()), min_size=1, max_size=10))
    records = [Record(START + timedelta(days=k), v, f) for k, (v, f) in enumerate(values)]
    return terms, records


@given(settled())
def test_a_settlement_adds_up_and_never_pays_on_data_it_waits_for(
    made: tuple[TriggerTerms, list[Record]],
) -> None:
    terms, records = made
    found = settle(terms, {"p": records})
    assert found.indicated_total == round(found.share * terms.limit_minor) <= terms.limit_minor
    assert min(found.due.values()) >= 0
    assert found.waiting == (terms.waits_for == "final" and not all(r.final for r in records))
    assert found.due == (dict.fromkeys(terms.shares, 0) if found.waiting else found.indicated)
    assert settle(terms, {"p": list(reversed(records))}) == found


@given(settled())
def test_terms_and_statement_come_back_as_they_were_written(made: tuple[TriggerTerms, list[Record]]) -> None:
    terms, records = made
    file = DataFile("a.csv", {"time": "t", "value": "v"}, status="final")
    document = terms_document(terms, {"p": file}, {"en": "T"}, "region")
    again, files = read_terms(parse(canonical(document), "terms", TERMS_FORMAT))
    assert (again, files) == (terms, {"p": file})
    found = settle(again, {"p": records})
    written = statement_document(
        found, again, ("t.json", b""), {"a.csv": b"x"}, region="region", decision="", version="1"
    )
    back = parse(canonical(written), "statement", STATEMENT_FORMAT)
    assert back == written
    assert differences(back, written) == []


@given(settled(), st.integers(1, 10**6), st.data())
def test_every_changed_amount_is_found(
    made: tuple[TriggerTerms, list[Record]], more: int, data: st.DataObject
) -> None:
    terms, records = made
    found = settle(terms, {"p": records})
    written = statement_document(
        found, terms, ("t.json", b""), {"a.csv": b"x"}, region="r", decision="", version="1"
    )
    member = data.draw(st.sampled_from(sorted(terms.shares)))
    changed = parse(canonical(written), "statement", STATEMENT_FORMAT)
    changed["due"]["members"][member] += more
    assert [where for where, *_ in differences(changed, written)] == [f"due.members.{member}"]


points = st.tuples(st.integers(-20, 20), st.integers(-20, 20), st.integers(850, 1010))


@given(st.lists(points, min_size=1, max_size=8))
def test_the_index_of_a_track_is_the_least_of_finely_cut_steps(raw: list[tuple[int, int, int]]) -> None:
    box = box_of(F(-5), F(-7), F(9), F(6))
    fixes = [Fix(START + timedelta(hours=6 * k), F(x), F(y), F(v), True) for k, (x, y, v) in enumerate(raw)]
    found = track_index(fixes, box, WINDOW, "min").value
    t = np.linspace(0.0, 1.0, 101)
    walked: list[float] = []
    for a, b in zip(raw, [*raw[1:], raw[-1]], strict=True):
        x, y, v = (a[k] + t * (b[k] - a[k]) for k in range(3))
        walked += v[(x >= -5) & (x <= 9) & (y >= -7) & (y <= 6)].tolist()
    if walked:
        assert found is not None
        assert float(found) <= min(walked) + 1e-9
        assert float(found) >= min(walked) - 1.7  # a step changes the pressure by at most 160 / 100
    if found is not None:
        assert min(v for *_, v in raw) <= found <= max(v for *_, v in raw)


money = st.floats(0, 1e9)


@given(st.lists(st.tuples(money, money), min_size=1, max_size=30), money, money)
def test_basis_risk_closes_its_account(events: list[tuple[float, float]], kept: float, most: float) -> None:
    paid, lost = (np.array([e[k] for e in events])[:, None] for k in (0, 1))
    rate = np.full(len(events), 1 / len(events))
    found = basis_risk(paid, lost, rate, retention=kept, limit=most)
    assert found.mean_paid - found.excess == pytest.approx(found.mean_needed - found.shortfall, abs=1e-3)
    assert found.paid_not_needed <= found.paid
    assert found.needed_not_paid <= found.needed
    assert np.isnan(found.correlation) or -1 <= found.correlation <= 1
