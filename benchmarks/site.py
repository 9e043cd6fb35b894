"""``./dev bench site``: our server and pygeoapi on the same GeoPackage, and the public pages under load.

One process each, the same requests, answers compared first; requests a second by a generator in a process of
its own, and for each second of the server's processor time; memory of each. Then 1,000 open connections that
ask once in 2 s, and the first page on a slow line.
``peer`` or ``pages`` as an argument runs one half.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pygeoapi_env
import pyogrio
import shapely

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
LAYER, COUNT, SECONDS, CONNECTIONS = "places", 5_000, 5.0, 2
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""Bytes a second and milliseconds: 400 kbit/s and 400 ms, WebPageTest's profile '3G Slow'."""


def layer(folder: Path) -> Path:
    """A finished appraisal with one layer of squares in EPSG:4326, seeded."""
    (folder / "tables").mkdir(parents=True)
    rng = np.random.default_rng(20261124)
    x, y = 5.0 + 0.02 * (np.arange(COUNT) % 100), 50.3 + 0.015 * (np.arange(COUNT) // 100)
    figures = {f"depth_{t}": np.round(rng.gamma(0.6, 1.0, COUNT), 3) for t in (10, 100, 1000)}
    frame = gpd.GeoDataFrame(
        {"cell": [f"c{i}" for i in range(COUNT)], "member": rng.choice(["aac", "mhl", "lie"], COUNT),
         "homes": rng.integers(0, 4000, COUNT), **figures},
        geometry=shapely.box(x, y, x + 0.02, y + 0.015), crs="EPSG:4326",
    )  # fmt: skip
    path = folder / "layers.gpkg"
    pyogrio.write_dataframe(frame, path, layer=LAYER, driver="GPKG", layer_options={"FID": "fid"})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    said = {"entity": {"out:layers.gpkg": {"bb:sha256": digest}, "in:x": {"bb:licence": "CC0 1.0"}}}
    (folder / "provenance.json").write_text(json.dumps(said), encoding="utf-8")
    value = {"region": "meuse-rhine", "inputs_sha256": "0" * 64}
    (folder / "value.json").write_text(json.dumps(value), encoding="utf-8")
    return folder


def questions() -> dict[str, list[str]]:
    """Paths by kind; boxes and items all differ, so that no answer is asked for twice in a row."""
    rng = np.random.default_rng(7)
    items = f"/collections/{LAYER}/items"
    corners = zip(rng.uniform(5.0, 6.8, 2000), rng.uniform(50.3, 51.0, 2000), strict=True)
    return {
        "collection": [f"/collections/{LAYER}"],
        "items, a page of 10": [f"{items}?limit=10"],
        "items, a page of 100": [f"{items}?limit=100"],
        "items in a box": [
            f"{items}?limit=50&bbox={a:.4f},{b:.4f},{a + 0.11:.4f},{b + 0.08:.4f}" for a, b in corners
        ],
        "one item": [f"{items}/{i}" for i in rng.permutation(COUNT)[:2000] + 1],
    }


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"the server on port {port} ended with {process.returncode}")
        try:
            get(port, path)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"no answer on port {port} within a minute")


def get(port: int, path: str, accept: str = "application/geo+json") -> bytes:
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return bytes(answer.read())


def resident_mb(process: subprocess.Popen[bytes]) -> float:
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def processor_seconds(process: subprocess.Popen[bytes]) -> float:
    """What a server has used so far; other work on the machine doesn't count."""
    used = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def load(port: int, paths: list[str], seconds: float, many: int, pace: float, accept: str) -> dict[str, Any]:
    made = [sys.executable, str(HERE / "site_load.py"), str(port), str(seconds), str(many), str(pace), accept]
    ran = subprocess.run(made, input="\n".join(paths), capture_output=True, text=True, check=True)
    return dict(json.loads(ran.stdout))


def features(body: bytes) -> list[Any]:
    read = json.loads(body)
    found = read.get("features", [read])
    return sorted(
        (str(f["id"]), outline(f), f["properties"]["cell"], f["properties"]["depth_100"]) for f in found
    )


def outline(feature: dict[str, Any]) -> str:
    """A geometry, whatever corner its ring begins at."""
    shape = shapely.set_precision(shapely.geometry.shape(feature["geometry"]), 1e-6)
    return str(shapely.normalize(shape).wkt)


def compare(ours: int, theirs: int) -> int:
    """How many answers were the same; ends where one is not."""
    checked = 0
    for kind, paths in questions().items():
        if kind == "collection":
            continue
        for path in paths[:40]:
            a, b = (
                features(get(ours, path)),
                features(get(theirs, path + ("&" if "?" in path else "?") + "f=json")),
            )
            # Of a box with more than a page, each may choose its own 50; then their number must agree.
            if a != b and not (len(a) == len(b) == 50):
                raise SystemExit(f"the answers to {path} differ: {len(a)} and {len(b)} features")
            checked += 1
    return checked


