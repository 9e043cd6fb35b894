"""Accounts: sessions that end, invitations used once, passkeys that count, second persons who are second."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import accounts
from bothbanks.civic.compact.accounts import (
    ABSOLUTE,
    IDLE,
    Confirmation,
    Invitation,
    Passkey,
    Person,
    Session,
    touch,
)
from bothbanks.civic.compact.roles import COUNCIL, SECRETARIAT, Actor, Mandate, Right

NOW = datetime(2026, 1, 1, 8, tzinfo=UTC)
ANN = Person("ann", "Ann Example", "ann", "en", NOW)


def office(deputy_of: str = "", member: str = "") -> Mandate:
    return Mandate(SECRETARIAT, member, NOW, deputy_of=deputy_of)


RIGHT = Right(frozenset({SECRETARIAT}))
FIRST = Actor("ann", (office(),))
ASKED = Confirmation(
    "c1", "people.erase", {"person": "bob"}, "00", None, "ann", FIRST.mandates, NOW, NOW + timedelta(days=3)
)


def code(found: object) -> str:
    assert isinstance(found, Refusal), found
    return found.code


@pytest.mark.parametrize(
    ("used_every", "lasts"), [(timedelta(hours=3), IDLE), (timedelta(hours=1), ABSOLUTE)]
)
def test_a_session_ends_idle_or_after_its_absolute_lifetime(used_every: timedelta, lasts: timedelta) -> None:
    session, at = Session("s", "ann", NOW, NOW, "password"), NOW
    while session.live(at + used_every):
        at += used_every
        session = touch(session, at)
    assert session.live(NOW + lasts - timedelta(seconds=1))
    assert not session.live(NOW + lasts)
    assert session.expires == NOW + lasts


def test_a_session_used_all_the_time_is_written_once_a_minute() -> None:
    session = Session("s", "ann", NOW, NOW, "password")
    assert touch(session, NOW + timedelta(seconds=59)) is session
    assert touch(session, NOW + timedelta(seconds=60)).seen == NOW + timedelta(seconds=60)


def test_an_invitation_opens_once_and_not_after_its_end() -> None:
    link = Invitation("h", "ann", NOW, NOW + timedelta(days=7))
    used = accounts.accept(link, NOW + timedelta(days=6))
    assert isinstance(used, Change)
    assert code(accounts.accept(used.state, NOW + timedelta(days=6))) == "people.invitation-over"
    assert code(accounts.accept(link, NOW + timedelta(days=7))) == "people.invitation-over"


@pytest.mark.parametrize(
    ("kept", "said", "fine"), [(0, 0, True), (0, 1, True), (5, 6, True), (5, 5, False), (5, 0, False)]
)
def test_a_counter_that_goes_back_tells_of_a_copy(kept: int, said: int, fine: bool) -> None:
    key = Passkey("k", "ann", "pub", kept, "phone", NOW)
    found = accounts.use_passkey(key, said, NOW)
    assert isinstance(found, Change) is fine
    if isinstance(found, Change):
        assert (found.state.counter, found.state.used) == (said, NOW)


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("correct horse battery", None),
        ("elevenchars", "people.password-length"),
        ("x" * 300, "people.password-length"),
        ("abababababababab", "people.password-plain"),
        ("ann.example.123", "people.password-login"),
        ("ann.example likes long walks", None),
    ],
)
def test_passwords(password: str, wrong: str | None) -> None:
    found = accounts.password_wrong(password, "ann.example")
    assert (found.code if found else None) == wrong


def test_no_two_people_share_a_login_and_the_record_holds_no_name() -> None:
    found = accounts.add(ANN, ())
    assert isinstance(found, Change)
    assert found.entries[0].body == {}
    assert code(accounts.add(replace(ANN, id="x"), (ANN,))) == "people.login-taken"
    assert code(accounts.add(replace(ANN, name=" "), ())) == "people.nameless"


SECONDS = {
    "another of the secretariat": (Actor("bob", (office(),)), ""),
    "the asker": (FIRST, "people.own-confirmation"),
    "somebody without the right": (Actor("cem", (Mandate(COUNCIL, "a", NOW),)), "people.not-yours"),
    "the asker's deputy": (Actor("dee", (office("ann"),)), "people.same-voice"),
    "the asker's deputy with a seat too": (Actor("dee", (office("ann"), office())), ""),
    "nobody signed in": (Actor(""), "people.not-yours"),
}


@pytest.mark.parametrize("who", SECONDS)
def test_who_may_second(who: str) -> None:
    second, wrong = SECONDS[who]
    found = accounts.confirm(ASKED, RIGHT, FIRST, second, NOW)
    if wrong:
        assert code(found) == wrong
        return
    assert isinstance(found, Change)
    assert (found.state.verdict, found.state.decided_by, found.state.payload) == (
        "confirmed",
        second.person,
        {},
    )
    assert found.entries[0].body["confirmed_as"] == ["secretariat"]
    assert second.person not in str(found.entries[0].body)


@pytest.mark.parametrize(("first", "second"), [("boss", ""), ("boss", "boss"), ("ben", "")])
def test_deputies_speak_with_the_voice_of_their_principal(first: str, second: str) -> None:
    asker = Actor("ann", (office(first),))
    other = Actor("boss" if second == "" else "ben", (office(second),))
    found = accounts.confirm(ASKED, RIGHT, asker, other, NOW)
    assert isinstance(found, Change) is (first == "ben")
    if isinstance(found, Refusal):
        assert found.code == "people.same-voice"


def test_one_who_lost_the_right_meanwhile_can_not_be_seconded() -> None:
    found = accounts.confirm(ASKED, RIGHT, Actor("ann"), Actor("bob", (office(),)), NOW)
    assert code(found) == "people.asker-gone"


def test_rights_of_one_member_are_seconded_by_that_member_only() -> None:
    right = Right(frozenset({COUNCIL}), own_member=True)
    asker = Actor("ann", (Mandate(COUNCIL, "a", NOW),))
    asked = replace(ASKED, member="a")
    theirs, ours = (Actor("bob", (Mandate(COUNCIL, m, NOW),)) for m in ("b", "a"))
    assert code(accounts.confirm(asked, right, asker, theirs, NOW)) == "people.not-yours"
    assert isinstance(accounts.confirm(asked, right, asker, ours, NOW), Change)


def test_decided_late_and_declined_requests_stay_so() -> None:
    bob = Actor("bob", (office(),))
    no = accounts.decline(ASKED, RIGHT, bob, NOW)
    assert isinstance(no, Change)
    assert (no.state.verdict, no.state.payload) == ("declined", {})
    assert code(accounts.confirm(no.state, RIGHT, FIRST, bob, NOW)) == "people.decided"
    back = accounts.decline(ASKED, RIGHT, FIRST, NOW)
    assert isinstance(back, Change)
    assert back.state.verdict == "withdrawn"
    assert code(accounts.decline(ASKED, RIGHT, Actor("cem"), NOW)) == "people.not-yours"
    assert code(accounts.confirm(ASKED, RIGHT, FIRST, bob, ASKED.expires)) == "people.confirmation-late"
    assert accounts.expire(ASKED, ASKED.expires - timedelta(seconds=1)) is None
    over = accounts.expire(ASKED, ASKED.expires)
    assert over is not None
    assert over.state.verdict == "expired"
