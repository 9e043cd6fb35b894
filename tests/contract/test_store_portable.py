"""Out of one database and into another, of either kind, without loss: the same bytes again."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from store_kinds import KINDS, NOON, Duty, Person, fill

from bothbanks.store import open_store
from bothbanks.store.errors import FormError, MissingError
from bothbanks.store.portable import exported, left_out, taken_in
from bothbanks.store.soundness import faults
from bothbanks.words.errors import InputError


def _files(address: str, private: bool = True) -> dict[str, bytes]:
    with closing(open_store(address, KINDS)) as store, store.reading() as now:
        assert faults(now) == []
        return dict(exported(now, NOON, private))


def _filled(address: str) -> dict[str, bytes]:
    with closing(open_store(address, KINDS)) as store, store.writing() as work:
        fill(work)
    return _files(address)


def test_export_import_export_gives_the_same_bytes(store_address: str, tmp_path: Path) -> None:
    there = _filled(str(tmp_path / "first.db"))
    with closing(open_store(store_address, KINDS)) as store, store.writing() as work:
        counts = taken_in(work, there)
    assert counts == {"objects": 6, "features": 3, "entries": 5, "checkpoints": 0, "jobs": 1}
    assert _files(store_address) == there
    back = str(tmp_path / "back.db")
    with closing(open_store(back, KINDS)) as store, store.writing() as work:
        taken_in(work, _files(store_address))
    assert _files(back) == there


def test_an_export_is_plain_json_that_others_read(store_address: str) -> None:
    files = _filled(store_address)
    duty = json.loads(files["objects/duty.jsonl"].decode().split("\n")[1])
    assert (duty["id"], duty["version"], duty["state"]["share"]) == ("d1", 2, "7")
    assert "share" in json.loads(files["objects/duty.schema.json"])["properties"]
    zones = json.loads(files["layers/zones.geojson"])
    assert zones["features"][0]["geometry"]["coordinates"][0][0] == [5.0, 50.0, 1.5]
    assert zones["features"][0]["bothbanks"]["version"] == 2


def test_without_private_nothing_personal_leaves(store_address: str, tmp_path: Path) -> None:
    _filled(store_address)
    files = _files(store_address, private=False)
    assert sorted(files) == [
        "objects/duty.jsonl", "objects/duty.schema.json", "record/hashes.txt", "record/keys.json",
        "record/leaves.jsonl", "record/manifest.json", "store/checkpoints.jsonl",
    ]  # fmt: skip
    assert not [path for path, body in files.items() if b"Ann" in body]
    with closing(open_store(store_address, KINDS)) as store, store.reading() as now:
        assert left_out(now) == ["person"]
    with closing(open_store(tmp_path / "b.db", KINDS)) as store:
        with store.writing() as work:
            taken_in(work, files)
        with store.reading() as now:
            assert len(now.all(Duty)) == 5
            with pytest.raises(MissingError):
                now.load(Person, "p1")


def test_an_import_into_a_store_that_holds_something_is_refused(store_address: str) -> None:
    files = _filled(store_address)
    with (
        closing(open_store(store_address, KINDS)) as store,
        pytest.raises(FormError, match=r"empty database only; this one has 5 in entries"),
        store.writing() as work,
    ):
        taken_in(work, files)
    assert _files(store_address) == files


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("record/leaves.jsonl", b'"n":3', b'"n":4', "hashes"),
        ("record/private.jsonl", b"p1", b"p2", "isn't what its leaf seals"),
        ("objects/duty.jsonl", b'"1/3"', b'"one"', "duty.jsonl, line 1"),
        ("store/jobs.jsonl", b"worker", b"walker", "jobs.jsonl, line 1"),
        ("layers/zones.geojson", b"51.0", b"510.0", "zones.geojson"),
    ],
)
def test_an_altered_export_is_refused_and_nothing_is_kept(
    tmp_path: Path, path: str, old: bytes, new: bytes, said: str
) -> None:
    files = _filled(str(tmp_path / "a.db"))
    assert old in files[path]
    files[path] = files[path].replace(old, new, 1)
    with closing(open_store(tmp_path / "b.db", KINDS)) as store:
        with pytest.raises((FormError, InputError), match=said), store.writing() as work:
            taken_in(work, files)
        with store.reading() as now:
            assert (now.record_size(), now.all(Duty)) == (0, [])
