"""A sample of what ``checks/check_api.py`` asks in full: the API keeps to its own description."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_described import ask, prepared, signed_in

from bothbanks.civic.compact.roles import PUBLIC

SAMPLE = ("/api/legal", "/record/", "/api/do/disputes.open", "/api/do/money.pay")


@pytest.mark.parametrize("role", [PUBLIC, "council"])
# Schemathesis leaves the client of each request to the collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_answers_are_as_described(role: str, tmp_path: Path) -> None:
    site = prepared(tmp_path)
    found = ask(site, signed_in(site, role), 1, edges=True, only=SAMPLE)
    site.state.rooms.partnership.store.close()
    assert found.problems == {}
    assert found.operations > 8
    assert sum(found.statuses.values()) > 40
