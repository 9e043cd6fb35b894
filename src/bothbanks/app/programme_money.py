"""The programme's money: starts, cash by fiscal year and council, council cash and benefit to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import BudgetSplit
from bothbanks.analysis.findings.programme import CouncilCash, OwnStart, Start, WarningStart
from bothbanks.analysis.measures.measure import Measure
from bothbanks.analysis.measures.presentvalue import level_payment
from bothbanks.analysis.measures.programme import (
    OwnPlan,
    Programme,
    ProgrammeGame,
    ProgrammeTables,
    ProgrammeTerms,
)
from bothbanks.analysis.measures.programme.account import own_factor, span_losses
from bothbanks.analysis.measures.programme.plan import NOT_BUILT
from bothbanks.region.money import MoneyTable
from bothbanks.region.schema import MemberSettings, RegionSettings

FloatArray = NDArray[np.float64]


def starts_of(
    measures: Sequence[Measure],
    base: Mapping[str, float],
    first_year: int,
    game: ProgrammeGame,
    unlimited: ProgrammeGame,
) -> tuple[Start, ...]:
    """When each shared measure that members decide about starts, in each outcome."""
    together, alone, free = game.together().schedule, game.alone().schedule, unlimited.together().schedule

    def year(m: Measure, delay: int, from_year: int) -> int | None:
        return None if delay == NOT_BUILT else first_year + from_year + delay

    return tuple(
        Start(
            measure=m.id,
            payers=m.payers,
            capital=base[m.cost],
            together=year(m, together[m.id], m.years[0]),
            works_from=year(m, together[m.id], m.works_from),
            alone=year(m, alone[m.id], m.years[0]),
            unlimited=year(m, free[m.id], m.years[0]),
        )
        for m in measures
        if not m.fixed
    )


def own_of(
    own: Sequence[Measure], first_year: int, game: ProgrammeGame
) -> tuple[tuple[OwnStart, ...], tuple[WarningStart, ...]]:
    """What each member does for itself, and how it is warned, together and alone."""
    together, alone = game.together().own, game.alone().own
    starts, warning = [], []
    for i, member in enumerate(game.members):
        a, b = dict(together[i].options), dict(alone[i].options)
        for m in own:
            if m.id in a or m.id in b:
                year = first_year + m.years[0]
                starts.append(
                    OwnStart(
                        member,
                        m.id,
                        year + a[m.id] if m.id in a else None,
                        year + b[m.id] if m.id in b else None,
                    )
                )
        warning.append(
            WarningStart(
                member,
                together[i].warning,
                _warned(together[i], first_year),
                alone[i].warning,
                _warned(alone[i], first_year),
            )
        )
    return tuple(starts), tuple(warning)


def _warned(own: OwnPlan, first_year: int) -> int | None:
    return first_year + own.warning_delay if own.warning else None


def cash_of(
    found: Programme, terms: ProgrammeTerms, members: Sequence[MemberSettings], settings: RegionSettings
) -> tuple[CouncilCash, ...]:
    """Capital and running cash of each council in its own fiscal years and currency."""
    money = MoneyTable(settings)
    capital, running = terms.fiscal.spread(found.capital), terms.fiscal.spread(found.running)
    out = []
    for i, m in enumerate(members):
        rate = 1.0 / money.factor(m.currency, settings.price_year).factor
        begun = int(terms.fiscal.overlap[i, 0].sum() == 0.0)  # from January: the year before holds nothing
        part = slice(begun, None)
        out.append(
            CouncilCash(
                member=m.id,
                currency=m.currency,
                rate=rate,
                fiscal_years=terms.fiscal.names[part],
                capital=capital[i, part] * rate,
                running=running[i, part] * rate,
                capital_budget=terms.capital_budget[i, part] * rate,
                running_budget=terms.running_budget[i, part] * rate,
            )
        )
    return tuple(out)


def loss_by_class(tables: ProgrammeTables, found: Programme) -> FloatArray:
    """(member, class) present loss under a programme, own measures and warning included.

    Where replies never settle the first plan of the circle is used, scaled to the mean loss.
    """
    money, _ = span_losses(tables, found.plan.starts)
    out = np.zeros((len(tables.members), len(tables.classes)))
    for block in found.partition:
        for i in range(len(tables.members)):
            if block >> i & 1:
                factor, _ = own_factor(tables, i, block, found.plan.own[i])
                out[i] = np.einsum("sbc,sbc,s->c", money[:, :, i], factor, tables.span_weights)
    total = out.sum(axis=1)
    scale: FloatArray = np.divide(found.loss, total, out=np.ones_like(total), where=total > 0)
    return np.asarray(out * scale[:, None])


def split_of(
    game: ProgrammeGame,
    payments: FloatArray,
    owners: Sequence[str],
    payable: FloatArray | None,
) -> tuple[BudgetSplit, ...]:
    """Each member together against alone: council cash, and benefit by who bears the loss.

    Parameters
    ----------
    payments : (member,) present value, positive = receives.
    owners : who bears the loss of each class.
    payable : (member,) most that a council can pay its neighbours a year; None = not stated.
    """
    t = game.tables
    alone, together = game.alone(), game.together()
    avoided = loss_by_class(t, alone) - loss_by_class(t, together)
    cash = (together.cost - together.loss) - (alone.cost - alone.loss) - payments
    by_owner = {
        owner: avoided[:, [o == owner for o in owners]].sum(axis=1)
        for owner in ("households", "firms", "public")
    }
    yearly = [level_payment(float(p), t.rate, t.horizon_years) for p in payments]
    within = [payable is None or -y <= payable[i] for i, y in enumerate(yearly)]
    return tuple(
        BudgetSplit(
            member=m,
            budget_cost=float(cash[i]),
            households=float(by_owner["households"][i]),
            firms=float(by_owner["firms"][i]),
            public_works=float(by_owner["public"][i]),
            payment_per_year=yearly[i],
            payable=bool(within[i]),
            reason="" if within[i] else "above-budget",
        )
        for i, m in enumerate(game.members)
    )
