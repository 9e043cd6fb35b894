"""River flood as a shared problem: shared measures, own options, and a joint warning.

Shared measures (retention, levees, walls, room for the river) are the moves of the game. Own
measures are folded into each member's loss. Measures of kind 'warning' are not moves either:
they are the joint technology described by a ``WarningSpec``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.blocks import (
    DamageModel,
    GameTables,
    JointWarning,
    OwnOption,
    flood_tables,
    own_option,
)
from bothbanks.analysis.measures.measure import Draw, Measure, check_measures, cost_flow
from bothbanks.analysis.measures.money_case import MoneyCase
from bothbanks.words.errors import InputError, RangeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Scale = Callable[[Draw], FloatArray]

WARNING = "warning"


@dataclass(frozen=True)
class WarningSpec:
    """Early warning: what it does and costs alone and jointly. Numbers are parameter ids.

    ``measure`` gives building years, lifetime and upkeep (a share of capital) of both systems;
    the capital is ``alone_cost`` for each member that runs its own, and ``joint_cost`` once for
    each block that runs a joint one, whatever its size, plus ``joint_user_cost`` for each user.
    Each block with a joint system pays for a system of its own.
    """

    measure: Measure
    alone_factor: str
    joint_factor: str
    alone_cost: str
    joint_cost: str
    helps: BoolArray  # (basin, member, other): the other lies upstream in the basin, or shares it
    joint_user_cost: str = ""  # '' = nothing

    def resolve(self, draw: Draw, members: int, horizon_years: int, rate: float) -> JointWarning:
        """The technology under one draw. Raises RangeError for a factor above 1 or below 0."""
        for name in (self.alone_factor, self.joint_factor):
            if not 0.0 <= draw[name] <= 1.0:
                raise RangeError(
                    "measures.warning", f"'{name}' is {draw[name]}; a warning leaves 0 to 1 of the loss"
                )
        share = draw[self.measure.upkeep] if self.measure.upkeep else 0.0

        def present(cost: str) -> float:
            return cost_flow(self.measure, draw[cost], share, horizon_years).present(rate) if cost else 0.0

        return JointWarning(
            alone_factor=draw[self.alone_factor],
            joint_factor=draw[self.joint_factor],
            alone_cost=np.full(members, present(self.alone_cost)),
            joint_cost=np.full(members, present(self.joint_user_cost)),
            joint_fixed=present(self.joint_cost),
            helps=self.helps,
        )


@dataclass(frozen=True)
class FloodSettings:
    """What the flood game is played with, besides the hazard model."""

    horizon_years: int
    classes: tuple[str, ...]
    unit: str = "EUR"
    discount_rate: str = "region.discount_rate"  # parameter id
    warning: WarningSpec | None = None
    scales: Mapping[str, Scale] = field(default_factory=dict)  # own measure -> quantity by member


class FloodCase(MoneyCase):
    """The flood game of a region; see ``MoneyCase`` for what it answers."""

    kind = "flood"

    def __init__(
        self,
        id: str,
        members: Sequence[str],
        basins: Sequence[str],
        measures: Sequence[Measure],
        model: DamageModel,
        settings: FloodSettings,
    ) -> None:
        """Check the measures and keep what the tables need.

        Raises
        ------
        InputError
            Measures that can't be used (all listed), or a warning measure without its ``WarningSpec``.
        """
        super().__init__(id, settings.unit, tuple(members))
        check_measures(measures, members, basins)
        warnings = [m.id for m in measures if m.kind == WARNING]
        if warnings and settings.warning is None:
            raise InputError(
                "measures.warning",
                f"measures {', '.join(warnings)} are of kind 'warning', but nothing says what a joint "
                "system does; give a WarningSpec",
            )
        self.basins = tuple(basins)
        self.shared = tuple(m for m in measures if not m.own and m.kind != WARNING)
        self.own = tuple(m for m in measures if m.own)
        self.model = model
        self.settings = settings

    def rate(self, draw: Draw) -> float:
        """The real discount rate of the draw."""
        return float(draw[self.settings.discount_rate])

    def tables(self, draw: Draw) -> GameTables:
        """Tables of the game under one draw."""
        s, rate = self.settings, self.rate(draw)
        return flood_tables(
            self.model,
            self.members,
            self.shared,
            self.basins,
            draw,
            s.horizon_years,
            rate,
            options=self.options(draw, rate),
            warning=s.warning.resolve(draw, len(self.members), s.horizon_years, rate) if s.warning else None,
            classes=s.classes,
        )

    def options(self, draw: Draw, rate: float) -> tuple[OwnOption, ...]:
        """Own measures as options of each member."""
        s = self.settings
        return tuple(
            own_option(
                m,
                self.members,
                self.basins,
                draw,
                s.horizon_years,
                rate,
                s.scales[m.id](draw) if m.id in s.scales else None,
                s.classes,
            )
            for m in self.own
        )
