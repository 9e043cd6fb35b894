"""Check contracting data that anybody published, and write a region's own: what the command line does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bothbanks.app.output import whole_folder
from bothbanks.app.procurement import (
    FLAGS,
    FOLDER,
    RECORDS,
    REFUSED,
    facts_of,
    files,
    flags_document,
    gathered,
    purchases,
    refused_document,
)
from bothbanks.civic.finance.red_flags import Facts, Flag, Limits, red_flags
from bothbanks.civic.finance.thresholds import regimes
from bothbanks.region import read_region
from bothbanks.region.finance.procurement import ProcurementSettings
from bothbanks.region.finance.purchases import limits_of
from bothbanks.standards.ocds import Reading, read, record_package, text_of
from bothbanks.standards.ocds_conflicts import moment
from bothbanks.standards.ocds_facts import facts
from bothbanks.words.errors import InputError


@dataclass(frozen=True)
class Checked:
    """What was read, what the flags read of it, and the flags."""

    reading: Reading
    facts: tuple[Facts, ...]
    flags: tuple[Flag, ...]

    @property
    def files(self) -> dict[str, str]:
        """What ``--out`` writes: each document as it was read, the records, the flags, what was refused."""
        out = {f"read/{d.file}": text_of(d.data) for d in self.reading.documents}
        if self.reading.processes:
            out[RECORDS] = text_of(record_package(self.reading, _meta(self.reading)))
            out[FLAGS] = text_of(flags_document(self.flags, Limits()))
        if self.reading.refused:
            out[REFUSED] = text_of(refused_document(self.reading))
        return out


def check(path: Path, law: str = "") -> Checked:
    """Read a file or folder, merge it, and compute the flags.

    Parameters
    ----------
    law : regime whose thresholds and least days are used where the data names none

    Raises
    ------
    InputError
        No such file, or no such regime.
    """
    if law and law not in regimes():
        raise InputError(
            "procurement.regime", f"'{law}' is no regime on file; there are {', '.join(regimes())}."
        )
    reading = read(path)
    known = tuple(facts(p, law) for p in reading.processes)
    return Checked(reading, known, red_flags(known))


def region_files(region: Path) -> dict[str, str]:
    """Everything that a region's purchases publish, by name.

    Raises
    ------
    RegionError
        The folder can't be used; every problem is listed.
    InputError
        The folder has no ``finance/procurement.toml``.
    """
    folder = read_region(region)
    settings = folder.finance.get("procurement")
    if not isinstance(settings, ProcurementSettings):
        raise InputError(
            "procurement.none",
            f"{region} has no finance/procurement.toml: it has no purchases to publish.",
        )
    decided = purchases(settings, folder.settings.id, folder.members)
    reading = gathered(settings, decided, folder.path / FOLDER)
    regime_of = {m.id: settings.regimes.get(m.id, m.country) for m in folder.members}
    limits = limits_of({name: item.value for name, item in settings.limits.items()})
    known = [facts_of(p, settings.parties, regime_of) for p in reading.processes]
    return files(settings, decided, reading, red_flags(known, limits), limits)


def write(texts: Mapping[str, str], out: Path) -> None:
    """Write the files as one folder, whole or not at all.

    Raises
    ------
    InputError
        ``out`` holds something this program didn't write.
    """
    with whole_folder(out) as folder:
        for name, text in texts.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")


def _meta(reading: Reading) -> dict[str, object]:
    """What the records say of themselves: the publisher and address of the first package read."""
    first = next((d.data for d in reading.documents if "publisher" in d.data), {})
    dates = [str(p.compiled["date"]) for p in reading.processes if "date" in p.compiled]
    return {
        "uri": first.get("uri", "urn:bothbanks:records"),
        "publisher": first.get("publisher", {"name": "not stated"}),
        "publishedDate": max(dates, key=moment) if dates else "1970-01-01T00:00:00Z",
        **{k: first[k] for k in ("license", "publicationPolicy", "extensions") if k in first},
    }
