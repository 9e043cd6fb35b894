"""How people prove who they are, and what of them is kept: accounts, invitations, sessions, second persons.

All of it is personal data or a secret's fingerprint, so all of it lives in the store's objects and can be
deleted. Secrets never come in here: a password arrives hashed, a token as its SHA-256. What must be random
(tokens, salts) is made by the caller; every moment is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.roles import Actor, Mandate, Right
from bothbanks.record.entries import Entry

INVITATION_LASTS = timedelta(days=7)
CONFIRMATION_LASTS = timedelta(days=3)
CHALLENGE_LASTS = timedelta(minutes=5)
IDLE, ABSOLUTE = timedelta(hours=2), timedelta(hours=12)
"""A session ends after so long without a request, and in any case after so long: one night shift."""

TOUCH = timedelta(minutes=1)
"""The moment a session was last used is written at most this often."""

PASSWORD_LEAST, PASSWORD_MOST = 12, 256
"""Characters. The least is assumed (to be checked against the current NIST SP 800-63B), and no rule asks for
kinds of characters; the most keeps hashing from being made to cost."""


@dataclass(frozen=True)
class Person:
    """Somebody known to the partnership. ``login`` is what is typed to sign in, folded to small letters."""

    id: str
    name: str
    login: str
    language: str
    added: datetime
    password: str = ""  # argon2id hash in its own notation, '' while there is none
    email: str = ""


@dataclass(frozen=True)
class Passkey:
    """One key of a person: the public half, its counter, the name its owner gave it. Kept under its id."""

    id: str  # base64url of the credential id
    person: str
    public_key: str  # base64url of the COSE key
    counter: int
    name: str
    added: datetime
    used: datetime | None = None


@dataclass(frozen=True)
class Identity:
    """Who somebody is for an outside provider: its issuer and the subject it gave. Kept under their hash."""

    id: str
    person: str
    issuer: str
    subject: str
    added: datetime


@dataclass(frozen=True)
class Invitation:
    """A link to set how one signs in, once, until it expires. Kept under its token's SHA-256."""

    id: str
    person: str
    made: datetime
    expires: datetime
    used: datetime | None = None

    def open(self, at: datetime) -> bool:
        """Neither used nor expired."""
        return self.used is None and at < self.expires


@dataclass(frozen=True)
class Session:
    """A signed-in browser. Kept under its token's SHA-256, so that a copy of the store opens no door."""

    id: str
    person: str
    began: datetime
    seen: datetime
    method: str  # password, passkey, oidc
    device: str = ""  # browser and system in a word or two, for the list of one's sessions
    ended: datetime | None = None

    def live(self, at: datetime) -> bool:
        """Within both lifetimes, and not ended by hand."""
        return at < self.expires

    @property
    def expires(self) -> datetime:
        """When it ended, or ends if it is not used again."""
        return self.ended or min(self.seen + IDLE, self.began + ABSOLUTE)


@dataclass(frozen=True)
class Errand:
    """What a browser was sent off to do: sign a challenge with a passkey, or return from a provider.

    Kept under the SHA-256 of the visit's secret and the purpose, so that a new one takes the place of the old
    one; used once.
    """

    id: str
    purpose: str  # passkey-in, passkey-new, oidc
    expires: datetime
    facts: Mapping[str, str]


Verdict = Literal["pending", "confirmed", "declined", "withdrawn", "expired"]


@dataclass(frozen=True)
class Confirmation:
    """An irreversible act that one person asked for and a second one must agree to.

    The payload is exactly what will be run; it is dropped once decided, its SHA-256 stays.
    """

    id: str
    command: str
    payload: Mapping[str, object]
    payload_sha256: str
    member: str | None
    asked_by: str
    asked_as: tuple[Mandate, ...]
    asked_at: datetime
    expires: datetime
    verdict: Verdict = "pending"
    decided_by: str = ""
    decided_at: datetime | None = None


def login_of(text: str) -> str:
    """A login as it is kept and compared.

    >>> login_of("  Ann.Example ")
    'ann.example'
    """
    return " ".join(text.split()).casefold()


