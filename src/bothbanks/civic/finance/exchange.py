"""Dated exchange rates, and what a move of one does to a member's cost.

A member pays its own measures in its own currency; what it receives or owes in another (a fund in euros, a
loan in francs, a payment to a neighbour) is exposed.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bothbanks.words.errors import MoneyError

MOVE = 0.10  # the move of a rate that is always shown


@dataclass(frozen=True)
class DatedRate:
    """amount in ``currency_to`` = amount in ``currency_from`` x rate."""

    currency_from: str
    currency_to: str
    date: datetime.date
    rate: float
    citation: str


def rate_on(rates: Sequence[DatedRate], start: str, end: str, date: datetime.date) -> DatedRate:
    """The rate of that day, turned round where only the other way is stated.

    Raises
    ------
    MoneyError [finance.rate-missing]
        No rate between the two is stated for that day.

    Examples
    --------
    >>> day = datetime.date(2023, 12, 29)
    >>> rate_on([DatedRate("EUR", "CHF", day, 0.8, "a bank")], "CHF", "EUR", day).rate
    1.25
    """
    if start == end:
        return DatedRate(start, end, date, 1.0, "")
    for r in rates:
        if r.date == date and (r.currency_from, r.currency_to) == (start, end):
            return r
    for r in rates:
        if r.date == date and (r.currency_from, r.currency_to) == (end, start):
            return DatedRate(start, end, date, 1.0 / r.rate, r.citation)
    days = sorted({r.date.isoformat() for r in rates if {r.currency_from, r.currency_to} == {start, end}})
    raise MoneyError(
        "finance.rate-missing",
        f"no rate from {start} to {end} on {date.isoformat()}; "
        + (f"rates are stated for {', '.join(days)}; " if days else "")
        + "add one under [[rates]] of finance/sources.toml or change rate_date.",
    )


def stated_moves(
    rates: Sequence[DatedRate], start: str, end: str, date: datetime.date
) -> tuple[float, float] | None:
    """How far the other stated rates lie from that of the day, lowest and highest; None with fewer than two.

    >>> day, later = datetime.date(2023, 1, 2), datetime.date(2023, 12, 29)
    >>> rates = [DatedRate("EUR", "CHF", day, 1.0, "c"), DatedRate("EUR", "CHF", later, 0.75, "c")]
    >>> stated_moves(rates, "EUR", "CHF", day)
    (-0.25, 0.0)
    """
    used = rate_on(rates, start, end, date).rate
    seen = [
        rate_on(rates, start, end, d).rate
        for d in sorted({r.date for r in rates})
        if _has(rates, start, end, d)
    ]
    if len(seen) < 2 or start == end:
        return None
    return min(seen) / used - 1.0, max(seen) / used - 1.0


def _has(rates: Sequence[DatedRate], start: str, end: str, date: datetime.date) -> bool:
    return any(r.date == date and {r.currency_from, r.currency_to} == {start, end} for r in rates)


@dataclass(frozen=True)
class Exposure:
    """What one member has open in one currency that is not its own."""

    member: str
    currency: str  # of the exposure
    own_currency: str
    rate: DatedRate  # from the currency of the exposure to the member's own
    net_cost: float  # present value in the member's currency; negative = it receives
    stated: tuple[float, float] | None  # moves seen between stated rates

    @property
    def if_dearer(self) -> float:
        """What a rise of that currency by a tenth adds to the member's cost."""
        return self.net_cost * MOVE

    @property
    def if_cheaper(self) -> float:
        """What a fall of that currency by a tenth adds to the member's cost."""
        return -self.net_cost * MOVE


def exposures(
    net_cost: Mapping[tuple[str, str], float],
    own: Mapping[str, str],
    account: str,
    rates: Sequence[DatedRate],
    date: datetime.date,
) -> tuple[Exposure, ...]:
    """Exposures of all members, those without any left out.

    Parameters
    ----------
    net_cost : (member, currency) -> present value in the currency of account, positive = the member owes.
    own : member -> its currency.

    Raises
    ------
    MoneyError [finance.rate-missing]
    """
    out = []
    for (member, currency), cost in net_cost.items():
        home = own[member]
        if currency == home or abs(cost) < 0.005:
            continue
        to_home = rate_on(rates, account, home, date).rate
        rate = rate_on(rates, currency, home, date)
        moves = stated_moves(rates, currency, home, date)
        out.append(Exposure(member, currency, home, rate, cost * to_home, moves))
    return tuple(out)
