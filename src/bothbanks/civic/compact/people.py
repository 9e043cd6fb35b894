"""Who sits where: organs, seats, mandates with their dates and deputies, and whom somebody acts for now.

An *organ* (assembly, secretariat, audit board) has *seats*; a seat has at most one holder at any moment, and
deputies if its rule allows them. A *mandate* binds a person to a seat from a moment (included) to another
(not included). Nothing is ever ended for the past: what a holder has done while the mandate ran stays done.

Article 10 of Regulation (EC) No 1082/2006 leaves the organs of an EGTC to its statutes; so they are data
here, and no organ is built in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.roles import Actor, Mandate
from bothbanks.record.entries import Entry

Names = Mapping[str, str]
DeputyRule = Literal["away", "always", "never"]
Ending = Literal["", "handover", "resigned", "recalled", "erased"]


@dataclass(frozen=True)
class Organ:
    """A body of the partnership and what it is for, in words of each language."""

    id: str
    name: Names
    task: Names = field(default_factory=dict)
    article: str = ""


@dataclass(frozen=True)
class Seat:
    """One office in an organ: the role it gives, for which member, and what holds for its holders.

    ``deputy``: a deputy acts while the holder is 'away', 'always' beside the holder, or 'never'.
    ``public``: the holder's name is shown to everybody. ``longest_days`` bounds a mandate (None: it doesn't).
    ``apart_from``: roles that the holder can't have at the same time (an auditor who also decides).
    """

    id: str
    organ: str
    role: str
    name: Names
    member: str = ""
    deputy: DeputyRule = "away"
    public: bool = False
    longest_days: int | None = None
    apart_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Absence:
    """Away from a moment (included) to another (not included); without an end, until further notice."""

    since: datetime
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether the holder is away at that moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Holding:
    """A mandate in somebody's hands: the person by id, the seat, its deputy rule, absences, how it ended."""

    id: str
    person: str
    mandate: Mandate
    deputy: DeputyRule = "away"
    public: bool = False
    apart_from: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()
    ended: Ending = ""

    @property
    def seat(self) -> str:
        """Id of the seat."""
        return self.mandate.seat

    def away(self, at: datetime) -> bool:
        """Whether the holder has said to be away at that moment."""
        return any(absence.covers(at) for absence in self.absences)

    def overlaps(self, since: datetime, until: datetime | None) -> bool:
        """Whether some moment lies in both this mandate and the span."""
        mine = self.mandate
        return (until is None or mine.since < until) and (mine.until is None or since < mine.until)


@dataclass(frozen=True)
class Give:
    """Give a seat to a person from ``since`` to ``until``, as its holder or in deputy of ``deputy_of``."""

    id: str
    person: str
    since: datetime
    until: datetime | None = None
    deputy_of: str = ""


def give(
    seat: Seat, holdings: Sequence[Holding], command: Give, by: Actor, at: datetime
) -> Change[Holding] | Refusal:
    """A person takes a seat, unless that breaks one of its rules.

    ``holdings`` are the mandates of this seat and those of the person, past ones too.

    Examples
    --------
    >>> from datetime import UTC
    >>> day = lambda month: datetime(2026, month, 1, tzinfo=UTC)
    >>> mayor = Seat("assembly-a", "assembly", "council", {"en": "Mayor of A"}, member="a")
    >>> first = give(mayor, (), Give("m1", "ann", day(1), day(6)), Actor("office"), day(1)).state
    >>> print(give(mayor, (first,), Give("m2", "bob", day(5)), Actor("office"), day(2)))
    [people.seat-taken] the seat assembly-a is held until 2026-06-01 00:00 UTC:
    end that mandate or hand it over.
    """
    found = _dates_wrong(seat, command, at) or _seat_taken(seat, holdings, command)
    found = found or _deputy_wrong(seat, holdings, command) or _roles_clash(seat, holdings, command)
    if by.person == command.person:
        found = Refusal(
            "people.own-mandate",
            "nobody gives a mandate to himself or herself: let another person of the secretariat do it.",
            cause="forbidden",
        )
    if found is not None:
        return found
    mandate = Mandate(
        seat.role, seat.member, command.since, command.until, seat.organ, command.deputy_of, seat.id
    )
    state = Holding(command.id, command.person, mandate, seat.deputy, seat.public, seat.apart_from)
    return Change(state, (_entry("people.mandate-given", state),))


