"""compact.toml: every problem told at once, languages held to the same figures, templates that check."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from bothbanks.region import check_folder, read_region
from bothbanks.region.compact.agreement import AgreementSettings
from bothbanks.region.compact.new_agreement import TEMPLATES, new_agreement
from bothbanks.region.compact.writing import as_toml
from bothbanks.words.errors import Problem

TWO_BANKS = Path(__file__).parents[2] / "data" / "two-banks"
EXAMPLE = Path(__file__).parents[3] / "examples" / "meuse-rhine"

Edit = Callable[[str], str]
region_of = cache(read_region)


def replaced(old: str, new: str, times: int = 1) -> Edit:
    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, times)

    return edit


@pytest.fixture
def problems_of(tmp_path: Path) -> Callable[..., list[Problem]]:
    folder = tmp_path / "region"
    shutil.copytree(TWO_BANKS, folder)
    shutil.rmtree(folder / "compact")

    def told(*edits: Edit) -> list[Problem]:
        file = folder / "compact.toml"
        text = (TWO_BANKS / "compact.toml").read_text(encoding="utf-8")
        for edit in edits:
            text = edit(text)
        file.write_text(text, encoding="utf-8")
        return [p for p in check_folder(folder) if p.file.startswith(("compact", "finance"))]

    return told


def test_the_small_example_has_no_problem(problems_of: Callable[..., list[Problem]]) -> None:
    assert problems_of() == []


def test_all_problems_of_the_text_are_told_at_once(problems_of: Callable[..., list[Problem]]) -> None:
    found = problems_of(
        replaced('covers = ["statutes.c"]', 'covers = ["statutes.z"]'),
        replaced("{art-amendment}", "{art-amendement}"),
        replaced("{quorum}", "zwei Dritteln"),
        replaced('member = "steinach"', 'member = "stein"'),
        replaced('law = "CH"', 'law = "FR"'),
        replaced("title = { de = ", "title = { it = "),
    )
    told = {(p.code, p.record.split(" ")[-1], p.field) for p in found}
    assert ("region.unknown-content", "art-languages", "covers") in told
    assert ("region.unknown-article", "art-parties", "text.de") in told
    assert ("region.languages-differ", "art-votes", "text.fr") in told
    assert ("region.unknown-member", "seat", "member") in told
    assert ("region.agreement-law", "seat", "law") in told
    assert ("region.missing-words", "general", "title") in told
    assert ("region.unknown-language", "general", "title") in told


def test_a_missing_translation_names_article_and_language_unless_the_draft_marks_it(
    problems_of: Callable[..., list[Problem]],
) -> None:
    text = (TWO_BANKS / "compact.toml").read_text(encoding="utf-8")
    at = text.index('id = "art-territory"')
    start = text.index("fr = '''", at)
    french = text[start : text.index("'''", start + 8) + 4]
    (gone,) = problems_of(replaced(french, ""))
    assert (gone.code, gone.field) == ("region.missing-translation", "text")
    assert "art-territory" in gone.record
    assert "'fr'" in gone.found
    mark = replaced('id = "art-territory"', 'id = "art-territory"\npending = ["fr"]')
    assert problems_of(replaced(french, ""), mark) == []
    in_force = replaced(
        'status = "draft"',
        'status = "in-force"\nin_force = 2026-01-01\nsigned = { steinach = 2025-12-01, uferau = 2025-12-02 }',
    )
    codes = [p.code for p in problems_of(replaced(french, ""), mark, in_force)]
    assert codes == ["region.missing-translation"]


def test_a_figure_written_in_one_language_only_is_found(problems_of: Callable[..., list[Problem]]) -> None:
    (found,) = problems_of(replaced("Richtlinie 2014/24/EU", "Richtlinie 2014/23/EU"))
    assert found.code == "region.languages-differ"
    assert "24" in found.found
    assert "23" in found.found


def test_a_point_lost_in_translation_is_found(problems_of: Callable[..., list[Problem]]) -> None:
    (found,) = problems_of(
        replaced("- le secrétariat, qui prépare", "Le secrétariat, qui prépare"),
    )
    assert found.code == "region.languages-differ"
    assert "2 point(s) in 'fr'" in found.found


@pytest.mark.parametrize(
    ("edits", "code", "field"),
    [
        (
            (replaced('quorum = { fraction = "2/3"', 'quorum = { fraction = "2/0"'),),
            "region.value",
            "fraction",
        ),
        ((replaced("notice = { days = 21", "notice = { days = 21, months = 1"),), "region.value", "notice"),
        ((replaced('currency = "CHF"', 'currency = "XXQ"'),), "region.currency", "currency"),
        ((replaced('id = "art-votes"', 'id = "votes"'),), "region.value", "id"),
        ((replaced('id = "art-territory"', 'id = "art-seat"'),), "region.duplicate", "id"),
        ((replaced('part = "organs"', 'part = "organ"'),), "region.unknown-part", "part"),
        (
            (replaced("{quorum}", "{quorum"), replaced("{quorum}", "{quorum")),
            "region.unknown-term",
            "text.de",
        ),
    ],
)
def test_each_kind_of_fault_is_named(
    problems_of: Callable[..., list[Problem]], edits: tuple[Edit, ...], code: str, field: str
) -> None:
    assert any(p.code == code and field in p.field for p in problems_of(*edits)), problems_of(*edits)


def test_a_pointer_to_no_article_names_its_file_and_record(tmp_path: Path) -> None:
    from bothbanks.region.compact.folder import check_compact
    from bothbanks.region.problems import Problems

    folder = region_of(TWO_BANKS)
    tables = {
        "duties": [{"id": "report", "article": "art-duties"}, {"id": "audit", "article": "art-audits"}],
        "sharing": {"rules": [{"id": "r1", "articles": ["art-data", "art-none"]}]},
    }
    raw = {**folder.raw, "compact/duties.toml": tables}
    problems = Problems()
    check_compact({}, raw, folder.settings, folder.members, folder.cases, problems)
    mine = [p for p in problems if p.file == "compact/duties.toml"]
    assert [(p.record, p.field, p.found.split(",")[0]) for p in mine] == [
        ("duties[2] audit", "article", "'art-audits'"),
        ("sharing, rules[1] r1", "articles", "'art-none'"),
    ]


def test_an_unknown_file_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "region"
    shutil.copytree(TWO_BANKS, folder)
    (folder / "compact" / "votez.toml").write_text("x = 1\n", encoding="utf-8")
    found = [p for p in check_folder(folder) if p.file == "compact/votez.toml"]
    assert [p.code for p in found] == ["region.unknown-file"]


def test_a_changed_article_changes_the_hash_of_the_inputs(tmp_path: Path) -> None:
    from bothbanks.region import harmonise

    folder = tmp_path / "region"
    shutil.copytree(TWO_BANKS, folder)
    before = harmonise(read_region(folder))
    file = folder / "compact.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n# seen\n", encoding="utf-8")
    after = harmonise(read_region(folder))
    assert before.inputs_sha256 != after.inputs_sha256
    assert "compact.toml" in after.settings_sha256


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("region", [TWO_BANKS, EXAMPLE], ids=["two-banks", "meuse-rhine"])
def test_every_template_is_a_valid_draft_for_every_region(
    template: str, region: Path, tmp_path: Path
) -> None:
    from bothbanks.region.compact.section import KnownCompact
    from bothbanks.region.problems import Problems

    folder = region_of(region)
    settings = new_agreement(template, folder.settings, folder.members, date(2026, 11, 24))
    problems = Problems()
    settings.check(KnownCompact("compact.toml", folder.settings, folder.members, folder.cases), problems)
    assert problems.listed() == ()
    assert template == "partnership" or 12 <= len(settings.articles) <= 25
    assert all(a.part for a in settings.articles)
    currencies = {t.currency for t in settings.terms.values() if t.money is not None}
    assert currencies <= {folder.settings.currency}
    for notice in settings.notice.values():
        assert notice


def test_what_is_written_is_read_back_as_the_same() -> None:
    import tomllib

    for region in (TWO_BANKS, EXAMPLE):
        folder = region_of(region)
        settings = folder.compact["agreement"]
        assert isinstance(settings, AgreementSettings)
        context = {"languages": folder.settings.languages}
        again = AgreementSettings.model_validate(tomllib.loads(as_toml(settings)), context=context)
        assert again == settings


def test_a_language_that_templates_lack_is_pending_in_every_article() -> None:
    folder = region_of(TWO_BANKS)
    region = folder.settings.model_copy(update={"languages": ("de", "it")})
    settings = new_agreement("data-sharing", region, folder.members, date(2026, 11, 24))
    assert {a.pending for a in settings.articles} == {("it",)}


def test_the_example_has_the_articles_that_other_files_point_to() -> None:
    folder = region_of(EXAMPLE)
    settings = folder.compact["agreement"]
    assert isinstance(settings, AgreementSettings)
    wanted = (
        "organs presidency languages votes duties disputes data emergency reserve triggers grants purchasing "
        "mutual-aid obstacles amendment duration liability record accounting review"
    )
    assert {f"art-{name}" for name in wanted.split()} <= {a.id for a in settings.articles}
    assert "made-up" in settings.notice["en"]
    assert settings.status == "draft"
