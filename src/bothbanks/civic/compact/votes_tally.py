"""Count a vote: each condition with its exact figures, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from bothbanks.civic.compact.votes_rules import (
    ABSTAIN,
    NO,
    OBJECTION,
    YES,
    AllOf,
    AnyOf,
    Base,
    Blocking,
    Condition,
    Consent,
    Elector,
    Least,
    Measure,
    Quorum,
    Share,
    Unanimity,
    Veto,
    VoteRule,
)

Outcome = Literal["carried", "rejected", "no-quorum", "stopped"]
CARRIED: Outcome = "carried"


@dataclass(frozen=True)
class Figure:
    """One condition as it came out.

    ``value`` of ``base`` was reached (members, votes or people); ``needed`` is the least that would do, or
    with ``more_than`` what had to be passed, in the same unit. ``share`` is set where the rule names one.
    ``against`` holds those that used a veto, withheld a consent that is needed, or broke unanimity.
    """

    kind: str
    met: bool
    counts: Measure = "members"
    of: Base = "all"
    value: Fraction = Fraction(0)
    base: Fraction = Fraction(0)
    needed: Fraction = Fraction(0)
    share: Fraction | None = None
    more_than: bool = False
    against: tuple[str, ...] = ()
    parts: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Tally:
    """The result: the outcome, each quorum and condition, and who did what (nobody is named if secret).

    ``silent`` are those counted as in favour because they did not reply; ``casting`` is the presiding member
    whose vote broke a tie, else ''.
    """

    outcome: Outcome
    quorum: tuple[Figure, ...]
    condition: Figure
    number: Mapping[str, int]
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    abstain: tuple[str, ...] = ()
    objection: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    casting: str = ""

    @property
    def carried(self) -> bool:
        """True where the decision is taken."""
        return self.outcome == CARRIED

    def unnamed(self) -> Tally:
        """The same without names, for a secret vote: the numbers alone."""
        return replace(
            self, yes=(), no=(), abstain=(), objection=(), absent=(), silent=(), casting="",
            condition=_unnamed(self.condition),
        )  # fmt: skip

    def body(self) -> dict[str, Any]:
        """Plain JSON for the record; fractions as text, exact."""
        return {
            "outcome": self.outcome,
            "number": dict(self.number),
            "quorum": [_plain(f) for f in self.quorum],
            "condition": _plain(self.condition),
            "casting_vote": self.casting,
        }


def _unnamed(figure: Figure) -> Figure:
    return replace(figure, against=(), parts=tuple(_unnamed(p) for p in figure.parts))


def _plain(figure: Figure) -> dict[str, Any]:
    out: dict[str, Any] = {"kind": figure.kind, "met": figure.met}
    if figure.parts:
        return {**out, "parts": [_plain(p) for p in figure.parts]}
    out |= {
        "counts": figure.counts, "of": figure.of, "value": str(figure.value), "base": str(figure.base),
        "needed": str(figure.needed), "more_than": figure.more_than,
    }  # fmt: skip
    return out | ({"against": list(figure.against)} if figure.against else {})


@dataclass(frozen=True)
class _Room:
    """Everyone entitled, by what they are counted as."""

    electors: Sequence[Elector]
    yes: frozenset[str]
    no: frozenset[str]
    cast: frozenset[str]
    present: frozenset[str]

    def sum(self, measure: Measure, who: frozenset[str] | None = None) -> Fraction:
        return sum((e.counted(measure) for e in self.electors if who is None or e.member in who), Fraction(0))


def tally(
    rule: VoteRule, electors: Sequence[Elector], choices: Mapping[str, str], presiding: str = ""
) -> Tally:
    """Count the choices under the rule.

    Parameters
    ----------
    electors : those entitled to vote; a member excluded for its interest is not among them
    choices : member -> 'yes', 'no', 'abstain' or 'objection'; whoever is not in it has not voted
    presiding : the member whose own vote breaks a tie, where the rule has a casting vote

    Examples
    --------
    Two of three members in favour, the third abstains; more than half of all votes are needed:

    >>> electors = tuple(Elector(m, Fraction(1), 10) for m in "abc")
    >>> rule = VoteRule("r", "art-9", {}, Share("members", Fraction(1, 2), more_than=True))
    >>> found = tally(rule, electors, {"a": "yes", "b": "yes", "c": "abstain"})
    >>> found.outcome, str(found.condition.value), str(found.condition.needed)
    ('carried', '2', '3/2')
    """
    members = [e.member for e in electors]

    def those(choice: str) -> tuple[str, ...]:
        return tuple(m for m in members if choices.get(m) == choice)

    quiet = tuple(m for m in members if m not in choices)
    agrees = rule.written is not None and rule.written.silence
    silent, absent = (quiet, ()) if agrees else ((), quiet)
    room = _room(rule, electors, frozenset(those(YES) + silent), frozenset(those(NO)),
                 frozenset(those(ABSTAIN)))  # fmt: skip
    quorum = tuple(_quorum(q, room) for q in rule.quorum)
    condition = _figure(rule.condition, room)
    casting = ""
    if rule.casting_vote and isinstance(rule.condition, Share) and not condition.met:
        tied = condition.value > 0 and condition.value == condition.needed
        if tied and presiding in room.yes | room.no:
            casting = presiding
    stopped = rule.written is not None and rule.written.objection_stops and bool(those(OBJECTION))
    outcome: Outcome = "rejected"
    if stopped:
        outcome = "stopped"
    elif not all(q.met for q in quorum):
        outcome = "no-quorum"
    elif room.yes and (condition.met or casting in room.yes):  # a veto nobody used decides nothing by itself
        outcome = CARRIED
    number = {
        "entitled": len(members), "yes": len(those(YES)), "no": len(those(NO)),
        "abstain": len(those(ABSTAIN)), "objection": len(those(OBJECTION)),
        "absent": len(absent), "silent": len(silent),
    }  # fmt: skip
    return Tally(
        outcome, quorum, condition, number, those(YES), those(NO), those(ABSTAIN), those(OBJECTION),
        absent, silent, casting if outcome in (CARRIED, "rejected") else "",
    )  # fmt: skip


def _room(
    rule: VoteRule,
    electors: Sequence[Elector],
    yes: frozenset[str],
    no: frozenset[str],
    abstain: frozenset[str],
) -> _Room:
    present = yes | no | abstain
    if rule.abstention == "against":
        no = no | abstain
    cast = yes | no | (abstain if rule.abstention == "cast" else frozenset())
    return _Room(electors, yes, no, cast, present)


def _quorum(quorum: Quorum, room: _Room) -> Figure:
    value, base = room.sum(quorum.counts, room.present), room.sum(quorum.counts)
    needed = quorum.needed * base
    met = value > needed if quorum.more_than else value >= needed
    return Figure(
        "quorum", met and value > 0, quorum.counts, "all", value, base, needed, quorum.needed,
        quorum.more_than,
    )  # fmt: skip


def _figure(condition: Condition, room: _Room) -> Figure:
    if isinstance(condition, AllOf | AnyOf):
        parts = tuple(_figure(part, room) for part in condition.parts)
        met = all(p.met for p in parts) if isinstance(condition, AllOf) else any(p.met for p in parts)
        return Figure(condition.kind, met, parts=parts)
    if isinstance(condition, Share):
        value = room.sum(condition.counts, room.yes)
        base = room.sum(condition.counts, room.cast if condition.of == "cast" else None)
        needed = condition.needed * base
        met = value > needed if condition.more_than else value >= needed
        return Figure(
            "share", met and value > 0, condition.counts, condition.of, value, base, needed, condition.needed,
            condition.more_than,
        )  # fmt: skip
    if isinstance(condition, Least):
        value = room.sum(condition.counts, room.yes)
        return Figure(
            "least", value >= condition.number, condition.counts, "all", value, room.sum(condition.counts),
            condition.number,
        )  # fmt: skip
    return _of_members(condition, room)


def _of_members(condition: Blocking | Veto | Consent | Unanimity, room: _Room) -> Figure:
    everyone = tuple(e.member for e in room.electors)
    all_of_them, favour = Fraction(len(everyone)), Fraction(len(room.yes))
    if isinstance(condition, Blocking):
        needed = all_of_them - condition.members + 1
        return Figure("blocking", favour >= needed, "members", "all", favour, all_of_them, needed)
    if isinstance(condition, Consent):
        against = tuple(m for m in everyone if m in condition.holders and m not in room.yes)
        return Figure("consent", not against, "members", "all", favour, all_of_them, against=against)
    if isinstance(condition, Veto):
        against = tuple(m for m in everyone if m in room.no and m in condition.holders)
        return Figure("veto", not against, "members", "all", favour, all_of_them, against=against)
    if condition.of == "all":
        against = tuple(m for m in everyone if m not in room.yes)
        met = not against
    else:
        against = tuple(m for m in everyone if m in room.no)
        met = not against and bool(room.yes)
    return Figure(
        "unanimity", met, "members", condition.of, favour, all_of_them,
        all_of_them if condition.of == "all" else Fraction(1), against=against,
    )  # fmt: skip