def end(holding: Holding, until: datetime, why: Ending, at: datetime) -> Change[Holding] | Refusal:
    """The mandate ends now or at a moment to come, never later than it would have."""
    was = holding.mandate.until
    if was is not None and was <= at:
        return Refusal(
            "people.mandate-over", "this mandate ended on {moment}.", {"moment": _moment(was)}, "conflict"
        )
    if until < at:
        return Refusal(
            "people.past-end",
            "a mandate can't end in the past ({moment}): what was done under it stays done.",
            {"moment": _moment(until)},
        )
    if was is not None and until > was:
        return Refusal(
            "people.later-end",
            "this mandate ends on {moment} already; to prolong it, give a new one from that moment.",
            {"moment": _moment(was)},
        )
    # One that has not begun ends where it begins: it holds at no moment.
    last = max(until, holding.mandate.since)
    state = replace(holding, mandate=replace(holding.mandate, until=last), ended=why)
    return Change(state, (_entry("people.mandate-ended", state, {"why": why}),))


@dataclass(frozen=True)
class HandedOver:
    """An office before and after it changed hands; the mandates of the deputies that end with it."""

    old: Change[Holding]
    new: Change[Holding]
    deputies: tuple[Change[Holding], ...]


def hand_over(
    seat: Seat, holdings: Sequence[Holding], holding: Holding, command: Give, by: Actor, at: datetime
) -> HandedOver | Refusal:
    """The office passes from its holder to a successor at ``command.since``: no gap, and no two at once.

    ``holdings`` as in :func:`give`, of the successor; the deputies of the old holder end with the holder.
    """
    if holding.mandate.deputy_of:
        return Refusal("people.deputy-handover", "a deputy has no office to hand over: give a new mandate.")
    if holding.person == command.person:
        return Refusal("people.same-person", "the office is in these hands already.")
    old = end(holding, command.since, "handover", at)
    if isinstance(old, Refusal):
        return old
    rest = [h for h in holdings if h.id != holding.id]
    served = [
        h
        for h in rest
        if h.seat == seat.id and h.mandate.deputy_of == holding.person and h.overlaps(command.since, None)
    ]
    deputies = [end(h, command.since, "handover", at) for h in served]
    ended = {c.state.id: c for c in deputies if isinstance(c, Change)}
    after = [ended[h.id].state if h.id in ended else h for h in rest]
    new = give(seat, [*after, old.state], command, by, at)
    return new if isinstance(new, Refusal) else HandedOver(old, new, tuple(ended.values()))


def go_away(holding: Holding, absence: Absence, at: datetime) -> Change[Holding] | Refusal:
    """The holder is away for a while, so that a deputy may act; never for the past."""
    if holding.mandate.deputy_of:
        return Refusal("people.deputy-away", "only the holder of an office can be away from it.")
    if absence.until is not None and absence.until <= absence.since:
        return Refusal("people.dates", "the end must come after the beginning.")
    if absence.since < at:
        return Refusal(
            "people.past-absence", "an absence can't begin in the past: a deputy would have acted unseen."
        )
    if not holding.overlaps(absence.since, absence.until):
        return Refusal("people.absence-outside", "the absence lies outside the mandate.")
    state = replace(holding, absences=(*holding.absences, absence))
    return Change(
        state,
        (
            _entry(
                "people.away", state, {f"away_{k}": v for k, v in _span(absence.since, absence.until).items()}
            ),
        ),
    )


def come_back(holding: Holding, at: datetime) -> Change[Holding] | Refusal:
    """The holder is back: absences that run end now, those to come fall away."""
    kept = [a for a in holding.absences if a.until is not None and a.until <= at]
    running = [replace(a, until=at) for a in holding.absences if a.covers(at) and a.since < at]
    if len(kept) == len(holding.absences):
        return Refusal("people.not-away", "no absence is noted from now on.")
    state = replace(holding, absences=(*kept, *running))
    return Change(state, (_entry("people.back", state, {"at": at.isoformat()}),))


def acts(holding: Holding, holdings: Iterable[Holding], at: datetime) -> bool:
    """Whether a mandate lets its holder act at a moment.

    A deputy acts only while the mandate of the person whose place is taken runs, too; and, where the rule
    of the seat is 'away', only while that person is away.
    """
    if not holding.mandate.in_force(at):
        return False
    if not holding.mandate.deputy_of:
        return True
    if holding.deputy == "never":
        return False
    principals = (
        h
        for h in holdings
        if h.seat == holding.seat
        and h.person == holding.mandate.deputy_of
        and not h.mandate.deputy_of
        and h.mandate.in_force(at)
    )
    return any(holding.deputy == "always" or principal.away(at) for principal in principals)


