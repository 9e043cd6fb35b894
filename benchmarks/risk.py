"""Our loss engine and CLIMADA on the same synthetic work: time, peak memory, agreement.

    python benchmarks/risk.py [--quick] [--skip-plain-table]

1,000 events x 200,000 places at 2 % and 18 % density, 1,000,000 assets in 100 municipalities. The
script makes an environment of its own for CLIMADA (``.venv-bench``) and runs itself there. One
process holds the input; each variant runs in a fork of it, so that its peak memory is its own.
Compiling and CLIMADA's first call happen before the clock starts. CLIMADA's *plain use* gives it
the assets as they are; its *best use* gives it the values summed per place (and curve) by hand, and
that summing is not counted against it, while ours is counted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve()
MUNICIPALITIES = 100
HAZARD = "RF"
TOLERANCE = 1e-9
CHUNKED_BYTES = 64 << 20
MIB = 2**20


@dataclass(frozen=True)
class Case:
    """One size of work."""

    events: int
    places: int
    assets: int
    density: float
    curves: int

    def __str__(self) -> str:
        return (
            f"{self.events:,} events x {self.places:,} places at {self.density:.0%}, {self.assets:,} assets, "
            f"{self.curves} curve(s)"
        )


@dataclass(frozen=True, eq=False)
class Work:
    """The input of a case, as plain arrays."""

    start: np.ndarray
    place: np.ndarray
    intensity: np.ndarray
    rate: np.ndarray
    value: np.ndarray
    at: np.ndarray
    curve: np.ndarray
    municipality_of_place: np.ndarray


def make(case: Case, seed: int = 20261124) -> Work:
    """Hits drawn place by place, depths gamma distributed (mean 1.2 m), assets spread at random."""
    rng = np.random.default_rng(seed)
    hit = [
        np.flatnonzero(rng.random(case.places, dtype=np.float32) < case.density).astype(np.uint32)
        for _ in range(case.events)
    ]
    start = np.concatenate(([0], np.cumsum([h.size for h in hit]))).astype(np.int64)
    return Work(
        start,
        np.concatenate(hit),
        rng.gamma(1.5, 0.8, int(start[-1])).astype(np.float32),
        rng.random(case.events) * 0.02,
        rng.gamma(2.0, 1e5, case.assets),
        rng.integers(0, case.places, case.assets),
        rng.integers(0, case.curves, case.assets),
        (np.arange(case.places) * MUNICIPALITIES // case.places).astype(np.int32),
    )


# --- ours ---------------------------------------------------------------------------------------------


def our_exposure(work: Work) -> Any:
    from bothbanks.analysis.risk import Column, Exposure

    labels = tuple(f"m{i:02}" for i in range(MUNICIPALITIES))
    column = Column(work.municipality_of_place[work.at], labels)
    return Exposure(work.value, work.at, {"flood": work.curve}, {"municipality": column})


def our_events(rate: np.ndarray) -> Any:
    from bothbanks.analysis.risk import EventTable

    n = rate.size
    return EventTable(
        [f"e{i}" for i in range(n)], rate, ["flood"] * n, ["x"] * n, ["today"] * n, {"flood": "m"}
    )


def our_curves(count: int) -> list[Any]:
    from bothbanks.analysis.risk import jrc_flood_curves

    return list(jrc_flood_curves().values())[:count]


def our_run(work: Work, case: Case, by: tuple[str, ...], method: str) -> Callable[[], dict[str, np.ndarray]]:
    from bothbanks.analysis.risk import EventSet, event_losses

    source = EventSet(our_events(work.rate), case.places, work.start, work.place, work.intensity)
    exposure, curves = our_exposure(work), our_curves(case.curves)

    def run() -> dict[str, np.ndarray]:
        result = event_losses(source, exposure, curves, by, method=method)  # type: ignore[arg-type]
        out = {"event": result.total(), "asset": result.asset_annual[0]}
        return out | ({"table": result.table("municipality").loss} if by else {})

    return run


# --- CLIMADA ------------------------------------------------------------------------------------------


def peer_hazard(work: Work, case: Case) -> Any:
    from climada.hazard import Centroids, Hazard
    from scipy import sparse

    shape = (case.events, case.places)
    depth = sparse.csr_matrix(
        (work.intensity.astype(np.float64), work.place.astype(np.int32), work.start), shape=shape
    )
    lat = 50.0 + (np.arange(case.places) // 1000) * 0.01
    lon = 5.0 + (np.arange(case.places) % 1000) * 0.01
    return Hazard(
        HAZARD,
        units="m",
        centroids=Centroids(lat=lat, lon=lon),
        event_id=np.arange(1, case.events + 1),
        event_name=[f"e{i}" for i in range(case.events)],
        frequency=work.rate,
        date=np.full(case.events, 730000),
        orig=np.ones(case.events, dtype=bool),
        intensity=depth,
    )


def peer_functions(count: int) -> Any:
    from climada.entity import ImpactFunc, ImpactFuncSet

    functions = [
        ImpactFunc(
            HAZARD, i + 1, intensity=c.x, mdd=c.y, paa=np.ones(c.x.size), intensity_unit="m", name=c.id
        )
        for i, c in enumerate(our_curves(count))
    ]
    return ImpactFuncSet(functions)


def peer_exposure(value: np.ndarray, place: np.ndarray, curve: np.ndarray, hazard: Any) -> Any:
    import pandas as pd
    from climada.entity import Exposures

    data = pd.DataFrame({"value": value, f"impf_{HAZARD}": curve + 1, f"centr_{HAZARD}": place})
    lat, lon = hazard.centroids.lat[place], hazard.centroids.lon[place]
    return Exposures(data=data, lat=lat, lon=lon, crs="EPSG:4326")


def summed(work: Work, case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Value, place and curve of the values summed per place and curve: what a careful user does by hand."""
    key = work.at * case.curves + work.curve
    total = np.bincount(key, weights=work.value, minlength=case.places * case.curves)
    kept = np.flatnonzero(total)
    return total[kept], kept // case.curves, kept % case.curves


