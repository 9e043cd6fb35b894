"""Signing in and out, invitations, and one's own account."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Body, Form
from fastapi.responses import JSONResponse, RedirectResponse, Response

from bothbanks.app.partnership import sign_in as steps
from bothbanks.app.partnership.areas import commands
from bothbanks.app.partnership.desk import Done
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.accounts import (
    PASSWORD_LEAST,
    Identity,
    Person,
    Session,
    login_of,
)
from bothbanks.civic.compact.people import Holding, Seat
from bothbanks.site.area import Area
from bothbanks.site.door import SERVICE
from bothbanks.site.problems import RefusedError, not_found
from bothbanks.site.security.inside import inside
from bothbanks.site.security.table import own_right
from bothbanks.site.visit import Visit
from bothbanks.store.interface import MissingError

AREA = Area("sign-in", SERVICE)
BACK = "/sign-in/back"
Field = Annotated[str, Form(max_length=400)]
Secret = Annotated[str, Form(max_length=1000)]
View = TypeVar("View", bound=Callable[..., Any])


def own_page(area: Area, path: str, right: str, post: bool = False) -> Callable[[View], View]:
    """A page behind the right of a command instead of the gate of a dataset: no shared data is on it.

    Whoever lacks the right is answered as if nothing were there; who has not signed in is asked to.
    """

    def declare(view: View) -> View:
        methods = ["POST"] if post else ["GET"]
        for method in methods:
            own_right(method, "/{language:language}" + path, right)
        area.page(path, dataset=SERVICE, methods=methods)(_behind_right(view, right))
        return view

    return declare


def _behind_right(view: View, right: str) -> View:
    @functools.wraps(view)
    def checked(visit: Visit, *args: Any, **values: Any) -> Any:
        if not commands()[right].right.allows(visit.actor):
            if not visit.actor.person:
                raise RefusedError(
                    Refusal("site.sign-in", "Sign in to see this page.", cause="forbidden"), 401
                )
            raise not_found()
        return view(visit, *args, **values)

    return checked  # type: ignore[return-value]


def sign_in_first() -> RefusedError:
    """Signing in could help."""
    return RefusedError(Refusal("site.sign-in", "Sign in to see this page.", cause="forbidden"), 401)


def take(visit: Visit, name: str, payload: Mapping[str, Any], token: str | None) -> Done:
    """A step taken from a page of our own; raises RefusedError."""
    security = visit.rooms.security
    guard(security.check_csrf(visit.request, token))
    guard(security.limit(visit.request, name))
    outcome = visit.partnership.act(name, payload, visit.actor)
    if isinstance(outcome, Refusal):
        raise RefusedError(outcome)
    return outcome


def guard(refusal: Refusal | None) -> None:
    """Raise a guard's refusal with its status: 429 with Retry-After for a limit, else 403."""
    if refusal is None:
        return
    seconds = refusal.values.get("seconds")
    headers = {"Retry-After": str(seconds)} if seconds is not None else {}
    raise RefusedError(refusal, 429 if seconds is not None else 403, headers)


def _guarded(visit: Visit, token: str | None) -> None:
    """A step of someone who may not have signed in: over a safe line, from a page of ours."""
    security = visit.rooms.security
    guard(security.plain_http(visit.request))
    guard(security.check_csrf(visit.request, token))


# signing in
@AREA.page("/sign-in")
def sign_in(visit: Visit, next: str = "") -> Response:
    """The form, the passkey button, the outside providers."""
    return _form(visit, next)


def _form(visit: Visit, next: str, refusal: Refusal | None = None, status: int = 200) -> Response:
    security = visit.rooms.security
    page = visit.show(
        "people/sign_in.html",
        status,
        token=security.csrf_token(visit.request),
        next=inside(next, ""),
        refusal=refusal,
        open_line=security.plain_http(visit.request),
        providers=security.settings.providers,
    )
    page.headers["Cache-Control"] = "no-store"
    seconds = refusal.values.get("seconds") if refusal else None
    if seconds is not None:
        page.headers["Retry-After"] = str(seconds)
    security.keep_visitor(visit.request, page)
    return page


@AREA.page("/sign-in", methods=["POST"])
def by_password(
    visit: Visit, login: Field = "", password: Secret = "", next: Secret = "", csrf: Field = ""
) -> Response:
    """Sign in with a name and a password."""
    security = visit.rooms.security
    if (line := security.plain_http(visit.request)) is not None:
        return _form(visit, next, line, 403)
    if security.visit_cookie not in visit.request.cookies and not visit.actor.person:
        words = Refusal("people.cookies", "this browser keeps no cookies, so it can't stay signed in.")
        return _form(visit, next, words, 403)
    if (forged := security.check_csrf(visit.request, csrf)) is not None:
        return _form(visit, next, forged, 403)
    if (often := security.limit_sign_in(visit.request, login_of(login))) is not None:
        return _form(visit, next, often, 429)
    found = steps.by_password(visit.partnership, login, password)
    if isinstance(found, Refusal):
        return _form(visit, next, found, 401)
    return _signed_in(visit, found, "password", next)


