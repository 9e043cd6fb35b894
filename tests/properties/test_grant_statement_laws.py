"""What must hold of every grant and its statement: floor and cap, shares to the cent, and nothing lost."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction as F
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bothbanks.civic.finance.claims import Route
from bothbanks.civic.finance.outcome_grants import (
    Band,
    Formula,
    GrantResult,
    GrantTerms,
    Linear,
    Observation,
    Progressive,
    Reached,
    Steps,
    settle_grant,
)
from bothbanks.standards.payout_data import DataFile, read_signed
from bothbanks.standards.payout_grant import (
    GrantText,
    grant_statement_document,
    grant_terms_document,
    read_grant_terms,
)
from bothbanks.standards.payout_json import (
    GRANT_STATEMENT_FORMAT,
    GRANT_TERMS_FORMAT,
    canonical,
    differences,
    number_text,
    parse,
)

START = date(2027, 1, 1)
FILE = DataFile("m.csv", {"time": "day", "value": "v", "verifier": "who"})
TEXT = GrantText("region", "minutes", {"en": "M"}, {"en": "about"}, {"en": "a fund"})
money = st.fractions(0, 1000, max_denominator=100)
decimals = st.decimals(-1000, 1000, places=3).map(F)


@st.composite
def formulas(draw: st.DrawFn) -> Formula:
    kind = draw(st.sampled_from(["linear", "progressive", "steps"]))
    if kind == "linear":
        return Linear(draw(money))
    starts = sorted(draw(st.sets(money, min_size=1, max_size=4)))
    amounts = sorted(draw(st.lists(money, min_size=len(starts), max_size=len(starts))))
    if kind == "steps":
        return Steps(tuple(map(Reached, starts, amounts)))
    return Progressive(tuple(map(Band, [F(0), *starts[1:]], draw(st.permutations(amounts)))))


@st.composite
def all_terms(draw: st.DrawFn) -> GrantTerms:
    weights = draw(st.lists(st.integers(1, 1000), min_size=1, max_size=6))
    floor = draw(st.integers(0, 10**6))
    return GrantTerms(
        id="g",
        unit="min",
        better=draw(st.sampled_from(["lower", "higher"])),
        aggregate=draw(st.sampled_from(["mean", "sum", "last", "min", "max"])),
        baseline=draw(decimals),
        formula=draw(formulas()),
        minor_digits=2,
        floor_minor=floor,
        cap_minor=floor + draw(st.integers(0, 10**9)),
        currency="EUR",
        price_year=2023,
        shares={f"m{k}": F(w, sum(weights)) for k, w in enumerate(weights)},
        verifier="audit",
        start=START,
        end=START + timedelta(days=29),
        least_count=draw(st.integers(1, 2)),
        dispute=Route("outcome-grant", "article 1", 60, 30, 45, 90, 3, draw(st.integers(0, 10**9)), "EUR"),
    )


@st.composite
def settled(draw: st.DrawFn) -> tuple[GrantTerms, list[Observation], GrantResult]:
    terms = draw(all_terms())
    values = draw(st.lists(decimals, min_size=2, max_size=8))
    strangers = draw(st.lists(decimals, max_size=3))
    seen = [Observation(START + timedelta(days=k), v, "audit") for k, v in enumerate(values)]
    seen += [Observation(START + timedelta(days=k), v, "m0") for k, v in enumerate(strangers)]
    seen = draw(st.permutations(seen))
    return terms, seen, settle_grant(terms, seen)


def statement(terms: GrantTerms, result: GrantResult, on: str | None = "2027-03-01") -> dict[str, Any]:
    return grant_statement_document(
        result, terms, ("t.json", b""), {"m.csv": b"x"}, region="r", decision="d", stated_on=on, version="1"
    )


@given(settled())
def test_a_payout_lies_between_floor_and_cap_and_adds_up(
    made: tuple[GrantTerms, list[Observation], GrantResult],
) -> None:
    terms, seen, result = made
    assert terms.floor_minor <= result.due_total <= terms.cap_minor
    assert list(result.due) == list(terms.shares)
    assert all(abs(result.due[m] - s * result.due_total) < 1 for m, s in terms.shares.items())
    assert result.counted + result.set_aside == len(seen)
    assert result.outcome is not None
    if result.outcome < 0:
        assert (result.verdict, result.due_total) == ("floor", terms.floor_minor)


@given(all_terms())
def test_terms_come_back_as_they_were_written(terms: GrantTerms) -> None:
    document = grant_terms_document(terms, FILE, TEXT)
    assert read_grant_terms(parse(canonical(document), "terms", GRANT_TERMS_FORMAT)) == (terms, FILE)


@given(settled())
def test_observations_come_back_as_they_were_written(
    made: tuple[GrantTerms, list[Observation], GrantResult],
) -> None:
    terms, seen, result = made
    lines = ["day,v,who", *(f"{o.when},{number_text(o.value)},{o.verifier}" for o in seen)]
    again = read_signed("\n".join(lines).encode(), FILE).observations
    assert list(again) == seen
    assert settle_grant(terms, again) == result


@given(settled(), st.none() | st.dates(date(2027, 2, 1), date(2040, 1, 1)))
def test_statements_come_back_and_every_field_of_them_counts(
    made: tuple[GrantTerms, list[Observation], GrantResult], on: date | None
) -> None:
    terms, _, result = made
    written = statement(terms, result, None if on is None else on.isoformat())
    back = parse(canonical(written), "statement", GRANT_STATEMENT_FORMAT)
    assert back == written
    for key in written.keys() - {"software"}:
        assert [where for where, *_ in differences({**back, key: "changed"}, written)] == [key]
    assert json.loads(canonical(written)) == written
    until = None if on is None else (on + timedelta(days=60)).isoformat()
    assert written["dispute_until"] == until


@given(settled(), st.integers(1, 10**6), st.data())
def test_every_changed_amount_is_found(
    made: tuple[GrantTerms, list[Observation], GrantResult], more: int, data: st.DataObject
) -> None:
    terms, _, result = made
    written = statement(terms, result)
    member = data.draw(st.sampled_from(sorted(terms.shares)))
    changed = parse(canonical(written), "statement", GRANT_STATEMENT_FORMAT)
    changed["due"]["members"][member] += more
    assert [where for where, *_ in differences(changed, written)] == [f"due.members.{member}"]
