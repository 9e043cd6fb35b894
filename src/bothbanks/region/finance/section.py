"""What every ``finance/<name>.toml`` has in common: its numbers become parameters, its names are checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bothbanks.region.problems import Problems
from bothbanks.region.schema import MemberSettings, ParameterSettings, RegionSettings, Settings
from bothbanks.region.schema_cases import CaseSettings

Number = tuple[str, tuple[str | int, ...], ParameterSettings]


class FinanceSettings(Settings):
    """One file of the folder's ``finance``."""

    def numbers(self) -> Iterator[Number]:
        """(id below the file's name, keys to its table, settings) of every number that is a parameter."""
        yield from ()

    def check(self, known: Known, problems: Problems) -> None:
        """Note what the file says about members, measures, cases or money that can't be."""


@dataclass(frozen=True)
class Known:
    """What the rest of the folder says, for checks across files."""

    file: str
    settings: RegionSettings
    members: tuple[MemberSettings, ...]
    cases: Mapping[str, CaseSettings]

    @property
    def measures(self) -> frozenset[str]:
        """Ids of the measures of all cases."""
        return frozenset(m.id for c in self.cases.values() for m in c.measures)
