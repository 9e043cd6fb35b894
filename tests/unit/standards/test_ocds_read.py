"""Reading contracting data: every fault at once, contradictions kept whole with both files named."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from procurement_cases import packed, releases

from bothbanks.civic.finance.red_flags import Facts
from bothbanks.standards.ocds import OcdsError, Reading, read, read_texts, record_package, text_of
from bothbanks.standards.ocds_facts import facts
from bothbanks.standards.ocds_schema import RELEASE, faults
from bothbanks.words.errors import InputError


def read_of(**documents: Any) -> Reading:
    return read_texts({f"{name}.json": json.dumps(data).encode() for name, data in documents.items()})


def counts(found: Reading) -> tuple[int, int, int, int]:
    return found.read, found.merged, found.repeated, found.refused_releases


def one(found: Reading, code: str) -> str:
    """The text of the only problem, which has that code."""
    assert [p.code for p in found.problems] == [code], "\n".join(map(str, found.problems))
    return str(found.problems[0])


@pytest.fixture
def life() -> list[dict[str, Any]]:
    return releases()


def test_our_own_releases_read_in_and_merge(life: list[dict[str, Any]]) -> None:
    found = read_of(a=packed(life))
    assert found.problems == ()
    assert counts(found) == (10, 10, 0, 0)
    compiled = found.process("ocds-xxxxxx-test-1").compiled
    assert compiled["contracts"][0]["status"] == "terminated"
    assert sum(t["value"]["amount"] for t in compiled["contracts"][0]["implementation"]["transactions"]) == (
        pytest.approx(469_999.99, abs=1e-9)
    )


def test_a_folder_a_package_and_single_releases_read_alike(
    life: list[dict[str, Any]], tmp_path: Path
) -> None:
    for k, release in enumerate(life):
        (tmp_path / f"{k}.json").write_text(json.dumps(release))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "all.json").write_text(json.dumps(packed(life)))
    found = read(tmp_path)
    assert counts(found) == (20, 10, 10, 0)
    assert found.processes[0].compiled == read_of(a=packed(life)).processes[0].compiled


def test_one_id_with_two_contents_names_both_files_and_loses_nothing(life: list[dict[str, Any]]) -> None:
    other = copy.deepcopy(life[3])
    other["awards"][0]["value"]["amount"] = 1.0
    found = read_of(ours=packed(life), theirs=packed([other]))
    text = one(found, "ocds.contradiction")
    assert "theirs.json: releases/0" in text
    assert "ours.json: releases/3" in text
    assert "found 1.0 in" in text
    assert "430000 as in" in text
    assert found.processes == ()
    assert counts(found) == (11, 0, 0, 11)
    assert [r.data for r in found.refused] == [*life, other]


def test_the_other_purchases_go_on(life: list[dict[str, Any]]) -> None:
    fine = releases(ocid="ocds-xxxxxx-test-2")
    other = {**life[0], "language": "fr"}
    found = read_of(a=packed([*life, *fine]), b=packed([other]))
    assert [p.ocid for p in found.processes] == ["ocds-xxxxxx-test-2"]
    assert counts(found) == (21, 10, 0, 11)
    one(found, "ocds.contradiction")


def test_two_releases_of_one_moment_that_disagree(life: list[dict[str, Any]]) -> None:
    other = copy.deepcopy(life[3])
    other["id"] = "another"
    other["date"] = "2026-03-10T10:00:00+01:00"  # the same moment, written otherwise
    other["awards"][0]["value"]["amount"] = 430_001
    text = one(read_of(a=packed(life), b=packed([other])), "ocds.same-date")
    assert "awards/ocds-xxxxxx-test-1-award/value/amount" in text
    assert "430001 in b.json" in text
    assert "430000 as in a.json" in text
    same = {**copy.deepcopy(life[3]), "id": "another"}
    assert read_of(a=packed(life), b=packed([same])).problems == ()


def test_amounts_in_two_currencies(life: list[dict[str, Any]]) -> None:
    life[4]["contracts"][0]["value"]["currency"] = "CHF"
    text = one(read_of(a=packed(life)), "ocds.currencies")
    assert "found CHF in a.json: releases/4" in text
    assert "EUR as tender/value has in a.json: releases/0" in text


@pytest.mark.parametrize(("number", "tag"), [(2, "tenderAmendment"), (5, "contractAmendment")])
def test_a_change_dated_before_what_it_changes(life: list[dict[str, Any]], number: int, tag: str) -> None:
    life[number]["date"] = "2026-01-06T09:00:00Z"
    found = read_of(a=packed(life))
    assert {p.code for p in found.problems} == {"ocds.order"}
    assert f"this '{tag}' changes" in str(found.problems[0])
    assert counts(found) == (10, 0, 0, 10)


def test_an_amendment_older_than_the_release_it_names(life: list[dict[str, Any]]) -> None:
    late = {**copy.deepcopy(life[1]), "id": "late", "date": "2026-02-20T09:00:00Z"}
    life[2]["tender"]["amendments"][0]["amendsReleaseID"] = "late"
    text = one(read_of(a=packed([*life, late])), "ocds.order")
    assert "which it amends" in text


def test_an_amendment_alone_is_no_contradiction(life: list[dict[str, Any]]) -> None:
    assert read_of(a=packed([life[2]])).problems == ()


def test_two_things_with_one_id_are_refused_and_not_merged(life: list[dict[str, Any]]) -> None:
    life[3]["awards"].append({**life[3]["awards"][0], "title": "another"})
    text = one(read_of(a=packed(life)), "ocds.merge")
    assert "04-award" in text


def test_every_fault_of_the_schema_at_once(life: list[dict[str, Any]]) -> None:
    del life[0]["tag"]
    life[1]["date"] = "yesterday"
    life[1]["tender"]["value"]["currency"] = "euros"
    life[2]["tender"]["status"] = "perhaps"
    package = packed(life)
    found = read_of(a=package)
    assert {(p.field, p.code) for p in found.problems} == {
        ("releases/0", "ocds.schema"),
        ("releases/1/date", "ocds.schema"),
        ("releases/1/tender/value/currency", "ocds.schema"),
        ("releases/2/tender/status", "ocds.schema"),
    }
    assert "expected an RFC 3339 instant" in str(found.problems[1])
    assert "such as ADP" in str(found.problems[2])
    assert counts(found) == (10, 7, 0, 3)
    assert [r.data for r in found.refused] == life[:3]


def test_a_fault_of_the_package_refuses_all_of_it(life: list[dict[str, Any]]) -> None:
    package = packed(life)
    del package["publisher"]
    found = read_of(a=package)
    assert "'publisher' is a required property" in one(found, "ocds.schema")
    assert counts(found) == (10, 0, 0, 10)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (b"{", "ocds.format", "expected JSON"),
        (b"\xff", "ocds.encoding", "0xff"),
        (b"[]", "ocds.kind", "neither releases"),
        (b'{"a": 1}', "ocds.kind", "neither releases"),
        (b'{"ocid": "x", "ocid": "y"}', "ocds.format", "the key 'ocid' twice"),
        (b'{"ocid": NaN}', "ocds.format", "NaN, which is no number"),
    ],
)
def test_files_that_are_no_contracting_data(text: bytes, code: str, words: str) -> None:
    found = read_texts({"a.json": text})
    assert words in one(found, code)
    assert [(r.file, r.reason.code) for r in found.refused] == [("a.json", code)]
    assert found.read == 0


def test_an_empty_folder_and_a_missing_file_are_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(InputError, match=r"ocds.missing"):
            read(path)


def test_the_error_lists_every_problem(life: list[dict[str, Any]]) -> None:
    found = read_of(a=packed([{**life[0], "tag": ["x"]}, {**life[1], "date": "x"}, life[2]]))
    error = OcdsError(found.problems)
    assert "2 problem(s)" in str(error)
    assert "releases/1/date" in str(error)


def test_a_record_that_disagrees_with_its_releases(life: list[dict[str, Any]]) -> None:
    good = read_of(a=packed(life))
    meta = {
        "uri": "https://example.org/r",
        "publisher": {"name": "x"},
        "publishedDate": "2026-09-01T09:00:00Z",
    }
    record = json.loads(text_of(record_package(good, meta)))
    assert read_of(r=record).problems == ()
    record["records"][0]["compiledRelease"]["tender"]["value"]["amount"] = 7
    text = one(read_of(r=record), "ocds.compiled")
    assert "found 7; expected 420000, as its releases merge to" in text


def test_zones_are_put_in_order_by_moment_and_not_by_text(life: list[dict[str, Any]]) -> None:
    """02:00 at +02:00 comes before 01:00 at Z, though its text comes after."""
    early = {**copy.deepcopy(life[1]), "id": "early", "date": "2026-02-01T02:00:00+02:00"}
    late = {**copy.deepcopy(life[1]), "id": "late", "date": "2026-02-01T01:00:00Z"}
    early["tender"]["title"], late["tender"]["title"] = "early", "late"
    found = read_of(a=packed([late, early]))
    assert found.problems == ()
    assert found.processes[0].compiled["tender"]["title"] == "late"


def test_facts_without_figures_are_empty_and_no_crash() -> None:
    bare = {"ocid": "o", "id": "r", "date": "2026-01-01T00:00:00Z", "tag": ["planning"]}
    found = facts(read_of(a={**bare, "initiationType": "tender"}).processes[0])
    assert found == Facts("o")


def test_the_law_is_read_from_the_data_or_given(life: list[dict[str, Any]]) -> None:
    process = read_of(a=packed(life)).processes[0]
    assert facts(process).thresholds == (140_000.0, 216_000.0)
    assert facts(process).least_days == 30.0, "35 days, 5 fewer where tenders come electronically"
    for release in life:
        release.get("tender", {}).pop("crossBorderLaw", None)
    unnamed = read_of(a=packed(life)).processes[0]
    assert facts(unnamed).thresholds == ()
    assert facts(unnamed, "NL").thresholds == (50_000.0, 216_000.0)


@pytest.mark.parametrize(("one_value", "other", "same"), [(1, 1.0, True), (1, True, False), (1, 2, False)])
def test_items_that_must_differ_are_compared_as_json_does(one_value: Any, other: Any, same: bool) -> None:
    """Numbers by value, so 1 is 1.0; a truth value is no number."""
    release = {"ocid": "o", "id": "r", "date": "2026-01-01T00:00:00Z", "tag": ["tender"]}
    tender = {"id": "t", "items": [{"id": "i", "x": one_value}, {"id": "i", "x": other}]}
    found = faults(RELEASE, {**release, "initiationType": "tender", "tender": tender}, "x")
    assert [(p.field, p.expected) for p in found] == (
        [("tender/items", "items that differ from each other")] if same else []
    )
