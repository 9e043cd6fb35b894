"""``compact/people.toml``: the organs of the partnership, their seats, and holders for a demonstration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from pydantic import Field

from bothbanks.civic.compact.people import DeputyRule, Organ, Seat
from bothbanks.region.compact.section import CompactSettings, KnownCompact
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import Identifier, Settings, Words

Role = Literal["secretariat", "council", "engineer", "duty-officer", "auditor", "monitor", "resident"]


class OrganSettings(Settings):
    """A body of the partnership."""

    id: Identifier = Field(description="id")
    name: Words = Field(description="name by language")
    task: Words = Field(default_factory=dict, description="what it is for, by language")
    article: str = Field("", description="article of compact.toml that sets it up")


class SeatsSettings(Settings):
    """A seat in an organ, or one such seat for each member."""

    id: Identifier = Field(description="id; with `each_member` the member's id is put behind it")
    organ: str = Field(description="id of the organ")
    role: Role = Field(description="role that its holder acts in")
    name: Words = Field(description="name by language; {member} stands for the member's name")
    member: str = Field("", description="the member that it speaks for; default: the whole partnership")
    each_member: bool = Field(False, description="true: one such seat for each member")
    deputy: DeputyRule = Field(
        "away", description="a deputy acts while the holder is 'away', 'always', 'never'"
    )
    public: bool = Field(False, description="true: everybody sees the holder's name")
    longest_days: int | None = Field(None, ge=1, description="longest mandate in days; default: no bound")
    apart_from: tuple[Role, ...] = Field((), description="roles that its holder can't have at the same time")


class HolderSettings(Settings):
    """A made-up holder of a seat. Real people are never in a folder: the secretariat adds them."""

    seat: str = Field(description="id of the seat, with the member's id where it has one")
    name: str = Field(min_length=1, description="a made-up name")
    login: Identifier = Field(description="sign-in name, made up as well")
    made_up: Literal[True] = Field(description="true: this person does not exist")
    deputy_of: str = Field("", description="sign-in name of the holder who is deputised")


class PeopleSettings(CompactSettings):
    """Who decides and acts for the partnership, by office."""

    organs: tuple[OrganSettings, ...] = Field(min_length=1, description="its bodies")
    seats: tuple[SeatsSettings, ...] = Field(min_length=1, description="their seats")
    holders: tuple[HolderSettings, ...] = Field((), description="made-up people for a demonstration")

    def all_organs(self) -> tuple[Organ, ...]:
        """The organs as the partnership keeps them."""
        return tuple(Organ(o.id, dict(o.name), dict(o.task), o.article) for o in self.organs)

    def all_seats(self, members: Mapping[str, Mapping[str, str]]) -> tuple[Seat, ...]:
        """Every seat, those of each member spelt out; ``members`` gives their names by language."""
        return tuple(
            Seat(
                f"{s.id}-{member}" if s.each_member else s.id,
                s.organ,
                s.role,
                named(s.name, members.get(member, {})),
                member,
                s.deputy,
                s.public,
                s.longest_days,
                s.apart_from,
            )
            for s in self.seats
            for member in (members if s.each_member else (s.member,))
        )

    def check(self, known: KnownCompact, problems: Problems) -> None:
        """Note seats of no organ, unknown members, holders of no seat, two in a seat, names used twice."""
        organs = {o.id for o in self.organs}
        members = known.settings.members
        seats = {s.id: s for s in self.all_seats({m: {} for m in members})}
        for n, seat in enumerate(self.seats, 1):
            here = f"seats[{n}] {seat.id}"
            if seat.organ not in organs:
                wanted = f"an organ: {', '.join(sorted(organs))}"
                problems.add(known.file, short(seat.organ), wanted, record=here, field="organ")
            if seat.member:
                known.member(seat.member, here, problems)
            if seat.member and seat.each_member:
                expected = "one of 'member' and 'each_member'"
                problems.add(known.file, "both", expected, record=here, field="member")
        ids = (s.id for s in self.all_seats({m: {} for m in members}))
        for what, names in (("organs", (o.id for o in self.organs)), ("seats", ids)):
            for twice in _twice(names):
                problems.add(
                    known.file,
                    f"{short(twice)} twice",
                    "ids that differ",
                    record=what,
                    code="region.duplicate",
                )
        for fault in self._holders_wrong(seats):
            problems.add(known.file, fault[2], fault[3], record=fault[0], field=fault[1])

    def _holders_wrong(self, seats: Mapping[str, Seat]) -> Iterator[tuple[str, str, str, str]]:
        """(record, field, found, expected) of each holder that can't be."""
        holds = {(h.seat, h.login) for h in self.holders if not h.deputy_of}
        taken: set[str] = set()
        names: dict[str, str] = {}
        for n, holder in enumerate(self.holders, 1):
            here = f"holders[{n}] {holder.login}"
            if holder.seat not in seats:
                yield here, "seat", short(holder.seat), f"a seat: {', '.join(seats)}"
                continue
            if names.setdefault(holder.login, holder.name) != holder.name:
                yield (
                    here,
                    "name",
                    short(holder.name),
                    f"'{names[holder.login]}', as above for this sign-in name",
                )
            if holder.deputy_of and (holder.seat, holder.deputy_of) not in holds:
                yield here, "deputy_of", short(holder.deputy_of), "the sign-in name of the seat's holder"
            if holder.deputy_of and seats[holder.seat].deputy == "never":
                yield here, "deputy_of", short(holder.deputy_of), "no deputy: the seat has none"
            if not holder.deputy_of and holder.seat in taken:
                yield here, "seat", f"{short(holder.seat)} again", "one holder for a seat"
            if not holder.deputy_of:
                taken.add(holder.seat)


def named(name: Mapping[str, str], member: Mapping[str, str]) -> dict[str, str]:
    """A seat's name with the member's name in the same language put in.

    >>> named({"en": "Mayor of {member}"}, {"en": "Aachen"})
    {'en': 'Mayor of Aachen'}
    """
    some = next(iter(member.values()), "")
    return {code: text.replace("{member}", member.get(code, some)) for code, text in name.items()}


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)
