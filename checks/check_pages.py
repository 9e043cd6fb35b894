"""Every page of the demo report in a browser: axe finds nothing, nothing is fetched, breaks or overflows.

At 1280 and 320 px with script, and once with script off. axe runs its WCAG 2.2 AA rules and best practices.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from screens import ARGUMENTS, browser_path, pages_of

REPORT = Path(__file__).resolve().parents[1] / "out" / "meuse-rhine" / "report"
WIDTHS = (1280, 320)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def violations(page: Any) -> list[str]:
    """What axe finds, a line each with the first place."""
    options = {"preload": False, "resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"axe {v['id']} ({len(v['nodes'])}): {v['nodes'][0]['target']}" for v in found]


def visit(browser: Browser, path: Path, width: int, script: bool = True) -> list[str]:
    """Faults of one page at one width."""
    faults: list[str] = []
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=script, bypass_csp=script
    )
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("console", lambda m: faults.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("requestfailed", lambda r: faults.append(f"failed: {r.url}"))
    page.on(
        "request",
        lambda r: None if r.url[:5] in {"file:", "data:", "blob:"} else faults.append(f"reached {r.url}"),
    )
    page.goto(path.resolve().as_uri())
    if not page.title():
        faults.append("no title")
    if script:
        over = page.evaluate(WIDE)
        if over > 1:
            faults.append(f"{over} px wider than the window")
        faults += violations(page)
    elif not page.locator("main").inner_text().strip():
        faults.append("nothing to read with script off")
    context.close()
    return faults


def main() -> int:
    pages = pages_of(REPORT) if (REPORT / "index.html").is_file() else []
    executable = browser_path()
    if executable is None or not pages:
        print("no chromium on this machine" if pages else f"no report in {REPORT}; run ./dev demo")
        return 77
    count = faulty = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable, args=ARGUMENTS)
        for path in pages:
            for width, script in [(w, True) for w in WIDTHS] + [(WIDTHS[0], False)]:
                count += 1
                faults = visit(browser, path, width, script)
                faulty += bool(faults)
                for fault in dict.fromkeys(faults):
                    how = f"{width} px" if script else "script off"
                    print(f"{path.relative_to(REPORT)} at {how}: {fault}", file=sys.stderr)
        browser.close()
    print(f"{len(pages)} pages, {count} visits, {faulty} with faults")
    return int(faulty > 0)


if __name__ == "__main__":
    raise SystemExit(main())
