"""What a witness keeps in its folder: its key, the log it trusts, the last head it co-signed, evidence.

``witness.key``       its private key, for its owner only
``trust.json``        the log's origin and the host's keys it follows
``checkpoint.txt``    the last head it took, with the host's signature and its own
``evidence/``         what it was shown of a split view; while anything lies there, it co-signs nothing
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bothbanks.record.leaf import instant
from bothbanks.record.note import WITNESS, Key, Note, Secret
from bothbanks.record.witness import SplitView
from bothbanks.words.errors import InputError


@dataclass(frozen=True)
class Trust:
    """The log that a witness follows, and the host's keys that it has come to trust, the newest last."""

    origin: str
    hosts: tuple[Key, ...]

    @property
    def host(self) -> Key:
        """The key that signs now."""
        return self.hosts[-1]


@dataclass(frozen=True)
class StateFolder:
    """One witness's folder."""

    path: Path
    member: str

    def secret(self) -> Secret:
        """The witness's key, made the first time.

        Raises
        ------
        InputError
            The file is damaged, or is another member's key.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.path / "witness.key"
        if not file.exists():
            secret = Secret.made(f"{self.member}/witness", WITNESS, secrets.token_bytes(32))
            _write(file, secret.text + "\n", 0o600)
            return secret
        secret = Secret.read(file.read_text(encoding="ascii"))
        if secret.name != f"{self.member}/witness" or secret.type != WITNESS:
            raise InputError(
                "witness.key",
                f"{file} is the key '{secret.name}'; expected '{self.member}/witness' (--member)",
            )
        return secret

    def trust(self) -> Trust | None:
        """The log it follows; None before it has met one."""
        file = self.path / "trust.json"
        if not file.exists():
            return None
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            return Trust(str(data["origin"]), tuple(Key.read(text) for text in data["hosts"]))
        except (ValueError, KeyError, TypeError):
            raise InputError("witness.state", f"{file} can't be read; expected origin and hosts") from None

    def keep_trust(self, trust: Trust) -> None:
        """Follow this log, with this key, from here on."""
        told = {"origin": trust.origin, "hosts": [key.text for key in trust.hosts]}
        _write(self.path / "trust.json", json.dumps(told, indent=2) + "\n")

    def last(self) -> Note | None:
        """The last head that it took; None before the first."""
        file = self.path / "checkpoint.txt"
        return Note.read(file.read_text(encoding="utf-8")) if file.exists() else None

    def keep(self, note: Note) -> None:
        """Keep a head. It is on the disk when this returns: only then may it be co-signed."""
        _write(self.path / "checkpoint.txt", str(note))

    def evidence(self) -> tuple[Path, ...]:
        """What lies in the evidence folder."""
        return tuple(sorted((self.path / "evidence").glob("*")))

    def keep_evidence(self, split: SplitView, at: datetime, source: str) -> Path:
        """Keep both signed notes and where the second came from; the report's file."""
        name = instant(at).replace(":", "").replace(".", "-")
        folder = self.path / "evidence"
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / f"{name}-first.txt", str(split.first))
        _write(folder / f"{name}-second.txt", str(split.second))
        report = {"found": instant(at), "why": split.why, "second_from": source, "member": self.member}
        _write(folder / f"{name}-report.json", json.dumps(report, indent=2) + "\n")
        return folder / f"{name}-report.json"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder: a second witness on it would co-sign behind this one's back. Raises InputError."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as lock:
            try:
                import fcntl
            except ImportError:  # no such lock on this system: the operator starts only one
                yield
                return
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError("witness.busy", f"another witness is at work in {self.path}") from None
            yield


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file whole, and have it on the disk before this returns."""
    new = path.with_name(path.name + ".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
