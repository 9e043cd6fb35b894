"""Cash by member and year: what is spent on building and upkeep, who pays it, and what is paid back later.

Inside, money of account by calendar year. A ``Statement`` is the same in a member's own currency and fiscal
years, in whole minor units, and adds up to the cent: capital = grants + set aside + drawn + own cash, in
every year; what a council pays = own cash + interest + repayment + own upkeep - payments received.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.civic.finance.fiscal import by_fiscal_year
from bothbanks.civic.finance.mix import Mix
from bothbanks.words.errors import ShapeError
from bothbanks.words.money import minor_digits, to_cents

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SOURCES_OF_CAPITAL = ("grants", "set_aside", "drawn", "own_cash")
SOURCES_OF_UPKEEP = ("upkeep_granted", "own_upkeep")
LINES = (
    "capital",
    *SOURCES_OF_CAPITAL,
    "interest",
    "repayment",
    "upkeep",
    *SOURCES_OF_UPKEEP,
    "payments",
    "net",
)


@dataclass(frozen=True, eq=False)
class CashFlow:
    """Money of account, (member, year) each; years go on after the horizon while loans are paid back."""

    first_year: int
    members: tuple[str, ...]
    capital: FloatArray
    grants: FloatArray
    set_aside: FloatArray  # from pots the council set aside before, such as a citizens' budget
    drawn: FloatArray  # loans, bonds, private partners
    own_cash: FloatArray
    interest: FloatArray
    repayment: FloatArray
    upkeep: FloatArray
    upkeep_granted: FloatArray
    own_upkeep: FloatArray
    payments: FloatArray  # between members, positive = receives; every year adds up to 0

    @property
    def net(self) -> FloatArray:
        """(member, year) what the council pays in all."""
        return np.asarray(
            self.own_cash + self.set_aside + self.interest + self.repayment + self.own_upkeep - self.payments
        )


def cash_flow(mix: Mix, payments: FloatArray | None = None) -> CashFlow:
    """Cash of every member and year under a mix.

    Parameters
    ----------
    payments : (member, year of the horizon) between members, positive = receives; default none.

    Raises
    ------
    ShapeError [finance.payments]
        Payments of another shape, or a year in which they don't add up to 0.
    """
    needs = mix.needs
    n, horizon = len(needs.members), needs.years
    longest = max((s.maturity_years for s in mix.sources if s.repaid), default=0)
    years = horizon + longest
    paid = np.zeros((n, horizon)) if payments is None else np.asarray(payments, dtype=np.float64)
    if paid.shape != (n, horizon) or np.abs(paid.sum(axis=0)).max(initial=0.0) > 0.01:
        raise ShapeError(
            "finance.payments",
            f"payments of shape {paid.shape}; expected {(n, horizon)}, adding up to 0 in every year",
        )
    by_source = mix.capital.sum(axis=1)  # (source, member, year)
    upkeep_by_source = mix.upkeep.sum(axis=1)
    interest, repayment = np.zeros((n, years)), np.zeros((n, years))
    for s, source in enumerate(mix.sources):
        if source.repaid:
            drawn = by_source[s] + upkeep_by_source[s]
            for k, (i, r) in enumerate(zip(*source.service(), strict=True)):
                interest[:, k : k + horizon] += i * drawn
                repayment[:, k : k + horizon] += r * drawn

    def whole(table: FloatArray) -> FloatArray:
        return np.pad(table, ((0, 0), (0, longest)))

    grants, loans = (np.array([getattr(s, f) for s in mix.sources], dtype=bool) for f in ("grant", "repaid"))
    pots = ~(grants | loans)
    return CashFlow(
        first_year=needs.first_year,
        members=needs.members,
        capital=whole(needs.capital.sum(axis=0)),
        grants=whole(by_source[grants].sum(axis=0)),
        set_aside=whole(by_source[pots].sum(axis=0)),
        drawn=whole(by_source[loans].sum(axis=0)),
        own_cash=whole(mix.own_capital.sum(axis=0)),
        interest=interest,
        repayment=repayment,
        upkeep=whole(needs.upkeep.sum(axis=0)),
        upkeep_granted=whole(upkeep_by_source.sum(axis=0)),
        own_upkeep=whole(mix.own_upkeep.sum(axis=0)),
        payments=whole(paid),
    )


@dataclass(frozen=True, eq=False)
class Statement:
    """One member's cash in its own currency and fiscal years, whole minor units."""

    member: str
    currency: str
    first_year: int  # fiscal year, named by the calendar year in which it starts
    lines: Mapping[str, IntArray]  # name of LINES -> (fiscal year,)

    @property
    def years(self) -> tuple[int, ...]:
        """Fiscal years."""
        return tuple(range(self.first_year, self.first_year + len(self.lines["net"])))


