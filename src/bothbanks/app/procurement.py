"""Public procurement: from a region's settings and the files of others to the finding and its releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bothbanks.analysis.findings import ProcurementFinding
from bothbanks.analysis.findings.procurement import (
    FlagFinding,
    IndicatorFinding,
    RefusedRelease,
)
from bothbanks.app.prepared import Prepared, Step, silent
from bothbanks.app.procurement_processes import foreign, own
from bothbanks.civic.changes import Refusal
from bothbanks.civic.finance.procurement_steps import Entry, Purchase
from bothbanks.civic.finance.red_flags import INDICATORS, Facts, Flag, Limits, by_purchase, red_flags
from bothbanks.region.finance.procurement import ProcurementSettings
from bothbanks.region.finance.purchases import history, limits_of
from bothbanks.region.schema import MemberSettings
from bothbanks.standards.faults import SchemaError
from bothbanks.standards.ocds import OURS, Process, Reading, read_texts, record_package, text_of
from bothbanks.standards.ocds_conflicts import moment
from bothbanks.standards.ocds_facts import facts, law_of
from bothbanks.standards.ocds_release import package, release
from bothbanks.words.errors import InputError

RELEASES, RECORDS, FLAGS, REFUSED = "releases.json", "records.json", "flags.json", "refused.json"
FOLDER = "finance/procurement"
Decided = Mapping[str, tuple[Purchase, tuple[Entry, ...]]]


def find(prepared: Prepared, step: Step = silent) -> ProcurementFinding | None:
    """The finding, or None where the folder doesn't ask for it.

    Releases of others lie in ``finance/procurement``; what contradicts itself there is refused, listed, and
    kept whole in ``refused.json``, and the rest goes on.

    Raises
    ------
    SchemaError
        Our own releases would break the official schema.
    """
    settings = prepared.finance.get("procurement")
    if not isinstance(settings, ProcurementSettings):
        return None
    decided = purchases(settings, prepared.model.settings.id, prepared.model.members)
    step(1, 3)
    reading = gathered(settings, decided, prepared.path / FOLDER)
    regime_of = {m.id: settings.regimes.get(m.id, m.country) for m in prepared.model.members}
    known = [facts_of(p, settings.parties, regime_of) for p in reading.processes]
    limits = limits_of({name: prepared.base[f"procurement.flag.{name}"] for name in settings.limits})
    flags = red_flags(known, limits)
    step(2, 3)
    found = by_purchase(flags)
    laws = {o: asked.law or settings.law for o, asked in zip(decided, settings.purchases, strict=True)}
    agreements = {o: law.agreement if law is not None else {} for o, law in laws.items()}
    made = tuple(
        own(*decided[p.ocid], p, _shown(found[p.ocid]), agreements[p.ocid])
        if p.ocid in decided
        else foreign(p, _shown(found[p.ocid]), known_of)
        for p, known_of in zip(reading.processes, known, strict=True)
    )
    return ProcurementFinding(
        publisher=settings.publisher,
        made_up=settings.made_up,
        prefix=settings.ocid_prefix,
        prefix_source=settings.prefix_source,
        processes=tuple(sorted(made, key=lambda p: (not p.own, p.ocid))),
        indicators=tuple(IndicatorFinding(**vars(i)) for i in INDICATORS),
        refused=tuple(
            RefusedRelease(r.file, r.release, r.reason.found, r.reason.expected, r.reason.code)
            for r in reading.refused
        ),
        read=reading.read,
        merged=reading.merged,
        repeated=reading.repeated,
        files=files(settings, decided, reading, flags, limits),
    )


def purchases(settings: ProcurementSettings, region: str, members: Sequence[MemberSettings]) -> Decided:
    """Every purchase of the folder with its steps, by ocid.

    Raises
    ------
    InputError
        A step can't be taken (``bothbanks check`` says so too, with its place in the file).
    """
    out = {}
    for purchase in settings.purchases:
        outcome = history(settings, purchase, region, members)
        if isinstance(outcome, Refusal):
            raise InputError(outcome.code, f"purchase '{purchase.id}': {outcome.reason}")
        out[outcome[0].ocid] = outcome
    return out


def own_package(settings: ProcurementSettings, decided: Decided) -> dict[str, Any]:
    """Our releases as a package, dated by the last of them."""
    entries = sorted((e for _, steps in decided.values() for e in steps), key=lambda e: (e.when, e.release))
    made = [release(e) for e in entries]
    return package(
        made, settings.uri, settings.publisher, made[-1]["date"] if made else "1970-01-01T00:00:00Z",
        settings.licence,
    )  # fmt: skip


def gathered(settings: ProcurementSettings, decided: Decided, folder: Path) -> Reading:
    """Our releases and those of others, read alike.

    Raises SchemaError where our own break the schema.
    """
    texts: dict[str, bytes] = {}
    if decided:
        text = text_of(own_package(settings, decided)).encode()
        wrong = read_texts({RELEASES: text}).problems
        if wrong:
            raise SchemaError(RELEASES, [str(p) for p in wrong])
        texts[RELEASES] = text
    if folder.is_dir():
        for path in sorted(folder.rglob("*.json")):
            texts[f"{FOLDER}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return read_texts(texts)


def files(
    settings: ProcurementSettings, decided: Decided, reading: Reading, flags: Sequence[Flag], limits: Limits
) -> dict[str, str]:
    """What is published: our releases, all processes as records, the flags, and what was refused."""
    out: dict[str, str] = {}
    if decided:
        out[RELEASES] = text_of(own_package(settings, decided))
    if reading.processes:
        dates = [str(p.compiled["date"]) for p in reading.processes if "date" in p.compiled]
        meta = {
            "uri": f"{settings.uri}#records",
            "publisher": {"name": settings.publisher},
            "publishedDate": max(dates, key=moment),
        }
        out[RECORDS] = text_of(record_package(reading, meta))
        out[FLAGS] = text_of(flags_document(flags, limits))
    if reading.refused:
        out[REFUSED] = text_of(refused_document(reading))
    return out


def flags_document(flags: Sequence[Flag], limits: Limits) -> dict[str, Any]:
    """The flags as they are published: formulas and limits first, then each purchase's."""
    return {
        OURS: "red flags",
        "note": "A red flag is a reason to look, never a verdict. 'unknown' says why it can't be computed.",
        "limits": dict(vars(limits)),
        "indicators": [dict(vars(i)) for i in INDICATORS],
        "flags": [
            {
                "ocid": f.ocid, "indicator": f.indicator, "state": f.state,
                "value": None if f.value is None else round(f.value, 6), "limit": f.limit,
                "because": f.because, "about": list(f.about),
            }
            for f in flags
        ],
    }  # fmt: skip


def refused_document(reading: Reading) -> dict[str, Any]:
    """What was refused, whole, with file, place and reason: nothing read is lost."""
    return {
        OURS: "refused",
        "refused": [
            {
                "file": r.file, "place": r.place, "ocid": r.ocid, "release": r.release,
                "code": r.reason.code, "field": r.reason.field, "found": r.reason.found,
                "expected": r.reason.expected, "data": r.data,
            }
            for r in reading.refused
        ]
    }  # fmt: skip


def facts_of(process: Process, parties: Mapping[str, str], regime_of: Mapping[str, str]) -> Facts:
    """Facts with the members' ids in place of the ids that others use for them.

    Where a member buys alone and its file names no law, its own regime is used.
    """
    found = facts(process)
    buyers = tuple(dict.fromkeys(parties.get(b, b) for b in found.buyers))
    if not law_of(process.compiled) and len(buyers) == 1 and buyers[0] in regime_of:
        found = facts(process, regime_of[buyers[0]])
    return replace(found, buyers=buyers)


def _shown(flags: Sequence[Flag]) -> tuple[FlagFinding, ...]:
    return tuple(FlagFinding(f.indicator, f.state, f.value, f.limit, f.because, f.about) for f in flags)
