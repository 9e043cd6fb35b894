"""Read the agreement: as it stands, its versions set aside, its articles, and who points to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from bothbanks.app.partnership.desk import Reader
from bothbanks.civic.compact.agreement import AgreementText
from bothbanks.civic.compact.agreement_history import Held, text_on
from bothbanks.civic.compact.agreement_state import Agreement, Comment, Version
from bothbanks.civic.compact.agreement_text import Names
from bothbanks.civic.compact.members import RegionFacts
from bothbanks.store.interface import Kept


def kept_agreement(reader: Reader) -> Kept[Agreement] | None:
    """The partnership's agreement; None where nothing has been proposed yet."""
    found: list[Kept[Agreement]] = reader.all(Agreement)
    return found[0] if found else None


def every_version(reader: Reader, agreement: Agreement) -> tuple[Version, ...]:
    """All versions, those set aside too, oldest first."""
    aside = [kept.state for kept in reader.all(Version, parent=agreement.id)]
    return tuple(sorted((*agreement.versions, *aside), key=lambda v: v.number))


def comments_on(reader: Reader, agreement: Agreement, number: int) -> list[Kept[Comment]]:
    """Comments on a version, oldest first."""
    return reader.all(Comment, parent=f"{agreement.id}@{number}")


def names(region: RegionFacts) -> Names:
    """The names that texts use."""
    return Names(region.name, {m.id: m.name for m in region.members.values()})


def local_day(reader: Reader, agreement: Agreement) -> date:
    """Today at the seat: days of the agreement begin and end by its clock."""
    current = agreement.current
    seat = current.text.seat.member if current is not None else ""
    facts = reader.region.members.get(seat) or next(iter(reader.region.members.values()))
    return reader.at.astimezone(ZoneInfo(facts.zone)).date()


def held_today(reader: Reader, agreement: Agreement) -> Held | None:
    """What is in force today."""
    return text_on(agreement, local_day(reader, agreement))


def current_text(reader: Reader) -> AgreementText | None:
    """What holds today, else the version adopted last, else the draft on its way; None where none."""
    kept = kept_agreement(reader)
    if kept is None:
        return None
    held = held_today(reader, kept.state)
    if held is not None:
        return held.text
    return kept.state.current.text if kept.state.current is not None else None


@dataclass(frozen=True)
class Pointer:
    """Something that rests on an article: a vote rule, a duty, a sharing rule, a payment."""

    area: str
    id: str
    name: Mapping[str, str]
    path: str


def pointers(reader: Reader) -> Mapping[str, tuple[Pointer, ...]]:
    """Article -> what rests on it, from every kind of object that names an article."""
    out: dict[str, list[Pointer]] = {}
    for article, pointer in _pointers(reader):
        out.setdefault(article, []).append(pointer)
    return {article: tuple(found) for article, found in out.items()}


def _pointers(reader: Reader) -> Iterable[tuple[str, Pointer]]:
    from bothbanks.civic.compact.duties_state import Duty
    from bothbanks.civic.compact.sharing_rules import RuleBook
    from bothbanks.civic.compact.votes_rules import VoteRule

    for rule in reader.all(VoteRule):
        yield rule.state.article, Pointer("votes", rule.id, rule.state.name, "/votes")
    for duty in reader.all(Duty):
        yield duty.state.article, Pointer("duties", duty.id, duty.state.title, f"/duties/{duty.id}")
    for book in reader.all(RuleBook):
        for sharing in book.state.rules:
            yield sharing.article, Pointer("sharing", sharing.id, {"": sharing.id}, "/sharing")
