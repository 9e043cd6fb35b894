"""OGC API Features over HTTP: documents, the gate before them, writing by members, other programs."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import uvicorn
from fastapi.testclient import TestClient
from layers_fixture import COUNT, make_appraisal
from partnerships import Live, make_partnership, people

from bothbanks.app.partnership.appraisals import take_appraisal
from bothbanks.app.partnership.desk import Done
from bothbanks.civic.compact.roles import ANYONE, COUNCIL, ENGINEER, SECRETARIAT, Actor
from bothbanks.site.app import create_site
from bothbanks.site.cache import Present, public_state
from bothbanks.site.express import PublicLayers
from bothbanks.site.security import Security

BASE = "http://testserver"
JSON = "application/json"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The small example with an appraisal that has layers."""
    home = tmp_path_factory.mktemp("layers")
    made = make_partnership(home / "data")
    take_appraisal(made, make_appraisal(home / "out", made.region.id))
    yield made
    made.store.close()


@pytest.fixture
def reader(live: Live, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client that reads as somebody: ``reader(actor)``."""
    site = create_site(live)
    client = TestClient(site, follow_redirects=False, headers={"origin": BASE})

    def as_(actor: Actor = ANYONE) -> TestClient:
        monkeypatch.setattr(Security, "who", lambda self, request: actor)
        monkeypatch.setattr(Security, "check_csrf", lambda self, request, token: None)
        return client

    return as_


# --- documents ----------------------------------------------------------------------------------------
def test_every_link_of_the_documents_leads_somewhere_and_has_rel_and_type(reader: Any) -> None:
    client = reader()
    for document in ("/api", "/collections", "/collections/places", "/collections/places/items?limit=3"):
        answer = client.get(document)
        assert answer.status_code == 200
        for link in answer.json()["links"]:
            assert {"href", "rel", "type"} <= set(link)
            if link["href"].startswith(BASE) and not link["href"].endswith((".gpkg", ".parquet")):
                found = client.get(link["href"], headers={"accept": link["type"].split(";")[0]})
                assert found.status_code in (200, 303, 307), link
                if found.status_code == 200:
                    assert found.headers["content-type"].split(";")[0] == link["type"].split(";")[0], link


def test_conformance_names_the_parts(reader: Any) -> None:
    found = reader().get("/conformance").json()["conformsTo"]
    for part in ("1/1.0/conf/core", "1/1.0/conf/geojson", "2/1.0/conf/crs", "3/1.0/conf/filter",
                 "4/1.0/conf/create-replace-delete"):  # fmt: skip
        assert f"http://www.opengis.net/spec/ogcapi-features-{part}" in found
    assert "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text" in found


def test_items_are_paged_counted_and_dated(reader: Any) -> None:
    client = reader()
    seen: list[str] = []
    address = "/collections/places/items?limit=7"
    while address:
        page = client.get(address).json()
        assert page["numberMatched"] == COUNT
        assert page["numberReturned"] == len(page["features"])
        assert page["timeStamp"] == "2026-11-24T09:00:00Z"
        seen += [f["id"] for f in page["features"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert seen == [str(i) for i in range(1, COUNT + 1)]


def test_the_answer_names_its_system_and_turns_its_axes(reader: Any) -> None:
    client = reader()
    lonlat = client.get("/collections/places/items/1")
    latlon = client.get("/collections/places/items/1", params={"crs": f"{EPSG}4326"})
    assert lonlat.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    assert latlon.headers["content-crs"] == f"<{EPSG}4326>"
    a, b = lonlat.json()["geometry"]["coordinates"], latlon.json()["geometry"]["coordinates"]
    assert a == b[::-1]
    own = client.get("/collections/places/items/1", params={"crs": f"{EPSG}3035"}).json()
    assert own["geometry"]["coordinates"] == [3_090_000.0, 4_030_000.0]  # EPSG:3035 says north first


def test_filters_in_both_languages_find_the_same(reader: Any) -> None:
    client = reader()
    text = client.get(
        "/collections/places/items", params={"filter": "population > 30 AND name LIKE 'Ort 2%'"}
    )
    condition = {
        "op": "and",
        "args": [
            {"op": ">", "args": [{"property": "population"}, 30]},
            {"op": "like", "args": [{"property": "name"}, "Ort 2%"]},
        ],
    }
    asked = {"filter": json.dumps(condition), "filter-lang": "cql2-json"}
    assert text.json()["numberMatched"] == 9
    assert client.get("/collections/places/items", params=asked).json()["features"] == text.json()["features"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "bbox=1,2,3", "bbox=9,9,1,1,1", "datetime=soon", "crs=EPSG:1", "bogus=1", "filter=name+%3D",
     "f=xml", "filter=true&filter-lang=sql", "limit=1&limit=2", "population=deep"],
)  # fmt: skip
def test_a_bad_question_is_a_problem_document(query: str, reader: Any) -> None:
    answer = reader().get(f"/collections/places/items?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"].startswith("features.")


def test_a_browser_is_sent_to_the_page(reader: Any) -> None:
    client = reader()
    for path in (
        "/collections",
        "/collections/places",
        "/collections/places/items",
        "/collections/places/items/3",
    ):
        answer = client.get(path, headers={"accept": "text/html,application/xhtml+xml"})
        assert answer.status_code == 303
        assert client.get(answer.headers["location"]).text.count("<h1") == 1
    asked = client.get("/collections/places?f=json", headers={"accept": "text/html"})
    assert asked.headers["content-type"] == "application/json", "what the address asks for comes first"


# --- the gate -----------------------------------------------------------------------------------------
def test_a_hidden_layer_answers_like_one_that_is_not_there(reader: Any) -> None:
    client = reader()
    assert "secret" not in {c["id"] for c in client.get("/collections").json()["collections"]}
    for rest in (
        "",
        "/items",
        "/items/1",
        "/queryables",
        "/schema",
        "/download.csv",
        "/preview.svg",
        "/items?bogus=1",
    ):
        hidden, none = client.get(f"/collections/secret{rest}"), client.get(f"/collections/nothing{rest}")
        assert hidden.status_code == none.status_code == 404, rest
        assert hidden.content == none.content
        assert dict(hidden.headers) == dict(none.headers)


def test_the_public_gets_squares_of_the_disagreements_and_members_get_points(live: Live, reader: Any) -> None:
    """The rule seams-public: squares of 5,000 m; seams-members: in full."""
    asked = {"crs": f"{EPSG}3035", "limit": "1000"}
    coarse = reader().get("/collections/seams/items", params=asked).json()
    full = reader(people(live, ENGINEER, "uferau")).get("/collections/seams/items", params=asked).json()
    assert full["numberMatched"] == COUNT
    assert full["features"][0]["geometry"]["type"] == "Point"
    assert coarse["numberMatched"] < COUNT
    for feature in coarse["features"]:
        ring = feature["geometry"]["coordinates"][0]
        assert all(v % 5000 == 0 for corner in ring for v in corner)
    tight = {**asked, "bbox": "4030000,3090000,4030001,3090001", "bbox-crs": f"{EPSG}3035"}
    tight["bbox"] = "3090000,4030000,3090001,4030001"
    found = reader().get("/collections/seams/items", params=tight).json()
    assert {f["id"] for f in found["features"]} <= {f["id"] for f in coarse["features"]}


def test_small_groups_are_out_of_the_public_s_squares_and_of_its_filters(live: Live, reader: Any) -> None:
    """The rule population-public: no figure under 10 people, multiples of 10."""
    asked = {"limit": "1000"}
    public = reader().get("/collections/cells/items", params=asked).json()["features"]
    figures = [f["properties"]["population"] for f in public]
    assert all(v is None or v == 0 or (v >= 10 and v % 10 == 0) for v in figures)
    small = {"filter": "population > 0 AND population < 10"}
    assert reader().get("/collections/cells/items", params=small).json()["numberMatched"] == 0
    member = reader(people(live, ENGINEER, "steinach"))
    assert member.get("/collections/cells/items", params=small).json()["numberMatched"] == 3


def test_hidden_fields_can_be_neither_seen_nor_asked_for(
    tmp_path: Path, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = make_partnership(tmp_path / "data")
    take_appraisal(own, make_appraisal(tmp_path / "out", own.region.id))
    office = people(own, SECRETARIAT)
    rule = {
        "rule": "places-without-people", "datasets": ["layer:places"], "readers": ["public"], "level": "full",
        "article": "art-data", "hidden": ["population"],
    }  # fmt: skip
    for step, form in (("end-rule", {"rule": "maps-public", "ground": "art-data"}), ("set-rule", rule)):
        assert isinstance(done := own.act(f"sharing.{step}", form, office), Done), done
    reader()
    client = TestClient(create_site(own))
    assert "population" not in client.get("/collections/places/queryables").json()["properties"]
    assert "population" not in client.get("/collections/places/items/1").json()["properties"]
    hidden = client.get("/collections/places/items", params={"filter": "population > 3"})
    nothing = client.get("/collections/places/items", params={"filter": "popalation > 3"})
    assert hidden.status_code == nothing.status_code == 400
    assert hidden.text.replace("population", "") == nothing.text.replace("popalation", "")
    assert client.get("/collections/places/items?population=12").status_code == 400
    assert "population" not in client.get("/collections/places/download.csv").text
    own.store.close()


def test_a_changed_file_is_not_served(live: Live, tmp_path: Path) -> None:
    from bothbanks.app.partnership.layers import from_file
    from bothbanks.words.errors import InputError

    folder = make_appraisal(tmp_path / "out", live.region.id)
    with (folder / "layers.gpkg").open("ab") as file:
        file.write(b"more")
    with pytest.raises(InputError, match="changed after the"):
        from_file(folder, "places")


@pytest.mark.parametrize(
    "path",
    ["/collections/places/items?limit=3", "/collections/seams/items?f=json", "/collections/places/items/4",
     "/collections/places/items?filter=population+%3E+30&limit=2", "/collections/places/items?bogus=1",
     "/collections/secret/items", "/collections/places/items/none", "/collections/places",
     "/collections/places?f=json", "/collections/places?bogus=1",
     "/collections/places/items/1?crs=EPSG:3035", "/collections/places/items/1?bogus=1"],
)  # fmt: skip
def test_the_short_way_answers_as_the_site_does(path: str, live: Live, reader: Any) -> None:
    site = reader().app
    short = PublicLayers(site, Present(public_state(live)))
    long_, quick = TestClient(site).get(path), TestClient(short).get(path)
    assert (quick.status_code, quick.content) == (long_.status_code, long_.content)
    assert dict(quick.headers) == dict(long_.headers)


def test_the_short_way_forgets_when_a_rule_ends(tmp_path: Path, reader: Any) -> None:
    own = make_partnership(tmp_path / "data")
    take_appraisal(own, make_appraisal(tmp_path / "out", own.region.id))
    reader()
    site = create_site(own)
    moment = [0.0]
    short = PublicLayers(site, Present(public_state(own), lambda: moment[0]))
    client = TestClient(short)
    assert client.get("/collections/places/items").status_code == 200
    done = own.act(
        "sharing.end-rule", {"rule": "maps-public", "ground": "art-data"}, people(own, SECRETARIAT)
    )
    assert isinstance(done, Done), done
    moment[0] = 1.0
    assert client.get("/collections/places/items").status_code == 404
    own.store.close()


# --- members' layers (Part 4) ------------------------------------------------------------------------
BUILDING = {  # the create example of OGC 20-002, clause 6 (data/create-building.json)
    "type": "Feature",
    "geometry": {
        "type": "Polygon",
        "coordinates": [
            [[8.7113, 49.4131], [8.7117, 49.4131], [8.7117, 49.4134], [8.7113, 49.4134], [8.7113, 49.4131]]
        ],
    },
    "properties": {"name": "New Warehouse", "function": "commercial", "height": 5.5},
}


@pytest.fixture
def kept(live: Live) -> str:
    """The layer of the standard's example, kept by Uferau; opened once."""
    form = {
        "member": "uferau", "layer": "uferau-buildings", "title": "Gebäude", "geometry": "Polygon",
        "fields": ["name:string!", "function:string", "height:number:m"], "licence": "CC BY 4.0",
    }  # fmt: skip
    live.act("layers.open", form, people(live, ENGINEER, "uferau"))
    return "/collections/uferau-buildings"


def test_create_replace_and_delete_as_the_standard_s_example(live: Live, kept: str, reader: Any) -> None:
    client = reader(people(live, ENGINEER, "uferau"))
    geojson = {"content-type": "application/geo+json"}
    made = client.post(f"{kept}/items", content=json.dumps(BUILDING), headers=geojson)
    assert (made.status_code, made.content) == (201, b"")
    where = made.headers["location"]
    found = client.get(where)
    assert found.json()["geometry"] == BUILDING["geometry"]
    assert {**found.json()["properties"], "valid_from": 0, "valid_to": 0} == {
        **BUILDING["properties"], "valid_from": 0, "valid_to": 0,  # type: ignore[dict-item]
    }  # fmt: skip
    assert found.headers["etag"] == made.headers["etag"] == '"v1"'
    taller = {**BUILDING, "properties": {"name": "New Warehouse", "height": 7.0}}
    stale = client.put(where, content=json.dumps(taller), headers={**geojson, "if-match": '"v7"'})
    assert stale.status_code == 412
    put = client.put(where, content=json.dumps(taller), headers={**geojson, "if-match": '"v1"'})
    assert (put.status_code, put.headers["etag"]) == (204, '"v2"')
    assert client.get(where).json()["properties"]["function"] is None
    assert client.get(where, headers={"if-none-match": '"v2"'}).status_code == 304
    assert client.put(f"{kept}/items/none", content=json.dumps(taller), headers=geojson).status_code == 404
    assert client.delete(where, headers={"if-match": '"v1"'}).status_code == 412
    assert client.delete(where).status_code == 204
    assert client.get(where).status_code == 404


def test_features_come_in_the_system_that_content_crs_says(live: Live, kept: str, reader: Any) -> None:
    client = reader(people(live, ENGINEER, "uferau"))
    turned = {
        **BUILDING,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[p[::-1] for p in BUILDING["geometry"]["coordinates"][0]]],
        },  # type: ignore[index,call-overload]
    }
    headers = {"content-type": "application/geo+json", "content-crs": f"<{EPSG}4326>"}
    made = client.post(f"{kept}/items", content=json.dumps(turned), headers=headers)
    found = client.get(made.headers["location"]).json()["geometry"]["coordinates"][0]
    assert sorted(map(tuple, found)) == sorted(map(tuple, BUILDING["geometry"]["coordinates"][0]))  # type: ignore[index,call-overload]
    assert client.delete(made.headers["location"]).status_code == 204


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{}", "application/geo+json", 400),
        ("no json", "application/geo+json", 400),
        (json.dumps(BUILDING), "text/plain", 415),
        (json.dumps({**BUILDING, "properties": {"function": "x"}}), "application/geo+json", 422),
        (json.dumps({**BUILDING, "properties": {"name": "x", "colour": 1}}), "application/geo+json", 422),
        (json.dumps({**BUILDING, "geometry": {"type": "Point", "coordinates": [8, 49]}}), JSON, 422),
        (json.dumps({**BUILDING, "geometry": {"type": "Polygon", "coordinates": [[[400, 1]]]}}), JSON, 422),
        ('{"type":"Feature","geometry":null,"properties":{"name":"a","height":NaN}}', JSON, 400),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_layer_is_refused_whole(
    body: str, kind: str, status: int, live: Live, kept: str, reader: Any
) -> None:
    client = reader(people(live, ENGINEER, "uferau"))
    answer = client.post(f"{kept}/items", content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert client.get(f"{kept}/items").json()["numberMatched"] == 0


def test_only_the_member_s_own_keepers_write(live: Live, kept: str, reader: Any) -> None:
    body = {"content": json.dumps(BUILDING), "headers": {"content-type": "application/geo+json"}}
    assert reader().post(f"{kept}/items", **body).status_code == 404  # the public doesn't see it at all
    assert reader(people(live, ENGINEER, "steinach")).post(f"{kept}/items", **body).status_code == 404
    assert reader(people(live, COUNCIL, "uferau")).post(f"{kept}/items", **body).status_code == 403
    fixed = reader(people(live, ENGINEER, "uferau")).post("/collections/places/items", **body)
    assert (fixed.status_code, fixed.headers["allow"]) == (405, "GET, OPTIONS")
    allowed = reader(people(live, ENGINEER, "uferau")).options(f"{kept}/items").headers["allow"]
    assert allowed == "GET, POST, OPTIONS"


def test_the_record_holds_ids_and_versions_and_not_what_a_feature_says(
    live: Live, kept: str, reader: Any
) -> None:
    client = reader(people(live, ENGINEER, "uferau"))
    headers = {"content-type": "application/geo+json"}
    made = client.post(f"{kept}/items", content=json.dumps(BUILDING), headers=headers)
    with live.reading() as view:
        last = view.entries_about("layer/uferau-buildings")[-1]
    assert last.kind == "layers.feature-added"
    assert b"Warehouse" not in last.leaf
    assert json.loads(last.leaf)["body"]["feature"] == made.headers["location"].rsplit("/", 1)[-1]
    client.delete(made.headers["location"])


# --- downloads ----------------------------------------------------------------------------------------
def test_downloads_hold_the_layer_its_licence_and_where_it_is_from(reader: Any, tmp_path: Path) -> None:
    client = reader()
    want = {
        f["id"]: f["properties"] for f in client.get("/collections/cells/items?limit=100").json()["features"]
    }
    for ending in ("gpkg", "parquet"):
        path = tmp_path / f"cells.{ending}"
        answer = client.get(f"/collections/cells/download.{ending}")
        assert answer.headers["content-disposition"] == f'attachment; filename="cells.{ending}"'
        path.write_bytes(answer.content)
        frame = gpd.read_file(path) if ending == "gpkg" else gpd.read_parquet(path)
        assert len(frame) == COUNT
        assert frame.crs.to_epsg() == 3035
        assert frame.geometry.iloc[0].bounds == (4_030_000.0, 3_090_000.0, 4_031_000.0, 3_091_000.0)
        got = [None if v != v else v for v in frame["population"]]
        assert got == [want[str(i + 1)]["population"] for i in range(COUNT)]
    said = pyogrio.read_info(tmp_path / "cells.gpkg")["layer_metadata"]
    assert said["licence"] == "CC BY 4.0"
    assert "appraisal sha256:" in said["provenance"]
    assert "Example Office" in said["attribution"]


def test_csv_holds_the_places_as_text(reader: Any) -> None:
    rows = reader().get("/collections/places/download.csv").text.splitlines()
    assert rows[0] == "id,name,population,geometry"
    assert rows[1].startswith("1,Ort 0,10.0,POINT (")
    assert len(rows) == COUNT + 1
    tables = reader().get("/collections/table-members/download.csv").text.splitlines()
    assert tables[:2] == ["id,id,name,population", "1,steinach,Steinach,12000.0"]


# --- the catalogue ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("accept", "kind"),
    [("*/*", "text/turtle"), ("application/ld+json", "application/ld+json"),
     ("application/rdf+xml", "application/rdf+xml")],
)  # fmt: skip
def test_the_catalogue_is_negotiated_and_lists_what_the_reader_sees(
    accept: str, kind: str, reader: Any
) -> None:
    answer = reader().get("/catalogue", headers={"accept": accept})
    assert answer.headers["content-type"].split(";")[0] == kind
    assert "dataset-places" in answer.text
    assert "dataset-secret" not in answer.text


