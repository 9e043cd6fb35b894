"""People, their mandates and their accounts: the steps that someone may take on them.

The rules are in ``civic/compact/people.py`` and ``civic/compact/accounts.py``. Names, sign-in names, keys and
sessions live in objects of the store alone; the record keeps offices, roles and salted commitments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator

from bothbanks.app.partnership import sign_in
from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done, Reader
from bothbanks.app.partnership.panels import unname
from bothbanks.app.partnership.two_people import expire_confirmations, second
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import accounts, people
from bothbanks.civic.compact.accounts import (
    Confirmation,
    Identity,
    Invitation,
    Passkey,
    Person,
    Session,
)
from bothbanks.civic.compact.people import Absence, Give, Holding, Seat
from bothbanks.civic.compact.roles import CLOCK, SECRETARIAT, Right
from bothbanks.civic.compact.standard_organs import standard_organs, standard_seats
from bothbanks.record.entries import Entry
from bothbanks.store.interface import Kept, MissingError

if TYPE_CHECKING:
    from bothbanks.app.partnership.live import Partnership
    from bothbanks.app.partnership.opening import Opening
    from bothbanks.region.compact.people import PeopleSettings


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""A moment as a form gives it; without a zone it is UTC."""

OFFICE = Right(frozenset({SECRETARIAT}))
OWN = Right(signed_in=True)
"""One's own account and mandates; the step itself looks whose they are."""


# people
@dataclass(frozen=True)
class AddPerson:
    """Add a person and get the link that lets this person set how to sign in."""

    name: str
    login: str
    language: str = ""
    email: str = ""


def add_person(desk: Desk, command: AddPerson) -> Done | Refusal:
    """A person becomes known; the answer holds the secret of the invitation, once."""
    language = command.language if command.language in desk.region.languages else desk.region.languages[0]
    login = accounts.login_of(command.login)
    person = Person(
        desk.new_id(), command.name.strip(), login, language, desk.at, email=command.email.strip()
    )
    change = accounts.add(person, (k.state for k in desk.all(Person, owner=login)))
    if isinstance(change, Refusal):
        return change
    desk.keep(person.id, change, None)
    return Done(f"person/{person.id}", {"person": person.id, "invitation": sign_in.invite(desk, person.id)})


@dataclass(frozen=True)
class Invite:
    """Make a new first invitation for a person who can't sign in yet; the earlier one is void."""

    person: str


def invite(desk: Desk, command: Invite) -> Done | Refusal:
    """Only while the person has no way to sign in: otherwise it is a reset, and takes two."""
    person = desk.load(Person, command.person).state
    if can_sign_in(desk, person):
        return Refusal(
            "people.has-account", "this person can sign in already; a reset takes a second person."
        )
    return _invited(desk, person)


@dataclass(frozen=True)
class Reset:
    """Take away every way in which a person signs in, and end all sessions, so that a new invitation fits."""

    person: str


def reset(desk: Desk, command: Reset) -> Done | Refusal:
    """Two people do it, for whoever gets the next invitation acts for the person."""
    kept = desk.load(Person, command.person)
    desk.keep(kept.id, Change(replace(kept.state, password=""), ()), kept)
    sign_in.end_all(desk, kept.id)
    for kind in (Passkey, Identity):
        for own in desk.all(kind, owner=kept.id):
            desk.forget(kind, own.id)
    desk.record(Entry("people.reset", f"person/{kept.id}", {}))
    return Done(f"person/{kept.id}")


def _invited(desk: Desk, person: Person) -> Done:
    token = sign_in.invite(desk, person.id)
    desk.record(Entry("people.invited", f"person/{person.id}", {}))
    return Done(f"person/{person.id}", {"person": person.id, "invitation": token})


def can_sign_in(reader: Reader, person: Person) -> bool:
    """Whether the person has a password, a passkey or an outside identity."""
    return bool(
        person.password or reader.all(Passkey, owner=person.id) or reader.all(Identity, owner=person.id)
    )


@dataclass(frozen=True)
class Erase:
    """Delete a person: name, sign-in name, keys and sessions. Mandates end now; what was decided stays."""

    person: str