def _signed_in(visit: Visit, person: str, method: str, next: str) -> Response:
    response = RedirectResponse(inside(next, visit.link("/people/me")), 303)
    response.headers["Cache-Control"] = "no-store"
    visit.rooms.security.start(visit.request, response, person, method)
    return response


@AREA.page("/sign-out", methods=["POST"])
def sign_out(visit: Visit, csrf: Field = "") -> Response:
    """Sign out here."""
    security = visit.rooms.security
    guard(security.check_csrf(visit.request, csrf))
    response = RedirectResponse(f"/{visit.language.code}", 303)
    response.headers["Clear-Site-Data"] = '"cache"'
    security.end(visit.request, response)
    return response


# with an outside provider
@AREA.page("/sign-in/with/{provider}")
def depart(visit: Visit, provider: str, next: str = "", invitation: str = "") -> Response:
    """Off to the provider; a link, since the policy lets a form lead to this site only."""
    from bothbanks.site.security import oidc

    security = visit.rooms.security
    guard(security.plain_http(visit.request))
    guard(security.limit_sign_in(visit.request))
    chosen = security.providers.get(provider)
    if chosen is None:
        raise not_found()
    facts = {
        "language": visit.language.code,
        "next": inside(next, ""),
        "invitation": invitation,
        "link": visit.actor.person,
    }
    back = security.origin(visit.request) + BACK
    address = oidc.depart(visit.partnership, chosen, security.visitor(visit.request), back, facts)
    if isinstance(address, Refusal):
        return _form(visit, next, address, 503)
    response = RedirectResponse(address, 303)
    security.keep_visitor(visit.request, response)
    return response


@AREA.at(BACK, include_in_schema=False)
def back(visit: Visit) -> Response:
    """Back from the provider: signed in, or linked to one's account or invitation."""
    from bothbanks.site.security import oidc

    security, request = visit.rooms.security, visit.request
    guard(security.limit_sign_in(request))
    came = oidc.come_back(
        visit.partnership, security.providers, security.visitor(request), request.query_params
    )
    if isinstance(came, Refusal):
        raise RefusedError(came, 403)
    link = came.facts.get("link", "")
    if link and link != visit.actor.person:
        raise RefusedError(
            Refusal("people.session-over", "your session ended meanwhile; sign in and begin again."), 403
        )
    found = steps.by_identity(
        visit.partnership, came.issuer, came.subject, link, came.facts.get("invitation", "")
    )
    if isinstance(found, Refusal):
        raise RefusedError(found, 403)
    language = came.facts["language"]
    response = RedirectResponse(inside(came.facts["next"], f"/{language}/people/me"), 303)
    security.start(request, response, found, "oidc")
    return response


# invitations
@AREA.page("/invitation/{token}")
def invitation(visit: Visit, token: str) -> Response:
    """Choose how to sign in, by an invitation that is open."""
    return _invitation(visit, token)


def _invitation(visit: Visit, token: str, refusal: Refusal | None = None, status: int = 200) -> Response:
    security = visit.rooms.security
    guard(security.limit(visit.request, "people.invitation"))
    person = steps.invited(visit.partnership, token)
    if isinstance(person, Refusal):
        raise RefusedError(person, 404)
    page = visit.show(
        "people/invitation.html",
        status,
        token=security.csrf_token(visit.request),
        invitation=token,
        person=person,
        refusal=refusal,
        least=PASSWORD_LEAST,
        open_line=security.plain_http(visit.request),
        providers=security.settings.providers,
    )
    page.headers["Cache-Control"] = "no-store"
    security.keep_visitor(visit.request, page)
    return page


@AREA.page("/invitation", methods=["POST"])
def accept(
    visit: Visit, invitation: Field = "", password: Secret = "", again: Secret = "", csrf: Field = ""
) -> Response:
    """Set the password, use up the invitation, and sign in."""
    _guarded(visit, csrf)
    guard(visit.rooms.security.limit_sign_in(visit.request))
    if password != again:
        differ = Refusal("people.password-again", "the two new passwords differ.")
        return _invitation(visit, invitation, differ, 422)
    found = steps.accept(visit.partnership, invitation, password)
    if isinstance(found, Refusal):
        if found.cause == "missing":
            raise RefusedError(found, 404)
        return _invitation(visit, invitation, found, 422)
    return _signed_in(visit, found, "password", "")


