"""The door of the level 'suppressed': protected counts, bounded by the gate, and what differences tell."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from layers_fixture import make_appraisal
from partnerships import Live, make_partnership, people
from starlette.testclient import TestClient

from bothbanks.app.partnership.appraisals import take_appraisal
from bothbanks.app.partnership.counts import all_counts, counts, protected
from bothbanks.app.partnership.desk import Done
from bothbanks.civic.compact.roles import ANYONE, SECRETARIAT
from bothbanks.civic.compact.sharing_rules import CountTerms
from bothbanks.site.app import create_site
from bothbanks.standards.features import FeatureTable
from bothbanks.standards.features.table import column

MEMBERS = ("a", "b", "c")
TERMS = CountTerms()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    base = tmp_path_factory.mktemp("counts")
    live = make_partnership(base / "data")
    take_appraisal(live, make_appraisal(base / "one", live.region.id))
    yield live
    live.store.close()


def table(figures: list[int]) -> FeatureTable:
    """Nine records, three a member."""
    owners = [m for m in MEMBERS for _ in range(3)]
    columns = {"member": column("member", "string", owners), "people": column("people", "number", figures)}
    ids = tuple(str(i) for i in range(9))
    return FeatureTable(ids, columns, np.full(9, None, dtype=object))


def shown(figures: list[int], secret: bytes) -> tuple[int | None, ...]:
    found = protected(table(figures), "people", MEMBERS, TERMS, secret)
    return (*found.by_member.values(), found.total)


def test_small_counts_are_hidden_with_what_gives_them_away_and_totals_add_up() -> None:
    for seed in range(40):
        few = shown([1, 1, 1, 40, 50, 60, 100, 200, 300], str(seed).encode())
        known = [v for v in few if v is not None]
        assert all(v == 0 or v >= TERMS.least for v in known)
        assert all(v % TERMS.step == 0 for v in known)
        if few[0] is None:  # a hidden count never stands alone in its sum
            assert sum(v is None for v in few) >= 2
        plain = shown([100, 1, 1, 40, 50, 60, 100, 200, 300], str(seed).encode())
        assert plain[3] == sum(v for v in plain[:3] if v is not None)


def test_asking_again_averages_nothing_out_and_other_secrets_draw_other_noise() -> None:
    figures = [100, 7, 9, 40, 50, 60, 100, 200, 300]
    assert len({shown(figures, b"one") for _ in range(5)}) == 1
    assert len({shown(figures, str(n).encode()) for n in range(40)}) > 1


def test_a_pair_that_differs_by_one_person_tells_little() -> None:
    """Guess from two answers which world has one person more: at most 77% right (docs, rounding to 5)."""
    right = 0
    pairs = 600
    for n in range(pairs):
        one = [41, 13, 9, 40, 50, 60, 100, 200, 300]
        two = [42, 13, 9, 40, 50, 60, 100, 200, 300]
        first, second = (shown(f, f"{n}".encode())[0] for f in (one, two))
        assert first is not None
        assert second is not None
        # The best an attacker can do with the two figures: the larger one has the person; a coin if equal.
        right += 1 if second > first else 0
        right += 0.5 if second == first else 0  # type: ignore[assignment]
    assert 0.5 <= right / pairs <= 0.77


def rule(live: Live, id: str, level: str, readers: list[str]) -> None:
    detail = {"group": 10, "rounding": 10} if level == "suppressed" else {}
    form = {
        "rule": id, "datasets": ["layer:cells"], "readers": readers, "level": level, "article": "art-data",
        "purposes": [], **detail,
    }  # fmt: skip
    outcome = live.act("sharing.set-rule", form, people(live, SECRETARIAT))
    assert isinstance(outcome, Done), str(outcome)


def test_the_door_opens_by_the_gate_alone_and_no_record_comes_through(world: Live) -> None:
    site = TestClient(create_site(world), follow_redirects=False)
    rule(world, "cells-closed", "nothing", ["public"])
    assert site.get("/api/counts/cells").status_code == 404
    absent = site.get("/api/counts/absent")
    assert absent.status_code == 404
    ended = {"rule": "cells-closed", "ground": "art-data"}
    assert isinstance(world.act("sharing.end-rule", ended, people(world, SECRETARIAT)), Done)
    rule(world, "cells-counts", "suppressed", ["public"])
    got = site.get("/api/counts/cells")
    assert got.status_code == 200
    said = got.json()
    assert (said["level"], said["article"], said["least"]) == ("suppressed", "art-data", 10)
    assert [c["field"] for c in said["counts"]] == ["population"]
    assert set(said["counts"][0]["by_member"]) == {"steinach", "uferau"}
    assert site.get("/collections/cells/items").status_code == 404
    page = site.get("/de/data/cells/counts", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert site.get("/api/counts/places").status_code == 404  # nothing of it counts people
    with world.reading() as reader:
        assert "cells" in all_counts(reader, ANYONE, world.data)
        mine = counts(reader, people(world, SECRETARIAT), world.data, "cells")
    assert mine is not None
    # Whoever may see more gets the same figures: two releases can't be compared.
    assert {c.field: dict(c.by_member) for c in mine.counted}["population"] == said["counts"][0]["by_member"]
    assert (world.data / "counts.key").stat().st_mode & 0o077 == 0
