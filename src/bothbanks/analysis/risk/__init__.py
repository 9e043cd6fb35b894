"""Risk: hazard x exposure x vulnerability -> loss, with its metrics and its uncertainty.

The names below are loaded when first used, so importing the package stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bothbanks.analysis.risk.curves import Curve, jrc_flood_curves, schwierz_storm_curve
    from bothbanks.analysis.risk.eventset import EventChunk, EventSet, EventSource, EventTable
    from bothbanks.analysis.risk.exact import Terms, event_losses_exact
    from bothbanks.analysis.risk.exposure import Column, Exposure
    from bothbanks.analysis.risk.losses import EventLosses, LossTable, event_losses
    from bothbanks.analysis.risk.metrics import (
        AnnualDistribution,
        BandRates,
        ExceedanceCurve,
        OriginMatrix,
        ReadingGap,
        aggregate_distribution,
        expected_annual_damage,
        occurrence_curve,
        origin_matrix,
        reading_gap,
        return_period_rates,
        return_period_table,
        simulate_years,
        tail_value_at_risk,
        value_at_risk,
    )
    from bothbanks.analysis.risk.uncertainty import (
        Draws,
        Ranking,
        Sensitivity,
        draws,
        interval,
        sensitivity,
        undecided,
    )

_HOME = {
    "curves": ("Curve", "jrc_flood_curves", "schwierz_storm_curve"),
    "eventset": ("EventChunk", "EventSet", "EventSource", "EventTable"),
    "exact": ("Terms", "event_losses_exact"),
    "exposure": ("Column", "Exposure"),
    "losses": ("EventLosses", "LossTable", "event_losses"),
    "metrics": (
        "AnnualDistribution",
        "BandRates",
        "ExceedanceCurve",
        "OriginMatrix",
        "ReadingGap",
        "aggregate_distribution",
        "expected_annual_damage",
        "occurrence_curve",
        "origin_matrix",
        "reading_gap",
        "return_period_rates",
        "return_period_table",
        "simulate_years",
        "tail_value_at_risk",
        "value_at_risk",
    ),
    "uncertainty": ("Draws", "Ranking", "Sensitivity", "draws", "interval", "sensitivity", "undecided"),
}

__all__ = [
    "AnnualDistribution",
    "BandRates",
    "Column",
    "Curve",
    "Draws",
    "EventChunk",
    "EventLosses",
    "EventSet",
    "EventSource",
    "EventTable",
    "ExceedanceCurve",
    "Exposure",
    "LossTable",
    "OriginMatrix",
    "Ranking",
    "ReadingGap",
    "Sensitivity",
    "Terms",
    "aggregate_distribution",
    "draws",
    "event_losses",
    "event_losses_exact",
    "expected_annual_damage",
    "interval",
    "jrc_flood_curves",
    "occurrence_curve",
    "origin_matrix",
    "reading_gap",
    "return_period_rates",
    "return_period_table",
    "schwierz_storm_curve",
    "sensitivity",
    "simulate_years",
    "tail_value_at_risk",
    "undecided",
    "value_at_risk",
]


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
