"""The gate that every door asks, and the steps on sharing rules, emergency openings and requests.

``gate(reader, actor).decide("duties")`` says what somebody may see of a dataset. It costs one small query and
a look-up: the rules are made ready once and known by their stamp, which changes with every rule and opening.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from bothbanks.app.partnership.desk import Desk
from bothbanks.app.partnership.desk import Reader as View
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import sharing_openings as openings
from bothbanks.civic.compact.roles import (
    Actor,
)
from bothbanks.civic.compact.sharing import (
    Dataset,
    Decision,
    Opened,
    Reader,
    Rules,
    reader_of,
)
from bothbanks.civic.compact.sharing_openings import Opening
from bothbanks.civic.compact.sharing_requests import PurposeStated
from bothbanks.civic.compact.sharing_rules import BOOK, RuleBook, add_dataset, open_book
from bothbanks.civic.compact.sharing_stamp import STAMP, Stamp, stamp_of
from bothbanks.store.interface import Kept, MissingError

if TYPE_CHECKING:
    from bothbanks.app.partnership.opening import Opening as Folder

READY = 16
"""Books kept ready; one partnership needs one, and the tests a few."""
CLOSED = Rules((), ())
"""Without any rules nothing is shown to anybody."""


@dataclass(frozen=True)
class Gate:
    """Decides for one person at one moment."""

    rules: Rules
    view: View
    actor: Actor
    reader: Reader

    def decide(self, dataset: str, purpose: str = "", area: str = "") -> Decision:
        """What the person may see of a dataset. A purpose stated earlier counts where none is given."""
        decision = self.rules.decide(dataset, self.reader, purpose, area, at=self.view.at)
        if purpose or not self.actor.person or decision.full:
            return decision
        if not self.rules.purposes_that_help(dataset, self.reader, at=self.view.at):
            return decision
        stated = [
            s.state.purpose
            for s in self.view.all(PurposeStated, owner=self.actor.person, parent=dataset)
            if s.state.at <= self.view.at < s.state.until
        ]
        said = (self.rules.decide(dataset, self.reader, p, area, at=self.view.at) for p in stated)
        return min((decision, *said), key=Decision.strict)

    def sees(self, dataset: str) -> bool:
        """Whether anything of it may be shown."""
        return self.decide(dataset).allowed


def gate(view: View, actor: Actor) -> Gate:
    """The gate for whoever acts or reads, as the rules stand in this view."""
    return Gate(ready_rules(view), view, actor, reader_of(actor))


class _Ready:
    """Rules made ready, the last used ones; the stamp is a hash of all that they hold."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.found: OrderedDict[str, Rules] = OrderedDict()
        self.snapshots: WeakKeyDictionary[object, Rules] = WeakKeyDictionary()

    def get(self, view: View) -> Rules:
        """One snapshot has one book: a page that asks often reads the stamp once. A desk may change it."""
        if isinstance(view, Desk):
            return self._by_stamp(view)
        found = self.snapshots.get(view.store)
        if found is None:
            found = self.snapshots[view.store] = self._by_stamp(view)
        return found

    def _by_stamp(self, view: View) -> Rules:
        try:
            digest = view.load(Stamp, STAMP).state.digest
        except MissingError:
            return CLOSED
        with self.lock:
            found = self.found.get(digest)
        if found is None:
            found = book_of(view).state.ready(_opened(k.state for k in _live_openings(view)))
            with self.lock:
                self.found[digest] = found
                while len(self.found) > READY:
                    self.found.popitem(last=False)
        return found


_ready = _Ready()


def ready_rules(view: View) -> Rules:
    """The rules and openings of a view, ready to decide."""
    return _ready.get(view)


def book_of(view: View) -> Kept[RuleBook]:
    """The book of rules; an empty one (version 0) where the partnership has none yet."""
    try:
        return view.load(RuleBook, BOOK)
    except MissingError:
        return Kept(BOOK, 0, RuleBook())


def declare(desk: Desk, dataset: Dataset) -> Refusal | None:
    """Make a new dataset known to the gate, in the caller's transaction: its owner alone sees it so far."""
    return keep_book(desk, add_dataset(book_of(desk).state, dataset, tuple(desk.region.members)))


# the clock


def close_due_openings(desk: Desk) -> int:
    """Write down that openings have ended (the gate has closed them at their end, by itself)."""
    due = [k for k in desk.all(Opening, status="open") if k.state.until and k.state.until <= desk.at]
    for kept in due:
        change = openings.close(kept.state, book_of(desk).state, desk.at)
        assert isinstance(change, Change)
        desk.keep(kept.id, change, kept)
    if due:
        restamp(desk)
    return len(due)


def note_late_reviews(desk: Desk) -> int:
    """Write down, once, that a review is overdue."""
    moved = 0
    for kept in desk.all(Opening, status="closed", due_before=desk.at):
        change = openings.note_late_review(kept.state, desk.at)
        if change is not None:
            desk.keep(kept.id, change, kept)
            moved += 1
    return moved


def forget_purposes(desk: Desk) -> int:
    """Delete stated purposes that have run out: who read what is not kept longer than needed."""
    old = desk.all(PurposeStated, due_before=desk.at)
    for kept in old:
        desk.forget(PurposeStated, kept.id)
    return len(old)


TICKS = (close_due_openings, note_late_reviews, forget_purposes)


def opening(desk: Desk, opened: Folder) -> None:
    """Take the rules of the folder; without a file there are none, and everything is closed."""
    from bothbanks.region.compact.sharing import SharingSettings

    settings = opened.region.compact.get("sharing")
    if not isinstance(settings, SharingSettings):
        return
    change = open_book(settings.book(opened.at), tuple(opened.facts.members))
    if isinstance(change, Refusal):  # the folder's own check has told of it; never open half a book
        raise ValueError(str(change))
    desk.keep(BOOK, change, None)
    restamp(desk)


# within a transaction


def keep_book(desk: Desk, change: Change[RuleBook] | Refusal) -> Refusal | None:
    """Keep a changed book and its stamp; the refusal where there is one."""
    if isinstance(change, Refusal):
        return change
    was = book_of(desk)
    desk.keep(BOOK, change, was if was.version else None)
    restamp(desk)
    return None


def restamp(desk: Desk) -> None:
    """A new stamp: also what lets of two who open the same at the same time only one go through."""
    stamp = stamp_of(book_of(desk).state, _opened(k.state for k in _live_openings(desk)))
    try:
        was = desk.load(Stamp, STAMP)
    except MissingError:
        desk.store.save(Stamp, STAMP, stamp, None)
        return
    desk.store.save(Stamp, STAMP, stamp, was.version)


def _live_openings(view: View) -> list[Kept[Opening]]:
    return view.all(Opening, status="open")


def _opened(found: Iterable[Opening]) -> tuple[Opened, ...]:
    return tuple(o for o in (x.opened() for x in found) if o is not None)
