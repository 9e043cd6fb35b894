"""The pages and the API of sharing: who sees what, what may I see, openings, requests."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from partnerships import Live
from sharing_readers import PAGE, as_, site, who
from starlette.testclient import TestClient

from bothbanks.app.partnership.desk import Done

__all__ = ["site"]
REASON = "The dyke at the weir has given way."


def test_every_page_is_there_for_every_reader(site: TestClient) -> None:
    paths = ("", "/mine", "/openings", "/requests", "/dataset/rosters-uferau")
    for path, post in product(paths, ("", "duty-officer@steinach", "council@uferau", "secretariat")):
        answer = site.get(f"/de/sharing{path}", headers=as_(post, **PAGE))
        assert answer.status_code == 200, (path, post)
        assert answer.text.count("<h1") == 1, (path, post)
        assert "{" not in answer.text.split("<main")[1], (path, post)  # no place left to fill


def test_the_matrix_names_the_article_of_each_answer(site: TestClient) -> None:
    text = site.get("/fr/sharing", headers=PAGE).text
    assert "/agreement/articles/art-personal-data" in text
    assert "/agreement/articles/art-data" in text


def test_my_access_says_what_and_why(site: TestClient) -> None:
    public = site.get("/de/sharing/mine", headers=PAGE).text
    kept = public.split("<footer>")[0].split("<h2>")[-1]
    assert "/de/sharing/dataset/rosters-uferau" in kept
    officer = site.get("/de/sharing/mine", headers=as_("duty-officer@uferau", **PAGE)).text
    assert "/de/sharing/dataset/rosters-uferau" in officer.split("<h2>")[1]


def test_forms_are_shown_to_those_who_may_use_them(site: TestClient) -> None:
    path = "/de/sharing/dataset/clinic-places-steinach"
    officer = site.get(path, headers=as_("duty-officer@uferau", **PAGE)).text
    assert "/de/do/sharing.state-purpose" in officer
    assert "/de/do/sharing.ask" in officer
    assert "/de/do/sharing.set-rule" not in officer
    assert "/de/do/sharing" not in site.get(path, headers=PAGE).text
    assert (
        "/de/do/sharing.open"
        in site.get("/de/sharing/openings", headers=as_("duty-officer@uferau", **PAGE)).text
    )


def test_the_reason_of_an_opening_is_told_to_offices_only(site: TestClient, partnership: Live) -> None:
    payload = {"datasets": ["rosters-uferau"], "hours": 2, "reason": REASON}
    assert isinstance(
        partnership.act("sharing.open", payload, who(partnership, "duty-officer@steinach")), Done
    )
    for path in ("/de/sharing/openings", "/api/sharing/openings"):
        assert REASON not in site.get(path, headers=PAGE).text
        assert REASON not in site.get(path, headers=as_("monitor", **PAGE)).text
        assert REASON in site.get(path, headers=as_("council@uferau", **PAGE)).text
    assert site.get("/api/sharing/openings").json()[0]["in_force"] is True
    partnership.clock.advance(hours=2)
    assert site.get("/api/sharing/openings").json()[0]["in_force"] is False


def test_words_of_a_request_are_for_its_two_sides(site: TestClient, partnership: Live) -> None:
    until = (partnership.clock.now + timedelta(days=30)).isoformat()
    words = "To plan crews for the joint drill."
    ask = {
        "dataset": "rosters-uferau", "member": "steinach", "purpose": "planning", "until": until,
        "reason": words,
    }  # fmt: skip
    assert isinstance(partnership.act("sharing.ask", ask, who(partnership, "council@steinach")), Done)
    seen = {
        post: words in site.get("/de/sharing/requests", headers=as_(post, **PAGE)).text
        for post in ("", "secretariat", "engineer@steinach", "council@uferau")
    }
    assert seen == {"": False, "secretariat": False, "engineer@steinach": True, "council@uferau": True}


def test_the_api_gives_the_asker_s_own_decisions(site: TestClient) -> None:
    public = {d["id"]: d["seen"]["level"] for d in site.get("/api/sharing/datasets").json()}
    council = {
        d["id"]: d["seen"]["level"]
        for d in site.get("/api/sharing/datasets", headers=as_("council@steinach")).json()
    }
    assert (public["layer:cells"], council["layer:cells"]) == ("coarse", "full")
    found = site.get("/api/sharing/decision?dataset=layer:cells").json()
    assert (found["group"], found["rounding"], found["article"]) == (10, 10, "art-personal-data")
    assert site.get("/api/sharing/decision?dataset=nothing").json()["level"] == "nothing"
    assert {r["id"] for r in site.get("/api/sharing/rules").json()} > {"civic-public", "rosters-other-side"}
    assert site.get("/de/sharing/dataset/unknown", headers=PAGE).status_code == 404
