"""``finance/grants.toml``: outcome grants: formulas that pay by measured indicators."""

from __future__ import annotations

from bothbanks.region.finance.section import FinanceSettings


class GrantsSettings(FinanceSettings):
    """Outcome grants: formulas that pay by measured indicators."""
