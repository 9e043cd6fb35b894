"""What ``compact.toml`` and every ``compact/<area>.toml`` have in common: names checked across files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import MemberSettings, RegionSettings, Settings
from bothbanks.region.schema_cases import CaseSettings


@dataclass(frozen=True)
class KnownCompact:
    """What the rest of the folder says, for checks across files."""

    file: str
    settings: RegionSettings
    members: tuple[MemberSettings, ...]
    cases: Mapping[str, CaseSettings]
    articles: frozenset[str] = frozenset()  # ids of compact.toml; empty where the folder has none
    has_agreement: bool = False
    others: Mapping[str, CompactSettings] = field(default_factory=dict)  # the other files by area

    def article(self, identifier: str, record: str, problems: Problems, name: str = "article") -> None:
        """Note a pointer to an article that ``compact.toml`` does not have, with its file and record."""
        if identifier in self.articles:
            return
        there = ", ".join(sorted(self.articles)) or "none: the folder has no compact.toml"
        problems.add(
            self.file,
            f"{short(identifier)}, which is no article",
            f"an article of compact.toml ({there})",
            record=record,
            field=name,
            code="region.unknown-article",
        )

    def member(self, identifier: str, record: str, problems: Problems, name: str = "member") -> None:
        """Note a member that ``region.toml`` does not list."""
        if identifier not in self.settings.members:
            wanted = f"a member: {', '.join(self.settings.members)}"
            problems.add(
                self.file,
                short(identifier),
                wanted,
                record=record,
                field=name,
                code="region.unknown-member",
            )


class CompactSettings(Settings):
    """One file of the agreement."""

    def check(self, known: KnownCompact, problems: Problems) -> None:
        """Note what the file says about articles, members or cases that can't be."""
