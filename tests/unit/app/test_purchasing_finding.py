"""From ``cases/purchasing.toml`` to the finding: quantities, law, shares to the cent, what is refused."""

from __future__ import annotations

import shutil
from dataclasses import replace as with_
from functools import cache
from pathlib import Path

import findings_fixture
import numpy as np
import pytest
from appraisals import new_folder
from region_folders import found, replace

from bothbanks.analysis.findings import PurchasingFinding
from bothbanks.app import purchasing
from bothbanks.app.cases import population_of
from bothbanks.app.draws import draw_set
from bothbanks.app.prepared import Prepared
from bothbanks.app.workers import Workers
from bothbanks.pages.blocks import Page
from bothbanks.pages.context import Context
from bothbanks.pages.language import Language
from bothbanks.pages.views import purchasing as view
from bothbanks.region import harmonise, read_region

CASE = "cases/purchasing.toml"


def number(value: float, unit: str, low: float | None = None, high: float | None = None) -> str:
    ends = "" if low is None else f"low = {low}, high = {high}, "
    year = "price_year = 2023, " if "EUR" in unit else ""
    return f'{{ value = {value}, {ends}unit = "{unit}", {year}source = "assumed" }}'


PARAMETERS = {
    "staff_direct": number(100.0, "EUR"),
    "staff_offers": number(1000.0, "EUR", 500.0, 2000.0),
    "staff_national": number(3000.0, "EUR"),
    "staff_union": number(6000.0, "EUR"),
    "agreement_cost": number(2000.0, "EUR", 0.0, 20000.0),
    "member_cost": number(500.0, "EUR"),
    "language_cost": number(700.0, "EUR"),
    "agreement_days": number(90.0, "day"),
}
TEXT = (
    'id = "purchasing"\nkind = "purchasing"\nunit = "EUR"\nname = "Buying together"\n[parameters]\n'
    + "".join(f"{name} = {text}\n" for name, text in PARAMETERS.items())
    + f"""
[purchasing]
opens = 2026-05-01

[[purchasing.goods]]
id = "sets"
name = "Sets"
unit = "sets"
kind = "goods"
contract_years = 2
per_head = {number(0.05, "1/person/year", 0.02, 0.1)}
price = {number(1000.0, "EUR")}
reference = {number(1.0, "1/year")}
movable = {number(0.5, "1", 0.0, 0.9)}
elasticity = {number(0.3, "1")}
delivery = {number(1.0, "EUR")}

[[purchasing.goods]]
id = "shields"
name = "Shields"
unit = "shields"
kind = "works"
contract_years = 4
lead = "right"
measure = "flood.proofing"
share = {number(0.5, "1")}
price = {number(500.0, "EUR")}
steps = [{{ start = 0, factor = 1 }}, {{ start = 100, factor = 0.9 }}]
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = Path(shutil.copytree(new_folder(), tmp_path / "region"))
    (path / CASE).write_text(TEXT, "utf-8")
    return path


def prepared(path: Path, draws: int = 8) -> Prepared:
    model = harmonise(read_region(path))
    return Prepared(model, draw_set(model.parameters, draws, 1), Workers(1))


@cache
def whole() -> tuple[Prepared, PurchasingFinding]:
    """The finding of the small region, with nobody choosing the measure that buys shields."""
    path = Path(shutil.copytree(new_folder(), new_folder().parent / "buying"))
    (path / CASE).write_text(TEXT, "utf-8")
    made = prepared(path)
    result = purchasing.find(made)
    assert result is not None
    return made, result


def test_a_folder_without_the_case_has_no_finding() -> None:
    assert purchasing.find(prepared(new_folder(), 2)) is None


def test_quantities_follow_the_heads_and_the_measure() -> None:
    made, result = whole()
    sets, shields = result.goods
    np.testing.assert_allclose(sets.quantity, population_of(made.model) * 0.05)
    assert shields.quantity.tolist() == [0.0, 0.0]  # the appraisal chose nothing
    assert (shields.groups, shields.saving.value, shields.procedures) == ((), 0.0, (None, None))


def test_every_member_buys_where_the_case_says_so(folder: Path) -> None:
    replace(folder, CASE, 'measure = "flood.proofing"', 'measure = "flood.proofing"\nevery_member = true')
    made = prepared(folder)
    result = purchasing.find(made)
    assert result is not None
    years = len(next(m for m in made.model.cases["flood"].measures if m.id == "proofing").years)
    cost = made.base["flood.measure.proofing.cost"]
    np.testing.assert_allclose(result.goods[1].quantity, cost * 0.5 / years / 500.0)
    groups = [g for g in result.goods[1].groups if len(g.members) > 1]
    assert [g.lead for g in groups] in ([], ["right"])


def test_the_row_is_a_year_of_money_and_adds_up() -> None:
    _, result = whole()
    case, game = result.case, result.case.game
    assert (case.id, case.kind, case.per, case.money, case.unit) == (
        "purchasing", "purchasing", "year", True, "EUR",
    )  # fmt: skip
    assert game is not None
    np.testing.assert_allclose(case.alone, sum(g.alone for g in result.goods))
    np.testing.assert_allclose(case.together, sum(g.together for g in result.goods))
    assert game.worth_gamma[-1] == pytest.approx(case.alone.sum() - case.together.sum())
    assert game.worth_gamma[-1] > 0.0
    np.testing.assert_allclose(game.worth_gamma, game.worth_delta)
    assert {sum(cents) for cents in result.shares_minor.values()} == {result.total_minor}
    assert result.total_minor == round(100 * game.worth_gamma[-1])
    assert set(result.shares_minor) == {r.rule for r in game.rules}
    assert case.alone_low.shape == case.alone_high.shape == (2,)


def test_the_joint_contract_by_hand() -> None:
    """Price, procedure and cost of the one joint group follow from the numbers above."""
    made, result = whole()
    (group,) = result.goods[0].groups
    volume = population_of(made.model).sum() * 0.05
    price = 1000.0 * (0.5 + 0.5 * volume**-0.3)
    value = 2 * volume * price
    assert group.procedure.value == pytest.approx(value)
    years = 1 + 1 / (1 + made.base["region.discount_rate"])
    fixed = (6000.0 + 2000.0 + 700.0 + 2 * 500.0) / years
    assert (group.procedure.regime, group.procedure.days) == ("union-open", 45)
    assert group.unit_price == pytest.approx(price + 1.0)
    assert group.cost == pytest.approx(volume * (price + 1.0) + fixed)


def test_what_moves_the_saving_is_listed_by_its_swing() -> None:
    _, result = whole()
    assert {m.parameter for m in result.moved} - {"region.discount_rate"} == {
        "flood.measure.proofing.cost",
        "purchasing.agreement_cost",
        "purchasing.good.sets.movable",
        "purchasing.good.sets.per_head",
        "purchasing.staff_offers",
    }
    swings = [m.swing for m in result.moved]
    assert swings == sorted(swings, reverse=True)
    movable = next(m for m in result.moved if m.parameter.endswith("movable"))
    assert movable.saving_low < movable.saving_high


def test_one_draw_and_none_are_enough() -> None:
    made, _ = whole()
    drawn = with_(made.drawn, draws=made.drawn.draws[:1], values=made.drawn.values[:1])
    result = purchasing.find(with_(made, drawn=drawn))
    assert result is not None
    assert result.goods[0].joint_draws in (0.0, 1.0)


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ('lead = "right"', 'lead = "middle"', "region.member", "lead"),
        ("flood.proofing", "flood.prayer", "region.measure", "measure"),
        ("opens = 2026-05-01", "opens = 1999-05-01", "region.date", "purchasing.opens"),
        (
            "opens = 2026-05-01",
            'opens = 2026-05-01\nrules = { XX = "NL" }',
            "region.value",
            "purchasing.rules.XX",
        ),
        (
            "opens = 2026-05-01",
            'opens = 2026-05-01\nrules = { DE = "YY" }',
            "region.value",
            "purchasing.rules.DE",
        ),
        ("start = 100, factor = 0.9", "start = 100, factor = 1.1", "region.value", ""),
        ('kind = "works"', 'kind = "gifts"', "region.value", "kind"),
        ('id = "shields"', 'id = "sets"', "region.duplicate", "purchasing.goods"),
        ("per_head = {", "per_hand = {", "region.unknown-key", "per_hand"),
        ("staff_union", "staff_onion", "region.missing-parameter", ""),
    ],
)
def test_what_a_case_cannot_say(folder: Path, old: str, new: str, code: str, field: str) -> None:
    replace(folder, CASE, old, new)
    problems = found(folder, code)
    assert problems, code
    assert all(p.file == CASE for p in problems)
    assert field in {p.field for p in problems} or not field


def words(page: Page) -> str:
    """Everything the blocks of a page hold, spaces as they are printed."""
    text = " ".join(str(block) for block in page.blocks)
    return text.replace("\\xa0", "\xa0").replace("\\u202f", "\u202f")


@pytest.mark.parametrize("code", ["en", "de", "fr", "nl"])
def test_the_page_says_what_was_found(code: str) -> None:
    made, result = whole()
    base = findings_fixture.findings()
    members = tuple(with_(m, id=i) for m, i in zip(base.members, made.members, strict=False))
    findings = with_(base, members=members, purchasing=result, parameters=made.model.parameters)
    ctx = Context(findings, Language.load(code, ("en",)))
    (entry,) = view.entries(ctx)
    text = words(entry.make(ctx))
    gain = result.case.game.views.total_gain.value  # type: ignore[union-attr]
    assert str(ctx.money(gain)) in text
    assert str(ctx.t("notice in the whole Union")) in text
    assert all(ctx.number(c / 100, 0.01) in text for cents in result.shares_minor.values() for c in cents)
    assert view.entries(Context(base, Language.load(code))) == ()


def test_the_page_says_that_nothing_is_saved(folder: Path) -> None:
    replace(
        folder,
        CASE,
        "agreement_cost = { value = 2000.0, low = 0.0",
        "agreement_cost = { value = 20000.0, low = 0.0",
    )
    replace(folder, CASE, "movable = { value = 0.5", "movable = { value = 0.0")
    made = prepared(folder, 2)
    result = purchasing.find(made)
    assert result is not None
    assert (result.total_minor, result.goods[0].joint) == (0, False)
    base = findings_fixture.findings()
    members = tuple(with_(m, id=i) for m, i in zip(base.members, made.members, strict=False))
    ctx = Context(with_(base, members=members, purchasing=result), Language.load("en"))
    text = words(view.page(ctx))
    assert "buying together saves nothing" in text
    assert "There is no saving to divide." in text
