"""The progress line of long work."""

from __future__ import annotations

import sys
from collections.abc import Callable


def progress_on_stderr() -> Callable[[str, float], None]:
    """A progress line on stderr: rewritten in a terminal, a line for each step elsewhere."""
    terminal = sys.stderr.isatty()
    last = ""

    def progress(step: str, share: float) -> None:
        nonlocal last
        if terminal:
            print(
                f"\r\x1b[K{share:4.0%} {step}", end="\n" if share >= 1.0 else "", file=sys.stderr, flush=True
            )
        elif step != last:
            print(f"{share:4.0%} {step}", file=sys.stderr, flush=True)
        last = step

    return progress
