"""What every test runs under: no sockets, repeatable property tests, a browser only where there is one."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import postgres
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
UNDER_CI = os.environ.get("CI", "").lower() in {"1", "true"}

# No deadline: a slow machine is no failure. Under CI the examples are the same in every run.
settings.register_profile(
    "house", deadline=None, derandomize=UNDER_CI, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


class SocketsOffError(RuntimeError):
    """A test reached for the network."""


@pytest.fixture(autouse=True)
def sockets_off(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection, but for local ones in tests marked ``loopback``."""
    loopback = request.node.get_closest_marker("loopback") is not None
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def allowed(sock: socket.socket, address: Any) -> None:
        if sock.family == getattr(socket, "AF_UNIX", None):
            return
        host = address[0] if isinstance(address, tuple) else str(address)
        if not (loopback and (host in {"localhost", "::1"} or host.startswith("127."))):
            raise SocketsOffError(f"tests run with sockets off; this one reached for {address!r}")

    def guarded(sock: socket.socket, address: Any) -> None:
        allowed(sock, address)
        connect(sock, address)

    def guarded_ex(sock: socket.socket, address: Any) -> int:
        allowed(sock, address)
        return connect_ex(sock, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)


def browser_executable() -> str | None:
    """Debian's headless Chromium, or any Chromium there is."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of a Chromium; without one the test is skipped, or fails under CI."""
    path = browser_executable()
    if path is None:
        reason = "browser: no chromium on this machine"
        if UNDER_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Any]:
    """A running headless Chromium (playwright Browser) that asks nobody outside for anything."""
    from playwright.sync_api import sync_playwright

    quiet = ["no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as play:
        flags = [*(f"--{flag}" for flag in quiet), *sandbox]
        browser = play.chromium.launch(executable_path=chromium_path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A running PostgreSQL with PostGIS; without one the test is skipped, or fails under CI."""
    reason = postgres.missing()
    if reason and UNDER_CI:
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def store_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "partnership.db")
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.database()


@pytest.fixture
def partnership(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """The small example region, live (a ``partnerships.Live``).

    On SQLite; on PostgreSQL where the environment says BOTHBANKS_TESTS_ON=postgres.
    """
    from partnerships import make_partnership

    address = None
    if os.environ.get("BOTHBANKS_TESTS_ON") == "postgres":
        address = request.getfixturevalue("postgres_server").database()
    made = make_partnership(tmp_path / "data", address)
    yield made
    made.store.close()


@pytest.fixture(scope="session")
def outside_data() -> Path:
    """The data folder beside the project (BOTHBANKS_DATA, by default ../shared/data)."""
    folder = Path(os.environ.get("BOTHBANKS_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("outside data: no BOTHBANKS_DATA and no ../shared/data")
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


def _reason(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(text).removeprefix("Skipped: ")


def _for_want_of_a_browser(report: Any) -> bool:
    return "chromium" in _reason(report).lower() or "tests/journeys/" in report.nodeid


def _has_to_run(report: Any) -> bool:
    return _for_want_of_a_browser(report) or _reason(report).startswith("postgres:")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Count what was skipped by the kind of reason, so that nothing goes missing quietly."""
    kinds: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = _reason(report)
        kind = "outside data" if "BOTHBANKS_DATA" in reason else reason.split(":", 1)[0]
        kind = "browser" if _for_want_of_a_browser(report) else kind
        kinds[kind] = kinds.get(kind, 0) + 1
    for kind, count in sorted(kinds.items()):
        terminalreporter.write_line(f"skipped for want of {kind}: {count} test(s)")
    for kind in ("browser", "postgres"):
        if UNDER_CI and kinds.get(kind):
            terminalreporter.write_line(f"CI has to run the {kind} tests: failed", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under CI a browser or PostgreSQL test that was skipped fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if UNDER_CI and session.exitstatus == 0 and any(map(_has_to_run, skipped)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
