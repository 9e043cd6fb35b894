"""Sign in with an OpenID Connect provider that is not ours: oidc-provider-mock, in an environment of its own.

The whole way on loopback: the site sends the browser off with PKCE, state and nonce, the provider asks who it
is and sends it back, and the site links it by an invitation and knows it again. Then four things a forger
would try. Needs the package index once.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import uvicorn

from bothbanks.app.partnership import sign_in
from bothbanks.app.partnership.live import Partnership
from bothbanks.app.partnership.opening import open_partnership
from bothbanks.civic.compact.roles import ANYONE
from bothbanks.site.app import create_site
from bothbanks.site.security import Limit
from bothbanks.site.security.guards import Limits

ROOT = Path(__file__).resolve().parents[1]
PROVIDER = "oidc-provider-mock==0.3.4"
SETTINGS = """
[[providers]]
id = "mock"
name = "Another provider"
issuer = "http://127.0.0.1:{port}"
client_id = "bothbanks"
client_secret = "a secret of both"
"""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(address: str) -> None:
    for _ in range(200):
        try:
            httpx.get(address, trust_env=False)
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit(f"nothing answers at {address}")


@contextmanager
def provider(folder: Path, port: int) -> Iterator[None]:
    """The provider's own program, as its package ships it."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", PROVIDER], check=True)
    running = subprocess.Popen(
        [python, "-m", "oidc_provider_mock", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/.well-known/openid-configuration")
        yield
    finally:
        running.terminate()
        running.wait(10)


@contextmanager
def served(partnership: Partnership, port: int) -> Iterator[None]:
    """Our site, as it is served."""
    site = create_site(partnership)
    site.state.rooms.security.limits = Limits(address=Limit(1000, 1.0))  # all of this is one address
    config = uvicorn.Config(site, host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def browser() -> httpx.Client:
    return httpx.Client(trust_env=False, headers={"accept": "text/html"}, timeout=20)


def sent_back(client: httpx.Client, start: str, subject: str) -> str:
    """Go to the provider, say there who one is, and stop with the address that it sends one back to."""
    off = client.get(start)
    assert off.status_code == 303, off.text
    asked = parse_qs(urlsplit(off.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"], asked
    assert len(asked["state"][0]) >= 40, asked
    assert len(asked["nonce"][0]) >= 40, asked
    answer = client.post(off.headers["location"], data={"sub": subject})
    assert answer.status_code in (302, 303), answer.text
    return str(answer.headers["location"])


def check(partnership: Partnership, site: str) -> list[str]:
    """What went as it should."""
    with partnership.reading() as reader:
        kept = sign_in.person_by_login(reader, "leitung")
    assert kept is not None
    with partnership.desk(ANYONE) as desk:
        invitation = sign_in.invite(desk, kept.id)
    start = f"{site}/de/sign-in/with/mock"
    me = f"{site}/api/people/me"

    stranger = browser()
    unknown = stranger.get(sent_back(stranger, start, "nobody"))
    assert unknown.status_code == 403, unknown.status_code
    linked = browser()
    back = sent_back(linked, f"{start}?{urlencode({'invitation': invitation})}", "ann")
    assert linked.get(back).status_code == 303
    assert linked.get(me).json()["person"] == kept.id
    again = browser()
    assert again.get(sent_back(again, start, "ann")).status_code == 303
    assert again.get(me).json()["person"] == kept.id

    replayed = again.get(back)
    assert replayed.status_code == 403, replayed.status_code
    elsewhere = browser()
    assert elsewhere.get(sent_back(again, start, "ann")).status_code == 403
    forged = browser()
    state = re.sub(r"state=[^&]+", "state=guessed", sent_back(forged, start, "ann"))
    assert forged.get(state).status_code == 403
    swapped = browser()
    mine = sent_back(swapped, start, "ann")
    other = parse_qs(urlsplit(sent_back(browser(), start, "ann")).query)["code"][0]
    assert swapped.get(re.sub(r"code=[^&]+", f"code={other}", mine)).status_code == 403
    for client in (stranger, elsewhere, forged, swapped):
        assert client.get(me).json()["signed_in"] is False
    return [
        "an unknown account at the provider is turned away",
        "an invitation links it, and afterwards it signs in",
        "a replayed, a stolen, a forged and a swapped answer are refused",
    ]


def main() -> int:
    with tempfile.TemporaryDirectory() as place:
        there, here, data = free_port(), free_port(), Path(place) / "data"
        (data / "settings").mkdir(parents=True)
        (data / "settings" / "sign-in.toml").write_text(SETTINGS.format(port=there), "utf-8")
        partnership = open_partnership(ROOT / "tests" / "data" / "two-banks", data)
        with provider(Path(place) / "provider", there), served(partnership, here):
            for line in check(partnership, f"http://127.0.0.1:{here}"):
                print(f"sign-in with {PROVIDER}: {line}")
        partnership.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
