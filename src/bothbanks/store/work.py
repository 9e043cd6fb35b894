"""One open transaction, as the parts of the store share it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bothbanks.store import tables


class Work:
    """A connection inside its transaction; ``erased`` says that something deleted must leave no trace."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.erased = False

    def put(self, table: Table, row: dict[str, Any]) -> bool:
        """Insert a row unless one with its key is there; whether it was inserted."""
        make = postgresql.insert if self.connection.dialect.name == "postgresql" else sqlite.insert
        added = make(table).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
        return self.connection.execute(added).rowcount == 1

    def clear(self) -> None:
        """Delete everything, to make place for what is restored."""
        for table in reversed(tables.metadata.sorted_tables):
            self.connection.execute(table.delete())
        self.erased = True

    def counts(self) -> dict[str, int]:
        """How many rows of each table that holds any: what a backup says of itself."""
        told = {}
        for table in (tables.entries, tables.objects, tables.features, tables.checkpoints, tables.jobs):
            count = int(self.connection.execute(select(func.count()).select_from(table)).scalar_one())
            if count:
                told[table.name] = count
        return told