def peer_run(work: Work, case: Case, best: bool, table: bool) -> Callable[[], dict[str, np.ndarray]]:
    from climada.engine import ImpactCalc

    hazard = peer_hazard(work, case)
    value, place, curve = summed(work, case) if best else (work.value, work.at, work.curve)
    exposure, functions = peer_exposure(value, place, curve, hazard), peer_functions(case.curves)
    municipality = work.municipality_of_place[place]

    def run() -> dict[str, np.ndarray]:
        impact = ImpactCalc(exposure, functions, hazard).impact(save_mat=table, assign_centroids=False)
        out = {"event": impact.at_event, "best" if best else "asset": impact.eai_exp}
        return out | ({"table": impact.impact_at_reg(municipality).to_numpy()} if table else {})

    return run


# --- measuring ----------------------------------------------------------------------------------------


def status_mib(key: str) -> float:
    """A memory figure of this process (Linux), in MiB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(key):
            return float(line.split()[1]) / 1024
    return float("nan")


def trim_memory() -> None:
    """Give freed memory back to the system, so that it does not hide what a run takes."""
    import ctypes
    import gc

    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def forked(
    prepare: Callable[[], Callable[[], dict[str, np.ndarray]]], repeats: int, folder: Path
) -> dict[str, Any]:
    """Prepare and run in a fork: least seconds of all repeats, peak memory above the start of the run."""
    target = folder / "result.npz"
    child = os.fork()
    if child == 0:
        code = 1
        try:
            run = prepare()
            trim_memory()
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
            before = status_mib("VmRSS")
            seconds = []
            for _ in range(repeats):
                begin = time.perf_counter()
                out = run()
                seconds.append(time.perf_counter() - begin)
            np.savez(target, seconds=min(seconds), peak=status_mib("VmHWM") - before, **out)
            code = 0
        finally:
            os._exit(code)
    if os.waitpid(child, 0)[1] != 0:
        raise RuntimeError("the variant failed; its error is above")
    with np.load(target) as stored:
        return {k: stored[k] for k in stored.files}


def gap(a: np.ndarray, b: np.ndarray) -> float:
    """Largest difference relative to the size of the entry (entries of no weight to the whole left out)."""
    scale = np.maximum(np.abs(a), np.abs(b))
    return float((np.abs(a - b) / np.where(scale > scale.max() * 1e-15, scale, np.inf)).max())


class Report:
    """Prints rows and remembers whether all results agreed."""

    def __init__(self) -> None:
        self.agreed = True
        self.rows: list[dict[str, Any]] = []

    def row(self, name: str, seconds: float, peak: float, base: float | None = None, note: str = "") -> None:
        times = f"{base / seconds:8.1f} x" if base else " " * 10
        print(f"  {name:<46}{seconds:10.3f} s {peak:9.0f} MiB {times}  {note}", flush=True)
        self.rows.append({"name": name, "seconds": seconds, "peak_mib": peak})

    def agree(self, what: str, a: np.ndarray, b: np.ndarray) -> str:
        distance = gap(a, b)
        self.agreed &= distance <= TOLERANCE
        return f"{what} within {distance:.0e}" + ("" if distance <= TOLERANCE else " DISAGREES")


def compare(case: Case, report: Report, folder: Path, plain: bool, plain_table: bool) -> None:
    """Event totals and annual damage, then the event x municipality table."""
    print(f"\n{case}")
    begin = time.perf_counter()
    work = make(case)
    print(f"  input made in {time.perf_counter() - begin:.1f} s: {work.place.size:,} hits")
    best = forked(lambda: peer_run(work, case, True, False), 2, folder)
    whole = forked(lambda: peer_run(work, case, False, False), 1, folder) if plain else None
    if whole is not None:
        report.row("CLIMADA plain use", float(whole["seconds"]), float(whole["peak"]))
    report.row("CLIMADA best use (summing by hand not counted)", float(best["seconds"]), float(best["peak"]))
    for method in ("numpy", "numba"):
        ours = forked(lambda m=method: our_run(work, case, (), m), 5, folder)
        notes = [report.agree("event totals", ours["event"], best["event"])]
        if whole is not None:
            notes.append(report.agree("annual damage by asset", ours["asset"], whole["asset"]))
        base = f"{float(best['seconds']) / float(ours['seconds']):.1f} x best"
        if whole is not None:
            base = f"{float(whole['seconds']) / float(ours['seconds']):.0f} x plain, {base}"
        report.row(
            f"ours, {method}", float(ours["seconds"]), float(ours["peak"]), None, "; ".join([base, *notes])
        )
    compare_tables(case, work, report, folder, plain_table)


def compare_tables(case: Case, work: Work, report: Report, folder: Path, plain: bool) -> None:
    print(f"  event x {MUNICIPALITIES} municipalities:")
    best = forked(lambda: peer_run(work, case, True, True), 1, folder)
    report.row("CLIMADA best use, impact_at_reg", float(best["seconds"]), float(best["peak"]))
    if plain:
        whole = forked(lambda: peer_run(work, case, False, True), 1, folder)
        report.row("CLIMADA plain use, impact_at_reg", float(whole["seconds"]), float(whole["peak"]))
    for method in ("numpy", "numba"):
        ours = forked(lambda m=method: our_run(work, case, ("municipality",), m), 5, folder)
        note = report.agree("table", ours["table"], best["table"])
        report.row(
            f"ours, {method}", float(ours["seconds"]), float(ours["peak"]), float(best["seconds"]), note
        )


# --- from disk ----------------------------------------------------------------------------------------


def write_disk(case: Case, folder: Path) -> None:
    """Both file forms of the hazard, and the assets as plain arrays."""
    from bothbanks.analysis.risk import EventSet
    from bothbanks.standards.event_folder import write_event_folder

    work = make(case)
    source = EventSet(our_events(work.rate), case.places, work.start, work.place, work.intensity)
    write_event_folder(folder / "ours", source, {"x": np.arange(case.places)}, "EPSG:3035", "benchmark")
    peer_hazard(work, case).write_hdf5(str(folder / "peer.hdf5"))
    np.savez(
        folder / "assets.npz", value=work.value, at=work.at, curve=work.curve, of=work.municipality_of_place
    )


def disk_worker(who: str, case: Case, folder: Path) -> None:
    """In a fresh process: read and compute, print seconds and memory."""
    with np.load(folder / "assets.npz") as stored:
        assets = {k: stored[k] for k in stored.files}
    none = np.zeros(0)
    work = Work(none, none, none, none, assets["value"], assets["at"], assets["curve"], assets["of"])
    if who == "peer":
        from climada.engine import ImpactCalc
        from climada.hazard import Hazard

        functions, total = peer_functions(case.curves), summed(work, case)
        trim_memory()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before, begin = status_mib("VmRSS"), time.perf_counter()
        hazard = Hazard.from_hdf5(str(folder / "peer.hdf5"))
        exposure = peer_exposure(*total, hazard)
        event = (
            ImpactCalc(exposure, functions, hazard).impact(save_mat=False, assign_centroids=False).at_event
        )
    else:
        import pyarrow.parquet  # noqa: F401 (the peer's imports are not counted either)

        from bothbanks.analysis.risk import event_losses
        from bothbanks.standards.event_folder import open_event_folder

        warm_ours(who)
        trim_memory()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before, begin = status_mib("VmRSS"), time.perf_counter()
        source = open_event_folder(folder / "ours", verify=False)
        event = event_losses(
            source,
            our_exposure(work),
            our_curves(case.curves),
            (),
            who,
            CHUNKED_BYTES,  # type: ignore[arg-type]
        ).total()
    seconds = time.perf_counter() - begin
    peak = status_mib("VmHWM")
    np.savez(folder / "result.npz", event=event, seconds=seconds, above=peak - before, peak=peak)


def compare_disk(case: Case, report: Report, folder: Path) -> None:
    import subprocess

    print(f"\nread from disk and compute, {case}")
    print("  (memory above what imports and assets take; the whole process in brackets)")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            write_disk(case, folder)
            code = 0
        finally:
            os._exit(code)
    os.waitpid(child, 0)
    results = {}
    for who in ("peer", "numpy", "numba"):
        command = [sys.executable, str(HERE), "--worker", who, str(folder), json.dumps(vars(case))]
        subprocess.run(command, check=True)
        with np.load(folder / "result.npz") as stored:
            results[who] = {k: stored[k] for k in stored.files}
    peer = results["peer"]
    report.row(
        "CLIMADA best use, HDF5", float(peer["seconds"]), float(peer["above"]), None, f"[{peer['peak']:.0f}]"
    )
    for who in ("numpy", "numba"):
        ours = results[who]
        note = f"[{ours['peak']:.0f}]; memory 1/{peer['above'] / ours['above']:.0f}; " + report.agree(
            "event totals", ours["event"], peer["event"]
        )
        report.row(
            f"ours, {who}, chunks under {CHUNKED_BYTES // MIB} MiB",
            float(ours["seconds"]),
            float(ours["above"]),
            float(peer["seconds"]),
            note,
        )


# --- start --------------------------------------------------------------------------------------------


def warm_ours(method: str = "numba") -> None:
    """Compile, so that no compile time is measured."""
    small = Case(5, 50, 100, 0.5, 1)
    our_run(make(small), small, (), method)()


def warm_peer() -> None:
    small = Case(5, 50, 100, 0.5, 1)
    peer_run(make(small), small, True, True)()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a hundredth of the work")
    parser.add_argument("--skip-plain-table", action="store_true", help="leave out CLIMADA's slowest variant")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if "BOTHBANKS_BENCH" not in os.environ:
        sys.path.insert(0, str(HERE.parent))
        import climada_env

        return climada_env.run(HERE, sys.argv[1:])
    import logging
    import warnings

    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    if options.worker:
        who, folder, case = options.worker
        disk_worker(who, Case(**json.loads(case)), Path(folder))
        return 0
    scale = 10 if options.quick else 1
    begin = time.perf_counter()
    warm_ours()
    print(f"compiled (or loaded) our kernel in {time.perf_counter() - begin:.1f} s; numpy {np.__version__}")
    warm_peer()
    report = Report()
    with tempfile.TemporaryDirectory(dir=HERE.parent.parent / ".venv-bench") as name:
        for density, curves, plain in ((0.02, 1, True), (0.18, 1, True), (0.18, 3, False)):
            case = Case(1000 // scale, 200_000 // scale, 1_000_000 // scale, density, curves)
            table = plain and density < 0.1 and not options.skip_plain_table
            compare(case, report, Path(name), plain, table)
        compare_disk(Case(1000 // scale, 200_000 // scale, 1_000_000 // scale, 0.18, 1), report, Path(name))
    print("\nall results agree to 1e-9" if report.agreed else "\nRESULTS DISAGREE")
    return 0 if report.agreed else 1


if __name__ == "__main__":
    raise SystemExit(main())
