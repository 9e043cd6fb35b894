"""Outcome grants: what measured indicators pay out."""

from __future__ import annotations

from bothbanks.pages.context import Context
from bothbanks.pages.entry import Entry


def entries(ctx: Context) -> tuple[Entry, ...]:
    """Its pages; none where the appraisal found nothing about it."""
    return ()
