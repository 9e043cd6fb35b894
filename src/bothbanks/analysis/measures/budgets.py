"""Who really has the money: what of a member's result is council cash and what is others' benefit.

Avoided damage is not council money. Damage avoided to homes is kept by households (and their
insurers), to shops and works by firms, to public works and roads by the public purse; measures,
upkeep, the member's own options, warning and payments are cash out of the budget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.blocks import subset_index
from bothbanks.analysis.measures.equilibrium import Equilibrium, PartitionGame
from bothbanks.analysis.measures.presentvalue import level_payment
from bothbanks.words.errors import InputError, ShapeError

FloatArray = NDArray[np.float64]

HOUSEHOLDS, FIRMS, PUBLIC = "households", "firms", "public"
OWNERS = (HOUSEHOLDS, FIRMS, PUBLIC)


@dataclass(frozen=True)
class Budget:
    """One member's result against alone, present values; benefits positive = better off."""

    member: str
    budget_cost: float  # measures, options and warning paid, less payments received, against alone
    households: float
    firms: float
    public_works: float
    cash_per_year: float  # budget_cost as a level yearly sum
    payment_per_year: float  # payment as a level yearly sum, positive = receives
    payable: bool | None  # None: no budget stated
    budget_per_year: float | None  # what payable was tested against


def loss_by_class(game: PartitionGame, found: Equilibrium) -> FloatArray:
    """Present loss of each member by class at an outcome, own options and warning included.

    Where replies never settle, the outcome's first profile is used, scaled to its loss.

    Returns
    -------
    (member, class); sums over classes to ``found.loss``.
    """
    t, losses = game.tables, game.losses
    profile = np.array([found.profile], dtype=np.int64)
    names = [o.id for o in losses.options]
    option = [names.index(o) for o in found.own]
    out = np.zeros((len(t.members), t.basins[0].by_class.shape[2] if t.basins else 0))
    for b, table in enumerate(t.basins):
        row = table.by_class[subset_index(table, profile)[0]]
        factor = np.array([losses.options[o].loss_factor[i, b] for i, o in enumerate(option)])
        out += row * factor * losses.warning_factors(found.partition, found.warning)[:, b, None]
    total = out.sum(axis=1)
    scale: FloatArray = np.divide(found.loss, total, out=np.ones_like(total), where=total > 0)
    return np.asarray(out * scale[:, None])


def split_budgets(
    game: PartitionGame,
    payments: FloatArray,
    owners: Sequence[str],
    rate: float,
    horizon_years: int,
    budget_per_year: FloatArray | None = None,
) -> tuple[Budget, ...]:
    """Split each member's result together into budget cash and benefit by who bears the loss.

    Parameters
    ----------
    payments : (member,) present value, positive = receives
    owners : who bears the loss of each class, one of 'households', 'firms', 'public', in class order
    budget_per_year : (member,) what the council can spend a year on it; None = not stated

    Raises
    ------
    ShapeError, InputError
        Payments, budgets or owners don't fit the game; an owner is unknown.
    """
    n = len(game.members)
    _check(game, payments, owners, budget_per_year)
    alone, together = game.alone(), game.together()
    avoided = loss_by_class(game, alone) - loss_by_class(game, together)
    cash = (together.cost - together.loss) - (alone.cost - alone.loss) - payments
    out = []
    for i in range(n):
        kept = {o: float(avoided[i, [x == o for x in owners]].sum()) for o in OWNERS}
        yearly = level_payment(float(cash[i]), rate, horizon_years)
        limit = None if budget_per_year is None else float(budget_per_year[i])
        out.append(
            Budget(
                member=game.members[i],
                budget_cost=float(cash[i]),
                households=kept[HOUSEHOLDS],
                firms=kept[FIRMS],
                public_works=kept[PUBLIC],
                cash_per_year=yearly,
                payment_per_year=level_payment(float(payments[i]), rate, horizon_years),
                payable=None if limit is None else yearly <= limit,
                budget_per_year=limit,
            )
        )
    return tuple(out)


def _check(
    game: PartitionGame, payments: FloatArray, owners: Sequence[str], budget_per_year: FloatArray | None
) -> None:
    n = len(game.members)
    classes = game.tables.basins[0].by_class.shape[2] if game.tables.basins else 0
    sizes: Mapping[str, tuple[int, int]] = {
        "payments": (len(payments), n),
        "owners": (len(owners), classes),
        "budgets": (n if budget_per_year is None else len(budget_per_year), n),
    }
    for name, (got, wanted) in sizes.items():
        if got != wanted:
            raise ShapeError("measures.budget", f"{got} {name} given, {wanted} needed")
    unknown = sorted(set(owners) - set(OWNERS))
    if unknown:
        raise InputError("measures.budget", f"unknown owners {', '.join(unknown)}; use {', '.join(OWNERS)}")
