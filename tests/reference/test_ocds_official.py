"""What others published: the official schema we ship, and the official sample data, unchanged in meaning.

Sources, beside the project: open-contracting/standard, tag 1__1__5 (Apache-2.0), and
open-contracting/sample-data, commit 703affd (BSD-3-Clause; a fictional purchase).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bothbanks.civic.finance.red_flags import red_flags
from bothbanks.standards.ocds import read, read_texts, record_package, text_of
from bothbanks.standards.ocds_facts import facts

OCID = "ocds-213czf-000-00001"
SHIPPED = (
    "release-schema",
    "release-package-schema",
    "record-package-schema",
    "versioned-release-validation-schema",
)


@pytest.fixture(scope="module")
def sample(outside_data: Path) -> Path:
    return outside_data / "ocds" / "sample-data"


@pytest.fixture(scope="module")
def example(sample: Path) -> Path:
    return sample / "fictional-example" / "1.1"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_schema_we_ship_is_the_official_one(name: str, outside_data: Path, root: Path) -> None:
    official = outside_data / "ocds" / "standard_1__1__5"
    ours = root / "src" / "bothbanks" / "standards" / "ocds_1_1_5"
    assert (ours / f"{name}.json").read_bytes() == (official / "schema" / f"{name}.json").read_bytes()
    assert (ours / "LICENSE.txt").read_bytes() == (official / "LICENSE").read_bytes()


def test_every_sample_reads_in_and_comes_out_unchanged_in_meaning(sample: Path) -> None:
    found = read(sample)
    assert len(found.documents) == 10
    for document in found.documents:
        again = json.loads(text_of(document.data))
        assert again == json.loads((sample / document.file).read_bytes()), document.file


def test_the_samples_are_valid_but_for_the_blank_template(sample: Path) -> None:
    found = read(sample)
    assert {p.file for p in found.problems} == {"blank-template/release-template-1__1__5.json"}
    assert (found.read, found.merged, found.repeated, found.refused_releases) == (13, 6, 6, 1)


def records(example: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((example / "record" / f"{OCID}-withversions.json").read_bytes())
    return dict(record["records"][0])


def test_releases_merge_to_the_official_compiled_and_versioned_release(example: Path) -> None:
    official = records(example)
    for path in (example / f"{OCID}.json", example):
        process = read(path).process(OCID)
        assert process.compiled == official["compiledRelease"]
        assert process.versioned == official["versionedRelease"]


def test_single_files_in_any_order_merge_alike(example: Path) -> None:
    files = sorted(example.glob(f"{OCID}-0*.json"), reverse=True)
    assert len(files) == 6
    found = read_texts({f"{k}.json": path.read_bytes() for k, path in enumerate(files)})
    assert found.process(OCID).compiled == records(example)["compiledRelease"]


def test_the_record_we_write_is_valid_and_says_the_same(example: Path) -> None:
    first = read(example / f"{OCID}.json")
    meta = {k: first.documents[0].data[k] for k in ("uri", "publisher", "publishedDate", "license")}
    again = read_texts({"record.json": text_of(record_package(first, meta)).encode()})
    assert again.problems == ()
    assert again.process(OCID).compiled == records(example)["compiledRelease"]
    written = again.documents[0].data["records"][0]
    assert written["versionedRelease"] == records(example)["versionedRelease"]
    assert written["releases"] == [r.data for r in first.process(OCID).releases]


def test_a_record_with_links_only_keeps_what_it_says(example: Path) -> None:
    found = read(example / "record" / f"{OCID}.json")
    assert found.process(OCID).compiled == records(example)["compiledRelease"]
    assert "only a record with links" in found.remarks[0]


def test_flags_of_the_sample_by_hand(example: Path) -> None:
    """The sample's award is 11 million on a tender of 1.1 million: ten times, read off the file."""
    known = facts(read(example / f"{OCID}.json").process(OCID))
    assert (known.estimate, known.awards[0].value, known.tenderers) == (1_100_000.0, 11_000_000.0, 2)
    flags = {f.indicator: f for f in red_flags([known])}
    assert flags["award-above-estimate"].value == pytest.approx(9.0)
    assert [i for i, f in flags.items() if f.state == "raised"] == ["award-above-estimate"]
    assert flags["split"].because == "no-law"


def test_an_unknown_extension_comes_through_the_merge(example: Path) -> None:
    package = json.loads((example / f"{OCID}.json").read_bytes())
    package["releases"][-1]["localField"] = {"anything": [1, {"id": "x", "deep": 0.1}]}
    package["releases"][-1]["tender"] = {"id": "ocds-213czf-000-00001-01-tender", "localNote": "kept"}
    found = read_texts({"a.json": json.dumps(package).encode()})
    assert found.problems == ()
    compiled = found.process(OCID).compiled
    assert compiled["localField"] == {"anything": [1, {"id": "x", "deep": 0.1}]}
    assert compiled["tender"]["localNote"] == "kept"
    assert found.documents[0].data == package
