"""Every page of the demo report in a browser, by ``axe_report.py``; skipped without a browser or a report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from screens import browser_path

HERE = Path(__file__).resolve().parent
REPORT = HERE.parent / "out" / "meuse-rhine" / "report"


def main() -> int:
    if browser_path() is None or not (REPORT / "index.html").is_file():
        print(
            "no chromium on this machine"
            if browser_path() is None
            else f"no report in {REPORT}; run ./dev demo"
        )
        return 77
    return subprocess.run([sys.executable, str(HERE / "axe_report.py"), str(REPORT)], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
