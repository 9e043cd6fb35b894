"""How a database of one release becomes one of the next: forward only, each step in one transaction.

Alembic's own environment file is left out: it runs when it is imported. ``brought_up_to_date`` plays the
steps on a connection that has its transaction open already, so a database is never seen half made.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from bothbanks.store.errors import FormError

STEPS = Path(__file__).parent


def newest() -> str:
    """Name of the newest step."""
    return str(ScriptDirectory(str(STEPS)).get_current_head())


def step_of(connection: Connection) -> str | None:
    """Name of the step the database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def brought_up_to_date(connection: Connection, until: str = "head") -> None:
    """Play the steps that are missing, inside the connection's transaction.

    Raises
    ------
    FormError
        The database was made by a later release.
    """
    script = ScriptDirectory(str(STEPS))

    def missing(at: Any, _: MigrationContext) -> Any:
        return script._upgrade_revs(until, at)  # the function that Alembic's own `upgrade` calls

    context = MigrationContext.configure(connection, opts={"fn": missing, "transactional_ddl": False})
    try:
        with Operations.context(context):
            context.run_migrations()
    except CommandError as error:
        found = context.get_current_revision()
        raise FormError(
            f"the database is at step '{found}', which this release doesn't know (its newest is "
            f"'{newest()}'). Open it with the release that made it, or a later one."
        ) from error
