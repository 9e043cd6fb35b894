"""The rules for dividing a gain, in one table: two from game theory and four that people ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from bothbanks.analysis.cooperation.arrays import shapley_array
from bothbanks.analysis.cooperation.game import CoalitionGame, FloatArray, by_member, member_vector
from bothbanks.analysis.cooperation.nucleolus_lp import nucleolus_vector
from bothbanks.words.errors import InputError, MissingValueError, RangeError, ShapeError

Weight = Literal["benefit", "population", "ability"]


@dataclass(frozen=True)
class Rule:
    """A way to divide v(N), the gain of all together.

    ``weight`` names the numbers by member that the rule needs besides the worths, if any.
    """

    id: str
    name: str
    formula: str
    source: str
    weight: Weight | None
    divide: Callable[[FloatArray, FloatArray | None], FloatArray]
    """(draw, 2**n) worths, (draw, n) weights or None -> (draw, n) shares."""


def _nucleolus(worths: FloatArray, _: FloatArray | None) -> FloatArray:
    return np.array([nucleolus_vector(row) for row in worths])


def _equal(worths: FloatArray, _: FloatArray | None) -> FloatArray:
    n = worths.shape[1].bit_length() - 1
    return np.repeat(worths[:, -1:] / n, n, axis=1)


def _proportional(worths: FloatArray, weights: FloatArray | None) -> FloatArray:
    if weights is None:
        raise MissingValueError("cooperation.weights-missing", "a proportional rule needs weights by member.")
    gain, total = worths[:, -1], weights.sum(axis=1)
    stuck = np.flatnonzero((total <= 0.0) & (gain != 0.0))
    if stuck.size:
        raise RangeError(
            "cooperation.weights-zero",
            f"all weights are 0 but there is a gain of {gain[stuck[0]]:g} to divide"
            + (f" (in {stuck.size} of {gain.size} draws)." if gain.size > 1 else "."),
        )
    return np.asarray(weights * (gain / np.where(total > 0.0, total, 1.0))[:, None])


RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "shapley",
            "Shapley value",
            "mean marginal contribution over all orders of joining",
            "Shapley (1953), Contributions to the Theory of Games II, 307-317",
            None,
            lambda worths, _: shapley_array(worths),
        ),
        Rule(
            "nucleolus",
            "Nucleolus",
            "smallest complaints of coalitions, the loudest first",
            "Schmeidler (1969), SIAM J. Appl. Math. 17:1163-1170",
            None,
            _nucleolus,
        ),
        Rule("equal", "Equal gain", "v(N) / n", "convention", None, _equal),
        Rule(
            "benefit", "Proportional to benefit", "v(N) b_i / sum b", "convention", "benefit", _proportional
        ),
        Rule(
            "population",
            "Proportional to population",
            "v(N) p_i / sum p",
            "convention",
            "population",
            _proportional,
        ),
        Rule(
            "ability",
            "Proportional to ability to pay",
            "v(N) a_i / sum a",
            "convention",
            "ability",
            _proportional,
        ),
    )
}
"""The rules by id, in the order in which they are shown."""


def share_by_rules(
    game: CoalitionGame,
    benefit: Mapping[str, float] | None = None,
    population: Mapping[str, float] | None = None,
    ability: Mapping[str, float] | None = None,
) -> dict[str, dict[str, float]]:
    """The gain of all together divided by each rule.

    A rule whose weights are not given is not in the result.

    Parameters
    ----------
    benefit : member -> money, >= 0
        What the member's own territory gains (avoided loss), before anybody pays. A member that only
        bears cost has 0: a negative weight has no meaning as a proportion and is refused.
    population : member -> people, >= 0
    ability : member -> money, >= 0
        Such as disposable income or own tax base.

    Returns
    -------
    rule id -> member -> share, in the unit of the worths; each rule's shares sum to v(N).

    Raises
    ------
    InputError, MissingValueError, RangeError
        Weights and members differ; NaN; negative, or all 0 while there is a gain to divide.

    >>> game = CoalitionGame(("left", "right"), lambda s: 10.0 if len(s) == 2 else 0.0)
    >>> share_by_rules(game, population={"left": 3000, "right": 1000})["population"]
    {'left': 7.5, 'right': 2.5}
    """
    given: dict[str, Mapping[str, float] | None] = {
        "benefit": benefit,
        "population": population,
        "ability": ability,
    }
    weights = {
        name: member_vector(game.members, numbers, name)
        for name, numbers in given.items()
        if numbers is not None
    }
    shares = shares_by_rule_array(game.worths[None, :], weights)
    return {rule: by_member(game.members, rows[0]) for rule, rows in shares.items()}


def shares_by_rule_array(worths: FloatArray, weights: Mapping[str, npt.ArrayLike]) -> dict[str, FloatArray]:
    """Each draw's gain divided by each rule.

    Parameters
    ----------
    worths : (draw, 2**n), any one unit
    weights : "benefit", "population", "ability" -> (n,) or (draw, n), >= 0

    Returns
    -------
    rule id -> (draw, n); rules without weights are left out.

    Raises
    ------
    InputError, ShapeError, MissingValueError, RangeError
        Unknown weights; of the wrong shape; NaN; negative, or all 0 with a gain to divide.
    """
    known = {rule.weight for rule in RULES.values() if rule.weight}
    unknown = sorted(set(weights) - known)
    if unknown:
        raise InputError(
            "cooperation.weights-unknown",
            f"no rule uses weights {', '.join(unknown)}; known: {', '.join(sorted(known))}.",
        )
    n = worths.shape[1].bit_length() - 1
    checked = {name: _checked_weights(name, array, worths.shape[0], n) for name, array in weights.items()}
    return {
        rule.id: rule.divide(worths, checked.get(rule.weight) if rule.weight else None)
        for rule in RULES.values()
        if rule.weight is None or rule.weight in checked
    }


def _checked_weights(name: str, numbers: npt.ArrayLike, draws: int, n: int) -> FloatArray:
    array = np.asarray(numbers, dtype=np.float64)
    if array.shape not in ((n,), (draws, n)):
        raise ShapeError(
            "cooperation.weights-shape",
            f"weights '{name}' must be ({n},) or ({draws}, {n}), got {array.shape}.",
        )
    if not np.isfinite(array).all():
        raise MissingValueError(
            "cooperation.weights-missing", f"weights '{name}' hold NaN or an infinite number."
        )
    if (array < 0.0).any():
        raise RangeError(
            "cooperation.weights-negative",
            f"weights '{name}' hold {array.min():g}; a proportion needs weights >= 0. "
            "Give 0 to a member without any.",
        )
    return np.broadcast_to(array, (draws, n))
