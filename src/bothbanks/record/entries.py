"""What one entry of the record says, before the log gives it its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One thing decided or done.

    ``body`` is plain JSON that anyone may read for ever: identifiers, figures, hashes, words of organs. It
    never holds personal data. ``private`` is plain JSON that must stay deletable (a name, an address, a
    ballot not yet opened): the log keeps only its salted commitment.
    """

    kind: str  # '<area>.<what happened>': 'votes.ballot-cast'
    subject: str  # '<kind of thing>/<id>': 'vote/0199...'
    body: Mapping[str, Any]
    private: Mapping[str, Any] | None = None
