"""``finance/ventures.toml``: joint undertakings whose revenue is shared."""

from __future__ import annotations

from bothbanks.region.finance.section import FinanceSettings


class VenturesSettings(FinanceSettings):
    """Joint undertakings whose revenue is shared."""
