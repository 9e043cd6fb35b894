"""The programme: what every coalition builds, when, under real yearly budgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings.appraisal import BudgetSplit, Objection, Table, Text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Start:
    """When building of one measure begins in each outcome: calendar years; None = not built."""

    measure: str
    payers: tuple[str, ...]  # carry the cost in equal parts
    capital: float  # first building, money of account, not discounted
    together: int | None  # under the budgets
    works_from: int | None  # first year in which it works, together under the budgets
    alone: int | None  # every member for itself, under the budgets
    unlimited: int | None  # together, with no budget to heed


@dataclass(frozen=True)
class OwnStart:
    """One thing that a member does for itself under the budgets: calendar years; None = not done."""

    member: str
    measure: str
    together: int | None
    alone: int | None


@dataclass(frozen=True)
class WarningStart:
    """A member's early warning under the budgets."""

    member: str
    together: str  # '', 'alone' or 'joint'
    together_from: int | None  # calendar year in which its building begins
    alone: str
    alone_from: int | None


@dataclass(frozen=True)
class CouncilCash:
    """What one council spends in each of its fiscal years, together under the budgets.

    Counted are its part of the shared measures, its own measures and its warning.

    Money is in the council's own currency, in prices of the region's price year. A fiscal year is named
    by the calendar year in which it starts. A budget of infinity is one said to be unlimited.
    """

    member: str
    currency: str
    rate: float  # own currency for one unit of the currency of account
    fiscal_years: IntArray  # (year,)
    capital: FloatArray  # (year,)
    running: FloatArray
    capital_budget: FloatArray
    running_budget: FloatArray


@dataclass(frozen=True)
class Proof:
    """How many coalitions' plans are proven best replies to what the others do."""

    coalitions: int  # coalitions whose plan was worked out
    proven: int  # no other plan of theirs is better, given the others' plans
    largest_gap: float  # money by which a plan not proven may fall short of the best
    enumerated: int  # plans found by trying every one
    solved: int  # plans found by the solver
    unsettled: int  # coalitions for which the others' replies never settle
    reproducible: bool  # False: a time limit cut a search short


@dataclass(frozen=True)
class Leaving:
    """What is lost when one member stays out and the others carry on without it."""

    member: str
    lost: FloatArray  # (member,) higher cost than together, nobody paying anybody; negative = better off
    gone: tuple[str, ...]  # measures no longer built
    later: tuple[str, ...]  # measures begun later
    added: tuple[str, ...]  # measures built only then
    better_by: float = float("nan")  # what it gains by that against all together with the Shapley payments


@dataclass(frozen=True)
class RobustPlan:
    """One programme under each climate."""

    starts: Mapping[str, int]  # measure -> calendar year of its start
    cost: FloatArray  # (climate,) of all members, present value
    expected: float  # mean over the climates
    worst_cost: float
    worst_regret: float  # most that it costs above the best programme of a climate
    chosen: tuple[str, ...]  # 'today', 'expected', 'minimax-regret', 'minimax-cost': rules that choose it
    other_own: bool = False  # True where own measures or warning differ from the programme's


@dataclass(frozen=True)
class FrontPlan:
    """One programme that no other of those worked out beats on money, people and the worst-off member."""

    starts: Mapping[str, int]
    other_own: bool  # True where own measures or warning differ from the programme's
    money: float  # cost of all members, present value
    people: float  # people affected a year, fewer than with nothing built
    worst_off: float  # present loss a head of the member that loses most a head
    worst_member: str
    gives_up: FloatArray  # (member,) cost above the member's at the cheapest programme; negative = gains
    chosen: bool


@dataclass(frozen=True)
class PathStep:
    """From when some measures stand, until when they are enough, and what comes next."""

    from_year: float
    measures: tuple[str, ...]  # in place
    status: str  # 'lasts' to the scenario's year, 'adds' the next, or 'ends': nothing that helps is left
    tipping_year: float  # infinite: they last
    way: float  # share of the scenario's change at the tipping point; infinite: they last
    added: tuple[str, ...]  # what comes next
    cost: float  # of what comes next, present value if built now
    decide_by: float  # tipping year less the years of building; infinite: nothing to decide


@dataclass(frozen=True)
class Pathway:
    """What comes next as the climate changes, from the programme on."""

    scenario: str  # id of the climate it grows into
    year: int  # by when
    on: str  # 'loss' or 'people'
    share: float  # more than this share of what it is today with nothing built is too much
    steps: tuple[PathStep, ...]


@dataclass(frozen=True)
class Division:
    """Every coalition's worth under the budgets, the gain divided, and whether that is stable."""

    worth_gamma: FloatArray  # (2**member,) mask order, if the others fall apart
    worth_delta: FloatArray | None  # if the others carry on together; None: not worked out
    shares: FloatArray  # (member,) Shapley value of the gamma game
    share_cents: tuple[int, ...]  # the same in whole minor units; they add up
    payments: FloatArray  # (member,) positive = receives
    in_core_gamma: bool
    in_core_delta: bool | None
    objection_gamma: Objection
    objection_delta: Objection | None


@dataclass(frozen=True)
class Changed:
    """The programme with one assumption changed, worked out anew."""

    what: str  # 'discount-rate', 'scenario' or 'exchange-rate'
    name: str  # id of the scenario or currency
    value: float  # the rate; NaN for a scenario
    gain: float  # together against each alone, under the budgets
    other_starts: int  # measures whose start differs from the base


@dataclass(frozen=True)
class ProgrammeFinding:
    """What all members together build under their budgets, when, and what that costs and brings.

    Arrays over members follow the order of the findings' members; money is present value in the
    currency and price year of account unless said otherwise.
    """

    case: str
    first_year: int  # calendar year of year 0
    horizon_years: int
    delays: tuple[int, ...]
    pooled: bool
    assumed_budgets: bool  # True where any amount of a budget has no published source
    starts: tuple[Start, ...]
    own: tuple[OwnStart, ...]
    warning: tuple[WarningStart, ...]
    alone: FloatArray  # (member,) cost under the budgets
    together: FloatArray
    alone_unlimited: FloatArray  # (member,) cost with no budget to heed
    together_unlimited: FloatArray
    division: Division | None  # None: more members than every coalition is worked out for
    cash: tuple[CouncilCash, ...]
    split: tuple[BudgetSplit, ...]
    proof: Proof
    leaving: tuple[Leaving, ...]
    climates: tuple[str, ...]  # ids of the scenarios of `robust`; '' = today's climate
    robust: tuple[RobustPlan, ...]
    candidates: int  # programmes worked out, from which the front is taken
    front: tuple[FrontPlan, ...]
    pathways: tuple[Pathway, ...]
    changed: tuple[Changed, ...]
    climate_names: Mapping[str, Text] = field(default_factory=dict)  # by id of the scenario
    services: tuple[str, ...] = ()  # ids of the minimum services that the plan meets
    tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def gain(self) -> float:
        """What acting together brings under the budgets."""
        return float(self.alone.sum() - self.together.sum())

    @property
    def gain_unlimited(self) -> float:
        """What it would bring with no budget to heed."""
        return float(self.alone_unlimited.sum() - self.together_unlimited.sum())

    @property
    def price_of_budgets(self) -> float:
        """What the budgets cost all members together in benefit that is lost or comes later."""
        return float(self.together.sum() - self.together_unlimited.sum())
