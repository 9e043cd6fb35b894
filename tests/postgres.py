"""A real PostgreSQL with PostGIS, of Debian's packages, for as long as a run of tests lasts.

It listens on a Unix socket in its own temporary folder only, so it opens no port and disturbs no other
server. Started by root it runs as the user ``postgres``, as PostgreSQL demands.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

START_SECONDS = 60
TEMPLATE = "bothbanks_template"


def binaries() -> Path | None:
    """Folder of the newest server's programs, None where there is none or it has no PostGIS."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    for folder in reversed(folders):
        version = folder.parent.name
        postgis = Path(f"/usr/share/postgresql/{version}/extension/postgis.control")
        if (folder / "initdb").is_file() and postgis.is_file():
            return folder
    return None


def missing() -> str:
    """Why no server can be started here; '' where one can."""
    if binaries() is None:
        return "postgres: no server with PostGIS on this machine (packages postgresql, postgresql-postgis)"
    return ""


class Server:
    """A running server; ``database()`` makes an empty database and gives its address."""

    def __init__(self, folder: Path, programs: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder, self.programs, self.process = folder, programs, process
        self._names = count(1)

    def address(self, database: str) -> str:
        """Where a database is."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What psql answers."""
        command = [self.programs / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        where = ["-h", str(self.folder), "-U", "postgres", "-d", database, "-c", statement]
        return subprocess.run([*command, *where], check=True, capture_output=True, text=True).stdout.strip()

    def database(self) -> str:
        """An empty database with PostGIS, copied from one that has it (that takes a tenth of the time)."""
        if not self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}'"):
            self.sql(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
            self.sql("CREATE EXTENSION postgis", TEMPLATE)
        name = f"bothbanks_{os.getpid()}_{next(self._names)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        return self.address(name)

    @contextmanager
    def small_database(self, disk: Path) -> Iterator[str]:
        """A database whose tables lie on that disk."""
        self.database()  # so that the template is there
        if os.geteuid() == 0:
            shutil.chown(disk, "postgres", "postgres")
        name = f"small_{os.getpid()}_{next(self._names)}"
        self.sql(f"CREATE TABLESPACE {name} LOCATION '{disk}'")
        self.sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy TABLESPACE {name}")
        try:
            yield self.address(name)
        finally:
            self.sql(f"DROP DATABASE {name} WITH (FORCE)")
            self.sql(f"DROP TABLESPACE {name}")


@contextmanager
def running(*, durable: bool = False, data: Path | None = None) -> Iterator[Server]:
    """A server from start to stop; ``durable`` waits for the disk as a real one does.

    ``data`` is the folder for its files (made if missing); by default one in its own temporary folder.
    """
    programs = binaries()
    if programs is None:
        raise RuntimeError(missing())
    folder = Path(tempfile.mkdtemp(prefix="bothbanks-postgres-"))
    files = folder / "data" if data is None else data
    try:
        as_user = _as_postgres(folder)
        files.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(files, "postgres", "postgres")
        _run([*as_user, programs / "initdb", "-D", files, "-A", "trust", "-U", "postgres", "-E", "UTF8",
              "--locale=C.UTF-8", "--no-sync"])  # fmt: skip
        settings = ["listen_addresses=", f"unix_socket_directories={folder}", "max_connections=120"]
        settings += [] if durable else ["fsync=off", "full_page_writes=off"]
        options = [word for each in settings for word in ("-c", each)]
        with (folder / "log").open("wb") as log:
            command = [*as_user, *_with_its_parent(), programs / "postgres", "-D", files, *options]
            process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, cwd=folder)
        server = Server(folder, programs, process)
        try:
            _wait(server)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown
            process.wait(START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_postgres(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]


def _with_its_parent() -> list[str]:
    """A run that is killed takes the server with it."""
    return ["setpriv", "--pdeathsig=INT", "--"] if shutil.which("setpriv") else []


def _run(command: list[object]) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command[-1]}: {done.stdout}{done.stderr}")


def _wait(server: Server) -> None:
    """Until it answers; what it logged where it doesn't."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.process.poll() is None:
        try:
            server.sql("SELECT 1")
            return
        except subprocess.CalledProcessError:
            time.sleep(0.05)
    raise RuntimeError(f"postgres: it didn't start: {(server.folder / 'log').read_text()}")
