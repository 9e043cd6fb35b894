"""A full disk under the site: steps and signing in say so in the reader's language, the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from kills_served import LOGIN
from partnerships import START, Live, make_partnership
from people_fixture import browser, enter, fast_hashing, with_password
from small_disk import fill, missing, small_disk
from starlette.testclient import TestClient

from bothbanks.app.partnership.notary import Notary
from bothbanks.site.app import create_site
from bothbanks.site.security.csrf import token_for
from bothbanks.store.soundness import faults

WORDS = {"de": "Der Speicher des Dienstes ist voll", "fr": "Le disque du service est plein"}
__all__ = ["fast_hashing"]


@pytest.fixture
def small(fast_hashing: None) -> Iterator[tuple[Live, Path]]:
    """A partnership on a disk of its own, with its notary listening."""
    if missing():
        pytest.skip(missing())
    with small_disk(8) as disk:
        made = make_partnership(disk / "data")
        with closing(made.store):
            yield made, disk


def _comment(client: TestClient, language: str) -> tuple[int, str]:
    fields = {"version": "1", "language": "de", "words": "x" * 3000, "next": f"/{language}/agreement"}
    token = token_for(client.cookies["bothbanks"])
    answer = client.post(f"/{language}/do/agreement.comment", data={**fields, "csrf": token})
    return answer.status_code, answer.text


def test_a_full_disk_is_told_to_whoever_changes_something(
    small: tuple[Live, Path], caplog: pytest.LogCaptureFixture
) -> None:
    live, disk = small
    with_password(live, LOGIN)
    notary = Notary(live)
    live.listeners.append(notary.changed)
    client, other = browser(create_site(live)), browser(create_site(live))
    assert enter(client, LOGIN).status_code == 303
    assert _comment(client, "de")[0] == 303
    filler = fill(disk)
    for _ in range(300):
        status, page = _comment(client, "fr")
        if status != 303:
            break
    assert (status, WORDS["fr"] in page) == (507, True)
    assert WORDS["de"] in _comment(client, "de")[1]
    signing_in = enter(other, LOGIN)
    assert (signing_in.status_code, WORDS["de"] in signing_in.text) == (507, True)
    for path in ("/de", "/fr/agreement", "/de/record", "/healthz", "/record/checkpoint"):
        assert client.get(path).status_code == 200, path
    live.clock.set(START + timedelta(seconds=5))  # heads are signed once a second
    with caplog.at_level(logging.CRITICAL):
        notary.changed()  # the record grew since its last head; it can't be signed, and that is no fault
    filler.unlink()
    assert _comment(client, "de")[0] == 303
    assert enter(other, LOGIN).status_code == 303
    with live.store.reading() as now:
        assert faults(now) == []  # type: ignore[arg-type]
