"""The documentation: links lead somewhere, settings parse, keys named are keys written."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import findings_fixture
import pytest

from bothbanks.standards.layers import GEOMETRY
from bothbanks.standards.tables import all_tables
from bothbanks.standards.value_json import to_value, write_value

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"(?<!!)\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert not [t for t in targets if not (page.parent / t).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_settings_shown_are_settings(page: Path) -> None:
    for indent, block in re.findall(
        r"^( *)```toml\n(.*?)^ *```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    ):
        tomllib.loads("\n".join(line.removeprefix(indent) for line in block.splitlines()))


def test_the_example_of_reading_value_json_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/reference/value-json.md").read_text("utf-8")
    code = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
    write_value(findings_fixture.findings(), tmp_path / "value.json")
    code = code.replace("out/meuse-rhine/value.json", str(tmp_path / "value.json"))
    exec(compile(code, "value-json.md", "exec"), {})
    assert capsys.readouterr().out.splitlines()[0] == "upper 36000000.0 67000000.0 31500000.0"


def test_the_reference_of_the_region_folder_is_what_the_program_reads() -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "checks/make_reference.py", "--check"], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_key_of_value_json_is_explained() -> None:
    text = (ROOT / "docs/reference/value-json.md").read_text("utf-8")
    value = to_value(findings_fixture.findings())
    keys = set(value) | set(value["cases"][0]) - {"money"}
    assert not {key for key in keys if f"`{key}`" not in text}


def test_every_table_and_layer_is_explained() -> None:
    files = (ROOT / "docs/reference/files.md").read_text("utf-8")
    assert not {t.id for t in all_tables(findings_fixture.findings()) if not re.search(rf"\b{t.id}\b", files)}
    layers = (ROOT / "docs/how-to/qgis.md").read_text("utf-8")
    assert not {name for name in GEOMETRY if f"| {name} |" not in layers}


def test_no_two_decisions_share_a_number() -> None:
    numbers = [p.name[:4] for p in (ROOT / "docs/decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers)) >= 2
