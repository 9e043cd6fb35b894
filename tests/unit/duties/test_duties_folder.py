"""``compact/duties.toml``: every problem told at once, with its file, record and field."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from partnerships import TWO_BANKS

from bothbanks.civic.compact.duties_calendar import Once
from bothbanks.region import read_region
from bothbanks.region.compact.duties import DutiesSettings
from bothbanks.region.compact.duties_terms import durations
from bothbanks.words.errors import RegionError

FILE = "compact/duties.toml"


def folder(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    made = tmp_path / "region"
    shutil.copytree(TWO_BANKS, made)
    text = (made / FILE).read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (made / FILE).write_text(text, encoding="utf-8")
    return made


def problems(tmp_path: Path, *changes: tuple[str, str]) -> set[tuple[str, str, str, str]]:
    with pytest.raises(RegionError) as caught:
        read_region(folder(tmp_path, *changes))
    return {(p.file, p.record, p.field, p.code) for p in caught.value.problems}


def test_names_that_lead_nowhere_are_all_told(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        ('owners = ["steinach"]', 'owners = ["nobody"]'),
        ('measure = "levee-left"', 'measure = "no-levee"'),
        ('term = "reminder"', 'term = "no-term"'),
        ('term = "mediation"', 'term = "no-days"'),
        ('article = "art-review"', 'article = "art-none"'),
        ('order = ["steinach", "uferau"]', 'order = ["steinach", "uferau", "third"]'),
        ("languages = { steinach = \"fr\", uferau = \"de\" }",
         "languages = { steinach = \"nl\", uferau = \"de\", third = \"de\" }"),
    ) == {
        (FILE, "duties[2] levee-permit", "owners", "region.unknown-member"),
        (FILE, "duties[2] levee-permit", "measure", "region.unknown-measure"),
        (FILE, "ladders.standard, steps[3]", "term", "region.unknown-term"),
        (FILE, "disputes, stages[2]", "term", "region.unknown-term"),
        (FILE, "duties[3] review", "article", "region.unknown-article"),
        (FILE, "presidency", "order", "region.unknown-member"),
        (FILE, "presidency", "languages.steinach", "region.language"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ('suspends = "vote"', 'suspends = "emergency-sharing"', ""),
        ("programme_year = 1", "programme_year = 1\nday = 2027-01-01", ""),
        ("panel_size = 3", "panel_size = 2", ""),
        ('last_day = "x"', "", "last_day"),
        ("days = -7", "days = 7", ""),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, before: str, after: str, field: str) -> None:
    change = (before, after) if field == "" else ("[calendar]", '[calendar]\nlast_day = "x"')
    found = problems(tmp_path, change)
    assert {file for file, *_ in found} == {FILE}


def test_days_come_from_the_agreement_s_own_terms(tmp_path: Path) -> None:
    region = read_region(folder(tmp_path))
    settings, agreement = region.compact["duties"], region.compact["agreement"]
    assert isinstance(settings, DutiesSettings)
    terms = durations(agreement)
    assert (terms["reminder"], terms["arbitration"]) == ((0, 14), (6, 0))
    members = {"steinach": ("Europe/Zurich", "CH"), "uferau": ("Europe/Berlin", "DE")}
    made = {d.id: d for d in settings.each(members, datetime(2026, 11, 24, tzinfo=UTC), True, terms)}
    assert set(made) == {"report-steinach", "report-uferau", "levee-permit", "review"}
    assert [s.days for s in made["levee-permit"].ladder] == [-7, 0, 14, 28, 60, 90]
    assert made["levee-permit"].rule == Once(date(2028, 12, 31))
    stages = settings.disputes.procedure(terms).stages  # type: ignore[union-attr]
    assert [(s.name, s.months, s.days) for s in stages] == [
        ("talks", 0, 30), ("mediation", 0, 60), ("panel", 6, 0), ("arbitration", 0, 180),
    ]  # fmt: skip
