"""The documents to take away: a place of their own in the menu; the agreement's pages serve them."""

from __future__ import annotations

from bothbanks.site.area import Area

AREA = Area("documents", "agreement", "Documents", start="/agreement/documents")
