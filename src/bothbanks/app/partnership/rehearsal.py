"""A rehearsal: a service whose clock runs ahead, to drill what deadlines do without waiting for them.

Only a data folder that began as a rehearsal can be one. It says so in a file of its own, in the record's
first entry and on every page, so that it can't be taken for the partnership's real service.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bothbanks.app.partnership.clocks import Clock, machine_clock
from bothbanks.words.errors import InputError

FILE = "rehearsal.json"


@dataclass(frozen=True)
class AheadClock:
    """The machine's clock and so much more."""

    ahead: timedelta

    def __call__(self) -> datetime:
        """Now in the rehearsal, in UTC."""
        return machine_clock() + self.ahead


def clock_of(data: Path) -> Clock:
    """The clock of a data folder: the machine's, or one that runs ahead where the folder is a rehearsal.

    Raises
    ------
    InputError
        The folder's note of its rehearsal can't be read.
    """
    path = data / FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return AheadClock(timedelta(seconds=float(kept["ahead_seconds"])))
    except FileNotFoundError:
        return machine_clock
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise InputError(
            "rehearsal.file",
            f'{path} can\'t be read ({error}); expected {{"ahead_seconds": 86400}}. Without it nobody knows '
            "which day the rehearsal has; give the day anew with 'serve --rehearse-at'.",
        ) from None


def rehearse(data: Path, at: datetime, begun: bool) -> AheadClock:
    """Set the clock of a rehearsal; it only ever moves on.

    Parameters
    ----------
    data : the data folder; marked as a rehearsal for ever
    at : the moment that it is to be now, aware
    begun : whether the store holds a partnership already

    Raises
    ------
    InputError
        The folder holds a real service, or ``at`` lies before the rehearsal's present.
    """
    path = data / FILE
    marked = path.exists()
    if begun and not marked:
        raise InputError(
            "rehearsal.real",
            f"{data} holds a real service, whose clock can't be moved. Rehearse in a folder of its own: "
            "bothbanks serve REGION --data rehearsal --rehearse-at ...",
        )
    now = clock_of(data)() if marked else machine_clock()
    if at < now:
        raise InputError(
            "rehearsal.back",
            f"it is {now:%Y-%m-%dT%H:%MZ} there already, and {at:%Y-%m-%dT%H:%MZ} lies before; "
            "a clock only moves on.",
        )
    clock = AheadClock(at - machine_clock())
    data.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"ahead_seconds": clock.ahead.total_seconds()}) + "\n", encoding="utf-8")
    return clock


def moment(text: str) -> datetime:
    """A moment as the command line takes it: ``2027-01-05T09:00Z``.

    Raises
    ------
    InputError
        It is no moment, or has no zone.

    >>> moment("2027-01-05T09:00Z").isoformat()
    '2027-01-05T09:00:00+00:00'
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InputError(
            "rehearsal.moment", f"'{text}' is no moment with its zone; expected 2027-01-05T09:00Z"
        )
    return at
