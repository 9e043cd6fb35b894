"""A rehearsal: its clock runs ahead and only on, it says so everywhere, and a real service is never one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from partnerships import TWO_BANKS, make_partnership

from bothbanks.app.partnership.opening import open_partnership
from bothbanks.app.partnership.rehearsal import FILE, clock_of, moment, rehearse
from bothbanks.record.leaf import read
from bothbanks.site.app import create_site
from bothbanks.words.errors import InputError

WORDS = "Die Uhr geht hier vor"


def test_a_rehearsal_says_so_on_every_page_and_in_the_record(tmp_path: Path) -> None:
    at = datetime.now(UTC) + timedelta(days=40)
    partnership = open_partnership(TWO_BANKS, tmp_path, rehearse_at=at)
    try:
        site = TestClient(create_site(partnership))
        for path in ("/de", "/de/votes", "/de/sign-in", "/de/nowhere"):
            assert WORDS in site.get(path, headers={"accept": "text/html"}).text, path
        with partnership.reading() as reader:
            first = reader.store.entries(0, 1)[0]
            assert read(first.leaf).body["rehearsal"] is True
            assert timedelta(0) <= reader.at - at < timedelta(minutes=10)
    finally:
        partnership.store.close()
    again = open_partnership(None, tmp_path)
    assert again.clock() >= at, "every command on the folder has the rehearsal's clock"
    assert again.rehearsal
    again.store.close()


def test_a_real_service_is_never_rehearsed(tmp_path: Path) -> None:
    live = make_partnership(tmp_path)
    live.store.close()
    with pytest.raises(InputError, match="holds a real service"):
        open_partnership(None, tmp_path, rehearse_at=datetime.now(UTC) + timedelta(days=1))
    assert not (tmp_path / FILE).exists()
    real = open_partnership(None, tmp_path)
    assert WORDS not in TestClient(create_site(real)).get("/de").text
    real.store.close()


def test_the_clock_only_moves_on(tmp_path: Path) -> None:
    at = datetime.now(UTC) + timedelta(days=40)
    rehearse(tmp_path, at, begun=False)
    with pytest.raises(InputError, match="a clock only moves on"):
        rehearse(tmp_path, at - timedelta(days=1), begun=True)
    assert rehearse(tmp_path, at + timedelta(days=1), begun=True)() >= at + timedelta(days=1)


@pytest.mark.parametrize("text", ["tomorrow", "2027-01-05", "2027-01-05T09:00"])
def test_a_moment_needs_its_zone(text: str) -> None:
    with pytest.raises(InputError, match="expected 2027-01-05T09:00Z"):
        moment(text)


def test_a_spoiled_note_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(InputError, match=FILE):
        clock_of(tmp_path)
