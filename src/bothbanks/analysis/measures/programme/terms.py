"""What a programme has to keep to: delays, fiscal years, budgets, dependencies, minimum service.

Horizon years are calendar years; year 0 is ``first_year``. A fiscal year is named by the calendar
year in which it begins, so the first one of a council whose year begins in April is named by the
year before the horizon, and holds its first three months.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LOSS, PEOPLE = "loss", "people"
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Dependency:
    """A measure that may be built only with others, each working no later than it does."""

    measure: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Exclusion:
    """Measures of which at most one is ever built."""

    measures: tuple[str, ...]


@dataclass(frozen=True)
class MinimumService:
    """The least to be done for some members: a cap on what they lose or on people affected.

    In every year from ``by_year`` (0 = first year of the horizon), the sum over ``members`` may be at
    most ``share`` of what it is with nothing built but what is fixed. It binds each acting block for
    those of the members that are in it.
    """

    id: str
    members: tuple[str, ...]
    by_year: int
    on: str  # 'loss' or 'people'
    share: float  # 0 to 1


@dataclass(frozen=True, eq=False)
class FiscalYears:
    """Fiscal years of each member against the years of the horizon."""

    names: IntArray  # (fiscal year,) calendar year in which it begins
    overlap: FloatArray  # (member, fiscal year, horizon year) share of a year's spending; sums to 1

    def spread(self, cash: FloatArray) -> FloatArray:
        """Cash by fiscal year.

        Parameters
        ----------
        cash : (..., member, horizon year), money

        Returns
        -------
        (..., member, fiscal year), money
        """
        return np.asarray(np.einsum("...mt,mft->...mf", cash, self.overlap))


def fiscal_years(begins: Sequence[str], first_year: int, horizon_years: int) -> FiscalYears:
    """Fiscal years from the day on which each member's begins.

    Spending of a horizon year is taken evenly over its twelve months.

    Parameters
    ----------
    begins : by member, 'MM-DD'
    first_year : calendar year of year 0

    Returns
    -------
    One fiscal year more than the horizon has years; for a member whose year begins on 1 January the
    first is empty.

    Raises
    ------
    InputError [programme.fiscal-year]
        A day that is none (every one is listed).

    Examples
    --------
    A year that begins in April takes nine months of its own calendar year and three of the next:

    >>> years = fiscal_years(["01-01", "04-01"], 2026, 2)
    >>> years.names.tolist()
    [2025, 2026, 2027]
    >>> years.overlap[1].tolist()
    [[0.25, 0.0], [0.75, 0.25], [0.0, 0.75]]
    """
    begun = [_share_before(text) for text in begins]
    bad = [repr(text) for text, share in zip(begins, begun, strict=True) if share is None]
    if bad:
        raise InputError(
            "programme.fiscal-year",
            f"a fiscal year begins on {', '.join(bad)}; write month and day as MM-DD, such as 04-01",
        )
    overlap = np.zeros((len(begun), horizon_years + 1, horizon_years))
    years = np.arange(horizon_years)
    for i, share in enumerate(begun):
        assert share is not None
        overlap[i, years, years] = share
        overlap[i, years + 1, years] = 1.0 - share
    return FiscalYears(np.arange(first_year - 1, first_year + horizon_years, dtype=np.int64), overlap)


def _share_before(text: str) -> float | None:
    """Share of a calendar year before the day MM-DD; None if it is no day."""
    month, _, day = text.partition("-")
    if not (month.isdigit() and day.isdigit() and 1 <= int(month) <= 12):
        return None
    length = DAYS[int(month) - 1]
    if not 1 <= int(day) <= length:
        return None
    return (int(month) - 1 + (int(day) - 1) / length) / 12.0


@dataclass(frozen=True, eq=False)
class ProgrammeTerms:
    """What every block's programme keeps to. Arrays over members follow ``members``."""

    members: tuple[str, ...]
    horizon_years: int
    delays: tuple[int, ...]  # years by which a start may be put off, rising
    fiscal: FiscalYears
    capital_budget: FloatArray  # (member, fiscal year), money; inf = not limited
    running_budget: FloatArray  # (member, fiscal year), money; inf = not limited
    pooled: bool = True  # members of one block pay for each other
    dependencies: tuple[Dependency, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    services: tuple[MinimumService, ...] = field(default=())

    def unlimited(self) -> ProgrammeTerms:
        """The same terms with no budget to heed."""
        free = np.full_like(self.capital_budget, np.inf)
        return replace(self, capital_budget=free, running_budget=free)

    def check(self, measures: Sequence[str]) -> None:
        """Refuse terms that can't be used; every problem is listed at once.

        Raises
        ------
        InputError [programme.terms]
            Delays, budgets, dependencies, exclusions or services that don't fit members, measures or
            horizon.
        """
        problems = [*_about_delays(self), *_about_budgets(self)]
        problems += _about_links(self, set(measures))
        for s in self.services:
            problems += _about_service(s, self)
        if problems:
            raise InputError(
                "programme.terms",
                "these terms of a programme can't be used:\n  " + "\n  ".join(problems),
            )


def open_terms(
    members: Sequence[str], horizon_years: int, delays: Sequence[int] = (0,), first_year: int = 0
) -> ProgrammeTerms:
    """Terms with no budget and no other condition, fiscal years being calendar years.

    >>> open_terms(["a", "b"], 3).capital_budget.shape
    (2, 4)
    """
    free = np.full((len(members), horizon_years + 1), np.inf)
    years = fiscal_years(["01-01"] * len(members), first_year, horizon_years)
    return ProgrammeTerms(tuple(members), horizon_years, tuple(delays), years, free, free)


def _about_delays(t: ProgrammeTerms) -> list[str]:
    out = []
    if not t.delays or list(t.delays) != sorted(set(t.delays)) or t.delays[0] < 0:
        out.append(f"delays {list(t.delays)}; give years from 0 up, rising, at least one")
    elif t.delays[-1] >= t.horizon_years:
        out.append(f"a delay of {t.delays[-1]} years; the horizon has {t.horizon_years}")
    if len(set(t.members)) != len(t.members) or not t.members:
        out.append(f"members {', '.join(t.members) or '(none)'}; name each once, and at least one")
    return out


def _about_budgets(t: ProgrammeTerms) -> list[str]:
    out = []
    n, years = len(t.members), t.fiscal.names.shape[0]
    if t.fiscal.overlap.shape != (n, years, t.horizon_years):
        return [
            f"fiscal years of shape {t.fiscal.overlap.shape}; needed is (member, fiscal year, horizon year) "
            f"= {(n, years, t.horizon_years)}"
        ]
    shares = t.fiscal.overlap
    if not np.isfinite(shares).all() or shares.min() < 0 or not np.allclose(shares.sum(axis=1), 1.0):
        out.append("fiscal years don't hold each horizon year's spending exactly once")
    for name, budget in (("capital", t.capital_budget), ("running", t.running_budget)):
        if budget.shape != (n, years):
            out.append(f"{name} budgets of shape {budget.shape}; needed is {(n, years)}")
            continue
        for i, member in enumerate(t.members):
            if np.isnan(budget[i]).any():
                lacking = t.fiscal.names[np.isnan(budget[i])]
                out.append(
                    f"{name} budget of '{member}' is missing in {_list_years(lacking)}; "
                    "give an amount, or infinity for no limit"
                )
            if (budget[i] < 0).any():
                out.append(
                    f"{name} budget of '{member}' is negative in {_list_years(t.fiscal.names[budget[i] < 0])}"
                )
    return out


def _list_years(years: IntArray) -> str:
    shown = ", ".join(str(y) for y in years[:5])
    return shown if years.size <= 5 else f"{shown} and {years.size - 5} more years"


def _about_links(t: ProgrammeTerms, known: set[str]) -> list[str]:
    out = []
    for d in t.dependencies:
        for name in (d.measure, *d.needs):
            if name not in known:
                out.append(f"a dependency of '{d.measure}' names '{name}', which is no shared measure")
        if d.measure in d.needs:
            out.append(f"measure '{d.measure}' needs itself")
        if not d.needs:
            out.append(f"a dependency of '{d.measure}' names nothing that it needs")
    needs = {(d.measure, other) for d in t.dependencies for other in d.needs}
    for e in t.exclusions:
        for name in e.measures:
            if name not in known:
                out.append(f"an exclusion names '{name}', which is no shared measure")
        if len(set(e.measures)) < 2:
            out.append(f"an exclusion of {', '.join(e.measures) or 'nothing'}; name two measures or more")
        for a, b in sorted(needs):
            if a != b and a in e.measures and b in e.measures:
                out.append(f"measure '{a}' needs '{b}', but they exclude each other")
    return out


def _about_service(s: MinimumService, t: ProgrammeTerms) -> list[str]:
    out = [f"service '{s.id}' names '{m}', which is no member" for m in s.members if m not in t.members]
    if not s.members:
        out.append(f"service '{s.id}' is for nobody; name a member")
    if not 0 <= s.by_year < t.horizon_years:
        out.append(f"service '{s.id}' by year {s.by_year}; the horizon has years 0 to {t.horizon_years - 1}")
    if s.on not in (LOSS, PEOPLE):
        out.append(f"service '{s.id}' is on '{s.on}'; use '{LOSS}' or '{PEOPLE}'")
    if not 0.0 <= s.share <= 1.0:
        out.append(f"service '{s.id}' allows a share of {s.share}; give 0 to 1")
    return out