def against_pygeoapi(home: Path) -> None:
    executable = pygeoapi_env.python()
    if executable is None:
        print("pygeoapi: skipped, for no Python here loads SpatiaLite (Debian's python3 does)")
        return
    appraisal = layer(home / "out")
    # A copy of the same bytes: pygeoapi writes to the file it opens, and ours refuses a changed file.
    theirs = home / "theirs.gpkg"
    shutil.copyfile(appraisal / "layers.gpkg", theirs)
    ports = {"ours": free_port(), "ours, nothing kept": free_port(), "pygeoapi": free_port()}
    started = {
        "ours": ours(home / "kept", appraisal, ports["ours"]),
        "ours, nothing kept": ours(home / "bare", appraisal, ports["ours, nothing kept"], "bare"),
        "pygeoapi": pygeoapi_env.start(executable, theirs, LAYER, ports["pygeoapi"], home),
    }
    try:
        for name, process in started.items():
            wait_for(ports[name], "/conformance?f=json" if name == "pygeoapi" else "/conformance", process)
        print(f"{compare(ports['ours'], ports['pygeoapi'])} answers compared: the same features")
        print(f"{'requests a second':<24}" + "".join(f"{name:>22}" for name in ports) + f"{'ratio':>16}")
        for kind, paths in questions().items():
            rates, works = {}, {}
            for name, port in ports.items():
                asked = [p + ("&" if "?" in p else "?") + "f=json" for p in paths]
                before = processor_seconds(started[name])
                found = load(port, asked, SECONDS, CONNECTIONS, 0, "application/geo+json")
                works[name] = found["requests"] / max(processor_seconds(started[name]) - before, 0.01)
                if found["wrong"]:
                    print(f"  {name}: {found['wrong']} of {found['requests']} answers to '{kind}' failed")
                rates[name] = found["per_second"] * (1 - found["wrong"] / found["requests"])
            bare, kept = rates["ours, nothing kept"] / rates["pygeoapi"], rates["ours"] / rates["pygeoapi"]
            shown = "".join(f"{r:>22,.0f}" for r in rates.values())
            print(f"{kind:<24}{shown}{kept:>8.1f}x{bare:>6.1f}x")
            bare, kept = works["ours, nothing kept"] / works["pygeoapi"], works["ours"] / works["pygeoapi"]
            shown = "".join(f"{w:>22,.0f}" for w in works.values())
            print(f"{'  a processor second':<24}{shown}{kept:>8.1f}x{bare:>6.1f}x", flush=True)
        memory = {name: resident_mb(process) for name, process in started.items()}
        print(f"{'memory after it, MB':<24}" + "".join(f"{m:>22,.0f}" for m in memory.values()))
    finally:
        stop(started.values())


def ours(data: Path, appraisal: Path, port: int, *more: str) -> subprocess.Popen[bytes]:
    run = [sys.executable, str(HERE / "site_ours.py"), str(ROOT / "examples" / "meuse-rhine"), str(data),
           str(appraisal), str(port)]  # fmt: skip
    subprocess.run([*run, "prepare"], check=True, stdout=subprocess.DEVNULL)
    return subprocess.Popen([*run, *more], stdout=subprocess.DEVNULL)


def stop(processes: Any) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(20)


def public_pages(home: Path) -> None:
    """1,000 connections asking once in 2 s; the first page's bytes and its time on a slow line."""
    report = ROOT / "out" / "meuse-rhine"
    port = free_port()
    process = ours(home / "pages", report if (report / "value.json").is_file() else home / "out", port)
    try:
        wait_for(port, "/healthz", process)
        pages = [
            f"/{lang}{path}"
            for lang in ("en", "de", "fr", "nl")
            for path in ("", "/members", "/data", "/record")
        ]
        pages = [p for p in pages if answers(port, p)]
        found = load(port, pages, 20.0, 1000, 2.0, "text/html,application/xhtml+xml,*/*;q=0.8")
        print(
            f"1,000 connections, one request in 2 s each, {len(pages)} public pages: {found['requests']:,} "
            f"answers, {found['wrong']} wrong, 50 % within {found['p50_ms']:.0f} ms, 99 % within "
            f"{found['p99_ms']:.0f} ms, all within {found['most_ms']:.0f} ms; {resident_mb(process):.0f} MB"
        )
        first_page(port)
    finally:
        stop([process])


def answers(port: int, path: str) -> bool:
    try:
        get(port, path, "text/html")
        return True
    except OSError:
        return False


def first_page(port: int) -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None:
        print("first page: skipped, no Chromium here")
        return
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_3G)
        sizes: list[float] = []
        session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(f"http://127.0.0.1:{port}/en", wait_until="load")
        paint = page.evaluate(
            "performance.getEntriesByType('paint').filter(p => p.name === 'first-contentful-paint')"
            ".map(p => p.startTime)[0] || -1"
        )
        print(f"first page: {sum(sizes) / 1000:.1f} kB over the line in {len(sizes)} answers, readable after "
              f"{paint / 1000:.2f} s at 400 kbit/s and 400 ms")  # fmt: skip
        browser.close()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bothbanks-bench-") as folder:
        if "pages" not in sys.argv:
            against_pygeoapi(Path(folder))
        if "peer" not in sys.argv:
            public_pages(Path(folder))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
