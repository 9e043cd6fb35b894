"""Purchases that were played, in the shape in which every money case turns into its row and its game."""

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
from bothbanks.analysis.services import Purchases
from bothbanks.app.money_findings import PlayedMoney, case_finding
from bothbanks.app.play import Extra
from bothbanks.region.schema_cases import CaseSettings

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Bill:
    """What a partition pays. Nobody's purchase changes another's price, so there is one equilibrium."""

    cost: FloatArray  # (member,) money a year
    equilibria: tuple[int, ...] = (0,)

    @property
    def loss(self) -> FloatArray:
        """The whole bill: what falls of it is a member's benefit."""
        return self.cost

    @property
    def people(self) -> FloatArray:
        """Nobody is affected."""
        return np.zeros_like(self.cost)


class BuyingGame:
    """One draw of the purchases, answering what a game of partitions is asked."""

    def __init__(self, purchases: Purchases, draw: int) -> None:
        self.members = purchases.members
        self._purchases, self._draw = purchases, draw
        self._blocks: dict[int, FloatArray] = {}

    def solve(self, partition: Partition) -> Bill:
        """What each member pays when every block buys in its cheapest groups."""
        for mask in partition:
            if mask not in self._blocks:
                self._blocks[mask] = self._purchases.paid(self._draw, (mask,))
        return Bill(np.asarray(sum(self._blocks[mask] for mask in partition)))

    def alone(self) -> Bill:
        """Everyone buys apart."""
        return self.solve(alone_partition(len(self.members)))

    def together(self) -> Bill:
        """All may buy together."""
        return self.solve(together_partition(len(self.members)))

    def solved(self) -> tuple[Bill, ...]:
        """One of the solved partitions: all have one equilibrium."""
        return (self.alone(),)

    def status_counts(self) -> dict[str, int]:
        """Partitions by status of their equilibria."""
        return {"unique": 1}


def draw_results(
    purchases: Purchases, draws: Sequence[int], countries: tuple[str, ...]
) -> DrawResults[Extra]:
    """The draws of the purchases as every money case keeps its own."""
    n, k = len(purchases.members), len(draws)
    games = [BuyingGame(purchases, d) for d in draws]
    alone = np.array([g.alone().cost for g in games])
    together = np.array([g.together().cost for g in games])
    worths = purchases.worths[list(draws)]
    nobody, never = np.zeros((k, n)), np.zeros(k, dtype=np.int64)
    none = ("",) * n
    return DrawResults(
        worths_gamma=worths,
        worths_delta=worths,
        no_transfer_gain=alone - together,
        alone=alone,
        together=together,
        people_alone=nobody,
        people_together=nobody,
        blocs=np.array([g.solve(bloc_partition(countries)).cost for g in games]),
        choices_alone=never,
        choices=never,
        statuses=tuple(g.status_counts() for g in games),
        also=tuple(Extra(a, t, none, none, none, ()) for a, t in zip(alone, together, strict=True)),
    )


def row_of(
    settings: CaseSettings, purchases: Purchases, countries: tuple[str, ...], population: FloatArray
) -> CaseFinding:
    """The row of the matrix with its game; draw 0 is the base, the others are the draws."""
    draws = range(1, len(purchases.worths)) if len(purchases.worths) > 1 else range(1)
    played = PlayedMoney(
        settings,
        BuyingGame(purchases, 0),
        draw_results(purchases, draws, countries),
        countries,
        population,
    )
    return replace(case_finding(played, {}), per="year")
