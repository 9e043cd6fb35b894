"""Read a region folder into one harmonised model, or tell everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bothbanks.analysis.findings import FileCount, Table
from bothbanks.region.checks import check_case, check_region, datums_of
from bothbanks.region.compact.folder import check_compact
from bothbanks.region.compact.section import CompactSettings
from bothbanks.region.conversions import conversion_table
from bothbanks.region.finance.journal import FILE, entries_of, has_journal
from bothbanks.region.finance.section import FinanceSettings, Known
from bothbanks.region.grid import Grid
from bothbanks.region.harmonising import Harmonised
from bothbanks.region.layers import Layers, check_layers, read_layers
from bothbanks.region.money import MoneyTable
from bothbanks.region.parameters import Origin, Placed, collect_parameters
from bothbanks.region.problems import Problems
from bothbanks.region.refusals import refused_table
from bothbanks.region.schema import MemberSettings, RegionSettings
from bothbanks.region.schema_cases import CaseSettings
from bothbanks.region.settings import Opened, RegionFolder, open_folder
from bothbanks.region.source_work import Account
from bothbanks.words.errors import BothbanksError, Problem, RegionError
from bothbanks.words.parameters import Parameter
from bothbanks.words.places import known_crs


@dataclass(frozen=True)
class RegionModel:
    """A region in one unit system, one CRS, one datum, one currency, with what it took to get there."""

    settings: RegionSettings
    members: tuple[MemberSettings, ...]
    tables: dict[
        str, Any
    ]  # kind -> DataFrame (municipalities: GeoDataFrame), columns of docs/reference/region-folder.md
    cases: dict[str, CaseSettings]
    finance: dict[str, FinanceSettings]  # finance/<name>.toml by name
    compact: dict[str, CompactSettings]  # compact.toml ('agreement') and compact/<area>.toml by area
    path: Path
    parameters: tuple[Parameter, ...]
    files: tuple[FileCount, ...]
    conversions: Table
    refused: Table
    inputs_sha256: str
    settings_sha256: Mapping[str, str]  # toml file -> its SHA-256
    origins: Mapping[str, Origin]  # parameter id -> where it is written

    def table(self, kind: str) -> Any:
        """The table of a kind. Raises RegionError when the folder has no such layer."""
        if kind not in self.tables:
            raise RegionError(
                [
                    Problem(
                        "region.toml",
                        "",
                        "sources",
                        f"no layer of kind '{kind}'",
                        "one",
                        "region.missing-layer",
                    )
                ]
            )
        return self.tables[kind]

    def parameter(self, identifier: str) -> Parameter:
        """The parameter of that id. Raises KeyError."""
        return {p.id: p for p in self.parameters}[identifier]


def read_region(path: Path | str) -> RegionFolder:
    """What a region folder says.

    Raises
    ------
    RegionError
        Anything is wrong with its settings; then the problems of its files are listed too.
    """
    problems = Problems()
    opened = open_folder(Path(path), problems)
    _check_settings(opened, problems)
    if len(problems):
        _build(opened, problems)
        raise RegionError(problems.listed())
    assert opened.settings is not None
    return RegionFolder(
        opened.path,
        opened.settings,
        opened.members,
        opened.sources,
        opened.cases,
        opened.finance,
        opened.compact,
        opened.raw,
    )


def harmonise(folder: RegionFolder) -> RegionModel:
    """One model of a folder. Raises RegionError with all problems of its files."""
    problems = Problems()
    opened = Opened(
        folder.path,
        folder.settings,
        folder.members,
        folder.sources,
        folder.cases,
        folder.finance,
        folder.compact,
        folder.raw,
    )
    model = _build(opened, problems)
    if model is None or len(problems):
        raise RegionError(problems.listed())
    return model


def check_folder(path: Path | str) -> tuple[Problem, ...]:
    """Everything wrong with a region folder, its settings and its files; empty when nothing is."""
    problems = Problems()
    opened = open_folder(Path(path), problems)
    _check_settings(opened, problems)
    _build(opened, problems)
    return problems.listed()


def _check_settings(opened: Opened, problems: Problems) -> None:
    if opened.settings is None:
        return
    check_region(opened.settings, opened.members, problems)
    for case in opened.cases.values():
        check_case(case, opened.settings, opened.members, problems)
        if case.reserve is not None:
            case.reserve.check(f"cases/{case.id}.toml", opened.settings.members, problems)
        if case.purchasing is not None:
            measures = {f"{c.id}.{m.id}" for c in opened.cases.values() for m in c.measures}
            file = f"cases/{case.id}.toml"
            case.purchasing.check(file, opened.settings, opened.members, measures, problems)
    if has_journal(opened.path):
        entries_of(opened.path / FILE, FILE, opened.settings.members, problems)
    for name, section in opened.finance.items():
        known = Known(f"finance/{name}.toml", opened.settings, opened.members, opened.cases)
        section.check(known, problems)
    check_compact(opened.compact, opened.raw, opened.settings, opened.members, opened.cases, problems)


def _build(opened: Opened, problems: Problems) -> RegionModel | None:
    """The model of what could be opened; None where not even the settings could."""
    settings = opened.settings
    if settings is None:
        return None
    try:
        known_crs(settings.crs)
    except BothbanksError:  # told by check_region
        return None
    placed, money_rows = collect_parameters(settings, opened.members, opened.cases, opened.finance, problems)
    account = Account(
        settings.crs, Grid(settings.cell_size_m), datums_of(settings, problems), MoneyTable(settings)
    )
    layers = read_layers(opened.sources, settings.members, account, problems)
    stated = sum(len(tables.get("sources", ())) for tables in opened.raw.values())
    whole = len(layers.sources) == stated and len(opened.members) == len(settings.members)
    check_layers(layers, settings.members, opened.cases, problems, whole)
    return _model(opened, settings, placed, money_rows, layers)


def _model(
    opened: Opened, settings: RegionSettings, placed: tuple[Placed, ...], money_rows: Any, layers: Layers
) -> RegionModel:
    hashes = _hashes(opened, layers)
    for found in layers.sources:  # used + refused = read is checked, not assumed
        if found.counted and found.used != len(found.frame):
            raise AssertionError(
                f"{found.source.label}: {found.used} used of {found.read} read, {len(found.frame)} kept"
            )
    return RegionModel(
        settings=settings,
        members=opened.members,
        tables=layers.tables,
        cases=dict(opened.cases),
        finance=dict(opened.finance),
        compact=dict(opened.compact),
        path=opened.path,
        parameters=tuple(item.parameter for item in placed),
        files=tuple(_file_count(found, hashes) for found in layers.sources),
        conversions=conversion_table((*layers.conversions, *money_rows)),
        refused=refused_table(refusal for found in layers.sources for refusal in found.refusals),
        inputs_sha256=_inputs_sha256(hashes),
        settings_sha256={shown: hashes[shown] for shown in sorted(opened.raw)},
        origins={item.parameter.id: item.origin for item in placed},
    )


def _file_count(found: Harmonised, hashes: Mapping[str, str]) -> FileCount:
    source, settings = found.source, found.source.settings
    return FileCount(
        file=source.label,
        kind=settings.kind,
        member=source.member,
        read=found.read,
        used=found.used,
        refused=len(found.refusals),
        sha256=hashes[source.shown],
        licence=settings.licence,
        attribution=settings.attribution,
        modelled=settings.modelled,
        reexpressed_from=settings.reexpressed_from,
    )


def _hashes(opened: Opened, layers: Layers) -> dict[str, str]:
    """SHA-256 of every input by its path: the toml files, the sources, a shapefile's companions, all of
    finance and compact.
    """
    paths = {shown: opened.path / shown for shown in opened.raw}
    for file in sorted((*(opened.path / "finance").rglob("*"), *(opened.path / "compact").rglob("*"))):
        if file.is_file():
            paths[file.relative_to(opened.path).as_posix()] = file
    for found in layers.sources:
        paths[found.source.shown] = found.source.path
        if found.source.path.suffix.lower() == ".shp":
            for companion in sorted(found.source.path.parent.glob(f"{found.source.path.stem}.*")):
                paths[f"{Path(found.source.shown).parent.as_posix()}/{companion.name}"] = companion
    return {shown: _sha256(path) for shown, path in sorted(paths.items())}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _inputs_sha256(hashes: Mapping[str, str]) -> str:
    lines = "".join(f"{digest}  {shown}\n" for shown, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
