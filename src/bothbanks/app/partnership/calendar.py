"""Every date that somebody has to keep, gathered from all areas that the reader may see.

An area gives its dates in ``DEADLINES``: dataset -> a function of the reader. Dates of votes, duties,
disputes and obstacle files are taken from what the store is asked by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bothbanks.app.partnership.areas import areas
from bothbanks.app.partnership.desk import Reader
from bothbanks.app.partnership.sharing import gate
from bothbanks.civic.compact.deadlines import Deadline
from bothbanks.civic.compact.roles import Actor

Gather = Callable[[Reader], Iterable[Deadline]]


def say(message: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return message


def dates(reader: Reader, actor: Actor, member: str = "") -> list[Deadline]:
    """Dates in order of time: those of the whole partnership, and of one member or (with '') of all."""
    door = gate(reader, actor)
    out = [
        deadline
        for dataset, gathers in gathered().items()
        if door.decide(dataset).full
        for gather in gathers
        for deadline in gather(reader)
        if not member or deadline.member in ("", member)
    ]
    return sorted(out, key=lambda d: (d.day, d.id))


def gathered() -> Mapping[str, tuple[Gather, ...]]:
    """Dataset -> all that give its dates."""
    out: dict[str, tuple[Gather, ...]] = {dataset: (gather,) for dataset, gather in _OWN.items()}
    for area in areas():
        for dataset, gather in getattr(area, "DEADLINES", {}).items():
            out[dataset] = (*out.get(dataset, ()), gather)
    return out


def _votes(reader: Reader) -> Iterable[Deadline]:
    from bothbanks.civic.compact.votes import OPEN, Vote

    for kept in reader.all(Vote, status=OPEN):
        vote = kept.state
        if vote.closes is None:
            continue
        for member in ("",) if not vote.waiting else vote.waiting:
            yield Deadline(
                f"vote-{kept.id}{f'-{member}' if member else ''}",
                vote.closes,
                say("Vote closes: {title}"),
                f"/votes/{kept.id}",
                member,
                vote.rule.article,
                {"title": vote.title},
            )


def _duties(reader: Reader) -> Iterable[Deadline]:
    from bothbanks.civic.compact.duties_state import Duty

    for kept in reader.all(Duty):
        duty = kept.state
        for occurrence in duty.occurrences:
            if duty.ended or occurrence.closed:
                continue
            yield Deadline(
                f"duty-{kept.id}-{occurrence.number}",
                occurrence.due,
                say("Duty is due: {title}"),
                f"/duties/{kept.id}",
                duty.owner,
                duty.article,
                {"title": duty.title},
            )


def _disputes(reader: Reader) -> Iterable[Deadline]:
    from bothbanks.civic.compact.disputes_state import Dispute

    for kept in reader.all(Dispute):
        due = kept.state.next_deadline
        if due is not None:
            for member in kept.state.parties:
                yield Deadline(
                    f"dispute-{kept.id}-{member}",
                    due,
                    say("Next step of a dispute is due"),
                    f"/disputes/{kept.id}",
                    member,
                    kept.state.procedure.article,
                )


def _obstacles(reader: Reader) -> Iterable[Deadline]:
    from bothbanks.civic.compact.obstacles import Obstacle

    for kept in reader.all(Obstacle):
        day = kept.state.deadline
        if day is not None:
            yield Deadline(
                f"obstacle-{kept.id}",
                day,
                say("Obstacle file is due: {title}"),
                f"/obstacles/{kept.id}",
                values={"title": kept.state.title},
            )


_OWN: Mapping[str, Gather] = {
    "votes": _votes,
    "duties": _duties,
    "disputes": _disputes,
    "obstacles": _obstacles,
}


def filled(deadline: Deadline, pick: Callable[[Mapping[str, str]], Any]) -> dict[str, object]:
    """The values of a deadline's sentence, words by language picked."""
    return {k: v if isinstance(v, str) else pick(v) for k, v in deadline.values.items()}
