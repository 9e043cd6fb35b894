"""The Shapley value, exactly for few members and by sampled orders of joining for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from bothbanks.analysis.cooperation.arrays import shapley_array
from bothbanks.analysis.cooperation.game import CoalitionGame, by_member
from bothbanks.words.errors import InputError, RangeError


def shapley(game: CoalitionGame) -> dict[str, float]:
    """Shapley value: each member's marginal contribution, averaged over all orders of joining.

    Returns
    -------
    Mapping from member to share, in the unit of the worths; sums to the worth of all together.

    Raises
    ------
    RangeError
        More members than all coalitions can be looked at; use :func:`sampled_shapley`.

    Source: see :func:`~bothbanks.analysis.cooperation.arrays.shapley_array`.

    >>> shapley(CoalitionGame(("left", "right"), lambda s: {0: 0, 1: 2, 2: 10}[len(s)]))
    {'left': 5.0, 'right': 5.0}
    """
    return by_member(game.members, shapley_array(game.worths[None, :])[0])


@dataclass(frozen=True)
class SampledShapley:
    """An estimate of the Shapley value, with its error.

    ``standard_error`` is the sample standard deviation of a member's marginal contribution divided by
    the square root of the number of orders; estimates sum to the worth of all together whatever the sample.
    """

    estimate: dict[str, float]
    standard_error: dict[str, float]
    permutations: int

    def interval(self, deviations: float = 1.96) -> dict[str, tuple[float, float]]:
        """Estimate less and plus ``deviations`` standard errors (1.96: 95 % by the normal law)."""
        return {
            m: (x - deviations * self.standard_error[m], x + deviations * self.standard_error[m])
            for m, x in self.estimate.items()
        }


def sampled_shapley(
    members: Iterable[str],
    value: Callable[[frozenset[str]], float],
    permutations: int,
    rng: np.random.Generator,
) -> SampledShapley:
    """Shapley value of any number of members, from sampled orders of joining.

    Parameters
    ----------
    members, value : as for CoalitionGame
    permutations : at least 2
        Orders drawn; the error falls with the square root of their number.
    rng : a seeded numpy Generator

    Raises
    ------
    InputError
        ``rng`` is not a Generator.
    RangeError
        Fewer than two orders.

    Source: J. Castro, D. Gomez and J. Tejada, Polynomial calculation of the Shapley value based on
    sampling (2009), Computers & Operations Research 36:1726-1730.

    >>> found = sampled_shapley("abcdefghijklmnopqrst", lambda s: len(s) ** 2, 50, np.random.default_rng(1))
    >>> round(sum(found.estimate.values()), 9)
    400.0
    """
    if not isinstance(rng, np.random.Generator):
        raise InputError(
            "cooperation.rng",
            f"rng must be a numpy Generator, such as default_rng(seed); got {type(rng).__name__}.",
        )
    if permutations < 2:
        raise RangeError(
            "cooperation.permutations", f"an error needs at least 2 orders of joining, got {permutations}."
        )
    game = CoalitionGame(members, value)
    marginal = np.empty((permutations, game.n))
    for row in marginal:
        joined: frozenset[str] = frozenset()
        before = 0.0
        for i in rng.permutation(game.n):
            joined |= {game.members[i]}
            after = game.worth(joined)
            row[i] = after - before
            before = after
    error = marginal.std(axis=0, ddof=1) / np.sqrt(permutations)
    return SampledShapley(
        by_member(game.members, marginal.mean(axis=0)), by_member(game.members, error), permutations
    )
