"""The migrations make the tables of the queries, and a later release's database is left alone."""

from __future__ import annotations

from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from store_kinds import KINDS, NOON

from bothbanks.record.entries import Entry
from bothbanks.store import open_store, tables
from bothbanks.store.errors import FormError
from bothbanks.store.migrations import newest, step_of

POSTGIS = {"spatial_ref_sys"}
OWN_INDEX = {"features_geometry"}  # GiST: only PostgreSQL has it, so it stands in its migration alone


def _ours(thing: object, name: str | None, type_: str, *_: object) -> bool:
    return name not in POSTGIS | OWN_INDEX and not str(name).startswith("features_box")


@pytest.mark.filterwarnings("ignore:Did not recognize type .geometry.")
def test_the_migrations_make_the_tables_that_the_queries_are_stated_in(store_address: str) -> None:
    with closing(open_store(store_address, KINDS)) as store, store.reading() as now:
        connection = now.connection  # type: ignore[attr-defined]
        assert step_of(connection) == newest()
        options = {"include_object": _ours, "compare_type": False}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata) == []


def test_opening_twice_changes_nothing(store_address: str) -> None:
    for count in (1, 2):
        with closing(open_store(store_address, KINDS)) as store:
            with store.writing() as work:
                work.append(Entry("a.b", "c/d", {}), NOON, "clock", "")
            with store.reading() as now:
                assert now.record_size() == count


def test_a_database_of_a_later_release_is_left_alone(store_address: str) -> None:
    with closing(open_store(store_address, KINDS)) as store, store.writing() as work:
        work.connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'r9999'")  # type: ignore[attr-defined]
    with pytest.raises(FormError, match=r"at step 'r9999', which this release doesn't know"):
        open_store(store_address, KINDS)
