"""Every kind of page of the live site in a browser: each language, 1280 and 360 px, three readers.

Starts the site on a folder that is thrown away, signs in a secretary and a member of the assembly by their
invitations, and follows every link. Each page that came is read without a browser: status, one heading of
level 1, no dead link, nothing from outside. Then the longest page of every route is opened in a browser: axe
finds nothing, nothing scrolls sideways at 1280, 360 and 320 px, the console stays silent; once more under the
site's own policy, with script off (no sentence may be missing), and printed. Exit code 1 on any finding.

python checks/check_site.py [--region examples/meuse-rhine] [--languages en,de] [--only TEXT]
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import Browser, Page, sync_playwright
from screens import ARGUMENTS, browser_path

from bothbanks.pages.language import available
from bothbanks.site.areas import areas

ROOT = Path(__file__).resolve().parents[1]
SENTENCE = "four banks and one patient river"
WIDTHS = (1280, 360, 320)
MOST = 25  # pages of one route that are followed in one language
APART = ("/appraisal/",)  # the report: checked by check_pages.py

State = dict[str, object]  # cookies, as the browser keeps them


@dataclass
class Crawl:
    """What one reader found in one language: a page for each route, all statuses, what is wrong."""

    pages: dict[str, str] = field(default_factory=dict)  # route -> the longest page's address
    sizes: dict[str, int] = field(default_factory=dict)
    links: int = 0
    found: list[str] = field(default_factory=list)


def command(*words: str) -> list[str]:
    return [str(Path(sys.executable).with_name("bothbanks")), *words]


@contextmanager
def site(region: Path, data: Path) -> Iterator[str]:
    """The site on loopback; its address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    report = ROOT / "out" / region.name
    more = ["--appraisal", str(report)] if (report / "report" / "index.html").is_file() else []
    log = data.parent / "log.txt"
    with log.open("wb") as out:
        words = command("serve", str(region), "--data", str(data), "--port", str(port), *more)
        running = subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, running, log)
            yield address
        finally:
            running.terminate()
            running.wait(20)


