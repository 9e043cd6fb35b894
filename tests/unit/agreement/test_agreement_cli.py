"""``bothbanks compact``: a draft from a template, checked and exported."""

from __future__ import annotations

import shutil
from pathlib import Path

from typer.testing import CliRunner

from bothbanks.cli import app
from bothbanks.standards.akoma_ntoso import faults

TWO_BANKS = Path(__file__).parents[2] / "data" / "two-banks"


def test_a_template_becomes_a_draft_that_checks_and_exports(tmp_path: Path) -> None:
    folder, out = tmp_path / "region", tmp_path / "out"
    shutil.copytree(TWO_BANKS, folder)
    shutil.rmtree(folder / "compact")
    run = CliRunner().invoke
    assert run(app, ["compact", "new", str(folder), "--template", "mutual-aid"]).exit_code != 0
    (folder / "compact.toml").unlink()
    assert run(app, ["compact", "new", str(folder), "--template", "none"]).exit_code != 0
    made = run(app, ["compact", "new", str(folder), "--template", "mutual-aid"])
    assert made.exit_code == 0, made.output
    checked = run(app, ["compact", "check", str(folder)])
    assert checked.exit_code == 0
    assert "nothing is wrong" in checked.output
    assert "aid." not in checked.output
    exported = run(app, ["compact", "export", str(folder), "--out", str(out)])
    assert exported.exit_code == 0, exported.output
    files = sorted(out.glob("*.akn.xml"))
    assert len(files) == 2
    assert all(faults(path.read_bytes()) == () for path in files)
