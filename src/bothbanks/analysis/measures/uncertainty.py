"""The game over draws of the parameters."""

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