def _wait(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if running.poll() is not None:
            break
        try:
            if httpx.get(f"{address}/healthz", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise SystemExit(f"the site did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def signed_in(browser: Browser, address: str, data: Path, login: str) -> State:
    """The cookies of that person, let in by a new invitation."""
    words = command("people", "reset", login, "--data", str(data), "--origin", address)
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    link = re.search(r"http://\S+/invitation/\S+", said)
    if link is None:
        raise SystemExit(f"no invitation for {login}: {said}")
    context = browser.new_context()
    page = context.new_page()
    page.goto(link[0])
    for box in page.locator("input[type=password]").all():
        box.fill(SENTENCE)
    page.click("form:has(input[type=password]) button")
    if not page.url.endswith("/people/me"):
        raise SystemExit(f"{login} is not signed in: {page.url}")
    state: State = dict(context.storage_state())  # type: ignore[arg-type]
    context.close()
    return state


def route_of(path: str) -> str:
    """The route a page's address belongs to ('' for none)."""
    for area in areas():
        for route in area.pages.routes:
            if "GET" in (getattr(route, "methods", None) or ()) and route.path_regex.match(path):  # type: ignore[attr-defined]
                return str(route.path)  # type: ignore[attr-defined]
    return ""


def crawl(address: str, language: str, state: State | None) -> Crawl:
    """Follow every link from the first page in one language."""
    out = Crawl()
    cookies = {c["name"]: c["value"] for c in (state or {}).get("cookies", [])}  # type: ignore[attr-defined]
    waiting, seen, counts = [(f"/{language}", "the start")], {f"/{language}"}, Counter[str]()
    with httpx.Client(base_url=address, cookies=cookies, trust_env=False, timeout=60) as client:
        while waiting:
            path, source = waiting.pop(0)
            out.links += 1
            try:
                answer = client.get(path, headers={"accept": "text/html"})
            except httpx.TransportError as error:
                out.found.append(f"{path} (from {source}): no answer: {error}")
                continue
            if answer.status_code >= 400:
                out.found.append(f"{path} (from {source}): {answer.status_code}")
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            if answer.status_code >= 300:
                continue
            route = route_of(urlsplit(path).path)
            if len(answer.content) > out.sizes.get(route, 0):
                out.pages[route], out.sizes[route] = path, len(answer.content)
            out.found += read(path, language, answer.text)
            for link in links(address, path, answer.text):
                kind = route_of(urlsplit(link).path) + re.sub(r"=[^&]*", "", urlsplit(link).query)
                if link not in seen and counts[kind] < MOST:
                    seen.add(link)
                    counts[kind] += 1
                    waiting.append((link, path))
    return out


def links(address: str, path: str, text: str) -> Iterator[str]:
    """Addresses on the same site that a page leads to, its language kept."""
    own = path.split("/")[1].split("?")[0]
    for target in html.fromstring(text).xpath("//a/@href | //link/@href | //img/@src | //script/@src"):
        goal = urljoin(address + path, target).split("#")[0]
        rest = goal.removeprefix(address)
        other = re.match(r"/([a-z]{2,3})(/|\?|$)", rest)
        if not goal.startswith(address + "/") or any(rest.startswith(a) for a in APART):
            continue
        if other is None or other[1] == own or other[1] not in available():
            yield rest


def read(path: str, language: str, text: str) -> list[str]:
    """What is wrong with a page as it came."""
    tree, found = html.fromstring(text), []
    if tree.get("lang") != language:
        found.append(f"{path}: says it is in {tree.get('lang')}")
    if len(tree.xpath("//h1")) != 1:
        found.append(f"{path}: {len(tree.xpath('//h1'))} headings of level 1")
    if tree.xpath("//*[@style] | //style | //script[not(@src)] | //*[@onclick]"):
        found.append(f"{path}: style or script inside the page")
    found += [
        f"{path}: loads {one} from outside"
        for one in tree.xpath("//img/@src | //script/@src | //link[@rel='stylesheet']/@href")
        if urlsplit(one).netloc
    ]
    ids = tree.xpath("//@id")
    found += [f"{path}: the id {one} is there twice" for one, n in Counter(ids).items() if n > 1]
    found += [
        f"{path}: no place {one}"
        for one in tree.xpath("//a[starts-with(@href, '#')]/@href")
        if one != "#" and one[1:] not in ids
    ]
    return found


def watch(page: Page, address: str, found: list[str]) -> None:
    """Note what a page says on its console and asks of other places."""
    page.on(
        "console", lambda m: found.append(f"{page.url}: console: {m.text}") if m.type == "error" else None
    )
    page.on("pageerror", lambda e: found.append(f"{page.url}: {e}"))
    page.on(
        "request",
        lambda r: None if r.url.startswith((address, "data:")) else found.append(f"outside: {r.url}"),
    )


def look(address: str, who: str, state: State | None, pages: list[str]) -> tuple[int, list[str]]:
    """Open pages with axe at every width; how many looks, and what was found."""
    found: list[str] = []
    looks = 0
    axe = Axe()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        context = browser.new_context(storage_state=state, bypass_csp=True)  # type: ignore[arg-type]
        page = context.new_page()
        watch(page, address, found)
        for path in pages:
            page.goto(address + path)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                looks += 1
                wide = page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if wide > 0:
                    found.append(f"{path} for {who} at {width} px: scrolls sideways by {wide} px")
                if width == 320:
                    continue
                for v in axe.run(page).response["violations"]:
                    where = "; ".join(str(n["target"]) for n in v["nodes"][:3])
                    found.append(f"{path} for {who} at {width} px: {v['id']} ({len(v['nodes'])}): {where}")
                if width == 360:
                    found += [f"{path} for {who}: {one}" for one in small(page)]
        browser.close()
    return looks, found


def small(page: Page) -> list[str]:
    """Buttons too low to be hit with a thumb."""
    return list(
        page.evaluate(
            """[...document.querySelectorAll('button, input[type=submit], summary')]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
            .map(e => `the ${e.tagName.toLowerCase()} '${e.textContent.trim().slice(0, 30)}' is only `
              + `${Math.round(e.getBoundingClientRect().height)} px high`)"""
        )
    )


def words_of(page: Page) -> set[str]:
    return {line.strip() for line in page.locator("main").inner_text().splitlines() if line.strip()}


def plainly(address: str, who: str, state: State | None, pages: list[str]) -> tuple[int, list[str]]:
    """Pages under the site's own policy, then with script off, then printed."""
    found: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        scripted = browser.new_context(storage_state=state).new_page()  # type: ignore[arg-type]
        plain = browser.new_context(storage_state=state, java_script_enabled=False).new_page()  # type: ignore[arg-type]
        watch(scripted, address, found)
        for path in pages:
            scripted.goto(address + path)
            plain.goto(address + path)
            lost = words_of(scripted) - words_of(plain)
            dynamic = scripted.locator("[data-script]").count()
            if lost and not dynamic and not scripted.locator("main script, [id^=passkey]").count():
                found.append(f"{path} for {who}: only with script: {sorted(lost)[:3]}")
            if len(plain.pdf(format="A4")) < 1000:
                found.append(f"{path} for {who}: prints nothing")
        browser.close()
    return len(pages), found


def main() -> int:
    """Check the site; 0 when nothing was found, 77 without a browser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", type=Path, default=ROOT / "examples" / "meuse-rhine")
    parser.add_argument("--languages", default=",".join(available()))
    parser.add_argument("--readers", default="head,assembly-aac", help="sign-in names besides the public")
    parser.add_argument("--only", default="", help="only routes that hold this text")
    given = parser.parse_args()
    if browser_path() is None:
        print("no chromium on this machine")
        return 77
    os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bothbanks-site-") as folder:
        data = Path(folder) / "data"
        with site(given.region, data) as address:
            found, said = checked(address, data, given)
    for line in sorted(set(found)):
        print(line)
    print(f"{said}; {len(set(found))} findings in {time.monotonic() - start:.0f} s")
    return 1 if found else 0


def checked(address: str, data: Path, given: argparse.Namespace) -> tuple[list[str], str]:
    """All findings, and what was looked at in words."""
    readers: dict[str, State | None] = {"public": None}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        for login in filter(None, given.readers.split(",")):
            readers[login] = signed_in(browser, address, data, login)
        browser.close()
    languages = given.languages.split(",")
    found: list[str] = []
    looks = links = plain = 0
    routes: set[str] = set()
    with ProcessPoolExecutor(2) as pool:
        crawls = {
            (who, language): pool.submit(crawl, address, language, state)
            for who, state in readers.items()
            for language in languages
        }
        jobs = []
        for (who, language), future in crawls.items():
            got = future.result()
            found += [f"{line} for {who}" for line in got.found]
            links += got.links
            routes |= set(got.pages)
            pages = [page for route, page in got.pages.items() if given.only in route]
            jobs.append((True, pool.submit(look, address, who, readers[who], pages)))
            if language == languages[len(jobs) // 2 % len(languages)]:
                jobs.append((False, pool.submit(plainly, address, who, readers[who], pages)))
        for widths, job in jobs:
            number, more = job.result()
            found += more
            looks, plain = (looks + number, plain) if widths else (looks, plain + number)
    every = {r.path for a in areas() for r in a.pages.routes if "GET" in r.methods}  # type: ignore[attr-defined]
    print(f"routes that no link led to: {', '.join(sorted(every - routes)) or 'none'}")
    said = (
        f"{links} addresses followed, {looks} looks ({len(routes)} routes, {len(languages)} languages, "
        f"{len(readers)} readers, {len(WIDTHS)} widths), {plain} pages under the "
        "policy, without script and printed"
    )
    return found, said


if __name__ == "__main__":
    raise SystemExit(main())
