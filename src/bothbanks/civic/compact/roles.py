"""Roles, mandates and the one who acts: what every right is stated in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

SECRETARIAT, COUNCIL, ENGINEER, DUTY_OFFICER = "secretariat", "council", "engineer", "duty-officer"
AUDITOR, MONITOR, RESIDENT = "auditor", "monitor", "resident"
ROLES = (SECRETARIAT, COUNCIL, ENGINEER, DUTY_OFFICER, AUDITOR, MONITOR, RESIDENT)
PUBLIC = "public"
"""The reader who has not signed in; holds no mandate."""


@dataclass(frozen=True)
class Mandate:
    """A role that someone holds, for a member or ('') for the whole partnership, from a moment to another."""

    role: str
    member: str
    since: datetime
    until: datetime | None = None
    organ: str = ""
    deputy_of: str = ""  # id of the person whose place is taken while the mandate runs
    seat: str = ""  # id of the office in the organ

    def in_force(self, at: datetime) -> bool:
        """From ``since`` (included) to ``until`` (not included)."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Actor:
    """Who acts or reads: a person's id and the mandates in force at this moment. '' is the public."""

    person: str
    mandates: tuple[Mandate, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """The roles held, for whichever member; the public where none."""
        return frozenset(m.role for m in self.mandates) or frozenset({PUBLIC})

    @property
    def members(self) -> frozenset[str]:
        """The members for which a mandate is held ('' left out)."""
        return frozenset(m.member for m in self.mandates if m.member)

    def holds(self, roles: Iterable[str], member: str | None = None) -> bool:
        """Whether one of the roles is held, for that member (or for all) where one is given."""
        wanted = frozenset(roles)
        return any(m.role in wanted and (member is None or m.member in ("", member)) for m in self.mandates)

    def by(self, right: Right, member: str | None = None) -> tuple[Mandate, ...]:
        """The mandates that carry a right here: what 'acted as' means in the record."""
        asked = member if right.own_member else None
        return tuple(m for m in self.mandates if Actor(self.person, (m,)).holds(right.roles, asked))


ANYONE = Actor("")
CLOCK = Actor("clock")
"""Acts when a deadline passes; no person."""


@dataclass(frozen=True)
class Right:
    """Who may take a step: the roles, and whether only for the member that the step speaks for.

    Default closed: without a role nobody may, but for the clock where ``clock`` says so, whoever has signed
    in where ``signed_in`` does (one's own account, mandate or not), and everybody where ``anyone`` does.

    Examples
    --------
    >>> from datetime import UTC
    >>> seat = Mandate(COUNCIL, "aac", datetime(2026, 1, 1, tzinfo=UTC))
    >>> vote = Right(frozenset({COUNCIL}), own_member=True)
    >>> vote.allows(Actor("p1", (seat,)), "aac"), vote.allows(Actor("p1", (seat,)), "mhl")
    (True, False)
    """

    roles: frozenset[str] = frozenset()
    own_member: bool = False
    clock: bool = False
    anyone: bool = False
    signed_in: bool = False

    def allows(self, actor: Actor, member: str | None = None) -> bool:
        """Whether the actor may, for the member the step names (None: it names none)."""
        if actor == CLOCK:
            return self.clock
        if self.anyone or (self.signed_in and actor.person):
            return True
        return actor.holds(self.roles, member if self.own_member else None)
