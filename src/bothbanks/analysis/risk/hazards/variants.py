"""What measures change in a basin, and what comes out of a flood model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class BasinVariants:
    """``k`` variants of one basin, such as all subsets of the measures that touch it.

    Parameters
    ----------
    discharge_factor : (k, member), 1
        Factor on the relative discharge that reaches the member.
    stage_shift_m : (k, member), m
        Added to the water level; positive where a levee across the river raises it.
    protection_years : (k, member), years
        Design return period; NaN, or lower than the base, means the base.
    damage_factor : (k, member), 1
        Factor on the loss, as of flood-proofing or warning. People flooded are not changed by it.
    """

    discharge_factor: FloatArray
    stage_shift_m: FloatArray
    protection_years: FloatArray
    damage_factor: FloatArray

    def __post_init__(self) -> None:
        for name in _FIELDS:
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.float64))
        shapes = {n: getattr(self, n).shape for n in _FIELDS}
        if len(set(shapes.values())) != 1 or self.discharge_factor.ndim != 2:
            raise ShapeError(
                "flood.variants", f"expected four arrays (k, member) of one shape; got {shapes}."
            )
        for name in ("discharge_factor", "stage_shift_m", "damage_factor"):
            if not np.isfinite(getattr(self, name)).all():
                raise MissingValueError("flood.variants", f"{name} holds values that are not numbers.")
        if (self.discharge_factor <= 0).any() or (self.damage_factor < 0).any():
            raise RangeError(
                "flood.variants", "discharge factors must be above 0 and damage factors 0 or more."
            )
        if (self.protection_years <= 0).any():
            raise RangeError("flood.variants", "protection_years must be above 0, or NaN for the base.")

    @classmethod
    def base(cls, members: int) -> BasinVariants:
        """One variant in which nothing is changed."""
        one, zero = np.ones((1, members)), np.zeros((1, members))
        return cls(one, zero, np.full((1, members), np.nan), one)

    @property
    def count(self) -> int:
        """Number of variants, k."""
        return int(self.discharge_factor.shape[0])

    def check(self, members: int) -> None:
        """Raise ShapeError unless the variants are for this many members."""
        if self.discharge_factor.shape[1] != members:
            raise ShapeError(
                "flood.variants",
                f"variants are for {self.discharge_factor.shape[1]} members; the model has {members}.",
            )

    def one(self, member: int, variant: int = 0) -> tuple[float, float, float]:
        """Discharge factor, stage shift and protection of one variant (protection 0 for the base)."""
        years = self.protection_years[variant, member]
        return (
            float(self.discharge_factor[variant, member]),
            float(self.stage_shift_m[variant, member]),
            0.0 if np.isnan(years) else float(years),
        )

    def distinct(self, member: int) -> tuple[FloatArray, IntArray]:
        """Distinct (factor, shift, protection) of a member, (n, 3), and which of them each variant is
        (k,).
        """
        years = np.nan_to_num(self.protection_years[:, member], nan=0.0)
        rows = np.column_stack((self.discharge_factor[:, member], self.stage_shift_m[:, member], years))
        unique, back = np.unique(rows, axis=0, return_inverse=True)
        return unique, back.reshape(-1).astype(np.int64)


_FIELDS = ("discharge_factor", "stage_shift_m", "protection_years", "damage_factor")


@dataclass(frozen=True, eq=False)
class BasinDamage:
    """Expected annual damage: ``money`` (k, member, class) a year, ``people`` (k, member) flooded a year."""

    money: FloatArray
    people: FloatArray

    @property
    def by_member(self) -> FloatArray:
        """(k, member) money over all classes."""
        return np.asarray(self.money.sum(axis=2))


@dataclass(frozen=True, eq=False)
class PeriodDamage:
    """Damage by return period: ``money`` (period, basin, member, class), ``people`` (period, basin,
    member).
    """

    return_periods: FloatArray
    basins: tuple[str, ...]
    money: FloatArray
    people: FloatArray


@dataclass(frozen=True, eq=False)
class FloodScenario:
    """A named flood: ``q`` and its ``return_period`` (basin,), money (basin, member, class), people (basin,
    member).
    """

    basins: tuple[str, ...]
    q: FloatArray
    return_period: FloatArray
    money: FloatArray
    people: FloatArray


@dataclass(frozen=True, eq=False)
class DepthMap:
    """(cell,) mean depth in m on the wet part, and wet share; NaN where not modelled."""

    return_period: float
    depth_m: FloatArray
    wet_share: FloatArray
