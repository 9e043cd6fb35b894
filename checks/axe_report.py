"""Open every page of a report in every language at 1280 and 320 px and check it.

axe finds nothing; no request leaves the disk; nothing scrolls sideways; pages hold their words
with script off. Prints what was found; exit code 1 on any finding.

python checks/axe_report.py REPORT_FOLDER [--only TEXT]
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from screens import ARGUMENTS, browser_path, pages_of

WIDTHS = (1280, 320)


def check(browser: Browser, pages: list[Path], width: int) -> list[str]:
    """Findings of all pages at one width, with script on."""
    axe = Axe()
    found: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    outside: list[str] = []
    errors: list[str] = []
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else outside.append(r.url))
    page.on("pageerror", lambda e: errors.append(str(e)))
    for path in pages:
        page.goto(path.resolve().as_uri())
        result = axe.run(page)
        for v in result.response["violations"]:
            where = "; ".join(str(n["target"]) for n in v["nodes"][:3])
            found.append(f"{path} at {width} px: {v['id']} ({len(v['nodes'])}): {where}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{path} at {width} px: scrolls sideways by {wide} px")
        if page.locator("h1").count() != 1:
            found.append(f"{path}: {page.locator('h1').count()} headings of level 1")
    found += [f"request outside: {u}" for u in outside] + errors
    context.close()
    return found


def without_script(browser: Browser, pages: list[Path]) -> list[str]:
    """Pages that lose their words, tables or pictures when script is off."""
    found = []
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    for path in pages:
        page.goto(path.resolve().as_uri())
        text = page.locator("main").inner_text()
        if len(text) < 60 or not page.locator("h1").is_visible():
            found.append(f"{path}: no content with script off")
    context.close()
    return found


def broken_links(pages: list[Path]) -> list[str]:
    """Links that lead to no file, or to an anchor no page has."""
    texts = {p.resolve(): p.read_text(encoding="utf-8") for p in pages}
    anchors = {p: set(re.findall(r'\bid="([^"]+)"', t)) for p, t in texts.items()}
    found = []
    for path, text in texts.items():
        for target in re.findall(r'(?:href|src)="([^"]+)"', text):
            file, _, anchor = target.partition("#")
            if "://" in target:
                found.append(f"{path}: absolute link {target}")
                continue
            goal = (path.parent / file).resolve() if file else path
            if not goal.exists():
                found.append(f"{path}: no file behind {target}")
            elif anchor and goal in anchors and anchor not in anchors[goal]:
                found.append(f"{path}: no place {target}")
    return found


def main() -> int:
    """Check a report; 0 when nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--only", default="", help="only pages whose path holds this text")
    given = parser.parse_args()
    every = pages_of(given.report)
    pages = [p for p in every if given.only in p.as_posix()]
    if not pages:
        print(f"no pages in {given.report}", file=sys.stderr)
        return 2
    found = broken_links(every)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        for width in WIDTHS:
            found += check(browser, pages, width)
        found += without_script(browser, pages)
        browser.close()
    for line in found:
        print(line)
    print(f"{len(pages)} pages x {len(WIDTHS)} widths: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