def erase(desk: Desk, command: Erase) -> Done | Refusal:
    """Everything that names the person goes; the record keeps commitments that nothing opens any more."""
    kept = desk.load(Person, command.person)
    for held in desk.all(Holding, owner=kept.id):
        ended = people.end(held.state, desk.at, "erased", desk.at)
        if isinstance(ended, Change):
            desk.keep(held.id, ended, held)
        _forget_private(desk, f"mandate/{held.id}")
    for kind in (Passkey, Identity, Invitation, Session):
        for own in desk.all(kind, owner=kept.id):
            desk.forget(kind, own.id)
    for asked in desk.all(Confirmation, owner=kept.id, status="pending"):
        gone = replace(asked.state, verdict="withdrawn", decided_at=desk.at, payload={})
        desk.keep(asked.id, Change(gone, ()), asked)
    unname(desk, kept.state.name)
    desk.forget(Person, kept.id)
    desk.record(Entry("people.erased", f"person/{kept.id}", {}))
    _forget_private(desk, f"person/{kept.id}")
    return Done(f"person/{kept.id}")


def _forget_private(desk: Desk, subject: str) -> None:
    for entry in desk.entries_about(subject):
        desk.store.forget_private(entry.seq)


@dataclass(frozen=True)
class Leave:
    """Delete your own account: your name, sign-in name, keys and sessions."""

    sure: bool = False


def leave(desk: Desk, command: Leave) -> Done | Refusal:
    """As :func:`erase`, by the person alone."""
    if not command.sure:
        return Refusal("people.unsure", "tick the box to say that you are sure: this can't be undone.")
    return erase(desk, Erase(desk.actor.person))


# mandates
@dataclass(frozen=True)
class GiveMandate:
    """Give a seat to a person, as its holder or as a deputy of its holder."""

    seat: str
    person: str
    since: Moment | None = None
    until: Moment | None = None
    deputy_of: str = ""


def give_mandate(desk: Desk, command: GiveMandate) -> Done | Refusal:
    """From now on where no beginning is given."""
    seat = desk.load(Seat, command.seat).state
    desk.load(Person, command.person)
    since = command.since or desk.at
    give = Give(desk.new_id(), command.person, since, command.until, command.deputy_of)
    change = people.give(seat, _around(desk, seat.id, command.person), give, desk.actor, desk.at)
    if isinstance(change, Refusal):
        return change
    desk.keep(change.state.id, change, None)
    return Done(f"mandate/{change.state.id}", {"mandate": change.state.id})


@dataclass(frozen=True)
class EndMandate:
    """End a mandate, now or at a moment to come."""

    mandate: str
    until: Moment | None = None


def end_mandate(desk: Desk, command: EndMandate) -> Done | Refusal:
    """The secretariat recalls; what was done until then stays done."""
    return _ended(desk, command, "recalled")


def resign(desk: Desk, command: EndMandate) -> Done | Refusal:
    """The holder gives the office back."""
    if desk.load(Holding, command.mandate).state.person != desk.actor.person:
        return _not_own()
    return _ended(desk, command, "resigned")


def _ended(desk: Desk, command: EndMandate, why: people.Ending) -> Done | Refusal:
    kept = desk.load(Holding, command.mandate)
    change = people.end(kept.state, command.until or desk.at, why, desk.at)
    return _kept(desk, kept, change)


@dataclass(frozen=True)
class HandOver:
    """Pass an office from its holder to a successor at a moment, without a gap; the deputies end with it."""

    mandate: str
    person: str
    since: Moment | None = None
    until: Moment | None = None


def hand_over(desk: Desk, command: HandOver) -> Done | Refusal:
    """One step, so that the seat is never empty or double."""
    kept = desk.load(Holding, command.mandate)
    desk.load(Person, command.person)
    seat = desk.load(Seat, kept.state.seat).state
    around = _around(desk, seat.id, command.person)
    give = Give(desk.new_id(), command.person, command.since or desk.at, command.until)
    found = people.hand_over(seat, around, kept.state, give, desk.actor, desk.at)
    if isinstance(found, Refusal):
        return found
    desk.keep(kept.id, found.old, kept)
    for ended in found.deputies:
        desk.keep(ended.state.id, ended, desk.load(Holding, ended.state.id))
    desk.keep(found.new.state.id, found.new, None)
    return Done(f"mandate/{found.new.state.id}", {"mandate": found.new.state.id})


@dataclass(frozen=True)
class GoAway:
    """Say that you are away from your office for a while, so that your deputy may act."""

    mandate: str
    since: Moment | None = None
    until: Moment | None = None


def go_away(desk: Desk, command: GoAway) -> Done | Refusal:
    """The holder says so, or the secretariat where the holder can't."""
    kept = desk.load(Holding, command.mandate)
    if kept.state.person != desk.actor.person and not OFFICE.allows(desk.actor):
        return _not_own()
    change = people.go_away(kept.state, Absence(command.since or desk.at, command.until), desk.at)
    return _kept(desk, kept, change)


