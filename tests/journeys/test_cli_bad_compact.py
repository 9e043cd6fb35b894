"""A spoilt agreement or a service that can't be opened: exit code 2, everything told, nothing imported."""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from partnerships import TWO_BANKS, make_partnership

from bothbanks import cli

AGREEMENT, DUTIES, SHARING = "compact.toml", "compact/duties.toml", "compact/sharing.toml"
VOTES, LEGAL, PEOPLE = "compact/votes.toml", "compact/legal.toml", "compact/people.toml"


class Done(NamedTuple):
    """How a call of the command line ended."""

    code: int
    err: str


Call = Callable[..., Done]


class Spoilt(NamedTuple):
    """What is put in the place of what in which file, and what the message has to name."""

    file: str
    old: str
    new: str
    told: tuple[str, ...]


CASES = {
    "article unknown to a duty": Spoilt(
        DUTIES, 'article = "art-duties"\nladder', 'article = "art-none"\nladder', (DUTIES, "art-none")
    ),
    "article unknown to a sharing rule": Spoilt(
        SHARING, 'level = "full"\narticle = "art-data"', 'level = "full"\narticle = "art-void"',
        (SHARING, "art-void"),
    ),
    "article unknown to a vote's rule": Spoilt(
        VOTES, 'article = "art-votes"', 'article = "art-voids"', (VOTES, "art-voids")
    ),
    "member unknown to a duty": Spoilt(
        DUTIES, 'owners = ["steinach"]', 'owners = ["atlantis"]', (DUTIES, "atlantis")
    ),
    "member unknown to the law's matrix": Spoilt(
        LEGAL, 'members = ["uferau"]', 'members = ["mu"]', (LEGAL, "'mu'")
    ),
    "member unknown to the seat": Spoilt(
        AGREEMENT, 'member = "steinach"\nlaw', 'member = "lemuria"\nlaw', (AGREEMENT, "lemuria")
    ),
    "date impossible": Spoilt(DUTIES, "first = 2026-07-01", 'first = "2026-02-30"', (DUTIES, "first")),
    "date no date of TOML": Spoilt(AGREEMENT, "drafted = 2026-11-24", "drafted = 2026-13-24", (AGREEMENT,)),
    "fraction over 1": Spoilt(
        AGREEMENT, 'majority = { fraction = "1/2"', 'majority = { fraction = "3/2"', (AGREEMENT, "majority")
    ),
    "term unknown": Spoilt(VOTES, 'more_than = "{majority}"', 'more_than = "{most}"', (VOTES, "most")),
    "ladder without end": Spoilt(
        DUTIES,
        '  { action = "suspend", days = 90, suspends = "vote" },',
        '  { action = "remind", days = 5 },',
        (DUTIES, "ladder"),
    ),
    "ladder unknown": Spoilt(DUTIES, 'ladder = "standard"', 'ladder = "rope"', (DUTIES, "rope")),
    "sharing rule without article": Spoilt(
        SHARING, 'level = "full"\narticle = "art-organs"\n', 'level = "full"\n', (SHARING, "article")
    ),
    "data set unknown to a rule": Spoilt(
        SHARING, 'datasets = ["disputes"]', 'datasets = ["quarrels"]', (SHARING, "quarrels")
    ),
    "role unknown to a seat": Spoilt(
        PEOPLE, 'role = "council"', 'role = "emperor"', (PEOPLE, "role")
    ),
    "key unknown": Spoilt(DUTIES, 'begin = "at-once"', 'begin = "at-once"\nbegun = 1', (DUTIES, "begun")),
    "no TOML": Spoilt(LEGAL, "[[subjects]]", "[[subjects]", (LEGAL,)),
}  # fmt: skip
TOGETHER = (
    "article unknown to a sharing rule", "article unknown to a vote's rule", "member unknown to a duty",
    "member unknown to the law's matrix", "role unknown to a seat",
)  # fmt: skip


@pytest.fixture
def region(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TWO_BANKS, tmp_path / "region"))


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The command line in this process; a site that is opened ends it with 0."""

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["bothbanks", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        told = capsys.readouterr().err
        assert "Traceback" not in told
        return Done(left.value.code if isinstance(left.value.code, int) else 0, told)

    return run


@pytest.fixture
def not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that would open ends with 0 instead of waiting for readers."""
    monkeypatch.setattr("bothbanks.site.serving.run", lambda partnership, *_: partnership.store.close())


def spoil(region: Path, case: Spoilt) -> None:
    path = region / case.file
    text = path.read_text("utf-8")
    assert case.old in text, case
    path.write_text(text.replace(case.old, case.new, 1), "utf-8")


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("name", CASES)
def test_a_spoilt_agreement_is_refused_and_the_place_named(name: str, region: Path, call: Call) -> None:
    spoil(region, CASES[name])
    done = call("check", region)
    assert done.code == 2
    for part in CASES[name].told:
        assert part in flat(done.err), done.err


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_imported(
    region: Path, call: Call, tmp_path: Path, not_served: None
) -> None:
    for name in TOGETHER:
        spoil(region, CASES[name])
    for command in (("check", region), ("serve", region, "--data", tmp_path / "data", "--port", "0")):
        done = call(*command)
        assert done.code == 2
        for name in TOGETHER:
            assert all(part in flat(done.err) for part in CASES[name].told), (name, done.err)
    empty = call("serve", "--data", tmp_path / "data", "--port", "0")
    assert (empty.code, "serve.empty" in empty.err) == (2, True)
    whole = call("serve", TWO_BANKS, "--data", tmp_path / "data", "--port", "0")
    assert (whole.code, whole.err) == (0, "")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the small example."""
    made = make_partnership(tmp_path / "data")
    made.store.close()
    return made.data


def test_a_port_that_is_taken(data: Path, call: Call) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        done = call("serve", "--data", data, "--port", str(taken.getsockname()[1]))
    assert done.code == 2
    assert "serve.port" in done.err
    assert "--port" in done.err


def test_the_folder_of_another_region(data: Path, region: Path, call: Call, not_served: None) -> None:
    text = (region / "region.toml").read_text("utf-8")
    (region / "region.toml").write_text(text.replace('id = "two-banks"', 'id = "elsewhere"', 1), "utf-8")
    done = call("serve", region, "--data", data)
    assert done.code == 2
    assert "serve.other-region" in done.err
    assert "'two-banks'" in flat(done.err)
    assert "'elsewhere'" in flat(done.err)
    assert call("serve", TWO_BANKS, "--data", data).code == 0
    missing = call("serve", region / "none", "--data", data)
    assert missing.code == 2


def test_a_database_that_is_down_or_none(data: Path, call: Call, tmp_path: Path) -> None:
    down = call("serve", "--data", data, "--database", f"postgresql://nobody@/none?host={tmp_path}")
    assert down.code == 1  # no fault of what was given
    assert "store.unavailable" in down.err
    assert "secret" not in down.err
    odd = call("serve", "--data", data, "--database", "mysql://root:secret@db.example/x")
    assert odd.code == 1
    assert "store.form" in odd.err
    assert "secret" not in odd.err


def test_a_store_of_a_later_version(data: Path, call: Call) -> None:
    with closing(sqlite3.connect(data / "bothbanks.sqlite")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
    done = call("serve", "--data", data, "--port", "0")
    assert done.code == 1
    assert "r9999" in done.err
    assert "release" in done.err
