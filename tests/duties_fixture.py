"""A partnership opened once and copied for each test: opening takes far longer than any step."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from partnerships import START, TWO_BANKS, Live, make_partnership

from bothbanks.app.partnership.clocks import SetClock
from bothbanks.store import open_store
from bothbanks.store.kinds import every_kind


@contextmanager
def copied(opened: Live, target: Path) -> Iterator[Live]:
    """The same partnership at its start, in a folder of its own."""
    shutil.copytree(opened.data, target)
    store = open_store(target / "bothbanks.sqlite", every_kind())
    try:
        yield Live(store, opened.region, target, SetClock(START))
    finally:
        store.close()


def opened_once(data: Path, folder: Path = TWO_BANKS) -> Live:
    """Open it and let go of its file."""
    made = make_partnership(data, folder=folder)
    made.store.close()
    return made


@pytest.fixture(scope="session")
def two_banks(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """The small example, opened and closed again."""
    return opened_once(tmp_path_factory.mktemp("opened") / "data")


@pytest.fixture
def live(two_banks: Live, tmp_path: Path) -> Iterator[Live]:
    """The small example at its start."""
    with copied(two_banks, tmp_path / "live") as made:
        yield made
