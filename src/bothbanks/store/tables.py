"""The tables, in SQLAlchemy Core: what the queries are stated in.

How they come to be is told once, in ``store/migrations``; a test compares the two. Text that is looked up
or ordered by is compared byte by byte on both databases, so both give the same order.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import DateTime, TypeDecorator, TypeEngine

from bothbanks.record.leaf import instant, moment

WORD = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte."""
COUNT = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number; SQLite numbers rows by itself only in a column that is called INTEGER."""


class Instant(TypeDecorator[datetime]):
    """An aware instant: ``timestamptz`` in PostgreSQL, sortable text in SQLite; always comes back in UTC."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type in this database."""
        kind: TypeEngine[Any] = DateTime(timezone=True) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database; an instant without a zone is an InputError."""
        if value is None:
            return None
        text = instant(value)
        return value.astimezone(UTC) if dialect.name == "postgresql" else text

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else moment(value)


class _Shape(FunctionElement[bytes]):
    """A bound value of well-known binary as the database's own geometry."""

    type = LargeBinary()
    inherit_cache = True


class _Bytes(FunctionElement[bytes]):
    """A geometry of the database as well-known binary."""

    type = LargeBinary()
    inherit_cache = True


@compiles(_Shape)
@compiles(_Bytes)
def _as_kept(element: FunctionElement[bytes], compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_Shape, "postgresql")
def _to_postgis(element: FunctionElement[bytes], compiler: SQLCompiler, **options: Any) -> str:
    return f"ST_SetSRID(ST_GeomFromWKB({compiler.process(element.clauses, **options)}), 4326)"


@compiles(_Bytes, "postgresql")
def _from_postgis(element: FunctionElement[bytes], compiler: SQLCompiler, **options: Any) -> str:
    return f"ST_AsBinary({compiler.process(element.clauses, **options)})"


class Geometry(TypeDecorator[bytes]):
    """Well-known binary in longitude, latitude: a PostGIS geometry (SRID 4326), or the bytes in SQLite."""

    impl = LargeBinary
    cache_ok = True

    def bind_expression(self, bindvalue: Any) -> ColumnElement[bytes]:
        """What an INSERT or UPDATE writes."""
        return _Shape(bindvalue)

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[bytes]:
        """What a SELECT reads."""
        return _Bytes(column)


metadata = MetaData()

objects = Table(
    "objects",
    metadata,
    Column("kind", WORD, primary_key=True),
    Column("id", WORD, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("parent", WORD, nullable=False),
    Column("status", WORD, nullable=False),
    Column("owner", WORD, nullable=False),
    Column("due", Instant),
    Index("objects_parent", "kind", "parent"),
    Index("objects_status", "kind", "status", "due"),
    Index("objects_owner", "kind", "owner"),
)

entries = Table(
    "entries",
    metadata,
    Column("seq", COUNT, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("subject", WORD, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Index("entries_subject", "subject", "seq"),
)

privates = Table(
    "privates",
    metadata,
    Column("seq", COUNT, ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
)

nodes = Table(
    "nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", COUNT, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", COUNT, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
)

cosignatures = Table(
    "cosignatures",
    metadata,
    Column("size", COUNT, ForeignKey("checkpoints.size"), primary_key=True, autoincrement=False),
    Column("witness", WORD, primary_key=True),
    Column("line", Text, nullable=False),
)

features = Table(
    "features",
    metadata,
    Column("number", COUNT, primary_key=True, autoincrement=True),
    Column("layer", WORD, nullable=False),
    Column("id", WORD, nullable=False),
    Column("version", Integer, nullable=False),
    Column("geometry", Geometry),
    Column("properties", Text, nullable=False),
    Column("valid_from", Instant),
    Column("valid_to", Instant),
    UniqueConstraint("layer", "id"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("name", WORD, nullable=False),
    Column("args", Text, nullable=False),
    Column("status", WORD, nullable=False),
    Column("made", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", WORD, nullable=False),
    Column("lease_until", Instant),
    Column("progress", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("result", Text, nullable=False),
    Index("jobs_status", "status", "due"),
)
