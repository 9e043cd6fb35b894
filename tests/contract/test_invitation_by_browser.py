"""An invitation is accepted by what a browser really sends under the referrer policy of its page."""

from __future__ import annotations

from typing import Any

import pytest
from partnerships import Live
from people_fixture import SENTENCE, browser, fast_hashing, form_token, person_id

from bothbanks.app.partnership import sign_in
from bothbanks.civic.compact.roles import Actor
from bothbanks.site.app import create_site

__all__ = ["fast_hashing"]
pytestmark = pytest.mark.usefixtures("fast_hashing")


def origin_sent(policy: str, site: str) -> str:
    """The header Origin of a form: a page with 'no-referrer' sends 'null' (Fetch, 3.2)."""
    return "null" if policy == "no-referrer" else site


def test_a_browser_can_accept_an_invitation(partnership: Live) -> None:
    client: Any = browser(create_site(partnership))
    person = person_id(partnership, "leitung")
    with partnership.desk(Actor(person)) as desk:
        link = sign_in.invite(desk, person)
    page = client.get(f"/de/invitation/{link}")
    sent = {"invitation": link, "password": SENTENCE, "again": SENTENCE, "csrf": form_token(page.text)}
    origin = origin_sent(page.headers["referrer-policy"], str(client.base_url))
    answer = client.post("/de/invitation", data=sent, headers={"origin": origin})
    assert (answer.status_code, answer.headers["location"]) == (303, "/de/people/me")
