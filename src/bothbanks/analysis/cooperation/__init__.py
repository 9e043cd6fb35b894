"""Cooperation: what coalitions of members are worth, how to divide the gain, and whether the deal holds."""

from bothbanks.analysis.cooperation.arrays import excess_array, in_core_array, shapley_array
from bothbanks.analysis.cooperation.case import Case, Outcomes
from bothbanks.analysis.cooperation.core import (
    LeastCore,
    Objection,
    convexity,
    core_is_empty,
    in_core,
    least_core,
    side_payments,
    strongest_objection,
)
from bothbanks.analysis.cooperation.evidence import FailureBound, Frequency, failure_bound
from bothbanks.analysis.cooperation.game import EXACT_LIMIT, CoalitionGame
from bothbanks.analysis.cooperation.nucleolus_lp import nucleolus
from bothbanks.analysis.cooperation.partition import (
    Partition,
    alone_partition,
    bloc_partition,
    delta_partition,
    gamma_partition,
    together_partition,
    worths_from_costs,
)
from bothbanks.analysis.cooperation.power import (
    LISTED_LIMIT,
    Either,
    Every,
    PowerIndices,
    Quota,
    VotingRule,
    minimal_blocking,
    minimal_winning,
    power_indices,
    winning_coalitions,
)
from bothbanks.analysis.cooperation.rules import RULES, Rule, share_by_rules
from bothbanks.analysis.cooperation.shapley_value import SampledShapley, sampled_shapley, shapley
from bothbanks.analysis.cooperation.stability import (
    BaseCase,
    Range,
    RuleStability,
    StabilityReport,
    stability_report,
)
from bothbanks.analysis.cooperation.unpaid import ComponentwiseObjection, componentwise_objections
from bothbanks.analysis.cooperation.views import ThreeViews, three_views

__all__ = [
    "EXACT_LIMIT",
    "LISTED_LIMIT",
    "RULES",
    "BaseCase",
    "Case",
    "CoalitionGame",
    "ComponentwiseObjection",
    "Either",
    "Every",
    "FailureBound",
    "Frequency",
    "LeastCore",
    "Objection",
    "Outcomes",
    "Partition",
    "PowerIndices",
    "Quota",
    "Range",
    "Rule",
    "RuleStability",
    "SampledShapley",
    "StabilityReport",
    "ThreeViews",
    "VotingRule",
    "alone_partition",
    "bloc_partition",
    "componentwise_objections",
    "convexity",
    "core_is_empty",
    "delta_partition",
    "excess_array",
    "failure_bound",
    "gamma_partition",
    "in_core",
    "in_core_array",
    "least_core",
    "minimal_blocking",
    "minimal_winning",
    "nucleolus",
    "power_indices",
    "sampled_shapley",
    "shapley",
    "shapley_array",
    "share_by_rules",
    "side_payments",
    "stability_report",
    "strongest_objection",
    "three_views",
    "together_partition",
    "winning_coalitions",
    "worths_from_costs",
]