def password_wrong(password: str, login: str) -> Refusal | None:
    """Why a new password can't be taken: too short, too long, or the login itself."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        return Refusal(
            "people.password-length",
            "a password has {least} to {most} characters; a sentence you remember is a good one.",
            {"least": PASSWORD_LEAST, "most": PASSWORD_MOST},
        )
    if login and login in password.casefold() and len(password) < len(login) + PASSWORD_LEAST:
        return Refusal("people.password-login", "the password is little more than the sign-in name.")
    if len(set(password)) < 5:
        return Refusal("people.password-plain", "the password repeats a few characters only.")
    return None


def add(person: Person, others: Iterable[Person]) -> Change[Person] | Refusal:
    """A person becomes known; no two share a login."""
    if not person.login or not person.name.strip():
        return Refusal("people.nameless", "give a name and a sign-in name.")
    if any(other.login == person.login for other in others):
        return Refusal("people.login-taken", "another person has this sign-in name.", {}, "conflict")
    private = {"name": person.name, "login": person.login, "email": person.email}
    return Change(person, (Entry("people.added", f"person/{person.id}", {}, private),))


def accept(invitation: Invitation, at: datetime) -> Change[Invitation] | Refusal:
    """An invitation is used, once."""
    if not invitation.open(at):
        return Refusal(
            "people.invitation-over",
            "this invitation was used or has expired; ask the secretariat for a new one.",
            cause="missing",
        )
    return Change(replace(invitation, used=at), ())


def use_passkey(key: Passkey, counter: int, at: datetime) -> Change[Passkey] | Refusal:
    """A passkey has signed. A counter that did not grow tells of a copied key (WebAuthn level 2, 6.1.1)."""
    if (counter or key.counter) and counter <= key.counter:
        return Refusal(
            "people.passkey-copied",
            "this passkey's counter went back, as a copied key's would: use another way and remove the key.",
            cause="forbidden",
        )
    return Change(replace(key, counter=counter, used=at), ())


def touch(session: Session, at: datetime) -> Session:
    """The session as used now; the same object while that was written a moment ago."""
    return session if at - session.seen < TOUCH else replace(session, seen=at)


def ask(confirmation: Confirmation) -> Change[Confirmation]:
    """A first person asks for an irreversible act: it is kept, and nothing has happened yet."""
    body = {
        "command": confirmation.command,
        "roles": _roles(confirmation.asked_as),
        "expires": confirmation.expires.isoformat(),
    }
    private = {"asked_by": confirmation.asked_by, "payload_sha256": confirmation.payload_sha256}
    return Change(confirmation, (Entry("people.asked", f"confirmation/{confirmation.id}", body, private),))


def confirm(
    asked: Confirmation, right: Right, first: Actor, second: Actor, at: datetime
) -> Change[Confirmation] | Refusal:
    """A second person agrees; the act may run now.

    ``first`` is the asker with the mandates that hold now: one who has lost the right can't be seconded.
    The two must be two voices: a deputy speaks for the person deputised, so neither may be the other's
    deputy, nor both deputies of a third, in the mandates that carry the right.
    """
    if (found := _decidable(asked, at)) is not None:
        return found
    if second.person == asked.asked_by:
        return Refusal(
            "people.own-confirmation",
            "you asked for this yourself: a second person has to confirm it.",
            cause="forbidden",
        )
    if not right.allows(second, asked.member):
        return _not_yours()
    if not right.allows(first, asked.member):
        return Refusal(
            "people.asker-gone",
            "the person who asked has no right to this any more: ask anew.",
            {},
            "conflict",
        )
    mine, theirs = second.by(right, asked.member), first.by(right, asked.member)
    if not _voices(second, mine) - _voices(first, theirs) - {asked.asked_by}:
        return Refusal(
            "people.same-voice",
            "a deputy and the person deputised speak with one voice: someone else has to confirm this.",
            cause="forbidden",
        )
    state = _decided(asked, "confirmed", second.person, at)
    body = {"command": asked.command, "asked_as": _roles(theirs), "confirmed_as": _roles(mine)}
    private = {
        "asked_by": asked.asked_by,
        "confirmed_by": second.person,
        "payload_sha256": asked.payload_sha256,
    }
    return Change(state, (Entry("people.confirmed", f"confirmation/{asked.id}", body, private),))


def decline(asked: Confirmation, right: Right, second: Actor, at: datetime) -> Change[Confirmation] | Refusal:
    """A person who holds the right says no, or the asker takes it back."""
    if (found := _decidable(asked, at)) is not None:
        return found
    own = second.person == asked.asked_by
    if not own and not right.allows(second, asked.member):
        return _not_yours()
    state = _decided(asked, "withdrawn" if own else "declined", second.person, at)
    body = {"command": asked.command, "verdict": state.verdict}
    private = {"decided_by": second.person}
    return Change(state, (Entry("people.declined", f"confirmation/{asked.id}", body, private),))


def expire(asked: Confirmation, at: datetime) -> Change[Confirmation] | None:
    """Nobody has confirmed in time; None while there is time, or when it is decided."""
    if asked.verdict != "pending" or at < asked.expires:
        return None
    body = {"command": asked.command, "verdict": "expired"}
    entry = Entry("people.declined", f"confirmation/{asked.id}", body)
    return Change(_decided(asked, "expired", "", at), (entry,))


def _decidable(asked: Confirmation, at: datetime) -> Refusal | None:
    if asked.verdict != "pending":
        return Refusal("people.decided", "this was decided already.", {}, "conflict")
    if at >= asked.expires:
        return Refusal("people.confirmation-late", "nobody confirmed this in time: ask anew.", {}, "conflict")
    return None


def _not_yours() -> Refusal:
    return Refusal(
        "people.not-yours",
        "only a person with the right to the act itself can decide on it.",
        {},
        "forbidden",
    )


def _decided(asked: Confirmation, verdict: Verdict, by: str, at: datetime) -> Confirmation:
    return replace(asked, verdict=verdict, decided_by=by, decided_at=at, payload={})


def _voices(actor: Actor, mandates: Iterable[Mandate]) -> frozenset[str]:
    return frozenset(m.deputy_of or actor.person for m in mandates)


def _roles(mandates: Iterable[Mandate]) -> list[str]:
    """'council for aac', once each: how somebody is named in the record."""
    return sorted({f"{m.role} for {m.member}" if m.member else m.role for m in mandates})
