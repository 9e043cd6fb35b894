"""The region folder beside the database: what differs, writing it back, and a changed folder as a proposal.

From the first opening on, the database is the truth for agreement, rules and money; the folder holds inputs
and cases. To compare, the folder is opened once more into a database that is thrown away, so both sides
are compared object by object, in the same form. What comes of living with an object (the evidence of a
duty, the drills of a plan) is no difference. People, mandates and votes are never compared nor taken.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from bothbanks.app.partnership.agreement_editing import propose_settings
from bothbanks.app.partnership.agreement_reading import held_today, kept_agreement
from bothbanks.app.partnership.desk import Desk, Done, Reader, uuid7
from bothbanks.app.partnership.live import Partnership
from bothbanks.app.partnership.money_files import write_back
from bothbanks.app.partnership.opening import Opening, file_hashes, open_all, region_facts
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.agreement import AgreementText
from bothbanks.civic.compact.agreement_state import IN_FORCE, Agreement, Version
from bothbanks.civic.compact.roles import CLOCK
from bothbanks.record.entries import Entry
from bothbanks.record.leaf import read
from bothbanks.region import RegionModel, harmonise, read_region
from bothbanks.region.compact.agreement import AgreementSettings
from bothbanks.region.compact.folder import AGREEMENT
from bothbanks.region.compact.writing import as_toml, settings_of
from bothbanks.store.kinds import every_kind
from bothbanks.store.sqlite import SqliteStore
from bothbanks.words.errors import InputError

COMPACT = "compact.toml"
INPUT = "input"
How = Literal["only in the folder", "only in the database", "differs"]
Piece = tuple[str, str, str]
"""(file, what it is, its id)"""

_DUTIES, _LEGAL, _PEOPLE = "compact/duties.toml", "compact/legal.toml", "compact/people.toml"
_SHARING, _VOTES, _FINANCE = "compact/sharing.toml", "compact/votes.toml", "finance"
_KINDS: Mapping[str, tuple[str, frozenset[str]]] = {
    # kind: the file it comes from, and the fields that come of living with it
    "duty": (_DUTIES, frozenset({"since", "occurrences", "last", "ended"})),
    "dispute-procedure": (_DUTIES, frozenset()),
    "plan": (_DUTIES, frozenset({"reviewed", "drilled", "activations", "last"})),
    "presidency": (_DUTIES, frozenset({"swaps"})),
    "earlier-decision": (_DUTIES, frozenset()),
    "legal-subject": (_LEGAL, frozenset()),
    "legal-rule": (_LEGAL, frozenset()),
    "legal-recognition": (_LEGAL, frozenset()),
    "legal-law": (_LEGAL, frozenset()),
    "organ": (_PEOPLE, frozenset()),
    "seat": (_PEOPLE, frozenset()),
    "vote-rule": (_VOTES, frozenset()),
    "buying-rules": (_FINANCE, frozenset()),
    "grant": (_FINANCE, frozenset()),
    "region": ("region.toml", frozenset()),
}
_APART: Mapping[str, tuple[str, ...]] = {
    # parts of an object that are looked at one by one, by their ids
    "agreement": ("articles", "terms", "parts"),
    "sharing-rules": ("datasets", "rules", "purposes"),
    "region": ("members",),
}
_RECORDED = "recorded"
"""When a version of a legal rule was written down: the moment of opening, on each side another."""


@dataclass(frozen=True, order=True)
class Difference:
    """One thing that the folder and the database do not say alike."""

    file: str
    what: str
    id: str
    how: How
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f" in {', '.join(self.fields)}" if self.fields else ""
        name = f"{self.what} '{self.id}'" if self.id else self.what
        return f"{self.file}: {name} {self.how}{where}"


@dataclass(frozen=True)
class Written:
    """What writing the folder back changed in it, and what the database says that is not in it."""

    files: tuple[str, ...]
    left: tuple[Difference, ...]


@dataclass(frozen=True)
class Proposed:
    """What a changed folder came to: the subject of its draft ('' for none), and what was not taken."""

    differences: tuple[Difference, ...]
    draft: str
    not_taken: tuple[str, ...]


def differences(reader: Reader, model: RegionModel) -> tuple[Difference, ...]:
    """All that a folder and the database do not say alike, by file.

    Raises
    ------
    InputError
        It is another region's folder.
    """
    if model.settings.id != reader.region.id:
        raise InputError(
            "folder.region",
            f"{model.path} is the region '{model.settings.id}', the database holds '{reader.region.id}'",
        )
    opened = reader.store.entries(0, 1)[0].at  # what a folder says without a date holds since the opening
    before, after = pieces(reader), _pieces_of(model, opened)
    found = [_compared(piece, before.get(piece), after.get(piece)) for piece in {*before, *after}]
    found += [_compared(piece, *pair) for piece, pair in _inputs(reader, file_hashes(model)).items()]
    found += _money(reader, model.path)
    return tuple(sorted(d for d in found if d is not None))


def write_folder(reader: Reader, source: Path, target: Path) -> Written:
    """Write the folder as the database has it: inputs as they are, the agreement and the money as they stand.

    Parameters
    ----------
    source : the region folder that was opened, for its inputs and cases
    target : a new folder

    Raises
    ------
    InputError
        ``target`` holds something, or ``source`` is another region's.
    RegionError
        ``source`` can't be used.
    """
    if target.exists() and any(target.iterdir()):
        raise InputError("folder.there", f"{target} holds something already; give a new folder.")
    model = harmonise(read_region(source))
    differences(reader, model)  # refuses another region's folder before anything is written
    shutil.copytree(source, target, dirs_exist_ok=True)
    files = {path: text for path, text in write_back(reader).items() if _other(target / path, text)}
    settings = _agreement_settings(reader, model)
    if settings is not None:
        files[COMPACT] = as_toml(settings)
    for path, text in files.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(text, encoding="utf-8", newline="")
    left = differences(reader, harmonise(read_region(target)))
    return Written(tuple(sorted(files)), tuple(d for d in left if d.what != INPUT))


def propose_folder(partnership: Partnership, folder: Path, dry_run: bool) -> Proposed:
    """Take a changed folder as a proposal: its agreement becomes a draft, all that differs is recorded.

    An adopted text is never written over. What the folder says otherwise is listed, and is for people to
    do by the service's own steps. With ``dry_run`` nothing is changed.

    Raises
    ------
    InputError
        It is another region's folder.
    RegionError
        The folder can't be used.
    """
    model = harmonise(read_region(folder))
    if dry_run:
        with partnership.reading() as reader:
            found = differences(reader, model)
        return Proposed(found, "", _by_hand(found))
    with partnership.desk(CLOCK) as desk:
        found = differences(desk, model)
        draft = ""
        refused: tuple[str, ...] = ()
        settings = model.compact.get(AGREEMENT)
        if any(d.file == COMPACT for d in found) and isinstance(settings, AgreementSettings):
            outcome = propose_settings(desk, settings, "bothbanks import")
            if isinstance(outcome, Done):
                draft = outcome.subject
            else:
                refused = (f"{COMPACT}: {_told(outcome)}",)
        if found:
            body = {
                "inputs_sha256": model.inputs_sha256,
                "differences": [{"file": d.file, "what": d.what, "id": d.id, "how": d.how} for d in found],
                "draft": draft,
            }
            desk.record(Entry("region.folder-proposed", f"region/{desk.region.id}", body))
    return Proposed(found, draft, (*refused, *_by_hand(found)))


def _told(refusal: Refusal) -> str:
    return refusal.reason.format_map(refusal.values)


def _by_hand(found: Iterable[Difference]) -> tuple[str, ...]:
    return tuple(str(d) for d in found if d.file != COMPACT)


def pieces(reader: Reader) -> dict[Piece, Any]:
    """All that comes from the folder as plain JSON, by file, what it is and id."""
    out: dict[Piece, Any] = {}
    for kind in every_kind():
        if kind.name == "sharing-rules":
            for kept in reader.all(kind.type):
                _apart(out, _SHARING, kind.name, kind.adapter.dump_python(kept.state, mode="json"))
        elif kind.name in _KINDS:
            file, lived = _KINDS[kind.name]
            for kept in reader.all(kind.type):
                said = _without(kind.adapter.dump_python(kept.state, mode="json"), lived | {_RECORDED})
                if kind.name in _APART:
                    _apart(out, file, kind.name, said)
                else:
                    out[file, kind.name, kept.id] = said
    text = _text(reader)
    if text is not None:
        from pydantic import TypeAdapter

        _apart(out, COMPACT, "agreement", TypeAdapter(AgreementText).dump_python(text, mode="json"))
    return out


def _apart(out: dict[Piece, Any], file: str, name: str, said: dict[str, Any]) -> None:
    rest = dict(said)
    for part in _APART[name]:
        items = rest.pop(part)
        named = items.items() if isinstance(items, dict) else ((item["id"], item) for item in items)
        out.update({(file, part.removesuffix("s"), id): item for id, item in named})
        if not isinstance(items, dict):
            out[file, f"order of {part}", ""] = {"order": [item["id"] for item in items]}
    out[file, name, ""] = rest


def _without(said: Any, names: frozenset[str]) -> Any:
    if isinstance(said, dict):
        return {key: _without(item, frozenset({_RECORDED})) for key, item in said.items() if key not in names}
    return [_without(item, names) for item in said] if isinstance(said, list) else said


def _compared(piece: Piece, before: Any, after: Any) -> Difference | None:
    if before == after:
        return None
    how: How = "only in the folder" if before is None else "only in the database"
    if before is None or after is None:
        return Difference(*piece, how)
    fields: tuple[str, ...] = ()
    if isinstance(before, dict) and isinstance(after, dict):
        fields = tuple(sorted(k for k in {*before, *after} if before.get(k) != after.get(k)))
    return Difference(*piece, "differs", fields)


def _pieces_of(model: RegionModel, at: datetime) -> dict[Piece, Any]:
    """What the folder would give a database that opens at that moment."""
    facts = region_facts(model)
    with (
        tempfile.TemporaryDirectory(prefix="bothbanks-compare-") as beside,
        closing(SqliteStore(Path(beside) / "a.sqlite", every_kind())) as store,
        store.writing() as work,
    ):
        desk = Desk(work, facts, at, CLOCK, None, uuid7)
        open_all(desk, Opening(model, facts, at, Path(beside)))
        return pieces(desk)


def _inputs(reader: Reader, now: Mapping[str, str]) -> dict[Piece, tuple[str | None, str | None]]:
    """Inputs by their hashes; the agreement, the rules and the money are compared by what they say."""
    entry = next((e for e in reader.store.entries(0, 1)), None)
    then = {} if entry is None else read(entry.leaf).body.get("files", {})
    paths = {p for p in {*then, *now} if p != COMPACT and not p.startswith(("compact/", "finance/"))}
    return {(path, INPUT, ""): (then.get(path), now.get(path)) for path in paths} if then else {}


def _money(reader: Reader, folder: Path) -> Iterator[Difference]:
    for path, text in write_back(reader).items():
        if not (folder / path).is_file():
            yield Difference(path, "money file", "", "only in the database")
        elif _other(folder / path, text):
            yield Difference(path, "money file", "", "differs")


def _other(path: Path, text: str) -> bool:
    return not path.is_file() or path.read_bytes() != text.encode()


def _binding(reader: Reader, agreement: Agreement) -> Version | None:
    version = agreement.binding
    return version if version is not None and version.status == IN_FORCE else None


def _text(reader: Reader) -> AgreementText | None:
    """What is in force today, else the draft on its way: what ``compact.toml`` has to say."""
    kept = kept_agreement(reader)
    if kept is None or kept.state.current is None:
        return None
    held = held_today(reader, kept.state)
    return kept.state.current.text if held is None else held.text


def _agreement_settings(reader: Reader, model: RegionModel) -> AgreementSettings | None:
    """The settings to write; None where the folder says the same already, or there is no agreement."""
    kept, text = kept_agreement(reader), _text(reader)
    before = model.compact.get(AGREEMENT)
    if kept is None or text is None or not isinstance(before, AgreementSettings):
        return None
    version = _binding(reader, kept.state)
    status = "draft" if version is None else "in-force"
    if before.status == status and before.agreement(text.languages, text.members) == text:
        return None
    current = version or kept.state.current
    assert current is not None
    signed = {s.member: s.day for s in current.signatures} if version else {}
    in_force = version.in_force if version else None
    notes = {name: term.note for name, term in before.terms.items()}
    return settings_of(text, current.made.date(), in_force, signed, notes)
