"""What the rest of the program sees of the store: a snapshot to read, a transaction to write.

Two backends keep to it: one SQLite file (``store/sqlite.py``), PostgreSQL with PostGIS
(``store/postgres.py``); one suite of tests runs on both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter

from bothbanks.record.entries import Entry
from bothbanks.store.errors import ConflictError, FullError, MissingError, UnavailableError

__all__ = [
    "Checkpoint", "ConflictError", "Cosignature", "Feature", "FullError", "Job", "Kept", "Keys", "Kind",
    "Logged", "MissingError", "Reading", "Store", "UnavailableError", "Writing",
]  # fmt: skip

T = TypeVar("T")
Node = tuple[int, int]
"""(level, index) of a complete subtree: level 0 are the leaves, level k spans 2^k of them."""
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees (EPSG:4326); west > east crosses the antimeridian."""


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A state as the store keeps it; ``version`` counts its changes from 1."""

    id: str
    version: int
    state: T


@dataclass(frozen=True)
class Keys:
    """What objects of a kind can be asked by."""

    parent: str = ""
    status: str = ""
    owner: str = ""
    due: datetime | None = None


def _no_keys(_: Any) -> Keys:
    return Keys()


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of object: its name in the database, its dataclass, and what it is asked by.

    ``personal`` says that its objects may hold what is about a person or not for everybody; only a kind that
    says ``personal=False`` is part of an export made without ``--private``.
    """

    name: str
    type: type[T]
    keys: Callable[[T], Keys] = _no_keys
    personal: bool = True

    @cached_property
    def adapter(self) -> TypeAdapter[T]:
        """Writes and reads the dataclass as JSON."""
        return TypeAdapter(self.type)


@dataclass(frozen=True)
class Logged:
    """One entry as the record holds it. ``leaf`` is the canonical JSON that the tree is built on."""

    seq: int
    at: datetime
    kind: str
    subject: str
    leaf: bytes


@dataclass(frozen=True)
class Checkpoint:
    """A signed head of the record: its size, its root and the signed note."""

    size: int
    root: bytes
    note: str


@dataclass(frozen=True)
class Cosignature:
    """What one witness signed under a checkpoint of that size."""

    size: int
    witness: str
    line: str


@dataclass(frozen=True)
class Feature:
    """One feature of an editable layer. ``geometry`` is GeoJSON in longitude, latitude (EPSG:4326)."""

    layer: str
    id: str
    version: int
    geometry: Mapping[str, Any] | None
    properties: Mapping[str, Any]
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True)
class Job:
    """Work to be done outside a request; one worker at a time holds its lease."""

    id: str
    name: str
    args: Mapping[str, Any]
    status: str  # 'waiting', 'running', 'done' or 'failed'
    made: datetime
    due: datetime
    attempts: int = 0
    worker: str = ""
    lease_until: datetime | None = None
    progress: str = ""
    error: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)


