"""A few pages of the live site in a real browser; ``checks/check_site.py`` opens them all."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from partnerships import Live
from people_fixture import SENTENCE, fast_hashing, with_password

from bothbanks.site.app import create_site

__all__ = ["fast_hashing"]
pytestmark = [pytest.mark.browser, pytest.mark.loopback, pytest.mark.usefixtures("fast_hashing")]

PUBLIC = {"de": ("", "/agreement/checklist"), "fr": ("/votes", "/legal")}  # the region's languages
INSIDE = ("/people/admin", "/votes/propose", "/calendar")


@pytest.fixture
def address(partnership: Live) -> Iterator[str]:
    with_password(partnership, "leitung")
    config = uvicorn.Config(create_site(partnership), host="localhost", port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def faults_of(page: Any, path: str) -> list[str]:
    """What axe finds at 360 px, sideways scrolling at 320, and a wrong number of headings."""
    found = []
    page.set_viewport_size({"width": 360, "height": 800})
    found += [f"{path}: {v['id']}" for v in Axe().run(page).response["violations"]]
    page.set_viewport_size({"width": 320, "height": 800})
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        found.append(f"{path}: scrolls sideways")
    if page.locator("h1").count() != 1:
        found.append(f"{path}: {page.locator('h1').count()} headings")
    return found


def test_pages_hold_on_a_phone_for_a_visitor_and_for_the_secretariat(chromium: Any, address: str) -> None:
    context = chromium.new_context(bypass_csp=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.on("request", lambda r: None if r.url.startswith(address) else faults.append(r.url))
    for code, paths in PUBLIC.items():
        for path in paths:
            page.goto(f"{address}/{code}{path}")
            assert page.locator("html").get_attribute("lang") == code
            faults += faults_of(page, f"{code}{path}")
    page.goto(f"{address}/de/sign-in")
    page.fill("input[name=login]", "leitung")
    page.fill("input[name=password]", SENTENCE)
    page.click("main form button")
    page.wait_for_url("**/people/me")
    for path in INSIDE:
        page.goto(f"{address}/de{path}")
        faults += faults_of(page, path)
    assert faults == []
    context.close()


def test_the_list_of_all_pages_is_the_menu_of_a_phone_and_every_entry_opens(
    chromium: Any, address: str
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/fr")
    assert not page.locator("nav.bar").is_visible()
    page.click("a.all")
    assert page.url.endswith("#pages")
    entries = page.locator("#pages a")
    assert entries.count() >= 9
    boxes = [entry.bounding_box() for entry in entries.all()]
    assert all(box["height"] >= 24 for box in boxes)
    hrefs = [entry.get_attribute("href") for entry in entries.all()]
    for href in hrefs:
        answer = page.goto(address + href)
        assert answer.ok, (href, answer.status)
        assert page.locator("h1").is_visible()
        assert page.locator("#pages [aria-current]").count() == 1, href
    context.close()


def test_a_missing_page_says_so_in_the_language_and_leads_back(chromium: Any, address: str) -> None:
    page = chromium.new_page()
    answer = page.goto(f"{address}/fr/nowhere")
    assert answer.status == 404
    assert page.locator("html").get_attribute("lang") == "fr"
    page.click("main a >> nth=-1")
    assert re.fullmatch(r".*/fr/?", page.url)
    page.close()
