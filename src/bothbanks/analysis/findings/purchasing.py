"""Buying together: prices, thresholds and savings of joint against separate purchases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings.appraisal import CaseFinding, Interval, Text

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Procedure:
    """What the law asks of a contract, and how long that takes at the least."""

    rules: str  # code of the rules: 'BE', 'DE-NW'
    regime: str  # 'direct', 'several-offers', 'national-open', 'union-open', 'unknown'
    value: float  # of the whole contract, without tax
    days: int | None  # notice and waiting before signing; None where no time is on file


@dataclass(frozen=True)
class BuyingGroup:
    """Members that buy one good as one."""

    members: tuple[str, ...]
    lead: str
    unit_price: float
    procedure: Procedure
    cost: float  # a year


@dataclass(frozen=True)
class GoodFinding:
    """One good bought apart and together; money a year."""

    id: str
    name: Text
    unit: Text
    kind: str  # 'goods', 'services' or 'works'
    contract_years: int
    measure: str  # 'case.measure' that pays for it, '' = none
    every_member: bool  # bought by all, also where the appraisal doesn't choose the measure
    quantity: FloatArray  # (member,) units a year
    unit_price_alone: FloatArray  # (member,); NaN where it doesn't buy
    alone: FloatArray  # (member,)
    together: FloatArray  # (member,) before any payment between members
    procedures: tuple[Procedure | None, ...]  # (member,) alone; None where it doesn't buy
    groups: tuple[BuyingGroup, ...]  # as bought together; a group of one buys by itself
    saving: Interval
    joint_draws: float  # share of draws in which some members buy it as one
    volume: FloatArray  # (point,) units a year
    price: FloatArray  # (point,) at the base values
    price_low: FloatArray  # (point,) 5 % point of the draws, all starting at the same price
    price_high: FloatArray

    @property
    def joint(self) -> bool:
        """True where at least two members buy it as one."""
        return any(len(g.members) > 1 for g in self.groups)


@dataclass(frozen=True)
class Moved:
    """The saving a year with one number at each end of its range, all others at the base."""

    parameter: str
    low: float
    high: float
    saving_low: float
    saving_high: float

    @property
    def swing(self) -> float:
        """How far the saving moves from one end to the other."""
        return abs(self.saving_high - self.saving_low)


@dataclass(frozen=True)
class RuleStep:
    """One band of values in one country's procurement rules."""

    rules: str
    kind: str
    above: float
    below: float  # infinite in the last
    procedure: str
    days: int | None
    mark: str  # 'seen', 'inferred', 'unknown'
    source: str
    time_source: str


@dataclass(frozen=True)
class PurchasingFinding:
    """Buying together: its row of the matrix with its game, each good, the rules, what moves it."""

    case: CaseFinding  # per year; alone = bought apart
    opens: str  # day the tenders open, ISO 8601
    goods: tuple[GoodFinding, ...]
    shares_minor: Mapping[str, tuple[int, ...]]  # rule -> (member,) whole minor units, adding up
    total_minor: int
    saved_draws: float  # share of draws in which anything is saved
    agreement_days: float  # days to agree and translate before a joint notice
    moved: tuple[Moved, ...]  # the largest swing first
    steps: tuple[RuleStep, ...]
    currencies: tuple[str, ...]  # of the members, each once
