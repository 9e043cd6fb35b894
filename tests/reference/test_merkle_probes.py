"""Published probes of Merkle proofs: transparency-dev/merkle, testdata (Apache-2.0), right and wrong ones.

The file SOURCE.md beside them gives the commit. Most of them test that a wrong proof is turned down. The two
folders about subtrees are newer than the RFC and not read.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from bothbanks.record.tree import extends, includes

DATA = Path(os.environ.get("BOTHBANKS_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
PROBES = DATA / "merkle" / "testdata"


def probes(folder: str) -> list[tuple[str, dict[str, Any]]]:
    if not PROBES.is_dir():
        pytest.skip(f"no published Merkle probes at {PROBES}; set BOTHBANKS_DATA")
    files = sorted((PROBES / folder).rglob("*.json"))
    return [(str(file.relative_to(PROBES)), json.loads(file.read_bytes())) for file in files]


def decoded(texts: list[str] | None) -> list[bytes]:
    return [b64decode(text) for text in texts or []]


def test_published_inclusion_proofs_are_judged_as_published() -> None:
    cases = probes("inclusion")
    judged = {
        name: includes(
            b64decode(case["root"] or ""),
            case["treeSize"],
            case["leafIdx"],
            b64decode(case["leafHash"] or ""),
            decoded(case["proof"]),
        )
        for name, case in cases
    }
    assert judged == {name: not case["wantErr"] for name, case in cases}
    assert (sum(judged.values()), len(judged)) == (6, 98)


def test_published_consistency_proofs_are_judged_as_published() -> None:
    cases = probes("consistency")
    judged = {
        name: extends(
            case["size1"],
            b64decode(case["root1"] or ""),
            case["size2"],
            b64decode(case["root2"] or ""),
            decoded(case["proof"]),
        )
        for name, case in cases
    }
    assert judged == {name: not case["wantErr"] for name, case in cases}
    assert (sum(judged.values()), len(judged)) == (6, 98)
