"""Who pays from which pot and when: the mix of sources, cash by fiscal year, upkeep, shared revenue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FundingFinding:
    """Who pays from which pot and when: the mix of sources, cash by fiscal year, upkeep, shared revenue."""
