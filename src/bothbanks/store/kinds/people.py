"""Organs, seats and mandates; and what is personal: people, keys, invitations, sessions, confirmations."""

from __future__ import annotations

from bothbanks.civic.compact.accounts import (
    Confirmation,
    Errand,
    Identity,
    Invitation,
    Passkey,
    Person,
    Session,
)
from bothbanks.civic.compact.people import Holding, Organ, Seat
from bothbanks.store.interface import Keys, Kind


def _confirmation(asked: Confirmation) -> Keys:
    due = asked.expires if asked.verdict == "pending" else None
    return Keys(parent=asked.command, status=asked.verdict, owner=asked.asked_by, due=due)


KINDS = (
    Kind("organ", Organ, personal=False),
    Kind(
        "seat",
        Seat,
        lambda seat: Keys(parent=seat.organ, status=seat.role, owner=seat.member),
        personal=False,
    ),
    Kind(
        "mandate",
        Holding,
        lambda held: Keys(parent=held.seat, status=held.ended, owner=held.person, due=held.mandate.until),
    ),
    Kind("person", Person, lambda person: Keys(owner=person.login)),
    Kind("passkey", Passkey, lambda key: Keys(owner=key.person)),
    Kind("identity", Identity, lambda known: Keys(parent=known.issuer, owner=known.person)),
    Kind("invitation", Invitation, lambda link: Keys(owner=link.person, due=link.expires)),
    Kind("session", Session, lambda session: Keys(owner=session.person, due=session.expires)),
    Kind("errand", Errand, lambda errand: Keys(due=errand.expires)),
    Kind("confirmation", Confirmation, _confirmation),
)
