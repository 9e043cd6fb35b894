"""The partnership as it runs: its store, its clock, and the one way to change anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bothbanks.app.partnership.areas import commands, ticks
from bothbanks.app.partnership.clocks import Clock, machine_clock
from bothbanks.app.partnership.commands import Payload, perform
from bothbanks.app.partnership.desk import Desk, Done, NewId, Reader, uuid7
from bothbanks.app.partnership.rehearsal import AheadClock
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.members import RegionFacts
from bothbanks.civic.compact.roles import CLOCK, Actor
from bothbanks.store.interface import ConflictError, MissingError, Store


class _RolledBack(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@dataclass
class Partnership:
    """One partnership's live service, without its site."""

    store: Store
    region: RegionFacts
    data: Path  # keys, appraisals, settings, logs: what is not in the store
    clock: Clock = machine_clock
    make_id: NewId = uuid7
    listeners: list[Callable[[], None]] = field(default_factory=list)
    """Called after each change that was committed."""

    @property
    def rehearsal(self) -> bool:
        """Whether the clock runs ahead, so that nothing here is real."""
        return isinstance(self.clock, AheadClock)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A consistent view of everything, for as long as the block runs."""
        with self.store.reading() as reading:
            yield Reader(reading, self.region, self.clock())

    @contextmanager
    def desk(self, actor: Actor) -> Iterator[Desk]:
        """A desk in one transaction, kept at the end of the block and undone when it raises."""
        with self.store.writing() as writing:
            yield Desk(writing, self.region, self.clock(), actor, None, self.make_id)
        for tell in self.listeners:
            tell()

    def act(self, name: str, payload: Payload, actor: Actor) -> Done | Refusal:
        """Take one step, whole or not at all; when this returns Done, it is kept.

        Raises
        ------
        FullError
            The disk is full; nothing was changed.
        """
        command = commands().get(name)
        if command is None:
            return Refusal("command.unknown", "there is no command '{name}'.", {"name": name}, "missing")
        try:
            with self.desk(actor) as desk:
                outcome = perform(desk, command, payload)
                if isinstance(outcome, Refusal):
                    raise _RolledBack(outcome)
            return outcome
        except _RolledBack as back:
            return back.refusal
        except MissingError as error:
            return Refusal(
                "store.missing", "there is no such thing: {what}", {"what": error.message}, "missing"
            )
        except ConflictError:
            return Refusal(
                "store.conflict",
                "someone else changed this first. Look at it as it now stands, and decide again.",
                cause="conflict",
            )

    def tick(self) -> int:
        """Let the clock do what is due, each part in a transaction of its own; how many things moved on.

        A part that fails keeps no other from its turn; the first failure is raised when all had theirs.
        """
        moved, failures = 0, []
        for tick in ticks():
            try:
                with self.desk(CLOCK) as desk:
                    moved += tick(desk)
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]
        return moved
