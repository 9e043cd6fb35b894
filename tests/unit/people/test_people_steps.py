"""Steps on people, on a real store: invitations, mandates, erasing, two people, and what the record keeps."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from partnerships import Live
from people_fixture import fast_hashing

from bothbanks.app.partnership import people as steps
from bothbanks.app.partnership import sign_in, two_people
from bothbanks.app.partnership.desk import Done
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.accounts import Confirmation, Invitation, Person, Session
from bothbanks.civic.compact.people import Holding, Organ, Seat
from bothbanks.civic.compact.roles import ANYONE, CLOCK, Actor
from bothbanks.store.interface import MissingError

__all__ = ["fast_hashing"]
pytestmark = pytest.mark.usefixtures("fast_hashing")
SENTENCE = "a bridge with two ends"


def who(live: Live, login: str) -> Actor:
    with live.reading() as reader:
        found = sign_in.person_by_login(reader, login)
        assert found is not None
        return two_people.actor_now(reader, found.id)


def done(outcome: Done | Refusal) -> Done:
    assert isinstance(outcome, Done), outcome
    return outcome


def code(outcome: object) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


def everything(live: Live) -> str:
    """All that the record shows to everybody."""
    with live.reading() as reader:
        return "\n".join(entry.leaf.decode() for entry in reader.store.entries())


def add(live: Live, login: str = "ann") -> tuple[str, str]:
    answer = done(live.act("people.add", {"name": "Ann Muster", "login": login}, who(live, "leitung"))).answer
    return str(answer["person"]), str(answer["invitation"])


def test_the_folder_opens_with_organs_seats_and_made_up_holders(partnership: Live) -> None:
    with partnership.reading() as reader:
        assert [k.id for k in reader.all(Organ)] == ["rat", "sekretariat", "technik"]
        seats = {k.id: k.state for k in reader.all(Seat)}
        assert seats["rat-uferau"].name == {
            "de": "Ratsmitglied für Rechtes Ufer",
            "fr": "Conseiller pour Rive droite",
        }
        people = [k.state.name for k in reader.all(Person)]
    assert len(people) == 5
    assert all("(erfunden)" in name for name in people)
    assert who(partnership, "rat-uferau").members == {"uferau"}
    assert who(partnership, "vertretung").mandates == ()


def test_no_name_or_person_is_in_the_record(partnership: Live) -> None:
    person, _ = add(partnership)
    leaves = everything(partnership)
    for secret in ("Muster", "erfunden", '"ann"', "leitung@", "Lena"):
        assert secret not in leaves
    seat = {"seat": "technik-uferau", "person": person}
    done(partnership.act("people.give-mandate", seat, who(partnership, "leitung")))
    about = [line for line in everything(partnership).splitlines() if person in line]
    assert [json.loads(line)["kind"] for line in about] == ["people.added"]
    assert who(partnership, "leitung").person not in "".join(about)


def test_an_invitation_sets_a_password_once(partnership: Live) -> None:
    person, token = add(partnership)
    assert code(sign_in.by_password(partnership, "ann", SENTENCE)) == "people.sign-in"
    assert code(sign_in.accept(partnership, token, "short")) == "people.password-length"
    assert sign_in.accept(partnership, token, SENTENCE) == person
    assert code(sign_in.accept(partnership, token, SENTENCE)) == "people.invitation-over"
    assert sign_in.by_password(partnership, " ANN ", SENTENCE) == person
    for login, password in (("ann", "another sentence"), ("nobody", SENTENCE), ("", ""), ("leitung", "")):
        assert code(sign_in.by_password(partnership, login, password)) == "people.sign-in"


def test_a_new_invitation_voids_the_old_one_and_all_expire(partnership: Live) -> None:
    person, old = add(partnership)
    answer = done(partnership.act("people.invite", {"person": person}, who(partnership, "leitung"))).answer
    assert code(sign_in.accept(partnership, old, SENTENCE)) == "people.invitation-over"
    partnership.clock.advance(days=7)
    assert code(sign_in.accept(partnership, str(answer["invitation"]), SENTENCE)) == "people.invitation-over"
    assert code(sign_in.accept(partnership, "made up", SENTENCE)) == "people.invitation-over"


def test_secrets_are_kept_as_fingerprints_only(partnership: Live) -> None:
    person, token = add(partnership)
    sign_in.accept(partnership, token, SENTENCE)
    session = sign_in.begin(partnership, person, "password")
    partnership.store.close()
    kept = b"".join(path.read_bytes() for path in partnership.data.glob("bothbanks.sqlite*"))
    for secret in (token, session, SENTENCE):
        assert secret.encode() not in kept
    assert b"$argon2id$" in kept


def test_the_librarys_own_settings_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(sign_in, "_hasher", PasswordHasher())
    kept = sign_in.hashed(SENTENCE)
    assert kept.startswith(f"$argon2id$v=19$m={PasswordHasher().memory_cost},")
    assert sign_in.matches(kept, SENTENCE)


def test_a_password_is_hashed_anew_when_the_settings_change(partnership: Live) -> None:
    person, token = add(partnership)
    sign_in.accept(partnership, token, SENTENCE)
    with partnership.desk(CLOCK) as desk:
        kept = desk.load(Person, person)
        weak = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(SENTENCE)
        desk.store.save(Person, person, steps.replace(kept.state, password=weak), kept.version)
    assert sign_in.by_password(partnership, "ann", SENTENCE) == person
    with partnership.reading() as reader:
        assert "m=8," in reader.load(Person, person).state.password
    assert sign_in.by_password(partnership, "ann", SENTENCE) == person


def test_a_person_who_can_sign_in_is_reset_by_two(partnership: Live) -> None:
    person, token = add(partnership)
    sign_in.accept(partnership, token, SENTENCE)
    session = sign_in.begin(partnership, person, "password")
    first, second = who(partnership, "leitung"), who(partnership, "referat")
    assert code(partnership.act("people.invite", {"person": person}, first)) == "people.has-account"
    asked = done(partnership.act("people.reset", {"person": person}, first))
    assert asked.waits
    assert sign_in.by_password(partnership, "ann", SENTENCE) == person
    confirmation = {"confirmation": asked.answer["confirmation"]}
    assert code(partnership.act("people.confirm", confirmation, first)) == "people.own-confirmation"
    done(partnership.act("people.confirm", confirmation, second))
    assert code(sign_in.by_password(partnership, "ann", SENTENCE)) == "people.sign-in"
    assert sign_in.actor_by(partnership, session) == ANYONE
    answer = done(partnership.act("people.invite", {"person": person}, second)).answer
    assert sign_in.accept(partnership, str(answer["invitation"]), SENTENCE + "!") == person


def test_erasing_takes_two_deletes_what_is_personal_and_keeps_what_was_decided(partnership: Live) -> None:
    person, token = add(partnership)
    sign_in.accept(partnership, token, SENTENCE)
    session = sign_in.begin(partnership, person, "password")
    first, second = who(partnership, "leitung"), who(partnership, "referat")
    seat = {"seat": "technik-uferau", "person": person}
    mandate = done(partnership.act("people.give-mandate", seat, first)).subject.split("/")[1]
    asked = done(partnership.act("people.erase", {"person": person}, first))
    assert code(partnership.act("people.erase", {"person": person}, second)) == "people.asked-already"
    partnership.clock.advance(hours=1)
    done(partnership.act("people.confirm", {"confirmation": asked.answer["confirmation"]}, second))
    with partnership.reading() as reader:
        with pytest.raises(MissingError):
            reader.load(Person, person)
        held = reader.load(Holding, mandate).state
        assert (held.ended, held.mandate.until) == ("erased", reader.at)
        assert reader.all(Session, owner=person) == []
        about = [*reader.entries_about(f"person/{person}"), *reader.entries_about(f"mandate/{mandate}")]
        assert [e.kind for e in about] == [
            "people.added",
            "people.erased",
            "people.mandate-given",
            "people.mandate-ended",
        ]
        assert all(reader.store.private(e.seq) is None for e in about)
        (decided,) = (e for e in reader.store.entries() if e.kind == "people.confirmed")
    said = json.loads(decided.leaf)
    assert said["body"]["asked_as"] == said["body"]["confirmed_as"] == ["secretariat"]
    assert sign_in.actor_by(partnership, session) == ANYONE


def test_a_confirmation_is_for_exactly_what_was_asked(partnership: Live) -> None:
    person, _ = add(partnership)
    other, _ = add(partnership, "bob")
    first, second = who(partnership, "leitung"), who(partnership, "referat")
    asked = done(partnership.act("people.erase", {"person": person}, first)).answer["confirmation"]
    with partnership.desk(CLOCK) as desk:
        kept = desk.load(Confirmation, str(asked))
        forged = steps.replace(kept.state, payload={"person": other})
        desk.store.save(Confirmation, kept.id, forged, kept.version)
    outcome = partnership.act("people.confirm", {"confirmation": asked}, second)
    assert code(outcome) == "people.payload-changed"


def test_confirmations_expire_and_declining_ends_them(partnership: Live) -> None:
    person, _ = add(partnership)
    first, second = who(partnership, "leitung"), who(partnership, "referat")
    asked = done(partnership.act("people.erase", {"person": person}, first)).answer["confirmation"]
    partnership.clock.advance(days=3, seconds=1)
    assert (
        code(partnership.act("people.confirm", {"confirmation": asked}, second)) == "people.confirmation-late"
    )
    assert partnership.tick() >= 1
    with partnership.reading() as reader:
        assert reader.load(Confirmation, str(asked)).state.verdict == "expired"
    again = done(partnership.act("people.erase", {"person": person}, first)).answer["confirmation"]
    done(partnership.act("people.decline", {"confirmation": again}, second))
    assert code(partnership.act("people.confirm", {"confirmation": again}, second)) == "people.decided"
    council = who(partnership, "rat-uferau")
    third = done(partnership.act("people.erase", {"person": person}, first)).answer["confirmation"]
    assert code(partnership.act("people.confirm", {"confirmation": third}, council)) == "people.not-yours"


def test_a_deputy_acts_while_the_holder_is_away_and_not_after(partnership: Live) -> None:
    holder = who(partnership, "rat-uferau")
    with partnership.reading() as reader:
        (mandate,) = (k.id for k in reader.all(Holding, owner=holder.person))
    until = partnership.clock.now + timedelta(days=2)
    done(partnership.act("people.go-away", {"mandate": mandate, "until": until}, holder))
    assert who(partnership, "vertretung").members == {"uferau"}
    done(partnership.act("people.come-back", {"mandate": mandate}, holder))
    assert who(partnership, "vertretung").mandates == ()
    later = partnership.clock.now + timedelta(days=1)
    done(partnership.act("people.go-away", {"mandate": mandate, "since": later}, holder))
    partnership.clock.advance(days=1)
    assert who(partnership, "vertretung").members == {"uferau"}
    done(partnership.act("people.end-mandate", {"mandate": mandate}, who(partnership, "leitung")))
    assert who(partnership, "vertretung").mandates == ()
    assert who(partnership, "rat-uferau").mandates == ()


def test_nobody_changes_what_is_another_persons(partnership: Live) -> None:
    stranger, holder = who(partnership, "rat-steinach"), who(partnership, "rat-uferau")
    session = sign_in.digest(sign_in.begin(partnership, holder.person, "password"))
    with partnership.reading() as reader:
        (mandate,) = (k.id for k in reader.all(Holding, owner=holder.person))
    for name in ("people.resign", "people.go-away", "people.come-back"):
        assert code(partnership.act(name, {"mandate": mandate}, stranger)) == "people.not-own"
    theirs = partnership.act("people.end-session", {"session": session}, stranger)
    nothing = partnership.act("people.end-session", {"session": "x" * 64}, stranger)
    assert code(theirs) == code(nothing) == "store.missing"
    for name, payload in (
        ("people.add", {"name": "X", "login": "x"}),
        ("people.give-mandate", {"seat": "rat-uferau", "person": stranger.person}),
        ("people.erase", {"person": holder.person}),
    ):
        assert code(partnership.act(name, payload, stranger)) == "command.right"
    for name in steps.RIGHTS:
        assert code(partnership.act(name, {}, ANYONE)) in ("command.right", "command.form")


def test_the_secretariat_gives_itself_nothing_and_hands_an_office_over_in_one_step(partnership: Live) -> None:
    head = who(partnership, "leitung")
    own = {"seat": "technik-uferau", "person": head.person}
    assert code(partnership.act("people.give-mandate", own, head)) == "people.own-mandate"
    holder, heir = who(partnership, "rat-uferau"), who(partnership, "rat-steinach")
    with partnership.reading() as reader:
        (mandate,) = (k.id for k in reader.all(Holding, owner=holder.person))
    done(
        partnership.act(
            "people.hand-over",
            {"mandate": mandate, "person": heir.person, "until": "2028-01-01T00:00:00Z"},
            head,
        )
    )
    assert who(partnership, "rat-uferau").mandates == ()
    assert who(partnership, "rat-steinach").members == {"steinach", "uferau"}


def test_sessions_end_by_time_by_hand_and_everywhere(partnership: Live) -> None:
    person = who(partnership, "leitung")
    tokens = [sign_in.begin(partnership, person.person, "password", d) for d in ("Firefox", "Safari", "")]
    assert sign_in.actor_by(partnership, tokens[0]) == person
    sign_in.end(partnership, tokens[0])
    sign_in.end(partnership, tokens[0])
    assert sign_in.actor_by(partnership, tokens[0]) == ANYONE
    partnership.clock.advance(minutes=119)
    assert sign_in.actor_by(partnership, tokens[1]) == person
    partnership.clock.advance(minutes=2)
    assert [sign_in.actor_by(partnership, t) for t in tokens[1:]] == [person, ANYONE]
    assert partnership.tick() >= 2
    with partnership.reading() as reader:
        assert len(reader.all(Session)) == 1
    done(partnership.act("people.sign-out-everywhere", {}, person))
    assert sign_in.actor_by(partnership, tokens[1]) == ANYONE
    assert sign_in.actor_by(partnership, "") == sign_in.actor_by(partnership, "x" * 10_000) == ANYONE


def test_a_password_is_changed_by_who_knows_it_and_other_sessions_end(partnership: Live) -> None:
    person, token = add(partnership)
    sign_in.accept(partnership, token, SENTENCE)
    session = sign_in.begin(partnership, person, "password")
    me = sign_in.actor_by(partnership, session)
    new = "another sentence of mine"
    partnership.clock.advance(seconds=5)
    for payload, wrong in (
        ({"current": "guess", "new": new, "again": new}, "people.current"),
        ({"current": SENTENCE, "new": new, "again": new + "x"}, "people.password-again"),
        ({"current": SENTENCE, "new": "ann", "again": "ann"}, "people.password-length"),
    ):
        assert code(partnership.act("people.set-password", payload, me)) == wrong
    done(partnership.act("people.set-password", {"current": SENTENCE, "new": new, "again": new}, me))
    assert sign_in.actor_by(partnership, session) == ANYONE
    assert sign_in.by_password(partnership, "ann", new) == person


def test_leaving_is_one_persons_own_decision(partnership: Live) -> None:
    me = who(partnership, "rat-uferau")
    assert code(partnership.act("people.leave", {"sure": False}, me)) == "people.unsure"
    done(partnership.act("people.leave", {"sure": "true"}, me))
    with partnership.reading() as reader:
        assert sign_in.person_by_login(reader, "rat-uferau") is None
        assert [k.state.ended for k in reader.all(Holding, owner=me.person)] == ["erased"]
        assert not reader.all(Invitation, owner=me.person)
    assert who(partnership, "vertretung").mandates == ()
