"""The whole report from synthetic findings: complete, self-contained, the same bytes twice."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import findings_fixture as made
import numpy as np
import pytest

from bothbanks.pages.report import write_briefs, write_report
from bothbanks.pages.years import merged_years
from bothbanks.words.parameters import Parameter

VOID = {"meta", "link", "img", "br", "wbr"}


class Checker(HTMLParser):
    """Collects tags, ids and links, and unbalanced elements."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.count: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("href", "src") and value:
                self.links.append(value)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.wrong.append(tag)


def parsed(path: Path) -> Checker:
    checker = Checker()
    checker.feed(path.read_text(encoding="utf-8"))
    return checker


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(made.findings(), folder)
    return folder


@pytest.fixture(scope="module", params=["findings", "other_scripts", "bare", "many"])
def any_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    write_report(getattr(made, request.param)(), folder)
    return folder


def test_every_page_in_every_language(report: Path) -> None:
    pages = {p.name for p in (report / "en").glob("*.html")}
    cases = "case-flood case-storm case-heat maps curves across"
    deal = "measures division deals deal-brook briefs brief-upper brief-lower brief-east"
    wanted = set(f"index {cases} {deal} seams refused uncertain request sources".split())
    assert pages == {f"{w}.html" for w in wanted}
    for code in ("de", "fr", "nl"):
        assert {p.name for p in (report / code).glob("*.html")} == pages


def test_pages_are_sound_and_links_lead_somewhere(any_report: Path) -> None:
    pages = {p.resolve(): parsed(p) for p in any_report.rglob("*.html")}
    for path, page in pages.items():
        assert page.wrong + page.stack == [], path
        assert page.count["h1"] == 1, path
        assert len(page.ids) == len(set(page.ids)), path
        for link in page.links:
            assert not re.search(r"//|^/", link), (path, link)
            file, _, anchor = link.partition("#")
            goal = (path.parent / file).resolve() if file else path
            assert goal.exists(), (path, link)
            if anchor and goal in pages:
                assert anchor in pages[goal].ids, (path, link)


def test_language_and_switch_keep_the_page(report: Path) -> None:
    for code in ("en", "de", "fr", "nl"):
        text = (report / code / "division.html").read_text(encoding="utf-8")
        assert f'<html lang="{code}">' in text
        for other in ("en", "de", "fr", "nl"):
            assert f'href="../{other}/division.html"' in text
    first = (report / "index.html").read_text(encoding="utf-8")
    assert 'href="de/index.html"' in first
    assert '<html lang="en">' in first


def test_nothing_is_escaped_twice(any_report: Path) -> None:
    for path in any_report.rglob("*.html"):
        assert not re.search(
            r"&amp;(#39|amp|lt|gt|quot);|&lt;(a|span|b|small|code)\b", path.read_text(encoding="utf-8")
        ), path


def test_first_page_is_light(any_report: Path) -> None:
    assert (any_report / "index.html").stat().st_size < 150_000


