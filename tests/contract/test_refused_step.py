"""A step about something that is not there is refused with its reason, not called a missing page."""

from __future__ import annotations

import pytest
from partnerships import Live
from people_fixture import browser, enter, fast_hashing, form_token, with_password

from bothbanks.site.app import create_site

__all__ = ["fast_hashing"]
pytestmark = pytest.mark.usefixtures("fast_hashing")


def test_a_refused_form_and_a_missing_page_have_their_own_headings(partnership: Live) -> None:
    with_password(partnership, "leitung")
    client = browser(create_site(partnership))
    enter(client, "leitung")
    sent = {"csrf": form_token(client.get("/de/people/me").text)}
    sent |= {"event": "none", "day": "2026-01-01", "source": "x"}
    step, page = client.post("/de/do/duties.event", data=sent), client.get("/de/duties/none")
    assert (step.status_code, page.status_code) == (404, 404)
    assert "<h1>Das wurde abgelehnt</h1>" in step.text
    assert "<h1>Nicht hier</h1>" in page.text
