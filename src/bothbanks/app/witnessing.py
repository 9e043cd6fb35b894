"""A member's witness at work: it looks at the host's head, compares with its peers, and co-signs.

In this order, and it stops at the first thing that is wrong:

1. the host's head bears the signature of the key that the witness follows;
2. the host proves that it continues the head that the witness took last;
3. the heads that the other witnesses took are of the same history;
4. the head is kept on the disk;
5. it is co-signed, and the cosignature is brought to the host.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from bothbanks.app.witness_state import StateFolder, Trust
from bothbanks.record.note import Head, Key, Note, cosigned
from bothbanks.record.registry import followed
from bothbanks.record.witness import SplitView, connected, read_head, to_prove
from bothbanks.words.errors import InputError

State = Literal["cosigned", "unregistered", "split"]


class AwayError(InputError):
    """The host or a peer can't be reached, or failed: nothing is known, nothing is held against it."""


@dataclass(frozen=True)
class Outcome:
    """What one look came to."""

    state: State
    words: str
    size: int = 0
    warnings: tuple[str, ...] = ()


@dataclass
class Witness:
    """One member's witness.

    Parameters
    ----------
    pinned : the host key that the operator has from elsewhere; without one, the first key met is followed
    """

    member: str
    host: str
    folder: StateFolder
    clock: Callable[[], datetime]
    peers: Sequence[str] = ()
    pinned: Key | None = None
    timeout_s: float = 10.0
    _warnings: list[str] = field(default_factory=list)

    def look(self) -> Outcome:
        """Look once, and co-sign what can be co-signed.

        Raises
        ------
        AwayError
            The host can't be reached.
        InputError
            The host's answer can't be used, isn't signed, or is of another log; evidence waits.
        """
        if waiting := self.folder.evidence():
            raise InputError(
                "witness.evidence",
                f"evidence of a split view lies in {waiting[0].parent}. Nothing is co-signed until the "
                "members have settled it and moved it away.",
            )
        self._warnings = []
        secret = self.folder.secret()
        shown, trust = self._shown()
        split = self._against(self.folder.last(), shown, trust, "the host itself")
        for peer in self.peers:
            split = split or self._against(self._of_peer(peer, trust), shown, trust, peer)
        if split is not None:
            return split
        head = Head.read(shown.text)
        last = self.folder.last()
        if last is not None and Head.read(last.text).size > head.size:
            self._warnings.append(
                f"the host showed an older head, of {head.size} entries; nothing to co-sign"
            )
            return Outcome("cosigned", self._words(last), Head.read(last.text).size, tuple(self._warnings))
        self.folder.keep(shown)
        mine = cosigned(shown.text, secret, self.clock())
        self.folder.keep(shown.with_signatures((mine,)))
        return self._brought(head, mine.line, secret.key)

    def _shown(self) -> tuple[Note, Trust]:
        """The host's head, signed by the key that the witness follows, or by one that this key signed for."""
        note = _note(self._get(f"{self.host}/record/checkpoint").text, self.host)
        trust = self.folder.trust() or self._met()
        if note.signed_by(trust.host) is None:
            trust = self._follow(trust)
        read_head(note, trust.origin, (trust.host,))
        if trust != self.folder.trust():
            self.folder.keep_trust(trust)
        return note, trust

    def _met(self) -> Trust:
        """The log as it is met first: its keys, one of which must be the pinned one."""
        keys = self._keys()
        hosts = [Key.read(str(row["key"])) for row in keys["host"]]
        if self.pinned is None:
            self._warnings.append(
                f"following the host key {hosts[-1].text}, met for the first time. Compare it with the one "
                "that the other members follow."
            )
            return Trust(str(keys["origin"]), (hosts[-1],))
        if self.pinned not in hosts:
            raise InputError(
                "witness.host-key",
                f"the key you gave, {self.pinned.text}, isn't one of the host's: "
                f"{', '.join(key.text for key in hosts)}",
            )
        return self._follow(Trust(str(keys["origin"]), (self.pinned,)))

    def _follow(self, trust: Trust) -> Trust:
        """Go from the key trusted to the newest, each signed for by the one before."""
        for change in self._keys()["changes"]:
            if change.get("old") == trust.host.text:
                new = followed(trust.host, change, trust.origin)
                trust = Trust(trust.origin, (*trust.hosts, new))
        return trust

    def _keys(self) -> dict[str, Any]:
        try:
            keys = self._get(f"{self.host}/record/keys").json()
            if keys["host"] and isinstance(keys["changes"], list) and keys["origin"]:
                return dict(keys)
        except (ValueError, KeyError, TypeError):
            pass
        raise InputError("witness.host", f"{self.host}/record/keys doesn't name the record's keys")

    def _of_peer(self, peer: str, trust: Trust) -> Note | None:
        """The head that another witness took; None where there is none of this host's to be had."""
        try:
            note = _note(self._get(f"{peer}/checkpoint").text, peer)
            read_head(note, trust.origin, trust.hosts)
        except AwayError as error:
            self._warnings.append(f"not compared with {peer}: {error.message}")
            return None
        except InputError as error:
            self._warnings.append(f"what {peer} shows isn't a head of this host: {error.message}")
            return None
        return note

    def _against(self, other: Note | None, shown: Note, trust: Trust, source: str) -> Outcome | None:
        """Whether another signed head and the one shown are of one history."""
        if other is None:
            return None
        sizes = to_prove(Head.read(other.text), Head.read(shown.text))
        split = connected(other, shown, None if sizes is None else self._proof(*sizes))
        if split is None:
            return None
        return self._alarm(split, source)

    def _alarm(self, split: SplitView, source: str) -> Outcome:
        report = self.folder.keep_evidence(split, self.clock(), source)
        words = (
            f"SPLIT VIEW: {split.why}. Compared with: {source}. Both signed heads are kept as evidence; see "
            f"{report}. Nothing is co-signed any more. Show the evidence to the other members."
        )
        return Outcome("split", words, 0, tuple(self._warnings))

    def _proof(self, first: int, second: int) -> tuple[bytes, ...] | None:
        """The host's proof, or None where it says that it has none for these sizes."""
        answer = self._ask("GET", f"{self.host}/record/proof/consistency?from={first}&to={second}")
        if answer.status_code != 200:
            return None
        try:
            return tuple(b64decode(text, validate=True) for text in answer.json()["path"])
        except (ValueError, KeyError, TypeError):
            return None

    def _brought(self, head: Head, line: str, key: Key) -> Outcome:
        answer = self._ask("POST", f"{self.host}/api/do/record.cosign", {"size": head.size, "line": line})
        if answer.status_code == 200:
            return Outcome("cosigned", f"co-signed {head.size} entries.", head.size, tuple(self._warnings))
        words = (
            f"the head of {head.size} entries was checked and kept, but the host took no cosignature "
            f"({answer.status_code}: {_said(answer)}). Is this key registered for {self.member}? {key.text}"
        )
        return Outcome("unregistered", words, head.size, tuple(self._warnings))

    def _words(self, last: Note) -> str:
        return f"co-signed {Head.read(last.text).size} entries before."

    def _get(self, url: str) -> httpx.Response:
        answer = self._ask("GET", url)
        if answer.status_code != 200:
            raise AwayError("witness.away", f"{url} answers {answer.status_code}: {_said(answer)}")
        return answer

    def _ask(self, method: str, url: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """One request; an answer of 5xx or 429 counts as being away."""
        try:
            with httpx.Client(timeout=self.timeout_s, trust_env=not _on_this_machine(url)) as client:
                answer = client.request(method, url, json=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise AwayError("witness.away", f"{url} can't be reached ({error})") from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise AwayError("witness.away", f"{url} answers {answer.status_code}: {_said(answer)}")
        return answer


def _note(text: str, source: str) -> Note:
    try:
        return Note.read(text)
    except InputError as error:
        raise InputError("witness.note", f"{source} shows no signed note: {error.message}") from None


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]


def _on_this_machine(url: str) -> bool:
    """A proxy that the environment names is not for what runs on the same machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
