"""What if a number were another? A loaded region that answers at once when assumptions are changed.

The annual damage of every basin under every subset of its measures is kept, keyed by the numbers that
can matter to it (``app.remembered``). Costs, discount rate, upkeep, lifetime effects on damage, own
options and warning never call the hazard model again; a number of one basin calls it for that basin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.core import core_is_empty, in_core, strongest_objection
from bothbanks.analysis.cooperation.game import CoalitionGame
from bothbanks.analysis.cooperation.partition import CONVENTIONS, Partition, worths_from_costs
from bothbanks.analysis.cooperation.shapley_value import shapley
from bothbanks.analysis.measures.equilibrium import Equilibrium, PartitionGame
from bothbanks.analysis.measures.flood_case import FloodCase
from bothbanks.analysis.measures.money_case import MoneyCase
from bothbanks.app.ask_budgets import BudgetOutcome, budget_outcome
from bothbanks.app.cases import flood_run, storm_run
from bothbanks.app.remembered import RememberedHazard
from bothbanks.region.folder import RegionModel
from bothbanks.region.schema_cases import CaseSettings
from bothbanks.words.errors import InputError
from bothbanks.words.parameters import Parameter

FloatArray = NDArray[np.float64]
Step = Callable[[str, float], None]

QUICK_MEMBERS = 8
"""Up to so many members the quick answer plays every coalition, which takes a tenth of a second."""
_Key = tuple[str, tuple[tuple[str, float], ...]]
SHAPLEY, EQUAL_GAIN = "Shapley value", "equal gain"
REGION, BUDGETS = "region.", "budgets."


@dataclass(frozen=True)
class Change:
    """One number as it was and as it is now."""

    parameter: Parameter
    before: float
    after: float
    read: bool  # False: no game counted in money reads it

    @property
    def outside(self) -> bool:
        """True when the number lies outside the range stated for it."""
        return not self.parameter.low <= self.after <= self.parameter.high


@dataclass(frozen=True, eq=False)
class Outcome:
    """A money case under one set of numbers; arrays by member, present values."""

    alone: FloatArray
    together: FloatArray
    payments: FloatArray  # positive = receives; sums to 0
    rule: str  # by which the payments divide the gain
    built_alone: tuple[tuple[str, ...], ...]  # by member: shared measures, own options, warning
    built_together: tuple[str, ...]  # shared measures of all
    own_together: tuple[tuple[str, ...], ...]  # by member: own options and warning
    fixed: tuple[str, ...]  # built by somebody else's plan in every outcome
    equilibria: str  # of everybody alone: 'unique', 'several', 'none' or 'searched'

    @property
    def gain(self) -> FloatArray:
        """(member,) what each gains together, its payment included."""
        return np.asarray(self.alone - self.together + self.payments)


@dataclass(frozen=True, eq=False)
class Answer:
    """A case with the folder's numbers and with the changed ones."""

    case: CaseSettings
    base: Outcome
    now: Outcome
    asked_again: tuple[str, ...]  # basins for which the hazard model was called
    basins: int  # all of them; 0 where the hazard has none
    budgets: tuple[BudgetOutcome, BudgetOutcome] | None = None  # under yearly budgets: before, now


@dataclass(frozen=True, eq=False)
class FullAnswer:
    """Every coalition under both conventions."""

    case: CaseSettings
    members: tuple[str, ...]
    worths: Mapping[str, FloatArray]  # convention -> (2**member,)
    shares: FloatArray  # (member,) Shapley value under gamma
    payments: FloatArray  # (member,)
    stable: Mapping[str, bool]  # convention -> nobody and no group does better by leaving
    core_empty: Mapping[str, bool]
    objection: Mapping[str, tuple[tuple[str, ...], float]]  # strongest reason to leave: who, and by how much


class _Counting:
    """A flood hazard that notes the basins it is asked for."""

    def __init__(self, hazard: Any) -> None:
        self.hazard = hazard
        self.basins = hazard.basins
        self.asked: list[str] = []

    def annual_damage(self, draw: Mapping[str, float], basin: str, variants: Any, /) -> Any:
        self.asked.append(basin)
        return self.hazard.annual_damage(draw, basin, variants)


