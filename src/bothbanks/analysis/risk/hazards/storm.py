"""Windstorm: real footprints scaled to a stated frequency of the regional gust.

Each year has one worst storm. Its strength V is the gust averaged over the people of the region, Gumbel
distributed (``storm.gust_location``, ``storm.gust_scale``); its pattern is that of a footprint, divided by
the footprint's own people-mean gust. Footprints are equally likely. Damage is value x share
lost by Schwierz et al. 2010 (``analysis.risk.curves``), with ``storm.vulnerability_factor`` on both parts of
that curve, the share of assets affected and their mean damage, as in Welker et al. 2021 (1.332518).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.risk.curves import WELKER_FACTOR, Curve, schwierz_storm_curve
from bothbanks.analysis.risk.eventset import EventSet, EventTable
from bothbanks.analysis.risk.exposure import Column, Exposure
from bothbanks.analysis.risk.hazards.flood import frequency_nodes
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate, Draw, optional, required
from bothbanks.words.errors import RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HAZARD = "storm"
NO_DAMAGE_BELOW_M_S = 20.0
"""The curve is zero up to this gust (its second knot), so weaker hits are left out of event sets."""
PLACE_M_S = 0.2
"""Cells whose gusts agree this closely in every footprint are one place of the event set."""


@dataclass(frozen=True, eq=False)
class StormInputs:
    """Footprints and people.

    Parameters
    ----------
    members, municipalities, storms : names
    gust : (storm, cell) m/s, NaN outside the footprint ('not modelled')
    record_cell, record_member, record_municipality : (record,) indices
    record_population : (record,) persons
    """

    members: tuple[str, ...]
    municipalities: tuple[str, ...]
    storms: tuple[str, ...]
    gust: FloatArray
    record_cell: IntArray
    record_member: IntArray
    record_municipality: IntArray
    record_population: FloatArray

    def __post_init__(self) -> None:
        size = np.shape(self.record_population)
        for name in ("record_cell", "record_member", "record_municipality"):
            if np.shape(getattr(self, name)) != size:
                raise ShapeError(
                    "storm.inputs", f"{name} has shape {np.shape(getattr(self, name))}; expected {size}."
                )
        if self.gust.ndim != 2 or self.gust.shape[0] != len(self.storms) or not self.storms:
            raise ShapeError(
                "storm.inputs", f"gust has shape {self.gust.shape} for {len(self.storms)} storms."
            )
        if (self.gust < 0).any():
            raise RangeError("storm.inputs", "gusts must be 0 m/s or more.")
        if not np.any(np.where(self.covered, self.record_population, 0.0) > 0):
            raise RangeError(
                "storm.inputs", "no people lie under the footprints; check cells and coordinates."
            )

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(record,) whether all footprints reach the record's cell."""
        whole = np.asarray(np.isfinite(self.gust).all(axis=0))
        return np.asarray(whole[self.record_cell])

    def people_not_modelled(self) -> FloatArray:
        """(member,) people outside the footprints."""
        out = ~self.covered
        return np.asarray(
            np.bincount(self.record_member[out], self.record_population[out], len(self.members)),
            dtype=np.float64,
        )

    @property
    def pattern(self) -> FloatArray:
        """(storm, cell) gust over the people-mean gust of the storm; NaN outside."""
        people = np.where(self.covered, self.record_population, 0.0)
        gust = np.nan_to_num(self.gust[:, self.record_cell])
        return np.asarray(self.gust / (gust @ people / people.sum())[:, None])

    @property
    def mean_gust(self) -> FloatArray:
        """(storm,) gust averaged over the people, m/s."""
        people = np.where(self.covered, self.record_population, 0.0)
        return np.asarray(np.nan_to_num(self.gust[:, self.record_cell]) @ people / people.sum())

    @classmethod
    def from_tables(
        cls, cells: Mapping[str, Any], storm_gusts: Mapping[str, Any], *, members: Sequence[str]
    ) -> StormInputs:
        """From harmonised ``cells`` and ``storm_gusts``; a cell given twice for a storm takes the mean."""
        name = np.asarray(cells["cell"]).astype(str)
        ids, cell = np.unique(name, return_inverse=True)
        towns, town = np.unique(np.asarray(cells["municipality"]).astype(str), return_inverse=True)
        order = {m: i for i, m in enumerate(members)}
        owner = np.asarray(cells["member"]).astype(str)
        unknown = sorted(set(owner.tolist()) - set(order))
        if unknown:
            raise RangeError(
                "storm.inputs", f"cells name members that the region doesn't have: {', '.join(unknown)}."
            )
        storms, storm = np.unique(np.asarray(storm_gusts["storm"]).astype(str), return_inverse=True)
        where = np.asarray(storm_gusts["cell"]).astype(str)
        at = np.clip(np.searchsorted(ids, where), 0, max(ids.size - 1, 0))
        here = ids[at] == where
        key = (storm * ids.size + at)[here]
        total = np.bincount(
            key, np.asarray(storm_gusts["gust"], dtype=np.float64)[here], storms.size * ids.size
        )
        count = np.bincount(key, minlength=total.size)
        gust = np.divide(total, count, out=np.full(total.size, np.nan), where=count > 0)
        return cls(
            tuple(members), tuple(str(t) for t in towns), tuple(str(s) for s in storms),
            gust.reshape(storms.size, ids.size), cell, np.array([order[m] for m in owner], dtype=np.int64),
            town, np.asarray(cells["population"], dtype=np.float64),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class StormEvents:
    """A storm catalogue: events, money exposure (columns member, municipality, class), its curve, V by
    event.
    """

    events: EventSet
    exposure: Exposure
    curves: tuple[Curve, ...]
    gust_m_s: FloatArray


@dataclass(frozen=True, eq=False)
class StormModel:
    """Storm damage by member."""

    inputs: StormInputs

    def gust(self, draw: Draw, return_period: ArrayLike, climate: Climate = TODAY) -> FloatArray:
        """Regional gust V in m/s by return period in years."""
        t = np.asarray(return_period, dtype=np.float64)
        scale = required(draw, "storm.gust_scale")
        if not scale > 0:
            raise RangeError("storm.gust-scale", f"gust_scale is {scale:g} m/s; expected above 0.")
        reduced = -np.log(-np.log1p(-1.0 / t))
        return np.asarray((required(draw, "storm.gust_location") + scale * reduced) * climate.gust_factor)

    def damage_at(self, draw: Draw, gust_m_s: ArrayLike, storm: int) -> FloatArray:
        """(gust, member) damage when a footprint comes with regional gusts V (gust,)."""
        i = self.inputs
        v = np.atleast_1d(np.asarray(gust_m_s, dtype=np.float64))
        use = np.flatnonzero(i.covered & (i.record_population > 0))
        relative, back = np.unique(i.pattern[storm, i.record_cell[use]], return_inverse=True)
        people = np.zeros((len(i.members), relative.size))
        np.add.at(people, (i.record_member[use], back), i.record_population[use])
        share = self._curve(draw)(v[:, None] * relative)
        return np.asarray(share @ people.T * required(draw, "storm.value_per_head"))

    def footprint_damage(self, draw: Draw) -> FloatArray:
        """(storm, member) damage of each real footprint as it was."""
        each = [self.damage_at(draw, g, s)[0] for s, g in enumerate(self.inputs.mean_gust)]
        return np.stack(each)

    def annual_damage(
        self, draw: Draw, damage_factor: ArrayLike | None = None, climate: Climate = TODAY
    ) -> FloatArray:
        """(k, member) expected annual damage; ``damage_factor`` (k, member) is what roof anchoring leaves."""
        periods, chance = frequency_nodes()
        v = self.gust(draw, periods, climate)
        parts = [chance @ self.damage_at(draw, v, s) for s in range(len(self.inputs.storms))]
        return np.asarray(np.mean(parts, axis=0) * self._factors(damage_factor))

    def return_period_damage(
        self, draw: Draw, return_periods: ArrayLike, climate: Climate = TODAY
    ) -> FloatArray:
        """(period, member) damage at regional gusts of given return periods, mean over the footprints."""
        v = self.gust(draw, np.atleast_1d(np.asarray(return_periods, dtype=np.float64)), climate)
        return np.asarray(
            np.mean([self.damage_at(draw, v, s) for s in range(len(self.inputs.storms))], axis=0)
        )

    def event_set(
        self, draw: Draw, years: int, rng: np.random.Generator, damage_factor: ArrayLike | None = None,
        climate: Climate = TODAY, scenario: str = "today",
    ) -> StormEvents:  # fmt: skip
        """``years`` equally likely years, each with its worst storm.

        V takes the quantiles (i + 1/2) / years, each once (stratified), in random order; the footprint is
        drawn. ``damage_factor`` (1, member) lowers the exposure.
        """
        i = self.inputs
        place_of_cell, pattern = self._places()
        u = (np.arange(years) + 0.5) / years
        v = rng.permutation(self.gust(draw, 1.0 / (1.0 - u), climate))
        kind = rng.integers(0, len(i.storms), years)
        gust = pattern[kind] * v[:, None]
        event, place = np.nonzero(gust > NO_DAMAGE_BELOW_M_S)
        digits = len(str(years))
        table = EventTable(
            [f"storm-{n + 1:0{digits}d}" for n in range(years)], np.full(years, 1.0 / years), [HAZARD] *
            years, ["weather"] * years, [scenario] * years, {HAZARD: "m/s"}, "annual-maxima",
        )  # fmt: skip
        start = np.searchsorted(event, np.arange(years + 1))
        events = EventSet(table, pattern.shape[1], start, place.astype(np.uint32), gust[event, place])
        return StormEvents(
            events, self._exposure(draw, damage_factor, place_of_cell), (self._curve(draw),), v
        )

    def _places(self) -> tuple[IntArray, FloatArray]:
        """Place of each cell, and (storm, place) relative gust.

        Cells whose gusts agree within ``PLACE_M_S`` in every footprint share a place, with the people-mean
        of their patterns; uncovered cells go to a place of their own that nothing is exposed at.
        """
        i = self.inputs
        steps = np.floor(np.nan_to_num(i.gust, nan=-1.0) / PLACE_M_S).astype(np.int64)
        _, place = np.unique(steps.T, axis=0, return_inverse=True)
        place = np.asarray(place).reshape(-1).astype(np.int64)
        people = np.where(i.covered, i.record_population, 0.0)
        weight = np.bincount(i.record_cell, people, i.gust.shape[1]) + 1e-9
        total = np.bincount(place, weight)
        pattern = np.nan_to_num(i.pattern)
        return place, np.stack([np.bincount(place, weight * row) / total for row in pattern])

    def _exposure(self, draw: Draw, damage_factor: ArrayLike | None, place_of_cell: IntArray) -> Exposure:
        i = self.inputs
        use = np.flatnonzero(i.covered & (i.record_population > 0))
        factor = self._factors(damage_factor)[0, i.record_member[use]]
        columns = {
            "member": Column(i.record_member[use].astype(np.int32), i.members),
            "municipality": Column(i.record_municipality[use].astype(np.int32), i.municipalities),
            "class": Column(np.zeros(use.size, dtype=np.int32), ("buildings",)),
        }
        value = i.record_population[use] * required(draw, "storm.value_per_head") * factor
        return Exposure(
            value, place_of_cell[i.record_cell[use]], {HAZARD: np.zeros(use.size, dtype=np.int32)}, columns
        )

    def _factors(self, damage_factor: ArrayLike | None) -> FloatArray:
        members = len(self.inputs.members)
        factor = (
            np.ones((1, members)) if damage_factor is None else np.asarray(damage_factor, dtype=np.float64)
        )
        if factor.ndim != 2 or factor.shape[1] != members:
            raise ShapeError(
                "storm.variants", f"damage_factor has shape {factor.shape}; expected (k, {members})."
            )
        if not (factor >= 0).all():
            raise RangeError("storm.variants", "damage factors must be 0 or more.")
        return factor

    def _curve(self, draw: Draw) -> Curve:
        factor = optional(draw, "storm.vulnerability_factor", WELKER_FACTOR)
        if not factor >= 0:
            raise RangeError(
                "storm.vulnerability", f"vulnerability_factor is {factor:g}; expected 0 or more."
            )
        return schwierz_storm_curve(factor=factor)
