"""Speed and memory of drawing a reserve's years, beside the plain way with a matrix of Poisson counts.

    .venv/bin/python -m benchmarks.reserve

Three sizes: village, district and border region; the last is the one the project promises: 100,000 years, 8
members, 1,000 events in under 5 s and under 1 GiB. The peer is what anybody would write with numpy: a count
of each event in each year (drawn in blocks of years, or it would not fit), times the loss table. Three things
are compared: the same counts must give the same losses to the last cent; drawn counts must agree in mean,
spread and tail; and the time of both is printed. Each way runs in a process of its own, so peak memory is its
own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

import numpy as np

from bothbanks.analysis.reserve.capital import Claims, coalition_capital, tail_value_at_risk
from bothbanks.analysis.reserve.years import Peril, annual_losses, from_counts

SIZES = {
    "village": (10_000, 3, 200),
    "district": (50_000, 5, 500),
    "border region": (100_000, 8, 1_000),
}
EVENTS_A_YEAR = 3.0
BLOCK = 5_000
LEVEL = 0.99
MOST_SECONDS, MOST_BYTES = 5.0, 1 << 30


def catalogue(members: int, events: int) -> Peril:
    """Skewed losses in whole cents that members share in part, common events small and rare ones large."""
    rng = np.random.default_rng(7)
    rate = rng.gamma(0.5, 1.0, events)
    rate *= EVENTS_A_YEAR / rate.sum()
    shared = rng.lognormal(15.0, 1.5, events) / np.sqrt(rate * events)
    part = rng.lognormal(0.0, 0.8, (events, members)) * (rng.random((events, members)) < 0.6)
    return Peril("made up", np.rint(shared[:, None] * part), rate)


def plain(peril: Peril, years: int, rng: np.random.Generator) -> np.ndarray:
    """The peer: a Poisson count for every event in every year, block by block."""
    out = np.empty((years, peril.loss.shape[1]))
    for start in range(0, years, BLOCK):
        stop = min(start + BLOCK, years)
        counts = rng.poisson(peril.rate, (stop - start, peril.rate.size))
        out[start:stop] = counts @ peril.loss
    return out


def one(way: str, size: str) -> None:
    """Run one way in this process and print what it took."""
    years, members, events = SIZES[size]
    peril = catalogue(members, events)
    annual_losses([peril], 100, np.random.default_rng(0))  # load what is loaded once
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    if way == "ours":
        lost = annual_losses([peril], years, np.random.default_rng(1))
    else:
        lost = plain(peril, years, np.random.default_rng(2))
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    if way == "ours":
        coalition_capital(Claims.of(lost), LEVEL)
    capital = time.perf_counter() - begin
    total = lost.sum(axis=1)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "capital_seconds": capital,
                "peak_bytes": peak * 1024,
                "added_bytes": (peak - before) * 1024,
                "mean": float(total.mean()),
                "spread": float(total.std()),
                "tail": tail_value_at_risk(total, LEVEL),
                "tail_error": float(tail_error(total)),
                "expected": float(peril.expected.sum()),
            }
        )
    )


def tail_error(total: np.ndarray) -> float:
    """Standard error of the TVaR from ten parts of the years."""
    parts = [tail_value_at_risk(p, LEVEL) for p in np.array_split(total, 10)]
    return float(np.std(parts, ddof=1) / np.sqrt(10))


def same_counts(size: str) -> bool:
    """The same counts give the same cents."""
    _, members, events = SIZES[size]
    peril = catalogue(members, events)
    counts = np.random.default_rng(3).poisson(peril.rate, (BLOCK, events))
    return bool((from_counts(counts, peril.loss) == counts @ peril.loss).all())


def run(way: str, size: str) -> dict[str, float]:
    """One way in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.reserve", way, size]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def main() -> None:
    """All sizes, both ways."""
    failed = []
    for size, (years, members, events) in SIZES.items():
        ours, peer = run("ours", size), run("plain", size)
        mib = 1 << 20
        print(f"{size}: {years:,} years x {members} members x {events:,} events, {EVENTS_A_YEAR:g} a year")
        for name, x in (("ours", ours), ("plain matrix", peer)):
            print(
                f"  {name:13} {x['seconds']:7.3f} s, {x['peak_bytes'] / mib:5.0f} MiB peak; mean "
                f"{x['mean'] / x['expected']:.4f} of expected, TVaR {x['tail']:.4g} +- {x['tail_error']:.2g}"
            )
        apart = abs(ours["tail"] - peer["tail"]) / np.hypot(ours["tail_error"], peer["tail_error"])
        off = abs(ours["mean"] - ours["expected"]) / (ours["spread"] / np.sqrt(years))
        print(
            f"  ratio {peer['seconds'] / ours['seconds']:.1f} times the speed; all {2**members} coalitions' "
            f"capital {ours['capital_seconds']:.2f} s; TVaR apart by {apart:.1f} standard errors, mean off "
            f"by {off:.1f}; same counts, same cents: {same_counts(size)}"
        )
        if apart > 4 or off > 4 or not same_counts(size):
            failed.append(f"{size}: answers disagree")
        if ours["seconds"] > MOST_SECONDS or ours["peak_bytes"] > MOST_BYTES:
            failed.append(f"{size}: over {MOST_SECONDS:g} s or {MOST_BYTES / mib:g} MiB")
    if failed:
        raise SystemExit("; ".join(failed))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one(*sys.argv[1:])
    else:
        main()
