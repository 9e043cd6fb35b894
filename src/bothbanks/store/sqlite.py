"""One SQLite file: for a partnership whose site runs on one machine.

Write-ahead logging lets readers go on while one writes; ``synchronous=FULL`` puts a change on the disk before
it is acknowledged; ``secure_delete`` overwrites what is erased. Writers follow one another: within a process
they queue for the one writing connection, between processes ``BEGIN IMMEDIATE`` waits its turn.
What was erased is overwritten in the log, too: at once, or where a reader still needs the log, after the next
write, when the store is closed, or when it is opened again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    column,
    create_engine,
    delete,
    event,
    insert,
    or_,
    select,
    table,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.pool import QueuePool

from bothbanks.store import tables
from bothbanks.store.errors import FormError, FullError, StoreError, UnavailableError
from bothbanks.store.interface import Box, Kind
from bothbanks.store.migrations import brought_up_to_date
from bothbanks.store.transaction import KindTable, Transaction

WAIT_SECONDS = 30
READERS = 64
NEAR = 1e-6
"""Degrees by which a search in the R-tree is widened: its 32 bits take the tiniest numbers for nought."""
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    f"busy_timeout = {WAIT_SECONDS * 1000}",
)
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
_NO_DATABASE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


_box = table(
    "features_box", column("number"), column("west"), column("east"), column("south"), column("north")
)


class SqliteTransaction(Transaction):
    """Adds SQLite's R-tree: it holds every geometry's bounds, rounded outwards to 32 bits."""

    def near(self, boxes: Sequence[Box]) -> ColumnElement[bool]:
        """Features whose bounds touch one of the boxes, or nearly: the caller looks again."""
        b = _box.c
        touching = (
            and_(
                b.west <= east + NEAR, b.east >= west - NEAR, b.south <= north + NEAR, b.north >= south - NEAR
            )
            for west, south, east, north in boxes
        )
        return tables.features.c.number.in_(select(b.number).where(or_(*touching)))

    def index(self, number: int, shape: shapely.Geometry | None) -> None:
        """Keep the bounds of this feature, or none."""
        self.connection.execute(delete(_box).where(_box.c.number == number))
        if shape is not None:
            west, south, east, north = shape.bounds
            bounds = {"number": number, "west": west, "east": east, "south": south, "north": north}
            self.connection.execute(insert(_box).values(bounds))


class SqliteStore:
    """A store in one file, made where there is none and brought up to date where it is older."""

    def __init__(self, path: Path, kinds: Iterable[Kind[Any]]) -> None:
        self.path = path
        self.kinds = KindTable(kinds)
        self._untidy = False
        self._reader = self._engine("BEGIN", READERS, query_only=True)
        self._writer = self._engine("BEGIN IMMEDIATE", 1, query_only=False)
        try:
            with self._told(), self._writer.begin() as connection:
                brought_up_to_date(connection)
            self._tidy()
        except BaseException:
            self.close()
            raise

    @property
    def address(self) -> str:
        """Path of the file."""
        return str(self.path)

    @contextmanager
    def reading(self) -> Iterator[SqliteTransaction]:
        """A snapshot: what is written meanwhile is not seen."""
        with self._told(), self._reader.begin() as connection:
            connection.exec_driver_sql("SELECT 1 FROM entries LIMIT 1").all()  # the snapshot starts here
            yield self._transaction(connection)

    @contextmanager
    def writing(self) -> Iterator[SqliteTransaction]:
        """A transaction: kept at the end of the block, undone by an exception."""
        with self._told():
            with self._writer.begin() as connection:
                work = self._transaction(connection)
                yield work
            if work.erased:
                self._untidy = True
            if self._untidy:
                self._tidy()

    def copy_to(self, target: Path) -> None:
        """A consistent copy of the file while others read and write it (SQLite's backup API)."""
        with self._told(), self._reader.connect() as connection:
            source = connection.connection.driver_connection
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)  # type: ignore[union-attr]
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it

    def in_use(self) -> bool:
        """Whether another program has the file open. Lets go of it first."""
        self.close()
        with closing(sqlite3.connect(self.path, timeout=0)) as alone:
            try:
                alone.execute("PRAGMA journal_mode = DELETE")  # only possible where nobody else is in it
            except sqlite3.OperationalError:
                return True
        return False

    def close(self) -> None:
        """Let go of the file; what was erased is gone from its log, unless another program still reads it."""
        self._reader.dispose()
        if self._untidy:
            self._tidy()
        self._writer.dispose()

    def _transaction(self, connection: Connection) -> SqliteTransaction:
        return SqliteTransaction(connection, self.kinds)

    def _tidy(self) -> None:
        """Move the log into the file and empty it: what was erased must not stay readable there.

        Never waits: where a reader needs the log, or the disk has no room, it is for the next time. The
        change itself is kept already, so no fault of this may reach the one who made it.
        """
        with suppress(StoreError), self._told(), self._writer.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            self._untidy = True
            raw.execute("PRAGMA busy_timeout = 0")
            try:
                (blocked, *_) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                self._untidy = bool(blocked)
            finally:
                raw.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")

    def _engine(self, begin: str, connections: int, query_only: bool) -> Engine:
        engine = create_engine(
            URL.create("sqlite", database=str(self.path)),
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=WAIT_SECONDS,
            connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False},
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None  # the transaction is ours to begin
            for pragma in (*_PRAGMAS, f"query_only = {int(query_only)}"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Faults of the database in this program's words."""
        try:
            yield
        except DBAPIError as error:
            raise self._fault(error.orig) from error
        except sqlite3.Error as error:
            raise self._fault(error) from error
        except TimeoutError as error:
            raise self._busy() from error

    def _busy(self) -> UnavailableError:
        return UnavailableError(
            f"another change has held {self.path.name} for more than {WAIT_SECONDS} s; nothing was changed. "
            "Try again; if it stays so, look for a program that keeps the file open."
        )

    def _fault(self, error: BaseException | None) -> StoreError | BaseException:
        code = getattr(error, "sqlite_errorcode", None)
        primary = None if code is None else code & 0xFF
        if primary in _FULL:
            return FullError(
                f"{self.path.name} can't be written ({error}): the disk is full or read-only; nothing was "
                "changed. Reading goes on. Make room (or the folder writable), then try again."
            )
        if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return self._busy()
        if primary in _NO_DATABASE:
            return FormError(f"{self.path.name} is no sound SQLite database ({error}); restore a backup")
        return UnavailableError(f"{self.path.name}: {error}")
