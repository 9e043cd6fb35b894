"""The shared problems: each member alone and together, the division, and how it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.parameters import Parameter

if TYPE_CHECKING:
    from bothbanks.analysis.findings.funding import FundingFinding
    from bothbanks.analysis.findings.outcome import OutcomeFinding
    from bothbanks.analysis.findings.procurement import ProcurementFinding
    from bothbanks.analysis.findings.programme import ProgrammeFinding
    from bothbanks.analysis.findings.purchasing import PurchasingFinding
    from bothbanks.analysis.findings.reserve import ReserveFinding

FloatArray = NDArray[np.float64]
Text = Mapping[str, str]


@dataclass(frozen=True)
class Interval:
    """Central value with the 5 and 95 % points of the draws."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RegionInfo:
    """The region and the settings the whole appraisal was run with."""

    id: str
    name: Text
    about: Text
    languages: tuple[str, ...]
    currency: str
    price_year: int
    horizon_years: int
    discount_rate: Parameter
    crs: str
    height_datum: str
    seed: int
    draws: int
    version: str
    inputs_sha256: str
    demonstration: Text  # what this region's data can bear, said on the first page ('' if nothing)


@dataclass(frozen=True)
class MemberInfo:
    """One member as the report names it."""

    id: str
    name: Text
    country: str  # ISO 3166-1 alpha-2
    currency: str
    languages: tuple[str, ...]
    population: int
    municipalities: int
    fiscal_year_start: str  # MM-DD


@dataclass(frozen=True)
class Objection:
    """The coalition with the strongest reason to leave, and what it would gain by it."""

    coalition: tuple[str, ...]
    gain: float  # <= 0: nobody gains by leaving


@dataclass(frozen=True)
class RuleFinding:
    """One way to divide the gain."""

    rule: str  # shapley, nucleolus, equal, benefit, population, ability
    shares: FloatArray  # (member,) of the gain
    payments: FloatArray  # (member,) positive = receives; adds up to 0
    in_core_gamma: bool
    in_core_delta: bool
    objection_gamma: Objection
    objection_delta: Objection
    share_low: FloatArray  # (member,) 5 % point over the draws, recomputed in each
    share_high: FloatArray
    draws_in_core_gamma: float  # share of draws, recomputed
    draws_in_core_delta: float
    draws_in_core_fixed_gamma: float  # share of draws, base-case payments held fixed
    draws_in_core_fixed_delta: float


@dataclass(frozen=True)
class ThreeViews:
    """The same gain seen as members, as country blocs, and with countries as players."""

    total_gain: Interval
    gain_within_countries: Mapping[str, float]  # country -> gain it reaches alone as one bloc
    cross_border_gain: Interval
    country_shares: Mapping[str, float]  # Shapley value of the game of countries
    country_in_core: bool


@dataclass(frozen=True)
class GameFinding:
    """The cooperative game of a money case: division, stability, who loses unless paid."""

    worth_gamma: FloatArray  # (2**members,), mask order
    worth_delta: FloatArray
    no_transfer_gain: FloatArray  # (member,) gain together if nobody pays anybody
    loses_without_payment: FloatArray  # (member,) share of draws
    rules: tuple[RuleFinding, ...]
    views: ThreeViews
    core_empty: bool
    least_core_epsilon: float
    draws_core_empty: float
    convexity_violations: float  # share of pairs
    equilibria: Mapping[str, int]  # 'alone', 'together', 'most', 'none': counts over partitions


@dataclass(frozen=True)
class CaseFinding:
    """One shared problem: each member alone and together. Less is better."""

    id: str
    kind: str
    name: Text
    unit: str  # 'EUR' (or another currency) or e.g. 'deaths/year'
    per: str  # 'horizon' (present value) or 'year'
    money: bool
    modelled: Text  # words shown where the hazard is modelled and not official ('' if official)
    alone: FloatArray  # (member,)
    together: FloatArray
    alone_low: FloatArray
    alone_high: FloatArray
    together_low: FloatArray
    together_high: FloatArray
    total_alone: Interval
    total_together: Interval
    game: GameFinding | None  # None where the unit can't be paid over
    # Cases that are not about money: yearly cost 'alone' and 'together', (member,) each.
    running_cost: Mapping[str, FloatArray] = field(default_factory=dict)
    physical: Mapping[str, Mapping[str, FloatArray]] = field(default_factory=dict)
    # quantity ('people_affected', 'deaths', ...) -> {'alone','together'} -> (member,) per year
    not_modelled: Mapping[str, int] = field(default_factory=dict)  # member -> people outside the hazard data


@dataclass(frozen=True)
class MeasureFinding:
    """One measure, what it costs, who decides it, whom it helps and hurts."""

    id: str
    case: str
    kind: str
    name: Text
    # Members who must all agree; without any, and without an outside holder, each decides for itself.
    holders: tuple[str, ...]
    holders_source: str
    outside_holder: str  # '' or the name of a holder who is not a member
    cost: Parameter  # capital, region currency
    cost_by_year: FloatArray  # (horizon,) capital
    upkeep_by_year: FloatArray  # (horizon,)
    lifetime_years: int
    present_cost: float
    # (member,) loss avoided if added to 'alone', negative = harm: present value, or deaths a year for heat.
    effect_on_member: FloatArray
    chosen_alone: bool
    chosen_together: bool
    chosen_together_draws: float  # share of draws
    assumed: tuple[str, ...]  # ids of its assumed parameters


@dataclass(frozen=True)
class BreakEven:
    """The value of one assumption at which a deal dies. None: it survives the whole range."""

    parameter: str
    base: float
    low: float
    high: float
    unit: str
    value: float | None


