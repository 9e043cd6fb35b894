"""Two borders that are not the Meuse-Rhine, from the command line to every file an appraisal leaves."""

from __future__ import annotations

import ast
import csv
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from appraisals import MEUSE_RHINE, ROOT, TWO_BANKS, bothbanks, contents, new_folder, run_of, words_of
from jsonschema import Draft202012Validator

from bothbanks.standards.value_json import value_schema

REGIONS = {"fresh": ("left", "right"), "two-banks": ("steinach", "uferau")}
LANGUAGES = {"fresh": ("en", "de", "fr"), "two-banks": ("de", "fr")}
PLACES = (
    "meuse", "maas", "geul", "gueule", "göhl", "vesdre", "ourthe", "wurm", "rur", "inde", "grensmaas",
    "liège", "lüttich", "verviers", "ostbelgien", "limburg", "maastricht", "parkstad", "aachen", "düren",
    "heinsberg", "eupen", "wallon", "walloon", "meuse-rhine", "maas-rhein",
)  # fmt: skip


@pytest.fixture(params=sorted(REGIONS))
def which(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def out(which: str) -> Path:
    folder, done = run_of(which)
    assert done.returncode == 0, done.stderr
    return folder


def region_of(which: str) -> Path:
    return new_folder() if which == "fresh" else TWO_BANKS


def names_of(which: str, language: str) -> list[str]:
    """The members' names in a language of the report."""
    told = (
        tomllib.loads((region_of(which) / "members" / m / "member.toml").read_text("utf-8"))["name"]
        for m in REGIONS[which]
    )
    return [name[language] for name in told]


def value_of(out: Path) -> Any:
    return json.loads((out / "value.json").read_text("utf-8"))


def test_new_makes_a_folder_that_check_finds_right(tmp_path: Path) -> None:
    made = bothbanks("new", "fresh", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "bothbanks check fresh" in made.stdout
    again = bothbanks("new", "fresh", cwd=tmp_path)
    assert again.returncode == 2
    assert "fresh" in again.stderr
    checked = bothbanks("check", "fresh", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "nothing is wrong" in checked.stdout
    assert "2 members, 1 case(s)" in checked.stdout
    read, used, refused = map(int, re.search(r"(\d+) read = (\d+) used \+ (\d+)", checked.stdout).groups())  # type: ignore[union-attr]
    assert read == used + refused > 0
    assert contents(tmp_path / "fresh") == contents(new_folder())


def test_everything_is_written(out: Path) -> None:
    there = contents(out)
    wanted = (
        "report/index.html value.json layers.gpkg conversions.csv refused.csv provenance.json workbook.xlsx "
        "tables/matrix.csv tables/matrix.parquet tables/shares.csv events/flood/events.parquet "
        "events/flood/hits.parquet events/flood/places.parquet events/flood/meta.json "
        "events/flood-loss-by-member-alone.parquet"
    )
    assert set(wanted.split()) <= set(there)
    assert all((out / file).stat().st_size for file in there)


def test_the_run_tells_its_progress_and_what_it_found(which: str) -> None:
    out, done = run_of(which)
    (case,) = value_of(out)["cases"]
    gain = (sum(case["alone"].values()) - sum(case["together"].values())) / 1e6
    assert f"gain together {gain:.1f} " in done.stdout
    for m in REGIONS[which]:
        figures = f"{case['alone'][m] / 1e6:.1f} -> {case['together'][m] / 1e6:.1f}"
        assert figures in re.sub(r" +", " ", done.stdout)
    assert f"Report: {out / 'report' / 'index.html'}" in done.stdout
    shares = [int(line.split("%")[0]) for line in done.stderr.splitlines() if "%" in line]
    assert shares == sorted(shares)
    assert shares[-1] == 100
    assert "Traceback" not in done.stderr


def test_value_json_keeps_its_form(which: str, out: Path) -> None:
    value = value_of(out)
    assert not list(Draft202012Validator(value_schema()).iter_errors(value))
    assert value["members"] == list(REGIONS[which])
    assert (value["currency"], value["price_year"]) == ({"fresh": "EUR", "two-banks": "CHF"}[which], 2023)
    assert [(c["id"], c["kind"], c["unit"]) for c in value["cases"]] == [
        ("flood", "flood", value["currency"])
    ]
    wanted = {"id", "kind", "unit", "alone", "together", "shares", "in_core", "strongest_objection"}
    assert wanted | {"interval"} <= set(value["cases"][0])


def test_shares_add_up_to_the_cent(out: Path) -> None:
    case = value_of(out)["cases"][0]
    cents = {rule: sum(round(100 * x) for x in by.values()) for rule, by in case["shares"].items()}
    gain = round(100 * (sum(case["alone"].values()) - sum(case["together"].values())))
    assert len(set(cents.values())) == 1
    assert abs(next(iter(cents.values())) - gain) <= 4  # alone and together are rounded by themselves
    assert all(sum(round(100 * x) for x in by.values()) == 0 for by in case["payments"].values())


def test_first_page_names_both_members_and_the_case(which: str, out: Path) -> None:
    value = value_of(out)
    case = value["cases"][0]
    for language in LANGUAGES[which]:
        words = words_of(out / "report" / language / "index.html")
        for name in names_of(which, language):
            assert name in words
        assert case["name"][language] in words
        assert value["region_name"][language] in words
        assert not re.findall(r"\bnan\b|\bNone\b|\binf\b|[{}\[\]]", words)


def test_first_page_says_whether_it_is_worth_it(which: str, out: Path) -> None:
    """The numbers a mayor would quote are those of value.json."""
    value = value_of(out)
    case = value["cases"][0]
    words = words_of(out / "report" / "de" / "index.html")
    gain = (sum(case["alone"].values()) - sum(case["together"].values())) / 1e6
    assert f"Gemeinsam sparen die zwei Mitglieder {gain:.1f}".replace(".", ",") in words
    for by in (case["alone"], case["together"]):
        for amount in by.values():
            assert f"{amount / 1e6:.1f}".replace(".", ",") in words
    losers = [
        name
        for name, m in zip(names_of(which, "de"), REGIONS[which], strict=True)
        if case["gain_without_payments"][m] < 0
    ]
    assert losers == ["Linkes Ufer"]  # hosts the retention that the other bank gains from
    assert "Linkes Ufer verliert, wenn die anderen nicht zahlen" in words
    numbers = value["parameters"]
    assert f"{numbers['assumed']} von {numbers['count']} Parametern sind angenommen" in words


def test_there_is_a_page_in_each_language_and_a_brief_for_each_member(which: str, out: Path) -> None:
    pages = {p.name for p in (out / "report" / "de").glob("*.html")}
    for language in LANGUAGES[which]:
        folder = out / "report" / language
        assert {p.name for p in folder.glob("*.html")} == pages
        assert f'lang="{language}"' in (folder / "index.html").read_text("utf-8")
    assert {f"brief-{m}.html" for m in REGIONS[which]} <= pages


def test_no_page_names_the_meuse_rhine(out: Path) -> None:
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, PLACES)) + r")\b", re.IGNORECASE)
    pages = [*(out / "report").rglob("*.html"), out / "value.json", *(out / "tables").glob("*.csv")]
    assert len(pages) > 20
    for page in pages:
        text = words_of(page) if page.suffix == ".html" else page.read_text("utf-8")
        assert not pattern.findall(text), page


