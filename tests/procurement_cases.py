"""A joint purchase for tests: three buyers under three regimes, and every step of its life."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from bothbanks.civic.changes import Refusal
from bothbanks.civic.finance.applicable_law import Buyer, LawRule
from bothbanks.civic.finance.procurement import decide, run, start
from bothbanks.civic.finance.procurement_steps import (
    AmendTender,
    ChangeContract,
    Command,
    Entry,
    Finish,
    Item,
    MakeAward,
    MeetMilestone,
    Milestone,
    OpenTender,
    Pay,
    Plan,
    Purchase,
    SignContract,
    Supplier,
)
from bothbanks.standards.ocds_release import package, release

BUYERS = (
    Buyer("a", "A-town", "BE", "BE"),
    Buyer("b", "B-stad", "NL", "NL"),
    Buyer("c", "C-dorf", "DE", "DE-NW"),
)
THIRDS = {"a": Fraction(1, 3), "b": Fraction(1, 3), "c": Fraction(1, 3)}
RULE = LawRule("article 7 of the agreement")
FIRMS = (Supplier("s1", "First"), Supplier("s2", "Second"))


def at(month: int, day: int, hour: int = 9) -> datetime:
    """An instant of 2026, UTC."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def plan(**changes: Any) -> Plan:
    """A plan for 420,000 EUR of goods, divided in thirds, led by the Belgian buyer."""
    words = {"en": "Pumps", "de": "Pumpen"}, {"en": "Floods"}
    base = Plan(
        at(1, 5), "ocds-xxxxxx-test-1", *words, "goods", BUYERS, "a",
        THIRDS, RULE, "EUR", 42_000_000, (Item("1", {"en": "Pump"}, "CPV", "42122130", 6.0, "pump"),),
        "decision 1",
    )  # fmt: skip
    return replace(base, **changes)


TENDER = OpenTender(at(2, 1), "open", at(3, 6), 42_000_000, "ratedCriteria")
AWARD = MakeAward(at(3, 10), FIRMS, "s1", 43_000_000)
CONTRACT = SignContract(
    at(3, 25),
    43_000_000,
    date(2026, 4, 1),
    date(2026, 12, 31),
    (Milestone("m", "delivered", date(2026, 6, 1)),),
)
LIFE: tuple[Command, ...] = (
    TENDER,
    AmendTender(at(2, 10), "more time", closes=at(3, 9)),
    AWARD,
    CONTRACT,
    ChangeContract(at(5, 1), "a seventh pump", 47_000_000),
    Pay(at(6, 2), 10_000_000),
    MeetMilestone(at(6, 3), "m"),
    Pay(at(7, 1), 36_999_999),
    Finish(at(9, 1), True),
)


def after(commands: Iterable[Command], **changes: Any) -> tuple[Purchase, tuple[Entry, ...]]:
    """The purchase after these steps; they must all be possible."""
    outcome = run(plan(**changes), commands)
    assert not isinstance(outcome, Refusal), str(outcome)
    return outcome


def refused(commands: Sequence[Command], **changes: Any) -> Refusal:
    """The refusal of the last step; those before it must be possible."""
    outcome: Any = start(plan(**changes))
    if commands:
        state = after(commands[:-1], **changes)[0]
        outcome = decide(state, commands[-1])
    assert isinstance(outcome, Refusal), outcome
    return outcome


def releases(commands: Iterable[Command] = LIFE, **changes: Any) -> list[dict[str, Any]]:
    """The releases of a purchase."""
    return [release(e) for e in after(commands, **changes)[1]]


def packed(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Releases as a package."""
    return package(items, "https://example.org/ocds", "Made up", items[-1]["date"])
