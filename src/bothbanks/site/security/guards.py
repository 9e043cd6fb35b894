"""The guards of the site: every route asks them who is there, and every step whether it may be tried.

Cookies: the session's is HttpOnly, SameSite=Lax, for the whole host and no other; by https it is Secure with
the prefix ``__Host-``, so that no neighbour under the same domain can set it. By plain http nobody can sign
in but on the machine itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import Response

from bothbanks.app.partnership import sign_in
from bothbanks.app.partnership.live import Partnership
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.roles import ANYONE, Actor
from bothbanks.site.security import csrf
from bothbanks.site.security.headers import HEADERS, STRICT_TRANSPORT
from bothbanks.site.security.limits import Limit, neighbourhood
from bothbanks.site.security.settings import SignInSettings, read_settings

if TYPE_CHECKING:
    from bothbanks.site.security.oidc import Provider

LOCAL = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Limits:
    """How often what may be tried.

    Sign-in: an address has 10 tries, then one every half minute. An account has 5 from one address, then one
    a minute; and 50 from everywhere, then one every 6 seconds. So many addresses together get some 600
    guesses an hour at an account, and may keep its owner from the password for as long as they go on, but
    not from a passkey or an outside provider, which no account limit touches.
    """

    address: Limit = field(default_factory=lambda: Limit(10, 30.0))
    account_here: Limit = field(default_factory=lambda: Limit(5, 60.0))
    account: Limit = field(default_factory=lambda: Limit(50, 6.0))
    person: Limit = field(default_factory=lambda: Limit(240, 0.5))
    stranger: Limit = field(default_factory=lambda: Limit(60, 2.0))


@dataclass
class Security:
    """Who asks, and what they may try. ``https``: that is how the outside reaches the site."""

    partnership: Partnership
    https: bool = False
    limits: Limits = field(default_factory=Limits)
    settings: SignInSettings = field(init=False)
    providers: dict[str, Provider] = field(init=False)

    def __post_init__(self) -> None:
        self.settings = read_settings(self.partnership.data)
        self.providers = {}
        if self.settings.providers:  # its libraries take memory that a site without providers does not need
            from bothbanks.site.security.oidc import Provider

            self.providers = {p.id: Provider(p) for p in self.settings.providers}

    # cookies
    @property
    def cookie(self) -> str:
        """Name of the session's cookie."""
        return "__Host-bothbanks" if self.https else "bothbanks"

    @property
    def visit_cookie(self) -> str:
        """Name of the cookie that binds a sign-in, before there is a session."""
        return f"{self.cookie}-visit"

    def who(self, request: Request) -> Actor:
        """Whoever is signed in, with the mandates that hold now; the public otherwise."""
        known = getattr(request.state, "actor", None)
        if isinstance(known, Actor):
            return known
        token = request.cookies.get(self.cookie, "")
        actor = sign_in.actor_by(self.partnership, token) if token else ANYONE
        request.state.actor = actor
        return actor

    def start(self, request: Request, response: Response, person: str, method: str) -> None:
        """Sign a person in: always a new session, and the one that the browser came with is at an end."""
        if old := request.cookies.get(self.cookie):
            sign_in.end(self.partnership, old)
        token = sign_in.begin(self.partnership, person, method, device_of(request))
        self._set(response, self.cookie, token)
        response.delete_cookie(self.visit_cookie, path="/", secure=self.https, httponly=True, samesite="lax")

    def end(self, request: Request, response: Response) -> None:
        """Sign out: the session is forgotten, here and in the browser."""
        if token := request.cookies.get(self.cookie):
            sign_in.end(self.partnership, token)
        response.delete_cookie(self.cookie, path="/", secure=self.https, httponly=True, samesite="lax")

    def visitor(self, request: Request) -> str:
        """The secret of a visit before sign-in, made where there is none; see :meth:`keep_visitor`."""
        known = getattr(request.state, "visitor", None)
        if isinstance(known, str):
            return known
        secret = request.cookies.get(self.visit_cookie) or secrets.token_urlsafe(32)
        request.state.visitor = secret
        return secret

    def keep_visitor(self, request: Request, response: Response) -> None:
        """Give the browser its visit's secret."""
        if request.cookies.get(self.visit_cookie) != self.visitor(request):
            self._set(response, self.visit_cookie, self.visitor(request))

    def _set(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(name, value, path="/", secure=self.https, httponly=True, samesite="lax")

    # where the request comes from
    def origin(self, request: Request) -> str:
        """This site's own origin: as the settings say, else as the browser asks for it ('https://host')."""
        if self.settings.origin:
            return self.settings.origin
        return f"{'https' if self.https else 'http'}://{request.headers.get('host', '')}"

    def plain_http(self, request: Request) -> Refusal | None:
        """Refuse secrets over an open line: plain http is for the machine itself."""
        host = request.headers.get("host", "").rsplit(":", 1)[0] if not self.https else ""
        if self.https or host in LOCAL:
            return None
        return Refusal(
            "people.plain-http",
            "this site is reached without https, so nobody can sign in from another machine.",
            cause="forbidden",
        )

    def csrf_token(self, request: Request) -> str:
        """The token for a form on this page."""
        return csrf.token_for(self._secret(request))

    def form_token(self, request: Request) -> str:
        """The token for a form on a page that others may be shown as well: none for whoever has no cookie.

        Such a reader has no power that another site could borrow, and the page stays the same for everybody.
        """
        vouched = self.cookie in request.cookies or self.visit_cookie in request.cookies
        return self.csrf_token(request) if vouched else ""

    def check_csrf(self, request: Request, form_token: str | None) -> Refusal | None:
        """Refuse a step that another site may have sent.

        ``form_token``: the token of a form; None for JSON, which brings it in the header X-CSRF-Token
        where there is a session (GET /api/people/me tells it).
        """
        signed_in = self.cookie in request.cookies
        if (found := csrf.from_elsewhere(request.headers, self.origin(request), not signed_in)) is not None:
            return found if form_token is not None or found.code != "people.origin" else None
        if not signed_in and (form_token is None or self.visit_cookie not in request.cookies):
            return None  # no cookie whose power could be borrowed
        given = request.headers.get(csrf.HEADER, "") if form_token is None else form_token
        if csrf.fits(given, self._secret(request)):
            return None
        return Refusal(
            "people.form-token",
            "this form is out of date or not from your session; load the page again and repeat the step.",
            cause="forbidden",
        )

    def _secret(self, request: Request) -> str:
        return request.cookies.get(self.cookie) or self.visitor(request)

    # how often
    def limit(self, request: Request, name: str) -> Refusal | None:
        """Count a step by whoever takes it; past the limit, say how long to wait."""
        person = self.who(request).person
        if person:
            return self.too_often(self.limits.person.wait(person))
        return self.too_often(self.limits.stranger.wait(address_of(request)))

    def limit_sign_in(self, request: Request, login: str = "") -> Refusal | None:
        """Count a try to sign in, by address and by account (whether or not there is such an account)."""
        here = address_of(request)
        waits = [self.limits.address.wait(here)]
        if login and not any(waits):
            waits.append(self.limits.account_here.wait(f"{login}\n{here}"))
        if login and not any(waits):
            waits.append(self.limits.account.wait(login))
        return self.too_often(max(waits))

    def too_often(self, seconds: int) -> Refusal | None:
        """The refusal for so many seconds to wait."""
        if not seconds:
            return None
        return Refusal(
            "people.limit",
            "that was too often; wait {seconds} seconds and try again.",
            {"seconds": seconds},
            "forbidden",
        )

    def headers(self) -> Mapping[str, str]:
        """Headers of every answer."""
        return {**HEADERS, **STRICT_TRANSPORT} if self.https else HEADERS


def address_of(request: Request) -> str:
    """Where a request comes from, as limits count it."""
    return neighbourhood(request.client.host) if request.client else ""


def device_of(request: Request) -> str:
    """A browser and a system in two words, for the list of one's own sessions: never the whole header."""
    agent = request.headers.get("user-agent", "")
    browsers = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    parts = (next((word for mark, word in marks if mark in agent), "") for marks in (browsers, systems))
    return ", ".join(part for part in parts if part)
