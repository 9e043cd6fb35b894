"""The rules of blending as rows of a programme: what each source may pay, what each council can bear.

A column is money from one source for one measure, one member and one year (capital or upkeep); own
cash is what is left of the amount due. Rules that can be set aside carry a ``Rule``; the rest (nobody is paid
more than is due, a source pays only where it is open) holds always.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bothbanks.civic.finance.funding_sources import (
    CAPITAL,
    UPKEEP,
    FundingSource,
    Limits,
    Needs,
    Openings,
    Together,
)
from bothbanks.civic.finance.linear import MILLION, Programme
from bothbanks.words.errors import RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LARGEST, SMALLEST, NOT_WITH, TOGETHER = "largest-share", "smallest-share", "not-with", "together"
CAP, CAP_MEASURE, CAP_MEMBER = "cap", "cap-measure", "cap-member"
CAPITAL_BUDGET, RUNNING_BUDGET, DEBT_SERVICE = "capital-budget", "running-budget", "debt-service"
RULE_KINDS = (
    LARGEST, SMALLEST, NOT_WITH, TOGETHER, CAP, CAP_MEASURE, CAP_MEMBER, CAPITAL_BUDGET, RUNNING_BUDGET,
    DEBT_SERVICE,
)  # fmt: skip
TIE = 1e-7  # of each unit: where two mixes cost the same, the source named first is used


@dataclass(frozen=True)
class Rule:
    """One rule that a mix has to keep, with what it is about."""

    kind: str  # one of RULE_KINDS
    sources: tuple[str, ...] = ()
    measure: str = ""
    member: str = ""  # '' with a budget: the purse of all members
    year: int | None = None  # calendar year
    limit: float = 1.0  # money; a share for 'largest-share', 'smallest-share' and 'together'
    due: float = 0.0  # budgets: what falls due in that year if nothing else pays


@dataclass(frozen=True, eq=False)
class MixProgramme:
    """Columns and rows of one blend; arrays run over the money columns (the first ones)."""

    programme: Programme
    rules: tuple[Rule | None, ...]  # of each row; None: holds always
    source: IntArray
    measure: IntArray
    member: IntArray
    year: IntArray
    upkeep: BoolArray  # pays upkeep, not capital
    due: FloatArray  # money
    used: dict[tuple[int, int], int] = field(default_factory=dict)  # (source, measure) -> 0/1 column

    @property
    def money_columns(self) -> int:
        """How many columns are money."""
        return int(self.source.size)


def build(
    needs: Needs,
    sources: Sequence[FundingSource],
    open_: Openings,
    limits: Limits,
    together: Sequence[Together],
    rate: float,
    without: frozenset[Rule] = frozenset(),
) -> MixProgramme:
    """The programme of the cheapest mix; see ``mix.cheapest_mix``.

    Parameters
    ----------
    without : rules set aside; their rows are left out.

    Raises
    ------
    ShapeError, RangeError
        Limits that don't fit the needs; a rate that can't be; NaN in a limit.
    """
    _check(needs, limits, rate)
    made = _columns(needs, sources, open_, rate)
    _use_columns(made, sources)
    rules: list[Rule | None] = []
    for rule, columns, values, upper in _rows(made, needs, sources, limits, together):
        if rule is None or rule not in without:
            made.programme.row(columns, values, upper)
            rules.append(rule)
    return MixProgramme(
        made.programme,
        tuple(rules),
        made.source,
        made.measure,
        made.member,
        made.year,
        made.upkeep,
        made.due,
        made.used,
    )


def _check(needs: Needs, limits: Limits, rate: float) -> None:
    n, years = len(needs.members), needs.years
    fiscal = limits.capital.shape[-1]
    shapes = {
        "capital": (limits.capital, (n, fiscal)),
        "running": (limits.running, (n, fiscal)),
        "debt": (limits.debt_service, (n, years)),
        "overlap": (limits.shares(), (n, fiscal, years)),
    }
    for name, (array, shape) in shapes.items():
        if array.shape != shape:
            raise ShapeError("finance.limits", f"{name} limits have shape {array.shape}; expected {shape}")
        if np.isnan(array).any() or (array < 0).any():
            raise RangeError("finance.limits", f"{name} limits hold NaN or a negative amount")
    if not (np.isfinite(rate) and rate > -1.0):
        raise RangeError("finance.discount-rate", f"the discount rate is {rate}; it must be above -1")


def _columns(needs: Needs, sources: Sequence[FundingSource], open_: Openings, rate: float) -> MixProgramme:
    """Money columns in the order of sources, capital before upkeep."""
    programme = Programme()
    factor = (1.0 + rate) ** -np.arange(needs.years, dtype=np.float64)
    parts: list[tuple[IntArray, ...]] = []
    dues: list[FloatArray] = []
    for s, source in enumerate(sources):
        may = open_.of(s)
        cost = source.present_cost(rate)
        for what, table in ((CAPITAL, needs.capital), (UPKEEP, needs.upkeep)):
            if what not in source.pays:
                continue
            j, i, t = np.nonzero(may & (table > 0))
            due = table[j, i, t]
            for amount, year in zip(due.tolist(), t.tolist(), strict=True):
                programme.column((cost - 1.0) * factor[year] + TIE * (s + 1) / len(sources), amount / MILLION)
            parts.append((np.full(j.size, s), j, i, t, np.full(j.size, what == UPKEEP)))
            dues.append(due)
    table_ = [
        np.concatenate([p[k] for p in parts]) if parts else np.zeros(0, dtype=np.int64) for k in range(5)
    ]
    s_, j_, i_, t_ = (a.astype(np.int64) for a in table_[:4])
    due_ = np.concatenate(dues) if dues else np.zeros(0)
    return MixProgramme(programme, (), s_, j_, i_, t_, table_[4].astype(bool), due_)


def _use_columns(made: MixProgramme, sources: Sequence[FundingSource]) -> None:
    """0/1 columns where it matters whether a source is used for a measure: smallest shares, exclusions."""
    place = {s.id: k for k, s in enumerate(sources)}
    apart = {(a, place[o]) for a, s in enumerate(sources) for o in s.not_with if o in place}
    apart |= {(b, a) for a, b in apart}
    for s, source in enumerate(sources):
        for j in np.unique(made.measure[made.source == s]).tolist():
            others = [b for a, b in apart if a == s]
            meets = any(((made.source == b) & (made.measure == j)).any() for b in others)
            if source.smallest_share > 0.0 or meets:
                made.used[s, j] = made.programme.column(0.0, 1.0, integer=True)


_Made = tuple[Rule | None, IntArray, FloatArray, float]


def _rows(
    made: MixProgramme,
    needs: Needs,
    sources: Sequence[FundingSource],
    limits: Limits,
    together: Sequence[Together],
) -> Iterator[_Made]:
    yield from _due_rows(made)
    for s, source in enumerate(sources):
        yield from _source_rows(made, needs, s, source)
        yield from _use_rows(made, needs, s, source)
    yield from _exclusion_rows(made, needs, sources)
    yield from _together_rows(made, needs, sources, together)
    yield from _budget_rows(made, needs, sources, limits)


def _ones(at: IntArray) -> FloatArray:
    return np.ones(at.size)


def _due_rows(made: MixProgramme) -> Iterator[_Made]:
    """Nobody is paid more than is due."""
    key = np.stack([made.upkeep, made.measure, made.member, made.year])
    _, first, which = np.unique(key, axis=1, return_index=True, return_inverse=True)
    which = which.reshape(-1)
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(first.size + 1))
    for k in range(first.size):
        at = order[bounds[k] : bounds[k + 1]]
        if at.size > 1:
            yield None, at, _ones(at), float(made.due[at[0]]) / MILLION


def _source_rows(made: MixProgramme, needs: Needs, s: int, source: FundingSource) -> Iterator[_Made]:
    """Largest share of every payment, and the caps of one source."""
    mine = made.source == s
    if not mine.any():
        return
    if source.largest_share < 1.0:
        for k in np.flatnonzero(mine).tolist():
            rule = Rule(LARGEST, (source.id,), needs.measures[made.measure[k]], limit=source.largest_share)
            yield rule, np.array([k]), np.ones(1), source.largest_share * float(made.due[k]) / MILLION
    if np.isfinite(source.cap):
        at = np.flatnonzero(mine)
        yield Rule(CAP, (source.id,), limit=source.cap), at, _ones(at), source.cap / MILLION
    if np.isfinite(source.cap_measure):
        for j in np.unique(made.measure[mine]).tolist():
            at = np.flatnonzero(mine & (made.measure == j))
            rule = Rule(CAP_MEASURE, (source.id,), needs.measures[j], limit=source.cap_measure)
            yield rule, at, _ones(at), source.cap_measure / MILLION
    if np.isfinite(source.cap_member):
        for i in np.unique(made.member[mine]).tolist():
            at = np.flatnonzero(mine & (made.member == i))
            rule = Rule(CAP_MEMBER, (source.id,), member=needs.members[i], limit=source.cap_member)
            yield rule, at, _ones(at), source.cap_member / MILLION


def _use_rows(made: MixProgramme, needs: Needs, s: int, source: FundingSource) -> Iterator[_Made]:
    """A source is used for a measure or it isn't; where it is, it pays its smallest share."""
    for (source_, j), use in made.used.items():
        if source_ != s:
            continue
        at = np.flatnonzero((made.source == s) & (made.measure == j))
        total = float(made.due[at].sum())
        columns = np.append(at, use)
        yield None, columns, np.append(_ones(at), -total / MILLION), 0.0
        if source.smallest_share > 0.0:
            rule = Rule(SMALLEST, (source.id,), needs.measures[j], limit=source.smallest_share)
            yield rule, columns, np.append(-_ones(at), source.smallest_share * total / MILLION), 0.0


