"""What tests of people and of the guarded site share: hashing that costs nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from bothbanks.app.partnership import sign_in


@pytest.fixture
def fast_hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2id with the least settings there are; the real ones take a tenth of a second each."""
    monkeypatch.setattr(sign_in, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    sign_in._nobody.cache_clear()
    yield
    sign_in._nobody.cache_clear()
