"""Obstacle files at work: handed in, followed step by step, their clocks noted."""

from __future__ import annotations

from dataclasses import dataclass

from bothbanks.app.partnership.bounds import Day
from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done
from bothbanks.app.partnership.duties import TICK, kept_or_refused, loaded, record_in_order
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import obstacles as civic
from bothbanks.civic.compact.duties_calendar import WorkCalendar
from bothbanks.civic.compact.obstacles import Kind, Obstacle, Result, TakeStep
from bothbanks.civic.compact.roles import COUNCIL, SECRETARIAT, Right
from bothbanks.record.entries import Entry

OFFICE_RIGHT = Right(frozenset({SECRETARIAT, COUNCIL}))


@dataclass(frozen=True)
class SubmitObstacle:
    """Hand in an obstacle file: a rule or practice of one country that keeps both banks apart."""

    title: str
    words: str
    initiator: str
    country: str
    authority: str


@dataclass(frozen=True)
class TakeObstacleStep:
    """Record a step of the procedure, with its words."""

    obstacle: str
    step: str
    words: str
    kind: Kind = ""
    result: Result = ""
    redress_until: Day | None = None
    version: int | None = None


def submit(desk: Desk, form: SubmitObstacle) -> Done | Refusal:
    """Hand it in."""
    zones = {m.country: m.zone for m in desk.region.members.values()}
    if form.country not in zones:
        return Refusal(
            "obstacles.country", "'{country}' is no country of the members; there are {countries}.",
            {"country": form.country, "countries": ", ".join(zones)}, "missing",
        )  # fmt: skip
    if not (form.title.strip() and form.words.strip() and form.initiator.strip() and form.authority.strip()):
        return Refusal(
            "obstacles.empty", "say what the obstacle is, which body brings it, and to which authority."
        )
    file = Obstacle(
        desk.new_id(), form.title, form.words, form.initiator, form.country, form.authority,
        WorkCalendar(zones[form.country]), desk.at,
    )  # fmt: skip
    desk.keep(file.id, civic.submit(file), None)
    return Done(f"obstacle/{file.id}")


def take(desk: Desk, form: TakeObstacleStep) -> Done | Refusal:
    """Record a step."""
    step = TakeStep(form.step, desk.at, form.words, form.kind, form.result, form.redress_until)
    kept = loaded(desk, Obstacle, form.obstacle, form.version)
    return kept_or_refused(desk, kept, "obstacle", lambda o: civic.take(o, step))


def run_clocks(desk: Desk) -> int:
    """Note the ends of clocks."""
    entries: list[Entry] = []
    for kept in desk.all(Obstacle, due_before=desk.at + TICK):
        change = civic.catch_up(kept.state, desk.at)
        if change.entries:
            desk.keep(kept.id, Change(change.state, ()), kept)
            entries += change.entries
    return record_in_order(desk, entries)


COMMANDS = (
    Command("obstacles.submit", SubmitObstacle, submit, OFFICE_RIGHT),
    Command("obstacles.step", TakeObstacleStep, take, OFFICE_RIGHT),
)
TICKS = (run_clocks,)
