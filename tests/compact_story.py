"""The story of an agreement, played by people at browsers against a host and witnesses that run as processes.

Each process takes its program from the checkout it is told.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bothbanks.record.export import LEAVES

PASSWORD = "drei Pegel am Ufer 1953"
WELCOME = {
    "de": "Neue Mitglieder werden begrüßt.",
    "fr": "Les nouveaux membres sont accueillis.",
    "nl": "Nieuwe leden worden verwelkomd.",
    "en": "New members are welcomed.",
}
RUN = "from bothbanks.cli import main; main()"


@dataclass
class Place:
    """A checkout and a folder to work in: what one side of the story has."""

    checkout: Path
    folder: Path

    def environment(self) -> dict[str, str]:
        """Its own program, and nothing of the other side."""
        return {
            **os.environ,
            "PYTHONPATH": str(self.checkout / "src"),
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "200",
        }

    def start(self, *words: object) -> subprocess.Popen[str]:
        """Run ``bothbanks`` and don't wait."""
        return subprocess.Popen(
            [sys.executable, "-c", RUN, *map(str, words)],
            cwd=self.folder, env=self.environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *words: object, code: int = 0) -> str:
        """Run ``bothbanks`` to its end; what it printed."""
        return ended(self.start(*words), code)


def ended(process: subprocess.Popen[str], code: int = 0) -> str:
    """Wait for a process; it has to end with that code."""
    told, _ = process.communicate(timeout=120)
    assert process.returncode == code, f"{process.args} ended with {process.returncode}:\n{told}"
    return told


@dataclass
class Host:
    """``bothbanks serve`` as a process, on a port of its own."""

    place: Place
    data: Path
    process: subprocess.Popen[str] | None = None
    at: str = ""

    def open(self, *region: object, clock: datetime | None = None) -> str:
        """Start it and wait until it answers; its address."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        drill = ["--rehearse-at", clock.isoformat()] if clock else []
        self.process = self.place.start("serve", *region, "--data", self.data, "--port", port, *drill)
        self.at = f"http://127.0.0.1:{port}"
        for _ in range(600):
            if self.process.poll() is not None:
                raise AssertionError(self.process.communicate()[0])
            try:
                if httpx.get(f"{self.at}/healthz", trust_env=False).status_code == 200:
                    return self.at
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the host did not open within a minute")

    def close(self) -> None:
        """Stop it as a person would."""
        if self.process is not None:
            self.process.terminate()
            self.process.communicate(timeout=30)
            self.process = None


@dataclass
class Person:
    """Somebody with a browser of their own, who reads in one language."""

    browser: Any
    host: Host
    login: str
    language: str
    width: int = 1280
    faults: list[str] = field(default_factory=list)
    seen: Callable[[Person, str], None] | None = None
    page: Any = None

    def __post_init__(self) -> None:
        context = self.browser.new_context(viewport={"width": self.width, "height": 900})
        self.page = context.new_page()
        self.page.on("console", lambda m: self.faults.append(m.text) if "Policy" in m.text else None)
        self.page.on(
            "request", lambda r: None if r.url.startswith(self.host.at) else self.faults.append(r.url)
        )

    def go(self, path: str) -> str:
        """Open a page in one's own language; the words on it."""
        self.page.goto(f"{self.host.at}/{self.language}{path}")
        return self.read(path)

    def read(self, name: str = "") -> str:
        """The words of the page that is open."""
        if self.seen is not None:
            self.seen(self, name or re.sub(r"^https?://[^/]+/\w+", "", self.page.url))
        return str(self.page.inner_text("main"))

    def sign_in(self) -> None:
        """By name and password."""
        self.page.goto(f"{self.host.at}/{self.language}/sign-in")
        self.page.fill("input[name=login]", self.login)
        self.page.fill("input[name=password]", PASSWORD)
        self.sent(self.page.locator("main form").first)

    def accept(self, link: str) -> None:
        """Take up an invitation."""
        self.page.goto(re.sub(r"^https?://[^/]+/\w+", f"{self.host.at}/{self.language}", link))
        assert self.page.locator("input[name=again]").count(), self.page.inner_text("main")
        self.page.fill("input[name=password]", PASSWORD)
        self.page.fill("input[name=again]", PASSWORD)
        self.sent(self.page.locator("main form").first)
        assert "/invitation" not in self.page.url, self.page.inner_text("main")

    def do(self, command: str, holds: Mapping[str, str] | None = None, **fields: object) -> str:
        """Fill a form of the open page and send it; the words of the page that follows."""
        self.sent(self.filled(command, holds, fields))
        words = self.read()
        assert "/do/" not in self.page.url, f"{command} was refused to {self.login}: {words}"
        return words

    def filled(self, command: str, holds: Mapping[str, str] | None, fields: Mapping[str, object]) -> Any:
        """A form of the open page, its fields filled."""
        path = command if command.startswith("/") else f"/do/{command}"
        form = self.page.locator(f'main form[action$="{path}"]')
        for name, value in (holds or {}).items():
            form = form.filter(has=self.page.locator(f'[name="{name}"][value="{value}"]'))
        assert form.count(), f"{self.login} finds no form {command} on {self.page.url}"
        form = form.first
        form.evaluate(
            "f => { for (let e = f; e; e = e.parentElement) if (e.tagName == 'DETAILS') e.open = true }"
        )
        for name, value in fields.items():
            _fill(form, name, value)
        return form

    def refused(self, command: str, **fields: object) -> str:
        """The same where it has to be refused; the reason given."""
        self.sent(self.filled(command, None, fields))
        assert "/do/" in self.page.url, f"{command} was not refused to {self.login}"
        return self.read(f"refused-{command}")

    def sent(self, form: Any) -> None:
        """Press the button and wait for the page."""
        with self.page.expect_navigation():
            form.locator("button[type=submit]").click()