def _exclusion_rows(made: MixProgramme, needs: Needs, sources: Sequence[FundingSource]) -> Iterator[_Made]:
    place = {s.id: k for k, s in enumerate(sources)}
    pairs = sorted(
        {tuple(sorted((k, place[o]))) for k, s in enumerate(sources) for o in s.not_with if o in place}
    )
    for a, b in pairs:
        for j in range(len(needs.measures)):
            if (a, j) in made.used and (b, j) in made.used:
                rule = Rule(NOT_WITH, (sources[a].id, sources[b].id), needs.measures[j])
                yield rule, np.array([made.used[a, j], made.used[b, j]]), np.ones(2), 1.0


def _together_rows(
    made: MixProgramme, needs: Needs, sources: Sequence[FundingSource], together: Sequence[Together]
) -> Iterator[_Made]:
    """Several sources together at most a share of a measure's capital."""
    place = {s.id: k for k, s in enumerate(sources)}
    for group in together:
        members = [place[x] for x in group.sources if x in place]
        mine = np.isin(made.source, members) & ~made.upkeep
        for j in np.unique(made.measure[mine]).tolist():
            at = np.flatnonzero(mine & (made.measure == j))
            rule = Rule(TOGETHER, group.sources, needs.measures[j], limit=group.share)
            yield rule, at, _ones(at), group.share * float(needs.capital[j].sum()) / MILLION


