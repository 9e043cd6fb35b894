"""Unit price as a function of the volume bought: a smooth curve, or the steps of a price list.

A price never rises with volume. The smooth curve has a part that no volume moves and a part that falls
as a power of the volume:

    price(Q) = price * (1 - m + m * (Q / reference) ** -e)

``m`` is the share of the price that volume can move at all, ``e`` how fast that share falls, and
``reference`` the volume at which ``price`` was seen. What is paid in all, Q * price(Q), rises with Q and
is concave for 0 <= e < 1, so a curve alone makes a convex game of savings (see :mod:`.purchasing`).

Source: that one smooth function describes most discount schedules is the finding of F. Schotanus, J. Telgen
and L. de Boer, Unraveling quantity discounts (2009), Omega 37:510-521, on 66 schedules; the form above is
ours and simpler than theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]


class PriceCurve(Protocol):
    """Unit price by volume, one row a draw."""

    def __call__(self, quantity: FloatArray) -> FloatArray:
        """(draw, k) units bought -> (draw, k) money a unit."""


def _column(values: npt.ArrayLike, name: str) -> FloatArray:
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if array.ndim != 1:
        raise ShapeError("services.price", f"{name} must be one number a draw, got shape {array.shape}.")
    if not np.isfinite(array).all():
        raise MissingValueError("services.price", f"{name} is NaN or infinite in some draw; give a number.")
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class PowerPrice:
    """A price of which one part falls as a power of the volume; see the module.

    Attributes
    ----------
    price : (draw,), money a unit, at the reference volume
    reference : (draw,), units; the volume at which ``price`` was seen
    movable : (draw,), share of the price that volume moves, 0 to 1
    elasticity : (draw,), 0 <= e < 1; 0: volume moves nothing

    Raises
    ------
    RangeError, MissingValueError, ShapeError
        A number outside its range; NaN; more than one number a draw.

    Examples
    --------
    Sixteen times the volume halves the half of the price that can move:

    >>> PowerPrice(100.0, 10.0, 0.5, 0.25)(np.array([[10.0, 160.0]]))
    array([[100.,  75.]])
    """

    price: FloatArray
    reference: FloatArray
    movable: FloatArray
    elasticity: FloatArray

    def __post_init__(self) -> None:
        for name in ("price", "reference", "movable", "elasticity"):
            object.__setattr__(self, name, _column(getattr(self, name), name))
        for name, low, high in (("price", 0.0, np.inf), ("movable", 0.0, 1.0), ("elasticity", 0.0, 1.0)):
            array = getattr(self, name)
            bad = (array < low) | (array > high) | ((name == "elasticity") & (array >= 1.0))
            _refuse(array, bad, name, "0 or more" if name == "price" else "0 to 1 (an elasticity below 1)")
        _refuse(self.reference, self.reference <= 0.0, "reference", "a volume above 0")

    def __call__(self, quantity: FloatArray) -> FloatArray:
        """(draw, k) units -> (draw, k) money a unit; nothing bought has the price of the reference."""
        bought = quantity > 0.0
        ratio = np.where(bought, quantity, self.reference[:, None]) / self.reference[:, None]
        falling = ratio ** -self.elasticity[:, None]
        m = self.movable[:, None]
        return np.asarray(self.price[:, None] * (1.0 - m + m * falling))


@dataclass(frozen=True, eq=False)
class StepPrice:
    """A price list: from each volume on, a factor on the price holds for all units bought.

    A list can make more units cheaper in all than a few less; that is left as the list says.

    Attributes
    ----------
    price : (draw,), money a unit, times the factor
    start : (step,), units from which a factor holds; the first is 0, then rising
    factor : (step,), share of the price, never rising

    Raises
    ------
    RangeError, ShapeError
        Steps that don't rise or a factor that does; not as many of one as of the other.

    Examples
    --------
    >>> StepPrice(10.0, [0.0, 100.0], [1.0, 0.9])(np.array([[99.0, 100.0]]))
    array([[10.,  9.]])
    """

    price: FloatArray
    start: FloatArray
    factor: FloatArray

    def __post_init__(self) -> None:
        for name in ("price", "start", "factor"):
            object.__setattr__(self, name, _column(getattr(self, name), name))
        if self.start.shape != self.factor.shape:
            raise ShapeError(
                "services.price", f"{self.start.size} volumes but {self.factor.size} factors; give one each."
            )
        _refuse(self.price, self.price < 0.0, "price", "0 or more")
        if self.start[0] != 0.0 or (np.diff(self.start) <= 0.0).any():
            raise RangeError("services.price", f"volumes must rise from 0, got {self.start.tolist()}.")
        if (self.factor < 0.0).any() or (np.diff(self.factor) > 0.0).any():
            raise RangeError(
                "services.price", f"a price never rises with volume, got factors {self.factor.tolist()}."
            )

    def __call__(self, quantity: FloatArray) -> FloatArray:
        """(draw, k) units -> (draw, k) money a unit."""
        step = np.searchsorted(self.start, quantity, side="right") - 1
        return np.asarray(self.price[:, None] * self.factor[step])


def _refuse(array: FloatArray, bad: NDArray[np.bool_], name: str, expected: str) -> None:
    if bad.any():
        k = int(np.flatnonzero(bad)[0])
        raise RangeError("services.price", f"{name} is {array[k]:g} in draw {k}; expected {expected}.")
