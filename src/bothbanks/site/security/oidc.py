"""Signing in with an outside provider: OpenID Connect Core 1.0, code flow with PKCE, state and nonce.

The provider says who somebody is for it (issuer and subject); whom that is for us was settled before, by an
invitation or from one's own account. Nobody is let in, or matched, by an e-mail address or a name.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bothbanks.app.partnership import sign_in
from bothbanks.app.partnership.live import Partnership
from bothbanks.app.partnership.sign_in import new_token
from bothbanks.civic.changes import Refusal
from bothbanks.site.security.settings import ProviderSettings

try:
    import httpx2 as httpx  # as authlib does, so that its errors are known here
except ImportError:
    import httpx  # type: ignore[no-redef]

ERRAND = "oidc"
WELL_KNOWN = "/.well-known/openid-configuration"
SIGNATURES = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})
"""With the provider's public key only: 'none' and those under a shared secret are refused."""
SECONDS, LEEWAY, FRESH = 5.0, 60, 300.0


@dataclass
class Provider:
    """A provider as its own description says it is; read when first needed, and again after five minutes."""

    settings: ProviderSettings
    _known: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _read: float = 0.0

    def description(self) -> Mapping[str, Any]:
        """OpenID Connect Discovery 1.0. Raises ValueError where another issuer answers."""
        if not self._known or time.monotonic() - self._read > FRESH:
            with _plain_client() as client:
                found = client.get(self.settings.issuer + WELL_KNOWN).raise_for_status().json()
            if str(found.get("issuer", "")).rstrip("/") != self.settings.issuer:
                raise ValueError("the provider's description names another issuer")
            self._known, self._read = found, time.monotonic()
        return self._known

    def client(self, back: str) -> OAuth2Client:
        """A client of the provider that sends people back to an address of ours."""
        said = self.description().get("token_endpoint_auth_methods_supported", ("client_secret_basic",))
        wanted = ("client_secret_basic", "client_secret_post") if self.settings.client_secret else ("none",)
        return OAuth2Client(
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret or None,
            redirect_uri=back,
            scope="openid",
            code_challenge_method="S256",
            token_endpoint_auth_method=next((m for m in wanted if m in said), wanted[0]),
            timeout=SECONDS,
            trust_env=False,
        )

    def keys(self) -> KeySet:
        """The keys that it signs with now."""
        with _plain_client() as client:
            return KeySet.import_key_set(client.get(self.description()["jwks_uri"]).raise_for_status().json())

    def subject(self, token: Mapping[str, Any], nonce: str) -> str:
        """Whom a checked ID token names (OpenID Connect Core 1.0, 3.1.3.7). Raises JoseError, ValueError."""
        offered = self.description().get("id_token_signing_alg_values_supported", ["RS256"])
        allowed = sorted(SIGNATURES & set(offered))
        if not allowed:
            raise ValueError("the provider signs in no way that is taken here")
        read = jwt.decode(str(token["id_token"]), self.keys(), algorithms=allowed)
        options = {
            "iss": {"essential": True, "value": self.description()["issuer"]},
            "aud": {"essential": True, "value": self.settings.client_id},
        }
        facts = {
            "nonce": nonce,
            "client_id": self.settings.client_id,
            "access_token": token.get("access_token"),
        }
        claims = CodeIDToken(read.claims, read.header, options, facts)
        claims.validate(leeway=LEEWAY)
        return str(claims["sub"])


def depart(
    partnership: Partnership, provider: Provider, visitor: str, back: str, facts: Mapping[str, str]
) -> str | Refusal:
    """The provider's address to send a browser to; ``facts`` come back with it."""
    state, nonce, verifier = new_token(), new_token(), new_token()
    try:
        with provider.client(back) as client:
            address, _ = client.create_authorization_url(
                provider.description()["authorization_endpoint"],
                state=state,
                code_verifier=verifier,
                nonce=nonce,
            )
    except (httpx.HTTPError, AuthlibBaseError, ValueError, KeyError):
        return _silent()
    own = {
        "provider": provider.settings.id,
        "state": state,
        "nonce": nonce,
        "verifier": verifier,
        "back": back,
    }
    sign_in.send_off(partnership, visitor, ERRAND, {**facts, **own})
    return str(address)


@dataclass(frozen=True)
class Returned:
    """A browser came back: whom the provider says it is, and what it was sent off with."""

    issuer: str
    subject: str
    facts: Mapping[str, str]


def come_back(
    partnership: Partnership, providers: Mapping[str, Provider], visitor: str, query: Mapping[str, str]
) -> Returned | Refusal:
    """Check everything that a browser brings back from the provider it was sent to."""
    facts = sign_in.come_home(partnership, visitor, ERRAND)
    if isinstance(facts, Refusal):
        return facts
    provider = providers.get(facts["provider"])
    if provider is None or not hmac.compare_digest(query.get("state", ""), facts["state"]):
        return _unproven()
    try:
        # RFC 9207: another provider can't slip its answer in.
        said = query.get("iss", "" if _names_itself(provider) else provider.description()["issuer"])
        if said != provider.description()["issuer"] or "code" not in query:
            return _unproven()
        with provider.client(facts["back"]) as client:
            token = client.fetch_token(
                provider.description()["token_endpoint"],
                code=query["code"],
                code_verifier=facts["verifier"],
                grant_type="authorization_code",
            )
        return Returned(provider.settings.issuer, provider.subject(token, facts["nonce"]), facts)
    except httpx.HTTPError:
        return _silent()
    except (AuthlibBaseError, JoseError, ValueError, KeyError):
        return _unproven()


def _names_itself(provider: Provider) -> bool:
    return bool(provider.description().get("authorization_response_iss_parameter_supported"))


def _plain_client() -> httpx.Client:
    return httpx.Client(timeout=SECONDS, trust_env=False, follow_redirects=False)


def _silent() -> Refusal:
    return Refusal("people.provider-silent", "the provider does not answer as it should; try again later.")


def _unproven() -> Refusal:
    return Refusal(
        "people.provider-unproven",
        "what came back from the provider does not prove who you are; begin again.",
        cause="forbidden",
    )
