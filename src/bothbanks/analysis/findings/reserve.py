"""The reserve fund: what each member pays and holds alone and pooled, and how it pays out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bothbanks.analysis.findings.appraisal import CaseFinding, FloatArray, Interval, Table, Text


@dataclass(frozen=True)
class ReserveTerms:
    """What the fund takes of each event's loss of a member, in money, and as it was asked for."""

    attachment: FloatArray  # (member,) money
    exhaustion: FloatArray
    share: FloatArray
    attachment_years: FloatArray  # (member,) NaN where it was asked for in money
    exhaustion_years: FloatArray


@dataclass(frozen=True)
class ReserveMembers:
    """(member,) a year; capital is held, not spent."""

    gross: FloatArray  # expected loss of what the fund looks at
    kept: FloatArray  # the part the member bears itself
    paid: FloatArray  # the part the fund pays it
    capital_alone: FloatArray
    capital_pooled: FloatArray  # Euler part of the pool's
    premium_alone: FloatArray
    premium_pooled: FloatArray
    parts_alone: Mapping[str, tuple[int, ...]]  # part of the premium -> minor units by member
    parts_pooled: Mapping[str, tuple[int, ...]]
    premium_alone_before: FloatArray  # alone, on the losses left if nobody builds together

    @property
    def saving(self) -> FloatArray:
        """What pooling saves each member a year."""
        return np.asarray(self.premium_alone - self.premium_pooled)


@dataclass(frozen=True)
class ReserveCore:
    """One way to divide the pool's cost, and whether some coalition would rather hold its own fund."""

    way: str  # 'euler', 'expected' (capital as expected payouts), 'ceded' (Euler, with the ceded layer)
    tested: int
    failing: int
    worst: tuple[str, ...]  # the coalition with least to gain by staying
    slack: float  # what it gains a year; negative: it would leave


@dataclass(frozen=True)
class ReservePathFinding:
    """The pool over its years; arrays are (year,)."""

    years: int
    paths: int
    start: float
    contribution: float
    interest: float
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    ruined: FloatArray  # share of paths unable to pay by then
    paid: float  # means a year: claims paid, interest earned, given back above the start, claims left unpaid
    earned: float
    returned: float
    unpaid: float
    ruin: Interval  # within all years, with its interval at 95 %
    failures: int
    target: float
    start_needed: float  # start with which no more than the target is ruined


@dataclass(frozen=True)
class ReserveFar:
    """A pool with an independent copy of the region: an illustration of what distance can do."""

    capital_alone: float
    capital_with: float
    saving: float  # a year

    @property
    def diversification(self) -> float:
        """Share of our capital no longer needed."""
        return 1.0 - self.capital_with / self.capital_alone if self.capital_alone > 0 else 0.0


@dataclass(frozen=True)
class ReserveCeded:
    """A layer that the pool could cede."""

    attachment: float
    exhaustion: float
    attachment_years: float
    exhaustion_years: float
    share: float
    rate_on_line: float
    price: float
    expected: float
    capital_before: float
    capital_after: float
    saves: float  # cost of the capital saved, a year
    net: float  # expected + saves - price
    break_even: float  # rate on line at which net is 0


@dataclass(frozen=True)
class ReserveTrial:
    """One assumption moved to an end of its range, or another climate: what becomes of the pool."""

    what: str  # id of the parameter; '' for a climate scenario
    name: Text  # of the scenario
    value: float  # NaN for a scenario
    alone: float  # sum of the premiums alone, a year
    together: float
    diversification: float


@dataclass(frozen=True)
class ReserveFinding:
    """The reserve fund: what each member pays and holds alone and pooled, and how it pays out."""

    case: CaseFinding
    covers: tuple[str, ...]  # ids of the cases whose losses it pays
    years: int
    level: float
    load: float
    terms: ReserveTerms
    members: ReserveMembers
    capital_alone: float
    capital_pooled: float
    capital_saved_cost: Interval  # load x capital saved, a year
    running_alone: float
    running_pooled: float
    saving: Interval
    diversification: Interval  # share of the capital alone that pooling spares
    diversification_years: Interval  # the same, from the drawing of years only
    diversification_maxima: float  # the same events read as annual maxima
    pairs: FloatArray  # (member, member), NaN on the diagonal
    closest: tuple[str, str] | None  # the pair that diversifies least
    farthest: tuple[str, str] | None
    core: tuple[ReserveCore, ...]
    path: ReservePathFinding
    far: ReserveFar
    ceded: ReserveCeded | None
    trials: tuple[ReserveTrial, ...]
    present_value: Mapping[float, float]  # discount rate -> present value of the saving over the horizon
    currencies: tuple[str, ...]
    tables: Mapping[str, Table]
