"""``finance/procurement.toml``: joint purchases, the law named for each, and where their releases lie."""

from __future__ import annotations

from bothbanks.region.finance.section import FinanceSettings


class ProcurementSettings(FinanceSettings):
    """Joint purchases, the law named for each, and where their releases lie."""
