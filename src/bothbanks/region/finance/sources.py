"""``finance/sources.toml``: funding sources and the rules they come with."""

from __future__ import annotations

from bothbanks.region.finance.section import FinanceSettings


class SourcesSettings(FinanceSettings):
    """Funding sources and the rules they come with."""
