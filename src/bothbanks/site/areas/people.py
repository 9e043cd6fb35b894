"""Offices and who holds them; the secretariat's page of people; and what waits for a second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from bothbanks.app.partnership.areas import commands
from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.people import can_sign_in
from bothbanks.civic.compact.accounts import Confirmation, Person
from bothbanks.civic.compact.people import Holding, Organ, Seat, acts
from bothbanks.site.area import Area
from bothbanks.site.areas.sign_in import own_page, take
from bothbanks.site.visit import Visit

AREA = Area("people", "people", "Offices")
Field = Annotated[str, Form(max_length=400)]


@dataclass(frozen=True)
class HolderOut:
    """Who holds a seat: the name only where the office is public."""

    name: str
    since: datetime
    until: datetime | None
    deputy: bool
    acting: bool


@dataclass(frozen=True)
class SeatOut:
    """A seat and its holders of this moment."""

    id: str
    name: dict[str, str]
    role: str
    member: str
    deputies: str
    holders: list[HolderOut]


@dataclass(frozen=True)
class OrganOut:
    """An organ and its seats."""

    id: str
    name: dict[str, str]
    task: dict[str, str]
    article: str
    seats: list[SeatOut]


@AREA.page("/people")
def offices(visit: Visit) -> Response:
    """Organs, seats, and who holds them now."""
    return visit.show("people/index.html", organs=_organs(visit))


@AREA.api("/people", answer=list[OrganOut])
def list_offices(visit: Visit) -> list[OrganOut]:
    """Organs, seats, and who holds them now; names only of offices that are public."""
    return _organs(visit)


def _organs(visit: Visit) -> list[OrganOut]:
    reader = visit.reader
    held = [k.state for k in reader.all(Holding)]
    people = {k.id: k.state.name for k in reader.all(Person)}
    seats = [k.state for k in reader.all(Seat)]
    order = {member: n for n, member in enumerate(visit.region.members)}
    seats.sort(key=lambda s: order.get(s.member, -1))
    return [
        OrganOut(
            organ.id,
            dict(organ.name),
            dict(organ.task),
            organ.article,
            [_seat(seat, held, people, reader.at) for seat in seats if seat.organ == organ.id],
        )
        for organ in (k.state for k in reader.all(Organ))
    ]


def _seat(seat: Seat, held: Sequence[Holding], people: dict[str, str], at: datetime) -> SeatOut:
    now = [h for h in held if h.seat == seat.id and h.mandate.in_force(at)]
    now.sort(key=lambda h: bool(h.mandate.deputy_of))
    holders = [
        HolderOut(
            people.get(h.person, "") if h.public else "",
            h.mandate.since,
            h.mandate.until,
            bool(h.mandate.deputy_of),
            acts(h, held, at),
        )
        for h in now
    ]
    return SeatOut(seat.id, dict(seat.name), seat.role, seat.member, seat.deputy, holders)


# the secretariat's page
@dataclass(frozen=True)
class _Row:
    """A person on the secretariat's page."""

    person: Person
    ready: bool
    mandates: list[tuple[str, Holding, Seat]]


@own_page(AREA, "/people/admin", right="people.add")
def admin(visit: Visit) -> Response:
    """Everybody, their mandates, and the forms to change them."""
    return visit.show("people/admin.html", **_admin(visit))


def _admin(visit: Visit) -> dict[str, Any]:
    reader = visit.reader
    seats = {k.id: k.state for k in reader.all(Seat)}
    held = [h for h in reader.all(Holding) if _lasts(h.state, reader.at)]
    rows = [
        _Row(
            kept.state,
            can_sign_in(reader, kept.state),
            [
                (h.id, h.state, seats[h.state.seat])
                for h in held
                if h.state.person == kept.id and _lasts(h.state, reader.at)
            ],
        )
        for kept in reader.all(Person)
    ]
    rows.sort(key=lambda row: row.person.name.casefold())
    return {"rows": rows, "seats": list(seats.values()), "names": {r.person.id: r.person.name for r in rows}}


def _lasts(holding: Holding, at: datetime) -> bool:
    return holding.mandate.until is None or holding.mandate.until > at


@own_page(AREA, "/people/admin/add", right="people.add", post=True)
def add(visit: Visit, name: Field = "", login: Field = "", speaks: Field = "", csrf: Field = "") -> Response:
    """Add a person and show the link of the invitation, once."""
    done = take(visit, "people.add", {"name": name, "login": login, "language": speaks}, csrf)
    return _linked(visit, done)


@own_page(AREA, "/people/admin/invite", right="people.invite", post=True)
def invite(visit: Visit, person: Field = "", csrf: Field = "") -> Response:
    """Show a new link for a person who can't sign in yet."""
    return _linked(visit, take(visit, "people.invite", {"person": person}, csrf))


def _linked(visit: Visit, done: Done) -> Response:
    """The page with the link that is shown once; no cache keeps it."""
    token = str(done.answer.get("invitation", ""))
    link = visit.rooms.security.origin(visit.request) + visit.link(f"/invitation/{token}") if token else ""
    page = visit.show("people/link.html", link=link)
    page.headers["Cache-Control"] = "no-store"
    return page


# second persons
@dataclass(frozen=True)
class _Waiting:
    """What waits, as a reader sees it."""

    id: str
    asked: Confirmation
    by: str
    about: list[tuple[str, str]]
    own: bool


@own_page(AREA, "/people/confirmations", right="people.confirm")
def confirmations(visit: Visit) -> Response:
    """What waits for a second person, to those who hold the right to it."""
    names = {k.id: k.state.name for k in visit.reader.all(Person)}
    waiting = [
        _Waiting(
            kept.id,
            kept.state,
            names.get(kept.state.asked_by, ""),
            [(key, names.get(str(value), str(value))) for key, value in kept.state.payload.items()],
            kept.state.asked_by == visit.actor.person,
        )
        for kept in visit.reader.all(Confirmation, status="pending")
        if _may_see(visit, kept.state)
    ]
    return visit.show("people/confirmations.html", waiting=waiting)


def _may_see(visit: Visit, asked: Confirmation) -> bool:
    command = commands().get(asked.command)
    return command is not None and command.allows(visit.actor, asked.member)