def _fill(form: Any, name: str, value: object) -> None:
    box = form.locator(f'[name="{name}"]')
    kind = box.first.evaluate("e => e.tagName == 'SELECT' ? 'select' : e.type")
    if kind == "select":
        box.first.select_option(value)
    elif kind in ("radio", "checkbox"):
        form.locator(f'[name="{name}"][value="{value}"]').check()
    else:
        box.first.fill(str(value))


@dataclass(frozen=True)
class Cast:
    """Who plays in a region: sign-in name, seat, language; and what they talk about."""

    head: tuple[str, str, str]
    office: tuple[str, str, str]
    councils: Mapping[str, tuple[str, str, str]]  # by member; the first two do the talking
    given: str  # a dataset of the first council's member
    kept: str  # one of the second's
    kept_words: str
    second_languages: tuple[str, ...]


@dataclass
class Story:
    """The acts, in order. Each leaves everything as the next one finds it."""

    host: Host
    witness: Place
    cast: Cast
    browser: Any
    begins: datetime
    seen: Callable[[Person, str], None] | None = None
    people: dict[str, Person] = field(default_factory=dict)
    version: int = 0
    vote: str = ""
    blocked: str = ""

    def person(self, login: str, language: str, width: int = 1280) -> Person:
        made = Person(self.browser, self.host, login, language, width, seen=self.seen)
        self.people[login] = made
        return made

    @property
    def head(self) -> Person:
        return self.people[self.cast.head[0]]

    @property
    def office(self) -> Person:
        return self.people[self.cast.office[0]]

    def council(self, number: int) -> Person:
        return self.people[list(self.cast.councils.values())[number][0]]

    @property
    def members(self) -> list[str]:
        return list(self.cast.councils)

    def confirm(self) -> None:
        """The second person confirms what waits."""
        self.office.go("/people/confirmations")
        self.office.do("people.confirm")

    # acts
    def let_in(self) -> None:
        """The first account by the command line, all others by the secretariat's page."""
        login, seat, language = self.cast.head
        told = self.host.place.run(
            "people", "add", login, "--name", login.title(), "--seat", seat, "--data", self.host.data,
            "--origin", self.host.at,
        )  # fmt: skip
        head = self.person(login, language)
        head.accept(told.split()[-1])
        for login, seat, language in (self.cast.office, *self.cast.councils.values()):
            head.go("/people/admin")
            words = head.do("/people/admin/add", name=login.title(), login=login)
            link = re.search(r"https?://\S+/invitation/\S+", words)
            assert link, words
            until = (self.begins + timedelta(days=700)).strftime("%Y-%m-%dT00:00")
            head.go("/people/admin")
            person = head.page.locator(
                f'form[action$="people.give-mandate"] option:text-is("{login.title()}")'
            )
            head.do("people.give-mandate", person=person.first.get_attribute("value"), seat=seat, until=until)
            narrow = 360 if login == self.cast.office[0] else 1280
            self.person(login, language, narrow).accept(link.group())

    def register_witnesses(self, states: Mapping[str, Path]) -> None:
        """Each member's key is shown to the secretariat; two people register it."""
        for member, state in states.items():
            key = self.witness.run("witness", "key", "--member", member, "--state", state).strip()
            self.head.go("/record/keys")
            self.head.do("record.register-witness", member=member, key=key)
            self.confirm()

    def draft(self, article: str, figure_article: str, term: str, value: str) -> None:
        """Comment and answer, new words, their translation, another figure."""
        first, second = self.council(0), self.council(1)
        second.go(f"/agreement/articles/{article}")
        second.do("agreement.comment", words="Qui paie le premier envoi ?")
        self.head.go(f"/agreement/articles/{article}")
        self.head.do("agreement.answer", words="Das steht bei den Beiträgen.")
        first.go(f"/agreement/articles/{article}")
        old = first.page.input_value('form[action$="word-article"] textarea[name=text]')
        first.do("agreement.word-article", text=old.rstrip() + f"\n\n{WELCOME[first.language]}")
        first.go("/agreement")
        assert first.page.locator("p.late").count() == 1, "the other languages are marked"
        self.version = self.newest()
        why = first.refused("agreement.put-to-vote", rule="amendment")
        assert article in why, why
        for language in self.cast.second_languages:
            second.language, own = language, second.language
            second.go(f"/agreement/articles/{article}")
            words = second.page.input_value('form[action$="word-article"] textarea[name=text]')
            second.do(
                "agreement.word-article", text=words.rstrip() + f"\n\n{WELCOME[language]}", checked="true"
            )
            second.language = own
        self.head.go(f"/agreement/articles/{figure_article}")
        self.head.do("agreement.set-term", holds={"term": term}, value=value)
        second.go("/agreement")
        assert second.page.locator("p.late").count() == 0, "every language says the same"
        self.version = self.newest()

    def newest(self) -> int:
        """The number of the draft that the agreement's page shows."""
        return int(self.council(0).page.request.get(f"{self.host.at}/api/agreement").json()["version"])

    def put_to_vote(self) -> None:
        """One vote that will be carried, one that will be blocked."""
        first = self.council(0)
        first.go("/agreement")
        first.do("agreement.put-to-vote", rule="amendment")
        first.page.click("main a[href*='/votes/']")
        self.vote = first.page.url.rsplit("/", 1)[1]
        self.head.go(f"/votes/{self.vote}")
        self.head.do("votes.open-irreversible")
        self.confirm()
        votes = httpx.get(f"{self.host.at}/api/votes", trust_env=False).json()
        self.blocked = next(v["id"] for v in votes if v["status"] == "open" and v["id"] != self.vote)
        for number in range(len(self.members)):
            voter = self.council(number)
            voter.go(f"/votes/{self.vote}")
            voter.do("votes.cast", choice="yes")
            voter.go(f"/votes/{self.blocked}")
            voter.do("votes.cast", choice="no" if number % 2 else "yes")

    def share(self) -> None:
        """The second council's member gets a dataset, the first one's is refused another."""
        first, second = self.council(0), self.council(1)
        until = (self.begins + timedelta(days=300)).date().isoformat()
        second.go(f"/sharing/dataset/{self.cast.given}")
        second.do("sharing.ask", purpose="mutual-aid", until=until, reason="Des lits en cas de crue")
        first.go("/sharing/requests")
        first.do(
            "sharing.grant", level="full", article="art-mutual-aid", reason="Damit beide Ufer helfen können"
        )
        second.go(f"/sharing/dataset/{self.cast.given}")
        second.do("sharing.state-purpose", purpose="mutual-aid")
        assert not second.page.locator('form[action$="sharing.ask"]').count(), "it sees all of it now"
        first.go(f"/sharing/dataset/{self.cast.kept}")
        first.do("sharing.ask", purpose="planning", until=until, reason="Wer hat Dienst?")
        second.go("/sharing/requests")
        second.do("sharing.refuse", article="art-personal-data", reason=self.cast.kept_words)
        words = first.go("/sharing/requests")
        assert self.cast.kept_words in words
        assert first.page.locator('main a[href*="art-personal-data"]').count(), "the article is named"
        first.go(f"/sharing/dataset/{self.cast.kept}")
        assert first.page.locator('form[action$="sharing.ask"]').count(), "it still does not see it"

    def move_on(self, days: float) -> None:
        """Time passes; everybody signs in again."""
        self.host.close()
        self.host.open(clock=self.begins + timedelta(days=days))
        for _ in range(400):  # the clock takes its first turn beside the site
            if httpx.get(f"{self.host.at}/api/votes/{self.blocked}", trust_env=False).json()["result"]:
                break
            time.sleep(0.1)
        for person in self.people.values():
            person.sign_in()

    def adopt(self) -> None:
        """The carried draft is signed by every member and adopted by two people."""
        page = f"/agreement?version={self.version}"
        for number, member in enumerate(self.members):
            self.council(number).go(page)
            self.council(number).do("agreement.sign", holds={"member": member})
        self.head.go(page)
        today = self.head.page.get_attribute('form[action$="agreement.adopt"] [name=in_force]', "min")
        self.head.do("agreement.adopt", in_force=today)
        assert self.agreement()["status"] == "carried", "one person is not enough"
        self.confirm()
        assert self.agreement()["status"] == "in-force"

    def agreement(self) -> dict[str, Any]:
        answer = httpx.get(f"{self.host.at}/api/agreement?version={self.version}", trust_env=False)
        return dict(answer.json())

    def dispute(self, duty: str) -> str:
        """The second council's member takes the first's to the ladder of disputes, and both settle."""
        first, second = self.council(0), self.council(1)
        second.go("/disputes")
        fields = {"respondents[]": self.members[0]}
        second.do("disputes.open", about="duty", subject=duty, words="Le rapport manque.", **fields)
        path = re.sub(r"^https?://[^/]+/\w+", "", second.page.url)
        second.do("disputes.add-paper", sha256="a" * 64, words="Lettre du conseil", access="parties")
        first.go(path)
        first.do("disputes.agree", settlement="b" * 64)
        second.go(path)
        second.do("disputes.agree")
        return path


def look(place: Place, member: str, host: str, state: Path, code: int = 0) -> str:
    """A member's witness looks at a host once."""
    return place.run("witness", "--member", member, "--host", host, "--state", state, "--once", code=code)


FORGERIES: Mapping[str, Callable[[list[bytes]], list[bytes]]] = {
    "changed": lambda leaves: [*leaves[:5], _touched(leaves[5]), *leaves[6:]],
    "dropped": lambda leaves: [*leaves[:5], *leaves[6:]],
    "swapped": lambda leaves: [*leaves[:5], leaves[6], leaves[5], *leaves[7:]],
}


def _touched(leaf: bytes) -> bytes:
    touched = re.sub(rb'"subject":"[^"]*"', b'"subject":"vote/another"', leaf, count=1)
    assert touched != leaf
    return touched


def forge(source: Path, target: Path, forgery: str) -> None:
    """A copy of an export in which somebody touched the record's entries."""
    with zipfile.ZipFile(source) as was, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in was.namelist():
            body = was.read(name)
            if name == LEAVES:
                body = b"".join(FORGERIES[forgery](body.splitlines(keepends=True)))
            made.writestr(name, body)


def begins() -> datetime:
    """A moment from which a rehearsal may start."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
