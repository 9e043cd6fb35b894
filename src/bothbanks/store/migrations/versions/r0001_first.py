"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def _types() -> tuple[sa.types.TypeEngine[str], sa.types.TypeEngine[str], str]:
    """Looked-up text, instants, and the type of a geometry in this database."""
    if op.get_bind().dialect.name == "postgresql":
        return sa.Text(collation="C"), sa.DateTime(timezone=True), "geometry"  # type: ignore[return-value]
    return sa.Text(), sa.Text(), "BLOB"


def upgrade() -> None:
    """Make every table."""
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    word, instant, _ = _types()
    count = sa.BigInteger() if postgres else sa.Integer()
    op.create_table(
        "objects",
        sa.Column("kind", word, primary_key=True),
        sa.Column("id", word, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("parent", word, nullable=False),
        sa.Column("status", word, nullable=False),
        sa.Column("owner", word, nullable=False),
        sa.Column("due", instant),
    )
    op.create_index("objects_parent", "objects", ["kind", "parent"])
    op.create_index("objects_status", "objects", ["kind", "status", "due"])
    op.create_index("objects_owner", "objects", ["kind", "owner"])
    _record(word, instant, count)
    _layers(word, instant, count, postgres)
    op.create_table(
        "jobs",
        sa.Column("id", word, primary_key=True),
        sa.Column("name", word, nullable=False),
        sa.Column("args", sa.Text, nullable=False),
        sa.Column("status", word, nullable=False),
        sa.Column("made", instant, nullable=False),
        sa.Column("due", instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("worker", word, nullable=False),
        sa.Column("lease_until", instant),
        sa.Column("progress", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
    )
    op.create_index("jobs_status", "jobs", ["status", "due"])


def _record(
    word: sa.types.TypeEngine[str], instant: sa.types.TypeEngine[str], count: sa.types.TypeEngine[int]
) -> None:
    op.create_table(
        "entries",
        sa.Column("seq", count, primary_key=True, autoincrement=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("kind", word, nullable=False),
        sa.Column("subject", word, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
    )
    op.create_index("entries_subject", "entries", ["subject", "seq"])
    op.create_table(
        "privates",
        sa.Column("seq", count, sa.ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "nodes",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", count, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", count, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "cosignatures",
        sa.Column("size", count, sa.ForeignKey("checkpoints.size"), primary_key=True, autoincrement=False),
        sa.Column("witness", word, primary_key=True),
        sa.Column("line", sa.Text, nullable=False),
    )


def _layers(
    word: sa.types.TypeEngine[str],
    instant: sa.types.TypeEngine[str],
    count: sa.types.TypeEngine[int],
    postgres: bool,
) -> None:
    op.create_table(
        "features",
        sa.Column("number", count, primary_key=True, autoincrement=True),
        sa.Column("layer", word, nullable=False),
        sa.Column("id", word, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("properties", sa.Text, nullable=False),
        sa.Column("valid_from", instant),
        sa.Column("valid_to", instant),
        sa.UniqueConstraint("layer", "id"),
    )
    if postgres:
        op.execute("ALTER TABLE features ADD COLUMN geometry geometry CHECK (ST_SRID(geometry) = 4326)")
        op.execute("CREATE INDEX features_geometry ON features USING gist (geometry)")
    else:
        op.execute("ALTER TABLE features ADD COLUMN geometry BLOB")
        op.execute("CREATE VIRTUAL TABLE features_box USING rtree (number, west, east, south, north)")