def _budget_rows(
    made: MixProgramme, needs: Needs, sources: Sequence[FundingSource], limits: Limits
) -> Iterator[_Made]:
    """Own cash within the capital budget, upkeep and debt service within the running budget, by fiscal
    year; debt service within its limit, by calendar year.
    """
    n = len(needs.members)
    purses = [(list(range(n)), "")] if limits.pooled else [([i], m) for i, m in enumerate(needs.members)]
    bound = np.isfinite(limits.capital).any() or np.isfinite(limits.running).any()
    if not bound and not np.isfinite(limits.debt_service).any():
        return
    service = _service_by_year(made, sources, needs.years)
    overlap, first = limits.shares(), limits.first_fiscal_year
    first = needs.first_year if first is None else first
    capital = np.einsum("mit,ift->if", needs.capital, overlap)
    upkeep = np.einsum("mit,ift->if", needs.upkeep, overlap)
    in_year = overlap[made.member, :, made.year]  # (column, fiscal year) part of its year
    serviced = np.einsum("ct,cft->cf", service[:, : needs.years], overlap[made.member])
    for who, name in purses:
        inside = np.isin(made.member, who)
        for f in range(overlap.shape[1]):
            year = first + f
            due, limit = float(capital[who, f].sum()), float(limits.capital[who, f].sum())
            paid = np.where(inside & ~made.upkeep, in_year[:, f], 0.0)
            if np.isfinite(limit) and due > 0.0:
                at = np.flatnonzero(paid)
                rule = Rule(CAPITAL_BUDGET, (), "", name, year, limit, due)
                yield rule, at, -paid[at], (limit - due) / MILLION
            due, limit = float(upkeep[who, f].sum()), float(limits.running[who, f].sum())
            flow = np.where(inside, serviced[:, f] - np.where(made.upkeep, in_year[:, f], 0.0), 0.0)
            if np.isfinite(limit) and (due > 0.0 or flow.any()):
                at = np.flatnonzero(flow)
                rule = Rule(RUNNING_BUDGET, (), "", name, year, limit, due)
                yield rule, at, flow[at], (limit - due) / MILLION
    yield from _debt_rows(made, needs, limits, service)


def _debt_rows(made: MixProgramme, needs: Needs, limits: Limits, service: FloatArray) -> Iterator[_Made]:
    """Interest and repayment within their limit, after the horizon as in its last year."""
    for i, name in enumerate(needs.members):
        if not np.isfinite(limits.debt_service[i]).any():
            continue
        mine = np.where((made.member == i)[:, None], service, 0.0)
        for t in range(service.shape[1]):
            limit = float(limits.debt_service[i, min(t, needs.years - 1)])
            at = np.flatnonzero(mine[:, t])
            if np.isfinite(limit) and at.size:
                rule = Rule(DEBT_SERVICE, (), "", name, needs.first_year + t, limit)
                yield rule, at, mine[at, t], limit / MILLION


def _service_by_year(made: MixProgramme, sources: Sequence[FundingSource], years: int) -> FloatArray:
    """(column, calendar year) interest and repayment of one unit, beyond the horizon where it runs on."""
    longest = max((s.maturity_years for s in sources if s.repaid), default=0)
    out = np.zeros((made.source.size, years + longest))
    for s, source in enumerate(sources):
        if source.repaid:
            schedule = np.add(*source.service())
            rows = np.flatnonzero(made.source == s)
            out[rows[:, None], made.year[rows][:, None] + np.arange(schedule.size)] = schedule
    return out
