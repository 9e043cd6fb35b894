"""Attacks on the sharing gate over HTTP. Each gets no more than the stated bound.

The main one compares worlds: two partnerships that differ only in what a reader may not see must answer
every request of that reader alike, whatever is asked: filters, boxes, pages, downloads, pictures, catalogue,
search, errors, sizes. What can't be told apart can't leak.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import layers_fixture
import numpy as np
import pytest
from fastapi.testclient import TestClient
from partnerships import Live, make_partnership
from scipy.optimize import linprog
from sharing_readers import HEADER, PAGE, as_, who

from bothbanks.app.partnership import layers
from bothbanks.app.partnership.appraisals import latest, take_appraisal
from bothbanks.app.partnership.desk import Done
from bothbanks.site.app import create_site
from bothbanks.site.security import Security

Frames = dict[str, gpd.GeoDataFrame]
HIDDEN_ROW = 1
"""A square with 3 people: fewer than the 10 that the public may see figures of."""
DRAWN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
"""Identifiers drawn anew in each world: they say nothing."""
REASON = "The dyke at the weir has given way."


def make_world(home: Path, change: Callable[[Frames], Frames]) -> tuple[Live, TestClient]:
    """A partnership whose layers are changed before it takes them in."""
    own = layers_fixture.frames
    layers_fixture.frames = lambda: change(own())
    try:
        live = make_partnership(home / "data")
        take_appraisal(live, layers_fixture.make_appraisal(home / "out", live.region.id))
    finally:
        layers_fixture.frames = own
    return live, TestClient(create_site(live), follow_redirects=False)


def another_small_count(frames: Frames) -> Frames:
    frames["cells"].loc[HIDDEN_ROW, "population"] = 8.0
    return frames


def without_secret(frames: Frames) -> Frames:
    del frames["secret"]
    return frames


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Live, TestClient]]]:
    """The world, one with another hidden count, one without the hidden layer; readers named by a header."""
    patch = pytest.MonkeyPatch()
    made = {
        name: make_world(tmp_path_factory.mktemp(name), change)
        for name, change in (("true", dict), ("count", another_small_count), ("layer", without_secret))
    }
    live = made["true"][0]
    patch.setattr(Security, "who", lambda _, request: who(live, request.headers.get(HEADER, "")))
    yield made
    patch.undo()
    for one, _ in made.values():
        one.store.close()


ITEMS = "/collections/cells/items"
FILTERS = (
    "population=3", "population=8", "population<10 AND population>0", "population IS NULL",
    "population IS NOT NULL", "population BETWEEN 1 AND 9", "population>=3 AND depth=0.1",
    "NOT (population>5)", "population IN (3,8)", "depth=0.1 OR population=3", "population+0=3",
)  # fmt: skip
PUBLIC_QUESTIONS = (
    *(f"{ITEMS}?filter={f}".replace(" ", "%20").replace("+", "%2B") for f in FILTERS),
    *(f"{ITEMS}?limit={n}&offset={o}" for n in (1, 2, 7) for o in (0, 1, 2)),
    *(f"{ITEMS}?sortby={s}" for s in ("population", "-population")),
    *(f"{ITEMS}?bbox={b}" for b in ("5.6,50.7,6.2,51.0", "5.7,50.8,5.72,50.82", "5.6,50.7,5.75,50.85")),
    f"{ITEMS}?crs=http://www.opengis.net/def/crs/EPSG/0/3035",
    f"{ITEMS}/1", f"{ITEMS}/2", f"{ITEMS}?population=3", f"{ITEMS}?filter=population=", f"{ITEMS}?limit=0",
    "/collections", "/collections/cells", "/collections/cells/queryables", "/collections/cells/schema",
    "/collections/cells/preview.svg", "/collections/cells/download.csv",
    "/catalogue.ttl", "/catalogue.jsonld",
    "/de/data", "/de/data/cells", "/de/data/cells/features", "/de/search?q=secret", "/de/search?q=Quadrate",
    "/api/sharing/datasets", "/de/sharing", "/de/sharing/mine", "/openapi.json", "/de", "/api/members",
)  # fmt: skip


def answer(client: TestClient, path: str, post: str = "") -> tuple[int, dict[str, str], str]:
    page = PAGE if path.startswith("/de") else {}
    got = client.get(path, headers=as_(post, **page))
    headers = {k: v for k, v in got.headers.items() if k not in ("set-cookie", "date")}
    return got.status_code, headers, DRAWN.sub("(id)", got.text)


def answers(
    client: TestClient, paths: tuple[str, ...], post: str = ""
) -> list[tuple[int, dict[str, str], str]]:
    """A world's answers, nothing remembered from another: the worlds' value.json has the same hash."""
    with pytest.MonkeyPatch.context() as patch:
        for kept in ("_tables", "_shown", "_names"):
            patch.setattr(layers, kept, layers._Kept())
        return [answer(client, path, post) for path in paths]


@pytest.mark.parametrize("other", ["count", "layer"])
def test_worlds_that_differ_in_what_is_hidden_answer_alike(
    worlds: dict[str, tuple[Live, TestClient]], other: str
) -> None:
    one, two = (answers(worlds[name][1], PUBLIC_QUESTIONS) for name in ("true", other))
    assert all(status < 500 for status, _, _ in one)
    told = [path for path, a, b in zip(PUBLIC_QUESTIONS, one, two, strict=True) if a != b]
    assert told == []


def test_the_worlds_do_differ_for_those_who_may_see(worlds: dict[str, tuple[Live, TestClient]]) -> None:
    """Without this the test above could pass by showing nothing."""
    asked = (f"{ITEMS}?limit=100", "/collections/secret")
    true, count, layer = (answers(worlds[n][1], asked, "secretariat") for n in ("true", "count", "layer"))
    assert true[0][2] != count[0][2]
    assert (true[0][0], true[0][2].count('"Feature"')) == (200, layers_fixture.COUNT)
    public = answers(worlds["true"][1], asked)
    assert public[0][2].count('"Feature"') == layers_fixture.COUNT
    assert public[1][0] == layer[1][0] == 404


@pytest.mark.parametrize("form", ["gpkg", "parquet", "csv"])
def test_downloads_hold_what_the_gate_leaves(
    worlds: dict[str, tuple[Live, TestClient]], tmp_path: Path, form: str
) -> None:
    frames = []
    for name in ("true", "count"):
        with pytest.MonkeyPatch.context() as patch:
            for kept in ("_tables", "_shown", "_names"):
                patch.setattr(layers, kept, layers._Kept())
            got = worlds[name][1].get(f"/collections/cells/download.{form}")
        assert "secret" not in str(got.headers)
        if form == "parquet":
            frames.append(gpd.read_parquet(io.BytesIO(got.content)))
        else:
            path = tmp_path / f"{name}.{form}"
            path.write_bytes(got.content)
            frames.append(gpd.read_file(path))
    assert (
        frames[0]
        .drop(columns="geometry", errors="ignore")
        .equals(frames[1].drop(columns="geometry", errors="ignore"))
    )
    people = np.array(frames[0]["population"].replace("", None).dropna(), dtype=float)
    assert len(people) > 10
    assert not ((people > 0) & (people < 10)).any()
    assert (people % 10 == 0).all()


def test_totals_and_rounded_figures_leave_a_hidden_count_all_it_can_be(
    worlds: dict[str, tuple[Live, TestClient]],
) -> None:
    """Granted: every figure the public sees, that hidden ones are 1 to 9, and each member's exact total."""
    client = worlds["true"][1]
    found = client.get(f"{ITEMS}?limit=1000").json()["features"]
    true = layers_fixture.frames()["cells"]
    total = float(true.loc[true["member"] == "steinach", "population"].sum())
    own = [f["properties"] for f in found if f["properties"].get("member") == "steinach"]
    shown = [p.get("population") for p in own]
    hidden = [k for k, x in enumerate(shown) if x is None]
    assert hidden
    bounds = [(1.0, 9.0) if x is None else (max(0.0, x - 5.0), x + 5.0) for x in shown]
    for cell in hidden:
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(shown))
            cost[cell] = sign
            done = linprog(cost, A_eq=np.ones((1, len(shown))), b_eq=[total], bounds=bounds, method="highs")
            ends.append(sign * done.fun)
        assert ends == [1.0, 9.0]


