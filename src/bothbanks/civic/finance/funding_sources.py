"""Where money can come from, with the rules it comes with, and what it is asked to pay.

All money is in one currency and one price year (that of account). Years are counted from
``Needs.first_year``. A source's currency matters for the exchange risk only: its limits are already money
of account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import InputError, MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

EVERY = "*"
GRANT_KINDS = ("appropriation", "fund", "interreg", "climate")
LOAN_KINDS = ("loan", "bond", "private")
POT_KINDS = ("citizens",)
SOURCE_KINDS = (*GRANT_KINDS, *LOAN_KINDS, *POT_KINDS)
CAPITAL, UPKEEP = "capital", "upkeep"


@dataclass(frozen=True)
class FundingSource:
    """One source and its rules.

    Grants cost the members nothing. Loans, bonds and private partners are paid back: interest from the year
    after a drawing, level annuities once ``grace_years`` are over, the last in year ``maturity_years``.
    A pot (a citizens' budget) is the council's own money, already set aside: it costs as much as cash, but
    does not count against the yearly budget.
    """

    id: str
    kind: str  # one of SOURCE_KINDS
    name: Mapping[str, str]
    measures: tuple[str, ...] = (EVERY,)  # ids or kinds of measures, or '*'
    members: tuple[str, ...] = (EVERY,)
    countries: int = 1  # partners of a measure must come from at least so many countries
    first_year: int | None = None  # calendar years in which it can be drawn; None: no limit
    last_year: int | None = None
    currency: str = "EUR"
    largest_share: float = 1.0  # of each payment towards a measure that it may pay
    smallest_share: float = 0.0  # of a measure's eligible capital, where it is used at all
    cap: float = np.inf  # money in all
    cap_measure: float = np.inf  # for any one measure
    cap_member: float = np.inf  # for any one member
    interest: float = 0.0  # 1/year, real
    maturity_years: int = 0
    grace_years: int = 0
    pays: tuple[str, ...] = (CAPITAL,)
    not_with: tuple[str, ...] = ()  # sources that can't pay for the same measure
    conditions: Mapping[str, str] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)  # why it is closed, where it is
    citation: str = "assumed"

    @property
    def grant(self) -> bool:
        """True where nothing is paid back."""
        return self.kind in GRANT_KINDS

    @property
    def repaid(self) -> bool:
        """True for debt, whoever lends."""
        return self.kind in LOAN_KINDS

    def service(self) -> tuple[FloatArray, FloatArray]:
        """Interest and repayment for each unit drawn, by years since the drawing: (maturity + 1,) each.

        Source: the annuity formula a = r / (1 - (1 + r)**-n) on what is left after the years of grace
        (any textbook of finance; Brealey, Myers and Allen, Principles of Corporate Finance, chapter 2).

        >>> loan = FundingSource("l", "loan", {}, interest=0.1, maturity_years=2)
        >>> interest, repayment = loan.service()
        >>> np.round(interest, 4).tolist(), np.round(repayment, 4).tolist()
        ([0.0, 0.1, 0.0524], [0.0, 0.4762, 0.5238])
        """
        interest, repayment = np.zeros(self.maturity_years + 1), np.zeros(self.maturity_years + 1)
        if not self.repaid:
            return interest[:1], repayment[:1]
        r, n = self.interest, self.maturity_years - self.grace_years
        annuity = 1.0 / n if r == 0.0 else r / (1.0 - (1.0 + r) ** -n)
        left = 1.0
        for k in range(1, self.maturity_years + 1):
            interest[k] = r * left
            if k > self.grace_years:
                repayment[k] = annuity - interest[k]
                left -= repayment[k]
        return interest, repayment

    def present_cost(self, rate: float) -> float:
        """What one unit drawn costs the members, in money of the year it is drawn.

        >>> FundingSource("g", "fund", {}).present_cost(0.03)
        0.0
        >>> round(FundingSource("l", "loan", {}, interest=0.03, maturity_years=20).present_cost(0.03), 9)
        1.0
        """
        if self.grant:
            return 0.0
        if not self.repaid:
            return 1.0
        interest, repayment = self.service()
        return float(((interest + repayment) * (1.0 + rate) ** -np.arange(interest.size)).sum())


@dataclass(frozen=True, eq=False)
class Needs:
    """What has to be paid: capital and upkeep of each measure, by the member that carries it and by year."""

    measures: tuple[str, ...]
    kinds: tuple[str, ...]  # of each measure
    members: tuple[str, ...]
    countries: tuple[str, ...]  # of each member
    partners: tuple[frozenset[str], ...]  # of each measure: members that pay for it or are party to its deal
    first_year: int  # calendar year of year 0
    capital: FloatArray  # (measure, member, year)
    upkeep: FloatArray  # (measure, member, year)

    def __post_init__(self) -> None:
        m, n = len(self.measures), len(self.members)
        years = self.capital.shape[-1] if self.capital.ndim == 3 else -1
        for name, array in (("capital", self.capital), ("upkeep", self.upkeep)):
            if array.shape != (m, n, years):
                raise ShapeError(
                    "finance.needs",
                    f"{name} has shape {array.shape}; expected ({m} measures, {n} members, years) twice",
                )
            if not np.isfinite(array).all():
                raise MissingValueError("finance.needs-missing", f"{name} holds NaN or an infinite amount.")
            if (array < 0).any():
                raise RangeError("finance.needs-negative", f"{name} holds a negative amount; give 0 or more.")
        if not len(self.kinds) == len(self.partners) == m or len(self.countries) != n:
            raise ShapeError("finance.needs", "a kind and partners a measure, a country a member")

    @property
    def years(self) -> int:
        """Years of the horizon."""
        return int(self.capital.shape[2])


@dataclass(frozen=True)
class Together:
    """Several sources may together pay at most a share of a measure's capital (no double funding)."""

    id: str
    sources: tuple[str, ...]
    share: float
    citation: str = "assumed"


@dataclass(frozen=True, eq=False)
class Limits:
    """What the councils' own budgets bear; infinite where nothing limits it.

    Budgets are by fiscal year; ``overlap`` says which part of a calendar year's money falls into which
    fiscal year of each member, as the programme under budgets does. Without it they are the same years.
    """

    capital: FloatArray  # (member, fiscal year) own cash for building
    running: FloatArray  # (member, fiscal year) own upkeep and debt service
    debt_service: FloatArray  # (member, calendar year) interest and repayment
    pooled: bool = False  # True: capital and running budgets are one purse of all members
    first_fiscal_year: int | None = None  # None: that of the needs
    overlap: FloatArray | None = None  # (member, fiscal year, calendar year)

    @classmethod
    def none(cls, members: int, years: int) -> Limits:
        """No limit at all."""
        free = np.full((members, years), np.inf)
        return cls(free, free, free)

    def shares(self) -> FloatArray:
        """(member, fiscal year, calendar year) part of a year's money in a fiscal year."""
        if self.overlap is not None:
            return self.overlap
        n, years = self.capital.shape
        return np.broadcast_to(np.eye(years), (n, years, years))


MEASURE, MEMBER, COUNTRIES, YEARS, CLOSED, NOTHING = (
    "measure",
    "member",
    "countries",
    "years",
    "closed",
    "nothing",
)
"""Why a source can't pay: not this measure, no member that pays, too few countries, not in these years, it
is closed, there is nothing of what it pays for."""


@dataclass(frozen=True, eq=False)
class Openings:
    """Which source may pay what; each part has its own table, so that a reason can be told."""

    measure: BoolArray  # (source, measure)
    member: BoolArray  # (source, member)
    countries: BoolArray  # (source, measure)
    years: BoolArray  # (source, year)

    def of(self, s: int) -> BoolArray:
        """(measure, member, year) where source ``s`` may pay."""
        return np.asarray(
            (self.measure[s] & self.countries[s])[:, None, None]
            & self.member[s][None, :, None]
            & self.years[s][None, None, :]
        )

    def reason(self, s: int, source: FundingSource, needs: Needs) -> str:
        """Why the source can pay nothing at all; '' where it can pay something."""
        due = (needs.capital if CAPITAL in source.pays else 0.0) + (
            needs.upkeep if UPKEEP in source.pays else np.zeros_like(needs.upkeep)
        )
        left = np.asarray(due) > 0
        if source.closed:
            return CLOSED
        tests = (
            (NOTHING, np.ones((1, 1, 1), dtype=bool)),
            (YEARS, self.years[s][None, None, :]),
            (MEASURE, self.measure[s][:, None, None]),
            (MEMBER, self.member[s][None, :, None]),
            (COUNTRIES, self.countries[s][:, None, None]),
        )
        for reason, test in tests:
            left = left & test
            if not left.any():
                return reason
        return ""


def openings(
    sources: tuple[FundingSource, ...], needs: Needs, present: frozenset[str] | None = None
) -> Openings:
    """Test every source against every measure, member and year.

    Parameters
    ----------
    present : members that act together; only they count as partners. Default: all.

    Raises
    ------
    InputError [finance.source]
        A source of an unknown kind, or one that can't be used with itself.
    """
    country = dict(zip(needs.members, needs.countries, strict=True))
    here = frozenset(needs.members) if present is None else present
    mixed = np.array(
        [len({country[p] for p in partners & here}) for partners in needs.partners], dtype=np.int64
    )
    calendar = needs.first_year + np.arange(needs.years)
    for s in sources:
        if s.kind not in SOURCE_KINDS or s.id in s.not_with:
            raise InputError(
                "finance.source",
                f"source '{s.id}' of kind '{s.kind}'; kinds are {', '.join(SOURCE_KINDS)}, and a source "
                "can't be excluded by itself.",
            )

    def reach(names: tuple[str, ...], *of: str) -> bool:
        return EVERY in names or any(x in names for x in of)

    measures = list(zip(needs.measures, needs.kinds, strict=True))
    return Openings(
        measure=_table(
            [[reach(s.measures, m, kind) for m, kind in measures] for s in sources], len(measures)
        ),
        member=_table(
            [[reach(s.members, m) and m in here for m in needs.members] for s in sources], len(needs.members)
        ),
        countries=_table([(mixed >= s.countries).tolist() for s in sources], len(measures)),
        years=_table([_open_years(s, calendar).tolist() for s in sources], needs.years),
    )


def _open_years(source: FundingSource, calendar: NDArray[np.int64]) -> BoolArray:
    first = calendar[0] if source.first_year is None else source.first_year
    last = calendar[-1] if source.last_year is None else source.last_year
    return np.asarray((calendar >= first) & (calendar <= last) & (not source.closed))


def _table(rows: list[list[bool]], width: int) -> BoolArray:
    return np.array(rows, dtype=bool).reshape(len(rows), width)