@dataclass(frozen=True)
class ComeBack:
    """Say that you are back in your office: your deputy stops acting."""

    mandate: str


def come_back(desk: Desk, command: ComeBack) -> Done | Refusal:
    """Only the holder knows."""
    kept = desk.load(Holding, command.mandate)
    if kept.state.person != desk.actor.person:
        return _not_own()
    return _kept(desk, kept, people.come_back(kept.state, desk.at))


def _kept(desk: Desk, kept: Kept[Holding], change: Change[Holding] | Refusal) -> Done | Refusal:
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    return Done(f"mandate/{kept.id}")


def _not_own() -> Refusal:
    return Refusal("people.not-own", "this is not yours to change.", cause="forbidden")


def _around(desk: Desk, seat: str, person: str) -> tuple[Holding, ...]:
    """The mandates of a seat and of a person, each once."""
    found = {k.id: k.state for k in (*desk.all(Holding, parent=seat), *desk.all(Holding, owner=person))}
    return tuple(found.values())


# one's own account
@dataclass(frozen=True)
class SetPassword:
    """Change your password; all your sessions end, so sign in again."""

    current: str
    new: str
    again: str


def set_password(desk: Desk, command: SetPassword) -> Done | Refusal:
    """The current password proves that it is you and not someone at your open screen."""
    kept = desk.load(Person, desk.actor.person)
    if kept.state.password and not sign_in.matches(kept.state.password, command.current):
        return Refusal("people.current", "the current password is not right.", cause="forbidden")
    if command.new != command.again:
        return Refusal("people.password-again", "the two new passwords differ.")
    if (wrong := accounts.password_wrong(command.new, kept.state.login)) is not None:
        return wrong
    state = replace(kept.state, password=sign_in.hashed(command.new))
    desk.keep(kept.id, Change(state, ()), kept)
    sign_in.end_all(desk, kept.id)
    return Done(f"person/{kept.id}")


@dataclass(frozen=True)
class SignOutEverywhere:
    """End every session of yours, this one too."""


def sign_out_everywhere(desk: Desk, command: SignOutEverywhere) -> Done | Refusal:
    """On every device."""
    sign_in.end_all(desk, desk.actor.person)
    return Done(f"person/{desk.actor.person}")


@dataclass(frozen=True)
class EndSession:
    """End one of your sessions."""

    session: str


def end_session(desk: Desk, command: EndSession) -> Done | Refusal:
    """One's own only; of another's nothing is told, not even that it is there."""
    kept = desk.load(Session, command.session)
    if kept.state.person != desk.actor.person:
        raise MissingError(f"there is no session '{kept.id}'")
    sign_in.end_one(desk, kept)
    return Done(f"person/{desk.actor.person}")


@dataclass(frozen=True)
class RemovePasskey:
    """Remove one of your passkeys."""

    passkey: str


def remove_passkey(desk: Desk, command: RemovePasskey) -> Done | Refusal:
    """The key's owner only."""
    return _forget_own(desk, Passkey, command.passkey)


@dataclass(frozen=True)
class Unlink:
    """Stop signing in with an outside provider."""

    identity: str


def unlink(desk: Desk, command: Unlink) -> Done | Refusal:
    """The link's owner only."""
    return _forget_own(desk, Identity, command.identity)


def _forget_own(desk: Desk, kind: type[Passkey | Identity], id: str) -> Done | Refusal:
    kept = desk.load(kind, id)
    if kept.state.person != desk.actor.person:
        raise MissingError(f"{kind.__name__.lower()}/{id}")
    desk.forget(kind, id)
    return Done(f"person/{desk.actor.person}")


# second persons
@dataclass(frozen=True)
class Confirm:
    """Confirm what another person has asked for and cannot be undone: it happens now."""

    confirmation: str


def confirm(desk: Desk, command: Confirm) -> Done | Refusal:
    """Runs the step that was asked for, in the asker's name."""
    kept = desk.load(Confirmation, command.confirmation)
    return second(desk, _command(kept.state.command), kept)


@dataclass(frozen=True)
class Decline:
    """Decline what another person has asked for, or take back what you asked for yourself."""

    confirmation: str


def decline(desk: Desk, command: Decline) -> Done | Refusal:
    """It will not happen."""
    kept = desk.load(Confirmation, command.confirmation)
    change = accounts.decline(kept.state, _command(kept.state.command).right, desk.actor, desk.at)
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    return Done(f"confirmation/{kept.id}")