PLACES = (
    "", "/items", "/items/1", "/queryables", "/schema", "/preview.svg", "/download.csv", "/download.gpkg",
    "/items?filter=population=11", "/items?limit=0",
)  # fmt: skip


@pytest.mark.parametrize("post", ["", "council@steinach", "duty-officer@uferau"])
def test_what_is_hidden_is_answered_as_what_is_not_there(
    worlds: dict[str, tuple[Live, TestClient]], post: str
) -> None:
    client = worlds["true"][1]
    for place in PLACES:
        for page in ({}, PAGE):
            got = [
                client.get(f"/collections/{n}{place}", headers=as_(post, **page))
                for n in ("secret", "absent")
            ]
            assert {g.status_code for g in got} == {404}, place
            texts = {g.text.replace("/secret", "/absent") for g in got}
            assert len(texts) == 1, place
            headers = [{k: v for k, v in g.headers.items() if k != "set-cookie"} for g in got]
            if not page:
                assert headers[0] == headers[1], place


def test_apis_of_closed_datasets_are_as_if_they_were_not_there(
    worlds: dict[str, tuple[Live, TestClient]],
) -> None:
    client = worlds["true"][1]
    nothing = client.get("/api/nothing-of-the-kind")
    for path in ("/api/disputes", "/api/disputes/x"):
        got = client.get(path)
        assert (got.status_code, got.text) == (nothing.status_code, nothing.text), path
        assert client.get(path, headers=as_("council@uferau")).text != nothing.text or path.endswith("x")


