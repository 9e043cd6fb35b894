"""Two small kinds of object for the tests of the store, and stores of both databases holding them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from bothbanks.record.entries import Entry
from bothbanks.store import Keys, Kind, Writing
from bothbanks.store.interface import Feature

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Duty:
    owner: str
    share: Fraction
    days: tuple[date, ...] = ()
    due: datetime | None = None
    weight: float = 0.0


@dataclass(frozen=True)
class Person:
    name: str


KINDS: tuple[Kind[Any], ...] = (
    Kind("duty", Duty, lambda d: Keys(parent="article/3", owner=d.owner, due=d.due), personal=False),
    Kind("person", Person),
)


def fill(work: Writing) -> None:
    """A bit of everything, with what is hard to carry: Unicode, odd floats, erased parts, odd names."""
    for number in range(5):
        days = (date(2026, 1, 1 + number),)
        duty = Duty("Lüttich\u2028„A“", Fraction(1, 3 + number), days, NOON, 1e16 / 3)
        work.save(Duty, f"d{number}", duty, None)
        private = {"name": 'Ann,"state":{}'} if number else None
        work.append(Entry("duty.made", f"duty/d{number}", {"n": number}, private), NOON, "clock", "p1")
    work.save(Duty, "d1", Duty("x", Fraction(7)), 1)
    work.save(Person, "p1", Person('Ann,"state":{} \n'), None)
    work.forget_private(2)
    place = {"type": "Point", "coordinates": [6.1 + 1e-12, 50.7]}
    area = {
        "type": "Polygon",
        "coordinates": [[[5.0, 50.0, 1.5], [6.0, 50.0, 2.0], [6.0, 51.0, 0.1], [5.0, 50.0, 1.5]]],
    }
    work.save_feature(Feature("shelters/é", "s1", 0, place, {"name": "Schule", "beds": 0.1}, NOON), None)
    work.save_feature(Feature("shelters/é", "s2", 0, None, {}), None)
    work.save_feature(Feature("zones", "z1", 0, area, {"k": [1, {"a": None}]}, NOON, NOON), None)
    work.save_feature(Feature("zones", "z1", 0, area, {"k": 2}), 1)
    work.enqueue("j1", "export", {"who": "p1"}, NOON)
    work.lease("w1", NOON, NOON)
