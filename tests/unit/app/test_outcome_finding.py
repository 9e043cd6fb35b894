"""Triggers and grants on a small region's own flood years, and the page that shows them."""

from __future__ import annotations

from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from payout_region import NUMBERS, RESERVE
from region_folders import fresh, replace

from bothbanks.analysis.findings import Findings, OutcomeFinding
from bothbanks.app import appraise as job
from bothbanks.app import outcome
from bothbanks.pages.context import Context
from bothbanks.pages.language import Language
from bothbanks.pages.views import outcome as view
from bothbanks.words.errors import InputError

EVENTS = """
[reserve.triggers.parts.events]
basin = "{basin}"
as = "{kind}"
gauge = "{gauge}"
source = "assumed"
"""
GRANT = """
[[grants]]
id = "loss"
name = "Loss"
funder = "a fund"
indicator = "flood-loss"
unit = "EUR/year"
better = "lower"
aggregate = "mean"
start = 2027-01-01
end = 2036-12-31
verifier = "audit"
price = { value = 0.5, unit = "EUR/EUR", source = "assumed" }
cap = { value = 1e12, unit = "EUR", source = "assumed" }
shares = { left = 0.7, right = 0.3 }
forecast = "flood-loss"
source = "assumed"
[grants.dispute]
file_days = 60
evidence_days = 30
panel_days = 45
decide_days = 90
panel_size = 3
cap = 10
[grants.data]
file = "losses.csv"
"""


def region(path: Path, basin: str, kind: str = "return-period", gauge: str = "") -> Path:
    folder = fresh(path / "region")
    text = RESERVE.replace("gt = 100, le = 200", "gt = 10, le = 100").replace("gt = 200,", "gt = 100,")
    text += EVENTS.format(basin=basin, kind=kind, gauge=gauge) + NUMBERS
    (folder / "cases/reserve.toml").write_text(text, "utf-8")
    (folder / "finance").mkdir(exist_ok=True)
    (folder / "finance/grants.toml").write_text(GRANT, "utf-8")
    return folder


def appraised(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Findings:
    monkeypatch.setattr(job, "MONEY", (("outcome", "computing", outcome.find),))
    return job.appraise(folder, draws=1, workers=1).findings


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    with pytest.MonkeyPatch.context() as patch:
        return appraised(region(tmp_path_factory.mktemp("outcome"), BASIN), patch)


BASIN = "river"


def found_of(findings: Findings) -> OutcomeFinding:
    assert findings.outcome is not None
    return findings.outcome


def test_chances_of_the_steps_are_those_of_return_periods(findings: Findings) -> None:
    steps = found_of(findings).triggers[0].parts[0].steps
    assert [s.rate for s in steps] == pytest.approx([0.09, 0.01], abs=2e-4)


def test_basis_risk_closes_its_account_for_each_member(findings: Findings) -> None:
    basis = found_of(findings).triggers[0].basis
    assert basis is not None
    assert basis.mean_paid - basis.excess == pytest.approx(basis.mean_needed - basis.shortfall)
    assert basis.paid == pytest.approx(0.1, abs=2e-4)
    # 9 % of years pay half and 1 % all of 1,000.01, of which the left bank has 70 %.
    assert basis.mean_paid == pytest.approx(np.array([0.7, 0.3]) * 1000.01 * 0.055, rel=0.01)


def test_a_rarer_attachment_pays_less(findings: Findings) -> None:
    made = found_of(findings).triggers[0].attachments
    assert [a.years for a in made] == [5.0, 10.0, 20.0, 50.0, 100.0]
    assert [a.index for a in made] == pytest.approx([5, 10, 20, 50, 100], rel=0.03)
    paid = [a.mean_paid for a in made]
    assert paid == sorted(paid, reverse=True)
    assert paid == pytest.approx([1000.01 / a.years for a in made], rel=0.01)


def test_a_forecast_stands_beside_what_luck_pays(findings: Findings) -> None:
    grant = found_of(findings).grants[0]
    f = grant.forecast
    assert f is not None
    assert grant.baseline_open
    assert grant.baseline == pytest.approx(f.measured_alone)
    assert f.together >= f.alone >= 0
    assert f.measured_together <= f.measured_alone
    # The mean of what is above 0 is at least the mean itself.
    assert f.together >= 0.5 * (f.measured_alone - f.measured_together) * 0.9


@pytest.mark.parametrize("code", ["en", "de", "fr", "nl"])
def test_the_page_says_it_in_every_language(findings: Findings, code: str) -> None:
    ctx = Context(findings, Language.load(code, ("en",)))
    (entry,) = view.entries(ctx)
    page = entry.make(ctx)
    words = " ".join(str(getattr(b, "text", "")) for b in page.blocks)
    assert entry.slug == page.slug == "payouts"
    assert "bothbanks payout verify" in words
    assert {"grid", "items", "source"} <= {b.kind for b in page.blocks}


def test_without_triggers_and_grants_there_is_no_page(findings: Findings) -> None:
    assert view.entries(Context(changed(findings, outcome=None), Language.load("en"))) == ()


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"basin": "nowhere"}, "app.trigger-basin"),
        ({"basin": BASIN, "kind": "discharge", "gauge": "Bridge"}, "app.trigger-gauge"),
    ],
)
def test_an_index_that_the_region_cannot_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, about: dict[str, Any], code: str
) -> None:
    folder = region(tmp_path, **about)
    replace(folder, "cases/reserve.toml", 'place = "Bridge"', 'place = "Bridge" # the gauge')
    with pytest.raises(InputError) as told:
        appraised(folder, monkeypatch)
    assert told.value.code == code
