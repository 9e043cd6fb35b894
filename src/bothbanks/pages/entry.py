"""A page of the report, as the list of pages names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bothbanks.pages.blocks import Page
from bothbanks.pages.context import Context


@dataclass(frozen=True)
class Entry:
    """A page of the report: its address, its group and short name in the list, and how it is made."""

    slug: str
    group: str
    name: str
    make: Callable[[Context], Page]
    listed: bool = True
