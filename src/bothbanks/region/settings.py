"""Open a region folder: its settings, its cases, and the files its sources name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bothbanks.region.compact.folder import open_compact
from bothbanks.region.compact.section import CompactSettings
from bothbanks.region.finance.folder import open_finance
from bothbanks.region.finance.section import FinanceSettings
from bothbanks.region.kinds import KINDS
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import MemberSettings, RegionSettings, SourceSettings
from bothbanks.region.schema_cases import CaseSettings
from bothbanks.region.toml_files import load_toml, validated


@dataclass(frozen=True)
class RegionSource:
    """One layer of one member ('' for the region's own), with its file found."""

    member: str
    settings: SourceSettings
    path: Path
    shown: str  # path inside the region folder, with '/'
    refuse: bool  # set bad records aside instead of stopping

    @property
    def label(self) -> str:
        """How messages and tables name it: the file, and the layer where there are several."""
        return f"{self.shown}#{self.settings.layer}" if self.settings.layer else self.shown


@dataclass(frozen=True)
class RegionFolder:
    """What a region folder says, before its files are read."""

    path: Path
    settings: RegionSettings
    members: tuple[MemberSettings, ...]
    sources: tuple[RegionSource, ...]
    cases: Mapping[str, CaseSettings]
    finance: Mapping[str, FinanceSettings]
    compact: Mapping[str, CompactSettings]  # area -> compact.toml ('agreement'), compact/<area>.toml
    raw: Mapping[str, Mapping[str, Any]]  # toml file -> its tables as written


@dataclass(frozen=True)
class Opened:
    """What could be opened of a folder that may have problems."""

    path: Path
    settings: RegionSettings | None
    members: tuple[MemberSettings, ...]
    sources: tuple[RegionSource, ...]
    cases: Mapping[str, CaseSettings]
    finance: Mapping[str, FinanceSettings]
    compact: Mapping[str, CompactSettings]  # area -> compact.toml ('agreement'), compact/<area>.toml
    raw: Mapping[str, Mapping[str, Any]]


def open_folder(path: Path, problems: Problems) -> Opened:
    """Open what can be opened and note every problem; nothing is raised."""
    if not path.is_dir():
        problems.add(
            str(path),
            "no such folder",
            "a region folder ('bothbanks new' makes one)",
            code="region.missing-file",
        )
        return Opened(path, None, (), (), {}, {}, {}, {})
    raw: dict[str, Mapping[str, Any]] = {}
    sources: list[RegionSource] = []
    region_raw = load_toml(path / "region.toml", "region.toml", problems)
    settings = None
    languages = _listed(region_raw, "languages")
    if region_raw is not None:
        raw["region.toml"] = region_raw
        settings = _with_sources(
            RegionSettings, region_raw, "region.toml", problems, sources, path, path, "", languages
        ) or _enough_to_read_on(region_raw, languages)
    names = settings.members if settings else _listed(region_raw, "members")
    members = []
    for name in names:
        shown = f"members/{name}/member.toml"
        tables = load_toml(path / shown, shown, problems)
        if tables is None:
            continue
        raw[shown] = tables
        member = _with_sources(
            MemberSettings,
            tables,
            shown,
            problems,
            sources,
            path,
            path / "members" / name,
            str(tables.get("id", name)),
            languages,
        )
        if member is not None and member.id != name:
            problems.add(shown, short(member.id), f"'{name}', as its folder is called", field="id")
        elif member is not None:
            members.append(member)
    _unlisted(path, names, problems)
    cases = _open_cases(path, raw, problems, languages)
    finance = open_finance(path, raw, problems, languages)
    compact = open_compact(path, raw, problems, languages)
    return Opened(path, settings, tuple(members), tuple(sources), cases, finance, compact, raw)


def _enough_to_read_on(raw: Mapping[str, Any], languages: tuple[str, ...]) -> RegionSettings | None:
    """Settings whose faulty numbers, scenarios and unknown keys stand aside; None where more is wrong.

    So the files are read too, and all problems are told at once; the faults themselves are noted before.
    """
    from pydantic import ValidationError

    rest = {key: value for key, value in raw.items() if key != "sources"}
    context = {"languages": languages}
    try:
        return RegionSettings.model_validate(rest, context=context)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    for fault in faults:
        key = str(fault["loc"][0]) if fault["loc"] else ""
        numbers = rest.get("parameters")
        if key == "parameters" and len(fault["loc"]) > 1 and isinstance(numbers, dict):
            aside = {"value": 1.0, "unit": "1", "source": "assumed"}
            rest["parameters"] = numbers | {str(fault["loc"][1]): aside}
        elif key in {"scenarios", "about", "demonstration"} or fault["type"] == "extra_forbidden":
            rest.pop(key, None)
        else:
            return None
    try:
        return RegionSettings.model_validate(rest, context=context)
    except ValidationError:
        return None


def _listed(region_raw: Mapping[str, Any] | None, key: str) -> tuple[str, ...]:
    """Names under a key of region.toml, also where the rest of it is wrong."""
    listed = (region_raw or {}).get(key, ())
    return tuple(str(name) for name in listed) if isinstance(listed, list) else ()


def _unlisted(path: Path, names: tuple[str, ...], problems: Problems) -> None:
    if not names:
        return
    for found in sorted((path / "members").glob("*/member.toml")):
        if found.parent.name not in names:
            problems.add(
                f"members/{found.parent.name}/member.toml",
                f"a member '{found.parent.name}' that region.toml does not list",
                "its id under members in region.toml, or no such folder",
                code="region.unknown-member",
            )


def _with_sources(
    model: type[Any],
    tables: Mapping[str, Any],
    shown: str,
    problems: Problems,
    sources: list[RegionSource],
    root: Path,
    here: Path,
    member: str,
    languages: tuple[str, ...],
) -> Any:
    """Settings without their sources, and each source by itself, so that one bad source hides no other."""
    rest = {key: value for key, value in tables.items() if key != "sources"}
    settings = validated(model, rest, shown, problems, root=tables, languages=languages)
    listed = tables.get("sources", [])
    if not isinstance(listed, list):
        problems.add(
            shown, "[sources]", "a list of tables: [[sources]]", field="sources", code="region.format"
        )
        return settings
    default = getattr(settings, "on_bad_record", rest.get("on_bad_record", "error"))
    kept: list[SourceSettings] = []
    for number, item in enumerate(listed):
        source = validated(SourceSettings, item, shown, problems, ("sources", number), tables)
        if source is None:
            continue
        kept.append(source)
        record = f"sources[{number + 1}] {source.kind}"
        if source.kind not in KINDS:
            problems.add(
                shown,
                short(source.kind),
                f"one of {', '.join(KINDS)}",
                record=record,
                field="kind",
                code="region.kind",
            )
            continue
        found = _find(root, here, source.file)
        if isinstance(found, str):
            problems.add(
                shown,
                found,
                "a file inside the region folder",
                record=record,
                field="file",
                code="region.missing-file",
            )
            continue
        refuse = (source.on_bad_record or default) == "refuse"
        sources.append(
            RegionSource(member, source, found, found.relative_to(root.resolve()).as_posix(), refuse)
        )
    return settings.model_copy(update={"sources": tuple(kept)}) if settings is not None else None


def _find(root: Path, here: Path, file: str) -> Path | str:
    """The file, or words for what is wrong with its path."""
    if Path(file).is_absolute() or "\\" in file:
        return f"the path {short(file)}; write it relative to this toml, with '/'"
    resolved = (here / file).resolve()
    if not resolved.is_relative_to(root.resolve()):
        return f"{short(file)}, which lies outside the region folder"
    if not resolved.is_file():
        return f"no file {short(file)}"
    return resolved


def _open_cases(
    path: Path, raw: dict[str, Mapping[str, Any]], problems: Problems, languages: tuple[str, ...]
) -> dict[str, CaseSettings]:
    cases: dict[str, CaseSettings] = {}
    files = sorted((path / "cases").glob("*.toml"))
    if not files:
        problems.add("cases", "no case", "at least one cases/<id>.toml", code="region.missing-file")
    for file in files:
        shown = f"cases/{file.name}"
        tables = load_toml(file, shown, problems)
        if tables is None:
            continue
        raw[shown] = tables
        case = validated(CaseSettings, tables, shown, problems, languages=languages)
        if case is None:
            continue
        if case.id != file.stem:
            problems.add(shown, short(case.id), f"'{file.stem}', as the file is called", field="id")
            continue
        cases[case.id] = case
    return cases
