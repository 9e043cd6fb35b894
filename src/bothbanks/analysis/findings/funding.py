"""Who pays from which pot and when: the mix of sources, cash by fiscal year, upkeep, shared revenue."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings.appraisal import FloatArray, Objection, Table, Text

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class SourceUse:
    """One funding source: its rules in short, and what it pays in the cheapest mix."""

    id: str
    kind: str  # appropriation, fund, interreg, climate, loan, bond, private, citizens
    name: Text
    conditions: Text
    closed: Text  # why it is closed; empty where it is open
    citation: str
    largest_share: float
    cap: float  # money in all; infinite where none is stated
    cap_measure: float
    interest: float  # 1/year over inflation; 0 where nothing is paid back
    maturity_years: int
    countries: int  # countries that a measure's partners must come from
    first_year: int | None
    last_year: int | None
    paid: FloatArray  # (member,) money over the horizon, not discounted
    # why it pays nothing: '' where it pays; 'measure', 'member', 'countries', 'years', 'closed', 'nothing':
    # its rules leave nothing of this plan; 'dearer': cash or another source costs less
    unused: str

    @property
    def repaid(self) -> bool:
        """True where it is paid back."""
        return self.kind in ("loan", "bond", "private")

    @property
    def grant(self) -> bool:
        """True for money from outside that nobody pays back."""
        return self.kind in ("appropriation", "fund", "interreg", "climate")


@dataclass(frozen=True)
class MeasureMix:
    """Who pays the capital of one measure, money over the horizon with renewals, not discounted."""

    measure: str
    capital: float
    by_source: FloatArray  # (source,)
    own: float  # cash of the members


@dataclass(frozen=True)
class CashStatement:
    """One member's cash in its own currency and fiscal years, whole minor units; every line adds up."""

    member: str
    currency: str
    digits: int  # decimals of its minor unit
    rate: float  # own currency for one unit of the currency of account
    rate_date: datetime.date | None
    rate_source: str
    first_year: int  # fiscal year, named by the calendar year in which it begins
    begins: str  # MM-DD
    lines: Mapping[str, IntArray]
    # capital = grants + set_aside + drawn + own_cash; upkeep = upkeep_granted + own_upkeep;
    # net = own_cash + set_aside + interest + repayment + own_upkeep - payments


@dataclass(frozen=True)
class ConflictRule:
    """One rule of a conflict, or one to set aside."""

    # largest-share, smallest-share, not-with, together, cap, cap-measure, cap-member, capital-budget,
    # running-budget, debt-service
    kind: str
    sources: tuple[str, ...]
    measure: str
    member: str  # '' with a budget: the purse of all members
    year: int | None
    limit: float  # money, or a share
    due: float  # budgets: what falls due in that year; else 0
    gives_way: float | None  # money by which it would have to give way; None: not enough by itself


@dataclass(frozen=True)
class FundingConflict:
    """Why no mix keeps every rule."""

    rules: tuple[ConflictRule, ...]
    smallest: bool  # proven to be as few as in any conflict
    set_aside: tuple[ConflictRule, ...]  # the fewest without which everything else holds


@dataclass(frozen=True)
class UpkeepOf:
    """Who keeps one measure up, over the horizon."""

    measure: str
    member: str
    pots: tuple[str, ...]  # ids of pots and sources
    years_due: int
    years_paid: int
    due: float
    paid: float


@dataclass(frozen=True)
class UpkeepGap:
    """Upkeep that nobody pays."""

    member: str
    year: int  # calendar year
    amount: float


@dataclass(frozen=True)
class RateExposure:
    """What a move of an exchange rate does to one member."""

    member: str
    currency: str
    own_currency: str
    rate: float
    date: datetime.date
    citation: str
    net_cost: float  # present value in the member's currency; negative = it receives
    if_dearer: float  # added to its cost when that currency rises by a tenth
    if_cheaper: float
    stated_low: float | None  # moves between the stated rates, as shares of the rate used
    stated_high: float | None


@dataclass(frozen=True)
class FundedGame:
    """The gain of acting together without outside grants, with them, and who gets it."""

    gain_without: float
    gain_with: float
    gain_with_own: float  # with the grants only that need no partner abroad
    grants_alone: float  # present value of grants that members get acting alone
    grants_together: float
    shares_without: FloatArray  # (member,) Shapley value
    shares_with: FloatArray
    payments_with: FloatArray  # (member,) positive = receives; adds up to 0
    in_core_gamma: bool  # of the shares with grants
    in_core_delta: bool
    objection_gamma: Objection
    objection_delta: Objection
    worth_gamma: FloatArray  # (2**member,) with grants, mask order
    worth_delta: FloatArray
    built_too: tuple[str, ...]  # measures built together only because grants pay for part of them
    left_out: tuple[str, ...]  # measures built together only where there are no grants


@dataclass(frozen=True)
class NeighbourhoodPart:
    """What of a venture's revenue reaches one neighbourhood, over all years, whole minor units."""

    member: str
    neighbourhood: str
    amount: int


@dataclass(frozen=True)
class VentureShare:
    """A joint undertaking's revenue, step by step, whole minor units over all years."""

    id: str
    name: Text
    citation: str
    currency: str
    digits: int
    first_year: int
    years: int
    revenue: int
    costs: int
    debt_paid: int
    debt_owed: int  # arrears at the end
    reserve: int  # held at the end
    owners: Mapping[str, int]
    parts: tuple[NeighbourhoodPart, ...]
    key: str  # 'population' or 'weights'
    key_citation: str


@dataclass(frozen=True)
class FundingFinding:
    """Who pays from which pot and when. Money of account unless a statement says otherwise."""

    first_year: int  # calendar year of year 0
    horizon_years: int
    under_budgets: bool  # True: what the programme under budgets builds; False: with no budget heeded
    budgets_heeded: bool  # yearly budgets limit the mix
    sources: tuple[SourceUse, ...]
    measures: tuple[MeasureMix, ...]
    capital: FloatArray  # (member,) over the horizon
    grants: FloatArray  # (member,)
    set_aside: FloatArray
    drawn: FloatArray
    own_cash: FloatArray
    upkeep: FloatArray
    interest: FloatArray  # (member,) paid until everything is paid back
    repayment: FloatArray
    present_all_cash: float  # present cost to the members if they paid everything themselves
    present_cost: float  # present cost of money in the mix
    conflict: FundingConflict | None
    statements: tuple[CashStatement, ...]
    kept: tuple[UpkeepOf, ...]
    gaps: tuple[UpkeepGap, ...]
    pots: Mapping[str, Text]  # names of the pots for upkeep
    exposures: tuple[RateExposure, ...]
    game: FundedGame | None  # None: no flood game to play
    ventures: tuple[VentureShare, ...] = ()
    payments_of_programme: bool = False  # payments in the statements: the programme's, else those with grants
    tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def grant_share(self) -> float:
        """Share of the capital that grants pay."""
        total = float(self.capital.sum())
        return float(self.grants.sum()) / total if total else 0.0