def test_one_reader_s_answer_is_never_another_s(worlds: dict[str, tuple[Live, TestClient]]) -> None:
    client = worlds["true"][1]
    for _ in range(2):
        full = client.get(f"{ITEMS}?limit=100", headers=as_("council@steinach"))
        public = client.get(f"{ITEMS}?limit=100")
        assert '"population":3' in full.text.replace(" ", "").replace(".0", "")
        assert full.text != public.text
        for got in (full, public):
            kept = got.headers.get("cache-control", "")
            assert "private" in kept or "no-store" in kept or "Cookie" in got.headers.get("vary", "")


def test_what_somebody_signed_in_gets_is_kept_by_no_shared_cache(
    worlds: dict[str, tuple[Live, TestClient]],
) -> None:
    client = worlds["true"][1]
    for path in ("/de/sharing/mine", "/api/sharing/datasets", "/de/duties", "/api/duties"):
        # The reader is signed in by a header of the test's own; a browser would send the session's cookie.
        sent = {"cookie": "session=x", **(PAGE if path.startswith("/de") else {})}
        got = client.get(path, headers=as_("council@steinach", **sent))
        kept = got.headers.get("cache-control", "")
        assert any(word in kept for word in ("private", "no-store")), (path, kept)
        assert "etag" not in got.headers, path


def test_a_kept_etag_opens_nothing(worlds: dict[str, tuple[Live, TestClient]]) -> None:
    live, client = worlds["true"]
    with live.reading() as reader:
        taken = latest(reader)
    assert taken is not None
    tag = f'"{taken.value_sha256[:24]}"'
    for path in ("/collections/secret/items", "/collections/absent/items"):
        assert client.get(path, headers={"if-none-match": tag}).status_code == 404


