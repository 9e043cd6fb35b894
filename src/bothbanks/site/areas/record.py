"""The record: heads, entries and proofs for witnesses and auditors, and pages for people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Path, Query
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from markupsafe import Markup

from bothbanks.app.partnership import record
from bothbanks.app.partnership.notary import own_registry, served, sign_head
from bothbanks.civic.changes import Refusal
from bothbanks.record.leaf import read
from bothbanks.record.tree import consistency_path
from bothbanks.site.area import Area
from bothbanks.site.areas.record_words import AREAS, area_words, kind_words, subject_page, subject_words
from bothbanks.site.door import SERVICE
from bothbanks.site.problems import RefusedError, not_found, problem_responses
from bothbanks.site.visit import Visit
from bothbanks.store.interface import Checkpoint, FullError, Logged, MissingError
from bothbanks.words.errors import InputError, RangeError

AREA = Area("record", "record", "Record")
MOST = 1000  # entries in one answer
PAGE = 50
LARGEST = 2**53 - 1

Place = Annotated[int, Query(ge=0, le=LARGEST)]
Size = Annotated[int, Query(ge=1, le=LARGEST)]
NOTE = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "A signed note"}}


@dataclass(frozen=True)
class KeyOut:
    """A key (C2SP verifier key) and the entry that made it count: it signs larger heads than that number."""

    key: str
    entry: int


@dataclass(frozen=True)
class WitnessKeyOut:
    """The key with which a member's witness co-signs."""

    member: str
    key: str
    entry: int


@dataclass(frozen=True)
class KeysOut:
    """The record's keys. They are a reading aid: what counts are the entries that registered them."""

    origin: str
    members: dict[str, str]
    host: list[KeyOut]
    changes: list[dict[str, Any]]
    witnesses: list[WitnessKeyOut]
    withdrawn: dict[str, int]


@dataclass(frozen=True)
class EntryOut:
    """An entry: its number, and the exact text of its leaf (canonical JSON, RFC 8785)."""

    seq: int
    leaf: str


@dataclass(frozen=True)
class EntriesOut:
    """Some entries in order, and how many there are by now."""

    size: int
    entries: list[EntryOut]


@dataclass(frozen=True)
class InclusionOut:
    """That entry ``seq`` stands in the record of ``size`` entries (RFC 9162, 2.1.3). Hashes in base64."""

    seq: int
    size: int
    leaf_hash: str
    path: list[str]
    root: str


@dataclass(frozen=True)
class ConsistencyOut:
    """That the larger record only added to the smaller (RFC 9162, 2.1.4). Hashes in base64."""

    first: int
    second: int
    path: list[str]


@dataclass(frozen=True)
class WitnessOut:
    """How far a member's witness vouches, and since when an entry waits for it."""

    member: str
    registered: bool
    size: int
    at: str
    waiting_since: str


@dataclass(frozen=True)
class StandingOut:
    """How far the record stands: entries there are, signed, final; and who is missing for the signed head."""

    size: int
    signed: int
    final: int
    state: str
    missing: list[str]
    countries_missing: list[str]
    witnesses: list[WitnessOut]


@AREA.at(
    "/record/checkpoint", SERVICE, response_class=PlainTextResponse, responses=NOTE | problem_responses(503)
)
def checkpoint(visit: Visit) -> Response:
    """The newest signed head of the record with its cosignatures: a C2SP tlog-checkpoint."""
    head: Checkpoint | None
    try:
        head = sign_head(visit.partnership)
    except (InputError, FullError):
        head = visit.reader.store.latest_checkpoint()
    if head is None:
        refusal = Refusal("record.unsigned", "no head of the record has been signed yet.", cause="missing")
        raise RefusedError(refusal, 503, {"Retry-After": "5"})
    with visit.partnership.reading() as reader:
        text = str(served(reader.store, head))
    return PlainTextResponse(text, headers={"Cache-Control": "no-store"})


@AREA.at("/record/entries", response_model=EntriesOut)
def entries(visit: Visit, start: Place = 0, end: Place | None = None) -> EntriesOut:
    """Entries ``start`` (included) to ``end`` (not included), at most 1,000 at a time."""
    size = visit.reader.store.record_size()
    stop = min(size, start + MOST, size if end is None else end)
    found = visit.reader.store.entries(start, stop) if start < stop else []
    return EntriesOut(size, [EntryOut(e.seq, e.leaf.decode()) for e in found])


@AREA.at("/record/proof/inclusion", SERVICE, response_model=InclusionOut)
def inclusion(visit: Visit, seq: Place, size: Size) -> InclusionOut:
    """The proof that an entry stands in the record of so many entries."""
    proof = _proved(lambda: record.inclusion(visit.reader.store, seq, size))
    path = [record.base64(step) for step in proof.path]
    return InclusionOut(seq, size, record.base64(proof.leaf_hash), path, record.base64(proof.root))


@AREA.at("/record/proof/consistency", SERVICE, response_model=ConsistencyOut)
def consistency(
    visit: Visit,
    first: Annotated[int, Query(alias="from", ge=1, le=LARGEST)],
    second: Annotated[int, Query(alias="to", ge=1, le=LARGEST)],
) -> ConsistencyOut:
    """The proof that the record of ``to`` entries only added to that of ``from``."""

    def prove() -> tuple[bytes, ...]:
        if second > visit.reader.store.record_size():
            raise MissingError(f"the record doesn't hold {second} entries")
        return consistency_path(first, second, record.node_reader(visit.reader.store))

    path = _proved(prove)
    return ConsistencyOut(first, second, [record.base64(step) for step in path])


@AREA.at("/record/keys", SERVICE, response_model=KeysOut)
def keys(visit: Visit) -> Any:
    """The host's keys and the witnesses', with the entries that registered them."""
    return record.keys_of(visit.reader.store, visit.region.id)


