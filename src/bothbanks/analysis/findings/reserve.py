"""The reserve fund: what each member pays and holds alone and pooled, and how it pays out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReserveFinding:
    """The reserve fund: what each member pays and holds alone and pooled, and how it pays out."""
