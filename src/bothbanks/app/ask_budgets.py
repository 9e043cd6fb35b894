"""What a changed number does to the programme under the councils' yearly budgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.flood_case import FloodCase
from bothbanks.analysis.measures.programme import Effort, ProgrammeGame, case_tables
from bothbanks.analysis.measures.programme.plan import NOT_BUILT
from bothbanks.app.cases import population_of
from bothbanks.app.programme_terms import terms_of
from bothbanks.region.finance.budgets import BudgetsSettings
from bothbanks.region.folder import RegionModel

FloatArray = NDArray[np.float64]
EFFORT = Effort(node_limit=2_000)


@dataclass(frozen=True, eq=False)
class BudgetOutcome:
    """A programme under budgets; arrays by member, present values before payments."""

    alone: FloatArray
    together: FloatArray
    starts: Mapping[str, int]  # measure that all build together -> calendar year in which building begins
    gap: float  # money by which a programme may lie above the best; 0 = proven best


def budget_outcome(model: RegionModel, case: FloodCase, draw: Mapping[str, float]) -> BudgetOutcome | None:
    """Everybody alone and all together under the budgets; None where the folder states none."""
    settings = model.finance.get("budgets")
    if not isinstance(settings, BudgetsSettings):
        return None
    tables = case_tables(case, draw, settings.delays)
    game = ProgrammeGame(
        tables, terms_of(settings, model.members, draw, population_of(model), tables), EFFORT
    )
    alone, together = game.alone(), game.together()
    first = {m.id: settings.first_year + m.years[0] for m in case.shared if not m.fixed}
    starts = {
        name: first[name] + delay
        for name, delay in together.schedule.items()
        if delay != NOT_BUILT and name in first
    }
    return BudgetOutcome(alone.cost, together.cost, starts, alone.gap + together.gap)