class Session:
    """A loaded region, its changed numbers, and the answers kept so far."""

    def __init__(self, model: RegionModel) -> None:
        """Make the games ready. Raises InputError where the folder has no case counted in money."""
        self.model = model
        self.members = tuple(m.id for m in model.members)
        self.parameters = {p.id: p for p in model.parameters}
        self.base = {p.id: p.value for p in model.parameters}
        self.changed: dict[str, float] = {}
        self._history: list[tuple[str, float | None]] = []
        self._counters: dict[str, _Counting] = {}
        self._games: dict[str, MoneyCase] = {}
        for name, case in model.cases.items():
            if case.kind == "flood":
                self._games[name] = self._flood(case)
            elif case.kind == "storm":
                self._games[name] = storm_run(model, case).game
        if not self._games:
            raise InputError(
                "ask.no-case",
                f"{model.path}: no case of kind flood or storm; 'ask' plays games counted in money. "
                "Add one to cases/",
            )
        self._outcomes: dict[_Key, Outcome] = {}
        self._budgets: dict[_Key, BudgetOutcome | None] = {}

    def _flood(self, case: CaseSettings) -> FloodCase:
        game = flood_run(self.model, case).game
        counter = self._counters[case.id] = _Counting(game.model)
        hazard = RememberedHazard(counter, case.id)
        return FloodCase(game.id, game.members, game.basins, (*game.shared, *game.own), hazard, game.settings)

    @property
    def now(self) -> dict[str, float]:
        """Every number, the changed ones as they are now."""
        return {**self.base, **self.changed}

    def parameter(self, name: str) -> Parameter:
        """The parameter of that id. Raises InputError [ask.unknown] with the nearest ids."""
        if name in self.parameters:
            return self.parameters[name]
        near = nearest(name, tuple(self.parameters))
        told = f"did you mean {', '.join(near)}?" if near else "no id comes near it."
        raise InputError("ask.unknown", f"there is no parameter '{name}'; {told}")

    def starting_with(self, prefix: str) -> tuple[Parameter, ...]:
        """Parameters by the beginning of their id, in the folder's order."""
        return tuple(p for p in self.parameters.values() if p.id.startswith(prefix))

    def change(self, name: str, text: str) -> Change:
        """Set a number.

        Raises
        ------
        InputError
            [ask.unknown] or [ask.number]; nothing is changed then.
        """
        p = self.parameter(name)
        value = _number(name, text, p)
        before = self.now[name]
        self._history.append((name, self.changed.get(name)))
        self._put(name, value)
        return Change(p, before, value, self._read(name))

    def undo(self) -> Change | None:
        """Take the last change back; None when there is none."""
        if not self._history:
            return None
        name, before = self._history.pop()
        after = self.now[name]
        self._put(name, self.base[name] if before is None else before)
        return Change(self.parameters[name], after, self.now[name], self._read(name))

    def changes(self) -> tuple[Change, ...]:
        """Every number that is not as in the folder."""
        return tuple(
            Change(self.parameters[n], self.base[n], v, self._read(n)) for n, v in self.changed.items()
        )

    def answer(self) -> tuple[Answer, ...]:
        """Every money case that reads a changed number, or all where nothing is changed."""
        read = [n for n in self._games if any(_of_case(p, n) or self._budget_of(p, n) for p in self.changed)]
        names = read or list(self._games)
        out = []
        for name in names:
            base = self._outcome(name, {})
            counter = self._counters.get(name)
            seen = len(counter.asked) if counter else 0
            now = self._outcome(name, {p: v for p, v in self.changed.items() if _of_case(p, name)})
            again = tuple(dict.fromkeys(counter.asked[seen:])) if counter else ()
            basins = len(counter.basins) if counter else 0
            out.append(Answer(self.model.cases[name], base, now, again, basins, self._under_budgets(name)))
        return tuple(out)

    def full(self, progress: Step | None = None) -> tuple[FullAnswer, ...]:
        """The full game of the same cases: all coalitions, both conventions, Shapley value and core."""
        return tuple(self._full(a.case, progress) for a in self.answer())

    def _put(self, name: str, value: float) -> None:
        if value == self.base[name]:
            self.changed.pop(name, None)
        else:
            self.changed[name] = value

    def _read(self, name: str) -> bool:
        return any(_of_case(name, case) or self._budget_of(name, case) for case in self._games)

    def _budget_of(self, parameter: str, case: str) -> bool:
        """A number of the budgets, which bind the flood game."""
        return parameter.startswith(BUDGETS) and isinstance(self._games[case], FloodCase)

    def _outcome(self, name: str, changed: Mapping[str, float]) -> Outcome:
        key = name, tuple(sorted(changed.items()))
        if key not in self._outcomes:
            self._outcomes[key] = outcome(self._games[name].game({**self.base, **changed}))
        return self._outcomes[key]

    def _under_budgets(self, name: str) -> tuple[BudgetOutcome, BudgetOutcome] | None:
        """The programme of a flood case under the folder's budgets, before and now."""
        was, now = (self._budgeted(name, numbers) for numbers in ({}, self.changed))
        return None if was is None or now is None else (was, now)

    def _budgeted(self, name: str, changed: Mapping[str, float]) -> BudgetOutcome | None:
        game = self._games[name]
        if not isinstance(game, FloodCase):
            return None
        key = name, tuple(sorted(changed.items()))
        if key not in self._budgets:
            self._budgets[key] = budget_outcome(self.model, game, {**self.base, **changed})
        return self._budgets[key]

    def _full(self, case: CaseSettings, progress: Step | None) -> FullAnswer:
        game = self._games[case.id].game(self.now)
        n = len(self.members)
        total, done = 2 << n, 0

        def cost(partition: Partition) -> FloatArray:
            nonlocal done
            done += 1
            if progress is not None:
                progress(f"{case.id}: playing every coalition", min(done / total, 1.0))
            return game.solve(partition).cost

        worths: dict[str, FloatArray] = {c: worths_from_costs(cost, n, c) for c in CONVENTIONS}
        games = {c: CoalitionGame.from_worths(self.members, w) for c, w in worths.items()}
        shares = shapley(games["gamma"])
        objections = {c: strongest_objection(g, shares) for c, g in games.items()}
        vector = np.array([shares[m] for m in self.members])
        return FullAnswer(
            case,
            self.members,
            worths,
            vector,
            vector - (game.alone().cost - game.together().cost),
            {c: in_core(g, shares) for c, g in games.items()},
            {c: core_is_empty(g) for c, g in games.items()},
            {
                c: (tuple(m for m in self.members if m in o.coalition), float(o.gain))
                for c, o in objections.items()
            },
        )


