"""A small record with a host, witnesses and heads, made in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bothbanks.record.entries import Entry
from bothbanks.record.export import Parts, Sealed, parts, read_parts
from bothbanks.record.leaf import read, seal, sealed_part
from bothbanks.record.note import HOST, WITNESS, Head, Note, Secret, cosigned, signed
from bothbanks.record.registry import OPENED, WITNESSED, Registry, keys_json, registry
from bothbanks.record.tree import grown, leaf_hash, root

START = datetime(2026, 11, 1, 9, tzinfo=UTC)
MEMBERS = {"aac": "DE", "dur": "DE", "mhl": "NL"}
ORIGIN = "bothbanks/two-banks/0badcafe"
SUBJECT = "record/two-banks"
HOST_SECRET = Secret.made(ORIGIN, HOST, b"h" * 32)
WITNESS_SECRETS = {m: Secret.made(f"{m}/witness", WITNESS, m.encode().ljust(32)) for m in MEMBERS}


@dataclass
class Book:
    """A record in memory: entries are appended, heads signed, and the whole exported."""

    leaves: list[bytes] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    sealed: list[Sealed] = field(default_factory=list)

    def add(self, *entries: Entry, by: str = "council@aac", person: str = "p-1") -> Book:
        for entry in entries:
            seq = len(self.leaves)
            salt = seq.to_bytes(32, "big")
            at = START + timedelta(minutes=seq)
            self.leaves.append(seal(entry, at, by, person, salt))
            self.sealed.append(Sealed(seq, salt, sealed_part(entry, person)))
        return self

    def head(self) -> Head:
        hashes = [leaf_hash(leaf) for leaf in self.leaves]
        return Head(ORIGIN, len(hashes), root(len(hashes), grown(hashes).__getitem__))

    def sign(self, *witnesses: str, host: Secret = HOST_SECRET) -> Book:
        note = signed(self.head(), host)
        at = START + timedelta(hours=len(self.leaves))
        more = [cosigned(note.text, WITNESS_SECRETS[w], at) for w in witnesses]
        self.notes.append(note.with_signatures(more))
        return self

    def keys(self) -> Registry:
        found = [(n, read(leaf)) for n, leaf in enumerate(self.leaves)]
        return registry((n, f.kind, f.body) for n, f in found if f.kind.startswith("record."))

    def files(self, private: Sequence[int] = ()) -> dict[str, bytes]:
        sealed = [s for s in self.sealed if s.seq in private]
        return dict(parts(self.leaves, self.notes, keys_json(self.keys()), START, sealed))

    def parts(self, private: Sequence[int] = ()) -> Parts:
        return read_parts(self.files(private))


def opened(members: Mapping[str, str] = MEMBERS, witnesses: bool = True) -> Book:
    """A record just opened, its witnesses registered."""
    body = {"origin": ORIGIN, "key": HOST_SECRET.key.text, "members": dict(members)}
    book = Book().add(Entry(OPENED, SUBJECT, body), by="clock", person="clock")
    if witnesses:
        for m in members:
            book.add(Entry(WITNESSED, SUBJECT, {"member": m, "key": WITNESS_SECRETS[m].key.text}))
    return book


def votes(count: int, start: int = 0) -> list[Entry]:
    return [
        Entry("votes.opened", f"vote/{n}", {"number": n}, {"clerk": f"clerk {n}"})
        for n in range(start, start + count)
    ]
