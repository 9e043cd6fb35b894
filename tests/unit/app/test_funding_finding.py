"""Funding of a small made-up border: what is paid, by whom, in two currencies, and what grants change."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from appraisals import SCRATCH
from findings_fixture import findings as invented
from region_folders import make_two_banks
from region_folders import replace as replace_text

from bothbanks.analysis.findings import Findings, FundingFinding, MemberInfo, ProgrammeFinding
from bothbanks.analysis.measures.measure import cost_by_year
from bothbanks.app.cases import flood_run, population_of
from bothbanks.app.draws import draw_set
from bothbanks.app.funding import find
from bothbanks.app.funding_game import GrantedGame
from bothbanks.app.funding_plan import needs_of
from bothbanks.app.funding_settings import sources_of, together_of
from bothbanks.app.money_findings import Played
from bothbanks.app.play import play_draws
from bothbanks.app.prepared import Prepared
from bothbanks.app.workers import Workers
from bothbanks.pages.context import Context
from bothbanks.pages.language import Language, available
from bothbanks.pages.report import render
from bothbanks.pages.views import funding as view
from bothbanks.region import harmonise, read_region
from bothbanks.region.finance.sources import SourcesSettings
from bothbanks.words.errors import InputError

SOURCES = """
first_year = 2026
rate_date = 2023-12-29
[[sources]]
id = "joint"
kind = "interreg"
name = "Joint"
measures = ["retention"]
countries = 2
currency = "EUR"
largest_share = { value = 0.5, unit = "share", source = "assumed" }
cap_measure = { value = 600000.0, unit = "EUR", price_year = 2023, source = "assumed" }
source = "assumed"
[[sources]]
id = "canton"
kind = "fund"
name = "Canton"
measures = ["levee"]
members = ["steinach"]
currency = "CHF"
largest_share = { value = 0.3, unit = "share", source = "assumed" }
source = "assumed"
[[sources]]
id = "bank"
kind = "loan"
name = "Bank"
currency = "EUR"
largest_share = { value = 0.6, unit = "share", source = "assumed" }
interest = { value = 0.01, unit = "1/year", source = "assumed" }
maturity_years = 10
source = "assumed"
[[upkeep]]
id = "council"
name = "council"
members = ["steinach"]
source = "assumed"
[[rates]]
from = "EUR"
to = "CHF"
rate = 1.02
date = 2022-12-30
source = "assumed"
"""
BUDGETS = """
first_year = 2026
delays = [0]
pooling = "own"
[[budgets]]
member = "steinach"
running = [{ from = 2025, amount = "unlimited" }]
[[budgets.capital]]
from = 2025
amount = { value = 100000.0, unit = "CHF", price_year = 2023, source = "assumed" }
[[budgets]]
member = "uferau"
capital = [{ from = 2026, amount = "unlimited" }]
running = [{ from = 2026, amount = "unlimited" }]
"""
VENTURES = """
[[ventures]]
id = "weir"
name = "Weir"
owners = { steinach = 0.5, uferau = 0.5 }
key = "population"
key_source = "assumed"
source = "assumed"
[[ventures.years]]
from = 2026
to = 2027
revenue = { value = 100.01, unit = "CHF", price_year = 2023, source = "assumed" }
"""


@cache
def prepared(budgets: bool = False) -> Prepared:
    folder = make_two_banks(Path(tempfile.mkdtemp(dir=SCRATCH)) / "two")
    (folder / "finance").mkdir()
    (folder / "finance" / "sources.toml").write_text(SOURCES, "utf-8")
    (folder / "finance" / "ventures.toml").write_text(VENTURES, "utf-8")
    start = 'fiscal_year_start = "01-01"'
    replace_text(folder, "members/steinach/member.toml", start, 'fiscal_year_start = "07-01"')
    if budgets:
        (folder / "finance" / "budgets.toml").write_text(BUDGETS, "utf-8")
    model = harmonise(read_region(folder))
    drawn = draw_set(model.parameters, 2, 1)
    run = flood_run(model, model.cases["flood"])
    countries = tuple(m.country for m in model.members)
    game = run.game.game(drawn.base)
    results = play_draws(run.game, drawn.draws, countries)
    played = Played(run.settings, game, results, countries, population_of(model))
    return Prepared(model, drawn, Workers(1), flood=run, played={"flood": played})


@cache
def found(budgets: bool = False) -> FundingFinding:
    finding = find(prepared(budgets))
    assert finding is not None
    return finding


def test_nothing_is_found_where_the_folder_does_not_ask() -> None:
    p = prepared()
    assert find(replace(p, model=replace(p.model, finance={}))) is None
    assert find(replace(p, flood=None)) is None


def test_what_is_paid_is_what_the_game_counts() -> None:
    """Present cost of the needs, less residual values, is the cost less the loss of the outcome together."""
    p = prepared()
    run, base = p.flood, p.base
    assert run is not None
    rate, horizon = base["region.discount_rate"], p.model.settings.horizon_years
    needs = needs_of(p, run, 2026)
    factor = (1 + rate) ** -np.arange(horizon)
    together = p.played["flood"].game.together()
    assert needs.capital.sum() > 0
    by_id = {m.id: m for m in run.measures}
    left = 0.0
    for j, name in enumerate(needs.measures):
        flow = cost_by_year(by_id[name], base, horizon)
        times = needs.capital[j].sum() / flow.capital.sum()
        left += times * flow.residual * (1 + rate) ** -horizon
    present = float(((needs.capital + needs.upkeep) @ factor).sum()) - left
    assert present == pytest.approx(float((together.cost - together.loss).sum()), rel=1e-9)


def test_sources_and_uses_balance_by_member() -> None:
    f = found()
    np.testing.assert_allclose(f.capital, f.grants + f.set_aside + f.drawn + f.own_cash, rtol=1e-9)
    np.testing.assert_allclose(f.repayment, f.drawn, rtol=1e-9)
    assert sum(m.capital for m in f.measures) == pytest.approx(float(f.capital.sum()))
    for m in f.measures:
        assert m.capital == pytest.approx(float(m.by_source.sum()) + m.own)
    assert f.present_cost < f.present_all_cash
    assert f.conflict is None


def test_a_joint_measure_has_partners_by_its_deal() -> None:
    """The basin stands in one country; the deal with the other opens the joint fund, up to its cap."""
    f = found()
    joint = {s.id: s for s in f.sources}["joint"]
    retention = {m.measure: m for m in f.measures}["retention-upstream"]
    assert 0.5 * retention.capital > 600000.0 * 0.93  # the cap binds
    assert joint.paid.sum() == pytest.approx(600000.0 * 0.93)
    assert joint.unused == ""


def test_statements_are_in_own_money_and_years() -> None:
    f = found()
    left, right = f.statements
    assert (left.currency, left.first_year, left.rate) == ("CHF", 2025, 1.0)
    assert (right.currency, right.first_year) == ("EUR", 2026)
    assert right.rate == pytest.approx(1 / 0.93)
    assert str(right.rate_date) == "2023-12-29"
    for s, i in ((left, 0), (right, 1)):
        assert s.lines["capital"].sum() == pytest.approx(float(f.capital[i]) * s.rate * 100, abs=100)


def test_exchange_risk_is_stated_with_its_date() -> None:
    f = found()
    open_ = {(e.member, e.currency): e for e in f.exposures}
    assert set(open_) == {("steinach", "EUR"), ("uferau", "CHF")}
    # the left bank counts in francs: what it has open in euros is its loan less the joint fund
    e = open_["steinach", "EUR"]
    assert e.rate == pytest.approx(0.93)
    assert e.net_cost < 2_460_000.0
    assert e.net_cost > 2_460_000.0 * 0.8 - 558_000.0
    assert e.if_dearer == pytest.approx(0.1 * e.net_cost)
    assert e.if_cheaper == -e.if_dearer
    assert e.stated_low == pytest.approx(0.0)
    assert e.stated_high == pytest.approx(1.02 / 0.93 - 1)


def test_upkeep_of_the_other_bank_has_no_payer() -> None:
    f = found()
    due = {k.member for k in f.kept}
    gaps = {g.member for g in f.gaps}
    assert gaps == due - {"steinach"}
    assert all(k.pots == ("council",) for k in f.kept if k.member == "steinach")


def test_grants_game_without_grants_is_the_game() -> None:
    p = prepared()
    assert p.flood is not None
    empty = GrantedGame(p, p.flood, (), (), 2026)
    game = p.played["flood"].game
    for partition in ((1, 2), (3,)):
        np.testing.assert_array_equal(empty.solve(partition).cost, game.solve(partition).cost)


def test_only_both_together_draw_the_joint_fund() -> None:
    p = prepared()
    settings = p.finance["sources"]
    assert isinstance(settings, SourcesSettings)
    assert p.flood is not None
    sources = sources_of(settings, p.base)
    game = GrantedGame(p, p.flood, sources[:1], together_of(settings, sources, p.base), 2026)
    assert game.drawn(1).by_measure.sum() == 0.0
    assert game.drawn(2).by_measure.sum() == 0.0
    retention = p.played["flood"].game.tables.measures.index("retention-upstream")
    worth = game.drawn(3).by_measure
    assert worth[retention].sum() > 0.0
    assert np.delete(worth, retention, axis=0).sum() == 0.0
    # the cost of the measure in the game falls by exactly what is drawn for it
    plain = p.played["flood"].game
    granted = game.solve((3,))
    assert granted.profile == plain.together().profile
    assert granted.profile >> retention & 1
    assert plain.together().cost.sum() - granted.cost.sum() == pytest.approx(worth[retention].sum())


def test_shares_with_grants_add_up() -> None:
    game = found().game
    assert game is not None
    assert game.shares_with.sum() == pytest.approx(game.gain_with)
    assert game.payments_with.sum() == pytest.approx(0.0, abs=1e-6)
    assert game.worth_gamma[-1] == pytest.approx(game.gain_with)
    assert game.gain_with_own == pytest.approx(game.gain_without)  # both draw the canton's share alone too
    assert game.gain_with == pytest.approx(game.gain_without + 558_000.0)  # the joint fund, in year 0


def test_a_budget_too_small_is_told_as_a_conflict() -> None:
    """The left bank may spend 100,000 francs a year; its levee costs 1.5 million."""
    f = found(budgets=True)
    assert f.budgets_heeded
    conflict = f.conflict
    assert conflict is not None
    assert conflict.smallest
    assert {r.member for r in conflict.rules if r.kind == "capital-budget"} == {"steinach"}
    assert all(r.gives_way is not None and r.gives_way > 0 for r in conflict.set_aside)


def test_a_programme_put_off_is_paid_later() -> None:
    """The same measures under a plan that starts them three years later."""
    p = prepared()
    assert p.flood is not None
    now = needs_of(p, p.flood, 2026)
    base = find(p)
    assert base is not None
    later = _programme(p, 3)
    put_off = needs_of(p, p.flood, 2026, later)
    shared = [m for m in put_off.measures if m in now.measures]
    assert shared
    for name in shared:
        a, b = now.measures.index(name), put_off.measures.index(name)
        first = [int(np.flatnonzero(n.capital[k].sum(axis=0))[0]) for n, k in ((now, a), (put_off, b))]
        assert first[1] - first[0] == 3


def _programme(p: Prepared, delay: int) -> ProgrammeFinding:
    from types import SimpleNamespace

    game = p.played["flood"].game
    profile = game.together().profile
    assert p.flood is not None
    by_id = {m.id: m for m in p.flood.measures}
    starts = tuple(
        SimpleNamespace(
            measure=name, together=2026 + by_id[name].years[0] + delay if profile >> j & 1 else None
        )
        for j, name in enumerate(game.tables.measures)
    )
    return SimpleNamespace(first_year=2026, starts=starts, own=(), warning=())  # type: ignore[return-value]


def test_the_venture_reaches_both_banks_to_the_cent() -> None:
    (venture,) = found().ventures
    assert venture.revenue == 20002
    assert sum(venture.owners.values()) == 20002
    for owner, amount in venture.owners.items():
        assert sum(x.amount for x in venture.parts if x.member == owner) == amount


def test_first_years_must_agree(tmp_path: Path) -> None:
    p = prepared(budgets=True)
    budgets = p.finance["budgets"].model_copy(update={"first_year": 2030})
    other = replace(p, model=replace(p.model, finance={**p.finance, "budgets": budgets}))
    with pytest.raises(InputError, match="first_year"):
        find(other)


def test_tables_hold_every_cent() -> None:
    f = found()
    mix = f.tables["funding-mix"]
    total = sum(row[4] for row in mix.rows)
    assert total == pytest.approx(float(f.capital.sum()), abs=0.01 * len(mix.rows))
    assert {row[0] for row in mix.rows} >= {"own"}
    assert {row[0] for row in f.tables["funding-cash"].rows} == {"steinach", "uferau"}


def findings_with(funding: FundingFinding) -> Findings:
    """The invented findings of the pages' tests with this border's members and its funding."""
    people = population_of(prepared().model)
    members = tuple(
        MemberInfo(m.id, m.name, m.country, m.currency, m.languages, int(people[i]), 1, m.fiscal_year_start)
        for i, m in enumerate(prepared().model.members)
    )
    return replace(invented(), members=members, funding=funding)


def page_of(funding: FundingFinding, code: str) -> str:
    ctx = Context(findings_with(funding), Language.load(code, ("de", "fr", "en")))
    return render(ctx, view.page(ctx), view.entries(ctx), (ctx.language,), "../", "../")


@pytest.mark.parametrize("code", available())
def test_the_page_speaks_every_language(code: str) -> None:
    for funding in (found(), found(budgets=True)):
        text = page_of(funding, code)
        assert "{" not in re.sub(r"(?s)<(style|script).*?</\\1>", "", text)
        assert text.count("<table") >= 8


def test_the_page_says_who_pays_and_what_joint_access_adds() -> None:
    text = re.sub(r"<[^>]+>", "", page_of(found(), "en"))
    assert "from grants" in text
    assert "Funds that only open to partners from two countries add €560,000" in text
    assert "cost if it rises by 10 %" in text
    assert "some year’s upkeep has no payer" in text
    assert "Weir: where its revenue of 2026 to 2027 goes" in text


def test_the_page_names_rule_source_measure_and_numbers_of_a_conflict() -> None:
    text = re.sub(r"<[^>]+>", "", page_of(found(budgets=True), "en"))
    assert "Why no mix keeps every rule" in text
    assert re.search(
        r"Building in 2025, Linkes Ufer: €1.5.million falls due, the budget holds €100,000\.", text
    )
    assert re.search(r"Canton pays at most 30% of \S", text)
    assert "Short by €" in text


def test_no_page_without_a_finding() -> None:
    assert view.entries(Context(invented(), Language.load("en"))) == ()