def outcome(game: PartitionGame) -> Outcome:
    """What a game comes to alone and together, with payments that divide the gain."""
    alone, together = game.alone(), game.together()
    n = len(game.members)
    kept = alone.cost - together.cost
    if n <= QUICK_MEMBERS:
        worths = worths_from_costs(lambda p: game.solve(p).cost, n, "gamma")
        share = shapley(CoalitionGame.from_worths(game.members, worths))
        shares, rule = np.array([share[m] for m in game.members]), SHAPLEY
    else:
        shares, rule = np.full(n, kept.sum() / n), EQUAL_GAIN
    t = game.tables
    own = [tuple(j for j, h in enumerate(t.holders) if h == 1 << i) for i in range(n)]
    fixed = tuple(t.measures[j] for j in range(len(t.measures)) if t.fixed >> j & 1)
    return Outcome(
        alone=alone.cost,
        together=together.cost,
        payments=shares - kept,
        rule=rule,
        built_alone=tuple(
            tuple(t.measures[j] for j in own[i] if alone.profile >> j & 1) + _own(alone, i) for i in range(n)
        ),
        built_together=tuple(
            m for j, m in enumerate(t.measures) if together.profile >> j & 1 and m not in fixed
        ),
        own_together=tuple(_own(together, i) for i in range(n)),
        fixed=fixed,
        equilibria=alone.status,
    )


def nearest(name: str, ids: Sequence[str], most: int = 4) -> tuple[str, ...]:
    """Ids that a misspelt one may have meant: those that end with it, then the most alike.

    >>> nearest("discount_rate", ("region.discount_rate", "flood.breach_spread"))
    ('region.discount_rate',)
    """
    lower = name.strip().lower()
    inside = [i for i in ids if lower and i.lower().endswith(lower)]
    alike = get_close_matches(lower, ids, n=most, cutoff=0.6)
    return tuple(dict.fromkeys([*inside, *alike]))[:most]


def _of_case(parameter: str, case: str) -> bool:
    return parameter.startswith((REGION, f"{case}."))


def _own(found: Equilibrium, member: int) -> tuple[str, ...]:
    own = tuple(o for o in found.own[member].split("+") if o)
    warning = found.warning[member]
    return (*own, f"{warning} warning") if warning else own


def _number(name: str, text: str, p: Parameter) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise InputError(
            "ask.number",
            f"'{text.strip()}' for {name} is not a number; expected one in {p.unit}, such as {p.value:g}, "
            "with a point for decimals and no unit",
        )
    return value