# one's own account
@own_page(AREA, "/people/me", right="people.leave")
def me(visit: Visit) -> Response:
    """What is kept about me, and what I can do with it."""
    reader, person = visit.reader, visit.actor.person
    seats = {k.id: k.state for k in reader.all(Seat)}
    held = reader.all(Holding, owner=person)
    live = [k for k in reader.all(Session, owner=person) if k.state.live(reader.at)]
    current = steps.digest(visit.request.cookies.get(visit.rooms.security.cookie, ""))
    page = visit.show(
        "people/me.html",
        me=reader.load(Person, person).state,
        mandates=[(k.id, k.state, seats[k.state.seat]) for k in held if not _over(k.state, reader.at)],
        sessions=[(k.state, k.id == current) for k in live],
        passkeys=steps.passkeys_of(reader, person),
        identities=[k.state for k in reader.all(Identity, owner=person)],
        providers=visit.rooms.security.settings.providers,
        token=visit.rooms.security.csrf_token(visit.request),
        least=PASSWORD_LEAST,
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def _over(holding: Holding, at: datetime) -> bool:
    return holding.mandate.until is not None and holding.mandate.until <= at


@dataclass(frozen=True)
class MandateOut:
    """A mandate that holds now."""

    role: str
    member: str
    organ: str
    seat: str
    since: datetime
    until: datetime | None
    deputy: bool


@dataclass(frozen=True)
class MeOut:
    """Whoever asks: the mandates that hold now, and the token for the header X-CSRF-Token of a step."""

    signed_in: bool
    person: str
    mandates: list[MandateOut]
    csrf: str


@AREA.api("/people/me", answer=MeOut)
def who_am_i(visit: Visit) -> MeOut:
    """Whoever asks, and the token that a step by JSON needs."""
    held = [
        MandateOut(m.role, m.member, m.organ, m.seat, m.since, m.until, bool(m.deputy_of))
        for m in visit.actor.mandates
    ]
    signed_in = bool(visit.actor.person)
    token = visit.rooms.security.csrf_token(visit.request) if signed_in else ""
    return MeOut(signed_in, visit.actor.person, held, token)


# passkeys
Json = Annotated[dict[str, Any], Body()]


@dataclass(frozen=True)
class Next:
    """Where the browser goes now."""

    next: str


@AREA.api("/passkeys/begin-sign-in", answer=dict[str, Any], methods=["POST"])
def begin_in(visit: Visit) -> Response:
    """What a passkey is asked to sign (WebAuthn request options)."""
    from bothbanks.site.security import passkeys

    _guarded(visit, None)
    security = visit.rooms.security
    guard(security.limit_sign_in(visit.request))
    visitor, origin = security.visitor(visit.request), security.origin(visit.request)
    return _json(visit, passkeys.begin_in(visit.partnership, visitor, origin))


@AREA.api("/passkeys/sign-in", answer=Next, methods=["POST"])
def finish_in(visit: Visit, answer: Json, next: str = "", language: str = "") -> Response:
    """Sign in with what the passkey signed."""
    from bothbanks.site.security import passkeys

    _guarded(visit, None)
    security = visit.rooms.security
    visitor, origin = security.visitor(visit.request), security.origin(visit.request)
    found = passkeys.finish_in(visit.partnership, visitor, origin, answer)
    if isinstance(found, Refusal):
        raise RefusedError(found, 401)
    code = language if language in visit.rooms.languages else visit.language.code
    response = JSONResponse({"next": inside(next, f"/{code}/people/me")})
    security.start(visit.request, response, found, "passkey")
    return response


@AREA.api("/passkeys/begin-new", answer=dict[str, Any], methods=["POST"])
def begin_new(visit: Visit) -> Response:
    """What a new passkey is made from (WebAuthn creation options)."""
    from bothbanks.site.security import passkeys

    person = _signed_in_person(visit)
    security = visit.rooms.security
    site = visit.language.plain(visit.region.name, visit.region.id)
    visitor, origin = security.visitor(visit.request), security.origin(visit.request)
    return _json(visit, passkeys.begin_new(visit.partnership, visitor, person, origin, site))


@AREA.api("/passkeys/new", answer=Next, methods=["POST"])
def finish_new(visit: Visit, answer: Json, name: str = "", language: str = "") -> Next:
    """Keep the passkey that the browser made."""
    from bothbanks.site.security import passkeys

    person = _signed_in_person(visit)
    security = visit.rooms.security
    visitor, origin = security.visitor(visit.request), security.origin(visit.request)
    found = passkeys.finish_new(visit.partnership, visitor, person.id, origin, answer, name)
    if isinstance(found, Refusal):
        raise RefusedError(found, 422)
    code = language if language in visit.rooms.languages else visit.language.code
    return Next(f"/{code}/people/me")


def _signed_in_person(visit: Visit) -> Person:
    _guarded(visit, None)
    guard(visit.rooms.security.limit(visit.request, "people.passkey"))
    try:
        return visit.reader.load(Person, visit.actor.person).state
    except MissingError:
        raise RefusedError(
            Refusal("site.sign-in", "Sign in to see this page.", cause="forbidden"), 401
        ) from None


def _json(visit: Visit, options: Mapping[str, Any]) -> Response:
    response = JSONResponse(dict(options), headers={"Cache-Control": "no-store"})
    visit.rooms.security.keep_visitor(visit.request, response)
    return response