@AREA.api("/record", StandingOut, SERVICE)
def state(visit: Visit) -> StandingOut:
    """How far the record stands: what is final, what is pending, and who is missing."""
    found = record.record_standing(visit.reader)
    witnesses = [
        WitnessOut(
            w.member,
            w.registered,
            w.size,
            w.at.isoformat() if w.at else "",
            w.waiting_since.isoformat() if w.waiting_since else "",
        )
        for w in found.witnesses
    ]
    missing, countries = list(found.quorum.missing), list(found.quorum.countries_missing)
    return StandingOut(found.size, found.signed, found.final, found.state, missing, countries, witnesses)


@AREA.page("/record")
def index(visit: Visit) -> Response:
    """How far the record stands, and its newest entries."""
    found = record.record_standing(visit.reader)
    newest, _ = record.newest(visit.reader.store, count=10)
    keys = own_registry(visit.reader.store, visit.region.id)
    return visit.show(
        "record/index.html",
        standing=found,
        now=visit.reader.at,
        missing=[visit.member(m) for m in found.quorum.missing],
        entries=[_shown(visit, e) for e in newest],
        origin=keys.origin,
        host_key=keys.host[-1].key.text,
    )


@AREA.page("/record/entries")
def listing(
    visit: Visit,
    area: Annotated[str, Query(max_length=40, pattern="^[a-z-]*$")] = "",
    before: Place | None = None,
) -> Response:
    """Entries, the newest first, of one area or all."""
    found, older = record.newest(visit.reader.store, area, before, PAGE)
    return visit.show(
        "record/entries.html",
        entries=[_shown(visit, e) for e in found],
        older=older,
        before=before,
        area=area,
        areas=[(a, area_words(visit, a)) for a in sorted({*AREAS, *({area} - {""})})],
        size=visit.reader.store.record_size(),
    )


@AREA.page("/record/entry/{seq}")
def entry(visit: Visit, seq: Annotated[int, Path(ge=0, le=LARGEST)]) -> Response:
    """One entry, word for word, with the proof that it stands in the record."""
    store = visit.reader.store
    found = store.entries(seq, seq + 1)
    if not found:
        raise not_found()
    standing, latest = record.record_standing(visit.reader), store.latest_checkpoint()
    signed = latest.size if latest else 0
    proof = record.inclusion(store, seq, signed) if seq < signed else None
    return visit.show(
        "record/entry.html",
        entry=_shown(visit, found[0]),
        leaf=found[0].leaf.decode(),
        proof=proof,
        b64=record.base64,
        standing=standing,
        private=store.private(seq) is not None,
        last=store.record_size() - 1,
    )


@AREA.page("/record/about/{subject:path}")
def about(visit: Visit, subject: str) -> Response:
    """Everything that happened to one thing, in order."""
    found = record.about(visit.reader, subject) if subject.isprintable() else []
    if not found:
        raise not_found()
    return visit.show(
        "record/about.html",
        subject=subject_words(visit, subject),
        page=subject_page(visit, subject),
        entries=[_shown(visit, e) for e in found[-500:]],
        count=len(found),
    )


@AREA.page("/record/keys")
def keys_page(visit: Visit) -> Response:
    """Every key, and for the secretariat the forms to change them."""
    found = own_registry(visit.reader.store, visit.region.id)
    witnesses = [
        (member, since, found.withdrawn.get(member))
        for member, known in found.witnesses.items()
        for since in known
    ]
    return visit.show("record/keys.html", host=found.host, witnesses=witnesses)


@AREA.page("/record/find")
def find(visit: Visit, number: Annotated[str, Query(max_length=20)] = "") -> Response:
    """To the entry whose number was typed."""
    digits = "".join(c for c in number if c.isascii() and c.isdigit())
    if not digits or int(digits) >= visit.reader.store.record_size():
        raise not_found()
    return RedirectResponse(visit.link(f"/record/entry/{int(digits)}"), 303)


@dataclass(frozen=True)
class _Shown:
    seq: int
    at: str
    area: str
    kind: str
    words: Markup
    subject: str
    about: Markup
    page: str
    by: str
    said: tuple[tuple[str, str], ...]


def _shown(visit: Visit, entry: Logged) -> _Shown:
    leaf = read(entry.leaf)
    return _Shown(
        entry.seq,
        visit.moment(entry.at),
        leaf.kind.split(".")[0],
        leaf.kind,
        kind_words(visit, leaf.kind),
        leaf.subject,
        subject_words(visit, leaf.subject),
        subject_page(visit, leaf.subject),
        str(_by(visit, leaf.by)),
        tuple((name, _plain(value)) for name, value in leaf.body.items()),
    )


def _by(visit: Visit, by: str) -> Markup:
    """The role and the member in words."""
    role, _, member = by.partition("@")
    named = {
        "clock": visit.t("the clock"),
        "public": visit.t("somebody who is not signed in"),
        "signed-in": visit.t("somebody signed in"),
        "secretariat": visit.t("the secretariat"),
        "council": visit.t("the council"),
        "engineer": visit.t("an engineer"),
        "duty-officer": visit.t("a duty officer"),
        "auditor": visit.t("an auditor"),
        "monitor": visit.t("a monitor"),
        "resident": visit.t("a resident"),
    }
    words = named.get(role, Markup.escape(role))
    return visit.t("{role} of {member}", role=words, member=visit.member(member)) if member else words


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _proved(prove: Any) -> Any:
    """A proof, or 404 where the record has no such entry or size."""
    try:
        return prove()
    except (RangeError, MissingError) as error:
        refusal = Refusal(
            "record.no-proof", "there is no such proof: {why}", {"why": error.message}, "missing"
        )
        raise RefusedError(refusal) from None
