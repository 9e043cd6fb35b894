"""What the hazard model answered, kept: yearly losses by basin and subset of the measures touching it.

The answers hold for any delay, discount rate, cost, own option and effect on damage; only a change
of what measures do to the water (discharge, stage, protection), or of the hazard itself, asks anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.blocks import (
    MAX_TOUCHING,
    DamageModel,
    subset_variants,
    touching_measures,
)
from bothbanks.analysis.measures.flood_case import FloodCase
from bothbanks.analysis.measures.measure import Draw, Measure
from bothbanks.analysis.risk.hazards.variants import BasinVariants
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class KeptBasin:
    """Yearly losses in one basin, before any effect on damage."""

    basin: str
    touching: tuple[int, ...]  # index of the measure of each bit of a subset
    variants: BasinVariants  # what the hazard model was asked
    money: FloatArray  # (subset, member, class), money a year
    people: FloatArray  # (subset, member), persons a year


@dataclass(frozen=True, eq=False)
class KeptLosses:
    """Yearly losses of all basins under one draw of the hazard."""

    members: tuple[str, ...]
    classes: tuple[str, ...]
    basins: tuple[KeptBasin, ...]

    def fits(self, measures: Sequence[Measure], draw: Draw) -> bool:
        """True if these measures, under this draw, do to the water what these losses were asked for.

        Parameters of the hazard itself are not looked at: keep one ``KeptLosses`` for each hazard draw.
        """
        for kept in self.basins:
            if touching_measures(kept.basin, measures) != kept.touching:
                return False
            asked = subset_variants(kept.basin, measures, kept.touching, self.members, draw)
            pairs = (
                (asked.discharge_factor, kept.variants.discharge_factor),
                (asked.stage_shift_m, kept.variants.stage_shift_m),
                (asked.protection_years, kept.variants.protection_years),
            )
            if not all(np.array_equal(a, b, equal_nan=True) for a, b in pairs):
                return False
        return True


def keep_losses(
    model: DamageModel,
    members: Sequence[str],
    measures: Sequence[Measure],
    basins: Sequence[str],
    draw: Draw,
    classes: Sequence[str] = (),
) -> KeptLosses:
    """Ask the hazard model once for every subset of the measures touching each basin.

    Parameters
    ----------
    measures : the shared ones.
    classes : names of the classes of damage, in the order of the hazard model; default '0', '1', ...

    Raises
    ------
    RangeError
        More than 10 measures touch a basin.
    ShapeError, MissingValueError
        Damage for another number of classes than is named; a loss that is missing.
    """
    out = []
    for basin in basins:
        touching = touching_measures(basin, measures)
        if len(touching) > MAX_TOUCHING:
            raise RangeError(
                "measures.basin-size",
                f"{len(touching)} measures touch basin '{basin}'; at most {MAX_TOUCHING} are tabulated. "
                "Split the basin into reaches, or join measures that are always built together",
            )
        variants = subset_variants(basin, measures, touching, members, draw)
        damage = model.annual_damage(draw, basin, variants)
        money = np.asarray(damage.money, dtype=np.float64)
        if classes and len(classes) != money.shape[2]:
            raise ShapeError(
                "measures.classes",
                f"basin '{basin}': damage for {money.shape[2]} classes, but {len(classes)} are named",
            )
        people = np.asarray(damage.people, dtype=np.float64)
        if not (np.isfinite(money).all() and np.isfinite(people).all()):
            raise MissingValueError(
                "measures.loss",
                f"basin '{basin}': a loss is missing or infinite; leave out what is not modelled",
            )
        out.append(KeptBasin(basin, touching, variants, money, people))
    names = tuple(classes) or tuple(str(c) for c in range(out[0].money.shape[2] if out else 0))
    return KeptLosses(tuple(members), names, tuple(out))


def keep_case_losses(case: FloodCase, draw: Draw) -> KeptLosses:
    """The same for a flood case."""
    s = case.settings
    return keep_losses(case.model, case.members, case.shared, case.basins, draw, s.classes)
