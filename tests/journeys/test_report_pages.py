"""The report in a real browser, from disk: a mayor's reading, keyboard, phone, print, script off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright")

import findings_fixture as made  # noqa: E402

from bothbanks.pages.report import write_report  # noqa: E402

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(made.many(), folder)
    return folder


@pytest.fixture(scope="module")
def browser(chromium: sync_api.Browser) -> sync_api.Browser:
    return chromium


def open_page(browser: sync_api.Browser, path: Path, width: int = 1280, script: bool = True) -> sync_api.Page:
    page = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=script
    ).new_page()
    page.goto(path.resolve().as_uri())
    return page


SAMPLE = (
    "index.html",
    "de/index.html",
    "fr/division.html",
    "nl/maps.html",
    "en/sources.html",
    "de/brief-ost.html",
    "fr/deal-brook.html",
    "de/uncertain.html",
)


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("name", SAMPLE)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: sync_api.Browser, report: Path, name: str, width: int
) -> None:
    page = open_page(browser, report / name, width)
    found = axe_api.Axe().run(page).response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.context.close()


def test_no_request_leaves_the_disk(browser: sync_api.Browser, report: Path) -> None:
    page = browser.new_context().new_page()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    for name in ("index.html", "en/maps.html"):
        page.goto((report / name).resolve().as_uri())
    assert asked
    assert all(u.startswith(("file:", "data:")) for u in asked)
    page.context.close()


def test_everything_is_there_with_script_off(browser: sync_api.Browser, report: Path) -> None:
    page = open_page(browser, report / "de" / "maps.html", script=False)
    assert page.locator("figure.map img").count() == len(made.maps())
    assert page.locator("figure.map button").count() == 0
    assert page.locator("table").count() >= len(made.maps())
    page.locator("nav.switch a[hreflang=fr]").click()
    assert page.url.endswith("/fr/maps.html")
    page.context.close()


def test_a_map_is_moved_and_zoomed_by_keyboard_and_put_back(browser: sync_api.Browser, report: Path) -> None:
    page = open_page(browser, report / "en" / "maps.html")
    button = page.locator("figure.map button").first
    button.focus()
    page.keyboard.press("Enter")
    live = page.locator("figure.map .live").first
    assert live.is_visible()
    assert live.locator("img.leaflet-image-layer").count() == 1
    live.locator("a.leaflet-control-zoom-in").click()
    before = live.locator("img.leaflet-image-layer").bounding_box()
    live.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    after = live.locator("img.leaflet-image-layer").bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] < before["x"]
    button.click()
    assert page.locator("figure.map .live").count() == 0
    assert page.locator("figure.map img").first.is_visible()
    page.context.close()


def test_first_tab_skips_to_the_content(browser: sync_api.Browser, report: Path) -> None:
    page = open_page(browser, report / "fr" / "index.html")
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    assert skip.evaluate("e => e === document.activeElement")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.context.close()


def test_on_a_phone_each_problem_is_a_card_with_a_line_for_each_member(
    browser: sync_api.Browser, report: Path
) -> None:
    page = open_page(browser, report / "index.html", 360)
    row = page.locator("table.matrix tbody tr").first
    boxes = [row.locator("td").nth(k).bounding_box() for k in range(8)]
    assert all(b is not None and b["x"] + b["width"] <= 360 for b in boxes)
    tops = [b["y"] for b in boxes if b is not None]
    assert tops == sorted(tops)
    assert len(set(tops)) == 8
    page.context.close()


def test_a_figure_leads_to_its_source(browser: sync_api.Browser, report: Path) -> None:
    page = open_page(browser, report / "en" / "deal-brook.html")
    page.get_by_role("link", name="Retention basins on the upper brook: effect").first.click()
    assert page.url.endswith("sources.html#p-flood.measure.brook-buffers.effect")
    assert "assumed" in page.locator("[id='p-flood.measure.brook-buffers.effect']").inner_text()
    page.context.close()


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("de/brief-ost.html", 2),
        ("fr/brief-mhl.html", 2),
        ("nl/deal-brook.html", 1),
        ("de/deal-brook.html", 1),
    ],
)
def test_briefs_print_on_two_sheets_and_deals_on_one(
    browser: sync_api.Browser, report: Path, name: str, most: int
) -> None:
    page = open_page(browser, report / name)
    pdf = page.pdf(prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) <= most
    page.context.close()