def test_filters_on_hidden_fields_fail_as_on_fields_that_are_not_there(tmp_path: Path) -> None:
    live, client = make_world(tmp_path, dict)
    office = who(live, "secretariat")
    assert isinstance(
        live.act("sharing.end-rule", {"rule": "maps-public", "ground": "art-data"}, office), Done
    )
    rule = {
        "rule": "places-thin", "datasets": ["layer:places"], "readers": ["public"], "level": "full",
        "article": "art-data", "hidden": ["population"],
    }  # fmt: skip
    assert isinstance(live.act("sharing.set-rule", rule, office), Done)
    where = "/collections/places"
    assert "population" not in client.get(f"{where}/items?limit=100").text
    assert "population" not in client.get(f"{where}/queryables").text
    for form in ("filter={}=12", "filter={}>5%20AND%20name='Ort%201'", "{}=12", "sortby={}", "properties={}"):
        real, false = (client.get(f"{where}/items?" + form.format(n)) for n in ("population", "nopulation"))
        assert real.status_code == false.status_code, form
        assert real.text.replace("population", "nopulation") == false.text, form
        assert "name" not in real.text or form.startswith("filter"), form
    live.store.close()


def test_the_record_and_the_logs_hold_no_reason_and_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, client = make_world(tmp_path, dict)
    monkeypatch.setattr(Security, "who", lambda _, request: who(live, request.headers.get(HEADER, "")))
    caplog.set_level(logging.DEBUG)
    officer, owner = who(live, "duty-officer@steinach"), who(live, "council@uferau")
    until = "2027-01-31T00:00:00+00:00"
    opened = {"datasets": ["rosters-uferau"], "hours": 2, "reason": REASON}
    asked = {
        "dataset": "rosters-uferau", "member": "steinach", "purpose": "planning", "until": until,
        "reason": "Because of Mrs Example.",
    }  # fmt: skip
    assert isinstance(live.act("sharing.open", opened, officer), Done)
    done = live.act("sharing.ask", asked, officer)
    assert isinstance(done, Done)
    no = {"request": done.subject.split("/")[1], "article": "art-data", "reason": "Mr Sample said no."}
    assert isinstance(live.act("sharing.refuse", no, owner), Done)
    purpose = {"dataset": "clinic-places-steinach", "purpose": "mutual-aid"}
    assert isinstance(live.act("sharing.state-purpose", purpose, who(live, "duty-officer@uferau")), Done)
    live.act("sharing.open", {**opened, "hours": 900}, officer)
    for path in PUBLIC_QUESTIONS:
        answer(client, path, "duty-officer@steinach")
    with live.store.reading() as reading:
        record = b"".join(e.leaf for e in reading.entries()).decode()
    public = "".join(
        answer(client, p)[2] for p in ("/record/entries", "/de/sharing/openings", "/de/sharing/requests")
    )
    logged = "".join(r.getMessage() for r in caplog.records if not r.name.startswith("httpx"))
    for text in (record, public, logged):
        for secret in (REASON, "Mrs Example", "Mr Sample", officer.person, owner.person):
            assert secret not in text, secret
    live.store.close()


def test_names_of_files_and_addresses_tell_no_figure(worlds: dict[str, tuple[Live, TestClient]]) -> None:
    """Identifiers of squares come from places, never from what lies in them."""
    asked = (f"{ITEMS}?limit=1000",)
    ids = [
        [f["id"] for f in json.loads(answers(worlds[n][1], asked, p)[0][2])["features"]]
        for n, p in (("true", ""), ("count", ""), ("true", "council@steinach"))
    ]
    assert ids[0] == ids[1]
    assert len(ids[0]) == layers_fixture.COUNT


def test_a_purpose_or_an_area_made_up_opens_nothing(worlds: dict[str, tuple[Live, TestClient]]) -> None:
    client = worlds["true"][1]
    asks: tuple[dict[str, Any], ...] = (
        {"purpose": "mutual-aid"}, {"purpose": "' or 1=1"}, {"area": "steinach"}, {"area": "*"},
        {"purpose": "mutual-aid", "area": "steinach"},
    )  # fmt: skip
    for more in asks:
        got = client.get("/api/sharing/decision", params={"dataset": "rosters-uferau", **more})
        assert got.json()["level"] == "nothing", more