# --- other programs -----------------------------------------------------------------------------------
@pytest.fixture
def address(live: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The site on a real socket."""
    server = uvicorn.Server(uvicorn.Config(create_site(live), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


GDAL = """
import json, sys
import pyogrio
at, tight = sys.argv[1], tuple(map(float, sys.argv[2:6]))
pyogrio.set_gdal_config_options({"OGR_OAPIF_PAGE_SIZE": "7", "GDAL_HTTP_TIMEOUT": "20"})
whole = pyogrio.read_dataframe("OAPIF:" + at, layer="places")
some = pyogrio.read_dataframe("OAPIF:" + at, layer="places", where="population >= 35")
lonlat = pyogrio.read_dataframe("OAPIF:" + at, layer="places", CRS="EPSG:4326")
print(json.dumps({
    "names": [str(name) for name, _ in pyogrio.list_layers("OAPIF:" + at)],
    "whole": [len(whole), whole.crs.to_epsg(), whole.geometry.x.min(), whole.geometry.y.min()],
    "box": len(pyogrio.read_dataframe("OAPIF:" + at, layer="places", bbox=tight)),
    "some": sorted(some["population"]),
    "lonlat": [lonlat.crs.is_geographic, lonlat.geometry.iloc[0].x, lonlat.geometry.iloc[0].y],
}))
"""


@pytest.mark.loopback
def test_gdal_opens_pages_filters_and_projects(address: str, reader: Any) -> None:
    """GDAL's OAPIF driver, the one in ogr2ogr and QGIS; in a process of its own, for it holds the lock."""
    first = reader().get("/collections/places/items/1").json()["geometry"]["coordinates"]
    box = [4_030_000 + 700 * 3 - 1, 3_090_000, 4_030_000 + 700 * 5 + 1, 3_100_000]  # the 4th to the 6th
    asked = [sys.executable, "-c", GDAL, address, *map(str, box)]
    ran = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert {"places", "cells", "seams"} <= set(found["names"])
    assert "secret" not in found["names"]
    assert found["whole"] == [COUNT, 3035, 4_030_000.0, 3_090_000.0]  # by default as it is stored
    assert found["box"] == 3
    assert found["some"] == [35.0, 36.0, 37.0, 38.0, 39.0]
    assert found["lonlat"] == [True, *first]


@pytest.mark.loopback
def test_owslib_reads_the_same(address: str) -> None:
    from owslib.ogcapi.features import Features

    service = Features(f"{address}/")
    assert "places" in service.feature_collections()
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in service.conformance()["conformsTo"]
    )
    assert service.collection_queryables("places")["properties"]["name"]["type"] == "string"
    found = service.collection_items("places", limit=5, bbox=[5.0, 50.0, 7.0, 52.0])
    assert (found["numberMatched"], found["numberReturned"]) == (COUNT, 5)
    cql = service.collection_items("places", filter="population > 37")
    assert cql["numberMatched"] == 2
    assert service.collection_item("places", "1")["properties"]["name"] == "Ort 0"
