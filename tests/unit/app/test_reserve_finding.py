"""From ``cases/reserve.toml`` to the finding and its page, on the small region; what is refused."""

from __future__ import annotations

import shutil
from dataclasses import replace as with_
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from appraisals import SCRATCH
from region_folders import TWO_BANKS, found, replace

from bothbanks.analysis.findings import Findings, ReserveFinding
from bothbanks.app import appraise as job
from bothbanks.app.reserve import find
from bothbanks.pages.context import Context
from bothbanks.pages.language import Language
from bothbanks.pages.views import reserve as view
from bothbanks.region import check_folder
from bothbanks.words.errors import InputError, RegionError
from bothbanks.words.money import to_cents

CASE = "cases/reserve.toml"


def number(value: float, unit: str, low: float | None = None, high: float | None = None) -> str:
    ends = "" if low is None else f"low = {low}, high = {high}, "
    year = "price_year = 2023, " if "EUR" in unit else ""
    return f'{{ value = {value}, {ends}unit = "{unit}", {year}source = "assumed" }}'


TEXT = f"""
id = "reserve"
kind = "reserve"
unit = "CHF"
reading = "poisson"
name = "Reserve fund"

[reserve]
cases = ["flood", "storm"]
years = 200000
paths = 2000
path_years = 5
level = {number(0.9985, "1", 0.998, 0.999)}

[reserve.layers.all]
attachment = {number(300, "year")}
exhaustion = {number(2000, "year")}
share = {number(0.5, "1", 0.4, 0.6)}

[reserve.ceded]
attachment = {number(100, "year")}
exhaustion = {number(400, "year")}
share = {number(0.5, "1")}
rate_on_line = {number(0.5, "1/year")}

[parameters]
load = {number(0.06, "1/year", 0.04, 0.08)}
running_alone = {number(1000, "EUR/year")}
running_fixed = {number(500, "EUR/year")}
running_member = {number(300, "EUR/year")}
interest = {number(0.01, "1/year")}
target_ruin = {number(0.05, "1")}
"""


def folder(name: str, text: str = TEXT) -> Path:
    """A copy of the small region with a reserve."""
    path = SCRATCH / f"reserve-{name}"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(TWO_BANKS, path)
    (path / CASE).write_text(text, "utf-8")
    licences = path / "LICENCES.csv"
    columns = licences.read_text("utf-8").splitlines()[0].count(",")
    with licences.open("a", encoding="utf-8") as file:
        file.write(f"{CASE},CC0-1.0,made up" + "," * (columns - 2) + "\n")
    return path


@cache
def findings() -> Findings:
    return job.appraise(folder("whole"), draws=2, seed=1, workers=1).findings


def reserve() -> ReserveFinding:
    out = findings().reserve
    assert out is not None
    return out


def test_the_row_is_in_the_matrix_with_its_game() -> None:
    row = findings().case("reserve")
    assert (row.kind, row.unit, row.per, row.money) == ("reserve", "CHF", "year", True)
    assert row.game is not None
    assert row.alone == pytest.approx(reserve().members.premium_alone)
    assert row.together == pytest.approx(reserve().members.premium_pooled)
    assert row.game.worth_gamma[-1] == pytest.approx(row.alone.sum() - row.together.sum())
    assert row.game.worth_gamma[-1] == pytest.approx(reserve().saving.value)
    for rule in row.game.rules:
        assert rule.shares.sum() == pytest.approx(row.game.worth_gamma[-1])
        cents = to_cents(dict(enumerate(rule.shares.tolist())))
        assert sum(cents.values()) == round(100 * float(rule.shares.sum()))
    assert (row.together_low <= row.together_high).all()


def test_sums_and_bounds_of_the_finding() -> None:
    f, m = reserve(), reserve().members
    assert f.covers == ("flood",)
    assert m.kept + m.paid == pytest.approx(m.gross)
    assert m.capital_pooled.sum() == pytest.approx(f.capital_pooled)
    assert m.capital_alone.sum() == pytest.approx(f.capital_alone)
    assert (m.capital_pooled <= m.capital_alone + 1e-6).all()
    assert f.diversification.value == pytest.approx(1 - f.capital_pooled / f.capital_alone)
    assert f.saving.value == pytest.approx(
        f.load * (f.capital_alone - f.capital_pooled) + f.running_alone - f.running_pooled
    )
    for parts, premium in ((m.parts_alone, m.premium_alone), (m.parts_pooled, m.premium_pooled)):
        cents = np.array([parts[p] for p in parts]).sum(axis=0)
        assert cents / 100 == pytest.approx(premium, abs=0.03)
    euler = f.core[0]
    assert (euler.way, euler.failing, euler.tested) == ("euler", 0, 2)
    assert {c.way for c in f.core} == {"euler", "expected", "ceded"}
    assert f.far.diversification > 0
    assert f.terms.attachment_years.tolist() == [300.0, 300.0]
    assert (f.terms.attachment <= f.terms.exhaustion).all()


