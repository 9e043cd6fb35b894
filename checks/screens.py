"""A screenshot of every page of a report, in each language, at 1280 and 360 px.

python checks/screens.py REPORT_FOLDER OUT_DIR [--only TEXT]
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (1280, 360)


def pages_of(report: Path) -> list[Path]:
    """Every page of a report, the first page first."""
    return [report / "index.html", *sorted(report.glob("*/*.html"))]


def browser_path() -> str | None:
    """The installed Chromium, headless build first."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


def main() -> int:
    """Take the pictures; prints how many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="", help="only pages whose path holds this text")
    given = parser.parse_args()
    pages = [p for p in pages_of(given.report) if given.only in p.as_posix()]
    if not pages:
        print(f"no pages in {given.report}", file=sys.stderr)
        return 2
    given.out.mkdir(parents=True, exist_ok=True)
    count = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 900})
            for path in pages:
                page.goto(path.resolve().as_uri())
                name = "-".join(path.relative_to(given.report).with_suffix("").parts)
                page.screenshot(path=given.out / f"{name}-{width}.png", full_page=True)
                count += 1
            page.close()
        browser.close()
    print(f"{count} pictures in {given.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
