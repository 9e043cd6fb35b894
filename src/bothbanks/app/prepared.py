"""What the money parts of an appraisal start from: the region, its draws, and the cases as played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bothbanks.analysis.findings import CaseFinding, MeasureFinding, ProgrammeFinding
from bothbanks.app.cases import FloodRun, HeatRun, StormRun
from bothbanks.app.draws import DrawSet
from bothbanks.app.loss_curves import Catalogue
from bothbanks.app.money_findings import Played
from bothbanks.app.workers import Workers
from bothbanks.region.finance.section import FinanceSettings
from bothbanks.region.folder import RegionModel


def silent(done: int, all_: int) -> None:
    """No progress."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """The region, its draws, and each case as it was played."""

    model: RegionModel
    drawn: DrawSet
    workers: Workers
    flood: FloodRun | None = None
    storm: StormRun | None = None
    heat: HeatRun | None = None
    played: Mapping[str, Played] = field(default_factory=dict)  # money cases by id
    cases: tuple[CaseFinding, ...] = ()
    measures: tuple[MeasureFinding, ...] = ()
    catalogues: Mapping[tuple[str, str], Catalogue] = field(default_factory=dict)
    # (case, 'alone' or 'together') -> its events and what each costs every member
    programme: ProgrammeFinding | None = None  # what is built together under budgets, once it is known

    @property
    def finance(self) -> Mapping[str, FinanceSettings]:
        """The folder's ``finance/<name>.toml`` by name."""
        return self.model.finance

    @property
    def path(self) -> Path:
        """The region folder."""
        return self.model.path

    @property
    def members(self) -> tuple[str, ...]:
        """Member ids, in the order of every array."""
        return tuple(m.id for m in self.model.members)

    @property
    def base(self) -> Mapping[str, float]:
        """Every parameter at its base value."""
        return self.drawn.base


Step = Callable[[int, int], None]
Finder = Callable[[Prepared, Step], Any]
