"""Is the deal still stable when the uncertain numbers are drawn again and again?

Two questions, because signed payments do not re-divide themselves: are the shares in the core if the
rule is applied anew in each draw; and are they if the payments agreed in the base case are kept?

Shares follow one convention's worths (``shares_from``) and are tested under both: a deal is one list of
numbers, whatever a leaver expects of the rest. With payments held fixed a member ends with
no_transfer_gain_i(draw) + payment_i(base), where payment = base share - base no-transfer gain.

Sources: rules and conventions as in :mod:`.rules` and :mod:`.partition`; bounds as in :mod:`.evidence`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from bothbanks.analysis.cooperation.arrays import TOLERANCE, game_tolerance, in_core_array
from bothbanks.analysis.cooperation.evidence import Frequency
from bothbanks.analysis.cooperation.game import FloatArray, by_member
from bothbanks.analysis.cooperation.nucleolus_lp import least_excess
from bothbanks.analysis.cooperation.partition import CONVENTIONS, Convention
from bothbanks.analysis.cooperation.rules import shares_by_rule_array
from bothbanks.words.errors import InputError, MissingValueError, RangeError, ShapeError

Tested: TypeAlias = Literal["gamma", "delta", "both"]
Weights: TypeAlias = Mapping[str, npt.ArrayLike]


@dataclass(frozen=True, eq=False)
class BaseCase:
    """The case that the agreement is signed on, when it is not one of the draws.

    ``worths_gamma`` and ``worths_delta`` are (2**n,), ``no_transfer_gain`` is (n,), and ``weights``
    (n,) each; weights left empty are those given for all draws.
    """

    worths_gamma: FloatArray
    worths_delta: FloatArray
    no_transfer_gain: FloatArray
    weights: Weights = field(default_factory=dict)


@dataclass(frozen=True)
class Range:
    """5 %, 50 % and 95 % points over the draws, in the unit of the worths."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class RuleStability:
    """How one rule fares over the draws.

    ``recomputed`` and ``fixed`` count the draws whose shares are in the core under each convention,
    and under "both" at once. ``base_payments`` are what members receive (positive) or pay.
    """

    rule: str
    base_shares: dict[str, float]
    base_payments: dict[str, float]
    recomputed: dict[Tested, Frequency]
    fixed: dict[Tested, Frequency]
    share_range: dict[str, Range]
    fixed_range: dict[str, Range]


@dataclass(frozen=True)
class StabilityReport:
    """Stability over the draws: by rule, and what holds whatever the rule."""

    members: tuple[str, ...]
    draws: int
    shares_from: Convention
    rules: dict[str, RuleStability]
    core_empty: dict[Convention, Frequency]
    loses_without_transfers: dict[str, Frequency]
    no_transfer_range: dict[str, Range]
    total_range: Range


def stability_report(
    members: Sequence[str],
    worths_gamma: npt.ArrayLike,
    worths_delta: npt.ArrayLike,
    no_transfer_gain: npt.ArrayLike,
    base: int | BaseCase,
    weights: Weights | None = None,
    shares_from: Convention = "gamma",
    tolerance: float = TOLERANCE,
) -> StabilityReport:
    """How stable each rule's division is over many draws.

    Parameters
    ----------
    members : n names, in bit order
    worths_gamma, worths_delta : (draw, 2**n), money
        Equal in their last column, the gain of all together.
    no_transfer_gain : (draw, n), money
        Each member's gain if all act together and nobody pays; rows sum to the gain of all together.
    base : row of the case that is signed, or a BaseCase beside the draws (then not counted as a draw)
    shares_from : the convention whose worths are divided; both are tested
    weights : "benefit", "population", "ability" -> (n,) or (draw, n); rules without weights are left out
    tolerance : relative to the scale of each game

    Returns
    -------
    StabilityReport

    Raises
    ------
    ShapeError, MissingValueError, RangeError, InputError
        Arrays don't fit each other; NaN; the two conventions or the gains disagree on the total; weights
        negative or all zero.
    SolverError
        A linear programme failed.
    """
    names = tuple(members)
    gamma, delta, alone_gain, used, signed = _stacked(
        names, worths_gamma, worths_delta, no_transfer_gain, base, weights or {}
    )
    draws = np.asarray(worths_gamma).shape[0]
    worths: dict[Convention, FloatArray] = {"gamma": gamma, "delta": delta}
    _check_totals(worths, alone_gain, tolerance)
    _check_convention(shares_from)
    tested = {c: w[:draws] for c, w in worths.items()}
    rules = {
        rule: _rule_stability(rule, names, rows, alone_gain, signed, tested, tolerance)
        for rule, rows in shares_by_rule_array(worths[shares_from], used).items()
    }
    gain = alone_gain[:draws]
    return StabilityReport(
        members=names,
        draws=draws,
        shares_from=shares_from,
        rules=rules,
        core_empty={c: _times_empty(w, tolerance) for c, w in tested.items()},
        loses_without_transfers=_times_losing(names, gain, tolerance),
        no_transfer_range=_ranges(names, gain),
        total_range=_ranges(("total",), tested["gamma"][:, -1:])["total"],
    )


def _rule_stability(
    rule: str,
    names: tuple[str, ...],
    shares: FloatArray,
    no_transfer: FloatArray,
    signed: int,
    tested: Mapping[Convention, FloatArray],
    tolerance: float,
) -> RuleStability:
    draws = tested["gamma"].shape[0]
    payment = shares[signed] - no_transfer[signed]
    payment = payment - payment.mean()
    fixed = no_transfer[:draws] + payment
    return RuleStability(
        rule=rule,
        base_shares=by_member(names, shares[signed]),
        base_payments=by_member(names, payment),
        recomputed=_held(tested, shares[:draws], tolerance),
        fixed=_held(tested, fixed, tolerance),
        share_range=_ranges(names, shares[:draws]),
        fixed_range=_ranges(names, fixed),
    )


