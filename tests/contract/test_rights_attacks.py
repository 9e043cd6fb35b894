"""Attacks on signing in and on steps, each against the whole site."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from partnerships import Live
from people_fixture import SENTENCE, browser, enter, fast_hashing, form_token, person_id, with_password

from bothbanks.app.partnership import sign_in
from bothbanks.civic.compact.accounts import Session
from bothbanks.civic.compact.roles import ANYONE
from bothbanks.site.app import create_site
from bothbanks.site.security import Limit
from bothbanks.site.security.guards import Limits

__all__ = ["fast_hashing"]
pytestmark = pytest.mark.usefixtures("fast_hashing")


@pytest.fixture
def site(partnership: Live) -> Any:
    with_password(partnership, "leitung")
    with_password(partnership, "rat-uferau")
    return create_site(partnership)


def limits(site: Any, **changed: Limit) -> None:
    site.state.rooms.security.limits = Limits(**changed)


def test_a_person_signs_in_by_the_form_and_out_again(site: Any, partnership: Live) -> None:
    client = browser(site)
    answer = enter(client, " Leitung ", next="/de/people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/de/people")
    assert "Lena Leitung" in client.get("/de/people/me").text
    token = form_token(client.get("/de/people/me").text)
    assert client.post("/de/sign-out", data={"csrf": token}).status_code == 303
    assert client.get("/de/people/me").status_code == 401
    with partnership.reading() as reader:
        assert not any(kept.state.live(reader.at) for kept in reader.all(Session))


@pytest.mark.parametrize("https", [False, True])
def test_the_cookies_flags(partnership: Live, https: bool) -> None:
    with_password(partnership, "leitung")
    origin = "https://banks.example" if https else "http://localhost"
    client = browser(create_site(partnership, https=https), origin)
    given = enter(client, "leitung").headers.get_list("set-cookie")
    session = next(c for c in given if "-visit" not in c.split("=")[0])
    flags = {part.strip().lower() for part in session.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert not any(flag.startswith(("domain", "max-age", "expires")) for flag in flags)
    assert ("secure" in flags) is https
    assert session.startswith("__Host-bothbanks=" if https else "bothbanks=")
    assert ("strict-transport-security" in client.get("/healthz").headers) is https


def test_nobody_signs_in_over_an_open_line(site: Any) -> None:
    client = browser(site, "http://banks.example")
    answer = enter(client, "leitung")
    assert answer.status_code == 403
    assert "bothbanks" not in client.cookies


def test_session_fixation_a_planted_session_is_never_used(site: Any, partnership: Live) -> None:
    planted = sign_in.begin(partnership, person_id(partnership, "rat-uferau"), "password")
    client = browser(site)
    client.cookies.set("bothbanks", planted)
    enter(client, "leitung")
    fresh = client.cookies.get("bothbanks", path="/", domain="localhost.local") or client.cookies["bothbanks"]
    assert fresh != planted
    assert sign_in.actor_by(partnership, planted) == ANYONE
    client.cookies.clear()
    client.cookies.set("bothbanks", "chosen-by-the-attacker")
    enter(client, "leitung")
    assert sign_in.actor_by(partnership, "chosen-by-the-attacker") == ANYONE


STEP = "/de/do/people.sign-out-everywhere"


def signed_in(site: Any, login: str = "leitung") -> tuple[Any, str]:
    client = browser(site)
    enter(client, login)
    return client, form_token(client.get("/de/people/me").text)


def test_csrf_a_step_without_the_right_token_is_refused(site: Any) -> None:
    client, token = signed_in(site)
    _, others = signed_in(site, "rat-uferau")
    anonymous = form_token(browser(site).get("/de/sign-in").text)
    forged = [
        {},
        {"csrf": ""},
        {"csrf": "x" * 88},
        {"csrf": others},
        {"csrf": anonymous},
        {"csrf": token[:-4] + "AAA="},
    ]
    for data in forged:
        assert client.post(STEP, data=data).status_code == 403
    assert client.get("/de/people/me").status_code == 200
    assert client.post(STEP, data={"csrf": token}).status_code == 303
    assert client.get("/de/people/me").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"origin": "http://localhost:81"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://localhost"},
    ],
)
def test_csrf_what_comes_from_another_site_is_refused_even_with_the_token(
    site: Any, headers: dict[str, str]
) -> None:
    client, token = signed_in(site)
    assert client.post(STEP, data={"csrf": token}, headers=headers).status_code == 403
    assert client.get("/de/people/me").status_code == 200


def test_csrf_json_needs_the_header_where_there_is_a_session(site: Any) -> None:
    client, _ = signed_in(site)
    step = "/api/do/people.sign-out-everywhere"
    assert client.post(step, json={}).status_code == 403
    token = client.get("/api/people/me").json()["csrf"]
    _, others = signed_in(site, "rat-uferau")
    assert client.post(step, json={}, headers={"x-csrf-token": others}).status_code == 403
    assert client.post(step, json={}, headers={"x-csrf-token": token}).status_code == 200


def test_csrf_signing_somebody_in_takes_the_browsers_own_token(site: Any) -> None:
    attacker, victim = browser(site), browser(site)
    token = form_token(attacker.get("/de/sign-in").text)
    data = {"login": "leitung", "password": SENTENCE, "csrf": token}
    assert victim.post("/de/sign-in", data=data).status_code == 403
    victim.get("/de/sign-in")
    assert victim.post("/de/sign-in", data=data).status_code == 403
    assert "bothbanks" not in victim.cookies


def test_a_stolen_cookie_dies_with_the_session_and_the_mandate(site: Any, partnership: Live) -> None:
    client, token = signed_in(site)
    partnership.clock.advance(hours=3)
    assert client.get("/de/people/me").status_code == 401
    assert client.post(STEP, data={"csrf": token}).status_code == 401


def test_an_invitation_is_replayed_in_vain(site: Any, partnership: Live) -> None:
    person = person_id(partnership, "referat")
    with partnership.desk(ANYONE) as desk:
        link = sign_in.invite(desk, person)
    client = browser(site)
    page = client.get(f"/de/invitation/{link}")
    assert page.headers["cache-control"] == "no-store"
    data = {"invitation": link, "password": SENTENCE, "again": SENTENCE, "csrf": form_token(page.text)}
    wrong = client.post("/de/invitation", data=data | {"again": "x"})
    assert wrong.status_code == 422
    assert client.post("/de/invitation", data=data).status_code == 303
    assert "Rudi Referat" in client.get("/de/people/me").text
    again = browser(site)
    assert again.get(f"/de/invitation/{link}").status_code == 404
    token = form_token(again.get("/de/sign-in").text)
    replay = again.post("/de/invitation", data=data | {"csrf": token})
    never = again.post("/de/invitation", data=data | {"csrf": token, "invitation": "made-up"})
    assert replay.status_code == never.status_code == 404
    assert replay.text == never.text


def text_of(page: str) -> str:
    """A page without what differs each time: tokens."""
    return re.sub(r'value="[^"]{60,}"', "", page)


def test_no_account_is_given_away_by_the_words(site: Any) -> None:
    answers = []
    for login in ("leitung", "nobody", "referat", ""):
        answer = enter(browser(site), login, "not the password")
        answers.append((answer.status_code, text_of(answer.text), sorted(answer.headers)))
    assert answers[0][0] == 401
    assert all(answer == answers[0] for answer in answers)


def median_seconds(act: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def test_no_account_is_given_away_by_the_time(partnership: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "_hasher", PasswordHasher(time_cost=4, memory_cost=4096, parallelism=1))
    sign_in._nobody.cache_clear()
    with_password(partnership, "leitung")
    tries: dict[str, Any] = {
        login: lambda login=login: sign_in.by_password(partnership, login, "not it")
        for login in ("leitung", "nobody", "referat")
    }
    spent = {login: [] for login in tries}
    for _ in range(9):  # in turn, so that a busy machine slows all alike
        for login, act in tries.items():
            spent[login].append(median_seconds(act, 1))
    medians = [statistics.median(seconds) for seconds in spent.values()]
    assert max(medians) < 2 * min(medians)
    assert min(medians) > 0.003  # a hash was computed each time


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "javascript:alert(1)", "/de\r\nset-cookie: x=1", "evil.example", "/%0d%0a/\u2028",
    ],
)  # fmt: skip
def test_no_open_redirect(site: Any, next_: str) -> None:
    client = browser(site)
    answer = enter(client, "leitung", next=next_)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/de/people/me"
    page = browser(site).get("/de/sign-in", params={"next": next_}).text
    assert re.search(r'name="next" value=""', page)


def test_guessing_at_one_account_is_slowed_down_and_told(site: Any) -> None:
    now = [0.0]
    limits(
        site,
        address=Limit(100, 30.0, now=lambda: now[0]),
        account_here=Limit(5, 60.0, now=lambda: now[0]),
        account=Limit(50, 6.0, now=lambda: now[0]),
    )
    client = browser(site)
    statuses = [enter(client, "leitung", f"guess {n}").status_code for n in range(6)]
    assert statuses == [401] * 5 + [429]
    blocked = enter(client, "leitung")
    assert blocked.status_code == 429
    assert 0 < int(blocked.headers["retry-after"]) <= 60
    unknown = [enter(client, "nobody", "x").status_code for _ in range(6)]
    assert unknown == statuses
    now[0] += 60.0
    assert enter(client, "leitung").status_code == 303


def test_guessing_does_not_lock_the_owner_out_for_long(site: Any) -> None:
    """From one address the owner elsewhere isn't touched; from very many, for 6 seconds at a time."""
    now = [0.0]
    limits(
        site,
        address=Limit(1000, 1.0, now=lambda: now[0]),
        account_here=Limit(5, 60.0, now=lambda: now[0]),
        account=Limit(50, 6.0, now=lambda: now[0]),
    )
    security = site.state.rooms.security

    class From:
        def __init__(self, address: str) -> None:
            self.client = type("Client", (), {"host": address})()

    for _ in range(200):
        security.limit_sign_in(From("192.0.2.1"), "leitung")
    assert enter(browser(site), "leitung").status_code == 303
    for n in range(200):
        security.limit_sign_in(From(f"198.51.100.{n}"), "leitung")
    refused = security.limit_sign_in(From("203.0.113.9"), "leitung")
    assert refused is not None
    assert int(str(refused.values["seconds"])) <= 6
    now[0] += 6.0
    assert security.limit_sign_in(From("203.0.113.9"), "leitung") is None


