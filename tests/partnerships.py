"""A live partnership for tests: the small example region, a clock that is moved by hand, and people."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bothbanks.app.partnership.clocks import SetClock
from bothbanks.app.partnership.desk import uuid7
from bothbanks.app.partnership.live import Partnership
from bothbanks.app.partnership.opening import Opening, open_all, region_facts
from bothbanks.civic.compact.roles import CLOCK, Actor, Mandate
from bothbanks.store import open_store
from bothbanks.store.kinds import every_kind

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TWO_BANKS = Path(__file__).parent / "data" / "two-banks"


@cache
def _model(folder: Path) -> object:
    from bothbanks.region import harmonise, read_region

    return harmonise(read_region(folder))


class Live(Partnership):
    """A partnership whose clock can be set."""

    clock: SetClock


def _opened(data: Path, address: str | None, folder: Path) -> Live:
    from bothbanks.app.partnership.desk import Desk

    data.mkdir(parents=True, exist_ok=True)
    model = _model(folder)
    store = open_store(address or data / "bothbanks.sqlite", every_kind())
    opening = Opening(model, region_facts(model), START, data)  # type: ignore[arg-type]
    with store.writing() as writing:
        open_all(Desk(writing, opening.facts, START, CLOCK, None, uuid7), opening)
    return Live(store, opening.facts, data, SetClock(START))


@cache
def _template(folder: Path) -> Live:
    """A partnership opened once, whose files are copied for each test: opening takes half a second."""
    kept = tempfile.mkdtemp(prefix="bothbanks-template-")
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    made = _opened(Path(kept) / "data", None, folder)
    made.store.close()
    return made


def make_partnership(data: Path, address: str | None = None, folder: Path = TWO_BANKS) -> Live:
    """A partnership with the folder imported, at START."""
    if address is not None:
        return _opened(data, address, folder)
    template = _template(folder)
    shutil.copytree(template.data, data, dirs_exist_ok=True)
    store = open_store(data / "bothbanks.sqlite", every_kind())
    return Live(store, template.region, data, SetClock(START))


def people(partnership: Partnership, role: str, member: str = "", person: str = "") -> Actor:
    """Someone with that role for that member, without an account."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return Actor(person or f"{role}-{member or 'all'}", (Mandate(role, member, since),))
