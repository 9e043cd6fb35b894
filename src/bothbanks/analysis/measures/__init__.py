"""What could be done: measures, what they cost and change, and who would build what."""

from bothbanks.analysis.measures.blocks import (
    BasinTable,
    GameTables,
    JointWarning,
    OwnOption,
    flood_tables,
    own_option,
)
from bothbanks.analysis.measures.budgets import Budget, loss_by_class, split_budgets
from bothbanks.analysis.measures.choice import Choice, best_reply, buildable
from bothbanks.analysis.measures.deals import Deal, DealTerms, deal_terms, payment_by_year
from bothbanks.analysis.measures.effects import MeasureEffects, hurt_by_decision, measure_effects
from bothbanks.analysis.measures.equilibrium import Equilibrium, PartitionGame
from bothbanks.analysis.measures.flood_case import FloodCase, FloodSettings, WarningSpec
from bothbanks.analysis.measures.fronts import TradeOffs, non_dominated, trade_offs
from bothbanks.analysis.measures.heat_case import Coverage, HeatCase, HeatSettings
from bothbanks.analysis.measures.measure import (
    CostFlow,
    Effect,
    Measure,
    check_measures,
    cost_by_year,
    cost_table,
)
from bothbanks.analysis.measures.money_case import MoneyCase
from bothbanks.analysis.measures.pareto import ParetoFront, pareto_front
from bothbanks.analysis.measures.pathways import (
    IndicatorTable,
    TippingYears,
    Trajectory,
    pathway,
    pathway_tree,
    tipping_values,
    tipping_years,
)
from bothbanks.analysis.measures.presentvalue import (
    annuity_factor,
    discount_factors,
    level_payment,
    present_value,
)
from bothbanks.analysis.measures.robust import (
    RobustChoice,
    RobustChoices,
    RobustProfiles,
    regret_table,
    robust_choices,
    robust_profiles,
)
from bothbanks.analysis.measures.storm_case import StormCase
from bothbanks.analysis.measures.uncertainty import DrawResults, run_draws

__all__ = [
    "BasinTable",
    "Budget",
    "Choice",
    "CostFlow",
    "Coverage",
    "Deal",
    "DealTerms",
    "DrawResults",
    "Effect",
    "Equilibrium",
    "FloodCase",
    "FloodSettings",
    "GameTables",
    "HeatCase",
    "HeatSettings",
    "IndicatorTable",
    "JointWarning",
    "Measure",
    "MeasureEffects",
    "MoneyCase",
    "OwnOption",
    "ParetoFront",
    "PartitionGame",
    "RobustChoice",
    "RobustChoices",
    "RobustProfiles",
    "StormCase",
    "TippingYears",
    "TradeOffs",
    "Trajectory",
    "WarningSpec",
    "annuity_factor",
    "best_reply",
    "buildable",
    "check_measures",
    "cost_by_year",
    "cost_table",
    "deal_terms",
    "discount_factors",
    "flood_tables",
    "hurt_by_decision",
    "level_payment",
    "loss_by_class",
    "measure_effects",
    "non_dominated",
    "own_option",
    "pareto_front",
    "pathway",
    "pathway_tree",
    "payment_by_year",
    "present_value",
    "regret_table",
    "robust_choices",
    "robust_profiles",
    "run_draws",
    "split_budgets",
    "tipping_values",
    "tipping_years",
    "trade_offs",
]