def test_an_address_is_limited_over_all_accounts(site: Any) -> None:
    client = browser(site)
    statuses = [enter(client, f"name {n}", "x").status_code for n in range(12)]
    assert statuses == [401] * 10 + [429] * 2


def test_steps_are_limited_by_person(site: Any) -> None:
    now = [0.0]
    limits(site, person=Limit(3, 10.0, now=lambda: now[0]))
    client, token = signed_in(site)
    step = {"csrf": token, "session": "none"}
    statuses = [client.post("/de/do/people.end-session", data=step).status_code for _ in range(4)]
    assert statuses == [404, 404, 404, 429]
    api = client.post("/api/do/people.end-session", json={"session": "none"}, headers={"x-csrf-token": token})
    assert api.status_code == 429
    assert api.headers["retry-after"] == "10"
    assert api.headers["content-type"] == "application/problem+json"
    assert api.json()["code"] == "people.limit"


def test_an_expired_mandate_opens_nothing(site: Any, partnership: Live) -> None:
    client, _ = signed_in(site, "leitung")
    assert client.get("/de/people/admin").status_code == 200
    with partnership.desk(ANYONE) as desk:
        from bothbanks.civic.compact.people import Holding, end

        held = next(k for k in desk.all(Holding) if k.state.seat == "leitung")
        change = end(held.state, desk.at + timedelta(minutes=5), "recalled", desk.at)
        desk.keep(held.id, change, held)  # type: ignore[arg-type]
    assert client.get("/de/people/admin").status_code == 200
    partnership.clock.advance(minutes=5)
    assert client.get("/de/people/admin").status_code == 404
    assert client.get("/de/people/me").status_code == 200


