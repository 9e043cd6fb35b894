"""Layers that members keep."""

from __future__ import annotations

from bothbanks.civic.compact.layers import OpenLayer
from bothbanks.store.interface import Keys, Kind

KINDS = (Kind("layer", OpenLayer, lambda layer: Keys(owner=layer.member), personal=False),)
