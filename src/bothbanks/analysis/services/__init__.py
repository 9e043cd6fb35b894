"""Services shared: what members buy together."""

from bothbanks.analysis.services.prices import PowerPrice, PriceCurve, StepPrice
from bothbanks.analysis.services.procedures import Ladders
from bothbanks.analysis.services.purchasing import (
    NO_LEAD,
    Cheapest,
    Effort,
    Good,
    Groups,
    cheapest_groups,
    groups_in,
    groups_of,
    member_costs,
    savings,
)
from bothbanks.analysis.services.purchasing_case import Bought, EffortIds, GoodSpec, Purchases, PurchasingCase

__all__ = [
    "NO_LEAD",
    "Bought",
    "Cheapest",
    "Effort",
    "EffortIds",
    "Good",
    "GoodSpec",
    "Groups",
    "Ladders",
    "PowerPrice",
    "PriceCurve",
    "Purchases",
    "PurchasingCase",
    "StepPrice",
    "cheapest_groups",
    "groups_in",
    "groups_of",
    "member_costs",
    "savings",
]
