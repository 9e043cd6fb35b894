"""Parametric triggers and outcome grants: what an index or a measured value pays, and how well it fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Text = Mapping[str, str]


@dataclass(frozen=True)
class StepFinding:
    """A band of the index: its bounds (None: open), whether each is taken in, and what it pays.

    ``rate`` is the chance of a year whose index lies in the band, on the region's events; NaN where they
    don't say.
    """

    low: float | None
    low_in: bool
    high: float | None
    high_in: bool
    pay: float
    rate: float


@dataclass(frozen=True)
class PartFinding:
    """One gauge or box: what is looked at, what it pays, and how the region's events stand for it."""

    id: str
    place: str
    track: bool
    reduce: str  # max, min, sum
    step_hours: int
    span: int
    file: str
    steps: tuple[StepFinding, ...]  # empty where it pays in proportion
    attachment: float
    exhaustion: float
    events_as: str  # '', return-period, discharge, rain
    basin: str
    gauge: str
    duration_days: float


@dataclass(frozen=True, eq=False)
class BasisFinding:
    """Basis risk by member (arrays in the order of members), on losses after the measures chosen together.

    Chances are of a year; money is a mean a year. ``members`` tells who has a share; the others are NaN.
    """

    needed_years: float
    paid: FloatArray
    needed: FloatArray
    paid_not_needed: FloatArray
    needed_not_paid: FloatArray
    mean_paid: FloatArray
    mean_needed: FloatArray
    excess: FloatArray
    shortfall: FloatArray
    correlation: FloatArray


@dataclass(frozen=True)
class AttachmentFinding:
    """The same limit paid whole from an index of once in so many years on: sums and means over members.

    Chances are the mean over members with a share, weighted with the share.
    """

    years: float
    index: float
    mean_paid: float
    paid_not_needed: float
    needed_not_paid: float
    shortfall: float


@dataclass(frozen=True, eq=False)
class TriggerFinding:
    """A trigger in all that a page says of it."""

    id: str
    name: Text
    about: Text
    unit: str
    limit: float
    shares: Mapping[str, float]
    start: str  # ISO days
    end: str
    waits_for: str  # final, any
    article: str
    assumed: bool
    parts: tuple[PartFinding, ...]
    basis: BasisFinding | None
    attachments: tuple[AttachmentFinding, ...]


@dataclass(frozen=True)
class ForecastFinding:
    """Expected payout, with the 5 and 95 % points over periods (NaN: only a mean is known).

    ``together`` follows what is built together, ``alone`` what happens with nothing done together: the
    part that luck alone would pay.
    """

    basis: str  # flood-loss, people-affected
    years: int
    measured_alone: float
    measured_together: float
    together: float
    together_low: float
    together_high: float
    alone: float
    alone_low: float
    alone_high: float


@dataclass(frozen=True)
class GrantFinding:
    """An outcome grant in all that a page says of it."""

    id: str
    name: Text
    about: Text
    funder: Text
    indicator: str
    unit: str
    better: str  # lower, higher
    aggregate: str
    start: str
    end: str
    least_count: int
    verifier: str
    baseline: float  # NaN where it is open and nothing models it
    baseline_open: bool
    formula: str  # linear, progressive, steps
    rows: tuple[tuple[float, float], ...]  # (from, price) or (at least, amount); linear: one row from 0
    floor: float
    cap: float
    shares: Mapping[str, float]
    file_days: int
    panel_size: int
    dispute_cap: float
    file: str
    assumed: bool
    forecast: ForecastFinding | None


@dataclass(frozen=True)
class OutcomeFinding:
    """The region's triggers and outcome grants."""

    triggers: tuple[TriggerFinding, ...]
    grants: tuple[GrantFinding, ...]
