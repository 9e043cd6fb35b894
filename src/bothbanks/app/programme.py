"""The programme of a region: from its settings and the cases as played to its finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import ProgrammeFinding
from bothbanks.analysis.findings.programme import Leaving
from bothbanks.analysis.measures.programme import (
    Effort,
    KeptLosses,
    ProgrammeGame,
    case_tables,
    keep_case_losses,
)
from bothbanks.analysis.risk.hazards.parameters import Climate
from bothbanks.app.cases import FloodRun, population_of
from bothbanks.app.prepared import Prepared, Step, silent
from bothbanks.app.programme_choice import (
    TODAY,
    Calendar,
    changed_of,
    front_of,
    less_harm,
    pathways_of,
    robust_of,
    scenarios_of,
)
from bothbanks.app.programme_game import (
    BASE,
    UNLIMITED,
    distinct_plans,
    division,
    proof,
    solve_all,
    solve_together,
)
from bothbanks.app.programme_money import cash_of, own_of, split_of, starts_of
from bothbanks.app.programme_tables import tables_of
from bothbanks.app.programme_terms import assumed, terms_of
from bothbanks.region.finance.budgets import BudgetsSettings
from bothbanks.region.parameters import stated_parameters
from bothbanks.words.quantities import currencies_in

FloatArray = NDArray[np.float64]
EFFORT = Effort(node_limit=2_000)
"""Nodes of a search before it stops with a stated gap: a limit that is the same on every machine."""
RATE_MOVES = (0.9, 1.1)
Variant = tuple[str, str, float]


def find(prepared: Prepared, step: Step = silent) -> ProgrammeFinding | None:
    """The finding, or None where the folder doesn't ask for it or has no flood case."""
    settings = prepared.finance.get("budgets")
    if not isinstance(settings, BudgetsSettings) or prepared.flood is None:
        return None
    return _found(_Asked(prepared, settings, prepared.flood), step)


@dataclass(frozen=True)
class _Asked:
    """What the programme is worked out from."""

    prepared: Prepared
    settings: BudgetsSettings
    run: FloodRun

    def game(
        self, draw: Mapping[str, float], climate: Climate | None = None, kept: KeptLosses | None = None
    ) -> ProgrammeGame:
        """The game under one set of numbers."""
        case = self.run.game if climate is None else self.run.under(climate)
        tables = case_tables(case, draw, self.settings.delays, kept)
        model = self.prepared.model
        terms = terms_of(self.settings, model.members, draw, population_of(model), tables)
        return ProgrammeGame(tables, terms, EFFORT)

    def changed(self, kept: KeptLosses, climates: Mapping[str, Climate]) -> dict[Variant, ProgrammeGame]:
        """The game with one assumption changed: discount rate, climate, rate of exchange."""
        base, model = dict(self.prepared.base), self.prepared.model
        rate = model.parameter("region.discount_rate")
        out: dict[Variant, ProgrammeGame] = {
            ("discount-rate", "", value): self.game({**base, rate.id: value}, kept=kept)
            for value in dict.fromkeys((rate.low, rate.high))
            if value != rate.value
        }
        for name, climate in climates.items():
            out["scenario", name, float("nan")] = self.game(base, climate)
        others = {m.currency for m in model.members} - {model.settings.currency}
        for currency in sorted(others):
            for move in RATE_MOVES:
                out["exchange-rate", currency, move] = self.game(self.exchanged(currency, move))
        return out

    def exchanged(self, currency: str, move: float) -> dict[str, float]:
        """The base with everything stated in a currency worth more or less."""
        model = self.prepared.model
        stated = stated_parameters(model.settings, model.members, model.cases, model.finance)
        moved = {identifier for identifier, _, _, item in stated if currency in currencies_in(item.unit)}
        return {k: v * move if k in moved else v for k, v in self.prepared.base.items()}


def _leaving(game: ProgrammeGame, payments: FloatArray | None) -> tuple[Leaving, ...]:
    """Each member staying out, the others carrying on; with payments, what it gains by that."""
    return tuple(
        Leaving(
            d.member,
            d.lost,
            d.gone,
            d.later,
            d.added,
            float("nan") if payments is None else float(-payments[i] - d.lost[i]),
        )
        for i, d in enumerate(game.drop_one())
    )


def _found(asked: _Asked, step: Step) -> ProgrammeFinding:
    prepared, settings, run = asked.prepared, asked.settings, asked.run
    model, base = prepared.model, dict(prepared.base)
    kept = keep_case_losses(run.game, base)
    climates = scenarios_of(model.settings.scenarios)
    game = asked.game(base, kept=kept)
    changed = asked.changed(kept, climates)
    games = {
        BASE: game,
        UNLIMITED: game.unlimited(),
        **{"|".join(map(str, k)): g for k, g in changed.items()},
    }
    solve_all(games, step, prepared.workers)
    shared, told = run.game.shared, Calendar(run.game.shared, settings.first_year)
    divided = division(game, model.settings.currency)
    payments = np.zeros(len(game.members)) if divided is None else divided.payments
    by_climate = {TODAY: game, **{k[1]: g for k, g in changed.items() if k[0] == "scenario"}}
    less = {f"less|{k}": g for k, g in enumerate(less_harm(game, population_of(model)))}
    solve_together(less, step, prepared.workers)
    plans = distinct_plans([game, *by_climate.values(), games[UNLIMITED], *less.values()])
    candidates, front = front_of(game, plans, population_of(model), told)
    own, warning = own_of(run.game.own, settings.first_year, game)
    per_head = base.get("region.payable_per_head")
    found = ProgrammeFinding(
        case=run.settings.id,
        first_year=settings.first_year,
        horizon_years=game.tables.horizon_years,
        delays=settings.delays,
        pooled=game.terms.pooled,
        assumed_budgets=assumed(settings),
        starts=starts_of(shared, base, settings.first_year, game, games[UNLIMITED]),
        own=own,
        warning=warning,
        alone=game.alone().cost,
        together=game.together().cost,
        alone_unlimited=games[UNLIMITED].alone().cost,
        together_unlimited=games[UNLIMITED].together().cost,
        division=divided,
        cash=cash_of(game.together(), game.terms, model.members, model.settings),
        split=split_of(
            game,
            payments,
            [str(c.owner) for c in run.settings.classes],
            None if per_head is None else per_head * population_of(model),
        ),
        proof=proof(game),
        leaving=_leaving(game, payments if divided is not None else None),
        climates=tuple(by_climate),
        robust=robust_of(by_climate, told),
        candidates=candidates,
        front=front,
        pathways=pathways_of(run, base, settings, climates, game.together().plan, told),
        changed=changed_of(changed, game),
        climate_names={s.id: s.name for s in model.settings.scenarios},
        services=tuple(s.id for s in settings.minimum_service if s.id not in game.together().unmet),
    )
    return replace(found, tables=tables_of(found, prepared.members, model.settings.currency))
