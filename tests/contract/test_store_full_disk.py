"""A full disk: changes are refused in clear words, reading goes on, and with room all is well again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import postgres
import pytest
from small_disk import fill, missing, small_disk
from store_kinds import KINDS, NOON, Duty

from bothbanks.record.entries import Entry
from bothbanks.store import Store, open_store
from bothbanks.store.errors import FullError
from bothbanks.store.soundness import faults


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[str, Path]]:
    """An address whose tables lie on a small disk, and the disk."""
    if missing():
        pytest.skip(missing())
    if request.param == "sqlite":
        with small_disk(4) as disk:
            yield str(disk / "a.db"), disk
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with small_disk(48) as disk, server.small_database(disk) as address:
        yield address, disk


def _write(store: Store, number: int) -> None:
    with store.writing() as work:
        work.save(Duty, f"d{number}", Duty("aac", Fraction(1)), None)
        work.append(Entry("duty.made", f"duty/d{number}", {"text": "x" * 3000}), NOON, "clock", "")


def test_a_full_disk_refuses_and_recovers(place: tuple[str, Path]) -> None:
    address, disk = place
    with closing(open_store(address, KINDS)) as store:
        for number in range(5):
            _write(store, number)
        filler, written = fill(disk), 5
        with pytest.raises(FullError, match=r"\[store.full\] .*Make room") as told:
            for written in range(5, 5000):
                _write(store, written)
        assert "nothing was changed" in str(told.value)
        with store.reading() as now:
            assert (now.record_size(), len(now.all(Duty))) == (written, written)
        with pytest.raises(FullError):
            _write(store, written)
        filler.unlink()
        _write(store, written)
        with store.reading() as now:
            assert faults(now) == []  # type: ignore[arg-type]
            assert (now.record_size(), len(now.all(Duty))) == (written + 1, written + 1)
