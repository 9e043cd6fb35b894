"""The tests that are too slow for every day: those that ``BOTHBANKS_SLOW=1`` switches on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run every file that names the switch; the exit code of pytest."""
    files = [
        str(path)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if "BOTHBANKS_SLOW" in path.read_text("utf-8")
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"BOTHBANKS_SLOW": "1"}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
