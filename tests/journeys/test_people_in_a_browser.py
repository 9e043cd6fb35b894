"""Signing in with a real browser under the real policy: no violation, no outside request, a passkey."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from partnerships import Live
from people_fixture import SENTENCE, fast_hashing, with_password

from bothbanks.site.app import create_site

__all__ = ["fast_hashing"]
pytestmark = [pytest.mark.browser, pytest.mark.loopback, pytest.mark.usefixtures("fast_hashing")]


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


def test_a_passkey_from_end_to_end_under_the_policy(chromium: Any, address: str) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if "Security Policy" in m.text else None)
    page.on("request", lambda r: None if r.url.startswith(address) else faults.append(r.url))
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    page.goto(f"{address}/de/sign-in")
    page.fill("input[name=login]", "leitung")
    page.fill("input[name=password]", SENTENCE)
    page.click("main form button")
    page.wait_for_url("**/people/me")
    page.fill("#passkey-new input", "Mein Rechner")
    page.click("#passkey-new button")
    page.wait_for_selector("text=Mein Rechner")
    for path in ("/people", "/people/me", "/people/admin", "/people/confirmations"):
        page.goto(f"{address}/fr{path}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, (path, wide)
        assert page.locator("h1").count() == 1
    page.goto(f"{address}/de/people/me")
    page.click("form.plain button")
    page.goto(f"{address}/de/sign-in?next=/de/people/admin")
    page.click("#passkey-in button")
    page.wait_for_url("**/people/admin")
    assert faults == []
    context.close()
