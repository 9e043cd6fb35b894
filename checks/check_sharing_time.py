"""Is what is hidden told from what is not there by the time an answer takes?

Asks for a hidden layer and an absent one by turns and compares medians; and times one decision of the gate.
Exit code 1 where the medians differ by more than the tolerance. Times of a busy machine are noisy: the
tolerance is a fifth of the median, or four standard errors of it where that is more.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fastapi.testclient import TestClient
from layers_fixture import make_appraisal
from partnerships import make_partnership, people

from bothbanks.app.partnership.appraisals import take_appraisal
from bothbanks.app.partnership.sharing import gate
from bothbanks.civic.compact.roles import ANYONE
from bothbanks.site.app import create_site

ROUNDS = 400
PAIRS = (("/collections/secret/items", "/collections/absent/items"), ("/api/disputes", "/api/absences"))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        live = make_partnership(Path(folder) / "data")
        take_appraisal(live, make_appraisal(Path(folder) / "out", live.region.id))
        failed = sum(differ(TestClient(create_site(live)), *pair) for pair in PAIRS)
        with live.reading() as reader:
            for who in (ANYONE, people(live, "engineer", "uferau")):
                started = time.perf_counter()
                for _ in range(1000):
                    gate(reader, who).decide("layer:cells")
                print(f"gate and decision: {(time.perf_counter() - started) * 1e3:.0f} microseconds")
                door = gate(reader, who)
                started = time.perf_counter()
                for _ in range(10_000):
                    door.decide("votes")
                print(f"one more decision: {(time.perf_counter() - started) * 100:.1f} microseconds")
        live.store.close()
    return int(failed > 0)


def differ(client: TestClient, hidden: str, absent: str) -> bool:
    """Print both medians; True where they can be told apart."""
    times: dict[str, list[float]] = {hidden: [], absent: []}
    for turn in range(ROUNDS):
        for path in (hidden, absent) if turn % 2 else (absent, hidden):
            started = time.perf_counter()
            client.get(path)
            times[path].append(time.perf_counter() - started)
    one, two = (statistics.median(t) for t in times.values())
    spread = max(statistics.median([abs(x - one) for x in times[hidden]]), 1e-9)
    tolerance = max(0.2 * two, 4 * 1.253 * 1.4826 * spread / ROUNDS**0.5)
    print(f"{hidden}: {one * 1e3:.2f} ms; {absent}: {two * 1e3:.2f} ms; tolerance {tolerance * 1e3:.2f} ms")
    return abs(one - two) > tolerance


if __name__ == "__main__":
    sys.exit(main())
