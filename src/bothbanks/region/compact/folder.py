"""Open ``compact.toml`` and ``compact/*.toml``: each by its own settings; a file that is missing is fine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bothbanks.region.compact.agreement import AgreementSettings
from bothbanks.region.compact.duties import DutiesSettings
from bothbanks.region.compact.duties_references import check_decisions
from bothbanks.region.compact.legal import LegalSettings
from bothbanks.region.compact.people import PeopleSettings
from bothbanks.region.compact.section import CompactSettings, KnownCompact
from bothbanks.region.compact.sharing import SharingSettings
from bothbanks.region.compact.votes import VotesSettings
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import MemberSettings, RegionSettings
from bothbanks.region.schema_cases import CaseSettings
from bothbanks.region.toml_files import load_toml, validated

AGREEMENT = "agreement"
POINTERS = ("article", "articles")
FILES: Mapping[str, type[CompactSettings]] = {
    # area: its settings, read from compact/<area>.toml. compact.toml itself is the area 'agreement'.
    "duties": DutiesSettings,
    "people": PeopleSettings,
    "votes": VotesSettings,
    "legal": LegalSettings,
    "sharing": SharingSettings,
}


def shown_as(area: str) -> str:
    """The file of an area, as messages name it."""
    return "compact.toml" if area == AGREEMENT else f"compact/{area}.toml"


def open_compact(
    path: Path, raw: dict[str, Mapping[str, Any]], problems: Problems, languages: tuple[str, ...]
) -> dict[str, CompactSettings]:
    """Settings by area; what is wrong is noted. A folder needs none of the files."""
    out: dict[str, CompactSettings] = {}
    found = [file for file in (path / "compact.toml",) if file.is_file()]
    for file in (*found, *sorted((path / "compact").glob("*.toml"))):
        shown = file.relative_to(path).as_posix()
        area = AGREEMENT if shown == "compact.toml" else file.stem
        model = AgreementSettings if area == AGREEMENT else FILES.get(area)
        if model is None or shown != shown_as(area):
            wanted = ", ".join(f"{name}.toml" for name in FILES) or "no file yet"
            problems.add(shown, short(file.name), f"one of {wanted}", code="region.unknown-file")
            continue
        tables = load_toml(file, shown, problems)
        if tables is None:
            continue
        raw[shown] = tables
        settings = validated(model, tables, shown, problems, languages=languages)
        if settings is not None:
            out[area] = settings
    return out


def check_compact(
    compact: Mapping[str, CompactSettings],
    raw: Mapping[str, Mapping[str, Any]],
    settings: RegionSettings,
    members: tuple[MemberSettings, ...],
    cases: Mapping[str, CaseSettings],
    problems: Problems,
) -> None:
    """Check every file against the region and the articles of ``compact.toml``.

    Articles are taken from the file as written, so that one faulty article does not make every pointer to
    it a second problem. Every 'art-…' under a key ``article`` or ``articles`` in compact/ and finance/
    is checked here, so a file's own ``check`` need not.
    """
    listed = raw.get("compact.toml", {}).get("articles", ())
    written = listed if isinstance(listed, list) else []
    articles = frozenset(
        item["id"] for item in written if isinstance(item, dict) and isinstance(item.get("id"), str)
    )
    has = "compact.toml" in raw
    for area, section in compact.items():
        others = {name: other for name, other in compact.items() if name != area}
        known = KnownCompact(shown_as(area), settings, members, cases, articles, has, others)
        section.check(known, problems)
    check_decisions(raw, compact, problems)
    for file in raw:
        if file.startswith(("compact/", "finance/")):
            known = KnownCompact(file, settings, members, cases, articles, has)
            _check_pointers(raw[file], (), known, problems)


def pointers(tables: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(keys to it, article) of every pointer to an article: 'art-…' under ``article`` or ``articles``."""
    if isinstance(tables, list):
        for number, item in enumerate(tables):
            yield from pointers(item, (*place, number))
    elif isinstance(tables, dict):
        for key, item in tables.items():
            listed = item if isinstance(item, list) else [item]
            if key in POINTERS and all(isinstance(x, str) for x in listed):
                yield from (((*place, key), x) for x in listed if x.startswith("art-"))
            else:
                yield from pointers(item, (*place, key))


def record_of(tables: Any, place: tuple[str | int, ...]) -> str:
    """The record that a pointer stands in, as messages name it: 'duties[2] yearly-report'."""
    words, here = "", tables
    for part in place[:-1]:
        here = here[part]
        if isinstance(part, int):
            words += f"[{part + 1}]"
            if isinstance(here, dict) and isinstance(here.get("id"), str):
                words += f" {here['id']}"
        else:
            words += f"{', ' if words else ''}{part}"
    return words


def _check_pointers(
    tables: Mapping[str, Any], place: tuple[str | int, ...], known: KnownCompact, problems: Problems
) -> None:
    for keys, article in pointers(tables, place):
        known.article(article, record_of(tables, keys), problems, str(keys[-1]))
