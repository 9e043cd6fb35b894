"""The frame of the site: languages, refusals, descriptions, steps, and nothing without a dataset."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bothbanks.app.partnership.appraisals import first_page, report_file, take_appraisal
from bothbanks.site.app import create_site
from bothbanks.site.areas import areas
from bothbanks.words.errors import InputError

PAGE = {"accept": "text/html"}


@pytest.fixture
def client(partnership: object) -> TestClient:
    return TestClient(create_site(partnership))  # type: ignore[arg-type]


def test_the_root_leads_to_the_reader_s_language(client: TestClient) -> None:
    for wish, found in (("fr-BE,de;q=0.5", "/fr"), ("pt", "/de"), ("", "/de")):
        answer = client.get("/", headers={**PAGE, "accept-language": wish}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (307, found)


def test_a_page_says_its_language_and_links_to_the_others(client: TestClient) -> None:
    text = client.get("/fr", headers=PAGE).text
    assert '<html lang="fr">' in text
    assert 'href="/de" lang="de"' in text
    assert text.count("<h1") == 1


def test_what_is_not_there_is_said_as_a_page_or_as_a_problem(client: TestClient) -> None:
    page = client.get("/de/nothing-here", headers=PAGE)
    assert page.status_code == 404
    assert "Unter dieser Adresse gibt es nichts" in page.text
    problem = client.get("/api/nothing-here")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "site.not-found"
    assert client.get("/xx", headers=PAGE).status_code == 404


def test_every_answer_carries_the_guards_headers(client: TestClient) -> None:
    for path in ("/de", "/healthz", "/api/nothing", "/assets/x/site.css", "/openapi.json"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"


def test_assets_come_from_the_package_and_are_kept_only_under_their_version(client: TestClient) -> None:
    link = client.get("/de").text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in client.get(link).headers["cache-control"]
    assert client.get("/assets/old/site.css").headers["cache-control"] == "no-cache"
    assert client.get("/assets/old/../../etc/passwd").status_code == 404


def test_a_step_is_refused_with_its_reason_where_it_is_no_json(client: TestClient) -> None:
    name = next(path for path in client.get("/openapi.json").json()["paths"] if path.startswith("/api/do/"))
    said = client.post(name, content=b"a=1", headers={"content-type": "application/x-www-form-urlencoded"})
    assert (said.status_code, said.json()["code"]) == (415, "command.media")
    for wrong, code in ((b"{", "command.json"), (b"[]", "command.object"), (b'{"a": NaN}', "command.json")):
        said = client.post(name, content=wrong, headers={"content-type": "application/json"})
        assert (said.status_code, said.json()["code"]) == (400, code)
    large = b'{"a":"' + b"x" * (1 << 20) + b'"}'
    assert client.post(name, content=large, headers={"content-type": "application/json"}).status_code == 413


def test_the_description_is_whole(client: TestClient) -> None:
    made = client.get("/openapi.json").json()
    assert made["openapi"].startswith("3.1")
    text = str(made)
    schemas = made["components"]["schemas"]
    for ref in {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}:
        assert ref in schemas, ref


def test_no_area_serves_without_a_dataset() -> None:
    assert all(area.dataset for area in areas())
    assert len({area.name for area in areas()}) == len(areas())


def test_an_appraisal_is_taken_once_and_only_for_its_own_region(partnership: object, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (folder / "report" / "de").mkdir(parents=True)
    page = '<html><body><main><h1>Befund</h1><p><a href="maps.html">x</a></p></main></body></html>'
    (folder / "report" / "de" / "index.html").write_text(page, encoding="utf-8")
    (folder / "value.json").write_text('{"region": "two-banks", "inputs_sha256": "ab"}')
    first = take_appraisal(partnership, folder)  # type: ignore[arg-type]
    assert take_appraisal(partnership, folder) == first  # type: ignore[arg-type]
    with partnership.reading() as reader:  # type: ignore[attr-defined]
        assert sum(e.kind == "appraisal.taken" for e in reader.store.entries()) == 1
    said = first_page(partnership.data, first, "de")  # type: ignore[attr-defined]
    assert said is not None
    assert "<h1>Befund</h1>" in said
    assert 'href="/appraisal/de/maps.html"' in said
    assert first_page(partnership.data, first, "fr") is None  # type: ignore[attr-defined]
    assert report_file(partnership.data, first, "de/index.html")  # type: ignore[attr-defined]
    assert report_file(partnership.data, first, "de/../../value.json") is None  # type: ignore[attr-defined]
    (folder / "value.json").write_text('{"region": "elsewhere", "inputs_sha256": "ab"}')
    with pytest.raises(InputError, match="is about 'elsewhere'"):
        take_appraisal(partnership, folder)  # type: ignore[arg-type]
