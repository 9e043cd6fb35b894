"""One open transaction, as the parts of the store share it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


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
