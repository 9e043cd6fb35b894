"""The reserve fund: what each member pays and holds alone and pooled, and how it pays out."""

from __future__ import annotations

from bothbanks.pages.context import Context
from bothbanks.pages.entry import Entry


def entries(ctx: Context) -> tuple[Entry, ...]:
    """Its pages; none where the appraisal found nothing about it."""
    return ()
