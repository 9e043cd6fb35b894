"""Who asks, by which right, and how the site keeps others out: sessions, CSRF, limits, headers."""

from __future__ import annotations

from bothbanks.site.security.guards import Security
from bothbanks.site.security.headers import HEADERS
from bothbanks.site.security.limits import Limit

__all__ = ["HEADERS", "Limit", "Security"]
