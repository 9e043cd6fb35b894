"""A flood hazard that remembers basins whose numbers have not changed.

Moving one assumption of one river leaves all other rivers as they were; asking each only once makes the
one-at-a-time run several times faster, and changes no figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bothbanks.analysis.measures.flood_case import FloodCase
from bothbanks.analysis.risk.hazards.variants import BasinDamage


class RememberedHazard:
    """``annual_damage`` of another hazard, kept by basin, variants and the numbers that can matter to it."""

    def __init__(self, hazard: Any, case: str) -> None:
        self.hazard = hazard
        self.case = case
        self.basins = hazard.basins
        self._kept: dict[Any, BasinDamage] = {}

    def annual_damage(self, draw: Mapping[str, float], basin: str, variants: Any, /) -> BasinDamage:
        """See ``FloodModel.annual_damage``."""
        own, others = f"{self.case}.basin.{basin}.", f"{self.case}.basin."
        skip = (
            f"{self.case}.measure.",
            f"{self.case}.event.",
            f"{self.case}.warning_",
            f"{self.case}.copula_",
        )
        numbers = tuple(
            (k, v)
            for k, v in draw.items()
            if k.startswith(f"{self.case}.")
            and (k.startswith(own) or not k.startswith(others))
            and not k.startswith(skip)
        )
        arrays = (
            variants.discharge_factor,
            variants.stage_shift_m,
            variants.protection_years,
            variants.damage_factor,
        )
        key = (basin, numbers, tuple(a.tobytes() for a in arrays))
        if key not in self._kept:
            self._kept[key] = self.hazard.annual_damage(draw, basin, variants)
        return self._kept[key]


def remembering(case: FloodCase) -> FloodCase:
    """The same game on a hazard that remembers."""
    hazard = RememberedHazard(case.model, case.id)
    return FloodCase(case.id, case.members, case.basins, (*case.shared, *case.own), hazard, case.settings)
