"""The exact path: losses asset by asset, with deductible, cover and share of each.

``paid = share * min(max(value * curve(intensity) - deductible, 0), cover)``. A deductible bends the loss, so
values can't be summed per place first: the cost goes with hits times the assets at each place. Use
``event_losses`` where no asset has terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.risk.curves import Curve, CurveTables
from bothbanks.analysis.risk.eventset import EventSource
from bothbanks.analysis.risk.exposure import Exposure, joint_groups
from bothbanks.analysis.risk.kernels import expand, fractions, hit_events
from bothbanks.analysis.risk.losses import (
    DEFAULT_MEMORY_BYTES,
    EventLosses,
    check_units,
    tables_by_column,
)
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
PAIR_BYTES = 160
"""Memory one pair of hit and asset takes while in work."""


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms of each asset: (asset,) deductible and cover in money (cover may be infinite), share in [0, 1].

    Raises MissingValueError for NaN and RangeError for a negative term or a share above 1.
    """

    deductible: ArrayLike
    cover: ArrayLike
    share: ArrayLike

    def __post_init__(self) -> None:
        for name in ("deductible", "cover", "share"):
            array = np.array(getattr(self, name), dtype=np.float64)
            if np.isnan(array).any():
                at = int(np.isnan(array).argmax())
                raise MissingValueError("risk.terms", f"{name} of asset {at} is NaN.")
            top = 1.0 if name == "share" else np.inf
            if (array < 0).any() or (array > top).any():
                at = int(((array < 0) | (array > top)).argmax())
                raise RangeError(
                    "risk.terms", f"{name} of asset {at} is {array[at]:g}; expected 0 to {top:g}."
                )
            object.__setattr__(self, name, array)

    @classmethod
    def none(cls, count: int) -> Terms:
        """No deductible, no limit, all of the loss."""
        return cls(np.zeros(count), np.full(count, np.inf), np.ones(count))

    def apply(self, loss: FloatArray, asset: NDArray[np.int64]) -> FloatArray:
        """What is paid of ``loss`` (any shape), each of the asset named."""
        deductible, cover, share = (np.asarray(a)[asset] for a in (self.deductible, self.cover, self.share))
        return np.asarray(share * np.minimum(np.maximum(loss - deductible, 0.0), cover))


def event_losses_exact(
    source: EventSource,
    exposure: Exposure,
    curves: Sequence[Curve],
    terms: Terms,
    by: Sequence[str] = ("member",),
    memory_limit_bytes: int = DEFAULT_MEMORY_BYTES,
) -> EventLosses:
    """As ``event_losses``, with each asset's own terms. Asset by asset, in chunks of bounded memory.

    Raises ShapeError when the terms do not have a row for each asset; otherwise as ``event_losses``.

    Examples
    --------
    A house of 100 with a deductible of 10 and cover of 60, half and then fully destroyed:

    >>> from bothbanks.analysis.risk.eventset import EventSet, EventTable
    >>> events = EventTable(["a", "b"], [0.1, 0.01], ["flood"] * 2, ["Geul"] * 2, ["today"] * 2,
    ...                     {"flood": "m"})
    >>> hits = EventSet.from_dense(events, [[1.0], [2.0]])
    >>> curve = Curve("house", [0.0, 2.0], [0.0, 1.0], "m", "assumed")
    >>> house = Exposure.from_labels([100.0], [0], {"flood": [0]}, member=["Vaals"])
    >>> event_losses_exact(hits, house, [curve], Terms([10.0], [60.0], [1.0])).table("member").loss
    array([[40.],
           [60.]])
    """
    wrong = [n for n in ("deductible", "cover", "share") if np.shape(getattr(terms, n)) != (len(exposure),)]
    if wrong:
        raise ShapeError("risk.terms", f"{', '.join(wrong)} must have {len(exposure)} rows, one an asset.")
    events = source.events
    check_units(events, exposure, curves)
    index = _AssetIndex.of(exposure, events.hazards, source.place_count, len(curves))
    joint, codes, labels = joint_groups(exposure, by, source.place_count)
    tables = CurveTables.of(curves)
    loss = np.zeros((len(events), codes[0].size))
    annual = np.zeros((max(1, len(events.scenarios)), len(exposure)))
    hazard, scenario, rate = events.hazard_index, events.scenario_index, events.rate
    pairs = max(1, (memory_limit_bytes - loss.nbytes - annual.nbytes) // PAIR_BYTES)
    if pairs < index.most or memory_limit_bytes < loss.nbytes + annual.nbytes:
        need = loss.nbytes + annual.nbytes + index.most * PAIR_BYTES
        raise RangeError(
            "risk.memory", f"needs {need} bytes at least, the limit is {memory_limit_bytes}. Raise the limit."
        )
    for chunk in source.chunks(max(1, int(min(pairs // max(1, index.most), 1 << 20)))):
        event = hit_events(chunk, 0, len(chunk))
        row = hazard[event] * source.place_count + chunk.place
        hit, item = expand(row, index.start)
        asset = index.asset[item]
        fraction = fractions(tables, index.curve[item], chunk.intensity[hit])
        paid = terms.apply(exposure.values[asset] * fraction, asset)
        of = event[hit]
        np.add.at(loss, (of, joint[asset]), paid)
        np.add.at(annual, (scenario[of], asset), paid * rate[of])
    return EventLosses(
        events, exposure, tables_by_column(by, codes, labels, loss), annual, source.place_count
    )


@dataclass(frozen=True, eq=False)
class _AssetIndex:
    """Assets at each row (hazard, place): ``asset[start[row]:start[row + 1]]`` and the curve of each."""

    start: NDArray[np.int64]
    asset: NDArray[np.int64]
    curve: NDArray[np.int64]

    @property
    def most(self) -> int:
        """Most assets at one row."""
        return int(np.diff(self.start).max(initial=0))

    @classmethod
    def of(
        cls, exposure: Exposure, hazards: Sequence[str], place_count: int, curve_count: int
    ) -> _AssetIndex:
        """Sort the assets by hazard and place."""
        rows, assets, curves = [], [], []
        for number, hazard in enumerate(hazards):
            curve = exposure.curve_column(hazard, curve_count)
            here = np.flatnonzero(curve >= 0)
            place = exposure.checked_places(place_count)[here]
            order = np.argsort(place, kind="stable")
            rows.append(place[order].astype(np.int64) + number * place_count)
            assets.append(here[order])
            curves.append(curve[here][order].astype(np.int64))
        empty = np.zeros(0, dtype=np.int64)
        start = np.zeros(len(hazards) * place_count + 1, dtype=np.int64)
        np.cumsum(np.bincount(np.concatenate([empty, *rows]), minlength=start.size - 1), out=start[1:])
        return cls(start, np.concatenate([empty, *assets]), np.concatenate([empty, *curves]))
