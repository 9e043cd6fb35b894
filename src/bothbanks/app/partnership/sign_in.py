"""Signing in: passwords, invitations, sessions and errands, each in a transaction of its own.

Secrets go out once and are kept as their SHA-256 only; passwords as argon2id with the library's settings, and
hashed anew when those change. A sign-in that fails costs the same time and says the same, whether the account
exists or not.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bothbanks.app.partnership.desk import Desk, Reader
from bothbanks.app.partnership.live import Partnership
from bothbanks.app.partnership.two_people import actor_now
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import accounts
from bothbanks.civic.compact.accounts import (
    CHALLENGE_LASTS,
    Errand,
    Identity,
    Invitation,
    Passkey,
    Person,
    Session,
)
from bothbanks.civic.compact.roles import ANYONE, Actor
from bothbanks.store.interface import ConflictError, Kept, MissingError

AT_ONCE = 2
"""Passwords hashed at the same time: each takes 64 MiB, and more at once would only queue for the cores."""

_hasher = PasswordHasher()
_room = BoundedSemaphore(AT_ONCE)


# secrets
def new_token() -> str:
    """256 random bits, fit for an address or a cookie."""
    return secrets.token_urlsafe(32)


def digest(*parts: str) -> str:
    """What is kept of a secret: its SHA-256 in hexadecimal."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def hashed(password: str) -> str:
    """The password as it is kept: argon2id with a fresh salt."""
    with _room:
        return _hasher.hash(password)


@cache
def _nobody() -> str:
    """A hash that no password fits, for accounts that aren't there."""
    return _hasher.hash(new_token())


def matches(kept: str, password: str) -> bool:
    """Whether the password is the one kept; takes as long where none is kept."""
    nobody = _nobody()  # first, so that even the first try of a process takes as long for both
    against = kept or nobody
    with _room:
        try:
            return _hasher.verify(against, password[: accounts.PASSWORD_MOST + 1]) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


# by password
def by_password(partnership: Partnership, login: str, password: str) -> str | Refusal:
    """The person whom a sign-in name and a password prove; one refusal for everything else."""
    login = accounts.login_of(login)
    with partnership.reading() as reader:
        found = person_by_login(reader, login) if login else None
    kept = found.state.password if found else ""
    if not matches(kept, password) or found is None:
        return Refusal("people.sign-in", "the sign-in name or the password is not right.", cause="forbidden")
    if _hasher.check_needs_rehash(kept):
        with suppress(ConflictError, MissingError), partnership.desk(Actor(found.id)) as desk:
            again = desk.load(Person, found.id)
            if again.state.password == kept:
                desk.keep(found.id, Change(replace(again.state, password=hashed(password)), ()), again)
    return found.id


def person_by_login(reader: Reader, login: str) -> Kept[Person] | None:
    """The person with that sign-in name."""
    return next(iter(reader.all(Person, owner=login)), None)


# sessions
def begin(partnership: Partnership, person: str, method: str, device: str = "") -> str:
    """Begin a session; its secret, told once."""
    token = new_token()
    with partnership.desk(Actor(person)) as desk:
        session = Session(digest(token), person, desk.at, desk.at, method, device)
        desk.keep(session.id, Change(session, ()), None)
    return token


def actor_by(partnership: Partnership, token: str) -> Actor:
    """Whom a session's secret stands for, with the mandates that hold now; the public where it has ended."""
    with partnership.reading() as reader:
        try:
            kept = reader.load(Session, digest(token))
            person = reader.load(Person, kept.state.person)
        except MissingError:
            return ANYONE
        if not kept.state.live(reader.at):
            return ANYONE
        actor = actor_now(reader, person.id)
        used = accounts.touch(kept.state, reader.at)
    if used is not kept.state:
        with suppress(ConflictError, MissingError), partnership.desk(actor) as desk:
            desk.keep(kept.id, Change(used, ()), kept)
    return actor


def end(partnership: Partnership, token: str) -> None:
    """End the session of a secret, if there is one."""
    with suppress(ConflictError, MissingError), partnership.desk(ANYONE) as desk:
        end_one(desk, desk.load(Session, digest(token)))


def end_one(desk: Desk, kept: Kept[Session]) -> None:
    """End a session; the clock sweeps it away later."""
    if kept.state.live(desk.at):
        desk.keep(kept.id, Change(replace(kept.state, ended=desk.at), ()), kept)


def end_all(desk: Desk, person: str) -> None:
    """End every session of a person."""
    for kept in desk.all(Session, owner=person):
        end_one(desk, kept)


def sweep(desk: Desk) -> int:
    """Forget sessions, invitations and errands whose time is over; how many."""
    gone = 0
    for kind in (Session, Invitation, Errand):
        for kept in desk.all(kind, due_before=desk.at):
            desk.forget(kind, kept.id)
            gone += 1
    return gone


# invitations
def invite(desk: Desk, person: str) -> str:
    """A new invitation for a person, the earlier ones void; its secret, told once."""
    for kept in desk.all(Invitation, owner=person):
        if kept.state.open(desk.at):
            desk.keep(kept.id, Change(replace(kept.state, used=desk.at), ()), kept)
    token = new_token()
    link = Invitation(digest(token), person, desk.at, desk.at + accounts.INVITATION_LASTS)
    desk.keep(link.id, Change(link, ()), None)
    return token


