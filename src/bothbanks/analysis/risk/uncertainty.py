"""What is not known: draws over stated ranges, intervals, sensitivity, and rankings that are undecided.

Sensitivity is RBD-FAST (Tarantola, Gatelli and Mara 2006, doi:10.1016/j.ress.2005.06.003; bias
corrected after Tissot and Prieur 2012, doi:10.1016/j.ress.2012.06.010) as SALib computes it. It works
on draws that are there anyway, is unbiased (PAWN with 64 draws and a dozen inputs gives even a dummy
0.2 to 0.3, which hides the third input), and reads as a share of variance. Two harmonics are kept: they
hold what rises, falls, or has one hump; more would add noise. Before a parameter is judged, the linear
effect of all others is taken out of the output: 64 Sobol points show patterns between pairs of columns,
and without this a strong parameter lends its variance to an idle one. Every table comes with the level
that columns of pure chance reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError
from bothbanks.words.parameters import Parameter

FloatArray = NDArray[np.float64]
DUMMIES = 400
HARMONICS = 2
MIN_DRAWS = 32
_CONFIDENCE = 0.95
_ENTRY = 3.0
LEAST_SHARE = 0.01
"""Below a hundredth of the variance no parameter is called heard."""


@dataclass(frozen=True, eq=False)
class Draws:
    """Scrambled Sobol draws: ``values`` (draw, parameter) in each parameter's unit.

    ``balanced`` is True when the number of draws is a power of two, as a Sobol sequence wants; otherwise the
    report must say that it is not.
    """

    ids: tuple[str, ...]
    values: FloatArray
    seed: int
    balanced: bool

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def of(self, id: str) -> FloatArray:
        """(draw,) values of one parameter."""
        if id not in self.ids:
            raise RangeError("risk.parameter", f"no parameter {id!r}; there are {', '.join(self.ids)}.")
        return np.asarray(self.values[:, self.ids.index(id)])

    def row(self, number: int) -> dict[str, float]:
        """One draw: parameter id -> value."""
        return dict(zip(self.ids, self.values[number].tolist(), strict=True))


def draws(parameters: Sequence[Parameter], n: int, seed: int) -> Draws:
    """Draw ``n`` sets of parameters, uniform over each range; a parameter that doesn't vary keeps its value.

    Scrambled Sobol points (Owen scrambling, scipy.stats.qmc). Use a power of two; any other n works and is
    marked. Raises RangeError for n below 1, an id used twice, or a range that doesn't hold its value.
    """
    from scipy.stats import qmc

    ids = tuple(p.id for p in parameters)
    twice = sorted({i for i in ids if ids.count(i) > 1})
    outside = [p.id for p in parameters if not p.low <= p.value <= p.high]
    if n < 1 or twice or outside:
        raise RangeError(
            "risk.draws",
            f"n is {n} (1 or more); ids used twice: {', '.join(twice) or 'none'}; value outside its range: "
            f"{', '.join(outside) or 'none'}.",
        )
    varying = [i for i, p in enumerate(parameters) if p.varies]
    values = np.tile(np.array([p.value for p in parameters], dtype=np.float64), (n, 1))
    balanced = n & (n - 1) == 0
    if varying:
        engine = qmc.Sobol(len(varying), scramble=True, seed=seed)
        # the next power of two, cut: drawing another number makes scipy warn, and we mark it instead
        unit = engine.random_base2(int(np.ceil(np.log2(n))))[:n]
        low = np.array([parameters[i].low for i in varying])
        high = np.array([parameters[i].high for i in varying])
        values[:, varying] = low + unit * (high - low)
    return Draws(ids, values, seed, balanced)


@dataclass(frozen=True)
class Sensitivity:
    """One parameter's share of the variance of the output (first order), beside the level of pure chance."""

    id: str
    index: float
    noise: float

    @property
    def heard(self) -> bool:
        """True when the index rises above what columns of pure chance reach."""
        return self.index > self.noise


