"""Passkeys against an authenticator in software: registering, signing in, and what a forger would try."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from partnerships import Live
from people_fixture import browser, enter, fast_hashing, person_id, with_password

from bothbanks.civic.compact.accounts import Passkey
from bothbanks.site.app import create_site
from bothbanks.site.security import Limit
from bothbanks.site.security.guards import Limits

__all__ = ["fast_hashing"]
pytestmark = pytest.mark.usefixtures("fast_hashing")
ORIGIN = "http://localhost"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """A device with one ES256 key, after Web Authentication level 2, sections 6 and 7."""

    origin: str = ORIGIN
    verified: bool = True
    counter: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = b"one key of a device in software."
    handle: bytes = b""

    def _data(self, rp_id: str, attested: bytes = b"") -> bytes:
        self.counter += 1
        flags = 0x01 | (0x04 if self.verified else 0) | (0x40 if attested else 0)
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, self.counter) + attested

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        self.handle = unb64(options["user"]["id"])
        at = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: at.x.to_bytes(32), -3: at.y.to_bytes(32)}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], attested)
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        response = {"clientDataJSON": b64(client), "attestationObject": b64(made)}
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        data = self._data(options["rpId"])
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": b64(self.handle),
        }
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}


@pytest.fixture
def site(partnership: Live) -> Any:
    with_password(partnership, "leitung")
    made = create_site(partnership)
    made.state.rooms.security.limits = Limits(address=Limit(1000, 1.0))
    return made


@pytest.fixture
def device(site: Any) -> Authenticator:
    """A device whose key belongs to 'leitung'."""
    made = Authenticator()
    answer = register(site, made)
    assert answer.status_code == 200, answer.text
    return made


def register(site: Any, made: Authenticator, login: str = "leitung") -> Any:
    client = browser(site)
    enter(client, login)
    token = {"x-csrf-token": client.get("/api/people/me").json()["csrf"]}
    options = client.post("/api/passkeys/begin-new", json={}, headers=token).json()
    assert options["authenticatorSelection"]["userVerification"] == "required"
    address = "/api/passkeys/new?name=My+phone&language=fr"
    return client.post(address, json=made.create(options), headers=token)


def begin(client: Any) -> dict[str, Any]:
    return dict(client.post("/api/passkeys/begin-sign-in", json={}).json())


def test_a_passkey_signs_in_without_a_name_or_password(
    site: Any, device: Authenticator, partnership: Live
) -> None:
    client = browser(site)
    options = begin(client)
    assert options.get("allowCredentials", []) == []
    answer = client.post("/api/passkeys/sign-in?next=/de/people", json=device.get(options))
    assert (answer.status_code, answer.json()) == (200, {"next": "/de/people"})
    assert client.get("/api/people/me").json()["person"] == person_id(partnership, "leitung")
    with partnership.reading() as reader:
        (key,) = reader.all(Passkey)
    assert (key.state.name, key.state.counter, key.state.used) == ("My phone", 2, partnership.clock.now)


def refused(site: Any, answer_of: Any, code: str = "people.passkey-unproven") -> None:
    client = browser(site)
    answer = client.post("/api/passkeys/sign-in", json=answer_of(begin(client)))
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert "bothbanks" not in client.cookies


def test_what_a_forger_would_try(site: Any, device: Authenticator) -> None:
    def other_key(options: dict[str, Any]) -> dict[str, Any]:
        return Authenticator(handle=device.handle).get(options)

    def unknown(options: dict[str, Any]) -> dict[str, Any]:
        return Authenticator(id=b"another").get(options)

    def elsewhere(options: dict[str, Any]) -> dict[str, Any]:
        return device.get(options | {"rpId": "evil.example"})

    def old_challenge(_: dict[str, Any]) -> dict[str, Any]:
        return device.get(begin(browser(site)))

    def of_another_person(options: dict[str, Any]) -> dict[str, Any]:
        answer = device.get(options)
        answer["response"]["userHandle"] = b64(b"somebody else")
        return answer

    for forged in (other_key, unknown, elsewhere, old_challenge, of_another_person):
        refused(site, forged)
    for broken in ({}, {"id": 7}, {"id": b64(device.id)}, {"id": b64(device.id), "response": "x"}):
        refused(site, lambda _, broken=broken: broken)
    device.verified = False
    refused(site, device.get)
    device.verified = True
    device.origin = "https://evil.example"
    refused(site, device.get)


def test_a_challenge_is_used_once_and_not_late(site: Any, device: Authenticator, partnership: Live) -> None:
    client = browser(site)
    answer = device.get(begin(client))
    assert client.post("/api/passkeys/sign-in", json=answer).status_code == 200
    token = {"x-csrf-token": client.get("/api/people/me").json()["csrf"]}
    again = client.post("/api/passkeys/sign-in", json=answer, headers=token)
    assert again.json()["code"] == "people.errand-over"
    late = browser(site)
    options = begin(late)
    partnership.clock.advance(minutes=6)
    answer = late.post("/api/passkeys/sign-in", json=device.get(options))
    assert answer.json()["code"] == "people.errand-over"


def test_a_copied_key_is_told_by_its_counter(site: Any, device: Authenticator) -> None:
    device.counter += 5
    client = browser(site)
    assert client.post("/api/passkeys/sign-in", json=device.get(begin(client))).status_code == 200
    device.counter -= 4
    refused(site, device.get, "people.passkey-copied")


def test_registering_takes_the_users_own_session_and_page(site: Any, partnership: Live) -> None:
    stranger = browser(site)
    assert stranger.post("/api/passkeys/begin-new", json={}).status_code == 401
    client = browser(site)
    enter(client, "leitung")
    assert client.post("/api/passkeys/begin-new", json={}).status_code == 403
    unverified = Authenticator(verified=False)
    assert register(site, unverified).status_code == 422
    with partnership.reading() as reader:
        assert reader.all(Passkey) == []


def test_a_removed_passkey_opens_nothing(site: Any, device: Authenticator) -> None:
    client = browser(site)
    enter(client, "leitung")
    page = client.get("/de/people/me").text
    assert "My phone" in page
    token = {"x-csrf-token": client.get("/api/people/me").json()["csrf"]}
    step = client.post("/api/do/people.remove-passkey", json={"passkey": b64(device.id)}, headers=token)
    assert step.status_code == 200
    refused(site, device.get)