def test_used_and_refused_add_up_and_conversions_are_told(which: str, out: Path) -> None:
    with (out / "tables" / "files.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) >= 6
    assert all(int(r["read"]) == int(r["used"]) + int(r["refused"]) for r in rows)
    told = (out / "conversions.csv").read_text("utf-8-sig")
    wanted = {"fresh": ("EPSG:2154", "cm"), "two-banks": ("EPSG:2056", "LN02", "CHF", "HQ100")}[which]
    for what in wanted:
        assert what in told


def test_provenance_names_every_output_and_input_by_its_hash(which: str, out: Path) -> None:
    text = (out / "provenance.json").read_text("utf-8")
    there = contents(out)
    for file in ("value.json", "workbook.xlsx", "layers.gpkg", "conversions.csv", "tables/matrix.parquet"):
        assert there[file] in text, file
    inputs = contents(region_of(which) / "members")
    assert len(inputs) >= 7
    assert all(digest in text for file, digest in inputs.items() if not file.endswith("member.toml"))
    assert value_of(out)["inputs_sha256"] in text  # the settings too
    assert {"activity", "agent", "entity", "used", "wasGeneratedBy"} <= set(json.loads(text))


def test_layers_hold_both_members_in_the_crs_of_account(which: str, out: Path) -> None:
    import geopandas
    import pyogrio

    layers = {str(name) for name, _ in pyogrio.list_layers(out / "layers.gpkg")}
    outlines = next(name for name in sorted(layers) if "member" in name or "outline" in name)
    frame = geopandas.read_file(out / "layers.gpkg", layer=outlines)
    assert frame.crs.to_epsg() == 3035
    assert set(REGIONS[which]) <= set(frame.astype(str).to_numpy().ravel())


def test_nothing_in_the_code_knows_the_meuse_rhine() -> None:
    """Neither its members nor its rivers: not in code, pages or translations; docstrings may."""
    region = tomllib.loads((MEUSE_RHINE / "region.toml").read_text("utf-8"))
    members = [
        tomllib.loads((MEUSE_RHINE / "members" / m / "member.toml").read_text("utf-8"))
        for m in region["members"]
    ]
    flood = tomllib.loads((MEUSE_RHINE / "cases" / "flood.toml").read_text("utf-8"))
    names = {region["id"], *region["name"].values(), *(n for m in members for n in m["name"].values())}
    names |= {b["name"][k] for b in flood["basins"].values() for k in b["name"]} | set(PLACES)
    ids = {*region["members"], *flood["basins"]} - {"other"}
    long = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, sorted(names - {"inde"}))) + r")(?!\w)", re.I)
    for path in sorted((ROOT / "src").rglob("*")):
        if path.parent.name == "ocds_1_1_5":  # the official schema; its list of currencies holds RUR
            continue
        if path.suffix == ".py":
            texts = list(strings_and_names(path.read_text("utf-8")))
            assert not ids & set(texts), f"{path}: {sorted(ids & set(texts))}"
        elif path.suffix in {".html", ".js", ".css", ".json", ".po", ".toml"}:
            texts = [re.sub(r"(?m)^#.*$", "", path.read_text("utf-8"))]
        else:
            continue
        found = [text for text in texts if long.search(text)]
        assert not found, f"{path}: {found}"


def strings_and_names(source: str) -> list[str]:
    """Names and texts of a module, docstrings (of constants too) left out."""
    tree = ast.parse(source)
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    out = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            out.append(node.value)
        elif isinstance(node, ast.Name):
            out.append(node.id)
    return out


def test_the_scan_for_names_finds_them() -> None:
    assert strings_and_names('"""Geul."""\ndef f():\n    "Geul"\n    return lie["ost"]\n') == ["lie", "ost"]
