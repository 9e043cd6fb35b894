"""The reserve as a game: who saves what by pooling with whom, in the shape of every money case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.partition import (
    Partition,
    alone_partition,
    bloc_partition,
    together_partition,
)
from bothbanks.analysis.findings import CaseFinding
from bothbanks.analysis.measures.uncertainty import DrawResults
from bothbanks.analysis.reserve.capital import Claims
from bothbanks.analysis.reserve.pooling import FundTerms, PoolCosts, PooledCosts, pool_costs, saving_worths
from bothbanks.app.money_findings import PlayedMoney, case_finding
from bothbanks.app.play import Extra
from bothbanks.region.schema_cases import CaseSettings

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Held:
    """What a partition pays a year. Nobody's fund changes another's, so there is one equilibrium."""

    cost: FloatArray  # (member,)
    equilibria: tuple[int, ...] = (0,)

    @property
    def loss(self) -> FloatArray:
        """The whole premium: what falls of it is a member's benefit."""
        return self.cost

    @property
    def people(self) -> FloatArray:
        """Nobody is counted."""
        return np.zeros_like(self.cost)


class ReserveGame:
    """Yearly premiums of every partition, in units of account."""

    def __init__(self, members: Sequence[str], paid: Claims, costs: PoolCosts, minor: float) -> None:
        self.members = tuple(members)
        self._pooled, self._minor = PooledCosts(paid, costs), minor

    def solve(self, partition: Partition) -> Held:
        """Premiums when every block that saves by it pools."""
        return Held(self._pooled(partition) / self._minor)

    def alone(self) -> Held:
        """Everyone holds its own reserve."""
        return self.solve(alone_partition(len(self.members)))

    def together(self) -> Held:
        """All may hold one."""
        return self.solve(together_partition(len(self.members)))

    def solved(self) -> tuple[Held, ...]:
        """One of the solved partitions: all have one equilibrium."""
        return (self.alone(),)

    def status_counts(self) -> dict[str, int]:
        """Partitions by status of their equilibria."""
        return {"unique": 1}


@dataclass(frozen=True, eq=False)
class DrawnPool:
    """What is kept of one draw, money in units of account a year."""

    alone: FloatArray  # (member,)
    together: FloatArray
    blocs: FloatArray
    worths: FloatArray  # (2**member,)
    capital_alone: float
    capital_pooled: float
    load: float


def drawn_pool(
    paid: FloatArray, terms: FundTerms, members: Sequence[str], countries: Sequence[str], minor: float
) -> DrawnPool:
    """Play one draw: premiums alone, together and by country, and what every coalition saves."""
    claims = Claims.of(paid)
    costs = pool_costs(claims, terms)
    game = ReserveGame(members, claims, costs, minor)
    n = len(members)
    return DrawnPool(
        game.alone().cost,
        game.together().cost,
        game.solve(bloc_partition(countries)).cost,
        saving_worths(costs) / minor,
        float(costs.capital[1 << np.arange(n)].sum()) / minor,
        float(costs.capital[-1]) / minor,
        terms.load,
    )


def row_of(
    settings: CaseSettings,
    game: ReserveGame,
    drawn: Sequence[DrawnPool],
    countries: tuple[str, ...],
    population: FloatArray,
) -> CaseFinding:
    """The row of the matrix with its game."""
    played = PlayedMoney(settings, game, _results(drawn), countries, population)
    return replace(case_finding(played, {}), per="year")


def _results(drawn: Sequence[DrawnPool]) -> DrawResults[Extra]:
    """The draws as every money case keeps its own."""
    alone, together = np.array([d.alone for d in drawn]), np.array([d.together for d in drawn])
    worths = np.array([d.worths for d in drawn])
    nobody, never = np.zeros_like(alone), np.zeros(len(drawn), dtype=np.int64)
    none = ("",) * alone.shape[1]
    return DrawResults(
        worths_gamma=worths,
        worths_delta=worths,
        no_transfer_gain=alone - together,
        alone=alone,
        together=together,
        people_alone=nobody,
        people_together=nobody,
        blocs=np.array([d.blocs for d in drawn]),
        choices_alone=never,
        choices=never,
        statuses=tuple({"unique": 1} for _ in drawn),
        also=tuple(Extra(d.alone, d.together, none, none, none, ()) for d in drawn),
    )
