"""Parts of the reserve's finding: the core, the path over years, the far region, the ceded layer, files."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import Column, Interval, Table
from bothbanks.analysis.findings.reserve import (
    ReserveCeded,
    ReserveCore,
    ReserveFar,
    ReserveMembers,
    ReservePathFinding,
)
from bothbanks.analysis.reserve.allocation import core_test, proportional_allocation
from bothbanks.analysis.reserve.capital import Claims
from bothbanks.analysis.reserve.outside import ceded_layer, far_pool
from bothbanks.analysis.reserve.path import draw_paths, reserve_path, start_for_ruin
from bothbanks.analysis.reserve.pooling import (
    Cession,
    FundTerms,
    PoolCosts,
    Premiums,
    pool_costs,
    pool_premiums,
)
from bothbanks.app.reserve_years import Asked
from bothbanks.words.coalitions import coalition_of
from bothbanks.words.errors import InputError, RangeError

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]


def core_findings(
    asked: Asked, paid: Claims, costs: PoolCosts, pooled: Premiums, cession: Cession | None
) -> tuple[ReserveCore, ...]:
    """Euler parts, capital by expected payout, and Euler parts with the ceded layer: does each hold?"""
    expected = np.asarray(
        pooled.expected
        + pooled.load * proportional_allocation(float(costs.capital[-1]), pooled.expected)
        + pooled.running
    )
    out = [
        _core(asked, "euler", costs, pooled.premium),
        _core(asked, "expected", costs, expected),
    ]
    if cession is not None:
        with_layer = pool_costs(paid, costs.terms, cession)
        premiums = pool_premiums(paid, (1 << costs.n) - 1, costs.terms, cession)
        out.append(_core(asked, "ceded", with_layer, premiums.premium))
    return tuple(out)


def _core(asked: Asked, way: str, costs: PoolCosts, paid: FloatArray) -> ReserveCore:
    found = core_test(costs.cost, paid)
    members = coalition_of(found.worst, asked.members)
    worst = tuple(m for m in asked.members if m in members)
    return ReserveCore(way, found.tested, len(found.failing), worst, found.slack / asked.minor)


def path_finding(
    asked: Asked, draw: Draw, total: FloatArray, start: float, terms: FundTerms, seed: int
) -> ReservePathFinding:
    """The pool over its years, started with its capital; running cost is paid beside it."""
    s = asked.settings
    rng = np.random.default_rng([seed, 14])
    claims = draw_paths(total, s.paths, s.path_years, rng)
    interest, target = draw[f"{asked.case}.interest"], draw[f"{asked.case}.target_ruin"]
    contribution = float(total.mean()) + terms.load * start
    path = reserve_path(claims, start, contribution, interest, ceiling=start)
    try:
        needed = start_for_ruin(claims, contribution, target, interest, refilled=True)
    except RangeError as error:
        raise InputError(error.code, f"cases/{asked.case}.toml: {error.message}") from error
    ruin, minor = path.ruin, asked.minor
    return ReservePathFinding(
        years=s.path_years,
        paths=s.paths,
        start=start / minor,
        contribution=contribution / minor,
        interest=interest,
        mean=path.mean / minor,
        low=path.low / minor,
        high=path.high / minor,
        ruined=path.ruined / path.paths,
        returned=float(path.returned.mean()) / minor,
        paid=float(path.paid.mean()) / minor,
        earned=float(path.earned.mean()) / minor,
        unpaid=float(path.unpaid.mean()) / minor,
        ruin=Interval(ruin.failures / ruin.n, ruin.low, ruin.high),
        failures=ruin.failures,
        target=target,
        start_needed=needed / minor,
    )


def far_finding(total: FloatArray, terms: FundTerms, seed: int, minor: float) -> ReserveFar:
    """A pool with an independent copy of the region."""
    found = far_pool(total, terms, np.random.default_rng([seed, 15]))
    return ReserveFar(found.capital_alone / minor, found.capital_with / minor, found.saving / minor)


def ceded_finding(asked: Asked, draw: Draw, total: FloatArray, terms: FundTerms) -> ReserveCeded | None:
    """The layer that the pool could cede; None where the folder names none."""
    cession = asked.cession(draw)
    if cession is None:
        return None
    found, minor = ceded_layer(total, terms, cession), asked.minor
    return ReserveCeded(
        attachment=found.attachment / minor,
        exhaustion=found.exhaustion / minor,
        attachment_years=cession.attachment_years,
        exhaustion_years=cession.exhaustion_years,
        share=cession.share,
        rate_on_line=cession.rate_on_line,
        price=found.price / minor,
        expected=found.expected / minor,
        capital_before=found.capital_before / minor,
        capital_after=found.capital_after / minor,
        saves=found.capital_saved_cost / minor,
        net=found.net / minor,
        break_even=found.price_that_breaks_even,
    )


def tables(
    asked: Asked, costs: PoolCosts, members: ReserveMembers, path: ReservePathFinding
) -> dict[str, Table]:
    """Files: members, every coalition's capital and cost, and the path by year."""
    unit, minor = asked.currency, asked.minor
    saving = costs.saving() / minor
    by_member = tuple(
        (
            m,
            *(float(x[i]) for x in (members.gross, members.kept, members.paid)),
            *(float(x[i]) for x in (members.capital_alone, members.capital_pooled)),
            *(float(x[i]) for x in (members.premium_alone, members.premium_pooled, members.saving)),
        )
        for i, m in enumerate(asked.members)
    )
    money = [
        Column(name, "money", f"{unit}/year")
        for name in ("gross_loss", "kept", "paid_by_fund", "premium_alone", "premium_pooled", "saving")
    ]
    capital = [Column("capital_alone", "money", unit), Column("capital_pooled", "money", unit)]
    coalitions = tuple(
        (
            " + ".join(m for m in asked.members if m in coalition_of(mask, asked.members)),
            float(costs.capital[mask]) / minor,
            float(costs.cost[mask]) / minor,
            float(saving[mask]),
        )
        for mask in range(1, costs.cost.size)
    )
    years = tuple(
        (y + 1, float(path.mean[y]), float(path.low[y]), float(path.high[y]), float(path.ruined[y]))
        for y in range(path.years)
    )
    return {
        "reserve-members": Table(
            "reserve-members",
            (Column("member", "member"), *money[:3], *capital, *money[3:]),
            by_member,
        ),
        "reserve-coalitions": Table(
            "reserve-coalitions",
            (
                Column("members"),
                Column("capital", "money", unit),
                Column("yearly_cost", "money", f"{unit}/year"),
                Column("saving", "money", f"{unit}/year"),
            ),
            coalitions,
        ),
        "reserve-path": Table(
            "reserve-path",
            (
                Column("year", "year"),
                Column("held", "money", unit),
                Column("low", "money", unit),
                Column("high", "money", unit),
                Column("unable_to_pay", "share"),
            ),
            years,
        ),
    }