def test_two_people_on_the_pages(site: Any, partnership: Live) -> None:
    with_password(partnership, "referat")
    first, token = signed_in(site)
    victim = person_id(partnership, "rat-uferau")
    asked = first.post("/de/do/people.erase", data={"csrf": token, "person": victim})
    assert asked.headers["location"] == "/de/people/confirmations"
    own = first.get("/de/people/confirmations").text
    assert "Ulla Uferau" in own
    assert "do/people.confirm" not in own
    confirmation = re.search(r'name="confirmation" value="([^"]+)"', own)
    assert confirmation is not None
    data = {"csrf": token, "confirmation": confirmation[1]}
    assert first.post("/de/do/people.confirm", data=data).status_code == 403
    outsider, theirs = signed_in(site, "rat-uferau")
    assert "Ulla" not in outsider.get("/de/people/confirmations").text
    assert outsider.post("/de/do/people.confirm", data=data | {"csrf": theirs}).status_code == 403
    second, hers = signed_in(site, "referat")
    assert second.post("/de/do/people.confirm", data=data | {"csrf": hers}).status_code == 303
    assert outsider.get("/de/people/me").status_code == 401
    assert enter(browser(site), "rat-uferau").status_code == 401


def test_the_secretariat_hands_out_a_link_that_is_shown_once(site: Any) -> None:
    client, token = signed_in(site)
    data = {"csrf": token, "name": "Neue Person", "login": "neu"}
    page = client.post("/de/people/admin/add", data=data)
    link = re.search(r"http://localhost(/de/invitation/[\w-]+)", page.text)
    assert link is not None
    assert page.headers["cache-control"] == "no-store"
    assert "Neue Person" in browser(site).get(link[1]).text
    assert "/invitation/" not in client.get("/de/people/admin").text


def test_names_are_public_only_where_the_office_is(site: Any) -> None:
    shown = browser(site).get("/api/people").text
    assert "Lena Leitung" in shown
    assert "Ulla Uferau" in shown
    assert "Rudi Referat" not in shown
    assert "rat-uferau@" not in shown
    assert person_id(site.state.rooms.partnership, "leitung") not in shown
