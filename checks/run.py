"""Run the slow outside checks one after another and say how long each took.

Each file ``checks/check_*.py`` is a program of its own. It ends with 0 when all is well, with 77 when
it can't run here (its last line says why), and with anything else when it found a fault.
Names on the command line pick some of them: ``./dev check wheel axe``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SKIPPED = 77


def chosen(names: list[str]) -> list[Path]:
    """The checks of those names, or all. Exits with 2 at an unknown name."""
    there = {path.stem.removeprefix("check_"): path for path in sorted(HERE.glob("check_*.py"))}
    unknown = [name for name in names if name not in there]
    if unknown:
        print(f"no check {', '.join(unknown)}; there are: {', '.join(there)}", file=sys.stderr)
        raise SystemExit(2)
    return [there[name] for name in (names or there)]


def main() -> int:
    """Run them; 1 when one failed, or, under CI, when one was skipped."""
    under_ci = os.environ.get("CI", "").lower() in {"1", "true"}
    results: list[tuple[str, str, float]] = []
    for path in chosen(sys.argv[1:]):
        name = path.stem.removeprefix("check_")
        print(f"== {name}", flush=True)
        start = time.monotonic()
        code = subprocess.run([sys.executable, str(path)], cwd=HERE.parent, check=False).returncode
        word = {0: "passed", SKIPPED: "skipped"}.get(code, "FAILED")
        results.append((name, word, time.monotonic() - start))
    print("\ncheck                result   seconds")
    for name, word, seconds in results:
        print(f"{name:<20} {word:<8} {seconds:>7.1f}")
    count = {word: sum(r[1] == word for r in results) for word in ("passed", "FAILED", "skipped")}
    print(f"{count['passed']} passed, {count['FAILED']} failed, {count['skipped']} skipped")
    return int(bool(count["FAILED"] or (under_ci and count["skipped"])))


if __name__ == "__main__":
    raise SystemExit(main())
