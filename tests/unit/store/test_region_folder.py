"""Folder and database: what differs, the folder written back, and a changed folder as a proposal."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from partnerships import START, TWO_BANKS, Live, make_partnership, people
from typer.testing import CliRunner

from bothbanks.app.partnership.agreement_reading import current_text, kept_agreement
from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.region_folder import Difference, differences, propose_folder, write_folder
from bothbanks.civic.compact.roles import SECRETARIAT
from bothbanks.cli import keeping as commands
from bothbanks.region import harmonise, read_region
from bothbanks.words.errors import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TWO_BANKS, tmp_path / "region"))


def _replace(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def _found(partnership: Live, folder: Path) -> tuple[Difference, ...]:
    with partnership.reading() as reader:
        return differences(reader, harmonise(read_region(folder)))


def _amend(partnership: Live) -> None:
    payload = {"version": 1, "term": "warning", "value": "35", "reason": "more time"}
    done = partnership.act("agreement.set-term", payload, people(partnership, SECRETARIAT))
    assert isinstance(done, Done), done


def test_a_folder_that_nobody_changed_differs_in_nothing(partnership: Live, folder: Path) -> None:
    partnership.clock.set(START + timedelta(days=400))
    assert _found(partnership, folder) == ()


def test_what_was_changed_is_named_by_file_and_object(partnership: Live, folder: Path) -> None:
    _replace(folder / "compact.toml", "warning = { minutes = 15", "warning = { minutes = 28")
    _replace(folder / "compact/duties.toml", 'id = "levee-permit"', 'id = "levee-permits"')
    with (folder / "members/uferau/population.csv").open("a") as out:
        out.write("\n")
    assert _found(partnership, folder) == (
        Difference("compact.toml", "term", "warning", "differs", ("amount",)),
        Difference("compact/duties.toml", "duty", "levee-permit", "only in the database"),
        Difference("compact/duties.toml", "duty", "levee-permits", "only in the folder"),
        Difference("members/uferau/population.csv", "input", "", "differs"),
    )


def test_the_folder_written_back_gives_the_same_model_again(
    partnership: Live, folder: Path, tmp_path: Path
) -> None:
    with partnership.reading() as reader:
        same = write_folder(reader, folder, tmp_path / "same")
    assert (same.files, same.left) == ((), ())
    _amend(partnership)
    with partnership.reading() as reader:
        written = write_folder(reader, folder, tmp_path / "new")
        text = current_text(reader)
    assert (written.files, written.left) == (("compact.toml",), ())
    assert _found(partnership, tmp_path / "new") == ()
    again = make_partnership(tmp_path / "again", folder=tmp_path / "new")
    with again.reading() as reader:
        assert current_text(reader) == text
    again.store.close()
    assert "warning = { minutes = 35, note =" in (tmp_path / "new/compact.toml").read_text()
    with partnership.reading() as reader, pytest.raises(InputError, match="holds something already"):
        write_folder(reader, folder, tmp_path / "new")


def test_what_can_t_be_written_back_is_said(partnership: Live, folder: Path, tmp_path: Path) -> None:
    _replace(folder / "compact/duties.toml", 'id = "levee-permit"', 'id = "levee-permits"')
    with partnership.reading() as reader:
        left = write_folder(reader, folder, tmp_path / "new").left
    assert [d.id for d in left] == ["levee-permit", "levee-permits"]


def test_a_changed_folder_becomes_a_draft_and_the_rest_is_left_to_people(
    partnership: Live, folder: Path
) -> None:
    _replace(folder / "compact.toml", "warning = { minutes = 15", "warning = { minutes = 28")
    _replace(folder / "compact/duties.toml", 'id = "levee-permit"', 'id = "levee-permits"')
    with partnership.reading() as reader:
        size = reader.store.record_size()
    dry = propose_folder(partnership, folder, dry_run=True)
    with partnership.reading() as reader:
        assert reader.store.record_size() == size
    done = propose_folder(partnership, folder, dry_run=False)
    assert (done.differences, dry.draft) == (dry.differences, "")
    assert [line.split(":")[0] for line in done.not_taken] == ["compact/duties.toml"] * 2
    with partnership.reading() as reader:
        kept = kept_agreement(reader)
        assert kept is not None
        assert kept.state.open is not None
        assert kept.state.open.number == 2
        assert kept.state.open.text.terms["warning"].amount == 28
        assert reader.store.entries()[-1].kind == "region.folder-proposed"
    assert [d.file for d in propose_folder(partnership, folder, dry_run=True).differences] == [
        "compact/duties.toml"
    ] * 2


def _app() -> Callable[..., str]:
    app = typer.Typer()
    app.command()(commands.export)
    app.command("import")(commands.import_)
    return lambda *words: CliRunner().invoke(app, [str(w) for w in words], catch_exceptions=False).output


def test_the_commands_tell_folders_apart(partnership: Live, folder: Path, tmp_path: Path) -> None:
    run = _app()
    _replace(folder / "compact.toml", "warning = { minutes = 15", "warning = { minutes = 28")
    data = partnership.data
    assert "term 'warning' differs in amount" in run("import", folder, "--data", data, "--dry-run")
    assert "is a draft now" in run("import", folder, "--data", data)
    assert "says what the database says" in run("import", folder, "--data", data, "--dry-run")
    shown = run("export", data, "--folder", tmp_path / "new", "--region", TWO_BANKS)
    assert "written anew: compact.toml" in shown
    (tmp_path / "empty").mkdir()
    for words, said in (
        (("import", tmp_path / "empty"), "neither bothbanks.sqlite"),
        (("import", folder, "--data", tmp_path / "empty"), "holds no service"),
        (("export", data), "say where to"),
    ):
        with pytest.raises(InputError, match=said):
            run(*words)