def sensitivity(
    values: ArrayLike, output: ArrayLike, names: Sequence[str], seed: int = 0
) -> tuple[Sensitivity, ...]:
    """Which parameters move the output most, largest first; parameters that don't vary are left out.

    ``values`` (draw, parameter), ``output`` (draw,), any given draws, 32 at least. The noise level
    is what the largest of as many dummy columns as there are parameters stays below in 95 % of
    cases (from 400 dummies drawn with ``seed``); what lies below it can't be told from nothing with
    this number of draws. Raises ShapeError, MissingValueError, RangeError.
    """
    x, y = np.asarray(values, dtype=np.float64), np.asarray(output, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[:1] or len(names) != x.shape[1]:
        raise ShapeError(
            "risk.sensitivity", f"values {x.shape}, output {y.shape}, {len(names)} names must fit."
        )
    if np.isnan(x).any() or np.isnan(y).any():
        raise MissingValueError("risk.sensitivity", "a draw or its output is NaN.")
    if y.size < MIN_DRAWS:
        raise RangeError("risk.sensitivity", f"{y.size} draws; expected {MIN_DRAWS} or more.")
    moving = [int(i) for i in np.flatnonzero(np.ptp(x, axis=0) > 0)]
    if not moving or np.ptp(y) == 0.0:
        return tuple(Sensitivity(names[i], 0.0, 0.0) for i in moving)
    columns = (x[:, moving] - x[:, moving].mean(axis=0)) / x[:, moving].std(axis=0)
    rest, effect = _linear_part(columns, y)
    index = [_share(c, rest + b * c, y) for c, b in zip(columns.T, effect, strict=True)]
    dummies = np.random.default_rng(seed).random((DUMMIES, y.size))
    chance = np.quantile([_share(d, rest, y) for d in dummies], _CONFIDENCE ** (1.0 / len(moving)))
    noise = max(float(chance), LEAST_SHARE)
    found = [Sensitivity(names[i], s, noise) for i, s in zip(moving, index, strict=True)]
    return tuple(sorted(found, key=lambda s: (-s.index, s.id)))


def _linear_part(columns: FloatArray, output: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What a linear fit leaves of the output (draw,), and the fitted slopes (parameter,).

    Forward selection: a column enters while its correlation with what is left exceeds three standard errors
    of pure chance, at most one column for four draws; the slopes of all others are zero.
    """
    rest = output - output.mean()
    effect = np.zeros(columns.shape[1])
    chosen: list[int] = []
    while len(chosen) < output.size // 4:
        spread = rest.std()
        if spread <= 1e-12 * output.std():
            break
        correlation = np.abs(columns.T @ rest) / (output.size * spread)
        correlation[chosen] = 0.0
        best = int(correlation.argmax())
        if correlation[best] < _ENTRY / np.sqrt(output.size):
            break
        chosen.append(best)
        slopes = np.linalg.lstsq(columns[:, chosen], output - output.mean(), rcond=None)[0]
        rest = output - output.mean() - columns[:, chosen] @ slopes
        effect[chosen] = slopes
    return rest, effect


def _share(column: FloatArray, part: FloatArray, output: FloatArray) -> float:
    """First-order index of a column from the part of the output it may explain, as a share of the whole."""
    from SALib.analyze import rbd_fast

    if np.ptp(part) == 0.0:
        return 0.0
    raw = rbd_fast.compute_first_order(rbd_fast.permute_outputs(column, part), HARMONICS)
    return float(rbd_fast.unskew_S1(raw, HARMONICS, part.size) * part.var() / output.var())


def interval(values: ArrayLike, low: float = 5, high: float = 95) -> FloatArray:
    """(2, ...) percentiles ``low`` and ``high`` over the draws (first axis). NaN is refused.

    >>> interval(np.arange(101.0))
    array([ 5., 95.])
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim < 1 or not array.shape[0]:
        raise ShapeError(
            "risk.interval", f"values have shape {array.shape}; expected draws on the first axis."
        )
    if np.isnan(array).any():
        raise MissingValueError(
            "risk.interval", "a draw is NaN; a failed draw must be counted, not averaged."
        )
    if not 0 <= low <= high <= 100:
        raise RangeError("risk.interval", f"percentiles {low:g} to {high:g}; expected 0 to 100, rising.")
    return np.percentile(array, [low, high], axis=0)


@dataclass(frozen=True)
class Ranking:
    """Is a above b? ``share`` of draws where it is (ties count half), and the interval of a - b."""

    share: float
    low: float
    high: float

    @property
    def undecided(self) -> bool:
        """True when the ranking flips within the interval."""
        return self.low < 0 < self.high or (self.low == 0 == self.high)


def undecided(a_draws: ArrayLike, b_draws: ArrayLike, low: float = 5, high: float = 95) -> Ranking:
    """Compare two results over the same draws, draw by draw.

    Draw by draw matters: two results may overlap widely and yet always rank the same way.

    >>> undecided([1.0, 2.0, 3.0], [0.5, 1.5, 2.5]).undecided
    False
    """
    a, b = np.asarray(a_draws, dtype=np.float64), np.asarray(b_draws, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ShapeError("risk.ranking", f"draws {a.shape} and {b.shape}; expected the same draws for both.")
    ends = interval(a - b, low, high)
    share = float(np.mean((a > b) + 0.5 * (a == b)))
    return Ranking(share, float(ends[0]), float(ends[1]))
