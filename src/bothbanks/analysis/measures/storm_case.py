"""Windstorm as a shared problem: each member's own options, and no joint measure.

Nothing that one member does changes the wind over another, and no joint technology is known to
us for it, so together equals alone and the joint gain is zero. That is a finding, not a gap:
the row stands in the matrix as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.case import Outcomes
from bothbanks.analysis.cooperation.partition import Partition
from bothbanks.analysis.measures.blocks import BasinTable, GameTables, own_option
from bothbanks.analysis.measures.flood_case import Scale
from bothbanks.analysis.measures.measure import Draw, Measure, check_measures
from bothbanks.analysis.measures.money_case import MoneyCase
from bothbanks.analysis.measures.presentvalue import annuity_factor
from bothbanks.words.errors import InputError, ShapeError

FloatArray = NDArray[np.float64]

EVERYWHERE = "everywhere"


class StormCase(MoneyCase):
    """The storm game of a region.

    Parameters
    ----------
    annual_damage : draw -> (member, class), money a year; (member,) where there is one class
    scales : own measure -> (draw -> (member,)) quantity its unit cost is multiplied by
    """

    kind = "storm"

    def __init__(
        self,
        id: str,
        members: Sequence[str],
        measures: Sequence[Measure],
        annual_damage: Callable[[Draw], FloatArray],
        classes: Sequence[str],
        horizon_years: int,
        unit: str = "EUR",
        discount_rate: str = "region.discount_rate",
        scales: dict[str, Scale] | None = None,
    ) -> None:
        """Check the measures. Raises InputError for one that is not a member's own."""
        super().__init__(id, unit, tuple(members))
        check_measures(measures, members, (EVERYWHERE,))
        shared = [m.id for m in measures if not m.own]
        if shared:
            raise InputError(
                "measures.storm",
                f"measures {', '.join(shared)} are shared, but a storm case knows only members' own measures",
            )
        self.measures = tuple(measures)
        self.annual_damage = annual_damage
        self.classes = tuple(classes)
        self.horizon_years = horizon_years
        self.discount_rate = discount_rate
        self.scales = dict(scales or {})

    def outcomes(self, partition: Partition, draw: Draw) -> Outcomes:
        """Cost by member; people affected by wind are not modelled, so nothing is said of them."""
        return Outcomes(cost=self.game(draw).solve(partition).cost)

    def tables(self, draw: Draw) -> GameTables:
        """Tables of the game under one draw: no moves, own options only."""
        n, rate = len(self.members), float(draw[self.discount_rate])
        annual = np.asarray(self.annual_damage(draw), dtype=np.float64)
        if annual.ndim == 1:
            annual = annual[:, None]
        if annual.shape != (n, len(self.classes)):
            raise ShapeError(
                "measures.storm", f"damage of shape {annual.shape}; needed is {(n, len(self.classes))}"
            )
        by_class = (annual * annuity_factor(rate, self.horizon_years))[None]
        basin = BasinTable(EVERYWHERE, (), by_class.sum(axis=2), np.zeros((1, n)), by_class)
        options = tuple(
            own_option(
                m,
                self.members,
                (EVERYWHERE,),
                draw,
                self.horizon_years,
                rate,
                self.scales[m.id](draw) if m.id in self.scales else None,
                self.classes,
            )
            for m in self.measures
        )
        return GameTables(self.members, (), (), np.zeros((0, n)), (basin,), options, classes=self.classes)