def statements(
    flow: CashFlow, currencies: tuple[str, ...], to_own: FloatArray, begins: tuple[str, ...]
) -> tuple[Statement, ...]:
    """Statements of all members.

    Each calendar year is rounded once, by largest remainder, so that parts add up to their whole; payments
    between members are rounded in money of account first, so that what one pays another receives.

    Parameters
    ----------
    to_own : (member,) units of the member's currency for one of account, at the dated rate.
    begins : (member,) 'MM-DD', the day on which its fiscal year begins.

    Raises
    ------
    MoneyError
        An unknown currency.
    """
    out = []
    agreed = _payments_to_the_cent(flow)
    for i, member in enumerate(flow.members):
        digits, rate = minor_digits(currencies[i]), float(to_own[i])
        lines = {name: np.zeros(flow.capital.shape[1], dtype=np.int64) for name in LINES}
        for t in range(flow.capital.shape[1]):
            for parts in (SOURCES_OF_CAPITAL, SOURCES_OF_UPKEEP):
                cents = to_cents({p: float(getattr(flow, p)[i, t]) * rate for p in parts}, digits)
                for part, amount in cents.items():
                    lines[part][t] = amount
            for name in ("interest", "repayment"):
                lines[name][t] = to_cents({name: float(getattr(flow, name)[i, t]) * rate}, digits)[name]
            lines["payments"][t] = to_cents({member: agreed[i, t] * rate}, digits)[member]
        whole_years = [name for name in LINES if name not in SUMS]
        first, table = by_fiscal_year(
            np.stack([lines[name] for name in whole_years]), begins[i], flow.first_year
        )
        fiscal = dict(zip(whole_years, table, strict=True))
        out.append(Statement(member, currencies[i], first, {**fiscal, **_sums(fiscal)}))
    return tuple(out)


SUMS = ("capital", "upkeep", "net")


def _sums(lines: Mapping[str, IntArray]) -> dict[str, IntArray]:
    """Lines that are sums of others, added up after rounding."""
    return {
        "capital": np.sum([lines[p] for p in SOURCES_OF_CAPITAL], axis=0),
        "upkeep": np.sum([lines[p] for p in SOURCES_OF_UPKEEP], axis=0),
        "net": lines["own_cash"]
        + lines["set_aside"]
        + lines["interest"]
        + lines["repayment"]
        + lines["own_upkeep"]
        - lines["payments"],
    }


def _payments_to_the_cent(flow: CashFlow) -> FloatArray:
    """(member, year) payments in whole cents of account, adding up to 0 in every year."""
    out = np.zeros_like(flow.payments)
    for t in np.flatnonzero(np.abs(flow.payments).sum(axis=0)):
        cents = to_cents({m: float(flow.payments[i, t]) for i, m in enumerate(flow.members)})
        excess = sum(cents.values())  # the sum is 0 but for float noise, which rounds to 0
        assert excess == 0
        out[:, t] = np.array([cents[m] for m in flow.members]) / 100.0
    return out