def digest(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_same_findings_same_bytes(report: Path, tmp_path: Path) -> None:
    written = write_report(made.findings(), tmp_path)
    assert digest(tmp_path) == digest(report)
    assert {p.relative_to(tmp_path).as_posix() for p in written} == set(digest(tmp_path))


def test_names_of_other_scripts_are_shown_marked_and_escaped(tmp_path: Path) -> None:
    write_report(made.other_scripts(), tmp_path)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert '<html lang="de">' in text  # the first language that has words
    assert 'lang="ka">ქვემო მდინარის' in text
    assert 'lang="ar">اتحاد' in text
    assert "&lt;&amp;&gt;" in text
    assert "<&>" not in text
    assert "CHF" in text
    assert "ქართული" in (tmp_path / "de" / "sources.html").read_text(encoding="utf-8")


def test_empty_states_are_said(tmp_path: Path) -> None:
    write_report(made.bare(), tmp_path)
    for page, words in {
        "measures": "No measure was given", "division": "No problem here is counted in money",
        "maps": "no map",
        "deals": "No deal to show", "seams": "No kilometre of border could be "
                                             "compared", "refused": "No refused records.",
        "curves": "no loss curve", "request": "Nothing to ask for", "across": "No measure crosses a border.",
    }.items():  # fmt: skip
        assert words in (tmp_path / "en" / f"{page}.html").read_text(encoding="utf-8"), page


def test_assumed_and_modelled_are_said_next_to_what_they_touch(report: Path) -> None:
    first = (report / "de" / "index.html").read_text(encoding="utf-8")
    assert "7 von 12 Parametern sind angenommen." in first
    assert "Modelliert, nicht amtlich" in first
    assert "Nicht modelliert: 12.400" in first
    assert "modelliert" in (report / "de" / "case-flood.html").read_text(encoding="utf-8")
    assert 'id="p-flood.stage_exponent"' in (report / "fr" / "sources.html").read_text(encoding="utf-8")


def test_each_page_leads_to_its_sources(report: Path) -> None:
    for path in (report / "fr").glob("*.html"):
        assert "sources.html#" in path.read_text(encoding="utf-8") or 'href="sources.html"' in path.read_text(
            encoding="utf-8"
        ), path


def test_parameter_ids_and_hashes_of_files_are_printed(report: Path) -> None:
    text = (report / "nl" / "sources.html").read_text(encoding="utf-8")
    for f in made.findings().files:
        assert f.sha256[:16] in text
        assert f.licence in text
    for p in made.findings().parameters:
        assert f'id="p-{p.id}"' in text


def test_briefs_alone_come_in_each_members_own_languages(tmp_path: Path) -> None:
    written = {p.relative_to(tmp_path).as_posix() for p in write_briefs(made.findings(), tmp_path)}
    assert {
        "de/brief-upper.html",
        "fr/brief-upper.html",
        "nl/brief-lower.html",
        "nl/brief-east.html",
    } <= written
    assert "en/brief-upper.html" not in written


def test_brief_says_what_happens_unpaid_and_who_pays(report: Path) -> None:
    host = (report / "en" / "brief-upper.html").read_text(encoding="utf-8")
    assert "we lose €31 million" in host.replace("\u00a0", " ")
    assert "64 of 64 draws" in host
    payer = (report / "en" / "brief-lower.html").read_text(encoding="utf-8")
    assert "Not payable as it stands." in payer
    assert "For that we pay" in payer
    assert 'href="deal-brook.html"' in payer


def test_a_deal_without_room_says_so(tmp_path: Path) -> None:
    f = made.findings()
    d = replace(f.deals[0], most_paid=f.deals[0].least_accepted, least_accepted=f.deals[0].most_paid)
    write_report(replace(f, deals=(d,)), tmp_path)
    assert "there is no room for a deal" in (tmp_path / "en" / "deal-brook.html").read_text(encoding="utf-8")


def test_a_member_with_a_national_rate_sees_its_payments_at_that_rate(tmp_path: Path) -> None:
    rate = Parameter(
        "member.lower.discount_rate", 0.0225, 0.0225, 0.0225, "1/year", "National working group 2020"
    )
    f = made.findings()
    write_report(replace(f, parameters=(*f.parameters, rate)), tmp_path)
    payer = (tmp_path / "en" / "brief-lower.html").read_text(encoding="utf-8")
    # -13.6 m x 0.8 in years 0 to 2: at 2.25 % 31.9 m, at 3 % 31.7 m
    assert ">2.25%</a> a year instead of 3.00%, these payments are worth €32\u00a0million" in payer
    assert "national discount rate" not in (tmp_path / "en" / "brief-upper.html").read_text(encoding="utf-8")


def test_years_merge_when_they_print_alike() -> None:
    flow = np.array([5.0, 5.0, 1.0, 1.04, 1.0])
    assert merged_years([flow], small=0.1) == [(0, 1, [5.0]), (2, 4, [pytest.approx(3.04 / 3)])]
    rising = merged_years([np.arange(50.0)])
    assert len(rising) <= 12
    assert rising[0][0] == 0
    assert rising[-1][1] == 49
    assert sum(v[0] * (b - a + 1) for a, b, v in rising) == pytest.approx(np.arange(50).sum())
