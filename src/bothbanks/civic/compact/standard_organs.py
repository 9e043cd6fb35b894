"""Organs and seats for a partnership whose folder names none: one seat a role and member, plain words.

They follow no statute. A partnership writes its own in ``compact/people.toml``.
"""

from __future__ import annotations

from bothbanks.civic.compact.members import RegionFacts
from bothbanks.civic.compact.people import Names, Organ, Seat
from bothbanks.civic.compact.roles import (
    AUDITOR,
    COUNCIL,
    DUTY_OFFICER,
    ENGINEER,
    MONITOR,
    SECRETARIAT,
)

NAMES: dict[str, Names] = {
    SECRETARIAT: {
        "en": "Joint secretariat",
        "de": "Gemeinsames Sekretariat",
        "fr": "Secrétariat conjoint",
        "nl": "Gezamenlijk secretariaat",
    },
    COUNCIL: {"en": "Assembly", "de": "Versammlung", "fr": "Assemblée", "nl": "Vergadering"},
    ENGINEER: {
        "en": "Technical committee",
        "de": "Technischer Ausschuss",
        "fr": "Comité technique",
        "nl": "Technische commissie",
    },
    DUTY_OFFICER: {
        "en": "Duty officers",
        "de": "Diensthabende",
        "fr": "Officiers de garde",
        "nl": "Officieren van dienst",
    },
    AUDITOR: {"en": "Auditors", "de": "Rechnungsprüfung", "fr": "Vérification des comptes", "nl": "Controle"},
    MONITOR: {"en": "Monitors", "de": "Beobachtung", "fr": "Suivi", "nl": "Toezicht"},
}
BY_MEMBER = (COUNCIL, ENGINEER, DUTY_OFFICER)
SECRETARIAT_SEATS = 2
"""So that there is a second person for what needs two."""


def standard_organs() -> tuple[Organ, ...]:
    """An organ for each role.

    >>> [organ.id for organ in standard_organs()][:2]
    ['secretariat', 'council']
    """
    return tuple(Organ(role, name) for role, name in NAMES.items())


def standard_seats(region: RegionFacts) -> tuple[Seat, ...]:
    """Seats of the organs: two in the secretariat, one a member where a role speaks for a member."""
    offices = [
        Seat(f"{SECRETARIAT}-{n}", SECRETARIAT, SECRETARIAT, _numbered(NAMES[SECRETARIAT], n))
        for n in range(1, SECRETARIAT_SEATS + 1)
    ]
    members = [
        Seat(
            f"{role}-{member.id}",
            role,
            role,
            _of(NAMES[role], member.name),
            member.id,
            public=role == COUNCIL,
        )
        for role in BY_MEMBER
        for member in region.members.values()
    ]
    # Who checks does not decide at the same time.
    watchers = [
        Seat(role, role, role, NAMES[role], apart_from=(SECRETARIAT, COUNCIL)) for role in (AUDITOR, MONITOR)
    ]
    return (*offices, *members, *watchers)


def _numbered(name: Names, n: int) -> Names:
    return {code: f"{words} {n}" for code, words in name.items()}


def _of(name: Names, member: Names) -> Names:
    some = next(iter(member.values()), "")
    return {code: f"{words}: {member.get(code, some)}" for code, words in name.items()}
