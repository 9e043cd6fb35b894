"""Public procurement: plans, tenders, awards and contracts as releases, with their red flags."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProcurementFinding:
    """Public procurement: plans, tenders, awards and contracts as releases, with their red flags."""
