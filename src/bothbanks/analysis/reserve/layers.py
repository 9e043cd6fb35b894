"""Who bears which part of a loss: the member, the fund, and whom the fund cedes to.

Amounts are whole minor units (cents) held in floats: every part is whole too, so the parts add up to the
gross loss exactly, as sums of whole numbers below 2**53 do. A layer in terms of an attachment a, an
exhaustion e and a ceding share s pays ``s * (min(loss, e) - a)`` where the loss passes a: an excess-of-loss
cover of which the member keeps a part. CCRIF's policies are described by the same three terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.reserve.years import Peril
from bothbanks.analysis.risk.metrics import occurrence_curve
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer for each member (or one for all): ``attachment``, ``exhaustion`` in money, ``share`` of it.

    Exhaustion may be infinite (no limit). Raises RangeError for an attachment below 0 or above the
    exhaustion, or a share outside 0 to 1; MissingValueError for NaN.

    >>> layer = Layer(10.0, 100.0, 0.25)
    >>> layer.pays(np.array([5.0, 50.0, 500.0]))
    array([ 0., 10., 22.])
    """

    attachment: ArrayLike
    exhaustion: ArrayLike
    share: ArrayLike = 1.0

    def __post_init__(self) -> None:
        for name in ("attachment", "exhaustion", "share"):
            array = np.asarray(getattr(self, name), dtype=np.float64)
            if np.isnan(array).any():
                raise MissingValueError("reserve.layer", f"the {name} of a layer is NaN.")
            object.__setattr__(self, name, array)
        low, high, part = np.broadcast_arrays(*(self.attachment, self.exhaustion, self.share))
        wrong = (low < 0) | (low > high) | np.isinf(low)
        if wrong.any():
            k = int(np.argmax(wrong))
            raise RangeError(
                "reserve.layer",
                f"layer {k} attaches at {low.flat[k]:g} and is exhausted at {high.flat[k]:g}; expected "
                "0 <= attachment <= exhaustion. Lower the retention, or raise the exhaustion.",
            )
        if ((part < 0) | (part > 1)).any():
            raise RangeError(
                "reserve.layer", f"a ceding share of {part.min():g} to {part.max():g}; expected 0 to 1."
            )

    @property
    def limit(self) -> FloatArray:
        """Most that the layer pays, for each member."""
        return np.asarray(
            np.asarray(self.share) * (np.asarray(self.exhaustion) - np.asarray(self.attachment))
        )

    def pays(self, loss: FloatArray) -> FloatArray:
        """What the layer pays of each loss, in whole minor units (halves to even)."""
        inside = np.minimum(loss, self.exhaustion) - self.attachment
        return np.asarray(np.rint(np.asarray(self.share) * np.maximum(inside, 0.0)))


def whole(loss: ArrayLike, minor_per_unit: float = 100.0) -> FloatArray:
    """Losses in whole minor units (cents) from losses in units of account (euros).

    >>> whole([0.125, 3.0])
    array([ 12., 300.])
    """
    return np.asarray(np.rint(np.asarray(loss, dtype=np.float64) * minor_per_unit))


@dataclass(frozen=True, eq=False)
class Borne:
    """(year, member) whole minor units: what the member keeps, the fund pays itself, and cedes.

    ``kept + fund + ceded == gross``, to the last unit.
    """

    kept: FloatArray
    fund: FloatArray
    ceded: FloatArray

    @property
    def gross(self) -> FloatArray:
        """The whole loss."""
        return np.asarray(self.kept + self.fund + self.ceded)

    @property
    def paid(self) -> FloatArray:
        """What the fund pays to its members, whoever pays it in the end."""
        return np.asarray(self.fund + self.ceded)


def event_split(loss: FloatArray, layer: Layer) -> FloatArray:
    """(event, 2 x member) columns to sum over years: the gross loss, then what the layer pays of each event.

    ``loss`` is (event, member) in whole minor units. Raises ShapeError where the layer has other members.
    """
    try:
        paid = layer.pays(loss)
    except ValueError as error:
        raise ShapeError(
            "reserve.layer",
            f"losses of shape {loss.shape} and a layer for {np.size(layer.attachment)} members.",
        ) from error
    return np.concatenate([loss, paid], axis=1)


def year_split(gross: FloatArray, paid: FloatArray, layer: Layer | None = None) -> Borne:
    """Yearly sums to who bears what, with an aggregate layer of the year on what the events' layers pay.

    ``gross``, ``paid`` (year, member); the layer's attachment is a yearly retention, its exhaustion less the
    attachment the most the fund pays a member in a year.
    """
    if gross.shape != paid.shape:
        raise ShapeError("reserve.layer", f"gross {gross.shape} and paid {paid.shape} must have one shape.")
    fund = paid if layer is None else layer.pays(paid)
    return Borne(gross - fund, fund, np.zeros_like(fund))


def cede(borne: Borne, layer: Layer) -> Borne:
    """The fund cedes a layer of its yearly total; each year's part is each member's as the payouts are.

    The parts are cut from the running total of the payouts, so they are whole and add up.
    """
    total = borne.fund.sum(axis=1)
    ceded = layer.pays(total)
    running = np.cumsum(borne.fund, axis=1)
    part = np.rint(running * np.where(total > 0, ceded / np.where(total > 0, total, 1.0), 0.0)[:, None])
    by_member = np.minimum(np.diff(part, axis=1, prepend=0.0), borne.fund)
    short = np.rint(ceded - by_member.sum(axis=1))
    for i in range(by_member.shape[1]):  # what a member can't give, the next ones do: at most a few cents
        more = np.minimum(short, borne.fund[:, i] - by_member[:, i])
        by_member[:, i] += more
        short = short - more
    return Borne(borne.kept, borne.fund - by_member, borne.ceded + by_member)


def event_loss_at(perils: Sequence[Peril], return_period_years: float) -> FloatArray:
    """(member,) loss that an event of the year reaches once in so many years, each member by itself.

    From the Poisson exceedance curve of all perils' events; 0 where a member's losses are rarer than that.
    """
    loss = np.concatenate([p.loss for p in perils])
    rate = np.concatenate([p.rate for p in perils])
    found = [
        float(occurrence_curve(loss[:, i], rate, "poisson").loss_at(return_period_years))
        for i in range(loss.shape[1])
    ]
    return np.array(found)


def year_loss_at(loss: ArrayLike, return_period_years: float, years: int | None = None) -> FloatArray:
    """Loss of a year reached once in so many years, by column of ``loss`` (year, ...): an order statistic.

    ``years`` is how many there are where those without any loss are left out.

    >>> year_loss_at([1.0, 2.0, 3.0, 4.0], 4.0)
    array(4.)
    """
    array = np.asarray(loss, dtype=np.float64)
    if not return_period_years >= 1:
        raise RangeError(
            "reserve.return-period", f"a return period of {return_period_years:g} years; expected 1 or more."
        )
    count = array.shape[0] if years is None else years
    rank = max(1, round(count / return_period_years))
    if count < return_period_years:
        raise RangeError(
            "reserve.years",
            f"{count} years can't show a loss of once in {return_period_years:g} years; draw more.",
        )
    if rank > array.shape[0]:
        return np.zeros(array.shape[1:])
    return np.asarray(np.partition(array, array.shape[0] - rank, axis=0)[array.shape[0] - rank])
