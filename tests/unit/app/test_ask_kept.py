"""What ``ask`` keeps of a folder: the same answers, never of another folder, and nothing taken on trust."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from appraisals import MEUSE_RHINE, TWO_BANKS
from region_folders import replace

from bothbanks.app import ask_kept
from bothbanks.app.ask import Session
from bothbanks.app.ask_kept import MOST_KEPT, cache_folder, fingerprint, region_for_games
from bothbanks.app.ask_talk import answer_text
from bothbanks.region import harmonise, read_region
from bothbanks.region.problems import Problems
from bothbanks.region.settings import open_folder
from bothbanks.words.errors import RegionError


@pytest.fixture
def region(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TWO_BANKS, tmp_path / "region"))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def print_of(region: Path) -> str:
    return fingerprint(open_folder(region, Problems()))


def only(cache: Path) -> Path:
    (kept,) = cache.iterdir()
    return kept


@pytest.mark.parametrize("path", [TWO_BANKS, MEUSE_RHINE])
def test_answers_from_the_cache_are_those_of_the_folder(
    path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = region_for_games(path, cache)
    monkeypatch.setattr(ask_kept, "harmonise", lambda _: pytest.fail("the folder was read again"))
    second = region_for_games(path, cache)
    assert second.parameters == first.parameters
    assert second.inputs_sha256 == first.inputs_sha256
    sessions = Session(first), Session(second)
    for session in sessions:
        session.change("region.discount_rate", "0.021")
        session.change("flood.breach_spread", "5")
    assert answer_text(sessions[0]) == answer_text(sessions[1])
    for a, b in zip(sessions[0].answer(), sessions[1].answer(), strict=True):
        np.testing.assert_array_equal(a.now.alone, b.now.alone)
        np.testing.assert_array_equal(a.now.together, b.now.together)


@pytest.mark.parametrize("file", ["cases/flood.toml", "members/uferau/depths.csv", "a-new-file.txt"])
def test_a_changed_file_is_another_folder(region: Path, file: str) -> None:
    before = print_of(region)
    assert print_of(region) == before
    path = region / file
    path.write_bytes((path.read_bytes() if path.exists() else b"") + b"\n")
    assert print_of(region) != before


def test_a_changed_number_is_what_the_next_question_starts_from(region: Path, cache: Path) -> None:
    assert region_for_games(region, cache).parameter("region.discount_rate").value == 0.03
    replace(region, "region.toml", "value = 0.03\n", "value = 0.031\n")
    assert region_for_games(region, cache).parameter("region.discount_rate").value == 0.031
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("damage", ["cut", "text", "gone", "empty"])
def test_what_cannot_be_read_back_is_read_again_and_mended(region: Path, cache: Path, damage: str) -> None:
    whole = answer_text(Session(region_for_games(region, cache)))
    cells = only(cache) / "cells.parquet"
    if damage == "cut":
        cells.write_bytes(cells.read_bytes()[:-40])
    elif damage == "text":
        (only(cache) / "region.json").write_text("{}", encoding="utf-8")
    elif damage == "gone":
        cells.unlink()
    else:
        cells.write_bytes(b"")
    assert answer_text(Session(region_for_games(region, cache))) == whole
    assert cells.stat().st_size > 100
    assert sorted(p.suffix for p in only(cache).iterdir()) == [".json", *[".parquet"] * 3]


def test_a_folder_with_a_problem_is_told_and_not_kept(region: Path, cache: Path) -> None:
    (region / "members/uferau/depths.csv").write_text("nothing;of;use\n", encoding="utf-8")
    with pytest.raises(RegionError):
        region_for_games(region, cache)
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_spoils_nothing(region: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    kept = region_for_games(region, tmp_path / "file")
    assert kept.parameters == harmonise(read_region(region)).parameters


def test_only_so_many_folders_are_kept_and_the_newest_stay(region: Path, cache: Path) -> None:
    for k in range(MOST_KEPT + 2):
        (cache / f"old-{k}").mkdir(parents=True)
    region_for_games(region, cache)
    assert len(list(cache.iterdir())) == MOST_KEPT
    assert (cache / print_of(region) / "region.json").exists()


def test_the_cache_lies_where_the_system_wants_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "bothbanks" / "ask"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache_folder() == tmp_path / ".cache" / "bothbanks" / "ask"
