"""Ask the whole API for everything its description allows, and for what it forbids.

Schemathesis makes requests from the site's own OpenAPI description, in the process, as the public and as
somebody signed in of each working role. No answer may be a fault of the program, nor of a status, media type
or form that the description does not name. Data that fits the description is read (a rule may still refuse
it), data that does not is refused with a problem document. The seed is fixed.

``check_api.py [EXAMPLES]``: examples per address, role and kind of data (by default 4).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from api_described import ROLES, Findings, ask, prepared, signed_in

EXAMPLES = 4


def main() -> int:
    """Ask as everybody; 1 when something was found."""
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES
    found, statuses = Findings(), Counter[int]()
    begun = time.monotonic()
    for role in ROLES:
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="bothbanks-api-") as folder:
            site = prepared(Path(folder))
            # what lies at the edges of each form is asked once, by whoever may do most
            one = ask(site, signed_in(site, role), examples, edges=role == "secretariat")
        statuses.update(one.statuses)
        found.join(role, one)
        seconds = time.monotonic() - start
        print(f"{role:<14} {one.operations:>4} addresses {sum(one.statuses.values()):>7} requests "
              f"{len(one.problems):>4} findings {seconds:>7.1f} s", flush=True)  # fmt: skip
    for name, samples in sorted(found.problems.items()):
        print(f"\n{name}\n    {samples[0]}")
    told = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    print(f"\nanswers by status: {told}")
    print(
        f"{sum(statuses.values())} requests, {len(found.problems)} findings, {time.monotonic() - begun:.0f} s"
    )
    return int(bool(found.problems))


if __name__ == "__main__":
    raise SystemExit(main())
