"""Buying together: prices, thresholds and savings of joint against separate purchases."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PurchasingFinding:
    """Buying together: prices, thresholds and savings of joint against separate purchases."""