@dataclass(frozen=True)
class DealSheet:
    """One page for one real pair or group: who hosts, who gains, what would be paid."""

    id: str
    name: Text
    measures: tuple[str, ...]
    hosts: tuple[str, ...]
    beneficiaries: tuple[str, ...]
    host_cost: Mapping[str, float]  # present value the host carries without payment, after its own benefit
    least_accepted: Interval  # present value: the least the hosts accept
    most_paid: Interval  # the most the beneficiaries would pay
    payment: float  # proposed, half way unless the case says otherwise
    payment_by_year: Mapping[str, FloatArray]  # member -> (horizon,), positive = receives
    survives_draws: float  # share of draws in which most_paid >= least_accepted
    break_even: tuple[BreakEven, ...]
    article: Text  # draft article


@dataclass(frozen=True)
class BudgetSplit:
    """Who really has the money: a member's share in budget cash and in benefit to others."""

    member: str
    budget_cost: float  # present value the council itself pays (measures and payments)
    households: float
    firms: float
    public_works: float
    payment_per_year: float
    payable: bool
    reason: str


@dataclass(frozen=True)
class Column:
    """A column of a table: its kind decides how a page formats it."""

    id: str
    kind: str = "text"  # text, member, number, integer, money, share, depth, year
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """A small table for a page and for a file of the same name."""

    id: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    source: str = ""


@dataclass(frozen=True)
class MapLayer:
    """Cells of one map: one value a cell, NaN = not modelled (drawn hatched, never as zero)."""

    id: str
    case: str
    unit: str
    values: FloatArray  # (cell,) in the order of MapBase.cell_*
    breaks: tuple[float, ...]  # class limits, the same on both banks
    ramp: str  # 'water', 'heat', 'wind', 'people', 'difference'
    note: Text = field(default_factory=dict)
    zero_is_blank: bool = True


@dataclass(frozen=True)
class MapBase:
    """What every map is drawn on; coordinates in metres of the region's CRS."""

    crs: str
    cell_size_m: float
    cell_x: FloatArray  # (cell,) lower left corner
    cell_y: FloatArray
    cell_member: NDArray[np.int64]  # (cell,) index into members
    cell_municipality: tuple[str, ...]
    population: FloatArray  # (cell,)
    outlines: Mapping[str, Any]  # member id -> shapely geometry
    country_border: Any  # shapely line work between countries
    rivers: tuple[tuple[str, float, Any], ...]  # name or '', upstream area km2, shapely line
    places: tuple[tuple[Text, float, float, float], ...]  # name, x, y, population


@dataclass(frozen=True)
class SeamKilometre:
    """Disagreement of two sides' hazard along one kilometre of border."""

    pair: tuple[str, str]  # member ids
    kilometre: int
    x: float
    y: float
    cell_pairs: int
    depth_difference_m: float  # mean of |depth a - depth b| over the pairs
    extent_disagreement: float  # share of pairs with water on one side only
    return_period_ratio: float  # how many times rarer one side calls the same depth; NaN if not comparable
    score: float


@dataclass(frozen=True)
class FileCount:
    """Used + refused = read, for each file; with licence and hash."""

    file: str
    kind: str
    member: str
    read: int
    used: int
    refused: int
    sha256: str
    licence: str
    attribution: str
    modelled: bool
    reexpressed_from: str


@dataclass(frozen=True)
class Sensitivity:
    """How much each parameter moves one output."""

    output: str
    parameters: tuple[str, ...]  # most important first
    index: tuple[float, ...]
    noise: float  # index a parameter without influence would get
    method: str


@dataclass(frozen=True)
class DataRequest:
    """A figure some owner could supply, ranked by how likely it changes the decision."""

    parameter: str
    owner: str
    why: str  # code of the reason, worded by the pages: 'assumed', 'not-modelled', 'calibrated', 'range'
    influence: float
    changes_decision: float  # share of draws in which the choice of measures differs from the base
    cases: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """Loss exceedance curve, region and members."""

    case: str
    variant: str  # 'alone' or 'together'
    return_period_years: FloatArray  # (t,)
    loss: FloatArray  # (t, member)
    total: FloatArray  # (t,) of the region's own events, not the sum of the members' points
    total_low: FloatArray
    total_high: FloatArray


@dataclass(frozen=True)
class Findings:
    """Everything one appraisal found."""

    region: RegionInfo
    members: tuple[MemberInfo, ...]
    cases: tuple[CaseFinding, ...]
    measures: tuple[MeasureFinding, ...]
    deals: tuple[DealSheet, ...]
    budgets: tuple[BudgetSplit, ...]
    curves: tuple[Curve, ...]
    tables: Mapping[str, Table]
    # 'comparison' (modelled beside observed), 'rain', 'frequency', 'hurt-by-origin',
    # 'hurt-by-decision', 'scenarios', 'municipalities', 'pareto', 'classes', 'settings'
    map_base: MapBase
    maps: tuple[MapLayer, ...]
    seams: tuple[SeamKilometre, ...]
    files: tuple[FileCount, ...]
    conversions: Table
    refused: Table
    parameters: tuple[Parameter, ...]
    sensitivities: tuple[Sensitivity, ...]
    data_requests: tuple[DataRequest, ...]
    programme: ProgrammeFinding | None = None  # each None: the folder doesn't ask for it
    funding: FundingFinding | None = None
    reserve: ReserveFinding | None = None
    purchasing: PurchasingFinding | None = None
    procurement: ProcurementFinding | None = None
    outcome: OutcomeFinding | None = None

    @property
    def assumed_count(self) -> int:
        """How many parameters have no published source."""
        return sum(p.assumed for p in self.parameters)

    def case(self, case_id: str) -> CaseFinding:
        """The case of that id. Raises KeyError."""
        return {c.id: c for c in self.cases}[case_id]
