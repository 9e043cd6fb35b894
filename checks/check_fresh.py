"""A fresh clone with empty package caches: ``./dev demo`` twice, timed, with the same bytes of value.json.

Wanted on two cores: under six minutes the first time, under 60 s the second. Times are printed; only a failed
run, or other bytes, is a fault, because machines differ.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clone = folder / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        caches = {
            "UV_CACHE_DIR": str(folder / "uv"),
            "PIP_CACHE_DIR": str(folder / "pip"),
            "HOME": str(folder / "home"),
        }
        hashes = []
        for word in ("first", "second"):
            start = time.monotonic()
            code = subprocess.run(
                ["./dev", "demo"], cwd=clone, env={**os.environ, **caches}, check=False
            ).returncode
            print(f"{word} ./dev demo: {time.monotonic() - start:.0f} s")
            if code:
                return 1
            hashes.append(hashlib.sha256((clone / "out/meuse-rhine/value.json").read_bytes()).hexdigest())
        if hashes[0] != hashes[1]:
            print("value.json differs between the two runs")
            return 1
        if subprocess.run(
            ["git", "status", "--porcelain"], cwd=clone, check=True, capture_output=True
        ).stdout:
            print("the demo left files in the checkout that git sees")
            return 1
    print("the same bytes twice, and a clean checkout")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