def _command(name: str) -> Command[object]:
    from bothbanks.app.partnership.areas import commands

    return commands()[name]


COMMANDS = (
    Command("people.add", AddPerson, add_person, OFFICE),
    Command("people.invite", Invite, invite, OFFICE),
    Command("people.reset", Reset, reset, OFFICE, two_people=True),
    Command("people.erase", Erase, erase, OFFICE, two_people=True),
    Command("people.leave", Leave, leave, OWN),
    Command("people.give-mandate", GiveMandate, give_mandate, OFFICE),
    Command("people.end-mandate", EndMandate, end_mandate, OFFICE),
    Command("people.hand-over", HandOver, hand_over, OFFICE),
    Command("people.resign", EndMandate, resign, OWN),
    Command("people.go-away", GoAway, go_away, OWN),
    Command("people.come-back", ComeBack, come_back, OWN),
    Command("people.set-password", SetPassword, set_password, OWN),
    Command("people.sign-out-everywhere", SignOutEverywhere, sign_out_everywhere, OWN),
    Command("people.end-session", EndSession, end_session, OWN),
    Command("people.remove-passkey", RemovePasskey, remove_passkey, OWN),
    Command("people.unlink", Unlink, unlink, OWN),
    Command("people.confirm", Confirm, confirm, OWN),
    Command("people.decline", Decline, decline, OWN),
)
RIGHTS = {command.name: command.right for command in COMMANDS}
TICKS = (expire_confirmations, sign_in.sweep)


def on_this_machine(partnership: Partnership, name: str, payload: Mapping[str, object]) -> Done | Refusal:
    """Take a step of this area on the authority of whoever runs the service's machine, in the clock's name.

    For the first account and for a partnership that has locked itself out; every rule but the right and the
    second person still holds.
    """
    command: Command[Any] = next(c for c in COMMANDS if c.name == name)
    form = command.read(payload)
    if isinstance(form, Refusal):
        return form
    try:
        with partnership.desk(CLOCK) as desk:
            done = command.act(desk, form)
            if isinstance(done, Refusal):
                raise _RefusedError(done)
            return done
    except _RefusedError as refused:
        return refused.refusal
    except MissingError as error:
        return Refusal("store.missing", "there is no such thing: {what}", {"what": error.message}, "missing")


class _RefusedError(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def opening(desk: Desk, opened: Opening) -> None:
    """Organs and seats of the folder (or the standard ones), and the made-up holders it names."""
    from bothbanks.region.compact.people import PeopleSettings

    found = opened.region.compact.get("people")
    settings = found if isinstance(found, PeopleSettings) else None
    names = {member: facts.name for member, facts in desk.region.members.items()}
    organs = settings.all_organs() if settings else standard_organs()
    seats = settings.all_seats(names) if settings else standard_seats(desk.region)
    for organ in organs:
        entry = Entry(
            "people.organ", f"organ/{organ.id}", {"name": dict(organ.name), "article": organ.article}
        )
        desk.keep(organ.id, Change(organ, (entry,)), None)
    for seat in seats:
        body = {"organ": seat.organ, "role": seat.role, "member": seat.member, "name": dict(seat.name)}
        desk.keep(seat.id, Change(seat, (Entry("people.seat", f"seat/{seat.id}", body),)), None)
    if settings:
        _seat_holders(desk, settings, {seat.id: seat for seat in seats})


def _seat_holders(desk: Desk, settings: PeopleSettings, seats: dict[str, Seat]) -> None:
    ids: dict[str, str] = {}
    for holder in sorted(settings.holders, key=lambda h: bool(h.deputy_of)):
        if holder.login not in ids:
            made = Person(desk.new_id(), holder.name, holder.login, desk.region.languages[0], desk.at)
            ids[holder.login] = made.id
            _must(desk, made.id, accounts.add(made, ()))
        seat = seats[holder.seat]
        until = None if seat.longest_days is None else desk.at + timedelta(days=seat.longest_days)
        give = Give(desk.new_id(), ids[holder.login], desk.at, until, ids.get(holder.deputy_of, ""))
        _must(
            desk, give.id, people.give(seat, _around(desk, seat.id, give.person), give, desk.actor, desk.at)
        )


def _must(desk: Desk, id: str, change: Change[Person] | Change[Holding] | Refusal) -> None:
    if isinstance(change, Refusal):
        raise ValueError(f"compact/people.toml was checked and can't be opened: {change}")
    desk.keep(id, change, None)