def test_path_ceding_and_trials() -> None:
    f = reserve()
    assert f.path.start == pytest.approx(f.capital_pooled)
    assert f.path.contribution == pytest.approx(f.members.paid.sum() + f.load * f.capital_pooled)
    assert f.path.ruin.low <= f.path.ruin.value <= f.path.ruin.high
    assert (np.diff(f.path.ruined) >= 0).all()
    assert f.ceded is not None
    assert f.ceded.net == pytest.approx(f.ceded.expected + f.ceded.saves - f.ceded.price)
    assert f.ceded.net < 0  # half of the limit a year is far too dear
    moved = {t.what for t in f.trials if t.what}
    assert moved == {"reserve.level", "reserve.load", "reserve.layer.all.share"}
    low, high = (next(t for t in f.trials if t.what == "reserve.load" and t.value == v) for v in (0.04, 0.08))
    spare = 1e-6 * low.alone
    assert low.alone - low.together <= f.saving.value + spare
    assert f.saving.value <= high.alone - high.together + spare
    assert low.alone < f.case.total_alone.value < high.alone
    rates = sorted(f.present_value)
    assert f.present_value[rates[0]] >= f.present_value[rates[-1]]


def test_every_coalition_is_in_a_file() -> None:
    table = findings().tables["reserve-coalitions"]
    assert len(table.rows) == 3
    whole = table.rows[-1]
    assert whole[1] == pytest.approx(reserve().capital_pooled)
    assert whole[3] == pytest.approx(reserve().saving.value)


@pytest.mark.parametrize("code", ["en", "de", "fr", "nl"])
def test_the_page_in_every_language(code: str) -> None:
    ctx = Context(findings(), Language.load(code, ("en", "de", "fr", "nl")))
    (entry,) = view.entries(ctx)
    page = entry.make(ctx)
    text = " ".join(str(getattr(b, "text", "")) for b in page.blocks)
    assert ctx.percent(reserve().diversification.value) in text
    assert "{" not in text
    assert len(page.blocks) > 15
    nothing = Context(with_(findings(), reserve=None), ctx.language)
    assert view.entries(nothing) == ()


def test_no_saving_is_said_and_nothing_is_invented() -> None:
    dear = with_(reserve(), saving=with_(reserve().saving, value=0.0))
    ctx = Context(with_(findings(), reserve=dear), Language.load("en", ("en",)))
    (entry,) = view.entries(ctx)
    assert "would save nothing" in str(entry.make(ctx).blocks[0].text)  # type: ignore[union-attr]


def test_no_reserve_no_finding() -> None:
    assert job.MONEY[2][2] is find


def test_bad_settings_are_told_together() -> None:
    path = folder("bad")
    replace(path, CASE, "value = 0.9985, low = 0.998, high = 0.999", "value = 1.5")
    replace(path, CASE, "[reserve.layers.all]", "[reserve.layers.nobody]")
    told = [str(p) for p in check_folder(path)]
    assert any("between 0 and 1" in p for p in told)
    replace(path, CASE, "value = 1.5", "value = 0.99")
    assert any("'nobody'" in p for p in map(str, found(path, "region.value")))
    replace(path, CASE, "load =", "loads =")
    assert any("reserve.load" in str(p) for p in found(path, "region.missing-parameter"))
    with pytest.raises(RegionError):
        job.appraise(path, draws=1, workers=1)


def test_a_fund_for_a_case_that_is_not_there() -> None:
    path = folder("storm", TEXT.replace('["flood", "storm"]', '["storm"]'))
    with pytest.raises(InputError, match=r"events are there of flood only"):
        job.appraise(path, draws=1, seed=1, workers=1)


def test_a_retention_in_money_above_the_exhaustion() -> None:
    path = folder("money", TEXT.replace(number(300, "year"), number(1e12, "EUR")))
    with pytest.raises(InputError, match=r"Lower the attachment or raise the exhaustion"):
        job.appraise(path, draws=1, seed=1, workers=1)
