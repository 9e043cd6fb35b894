"""What an outside provider sends back: only a token of its own, for us, for this very visit is believed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey, RSAKey

from bothbanks.site.security.limits import Limit
from bothbanks.site.security.oidc import Provider
from bothbanks.site.security.settings import ProviderSettings, read_settings
from bothbanks.words.errors import InputError, RegionError

ISSUER = "https://login.example"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
SETTINGS = ProviderSettings(id="city", name="City", issuer=ISSUER, client_id="us", client_secret="")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    known = {"issuer": ISSUER, "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
    made = Provider(SETTINGS, known, time.monotonic())
    monkeypatch.setattr(Provider, "keys", lambda _: KeySet([KEY]))
    return made


def token(key: Any = KEY, alg: str = "RS256", **changed: Any) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "us", "sub": "ann", "nonce": "n", "iat": now, "exp": now + 60} | changed
    kept = {name: value for name, value in claims.items() if value is not None}
    return {"id_token": jwt.encode({"alg": alg, "kid": "one"}, kept, key, algorithms=[alg])}


def test_a_good_token_names_its_subject(provider: Provider) -> None:
    assert provider.subject(token(), "n") == "ann"


FORGED = {
    "another visit's nonce": {"nonce": "m"},
    "no nonce": {"nonce": None},
    "for somebody else": {"aud": "them"},
    "for several, and not by us": {"aud": ["us", "them"], "azp": "them"},
    "another issuer's": {"iss": "https://evil.example"},
    "over": {"exp": int(time.time()) - 600},
    "without a subject": {"sub": None},
}


@pytest.mark.parametrize("what", FORGED)
def test_other_claims_are_refused(provider: Provider, what: str) -> None:
    with pytest.raises((JoseError, ValueError)):
        provider.subject(token(**FORGED[what]), "n")


def test_another_key_or_a_shared_secret_is_refused(provider: Provider) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "one"})
    shared = OctKey.import_key(b"x" * 64)
    for forged in (token(stranger), token(shared, "HS256"), {"id_token": "e30.e30."}, {"id_token": ""}):
        with pytest.raises((JoseError, ValueError)):
            provider.subject(forged, "n")


def test_a_provider_that_signs_in_no_safe_way_is_refused(provider: Provider) -> None:
    provider._known = {"issuer": ISSUER, "id_token_signing_alg_values_supported": ["none"]}
    with pytest.raises(ValueError, match="no way"):
        provider.subject(token(), "n")


def written(folder: Path, text: str) -> Path:
    (folder / "settings").mkdir(exist_ok=True)
    (folder / "settings" / "sign-in.toml").write_text(text, "utf-8")
    return folder


def test_without_a_file_there_is_no_provider_and_with_one_it_is_read(tmp_path: Path) -> None:
    assert read_settings(tmp_path).providers == ()
    good = '[[providers]]\nid = "city"\nname = "City"\nissuer = "https://login.example/"\nclient_id = "us"\n'
    assert read_settings(written(tmp_path, good)).providers == (SETTINGS,)
    with pytest.raises(InputError, match="differ"):
        read_settings(written(tmp_path, good * 2))
    with pytest.raises(InputError, match="no TOML"):
        read_settings(written(tmp_path, "[["))


def test_every_fault_of_the_file_is_told_and_no_secret(tmp_path: Path) -> None:
    bad = 'origin = "http://banks.example"\n[[providers]]\nid = "A B"\nname = ""\n'
    bad += 'issuer = "ftp://x"\nclient_secret = 7'
    with pytest.raises(RegionError) as told:
        read_settings(written(tmp_path, bad))
    assert {p.field for p in told.value.problems} == {
        "origin", "id", "name", "issuer", "client_id", "client_secret",
    }  # fmt: skip
    assert "found 7" not in str(told.value)


def test_a_flood_of_keys_pushes_no_count_out() -> None:
    now = [0.0]
    limit = Limit(3, 60.0, now=lambda: now[0], slots=64)
    for _ in range(3):
        limit.wait("ann")
    for n in range(5000):
        limit.wait(f"flood {n}")
    assert limit.wait("ann") > 0
    now[0] += 180.0
    assert limit.wait("ann") == 0


def test_a_clock_set_back_locks_nobody_out_for_longer_than_the_burst() -> None:
    now = [10_000.0]
    limit = Limit(3, 60.0, now=lambda: now[0])
    limit.wait("ann")
    now[0] = 0.0
    assert limit.wait("ann") <= 180
