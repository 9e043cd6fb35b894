"""What an index pays: step tables and linear layers, for one exact index or for those of many events.

A shape turns an index into a share of the limit, from 0 to 1. Two kinds of numbers go in and the same
come out: floats (the index of every event of a catalogue), and exact fractions in an object array (one
observed index, where a payout hangs on whether 920 is 920). Bounds are compared exactly as published:
'greater than 920, at most 932' are two bounds, and neither is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.words.errors import MissingValueError, RangeError

Numbers = NDArray[Any]  # float64, or object holding Fraction

_ONE = Fraction(1)


@dataclass(frozen=True)
class Step:
    """A band of the index and the share of the limit it pays. Bounds that are None are open.

    ``gt`` and ``lt`` leave the bound itself out, ``ge`` and ``le`` take it in.

    Raises
    ------
    RangeError
        The share is not within 0 to 1, no bound is given, two lower (or upper) bounds are, or no index fits.
    """

    pay: Fraction
    gt: Fraction | None = None
    ge: Fraction | None = None
    lt: Fraction | None = None
    le: Fraction | None = None

    def __post_init__(self) -> None:
        if self.pay < 0:
            raise RangeError(
                "reserve.negative-payout",
                f"a step pays {float(self.pay):g} of the limit; a payout is never negative. Give 0 to 1.",
            )
        if self.pay > 1:
            raise RangeError("reserve.step", f"a step pays {float(self.pay):g} of the limit; at most 1.")
        if (self.gt is not None and self.ge is not None) or (self.lt is not None and self.le is not None):
            raise RangeError("reserve.step", f"step {self} has two bounds on one side; give one.")
        low, high = self.low, self.high
        if low is None and high is None:
            raise RangeError("reserve.step", "a step without a bound pays always; give gt, ge, lt or le.")
        if low is not None and high is not None:
            closed = self.ge is not None and self.le is not None
            if low > high or (low == high and not closed):
                raise RangeError("reserve.step", f"no index fits step {self}; its bounds are crossed.")

    @property
    def low(self) -> Fraction | None:
        """The lower bound, taken in or not."""
        return self.gt if self.gt is not None else self.ge

    @property
    def high(self) -> Fraction | None:
        """The upper bound, taken in or not."""
        return self.lt if self.lt is not None else self.le

    def holds(self, index: Numbers) -> NDArray[np.bool_]:
        """Where the index lies in the band."""
        inside = np.ones(index.shape, dtype=np.bool_)
        if self.gt is not None:
            inside &= np.asarray(index > _as(index, self.gt), dtype=np.bool_)
        if self.ge is not None:
            inside &= np.asarray(index >= _as(index, self.ge), dtype=np.bool_)
        if self.lt is not None:
            inside &= np.asarray(index < _as(index, self.lt), dtype=np.bool_)
        if self.le is not None:
            inside &= np.asarray(index <= _as(index, self.le), dtype=np.bool_)
        return inside

    def __str__(self) -> str:
        parts = [
            f"{sign} {float(bound):g}"
            for sign, bound in ((">", self.gt), (">=", self.ge), ("<", self.lt), ("<=", self.le))
            if bound is not None
        ]
        return " and ".join(parts)


@dataclass(frozen=True)
class StepTable:
    """Bands that don't overlap; an index outside all of them pays nothing.

    Raises
    ------
    RangeError
        No step, or two steps that hold the same index.

    Examples
    --------
    MultiCat Mexico 2012, class C: half above 920 and up to 932 mb, all at 920 mb or lower.

    >>> steps = StepTable((Step(Fraction(1, 2), gt=Fraction(920), le=Fraction(932)),
    ...                    Step(Fraction(1), le=Fraction(920))))
    >>> steps.share([900.0, 920.0, 920.1, 932.0, 932.1]).tolist()
    [1.0, 1.0, 0.5, 0.5, 0.0]
    """

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not self.steps:
            raise RangeError("reserve.step", "a step table has no step; give one or more.")
        for k, one in enumerate(self.steps):
            for other in self.steps[k + 1 :]:
                if _overlap(one, other):
                    raise RangeError(
                        "reserve.step-overlap",
                        f"an index can lie in two steps at once: '{one}' and '{other}'. Change one bound.",
                    )

    def share(self, index: ArrayLike) -> Numbers:
        """Share of the limit for each index, floats for floats and fractions for fractions."""
        x = numbers(index)
        paid = np.full(x.shape, _as(x, Fraction(0)), dtype=x.dtype)
        for step in self.steps:
            paid[step.holds(x)] = _as(x, step.pay)
        return paid

    def step_of(self, index: Fraction) -> int | None:
        """Number of the step (from 0) in which one index lies, None where it lies in none."""
        x = np.array([index], dtype=object)
        found = [k for k, step in enumerate(self.steps) if step.holds(x)[0]]
        return found[0] if found else None


@dataclass(frozen=True)
class LinearPayout:
    """Nothing up to the attachment, all from the exhaustion on, in proportion between.

    The exhaustion may lie below the attachment (the lower the pressure, the more is paid). With an index in
    money and a limit of ``ceding x (exhaustion - attachment)`` this pays
    ``ceding x (min(loss, exhaustion) - attachment)`` where the loss passes the attachment: the formula
    assumed for layers stated as attachment, exhaustion and ceding share; see ``ceded_limit``.

    Raises
    ------
    RangeError
        Attachment and exhaustion are equal.

    Examples
    --------
    >>> LinearPayout(Fraction(20), Fraction(120)).share([10.0, 70.0, 500.0]).tolist()
    [0.0, 0.5, 1.0]
    >>> LinearPayout(Fraction(940), Fraction(900)).share([950.0, 930.0]).tolist()
    [0.0, 0.25]
    """

    attachment: Fraction
    exhaustion: Fraction

    def __post_init__(self) -> None:
        if self.attachment == self.exhaustion:
            raise RangeError(
                "reserve.layer",
                f"attachment and exhaustion are both {float(self.attachment):g}; the layer has no width. "
                "Give a step for 'all or nothing'.",
            )

    def share(self, index: ArrayLike) -> Numbers:
        """Share of the limit for each index, floats for floats and fractions for fractions."""
        x = numbers(index)
        part = (x - _as(x, self.attachment)) / _as(x, self.exhaustion - self.attachment)
        return np.asarray(np.clip(part, _as(x, Fraction(0)), _as(x, _ONE)), dtype=x.dtype)


Shape = StepTable | LinearPayout


def numbers(index: ArrayLike) -> Numbers:
    """An index as an array of floats, or of fractions where fractions came in; NaN is refused."""
    x = np.asarray(index)
    if x.dtype == object:
        return x
    x = x.astype(np.float64)
    if np.isnan(x).any():
        at = int(np.flatnonzero(np.isnan(x))[0])
        raise MissingValueError(
            "reserve.index", f"index {at} is NaN; a trigger without an observation pays nothing by mistake."
        )
    return x


def joint_share(shares: Sequence[ArrayLike]) -> Numbers:
    """Shares of several boxes or gauges added up, never more than the whole limit.

    >>> joint_share([[0.5, 0.5], [0.25, 0.75]]).tolist()
    [0.75, 1.0]
    """
    total = numbers(shares[0]).copy()
    for more in shares[1:]:
        total = total + numbers(more)
    return np.asarray(np.minimum(total, _as(total, _ONE)), dtype=total.dtype)


def ceded_limit(attachment: Fraction, exhaustion: Fraction, ceding_share: Fraction) -> Fraction:
    """Most that a layer pays: ``ceding share x (exhaustion - attachment)``, in the money of the two.

    The formula is assumed: three numbers of Caribbean policies are published (attachment, exhaustion,
    ceding share), the formula that joins them was not read.

    >>> ceded_limit(Fraction(20_000_000), Fraction(120_000_000), Fraction(1, 4))
    Fraction(25000000, 1)
    """
    if not 0 <= attachment < exhaustion:
        raise RangeError(
            "reserve.layer",
            f"the layer attaches at {float(attachment):g} and is exhausted at {float(exhaustion):g}; "
            "expected 0 <= attachment < exhaustion.",
        )
    if not 0 < ceding_share <= 1:
        raise RangeError(
            "reserve.layer", f"a ceding share of {float(ceding_share):g}; expected above 0, at most 1."
        )
    return ceding_share * (exhaustion - attachment)


def check_payouts(payout: ArrayLike, what: str = "payout") -> NDArray[np.float64]:
    """Payouts as an array; NaN and anything below 0 are refused, never set to 0.

    >>> check_payouts([0.0, 5.0]).tolist()
    [0.0, 5.0]
    """
    array = np.asarray(payout, dtype=np.float64)
    if np.isnan(array).any():
        raise MissingValueError("reserve.payout", f"a {what} is NaN; give 0 where nothing is paid.")
    if (array < 0).any():
        raise RangeError(
            "reserve.negative-payout",
            f"a {what} of {array.min():g} was given; a payout is never negative. A member that owes money "
            "pays a contribution.",
        )
    return array


def _as(like: Numbers, bound: Fraction) -> Any:
    """A bound in the kind of number of the index."""
    return bound if like.dtype == object else float(bound)


def _overlap(one: Step, other: Step) -> bool:
    """True where some index lies in both bands."""
    lows = [s for s in (one, other) if s.low is not None]
    highs = [s for s in (one, other) if s.high is not None]
    if not lows or not highs:
        return True
    low = max((s.low, s.gt is not None) for s in lows if s.low is not None)
    high = min((s.high, s.lt is None) for s in highs if s.high is not None)
    if low[0] == high[0]:
        return not low[1] and high[1]
    return low[0] < high[0]
