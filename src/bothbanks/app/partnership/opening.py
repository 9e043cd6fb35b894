"""The first import: a region folder becomes the first entries of the record and the first objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from babel.core import get_global

from bothbanks import __version__
from bothbanks.app.partnership.areas import areas
from bothbanks.app.partnership.clocks import Clock
from bothbanks.app.partnership.desk import Desk, uuid7
from bothbanks.app.partnership.live import Partnership
from bothbanks.app.partnership.rehearsal import AheadClock, clock_of, rehearse
from bothbanks.civic.compact.members import MemberFacts, RegionFacts
from bothbanks.civic.compact.roles import CLOCK
from bothbanks.record.entries import Entry
from bothbanks.store import open_store
from bothbanks.store.interface import MissingError, Store
from bothbanks.store.kinds import every_kind
from bothbanks.words.errors import InputError, Problem, RegionError

if TYPE_CHECKING:
    from bothbanks.region.folder import RegionModel
    from bothbanks.region.schema import MemberSettings

REGION = "region"  # the one object of its kind


@dataclass(frozen=True)
class Opening:
    """A region folder at its first import."""

    region: RegionModel
    facts: RegionFacts
    at: datetime
    data: Path
    rehearsal: bool = False


def open_partnership(
    folder: Path | None,
    data: Path,
    address: str | None = None,
    clock: Clock | None = None,
    rehearse_at: datetime | None = None,
) -> Partnership:
    """Open the partnership's service; the first time, import the region folder.

    Parameters
    ----------
    folder : the region folder; only needed the first time
    data : where the service keeps what it has (made where it is missing)
    address : 'postgresql://...' for a shared database; by default SQLite in ``data``
    clock : the time; by default the data folder's own, which runs ahead in a rehearsal
    rehearse_at : make the folder a rehearsal, or move on in one, to this moment

    Raises
    ------
    RegionError
        The folder can't be used; every problem is listed, and nothing was imported.
    InputError
        There is nothing yet and no folder was given, the folder is of another region than what there is,
        or the service is real and not to be rehearsed.
    """
    data.mkdir(parents=True, exist_ok=True)
    store = open_store(address or data / "bothbanks.sqlite", every_kind())
    try:
        if rehearse_at is not None:
            clock = rehearse(data, rehearse_at, _begun(store))
        clock = clock or clock_of(data)
        return Partnership(store, _facts(store, folder, data, clock), data, clock)
    except BaseException:
        store.close()
        raise


def _begun(store: Store) -> bool:
    with store.reading() as reading:
        return reading.record_size() > 0


def _facts(store: Store, folder: Path | None, data: Path, clock: Clock) -> RegionFacts:
    with store.reading() as reading:
        try:
            found = reading.load(RegionFacts, REGION).state
        except MissingError:
            found = None
    if found is not None:
        if folder is not None:
            _same_region(folder, found, data)
        return found
    if folder is None:
        raise InputError(
            "serve.empty",
            f"{data} holds no partnership yet; give the region folder to import the first time.",
        )
    from bothbanks.region import harmonise, read_region

    model = harmonise(read_region(folder))
    opening = Opening(model, region_facts(model), clock(), data, isinstance(clock, AheadClock))
    with store.writing() as writing:
        open_all(Desk(writing, opening.facts, opening.at, CLOCK, None, uuid7), opening)
    return opening.facts


def _same_region(folder: Path, found: RegionFacts, data: Path) -> None:
    """Refuse a folder of another region, which would otherwise be passed over without a word."""
    from bothbanks.region.problems import Problems
    from bothbanks.region.toml_files import load_toml

    problems = Problems()
    tables = load_toml(folder / "region.toml", "region.toml", problems)
    if tables is None:
        raise RegionError(list(problems))
    if tables.get("id") != found.id:
        raise InputError(
            "serve.other-region",
            f"{data} holds the partnership of '{found.id}', and {folder} is the region "
            f"'{tables.get('id')}'. Give that partnership's own folder or none, or another --data.",
        )


def open_all(desk: Desk, opening: Opening) -> None:
    """Everything of the folder, in one transaction: the record's first entries."""
    model = opening.region
    desk.store.save(RegionFacts, REGION, opening.facts, None)
    body: dict[str, object] = {
        "region": model.settings.id,
        "members": list(opening.facts.members),
        "inputs_sha256": model.inputs_sha256,
        "files": file_hashes(model),
        "version": __version__,
    }
    if opening.rehearsal:
        body["rehearsal"] = True
    desk.record(Entry("region.opened", f"region/{model.settings.id}", body))
    for area in areas():
        opens = getattr(area, "opening", None)
        if opens is not None:
            opens(desk, opening)


def file_hashes(model: RegionModel) -> dict[str, str]:
    """SHA-256 of every settings file and every input by its path: what the database knows a file by."""
    return {**model.settings_sha256, **{file.file: file.sha256 for file in model.files}}


def region_facts(model: RegionModel) -> RegionFacts:
    """What the agreement needs to know of the members. Raises RegionError where a time zone is wanting."""
    settings = model.settings
    people = model.table("municipalities").groupby("member", sort=False)["population"].sum()
    problems: list[Problem] = []
    members = {}
    for m in model.members:
        members[m.id] = MemberFacts(
            m.id,
            dict(m.name),
            m.country,
            m.currency,
            tuple(m.languages),
            _zone(m, problems),
            int(people.get(m.id, 0)),
            m.fiscal_year_start,
        )
    if problems:
        raise RegionError(problems)
    return RegionFacts(
        settings.id,
        dict(settings.name),
        dict(settings.about),
        tuple(settings.languages),
        settings.currency,
        settings.price_year,
        members,
    )


def _zone(member: MemberSettings, problems: list[Problem]) -> str:
    """The member's own zone, else the only one of its country (Unicode CLDR)."""
    if member.zone:
        return member.zone
    zones = get_global("territory_zones").get(member.country, [])
    if len(zones) == 1:
        return str(zones[0])
    problems.append(
        Problem(
            f"members/{member.id}/member.toml",
            "",
            "zone",
            "nothing",
            f"an IANA time zone, for {member.country} has {len(zones)}: {', '.join(sorted(zones)[:4])}",
            "region.zone",
        )
    )
    return "UTC"
