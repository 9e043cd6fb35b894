"""A results folder is the old one or the new one, whole, whatever happens in between."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bothbanks.app import output
from bothbanks.standards import replace
from bothbanks.words.errors import InputError

WRITER = """
import sys, time
from pathlib import Path
from bothbanks.app.output import whole_folder
target, generation = Path(sys.argv[1]), sys.argv[2]
print("start", flush=True)
with whole_folder(target) as new:
    for i in range(200):
        (new / f"{i:03d}.txt").write_text(generation)
        time.sleep(0.0005)
print("end", flush=True)
"""


def generation_of(folder: Path) -> set[str]:
    files = sorted(folder.glob("*.txt"))
    assert len(files) == 200
    return {f.read_text() for f in files}


def write(target: Path, generation: str) -> None:
    with output.whole_folder(target) as new:
        for i in range(200):
            (new / f"{i:03d}.txt").write_text(generation)


def test_a_new_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    write(tmp_path / "out", "one")
    (tmp_path / "out" / "left-over.bin").write_text("x")
    write(tmp_path / "out", "two")
    assert generation_of(tmp_path / "out") == {"two"}
    assert not (tmp_path / "out" / "left-over.bin").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_an_error_keeps_the_old_folder(tmp_path: Path) -> None:
    write(tmp_path / "out", "one")
    with pytest.raises(RuntimeError), output.whole_folder(tmp_path / "out") as new:
        (new / "half.txt").write_text("half")
        raise RuntimeError("disk full")
    assert generation_of(tmp_path / "out") == {"one"}


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("years of work")
    with pytest.raises(InputError, match="left as it is"), output.whole_folder(tmp_path / "thesis"):
        pass
    assert (tmp_path / "thesis" / "chapter1.txt").read_text() == "years of work"


def test_without_a_swapping_call_the_folder_put_aside_is_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replace, "_exchange", lambda a, b: False)
    write(tmp_path / "out", "one")
    write(tmp_path / "out", "two")
    assert generation_of(tmp_path / "out") == {"two"}
    (tmp_path / "out").rename(tmp_path / ".out.old-0")  # as if killed between the two renames
    replace.recover(tmp_path / "out")
    assert generation_of(tmp_path / "out") == {"two"}


def test_twenty_kills_leave_a_whole_folder(tmp_path: Path) -> None:
    target = tmp_path / "out"
    write(target, "0")
    for kill in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(target), str(kill + 1)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02 + kill * 0.009)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert len(generation_of(target)) == 1
    write(target, "last")
    assert generation_of(target) == {"last"}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