def actor_of(person: str, holdings: Sequence[Holding], at: datetime) -> Actor:
    """A person with the mandates that hold at a moment.

    ``holdings`` are the person's own and, for those held as a deputy, the ones of the same seats.

    Examples
    --------
    >>> from datetime import UTC
    >>> since, back = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 8, 20, tzinfo=UTC)
    >>> office = Mandate("council", "a", since, seat="assembly-a")
    >>> ann = Holding("m1", "ann", office, absences=(Absence(datetime(2026, 8, 1, tzinfo=UTC), back),))
    >>> bob = Holding("m2", "bob", replace(office, deputy_of="ann"))
    >>> [len(actor_of("bob", (ann, bob), datetime(2026, 8, d, tzinfo=UTC)).mandates) for d in (19, 20)]
    [1, 0]
    """
    held = (h.mandate for h in holdings if h.person == person and acts(h, holdings, at))
    return Actor(person, tuple(held)) if person else Actor("")


def _dates_wrong(seat: Seat, command: Give, at: datetime) -> Refusal | None:
    if command.until is not None and command.until <= command.since:
        return Refusal("people.dates", "the end must come after the beginning.")
    if command.since < at:
        return Refusal(
            "people.past-mandate", "a mandate can't begin in the past: nobody could have seen it run."
        )
    if seat.longest_days is None:
        return None
    if command.until is None or command.until - command.since > timedelta(days=seat.longest_days):
        return Refusal(
            "people.term",
            "a mandate for the seat {seat} lasts at most {days} days: give its end.",
            {"seat": seat.id, "days": seat.longest_days},
        )
    return None


def _seat_taken(seat: Seat, holdings: Sequence[Holding], command: Give) -> Refusal | None:
    here = [h for h in holdings if h.seat == seat.id and h.overlaps(command.since, command.until)]
    if any(h.person == command.person for h in here):
        return Refusal(
            "people.twice", "this person has a mandate for the seat {seat} at that time.", {"seat": seat.id}
        )
    taken = [h for h in here if not h.mandate.deputy_of]
    if command.deputy_of or not taken:
        return None
    until = taken[0].mandate.until
    if until is None:
        return Refusal(
            "people.seat-held",
            "the seat {seat} is held without an end: end that mandate or hand it over.",
            {"seat": seat.id},
        )
    return Refusal(
        "people.seat-taken",
        "the seat {seat} is held until {moment}: end that mandate or hand it over.",
        {"seat": seat.id, "moment": _moment(until)},
    )


def _deputy_wrong(seat: Seat, holdings: Sequence[Holding], command: Give) -> Refusal | None:
    if not command.deputy_of:
        return None
    if seat.deputy == "never":
        return Refusal("people.no-deputies", "the seat {seat} has no deputies.", {"seat": seat.id})
    holds = any(
        h.seat == seat.id
        and h.person == command.deputy_of
        and not h.mandate.deputy_of
        and h.overlaps(command.since, command.until)
        for h in holdings
    )
    if not holds:
        return Refusal(
            "people.deputy-of-whom",
            "the person to be deputised does not hold the seat {seat} at that time.",
            {"seat": seat.id},
        )
    return None


def _roles_clash(seat: Seat, holdings: Sequence[Holding], command: Give) -> Refusal | None:
    others = [h for h in holdings if h.person == command.person and h.overlaps(command.since, command.until)]
    clash = sorted(
        h.mandate.role for h in others if h.mandate.role in seat.apart_from or seat.role in h.apart_from
    )
    if not clash:
        return None
    return Refusal(
        "people.apart",
        "the seat {seat} can't be held together with the role {role}.",
        {"seat": seat.id, "role": clash[0]},
    )


def _span(since: datetime, until: datetime | None) -> dict[str, str | None]:
    return {"since": since.isoformat(), "until": until.isoformat() if until else None}


def _entry(kind: str, holding: Holding, more: Mapping[str, str | None] | None = None) -> Entry:
    """What the record keeps: the office for ever, the person only as long as nobody erases it."""
    mandate = holding.mandate
    body = {
        "seat": mandate.seat,
        "organ": mandate.organ,
        "role": mandate.role,
        "member": mandate.member,
        "deputy": bool(mandate.deputy_of),
        **_span(mandate.since, mandate.until),
        **(more or {}),
    }
    return Entry(kind, f"mandate/{holding.id}", body, {"holder": holding.person})


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
