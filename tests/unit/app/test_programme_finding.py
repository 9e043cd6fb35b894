"""From ``finance/budgets.toml`` to the finding: budgets bite, cash and shares add up, plans are proven."""

from __future__ import annotations

import pickle
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from appraisals import TWO_BANKS, new_folder

from bothbanks.analysis.findings import ProgrammeFinding
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.programme import ProgrammeGame, case_tables
from bothbanks.app import programme
from bothbanks.app.cases import flood_run, population_of
from bothbanks.app.draws import draw_set
from bothbanks.app.prepared import Prepared
from bothbanks.app.programme_terms import terms_of
from bothbanks.app.workers import Workers
from bothbanks.region import harmonise, read_region
from bothbanks.region.finance.budgets import BudgetsSettings

HEAD = 'first_year = 2024\ndelays = [0, 3]\npooling = "{pooling}"\n'
BUDGET = """
[[budgets]]
member = "{member}"
[[budgets.capital]]
from = {first}
to = {first}
amount = {early}
[[budgets.capital]]
from = {then}
amount = {late}
[[budgets.running]]
from = {first}
amount = "unlimited"
"""
PATHWAY = """
[[pathways]]
id = "wetter"
scenario = "{scenario}"
year = 2060
on = "loss"
share = { value = 0.9, unit = "1", source = "assumed" }
source = "assumed"
"""


def amount(value: float, unit: str = "EUR") -> str:
    return f'{{ value = {value}, unit = "{unit}", price_year = 2023, source = "assumed" }}'


def prepared(folder: Path) -> Prepared:
    model = harmonise(read_region(folder))
    return Prepared(
        model,
        draw_set(model.parameters, 2, 1),
        Workers(1),
        flood=flood_run(model, model.cases["flood"]),
    )


@cache
def found_at(
    early: float, late: float, pooling: str = "pooled", start: str = "01-01"
) -> tuple[Prepared, ProgrammeFinding]:
    """The finding of the new region with the same budgets on both sides."""
    folder = new_folder().parent / f"budgets-{early:g}-{late:g}-{pooling}-{start}"
    shutil.copytree(new_folder(), folder, dirs_exist_ok=True)
    (folder / "finance").mkdir(exist_ok=True)
    member = folder / "members" / "right" / "member.toml"
    text = member.read_text("utf-8")
    member.write_text(text.replace('fiscal_year_start = "01-01"', f'fiscal_year_start = "{start}"'), "utf-8")
    first = {"left": 2024, "right": 2024 - (start != "01-01")}
    (folder / "finance" / "budgets.toml").write_text(
        HEAD.format(pooling=pooling)
        + "".join(
            BUDGET.format(member=m, first=y, then=y + 1, early=amount(early), late=amount(late))
            for m, y in first.items()
        ),
        "utf-8",
    )
    made = prepared(folder)
    found = programme.find(made)
    assert found is not None
    return made, found


PLENTY = (1e9, 1e9)
LATE = (0.0, 1e9)
NONE = (0.0, 0.0)


def test_a_folder_without_budgets_has_no_programme() -> None:
    assert programme.find(prepared(new_folder())) is None


def test_budgets_that_never_bind_change_nothing() -> None:
    made, found = found_at(*PLENTY)
    assert made.flood is not None
    game = PartitionGame(made.flood.game.tables(made.base))
    np.testing.assert_allclose(found.alone, game.alone().cost, rtol=1e-9)
    np.testing.assert_allclose(found.together, game.together().cost, rtol=1e-9)
    assert found.price_of_budgets == pytest.approx(0.0, abs=1e-3)
    assert [s.together for s in found.starts] == [s.unlimited for s in found.starts]


def test_with_no_money_nothing_is_built_and_the_budgets_cost_all_the_gain() -> None:
    _, found = found_at(*NONE)
    _, free = found_at(*PLENTY)
    assert all(s.together is None and s.alone is None for s in found.starts)
    assert all(not c.capital.any() for c in found.cash)
    assert found.price_of_budgets == pytest.approx(float(found.together.sum() - free.together.sum()))
    assert found.price_of_budgets > 0
    assert found.gain <= found.gain_unlimited + 1e-6


def test_money_that_comes_a_year_late_puts_the_start_off() -> None:
    _, free = found_at(*PLENTY)
    _, found = found_at(*LATE)
    wanted = {s.measure: s.unlimited for s in free.starts if s.unlimited is not None}
    assert wanted
    for s in found.starts:
        if s.together is not None:
            assert s.together >= 2025
    later = {s.measure: s.together for s in found.starts}
    assert any(later[m] is not None and later[m] > year for m, year in wanted.items())
    assert free.together.sum() < found.together.sum()


def test_cash_is_what_the_measures_cost_and_keeps_to_the_budgets() -> None:
    _made, found = found_at(*LATE)
    first_building = sum(s.capital for s in found.starts if s.together is not None)
    spent = sum(float((c.capital / c.rate).sum()) for c in found.cash)
    assert spent >= first_building * (1 - 1e-9)
    for c in found.cash:
        assert c.fiscal_years[0] == 2024
        assert c.fiscal_years.size == found.horizon_years
        assert c.capital[0] == 0.0
    pooled = sum(c.capital for c in found.cash) - sum(c.capital_budget for c in found.cash)
    assert (pooled <= 1e-6).all()


def test_a_fiscal_year_of_april_takes_three_months_of_the_next_calendar_year() -> None:
    _, january = found_at(*PLENTY)
    _, april = found_at(*PLENTY, "pooled", "04-01")
    a, b = january.cash[1], april.cash[1]
    assert (int(a.fiscal_years[0]), int(b.fiscal_years[0])) == (2024, 2023)
    whole = np.append(a.running, 0.0)
    np.testing.assert_allclose(
        b.running, np.append(0.25 * a.running, 0.0) + 0.75 * np.insert(whole[:-1], 0, 0.0)
    )
    assert b.capital.sum() == pytest.approx(a.capital.sum())


