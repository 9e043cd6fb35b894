"""``finance/budgets.toml``: what councils can spend by year, and the least that must be done."""

from __future__ import annotations

from bothbanks.region.finance.section import FinanceSettings


class BudgetsSettings(FinanceSettings):
    """What councils can spend by year, what depends on what, and the least that must be done."""
