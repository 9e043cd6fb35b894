"""Risk: hazard x exposure x vulnerability -> loss, with its metrics and its uncertainty.

The names below are loaded when first used, so importing the package stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bothbanks.analysis.risk.curves import Curve, jrc_flood_curves, schwierz_storm_curve
    from bothbanks.analysis.risk.eventset import EventChunk, EventSet, EventSource, EventTable
    from bothbanks.analysis.risk.exposure import Column, Exposure
    from bothbanks.analysis.risk.losses import EventLosses, LossTable, event_losses

_HOME = {
    "curves": ("Curve", "jrc_flood_curves", "schwierz_storm_curve"),
    "eventset": ("EventChunk", "EventSet", "EventSource", "EventTable"),
    "exposure": ("Column", "Exposure"),
    "losses": ("EventLosses", "LossTable", "event_losses"),
}

__all__ = [
    "Column",
    "Curve",
    "EventChunk",
    "EventLosses",
    "EventSet",
    "EventSource",
    "EventTable",
    "Exposure",
    "LossTable",
    "event_losses",
    "jrc_flood_curves",
    "schwierz_storm_curve",
]


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
