"""The core: divisions that no coalition does better by leaving; and how far a game is from having one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bothbanks.analysis.cooperation.arrays import TOLERANCE, excess_array, game_tolerance, in_core_array
from bothbanks.analysis.cooperation.game import CoalitionGame, Shares, by_member, member_vector, share_vector
from bothbanks.analysis.cooperation.nucleolus_lp import least_core_vector, least_excess
from bothbanks.words.coalitions import Coalition, coalition_of


@dataclass(frozen=True)
class Objection:
    """A coalition, and what it would gain by leaving (in the unit of the worths).

    ``gain`` <= 0 means that nobody does better by leaving; the coalition is then the one nearest to it.
    """

    coalition: Coalition
    gain: float

    def __bool__(self) -> bool:
        """True when somebody really objects."""
        return self.gain > 0.0


@dataclass(frozen=True)
class LeastCore:
    """Least subsidy ``epsilon`` to stay for each coalition that makes the deal stable.

    Positive when the core is empty; 0 or less when it is not. ``shares`` reach it (the pre-nucleolus,
    which is unique).
    """

    epsilon: float
    shares: dict[str, float]


def in_core(game: CoalitionGame, shares: Shares, tolerance: float = TOLERANCE) -> bool:
    """Whether the shares add up to the worth of all together and no coalition does better by leaving.

    Parameters
    ----------
    shares : mapping from each member to a number, in the unit of the worths
    tolerance : relative to the largest gain of any coalition over its members alone

    Raises
    ------
    InputError, MissingValueError, RangeError
        Shares and members differ; a share is NaN; infinite, or too many members.

    Source: see :func:`~bothbanks.analysis.cooperation.arrays.in_core_array`.

    >>> game = CoalitionGame(("left", "right"), lambda s: {0: 0, 1: 2, 2: 10}[len(s)])
    >>> in_core(game, {"left": 8, "right": 2}), in_core(game, {"left": 9, "right": 1})
    (True, False)
    """
    vector = share_vector(game, shares)
    return bool(in_core_array(game.worths[None, :], vector[None, :], tolerance)[0])


def strongest_objection(game: CoalitionGame, shares: Shares, tolerance: float = TOLERANCE) -> Objection:
    """The coalition with the most to gain by leaving, and how much.

    All members together are looked at only when the shares hand out less than there is. Gains within
    the tolerance are 0. Of equal gains the smallest coalition is named, then the first in mask order.
    For shares that add up, ``gain <= 0`` exactly when :func:`in_core`.

    Raises
    ------
    InputError, MissingValueError, RangeError
        As :func:`in_core`.

    >>> game = CoalitionGame(("left", "right"), lambda s: {0: 0, 1: 2, 2: 10}[len(s)])
    >>> strongest_objection(game, {"left": 9, "right": 1})
    Objection(coalition=frozenset({'right'}), gain=1.0)
    """
    vector = share_vector(game, shares)
    worths = game.worths[None, :]
    excess = excess_array(worths, vector[None, :])[0]
    slack = float(game_tolerance(worths, tolerance)[0])
    excess[np.abs(excess) <= slack] = 0.0
    last = excess.size if game.n == 1 or excess[-1] > 0.0 else excess.size - 1
    masks = np.arange(1, last)
    near = masks[excess[1:last] >= excess[1:last].max() - slack]
    first = int(near[np.lexsort((near, np.bitwise_count(near)))[0]])
    gain = float(excess[1:last].max())
    return Objection(coalition_of(first, game.members), gain)


def least_core(game: CoalitionGame) -> LeastCore:
    """Smallest epsilon such that some division leaves no proper coalition more than epsilon to gain.

    A member that adds nothing to anybody makes epsilon exactly 0 at best, since it and the rest
    object to each other's share; the core is then not empty. Values within the tolerance are 0.

    Raises
    ------
    RangeError, SolverError
        Too many members; a linear programme failed.

    Source: M. Maschler, B. Peleg and L. S. Shapley (1979), Math. Oper. Res. 4:303-338, section 2.

    >>> round(least_core(CoalitionGame("abc", lambda s: len(s) >= 2)).epsilon, 12)
    0.333333333333
    """
    epsilon, vector = least_core_vector(game.worths)
    slack = float(game_tolerance(game.worths[None, :])[0])
    return LeastCore(0.0 if abs(epsilon) <= slack else epsilon, by_member(game.members, vector))


def core_is_empty(game: CoalitionGame, tolerance: float = TOLERANCE) -> bool:
    """Whether every division leaves some coalition better off by itself.

    ``tolerance`` is relative, as in :func:`in_core`. Source: as :func:`least_core`.

    >>> core_is_empty(CoalitionGame("abc", lambda s: len(s) >= 2))
    True
    """
    slack = float(game_tolerance(game.worths[None, :], tolerance)[0])
    return least_excess(game.worths) > slack


def convexity(game: CoalitionGame, tolerance: float = TOLERANCE) -> float:
    """Share of pairs of members, over all coalitions they could join, that violate convexity.

    A pair i, j and a coalition S without them violate it when i brings less to S + j than to S:
    v(S + i + j) - v(S + j) < v(S + i) - v(S). None does exactly when the game is convex; then the
    core is not empty and holds the Shapley value.

    Returns
    -------
    Number from 0 (convex) to 1; 0 for a single member.

    Source: L. S. Shapley, Cores of convex games (1971), Int. J. Game Theory 1:11-26, section 2.2.

    >>> convexity(CoalitionGame("abc", lambda s: len(s) ** 2))
    0.0
    """
    worths = game.worths
    slack = float(game_tolerance(worths[None, :], tolerance)[0])
    masks = np.arange(worths.size)
    violated = tested = 0
    for j in range(game.n):
        for i in range(j):
            both = (1 << i) | (1 << j)
            base = masks[(masks & both) == 0]
            growth = worths[base | both] - worths[base | (1 << j)] - worths[base | (1 << i)] + worths[base]
            violated += int((growth < -slack).sum())
            tested += base.size
    return violated / tested if tested else 0.0


def side_payments(shares: Shares, no_transfer_gain: Mapping[str, float]) -> dict[str, float]:
    """What each member receives (positive) or pays (negative) so that it ends with its share.

    Parameters
    ----------
    shares : mapping from member to number, money
    no_transfer_gain : mapping from member to number, money
        The member's own gain if all act together and nobody pays anybody.

    Raises
    ------
    InputError, MissingValueError, RangeError
        The two name different members; NaN; infinite.

    >>> side_payments({"host": 20.0, "valley": 20.0}, {"host": -10.0, "valley": 50.0})
    {'host': 30.0, 'valley': -30.0}
    """
    members = tuple(shares)
    share = member_vector(members, shares, "shares")
    return by_member(members, share - member_vector(members, no_transfer_gain, "gains without transfers"))
