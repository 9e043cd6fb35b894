"""The rotating presidency and the working language of its term: computed for any day, swapped by decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.duties import told
from bothbanks.civic.compact.duties_calendar import add_months
from bothbanks.record.entries import Entry
from bothbanks.words.errors import RangeError


@dataclass(frozen=True)
class Swap:
    """Two terms (numbers from 1) trade their members, by a decision."""

    first: int
    second: int
    decision: str


@dataclass(frozen=True)
class Term:
    """One term: its number, member, working language, and its first and last day."""

    number: int
    member: str
    language: str
    begins: date
    ends: date


@dataclass(frozen=True)
class Presidency:
    """Members preside in turn for so many calendar months, beginning on a day; each has a working language.

    Raises
    ------
    RangeError
        No members, one named twice, a term below one month, a member without a language.

    Examples
    --------
    >>> turn = Presidency("art-presidency", ("a", "b"), date(2026, 1, 1), 6, {"a": "de", "b": "fr"})
    >>> [(t.member, t.language, t.ends.isoformat()) for t in (term(turn, date(2026, 6, 30)),
    ...     term(turn, date(2026, 7, 1)))]
    [('a', 'de', '2026-06-30'), ('b', 'fr', '2026-12-31')]
    """

    article: str
    order: tuple[str, ...]
    first: date
    months: int
    languages: Mapping[str, str]
    swaps: tuple[Swap, ...] = ()

    def __post_init__(self) -> None:
        if not self.order or len(set(self.order)) < len(self.order) or self.months < 1:
            raise RangeError(
                "presidency.order",
                f"terms of {self.months} months for {', '.join(self.order) or 'nobody'}; expected a month or "
                "more, and each member once.",
            )
        if set(self.order) - set(self.languages):
            lacking = ", ".join(m for m in self.order if m not in self.languages)
            raise RangeError("presidency.language", f"no working language for the terms of {lacking}.")


def numbered(presidency: Presidency, number: int) -> Term:
    """The term of that number, counted from 1, swaps done in their order."""
    place = number
    for swap in presidency.swaps:
        # The latest swap comes first: it trades what the terms held before it.
        place = {swap.first: swap.second, swap.second: swap.first}.get(place, place)
    member = presidency.order[(place - 1) % len(presidency.order)]
    begins = add_months(presidency.first, (number - 1) * presidency.months)
    ends = date.fromordinal(add_months(presidency.first, number * presidency.months).toordinal() - 1)
    return Term(number, member, presidency.languages[member], begins, ends)


def term(presidency: Presidency, day: date) -> Term:
    """The term that a day belongs to.

    Raises
    ------
    RangeError
        A day before the first term.
    """
    if day < presidency.first:
        raise RangeError(
            "presidency.before", f"nobody presides on {day}: the first term begins on {presidency.first}."
        )
    for number in count(1):
        found = numbered(presidency, number)
        if day <= found.ends:
            return found
    raise AssertionError


def swap(
    presidency: Presidency, first: int, second: int, decision: str, today: date, at: datetime
) -> Change[Presidency] | Refusal:
    """Two terms that have not begun trade their members."""
    if not decision.strip():
        return Refusal("duties.decision", "name the decision this rests on.")
    if min(first, second) < 1 or first == second:
        return Refusal("presidency.terms", "name two terms by their numbers, counted from 1.")
    begun = [n for n in (first, second) if numbered(presidency, n).begins <= today]
    if begun:
        return Refusal(
            "presidency.begun", "term {number} has begun; only terms to come can be swapped.",
            {"number": begun[0]},
        )  # fmt: skip
    changed = replace(presidency, swaps=(Swap(first, second, decision), *presidency.swaps))
    body = {
        "decision": decision,
        "article": presidency.article,
        "at": told(at),
        "terms": {str(n): numbered(changed, n).member for n in (first, second)},
    }
    return Change(changed, (Entry("presidency.swapped", "presidency/presidency", body),))
