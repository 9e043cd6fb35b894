"""Play a money case: at the base values, over the draws, and with one assumption at a time moved to
its ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.deals import Deal, deal_terms
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.money_case import MoneyCase
from bothbanks.analysis.measures.uncertainty import DrawResults, run_draws
from bothbanks.app.workers import Help, batches, each
from bothbanks.words.parameters import Parameter

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Extra:
    """What is kept of a draw besides the game's numbers."""

    loss_alone: FloatArray  # (member,)
    loss_together: FloatArray
    own_alone: tuple[str, ...]  # by member, ids joined by '+'
    own_together: tuple[str, ...]
    warning_together: tuple[str, ...]
    deals: tuple[tuple[float, float], ...]  # least accepted, most paid


@dataclass(frozen=True)
class _Keep:
    deals: tuple[Deal, ...]

    def __call__(self, game: PartitionGame, draw: Draw) -> Extra:
        alone, together = game.alone(), game.together()
        return Extra(
            alone.loss,
            together.loss,
            alone.own,
            together.own,
            together.warning,
            tuple(_terms(game, d) for d in self.deals),
        )


def _terms(game: PartitionGame, deal: Deal) -> tuple[float, float]:
    terms = deal_terms(game, deal)
    return terms.least_accepted, terms.most_paid


@dataclass(frozen=True)
class _PlayDraws:
    case: MoneyCase
    countries: tuple[str, ...]
    deals: tuple[Deal, ...]

    def __call__(self, draws: Sequence[Draw]) -> DrawResults[Extra]:
        return run_draws(self.case.game, draws, self.countries, also=_Keep(self.deals))


def play_draws(
    case: MoneyCase,
    draws: Sequence[Draw],
    countries: Sequence[str],
    deals: Sequence[Deal] = (),
    progress: Progress | None = None,
    workers: Help = None,
) -> DrawResults[Extra]:
    """The game of every draw under both conventions, on all cores; see ``analysis.measures.uncertainty``."""
    job = _PlayDraws(case, tuple(countries), tuple(deals))
    parts = each(job, batches(draws, 4), progress, workers)
    return _joined(parts)


def _joined(parts: Sequence[DrawResults[Extra]]) -> DrawResults[Extra]:
    whole: dict[str, Any] = {}
    for f in fields(DrawResults):
        values = [getattr(p, f.name) for p in parts]
        whole[f.name] = np.concatenate(values) if isinstance(values[0], np.ndarray) else sum(values, ())
    return DrawResults(**whole)


@dataclass(frozen=True)
class EndResult:
    """What one assumption at one end of its range comes to, all others at the base."""

    parameter: str
    value: float
    choice: int  # measures built together
    gain: float
    deals: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _PlayEnds:
    case: MoneyCase
    base: Draw
    deals: tuple[Deal, ...]

    def __call__(self, tries: Sequence[tuple[str, float]]) -> list[EndResult]:
        return [self.one(p, v) for p, v in tries]

    def one(self, parameter: str, value: float) -> EndResult:
        game = PartitionGame(self.case.tables({**self.base, parameter: value}))
        alone, together = game.alone(), game.together()
        gain = float(alone.cost.sum() - together.cost.sum())
        return EndResult(parameter, value, together.profile, gain, tuple(_terms(game, d) for d in self.deals))


@dataclass(frozen=True)
class Ends:
    """Every assumption of a case at both ends of its range."""

    base: EndResult
    low: Mapping[str, EndResult]
    high: Mapping[str, EndResult]
    kills: Mapping[tuple[int, str], float | None] = field(default_factory=dict)
    # (deal, parameter) -> value at which the deal dies; None = it lives at both ends

    def swing(self, parameter: str) -> float:
        """How far the gain moves from one end to the other."""
        return abs(self.high[parameter].gain - self.low[parameter].gain)


def play_ends(
    case: MoneyCase,
    parameters: Sequence[Parameter],
    base: Draw,
    deals: Sequence[Deal],
    progress: Progress | None = None,
    workers: Help = None,
) -> Ends:
    """Move each assumption to both ends of its range, the others at the base.

    Then, for each deal that dies at an end, the value between base and that end at which it dies, by
    interpolation and one correction (secant), good to the curvature left after it.
    """
    job = _PlayEnds(case, base, tuple(deals))
    varied = [p for p in parameters if p.varies]
    tries = [(p.id, v) for p in varied for v in (p.low, p.high)]
    at_base = job.one(varied[0].id, base[varied[0].id]) if varied else job.one("", 0.0)
    parts = each(job, batches(tries, 12), progress, workers)
    results = [r for part in parts for r in part]
    low = {r.parameter: r for r in results[0::2]}
    high = {r.parameter: r for r in results[1::2]}
    kills: dict[tuple[int, str], float | None] = {}
    ask: list[tuple[int, str, float, float, float, float]] = []
    for d in range(len(deals)):
        for p in varied:
            dead = [r for r in (low[p.id], high[p.id]) if _surplus(r, d) < 0.0]
            kills[d, p.id] = None
            if _surplus(at_base, d) < 0.0:
                kills[d, p.id] = base[p.id]
            elif dead:
                end = min(dead, key=lambda r: abs(r.value - base[r.parameter]))
                ask.append((d, p.id, base[p.id], end.value, _surplus(at_base, d), _surplus(end, d)))
    kills.update(_cross(job, ask, workers))
    return Ends(at_base, low, high, kills)


def _surplus(result: EndResult, deal: int) -> float:
    least, most = result.deals[deal]
    return most - least


def _cross(
    job: _PlayEnds, ask: Sequence[tuple[int, str, float, float, float, float]], workers: Help
) -> dict[tuple[int, str], float]:
    """Where the surplus crosses zero between a living and a dead value: secant, checked once, secant
    again.
    """
    first = [(p, alive + (dead - alive) * sa / (sa - sd)) for _, p, alive, dead, sa, sd in ask]
    checked = [r for part in each(job, batches(first, 6), None, workers) for r in part]
    out = {}
    for (d, p, alive, dead, sa, sd), middle in zip(ask, checked, strict=True):
        sm = _surplus(middle, d)
        a, b, fa, fb = (middle.value, dead, sm, sd) if sm >= 0.0 else (alive, middle.value, sa, sm)
        out[d, p] = a + (b - a) * fa / (fa - fb) if fa != fb else middle.value
    return out
