"""Two people for what can't be undone: the first asks, a second one confirms, and only then it happens.

The commands 'people.confirm' and 'people.decline' are in ``people.py``; the rules on who may second whom are
in ``civic/compact/accounts.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import rfc8785

from bothbanks.app.partnership.commands import Command, Payload, perform
from bothbanks.app.partnership.desk import Desk, Done, Reader
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import accounts
from bothbanks.civic.compact.accounts import CONFIRMATION_LASTS, Confirmation
from bothbanks.civic.compact.people import Holding, actor_of
from bothbanks.civic.compact.roles import Actor
from bothbanks.store.interface import Kept

Form = TypeVar("Form")


def hold_back(desk: Desk, command: Command[Form], payload: Payload) -> Done | Refusal:
    """Keep what was asked for until a second person confirms it; nothing of it has happened yet."""
    form = command.read(payload)
    if isinstance(form, Refusal):
        return form
    exactly: dict[str, Any] = command.adapter.dump_python(form, mode="json")
    member = command.member_of(form)
    digest = digest_of(command.name, exactly)
    if any(
        kept.state.payload_sha256 == digest and kept.state.expires > desk.at
        for kept in desk.all(Confirmation, parent=command.name, status="pending")
    ):
        return Refusal(
            "people.asked-already",
            "this has been asked for already and waits for a second person.",
            {},
            "conflict",
        )
    asked = Confirmation(
        desk.new_id(),
        command.name,
        exactly,
        digest,
        member,
        desk.actor.person,
        desk.actor.by(command.right, member),
        desk.at,
        desk.at + CONFIRMATION_LASTS,
    )
    desk.keep(asked.id, accounts.ask(asked), None)
    answer = {"confirmation": asked.id, "expires": asked.expires.isoformat()}
    return Done(f"confirmation/{asked.id}", answer, waits=True)


def second(desk: Desk, command: Command[Any], kept: Kept[Confirmation]) -> Done | Refusal:
    """The one at the desk confirms what was kept: it runs now, in the asker's name."""
    asked = kept.state
    first = actor_now(desk, asked.asked_by)
    change = accounts.confirm(asked, command.right, first, desk.actor, desk.at)
    if isinstance(change, Refusal):
        return change
    if digest_of(asked.command, asked.payload) != asked.payload_sha256:
        return Refusal(
            "people.payload-changed", "what was asked for is not what is kept: ask anew.", {}, "conflict"
        )
    desk.keep(asked.id, change, kept)
    return run_confirmed(desk, command, asked.payload, first)


def run_confirmed(desk: Desk, command: Command[Any], payload: Payload, first: Actor) -> Done | Refusal:
    """Take the step that two people agreed on; its own rules still hold, at this moment."""
    return perform(replace(desk, actor=first), command, payload, confirmed=True)


def expire_confirmations(desk: Desk) -> int:
    """Close what nobody confirmed in time; how many."""
    closed = 0
    for kept in desk.all(Confirmation, status="pending", due_before=desk.at):
        change = accounts.expire(kept.state, desk.at)
        if isinstance(change, Change):
            desk.keep(kept.id, change, kept)
            closed += 1
    return closed


def actor_now(reader: Reader, person: str) -> Actor:
    """A person with the mandates that hold at the reader's moment."""
    return actor_of(person, holdings_around(reader, person), reader.at)


def holdings_around(reader: Reader, person: str) -> Sequence[Holding]:
    """A person's mandates, and everybody's for the seats where the person is a deputy."""
    own = [kept.state for kept in reader.all(Holding, owner=person)] if person else []
    seats = sorted({held.seat for held in own if held.mandate.deputy_of})
    others = [k.state for seat in seats for k in reader.all(Holding, parent=seat) if k.state.person != person]
    return [*own, *others]


def digest_of(name: str, payload: Payload) -> str:
    """SHA-256 of a command's name and payload in canonical JSON (RFC 8785), in hexadecimal."""
    return hashlib.sha256(rfc8785.dumps({"command": name, "payload": dict(payload)})).hexdigest()