def test_shares_add_up_to_the_cent_and_payments_to_nothing() -> None:
    _, found = found_at(*LATE)
    d = found.division
    assert d is not None
    assert sum(d.share_cents) == round(100 * found.gain)
    assert float(d.shares.sum()) == pytest.approx(found.gain)
    assert float(d.payments.sum()) == pytest.approx(0.0, abs=1e-3)
    assert d.worth_gamma[-1] == pytest.approx(found.gain)


def test_every_coalition_is_proven_a_best_reply() -> None:
    _, found = found_at(*LATE)
    assert (found.proof.coalitions, found.proof.proven, found.proof.largest_gap) == (3, 3, 0.0)
    assert found.proof.reproducible


def test_if_one_of_two_leaves_the_whole_gain_is_lost() -> None:
    made, found = found_at(*PLENTY)
    for x in found.leaving:
        np.testing.assert_allclose(x.lost, found.alone - found.together, atol=1e-3)
        i = made.members.index(x.member)
        assert found.division is not None
        assert x.better_by == pytest.approx(
            -float(found.division.shares[i])
        )  # alone again: the share is lost


def test_council_cash_and_benefit_to_others_add_up_to_the_gain_after_payment() -> None:
    _, found = found_at(*LATE)
    assert found.division is not None
    for i, s in enumerate(found.split):
        benefit = s.households + s.firms + s.public_works
        assert benefit - s.budget_cost == pytest.approx(float(found.division.shares[i]), rel=1e-6, abs=1.0)


def test_every_programme_of_the_front_can_be_paid_and_the_chosen_one_is_cheapest() -> None:
    _, found = found_at(*LATE)
    assert found.candidates >= len(found.front) >= 1
    for a, b in zip(found.front, found.front[1:], strict=False):  # dearer only for more people or less loss
        assert b.people > a.people or b.worst_off < a.worst_off
    cheapest = min(found.front, key=lambda x: x.money)
    assert cheapest.money == pytest.approx(float(found.together.sum()))
    assert all(year >= 2025 for x in found.front for year in x.starts.values())


def test_a_discount_rate_is_moved_to_both_ends() -> None:
    made, found = found_at(*PLENTY)
    rate = made.model.parameter("region.discount_rate")
    moved = {x.value: x.gain for x in found.changed if x.what == "discount-rate"}
    assert set(moved) == {rate.low, rate.high}
    assert min(moved.values()) <= found.gain <= max(moved.values())


def test_own_budgets_never_do_better_than_one_for_all() -> None:
    _, pooled = found_at(700_000.0, 700_000.0)
    _, own = found_at(700_000.0, 700_000.0, "own")
    assert pooled.together.sum() <= own.together.sum() + 1e-6
    np.testing.assert_allclose(pooled.alone, own.alone)


def test_amounts_by_the_person_and_in_another_currency_are_money_of_account(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TWO_BANKS, tmp_path / "two"))
    (folder / "finance").mkdir()
    text = HEAD.format(pooling="own") + BUDGET.format(
        member="steinach", first=2024, then=2025, early=amount(10.0, "CHF/person"), late='"unlimited"'
    )
    text += BUDGET.format(
        member="uferau", first=2024, then=2025, early=amount(1000.0), late=amount(20.0, "EUR/person")
    )
    (folder / "finance" / "budgets.toml").write_text(text, "utf-8")
    made = prepared(folder)
    settings = made.finance["budgets"]
    assert isinstance(settings, BudgetsSettings)
    assert made.flood is not None
    tables = case_tables(made.flood.game, made.base, settings.delays)
    people = population_of(made.model)
    terms = terms_of(settings, made.model.members, made.base, people, tables)
    assert terms.capital_budget[0, 1] == pytest.approx(10.0 * people[0])
    assert np.isinf(terms.capital_budget[0, 2:]).all()
    assert terms.capital_budget[1, 1] == pytest.approx(1000.0 * 0.93)
    np.testing.assert_allclose(terms.capital_budget[1, 2:], 20.0 * people[1] * 0.93)
    assert np.isinf(terms.running_budget[:, 1:]).all()
    found = programme.find(made)
    assert found is not None
    assert found.cash[1].currency == "EUR"
    assert found.cash[1].capital_budget[0] == pytest.approx(1000.0)
    moved = [(x.name, x.value) for x in found.changed if x.what == "exchange-rate"]
    assert moved == [("EUR", 0.9), ("EUR", 1.1)]


def test_a_game_sent_to_another_process_answers_the_same() -> None:
    made, found = found_at(*LATE)
    assert made.flood is not None
    settings = made.finance["budgets"]
    assert isinstance(settings, BudgetsSettings)
    tables = case_tables(made.flood.game, made.base, settings.delays)
    people = population_of(made.model)
    game = ProgrammeGame(tables, terms_of(settings, made.model.members, made.base, people, tables))
    sent: ProgrammeGame = pickle.loads(pickle.dumps(game))
    np.testing.assert_array_equal(sent.together().cost, game.together().cost)
    np.testing.assert_array_equal(sent.together().cost, found.together)
    assert sent.together().plan == game.together().plan


def test_every_table_has_its_rows() -> None:
    _, found = found_at(*LATE)
    rows = {name: len(t.rows) for name, t in found.tables.items()}
    assert rows == {
        "programme": len(found.starts),
        "programme-cash": 2 * found.horizon_years,
        "programme-members": 2,
        "programme-coalitions": 3,
        "programme-front": len(found.front),
    }
    for t in found.tables.values():
        assert all(len(r) == len(t.columns) for r in t.rows)
