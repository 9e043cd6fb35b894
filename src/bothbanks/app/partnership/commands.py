"""A command is declared once; the API, the forms and the tests are made from the declaration.

A command has a form (a frozen dataclass of plain fields), a right, and a function that takes the step. Here
a payload becomes the form, the right is checked, two people are asked for where it is irreversible, and
the whole runs in one transaction. A refusal rolls it back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from bothbanks.app.partnership.desk import Desk, Done
from bothbanks.app.partnership.resting import refused_by_suspension
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.roles import Actor, Right

Form = TypeVar("Form")
Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Command(Generic[Form]):
    """One thing that someone may do."""

    name: str  # '<area>.<verb>'
    form: type[Form]
    act: Callable[[Desk, Form], Done | Refusal]
    right: Right
    two_people: bool = False
    """Irreversible: a second person with the right has to confirm it first."""
    rests: str = ""
    """The right (one of ``SUSPENDABLE``) with which the step rests, while a missed duty suspends it."""

    @cached_property
    def adapter(self) -> TypeAdapter[Form]:
        """Turns a payload into the form."""
        return TypeAdapter(self.form)

    def read(self, payload: Payload) -> Form | Refusal:
        """The form, or every field that is wrong at once."""
        try:
            return self.adapter.validate_python(self._without_blanks(payload))
        except ValidationError as error:
            return self._faults(error)

    def misread(self, payload: Payload) -> Refusal | None:
        """Refuse JSON that fits the form only by guessing: a number for a day, a field that there isn't."""
        known = {f.name for f in fields(self.form)}  # type: ignore[arg-type]
        if unknown := sorted(payload.keys() - known):
            faults = "; ".join(f"{name[:40]}: there is no such field" for name in unknown[:10])
            return Refusal("command.form", "Please correct: {faults}", {"faults": faults})
        try:
            self.adapter.validate_json(json.dumps(payload), strict=True)
        except ValidationError as error:
            return self._faults(error)
        return None

    def _faults(self, error: ValidationError) -> Refusal:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or self.name}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False, include_context=False)
        )
        return Refusal("command.form", "Please correct: {faults}", {"faults": faults})

    def member_of(self, form: Form) -> str | None:
        """The member that the step speaks for; None where the form has no such field, or leaves it open.

        A form that has to name one and says '' names a member that isn't there: it must not pass for one
        that speaks for nobody in particular, which the rights would then be asked about.
        """
        found = getattr(form, "member", None)
        return found if isinstance(found, str) and (found or self._needs_member) else None

    @cached_property
    def _needs_member(self) -> bool:
        return any(f.name == "member" and f.default is MISSING for f in fields(self.form))  # type: ignore[arg-type]

    def allows(self, actor: Actor, member: str | None = None) -> bool:
        """Whether the actor may take this step (for that member)."""
        return self.right.allows(actor, member)

    def _without_blanks(self, payload: Payload) -> dict[str, Any]:
        """A form on a page sends '' for what was left open: then the field's own default holds."""
        open_ = {
            f.name
            for f in fields(self.form)  # type: ignore[arg-type]
            if f.default is not MISSING or f.default_factory is not MISSING
        }
        return {key: value for key, value in payload.items() if not (value == "" and key in open_)}


def perform(desk: Desk, command: Command[Form], payload: Payload, confirmed: bool = False) -> Done | Refusal:
    """Take the step at this desk, or say why not. The caller rolls back after a refusal."""
    form = command.read(payload)
    if isinstance(form, Refusal):
        return form
    member = command.member_of(form)
    if member is not None and member not in desk.region.members:
        return Refusal("command.member", "there is no member '{member}'.", {"member": member}, "missing")
    if not command.allows(desk.actor, member):
        return Refusal("command.right", "your roles do not allow this step.", cause="forbidden")
    if command.rests and member is not None:
        suspended = refused_by_suspension(desk, member, command.rests)
        if suspended is not None:
            return suspended
    desk = Desk(desk.store, desk.region, desk.at, desk.actor, member, desk.make_id)
    if command.two_people and not confirmed:
        from bothbanks.app.partnership.two_people import hold_back

        return hold_back(desk, command, payload)
    return command.act(desk, form)