class Reading(Protocol):
    """One consistent snapshot of everything."""

    def load(self, type_: type[T], id: str) -> Kept[T]:
        """The object, or MissingError."""
        ...

    def all(
        self,
        type_: type[T],
        *,
        parent: str | None = None,
        status: str | None = None,
        owner: str | None = None,
        due_before: datetime | None = None,
    ) -> list[Kept[T]]:
        """Objects of the kind that fit every key given, by id (a UUIDv7: oldest first).

        ``due_before`` leaves out what has no due instant; the instant itself is not included.
        """
        ...

    def record_size(self) -> int:
        """How many entries the record holds."""
        ...

    def entries(self, start: int = 0, end: int | None = None) -> list[Logged]:
        """Entries ``start`` (included) to ``end`` (not included; None: to the last), in order."""
        ...

    def entries_about(self, subject: str) -> list[Logged]:
        """Entries whose subject this is, in order."""
        ...

    def private(self, seq: int) -> tuple[bytes, dict[str, Any]] | None:
        """Salt and private part of an entry; None where there was none or it was erased."""
        ...

    def nodes(self, wanted: Iterable[Node]) -> dict[Node, bytes]:
        """Hashes of complete subtrees; one that is not complete yet is left out."""
        ...

    def checkpoints(self) -> list[Checkpoint]:
        """Signed heads by size."""
        ...

    def latest_checkpoint(self) -> Checkpoint | None:
        """The signed head of the largest size."""
        ...

    def cosignatures(self, size: int) -> list[Cosignature]:
        """What the witnesses signed for that size, by witness."""
        ...

    def layers(self) -> list[str]:
        """Names of the layers that hold a feature."""
        ...

    def features(
        self, layer: str, bbox: Box | None = None, limit: int | None = None, after: str = ""
    ) -> list[Feature]:
        """Features by id, after the id ``after``; with ``bbox`` those whose geometry touches the box."""
        ...

    def feature(self, layer: str, id: str) -> Feature:
        """The feature, or MissingError."""
        ...

    def job(self, id: str) -> Job:
        """The job, or MissingError."""
        ...

    def jobs(self, status: str | None = None) -> list[Job]:
        """Jobs in the order in which they were made."""
        ...


class Writing(Reading, Protocol):
    """One transaction: everything in it happens, or nothing. Writers follow one another."""

    def save(self, type_: type[T], id: str, state: T, expected: int | None) -> int:
        """Keep the state; the new version.

        ``expected`` is the version that must be there, None that nothing may be there; otherwise
        ConflictError.
        """
        ...

    def forget(self, type_: type[T], id: str) -> None:
        """Delete the object; MissingError where there is none."""
        ...

    def append(self, entry: Entry, at: datetime, by: str, person: str) -> int:
        """Put the entry at the end of the record; its sequence number, from 0 without a gap.

        An ``at`` earlier than the last entry's becomes the last entry's.
        """
        ...

    def forget_private(self, seq: int) -> None:
        """Erase the private part of an entry and its salt; the leaf and its commitment stay."""
        ...

    def keep_checkpoint(self, size: int, root: bytes, note: str) -> None:
        """Keep a signed head; a second one for a size, but with another root, is a ConflictError."""
        ...

    def keep_cosignature(self, size: int, witness: str, line: str) -> None:
        """Keep what a witness signed; the same witness's newer line for a size replaces the older."""
        ...

    def save_feature(self, feature: Feature, expected: int | None) -> int:
        """As ``save``, for a feature; ``feature.version`` is not read. The new version."""
        ...

    def drop_feature(self, layer: str, id: str, expected: int | None = None) -> None:
        """Delete the feature; MissingError, or ConflictError where another version is there."""
        ...

    def enqueue(self, id: str, name: str, args: Mapping[str, Any], at: datetime) -> None:
        """Ask for a job, due at once."""
        ...

    def lease(self, worker: str, at: datetime, until: datetime, names: Sequence[str] = ()) -> Job | None:
        """Take the job that has waited longest, or one whose lease has run out; None: nothing to do."""
        ...

    def job_progress(self, id: str, worker: str, text: str, until: datetime) -> None:
        """Say how far it is and lengthen the lease; ConflictError where the lease is another's."""
        ...

    def job_done(self, id: str, worker: str, result: Mapping[str, Any]) -> None:
        """Close it; ConflictError where the lease is another's."""
        ...

    def job_failed(self, id: str, worker: str, error: str, retry_at: datetime | None) -> None:
        """Keep the error; waiting again from ``retry_at``, or failed for good (None)."""
        ...


class Store(Protocol):
    """A database of one partnership."""

    @property
    def address(self) -> str:
        """Path or address, without a password."""
        ...

    def reading(self) -> AbstractContextManager[Reading]:
        """A snapshot: what is written meanwhile is not seen."""
        ...

    def writing(self) -> AbstractContextManager[Writing]:
        """A transaction: kept at the end of the block, undone by an exception."""
        ...

    def close(self) -> None:
        """Let go of the file or server."""
        ...
