"""Outcome grants: what measured indicators pay out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OutcomeFinding:
    """Outcome grants: what measured indicators pay out."""
