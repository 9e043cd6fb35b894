"""What both databases share: states, the record and its tree, jobs, in one open transaction.

The features of editable layers are in ``store/features.py``; the two backends add what differs.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, and_, insert, or_, select, update

from bothbanks.record.entries import Entry
from bothbanks.record.leaf import SALT_BYTES, canonical, parsed, seal, sealed_part
from bothbanks.record.tree import appended, edge, leaf_hash
from bothbanks.store import tables
from bothbanks.store.errors import ConflictError, FormError, MissingError
from bothbanks.store.features import FeatureTable
from bothbanks.store.interface import Checkpoint, Cosignature, Kept, Kind, Logged, Node
from bothbanks.store.jobs import JobTable

T = TypeVar("T")


class KindTable:
    """The kinds a store knows, by their dataclass and by name."""

    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        self.by_type: dict[type, Kind[Any]] = {}
        self.by_name: dict[str, Kind[Any]] = {}
        for kind in kinds:
            if kind.type in self.by_type or kind.name in self.by_name:
                raise FormError(f"the kind '{kind.name}' ({kind.type.__name__}) is named twice")
            self.by_type[kind.type] = self.by_name[kind.name] = kind

    def of(self, type_: type[T]) -> Kind[T]:
        """The kind of a dataclass; FormError for one that no module of ``store/kinds`` names."""
        kind = self.by_type.get(type_)
        if kind is None:
            raise FormError(
                f"nothing tells the store how to keep a {type_.__name__}; name it in a module of store/kinds"
            )
        return kind


class Transaction(FeatureTable, JobTable):
    """One open transaction: what ``Writing`` promises; the backends add their spatial index."""

    def __init__(self, connection: Connection, kinds: KindTable) -> None:
        super().__init__(connection)
        self.kinds = kinds
        self._size: int | None = None
        self._last: datetime | None = None
        self._edge: dict[Node, bytes] = {}

    # States

    def load(self, type_: type[T], id: str) -> Kept[T]:
        """The object, or MissingError."""
        kind, t = self.kinds.of(type_), tables.objects
        row = self.connection.execute(
            select(t.c.version, t.c.body).where(t.c.kind == kind.name, t.c.id == id)
        ).one_or_none()
        if row is None:
            raise MissingError(f"there is no {kind.name} '{id}'")
        return Kept(id, row.version, kind.adapter.validate_json(row.body))

    def all(
        self,
        type_: type[T],
        *,
        parent: str | None = None,
        status: str | None = None,
        owner: str | None = None,
        due_before: datetime | None = None,
    ) -> list[Kept[T]]:
        """Objects of the kind that fit every key given, by id."""
        kind, t = self.kinds.of(type_), tables.objects
        wanted = select(t.c.id, t.c.version, t.c.body).where(t.c.kind == kind.name).order_by(t.c.id)
        for column, value in ((t.c.parent, parent), (t.c.status, status), (t.c.owner, owner)):
            if value is not None:
                wanted = wanted.where(column == value)
        if due_before is not None:
            wanted = wanted.where(t.c.due < due_before)
        read = kind.adapter.validate_json
        return [Kept(id, version, read(body)) for id, version, body in self.connection.execute(wanted)]

    def save(self, type_: type[T], id: str, state: T, expected: int | None) -> int:
        """Keep the state; the new version."""
        kind, t = self.kinds.of(type_), tables.objects
        keys = kind.keys(state)
        version = 1 if expected is None else expected + 1
        row = {
            "version": version,
            "body": written(kind, state),
            "parent": keys.parent,
            "status": keys.status,
            "owner": keys.owner,
            "due": keys.due,
        }
        if expected is None:
            kept = self.put(t, {"kind": kind.name, "id": id, **row})
        else:
            here = and_(t.c.kind == kind.name, t.c.id == id, t.c.version == expected)
            kept = self.connection.execute(update(t).where(here).values(row)).rowcount == 1
        if not kept:
            raise self._conflict(kind.name, t, and_(t.c.kind == kind.name, t.c.id == id), id, expected)
        return version

    def forget(self, type_: type[T], id: str) -> None:
        """Delete the object; MissingError where there is none."""
        kind, t = self.kinds.of(type_), tables.objects
        if not self.connection.execute(t.delete().where(t.c.kind == kind.name, t.c.id == id)).rowcount:
            raise MissingError(f"there is no {kind.name} '{id}' to forget")
        self.erased = True

    def _conflict(self, what: str, table: Table, where: Any, id: str, expected: int | None) -> ConflictError:
        found = self.connection.execute(select(table.c.version).where(where)).scalar()
        if expected is None:
            return ConflictError(f"{what} '{id}' is there already (version {found}); expected none yet")
        there = "has been deleted" if found is None else f"is at version {found} by now"
        return ConflictError(f"{what} '{id}' {there}; expected version {expected}. Read it again.")

    # Record

    def record_size(self) -> int:
        """How many entries the record holds."""
        if self._size is None:
            t = tables.entries
            last = self.connection.execute(select(t.c.seq, t.c.at).order_by(t.c.seq.desc()).limit(1)).first()
            self._size, self._last = (0, None) if last is None else (last.seq + 1, last.at)
        return self._size

    def append(self, entry: Entry, at: datetime, by: str, person: str) -> int:
        """Put the entry at the end of the record, and the nodes it completes into the tree.

        Where the clock was set back, the entry takes the instant of the last one: time in the record never
        runs backwards.
        """
        seq, salt = self.record_size(), secrets.token_bytes(SALT_BYTES)
        if self._last is not None and at.tzinfo is not None:
            at = max(at, self._last)
        leaf = seal(entry, at, by, person, salt)
        run, t = self.connection.execute, tables
        run(insert(t.entries).values(seq=seq, at=at, kind=entry.kind, subject=entry.subject, leaf=leaf))
        private = canonical(sealed_part(entry, person)).decode()
        run(insert(t.privates).values(seq=seq, salt=salt, body=private))
        self.grow(seq, leaf_hash(leaf))
        self._last = at
        return seq

    def grow(self, seq: int, hashed: bytes) -> None:
        """Add a leaf's hash and every subtree it completes."""
        missing = [node for node in edge(seq) if node not in self._edge]
        self._edge.update(self.nodes(missing))
        added = appended(seq, hashed, self._edge.__getitem__)
        rows = [{"level": level, "place": place, "hash": each} for (level, place), each in added.items()]
        self.connection.execute(insert(tables.nodes), rows)
        self._edge.update(added)
        self._size = seq + 1

    def entries(self, start: int = 0, end: int | None = None) -> list[Logged]:
        """Entries ``start`` (included) to ``end`` (not included), in order."""
        t = tables.entries
        wanted = select(t).where(t.c.seq >= start).order_by(t.c.seq)
        return self._logged(wanted if end is None else wanted.where(t.c.seq < end))

    def entries_about(self, subject: str) -> list[Logged]:
        """Entries whose subject this is, in order."""
        t = tables.entries
        return self._logged(select(t).where(t.c.subject == subject).order_by(t.c.seq))

    def _logged(self, wanted: Any) -> list[Logged]:
        rows = self.connection.execute(wanted)
        return [Logged(row.seq, row.at, row.kind, row.subject, row.leaf) for row in rows]

    def private(self, seq: int) -> tuple[bytes, dict[str, Any]] | None:
        """Salt and private part of an entry; None where it was erased."""
        t = tables.privates
        row = self.connection.execute(select(t.c.salt, t.c.body).where(t.c.seq == seq)).one_or_none()
        return None if row is None else (row.salt, parsed(row.body))

    def privates(self) -> dict[int, tuple[bytes, dict[str, Any]]]:
        """Salt and private part of every entry that still has one, by its number."""
        rows = self.connection.execute(select(tables.privates).order_by(tables.privates.c.seq))
        return {row.seq: (row.salt, parsed(row.body)) for row in rows}

    def forget_private(self, seq: int) -> None:
        """Erase the private part of an entry and its salt."""
        t = tables.privates
        if not self.connection.execute(t.delete().where(t.c.seq == seq)).rowcount:
            raise MissingError(f"entry {seq} has no private part to erase (any more)")
        self.erased = True

    def nodes(self, wanted: Iterable[Node]) -> dict[Node, bytes]:
        """Hashes of complete subtrees."""
        t, found = tables.nodes, {}
        pairs = sorted(set(wanted))
        for begin in range(0, len(pairs), 200):
            some = [and_(t.c.level == level, t.c.place == at) for level, at in pairs[begin : begin + 200]]
            for row in self.connection.execute(select(t).where(or_(*some))):
                found[row.level, row.place] = row.hash
        return found

    def checkpoints(self) -> list[Checkpoint]:
        """Signed heads by size."""
        rows = self.connection.execute(select(tables.checkpoints).order_by(tables.checkpoints.c.size))
        return [_checkpoint(row) for row in rows]

    def latest_checkpoint(self) -> Checkpoint | None:
        """The signed head of the largest size."""
        t = tables.checkpoints
        row = self.connection.execute(select(t).order_by(t.c.size.desc()).limit(1)).one_or_none()
        return None if row is None else _checkpoint(row)

    def keep_checkpoint(self, size: int, root: bytes, note: str) -> None:
        """Keep a signed head."""
        t = tables.checkpoints
        if self.put(t, {"size": size, "root": root, "note": note}):
            return
        if self.connection.execute(select(t.c.root).where(t.c.size == size)).scalar_one() != root:
            raise ConflictError(
                f"a checkpoint of size {size} with another root is kept already: one log can't have two "
                "roots of one size. Don't sign either before you know how it came about."
            )
        self.connection.execute(update(t).where(t.c.size == size).values(note=note))

    def cosignatures(self, size: int) -> list[Cosignature]:
        """What the witnesses signed for that size, by witness."""
        t = tables.cosignatures
        rows = self.connection.execute(select(t).where(t.c.size == size).order_by(t.c.witness))
        return [Cosignature(row.size, row.witness, row.line) for row in rows]

    def keep_cosignature(self, size: int, witness: str, line: str) -> None:
        """Keep what a witness signed."""
        t, signed = tables.cosignatures, tables.checkpoints
        if not self.connection.execute(select(signed.c.size).where(signed.c.size == size)).first():
            raise MissingError(f"there is no checkpoint of size {size} to co-sign")
        if not self.put(t, {"size": size, "witness": witness, "line": line}):
            here = and_(t.c.size == size, t.c.witness == witness)
            self.connection.execute(update(t).where(here).values(line=line))


def written(kind: Kind[T], state: T) -> str:
    """The state as JSON; refused where reading it back would give something else.

    Raises
    ------
    FormError
        A value JSON or the dataclass's types can't hold (NaN, a list where a tuple is declared).
    """
    try:
        body = kind.adapter.dump_json(state, warnings="error")
        same = kind.adapter.validate_json(body) == state
    except ValueError as error:
        raise FormError(
            f"this {kind.name} can't be kept: a field holds another type than its dataclass "
            f"{kind.type.__name__} declares ({error})"
        ) from error
    if not same:
        raise FormError(
            f"this {kind.name} would come back different from what was saved: a field of its dataclass "
            f"{kind.type.__name__} holds what JSON can't (NaN, an instant's zone)"
        )
    return body.decode()


def _checkpoint(row: Row[Any]) -> Checkpoint:
    return Checkpoint(row.size, row.root, row.note)
