"""Durations that the agreement states as terms, so that its words and its clocks can't drift apart."""

from __future__ import annotations

from collections.abc import Mapping

from bothbanks.region.compact.agreement import AgreementSettings
from bothbanks.region.compact.section import CompactSettings

Terms = Mapping[str, tuple[int, int]]
"""Term -> (calendar months, days)."""


def durations(agreement: CompactSettings | None) -> Terms:
    """Terms of ``compact.toml`` that are days, months or years; none without the file."""
    if not isinstance(agreement, AgreementSettings):
        return {}
    return {
        name: (12 * (t.years or 0) + (t.months or 0), t.days or 0)
        for name, t in agreement.terms.items()
        if t.days is not None or t.months is not None or t.years is not None
    }
