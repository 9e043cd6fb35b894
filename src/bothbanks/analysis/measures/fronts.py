"""Trade-offs between money, people protected and the worst-off group, on plain arrays.

A *front* is the set of options that no other option beats: nowhere worse and somewhere better
(Pareto). Options that are equal in every aim stand once on it, as the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

BLOCK = 256
FINE = 6
"""Decimals of an aim's span that count: noise in the last digits makes no options."""


def non_dominated(objectives: FloatArray) -> BoolArray:
    """Rows that no other row beats: nowhere worse and somewhere better. Less is better.

    Of equal rows all are kept.

    Parameters
    ----------
    objectives : (option, objective). NaN is refused.

    Returns
    -------
    (option,) bool

    Examples
    --------
    >>> non_dominated(np.array([[1.0, 4.0], [2.0, 2.0], [3.0, 3.0]])).tolist()
    [True, True, False]
    """
    x = np.asarray(objectives, dtype=np.float64)
    if np.isnan(x).any():
        raise MissingValueError("measures.pareto", "an objective is NaN; leave out what is not known")
    rows, back = np.unique(x, axis=0, return_inverse=True)  # sorted: a row is beaten only by an earlier one
    alive = np.ones(rows.shape[0], dtype=bool)
    front = rows[:0]
    for start in range(0, rows.shape[0], BLOCK):
        block = rows[start : start + BLOCK]
        good = ~_beaten(block, front)
        inside = block[good]  # what beats a row of the block is on the front so far, or in the block itself
        good[np.flatnonzero(good)] = ~_beaten(inside, inside, np.eye(inside.shape[0], dtype=bool))
        alive[start : start + BLOCK] = good
        front = np.concatenate([front, block[good]])
    return np.asarray(alive[back.ravel()])


def _beaten(rows: FloatArray, by: FloatArray, but: BoolArray | None = None) -> BoolArray:
    """(row,) True where a row of ``by`` is nowhere greater; rows are distinct, so it is somewhere less."""
    under = np.ones((rows.shape[0], by.shape[0]), dtype=bool)
    for k in range(rows.shape[1]):
        under &= by[None, :, k] <= rows[:, None, k]
    if but is not None:
        under &= ~but
    return np.asarray(under.any(axis=1))


@dataclass(frozen=True)
class TradeOffs:
    """The front, cheapest first."""

    options: IntArray  # (point,) row of the options
    money: FloatArray  # (point,) net cost of all members
    people: FloatArray  # (point,) people affected a year
    worst_off: FloatArray  # (point,) loss per head of the group that loses most per head
    worst_group: IntArray  # (point,) which group that is
    gives_up: FloatArray  # (point, member) cost above the member's at the money optimum; below 0 = gains
    people_protected: FloatArray  # (point,) people affected less than in the ``reference`` option
    reference: int  # option that protection is counted from
    on_front: BoolArray  # (option,) every option that nothing beats, equal ones included

    @property
    def money_optimum(self) -> int:
        """The option with the least net cost: the front's first point."""
        return int(self.options[0])


def trade_offs(
    cost: FloatArray,
    people: FloatArray,
    group_loss: FloatArray,
    heads: FloatArray,
    reference: int = 0,
) -> TradeOffs:
    """The front over money, people affected and the worst-off group, and what each member gives up.

    Parameters
    ----------
    cost : (option, member), money, net: what the member pays and loses if nobody pays anybody.
    people : (option,) or (option, member), persons a year affected.
    group_loss : (option, group), money: loss of each population group, or of each member, the groups
        whose fate is compared.
    heads : (group,) persons in each group. Groups of nobody are left out.
    reference : option in which nothing is built; protection is counted from it.

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Arrays that don't fit, NaN, heads below 0 or all 0.

    Examples
    --------
    Nothing, a wall for the first town, walls for both; the second town is small:

    >>> found = trade_offs(
    ...     cost=np.array([[100.0, 50.0], [40.0, 50.0], [50.0, 55.0]]),
    ...     people=np.array([30.0, 20.0, 5.0]),
    ...     group_loss=np.array([[100.0, 50.0], [10.0, 50.0], [10.0, 5.0]]),
    ...     heads=np.array([10.0, 2.0]),
    ... )
    >>> found.options.tolist(), found.worst_off.tolist(), found.worst_group.tolist()
    ([1, 2], [25.0, 2.5], [1, 1])
    >>> found.gives_up.tolist(), found.people_protected.tolist()
    ([[0.0, 0.0], [10.0, 5.0]], [10.0, 25.0])
    """
    c, p, g, h = (np.asarray(a, dtype=np.float64) for a in (cost, people, group_loss, heads))
    p = p.sum(axis=1) if p.ndim == 2 else p
    k = c.shape[0]
    if c.ndim != 2 or p.shape != (k,) or g.shape != (k, h.size) or not k:
        raise ShapeError(
            "measures.trade-offs",
            f"costs {c.shape}, people {p.shape}, group losses {g.shape}, heads {h.shape}; needed are "
            "(option, member), (option,), (option, group) and (group,), with one option at least",
        )
    if not 0 <= reference < k:
        raise RangeError("measures.trade-offs", f"reference option {reference} of {k}; use 0 to {k - 1}")
    if not np.isfinite(h).all() or (h < 0).any() or not (h > 0).any():
        raise RangeError("measures.trade-offs", "heads must be 0 or more, with one group of somebody")
    if not all(np.isfinite(a).all() for a in (c, p, g)):
        raise MissingValueError("measures.trade-offs", "a cost, number of people or loss is not a number")
    per_head = np.divide(g, h, out=np.full_like(g, -np.inf), where=h > 0)
    aims = np.stack([c.sum(axis=1), p, per_head.max(axis=1)], axis=1)
    on_front, points = front_of(aims)
    return TradeOffs(
        options=points,
        money=aims[points, 0],
        people=aims[points, 1],
        worst_off=aims[points, 2],
        worst_group=per_head[points].argmax(axis=1),
        gives_up=c[points] - c[points[0]],
        people_protected=p[reference] - p[points],
        reference=reference,
        on_front=on_front,
    )


def front_of(aims: FloatArray) -> tuple[BoolArray, IntArray]:
    """Which options nothing beats, and the front: one option for each distinct point, by rising first aim.

    Aims are compared to a millionth of their span, so noise in the last digits makes no options.

    Parameters
    ----------
    aims : (option, aim), less is better.

    Returns
    -------
    (option,) bool with all of several equal options, and (point,) rows with the first of them.

    >>> front_of(np.array([[2.0, 1.0], [1.0, 2.0], [1.0, 2.0], [2.0, 2.0]]))[1].tolist()
    [1, 0]
    """
    rounded = rounded_aims(aims)
    on_front = non_dominated(rounded)
    rows = np.flatnonzero(on_front)
    _, first = np.unique(rounded[rows], axis=0, return_index=True)  # sorted by the aims, the first of equals
    return on_front, rows[first].astype(np.int64)


def rounded_aims(aims: FloatArray) -> FloatArray:
    """Aims as shares of their span, to the sixth decimal: what ``front_of`` compares."""
    x = np.asarray(aims, dtype=np.float64)
    low = x.min(axis=0)
    span = np.maximum(x.max(axis=0) - low, 1e-12)
    return np.asarray(np.round((x - low) / span, FINE))
