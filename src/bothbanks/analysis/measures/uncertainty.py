"""The game over draws of the parameters, and which assumptions would change what is built."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.partition import bloc_partition, worths_from_costs
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.measure import Draw
from bothbanks.words.errors import InputError
from bothbanks.words.parameters import Parameter

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
T = TypeVar("T")


@dataclass(frozen=True)
class DrawResults(Generic[T]):
    """Results by draw; coalitions in mask order, members in the game's order."""

    worths_gamma: FloatArray  # (draw, 2**member)
    worths_delta: FloatArray
    no_transfer_gain: FloatArray  # (draw, member)
    alone: FloatArray  # (draw, member) cost
    together: FloatArray
    people_alone: FloatArray  # (draw, member)
    people_together: FloatArray
    blocs: FloatArray  # (draw, member) cost with each country as one bloc; empty without countries
    choices_alone: IntArray  # (draw,) masks of measures
    choices: IntArray  # (draw,) masks of measures built together
    statuses: tuple[Mapping[str, int], ...]  # by draw: partitions by status of their equilibria
    also: tuple[T, ...]  # what else was asked of each draw


def run_draws(
    game_of: Callable[[Draw], PartitionGame],
    draws: Sequence[Draw],
    countries: Sequence[Hashable] = (),
    also: Callable[[PartitionGame, Draw], T] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DrawResults[T]:
    """Play the game of every draw under both conventions.

    Parameters
    ----------
    game_of : builds the game of a draw (such as ``FloodCase.game``)
    countries : country of each member; () = no blocs
    also : anything else to keep of each draw, such as the terms of deals
    progress : called with (draws done, draws in all)

    Raises
    ------
    InputError
        No draw was given.
    """
    if not draws:
        raise InputError("measures.draws", "no draw of the parameters was given")
    rows: list[tuple[FloatArray, ...]] = []
    choices, statuses, kept = [], [], []
    for k, draw in enumerate(draws):
        game = game_of(draw)
        rows.append(_play(game, countries))
        choices.append((game.alone().profile, game.together().profile))
        statuses.append(game.status_counts())
        if also is not None:
            kept.append(also(game, draw))
        if progress is not None:
            progress(k + 1, len(draws))
    gamma, delta, alone, together, before, after, blocs = (np.array(x) for x in zip(*rows, strict=True))
    built = np.array(choices, dtype=np.int64)
    return DrawResults(
        worths_gamma=gamma,
        worths_delta=delta,
        no_transfer_gain=alone - together,
        alone=alone,
        together=together,
        people_alone=before,
        people_together=after,
        blocs=blocs,
        choices_alone=built[:, 0],
        choices=built[:, 1],
        statuses=tuple(statuses),
        also=tuple(kept),
    )


def _play(game: PartitionGame, countries: Sequence[Hashable]) -> tuple[FloatArray, ...]:
    n = len(game.members)

    def cost(partition: tuple[int, ...]) -> FloatArray:
        return game.solve(partition).cost

    gamma, delta = worths_from_costs(cost, n, "gamma"), worths_from_costs(cost, n, "delta")
    alone, together = game.alone(), game.together()
    blocs = cost(bloc_partition(list(countries))) if countries else np.zeros(0)
    return gamma, delta, alone.cost, together.cost, alone.people, together.people, blocs


@dataclass(frozen=True)
class DecisionChange:
    """Whether one assumption, moved to an end of its range, changes what all would build together."""

    parameter: str
    low_changes: bool
    high_changes: bool
    measures: tuple[int, ...]  # indices of measures that come in or drop out at an end
    influence: float  # sensitivity index given for it, 0 if none
    draws_changed: float  # share of draws, in the half of them where this number leans to an end
    # that changes the choice, that build something else than the base; NaN without such draws

    @property
    def ends_changing(self) -> int:
        """0, 1 or 2 ends of the range at which the choice differs from the base."""
        return int(self.low_changes) + int(self.high_changes)


@dataclass(frozen=True)
class DecisionChanges:
    """Assumptions in the order in which better figures would most likely change the decision."""

    ranked: tuple[DecisionChange, ...]
    base_choice: int
    share_of_draws: float  # share of draws that build something else than the base; NaN without draws
    measure_share: FloatArray  # (measure,) share of draws in which each measure is built; NaN without draws


def decision_changes(
    choice_of: Callable[[Draw], int],
    parameters: Sequence[Parameter],
    base: Draw,
    measures: int,
    draws: Sequence[Draw] = (),
    choices: Sequence[int] | IntArray = (),
    sensitivity: Mapping[str, float] | None = None,
) -> DecisionChanges:
    """Which figures would change what is built together if they turned out otherwise.

    Each varied parameter is moved to the two ends of its range, the others at the base: two calls
    of ``choice_of`` each, so pass only the parameters worth asking about. Ranked by ends that
    change the choice, then by the sensitivity index, then by id.

    Parameters
    ----------
    choice_of : draw -> mask of measures built together
    draws, choices : the draws already run and what was built in each
    sensitivity : parameter -> index

    Raises
    ------
    InputError
        Draws and choices differ in number.
    """
    if len(draws) != len(choices):
        raise InputError("measures.draws", f"{len(draws)} draws but {len(choices)} choices")
    indices = sensitivity or {}
    built = np.asarray(choices, dtype=np.int64)
    base_choice = choice_of(base)
    rows = []
    for p in (p for p in parameters if p.varies):
        at = {end: choice_of({**base, p.id: value}) for end, value in (("low", p.low), ("high", p.high))}
        changed = (at["low"] ^ base_choice) | (at["high"] ^ base_choice)
        low, high = at["low"] != base_choice, at["high"] != base_choice
        rows.append(
            DecisionChange(
                p.id,
                low,
                high,
                tuple(j for j in range(measures) if changed >> j & 1),
                float(indices.get(p.id, 0.0)),
                _share_leaning(p, draws, built, base_choice, low, high),
            )
        )
    rows.sort(key=lambda r: (-r.ends_changing, -r.influence, r.parameter))
    share = float((built != base_choice).mean()) if built.size else float("nan")
    each = [float((built >> j & 1).mean()) if built.size else float("nan") for j in range(measures)]
    return DecisionChanges(tuple(rows), base_choice, share, np.array(each))


def _share_leaning(
    p: Parameter, draws: Sequence[Draw], built: IntArray, base_choice: int, low: bool, high: bool
) -> float:
    middle = (p.low + p.high) / 2
    values = np.array([d[p.id] for d in draws])
    leaning = ((values < middle) & low) | ((values >= middle) & high)
    if not leaning.any():
        return float("nan")
    return float((built[leaning] != base_choice).mean())
