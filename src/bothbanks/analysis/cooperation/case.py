"""What a shared problem must answer to be appraised: the ``Case`` protocol and its ``Outcomes``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from bothbanks.analysis.cooperation.game import FloatArray
from bothbanks.analysis.cooperation.partition import Partition
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What every member gets when the members act in one given partition.

    Attributes
    ----------
    cost : (n,), money
        Net cost by member before any transfer; for a case that is not about money, the cost of running it.
    physical : name -> (n,)
        Results that can't be paid over, such as deaths, people affected or minutes; less is better.
    cost_interval : (n, 2), money, or None
        Lowest and highest cost by member where outsiders' replies have several equilibria.
    equilibria : int
        Pure equilibria found. 0: none found, the costs are those of the last replies and must be flagged.

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Arrays don't fit; NaN or infinite; an interval whose ends are swapped or that leaves ``cost`` out.

    Examples
    --------
    >>> Outcomes(cost=[5.0, 3.0], physical={"deaths": [0.2, 0.1]}).physical["deaths"]
    array([0.2, 0.1])
    """

    cost: FloatArray
    physical: Mapping[str, FloatArray] = field(default_factory=dict)
    cost_interval: FloatArray | None = None
    equilibria: int = 1

    def __post_init__(self) -> None:
        cost = _frozen(self.cost, "cost")
        if cost.ndim != 1 or not cost.size:
            raise ShapeError(
                "cooperation.outcomes", f"cost must have one number for each member, got shape {cost.shape}."
            )
        object.__setattr__(self, "cost", cost)
        physical = {name: _frozen(array, name) for name, array in self.physical.items()}
        for name, array in physical.items():
            if array.shape != cost.shape:
                raise ShapeError(
                    "cooperation.outcomes", f"{name} has shape {array.shape}, cost has {cost.shape}."
                )
        object.__setattr__(self, "physical", physical)
        if self.equilibria < 0:
            raise RangeError("cooperation.outcomes", f"equilibria is a count, got {self.equilibria}.")
        if self.cost_interval is not None:
            self._check_interval(_frozen(self.cost_interval, "cost_interval"))

    def _check_interval(self, interval: FloatArray) -> None:
        if interval.shape != (self.cost.size, 2):
            raise ShapeError(
                "cooperation.outcomes", f"cost_interval must be ({self.cost.size}, 2), got {interval.shape}."
            )
        slack = 1e-9 * max(1.0, float(np.abs(interval).max()))
        if (interval[:, 0] > self.cost + slack).any() or (interval[:, 1] < self.cost - slack).any():
            raise RangeError(
                "cooperation.outcomes", "cost_interval must hold the cost: lowest first, then highest."
            )
        object.__setattr__(self, "cost_interval", interval)

    @property
    def flagged(self) -> bool:
        """True when no pure equilibrium was found, or several."""
        return self.equilibria != 1


def _frozen(numbers: npt.ArrayLike, name: str) -> FloatArray:
    array = np.array(numbers, dtype=np.float64)
    if not np.isfinite(array).all():
        raise MissingValueError("cooperation.outcomes", f"{name} is NaN or infinite for some member.")
    array.setflags(write=False)
    return array


@runtime_checkable
class Case(Protocol):
    """A shared problem: if the members act in this partition, what does each of them get?

    A new problem is a new class with these; nothing else has to change. The arrays it works on are
    prepared beforehand; it reads no file and draws no random number.
    """

    @property
    def kind(self) -> str:
        """The kind of problem, as in the table of kinds ("flood", "heat", ...)."""

    @property
    def id(self) -> str:
        """Name within the region, [a-z0-9-]+."""

    @property
    def unit(self) -> str:
        """Unit of the headline result: a currency for money, otherwise what ``physical`` counts."""

    @property
    def members(self) -> tuple[str, ...]:
        """Members in bit order."""

    def outcomes(self, partition: Partition, draw: Mapping[str, float]) -> Outcomes:
        """Outcomes by member when each block of the partition acts as one.

        ``draw`` holds the values of the uncertain parameters by id; one not named has its base value.
        """
