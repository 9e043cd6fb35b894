"""Numbers that a case is computed from are asked for before anything is computed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from region_folders import TWO_BANKS, found, replace

from bothbanks.region import needs
from bothbanks.region.folder import check_folder, harmonise, read_region

HAZARDS = Path(__file__).resolve().parents[3] / "src/bothbanks/analysis/risk/hazards"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TWO_BANKS, tmp_path / "two"))


def test_the_lists_are_those_of_the_hazard_models() -> None:
    """Every number that a hazard model requires by a fixed name is in a list, and no list asks for more."""
    text = "\n".join(path.read_text("utf-8") for path in sorted(HAZARDS.glob("*.py")))
    required = set(re.findall(r'required\(\s*draw,\s*"(\w+\.\w+)"', text))
    listed = {
        *(
            f"flood.{name}"
            for group in (needs.COPULA, needs.VALUE, needs.FAILURE, needs.GROWTH)
            for name in group
        ),
        *(f"flood.{name}" for group in (needs.GROWTH_MAIN, needs.VALLEY) for name in group),
        *(f"storm.{name}" for name in needs.STORM),
        *(f"heat.{name}" for name in needs.HEAT),
    }
    by_default = {"heat.first_year", "heat.last_year"}  # from the record itself where the case does not say
    assert required - by_default - listed == set()
    assert listed - required <= {
        "flood.bankfull_depth_exponent"
    }  # read over two lines, after its coefficient


def test_a_lacking_number_is_told(folder: Path) -> None:
    replace(folder, "cases/flood.toml", "[parameters.copula_nu]", "[parameters.copula_mu]")
    (problem,) = check_folder(folder)
    assert (problem.code, problem.record) == ("region.missing-parameter", "flood.copula_nu")


def test_a_value_for_each_country(folder: Path) -> None:
    replace(folder, "cases/flood.toml", "value_residential_DE", "value_residential_AT")
    assert [p.record for p in found(folder, "region.missing-parameter")] == ["flood.value_residential_DE"]


def test_discharge_on_maps_needs_rain(folder: Path) -> None:
    """A measure that changes the discharge changes how often a mapped flood comes; only rain can say how."""
    size = "\n[measures.effects.size]\n"
    stage = f'on = "stage"{size}value = -0.3\nlow = -0.4\nhigh = -0.15'
    replace(folder, "cases/flood.toml", stage, f'on = "discharge"{size}value = 0.9\nlow = 0.8\nhigh = 1.0')
    problems = check_folder(folder)
    assert {p.code for p in problems} == {"region.missing-layer", "region.missing-parameter"}
    assert {p.record for p in problems if p.record} == {
        "flood.initial_loss_ratio", "flood.rain_duration_days", "flood.main_rain_threshold_mm"
    }  # fmt: skip


def test_a_case_is_called_as_its_kind(folder: Path) -> None:
    replace(folder, "cases/flood.toml", 'id = "flood"', 'id = "water"')
    (folder / "cases/flood.toml").rename(folder / "cases/water.toml")
    assert [p.found for p in found(folder, "region.value")] == ["'water'"]


def test_a_case_without_its_layer(folder: Path) -> None:
    text = 'id = "heat"\nkind = "heat"\nunit = "deaths/year"\nname = "Hitze"\n'
    (folder / "cases/heat.toml").write_text(text, "utf-8")
    assert "daily_tmax" in found(folder, "region.missing-layer")[0].found
    assert len(found(folder, "region.missing-parameter")) == len(needs.HEAT)


def test_the_second_region_is_appraised_alone_and_together() -> None:
    """The whole way, on another border: retention upstream is worth building only together."""
    from bothbanks.app.appraise import appraise

    assert harmonise(read_region(TWO_BANKS)).settings.currency == "CHF"
    findings = appraise(TWO_BANKS, 4, None, lambda step, share: None, 1).findings
    (case,) = findings.cases
    assert case.unit == "CHF"
    assert case.together.sum() < case.alone.sum()
    retention = next(m for m in findings.measures if m.id == "retention-upstream")
    assert (retention.chosen_alone, retention.chosen_together) == (False, True)
    assert findings.seams
