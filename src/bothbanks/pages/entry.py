"""A page of the report, as the list of pages names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bothbanks.analysis.findings import CaseFinding, Findings
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


def case_slug(findings: Findings, case: CaseFinding) -> str:
    """The address of a case's page: one of its own kind where the report has it, else the common one."""
    special = {"reserve": findings.reserve, "purchasing": findings.purchasing}
    own = special.get(case.kind)
    return case.kind if own is not None and own.case.id == case.id else f"case-{case.id}"