def invited(partnership: Partnership, token: str) -> Person | Refusal:
    """Whom an invitation is for, while it is open."""
    with partnership.reading() as reader:
        try:
            link = reader.load(Invitation, digest(token)).state
            accepted = accounts.accept(link, reader.at)
            return accepted if isinstance(accepted, Refusal) else reader.load(Person, link.person).state
        except MissingError:
            return _over()


def accept(partnership: Partnership, token: str, password: str) -> str | Refusal:
    """Set the first (or a new) password by an invitation, which is used up; the person's id.

    Other ways to sign in stay; every session begun before ends.
    """
    person = invited(partnership, token)
    if isinstance(person, Refusal):
        return person
    if (wrong := accounts.password_wrong(password, person.login)) is not None:
        return wrong
    kept_as = hashed(password)
    try:
        with partnership.desk(Actor(person.id)) as desk:
            link = desk.load(Invitation, digest(token))
            used = accounts.accept(link.state, desk.at)
            if isinstance(used, Refusal):
                return used
            desk.keep(link.id, used, link)
            again = desk.load(Person, person.id)
            desk.keep(person.id, Change(replace(again.state, password=kept_as), ()), again)
            end_all(desk, person.id)
    except (ConflictError, MissingError):
        return _over()
    return person.id


def _over() -> Refusal:
    return Refusal(
        "people.invitation-over",
        "this invitation was used or has expired; ask the secretariat for a new one.",
        cause="missing",
    )


# errands
def send_off(partnership: Partnership, visitor: str, purpose: str, facts: Mapping[str, str]) -> None:
    """Keep what a browser is sent off with, for a few minutes."""
    with partnership.desk(ANYONE) as desk:
        errand = Errand(digest(visitor, purpose), purpose, desk.at + CHALLENGE_LASTS, dict(facts))
        try:
            was: Kept[Errand] | None = desk.load(Errand, errand.id)
        except MissingError:
            was = None
        desk.keep(errand.id, Change(errand, ()), was)


def come_home(partnership: Partnership, visitor: str, purpose: str) -> Mapping[str, str] | Refusal:
    """What the browser was sent off with; once, and only while its time runs."""
    with suppress(ConflictError, MissingError), partnership.desk(ANYONE) as desk:
        kept = desk.load(Errand, digest(visitor, purpose))
        errand = kept.state
        desk.keep(kept.id, Change(replace(errand, expires=min(errand.expires, desk.at), facts={}), ()), kept)
        if desk.at < errand.expires:
            return errand.facts
    return Refusal(
        "people.errand-over", "that took too long or was done already; begin again.", cause="forbidden"
    )


# outside providers
def by_identity(
    partnership: Partnership, issuer: str, subject: str, link: str = "", invitation: str = ""
) -> str | Refusal:
    """The person whom a provider's answer proves; or, from one's account or by an invitation, a new link.

    Nobody is matched by a name or an e-mail address: whoever could choose those at the provider would be
    somebody else here.
    """
    id = digest(issuer, subject)
    with suppress(ConflictError, MissingError), partnership.desk(ANYONE) as desk:
        known = next((k.state.person for k in desk.all(Identity, parent=issuer) if k.id == id), "")
        if known and (not link or link == known):
            return desk.load(Person, known).id
        if known:
            return Refusal(
                "people.identity-taken",
                "this account at the provider is linked to another person here.",
                cause="conflict",
            )
        if link:
            return _linked(desk, Identity(id, link, issuer, subject, desk.at))
        if invitation:
            kept = desk.load(Invitation, digest(invitation))
            used = accounts.accept(kept.state, desk.at)
            if isinstance(used, Refusal):
                return used
            desk.keep(kept.id, used, kept)
            return _linked(desk, Identity(id, used.state.person, issuer, subject, desk.at))
        return Refusal(
            "people.identity-unknown",
            "nobody here is linked to this account at the provider; ask the secretariat for an invitation.",
            cause="forbidden",
        )
    return _over()


def _linked(desk: Desk, identity: Identity) -> str:
    person = desk.load(Person, identity.person)
    desk.keep(identity.id, Change(identity, ()), None)
    return person.id


# passkeys
def keep_passkey(partnership: Partnership, key: Passkey) -> Refusal | None:
    """Keep a person's new passkey."""
    try:
        with partnership.desk(Actor(key.person)) as desk:
            desk.keep(key.id, Change(key, ()), None)
    except ConflictError:
        return Refusal("people.passkey-known", "this passkey is known already.", cause="conflict")
    return None


def passkeys_of(reader: Reader, person: str) -> list[Passkey]:
    """A person's passkeys, oldest first."""
    return sorted((k.state for k in reader.all(Passkey, owner=person)), key=lambda key: key.added)


def use_passkey(partnership: Partnership, id: str, counter: int) -> str | Refusal:
    """Note that a passkey has signed; the person it stands for."""
    with partnership.desk(ANYONE) as desk:
        kept = desk.load(Passkey, id)
        used = accounts.use_passkey(kept.state, counter, desk.at)
        if isinstance(used, Refusal):
            return used
        desk.keep(id, used, kept)
        return kept.state.person
