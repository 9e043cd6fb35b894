"""Build the documentation as a site: no broken link, nothing fetched from outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOADS = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//""")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", folder]
        quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        if subprocess.run(command, cwd=ROOT, env=quiet, check=False).returncode:
            return 1
        pages = sorted(Path(folder).rglob("*.html"))
        outside = [p.relative_to(folder) for p in pages if LOADS.search(p.read_text(encoding="utf-8"))]
        print(f"{len(pages)} pages built")
        for path in outside:
            print(f"{path} loads something from outside")
        return int(bool(outside) or not pages)


if __name__ == "__main__":
    raise SystemExit(main())