def _held(
    tested: Mapping[Convention, FloatArray], shares: FloatArray, tolerance: float
) -> dict[Tested, Frequency]:
    inside = {c: in_core_array(w, shares, tolerance) for c, w in tested.items()}
    draws = shares.shape[0]
    return {
        "gamma": Frequency(int(inside["gamma"].sum()), draws),
        "delta": Frequency(int(inside["delta"].sum()), draws),
        "both": Frequency(int((inside["gamma"] & inside["delta"]).sum()), draws),
    }


def _times_empty(worths: FloatArray, tolerance: float) -> Frequency:
    slack = game_tolerance(worths, tolerance)
    empty = sum(least_excess(row) > limit for row, limit in zip(worths, slack, strict=True))
    return Frequency(int(empty), worths.shape[0])


def _times_losing(names: tuple[str, ...], gain: FloatArray, tolerance: float) -> dict[str, Frequency]:
    slack = tolerance * np.abs(gain).max(axis=1, keepdims=True)
    losing = (gain < -slack).sum(axis=0)
    return {m: Frequency(int(times), gain.shape[0]) for m, times in zip(names, losing, strict=True)}


def _ranges(names: tuple[str, ...], rows: FloatArray) -> dict[str, Range]:
    points = np.quantile(rows, (0.05, 0.5, 0.95), axis=0)
    return {m: Range(*(float(x) for x in points[:, i])) for i, m in enumerate(names)}


def _stacked(
    names: tuple[str, ...],
    worths_gamma: npt.ArrayLike,
    worths_delta: npt.ArrayLike,
    no_transfer_gain: npt.ArrayLike,
    base: int | BaseCase,
    weights: Weights,
) -> tuple[FloatArray, FloatArray, FloatArray, dict[str, FloatArray], int]:
    """Checked arrays with a separate base case as one more row at the end, and the row that is signed."""
    n = len(names)
    gamma = np.asarray(worths_gamma, dtype=np.float64)
    draws = gamma.shape[0] if gamma.ndim else 0
    delta = np.asarray(worths_delta, dtype=np.float64)
    gain = np.asarray(no_transfer_gain, dtype=np.float64)
    for what, array, width in (
        ("worths_gamma", gamma, 1 << n),
        ("worths_delta", delta, 1 << n),
        ("no_transfer_gain", gain, n),
    ):
        _check_rows(what, array, (draws, width))
    used = {name: np.asarray(array, dtype=np.float64) for name, array in weights.items()}
    if not isinstance(base, BaseCase):
        if not 0 <= base < draws:
            raise RangeError(
                "cooperation.base", f"base row {base} is none of the {draws} draws (counted from 0)."
            )
        return gamma, delta, gain, used, base
    gamma, delta, gain = (
        _with_row(what, array, row)
        for what, array, row in (
            ("worths_gamma", gamma, base.worths_gamma),
            ("worths_delta", delta, base.worths_delta),
            ("no_transfer_gain", gain, base.no_transfer_gain),
        )
    )
    for name, array in used.items():
        if name in base.weights:
            spread = np.broadcast_to(array, (draws, n)) if array.ndim == 1 else array
            used[name] = _with_row(
                f"weights '{name}'", spread, np.asarray(base.weights[name], dtype=np.float64)
            )
        elif array.ndim > 1:
            raise InputError(
                "cooperation.base-weights",
                f"weights '{name}' differ by draw, so the base case needs its own; add them.",
            )
    unused = sorted(set(base.weights) - set(used))
    if unused:
        raise InputError(
            "cooperation.base-weights", f"weights {', '.join(unused)} are given for the base case only."
        )
    return gamma, delta, gain, used, draws


def _with_row(what: str, array: FloatArray, row: npt.ArrayLike) -> FloatArray:
    last = np.asarray(row, dtype=np.float64)
    _check_rows(f"base case, {what}", last[None, ...], (1, array.shape[1]))
    return np.vstack([array, last])


def _check_rows(what: str, array: FloatArray, shape: tuple[int, int]) -> None:
    if array.shape != shape or not shape[0]:
        raise ShapeError(
            "cooperation.draws-shape", f"{what} must be {shape} with at least one draw, got {array.shape}."
        )
    if not np.isfinite(array).all():
        bad = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
        raise MissingValueError(
            "cooperation.draws-missing", f"{what} holds NaN or an infinite number, first in row {bad}."
        )


def _check_convention(shares_from: Convention) -> None:
    if shares_from not in CONVENTIONS:
        raise InputError(
            "cooperation.convention", f"unknown convention '{shares_from}'; expected gamma or delta."
        )


def _check_totals(worths: Mapping[Convention, FloatArray], no_transfer: FloatArray, tolerance: float) -> None:
    total = worths["gamma"][:, -1]
    slack = game_tolerance(worths["gamma"], tolerance) + 1e-9 * np.abs(no_transfer).sum(axis=1)
    for what, other in (
        ("worths_delta", worths["delta"][:, -1]),
        ("no_transfer_gain", no_transfer.sum(axis=1)),
    ):
        off = np.flatnonzero(np.abs(other - total) > slack)
        if off.size:
            k = int(off[0])
            raise RangeError(
                "cooperation.totals-differ",
                f"{what} gives {other[k]:.10g} for all together in draw {k}, worths_gamma {total[k]:.10g} "
                f"({off.size} draws differ). All must be savings against everyone alone.",
            )
