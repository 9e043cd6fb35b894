"""PostgreSQL with PostGIS: for a partnership whose cities share a database server.

Readers see one snapshot (repeatable read, read only). Writers follow one another by an advisory lock, so the
record's numbers have no gap and two changes of one object never both win.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, create_engine, func, or_
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError

from bothbanks.store import tables
from bothbanks.store.errors import FormError, FullError, StoreError, UnavailableError
from bothbanks.store.interface import Box, Kind
from bothbanks.store.migrations import brought_up_to_date
from bothbanks.store.transaction import KindTable, Transaction

WAIT_SECONDS = 30
READERS = 32
WRITERS_LOCK = 0x426F7468  # any number that no other program uses in this database
_SETTINGS = f"-c synchronous_commit=on -c timezone=UTC -c lock_timeout={WAIT_SECONDS * 1000}"
_FULL = {"53100", "25006", "58030"}  # disk_full, read_only_sql_transaction, io_error
_BUSY = {"55P03", "40P01", "40001"}  # lock_not_available, deadlock_detected, serialization_failure
_RIGHTS = {"42501", "3D000", "28P01", "28000"}  # insufficient_privilege, no such database, authorisation


class PostgresTransaction(Transaction):
    """Adds PostGIS's index on the geometries."""

    def near(self, boxes: Sequence[Box]) -> ColumnElement[bool]:
        """Features whose bounds touch one of the boxes: the caller looks again."""
        shape = tables.features.c.geometry
        return or_(*(shape.bool_op("&&")(func.ST_MakeEnvelope(*box, 4326)) for box in boxes))


class PostgresStore:
    """A store in one database, made where it is empty and brought up to date where it is older."""

    def __init__(self, address: str, kinds: Iterable[Kind[Any]]) -> None:
        self._url = _url(address)
        self._name = f"bothbanks-{secrets.token_hex(8)}"
        self.kinds = KindTable(kinds)
        read_only = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self._engine(READERS).execution_options(**read_only)
        self._writer = self._engine(1)
        try:
            with self._told(), self._writing() as connection:
                self._check(connection)
                brought_up_to_date(connection)
        except BaseException:
            self.close()
            raise

    @property
    def address(self) -> str:
        """Address without its password."""
        return self._url.set(drivername="postgresql").render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[PostgresTransaction]:
        """A snapshot: what is written meanwhile is not seen."""
        with self._told(), self._reader.begin() as connection:
            connection.exec_driver_sql("SELECT 1").all()  # the snapshot starts here
            yield PostgresTransaction(connection, self.kinds)

    @contextmanager
    def writing(self) -> Iterator[PostgresTransaction]:
        """A transaction: kept at the end of the block, undone by an exception."""
        with self._told(), self._writing() as connection:
            work = PostgresTransaction(connection, self.kinds)
            yield work
        if work.erased:
            self._tidy()

    def in_use(self) -> bool:
        """Whether another program of ours is connected to the database."""
        with self._told(), self._reader.connect() as connection:
            others = connection.exec_driver_sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name LIKE 'bothbanks-%%' AND application_name <> %s",
                (self._name,),
            )
            return bool(others.scalar())

    def close(self) -> None:
        """Let go of the server."""
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._writer.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
            yield connection

    def _tidy(self) -> None:
        """Free the rows that were erased now; the server's log keeps them until it is recycled."""
        with suppress(DBAPIError, TimeoutError), self._writer.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            alone.exec_driver_sql("VACUUM privates, objects, features")

    def _check(self, connection: Connection) -> None:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise FormError(
                f"the database {self.address} keeps text in {encoding}; expected UTF8. Make one with "
                "CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0."
            )

    def _engine(self, connections: int) -> Engine:
        try:
            return create_engine(
                self._url,
                pool_size=connections,
                max_overflow=0,
                pool_timeout=WAIT_SECONDS,
                pool_pre_ping=True,
                connect_args={
                    "options": _SETTINGS,
                    "application_name": self._name,
                    "connect_timeout": 10,
                    "keepalives_idle": 30,
                },
            )
        except ModuleNotFoundError as error:
            raise FormError(
                f"no driver for PostgreSQL is installed ({error}); install the extra bothbanks[postgres]"
            ) from error

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Faults of the database in this program's words."""
        try:
            yield
        except DBAPIError as error:
            raise self._fault(error.orig) from error
        except TimeoutError as error:
            raise self._busy() from error

    def _busy(self) -> UnavailableError:
        return UnavailableError(
            f"another change has held {self.address} for more than {WAIT_SECONDS} s; nothing was changed. "
            "Try again; if it stays so, look for a transaction left open (pg_stat_activity)."
        )

    def _fault(self, error: BaseException | None) -> StoreError:
        state = getattr(error, "sqlstate", None)
        words = " ".join(str(error).split())
        if state in _FULL:
            return FullError(
                f"{self.address} can't be written ({words}): the server's disk is full or it is read-only; "
                "nothing was changed. Reading goes on. Make room on the server, then try again."
            )
        if state in _BUSY:
            return self._busy()
        if state in _RIGHTS:
            return FormError(
                f"{self.address}: {words}. The database must exist, and its user must own it; where the user "
                "may not add PostGIS, an administrator does so once: CREATE EXTENSION postgis."
            )
        if state == "0A000" or "postgis" in words:
            return FormError(f"{self.address}: {words}. PostGIS must be installed on the server.")
        return UnavailableError(
            f"{self.address} doesn't answer as it should ({words}); nothing was acknowledged. Try again; "
            "look at the server's log if it stays so."
        )


def _url(address: str) -> URL:
    """The address for the driver; anything but a PostgreSQL address is a FormError."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise FormError("this is no database address; expected postgresql://user@host/database") from error
    if url.drivername not in {"postgresql", "postgres"}:
        raise FormError(f"a database of the kind '{url.drivername}' is not known; expected postgresql://")
    return url.set(drivername="postgresql+psycopg")
