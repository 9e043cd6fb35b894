"""The programme: what every coalition builds, when, under real yearly budgets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProgrammeFinding:
    """The programme: what every coalition builds, when, under real yearly budgets."""
