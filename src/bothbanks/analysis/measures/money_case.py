"""What the money cases share: tables of one draw, solved for any partition of the members."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.case import Outcomes
from bothbanks.analysis.cooperation.partition import Partition
from bothbanks.analysis.measures.blocks import GameTables
from bothbanks.analysis.measures.equilibrium import Equilibrium, PartitionGame
from bothbanks.analysis.measures.measure import Draw

FloatArray = NDArray[np.float64]


def equilibrium_count(found: Equilibrium) -> int:
    """How many pure equilibria are known: 0 = none, 1 = one (also where it was only searched for)."""
    return len(found.equilibria)


class MoneyCase(ABC):
    """A shared problem counted in money; satisfies ``cooperation.case.Case``.

    Costs are present values: losses, own options, warning, and the shared measures a member pays
    for, before any transfer. The game of the last draw is kept, so that asking for one partition
    after another under the same draw builds the tables once.
    """

    kind: str = ""

    def __init__(self, id: str, unit: str, members: tuple[str, ...]) -> None:
        self.id = id
        self.unit = unit
        self.members = members
        self._last: tuple[dict[str, float], PartitionGame] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Without the game kept of the last draw, so that the case travels light to another process."""
        return {**self.__dict__, "_last": None}

    @abstractmethod
    def tables(self, draw: Draw) -> GameTables:
        """Tables of the game under one draw."""

    def game(self, draw: Draw) -> PartitionGame:
        """The game under one draw."""
        values = dict(draw)
        if self._last is None or self._last[0] != values:
            self._last = (values, PartitionGame(self.tables(draw)))
        return self._last[1]

    def costs(self, draw: Draw) -> Callable[[Partition], FloatArray]:
        """Cost by member of any partition, as ``cooperation`` asks for it."""
        game = self.game(draw)
        return lambda partition: game.solve(partition).cost

    def outcomes(self, partition: Partition, draw: Draw) -> Outcomes:
        """Cost and people affected by member; where replies never settle, the mean over their cycle."""
        found = self.game(draw).solve(partition)
        return Outcomes(
            cost=found.cost,
            physical={"people_affected": found.people},
            cost_interval=found.interval,
            equilibria=equilibrium_count(found),
        )
