"""Sharing decisions: who may see which dataset, for what purpose, where, when, how fine, by which article.

Default closed: a dataset without a rule is seen by its owner only, and an unknown dataset by nobody.

How a decision is reached, in this order:

1. A reader holds *posts* (a role for a member, or for the whole partnership), and everybody holds the post of
   the public. Each post is decided by itself and the most generous one counts: one more mandate never
   shows less, and nobody sees more after signing out.
2. For a post, the rules in force that fit dataset, reader, purpose and area are laid side by side. A rule
   whose scope holds another fitting rule's scope gives way to it (**the most specific wins**). Of rules left
   that don't hold each other, **the strictest counts** in each respect: level, grid, group size, rounding,
   delay, hidden fields.
3. Asked without an area, a dataset is as closed as its most closed area.
4. A derived dataset is never more open than each of its inputs, unless an article releases it.
5. An emergency opening in force shows its datasets in its areas to its readers, and the decision says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from math import lcm

from bothbanks.civic.compact.roles import (
    AUDITOR,
    COUNCIL,
    DUTY_OFFICER,
    ENGINEER,
    PUBLIC,
    SECRETARIAT,
    Actor,
)

FULL, COARSE, SUPPRESSED, NOTHING = "full", "coarse", "suppressed", "nothing"
LEVELS = (FULL, COARSE, SUPPRESSED, NOTHING)
"""From open to closed. Coarse: as ``Coarsening`` says. Suppressed: protected counts only, no record."""
STRICTNESS = {level: place for place, level in enumerate(LEVELS)}

OWNER = "owner"
"""The rule named where somebody sees what is their own."""
OFFICIAL = frozenset({SECRETARIAT, COUNCIL, ENGINEER, DUTY_OFFICER, AUDITOR})
"""Roles that act for a member; residents and monitors don't."""
MEMBERS, PARTNERSHIP = "members", "partnership"
ANY = "*"
ELSEWHERE = "elsewhere"
"""Every area that no rule of the dataset names."""

Post = tuple[str, str]
"""A role, and the member for which it is held ('': the whole partnership)."""
PUBLIC_POST: Post = (PUBLIC, "")


@dataclass(frozen=True)
class Reader:
    """Who reads, told by posts only: no name, no id, so that a decision can be kept and shown."""

    posts: frozenset[Post] = frozenset()

    @property
    def roles(self) -> frozenset[str]:
        """The roles held; the public's where none."""
        return frozenset(role for role, _ in self.posts) or frozenset({PUBLIC})

    @property
    def members(self) -> frozenset[str]:
        """The members for which an official post is held."""
        return frozenset(member for role, member in self.posts if member and role in OFFICIAL)

    @property
    def public(self) -> bool:
        """True for somebody who holds no post at all."""
        return not self.posts


EVERYBODY = Reader()


def reader_of(actor: Actor) -> Reader:
    """The reader that somebody is by the mandates in force.

    Examples
    --------
    >>> from bothbanks.civic.compact.roles import ANYONE
    >>> reader_of(ANYONE).public
    True
    """
    return Reader(frozenset((m.role, m.member) for m in actor.mandates))


@dataclass(frozen=True)
class Coarsening:
    """How fine somebody may see, where not in full. 0 or '' leaves that respect as it is."""

    grid_m: int = 0
    """Side of the squares, metres, to which places are moved and areas are summed."""
    group: int = 0
    """Smallest number of people (or households) in a figure that is shown."""
    rounding: int = 0
    """Figures are rounded to a multiple of this."""
    delay_hours: int = 0
    """Nothing younger than this is shown."""
    dates: str = ""
    """'' | 'day' | 'month' | 'year': how fine dates are."""

    def joined(self, other: Coarsening) -> Coarsening:
        """The stricter of the two in each respect.

        Two grids give the coarser one only where it is a multiple of the finer: else their least common
        multiple, because squares that overlap would let the finer one be read off.
        """
        return Coarsening(
            grid_m=_common(self.grid_m, other.grid_m),
            group=max(self.group, other.group),
            rounding=_common(self.rounding, other.rounding),
            delay_hours=max(self.delay_hours, other.delay_hours),
            dates=max(self.dates, other.dates, key=DATES.index),
        )


DATES = ("", "day", "month", "year")


@dataclass(frozen=True)
class Decision:
    """What a reader may see of a dataset, and why."""

    dataset: str
    level: str = NOTHING
    rule: str = ""
    article: str = ""
    detail: Coarsening | None = None
    hidden: frozenset[str] = frozenset()
    until: datetime | None = None
    emergency: bool = False
    because: tuple[str, ...] = ()
    """Ids of every rule (or opening) that counted, the one named by ``rule`` first."""

    @property
    def allowed(self) -> bool:
        """Whether anything at all may be shown."""
        return self.level != NOTHING

    @property
    def full(self) -> bool:
        """Whether it may be shown as it is, but for ``hidden``."""
        return self.level == FULL

    def strict(self) -> tuple[int, int, int, int, int, int, int]:
        """Order from generous to strict: level, then grid, group, rounding, delay, dates, hidden fields."""
        d = self.detail or Coarsening()
        return (
            STRICTNESS[self.level],
            d.grid_m,
            d.group,
            d.rounding,
            d.delay_hours,
            DATES.index(d.dates),
            len(self.hidden),
        )

    def joined(self, other: Decision) -> Decision:
        """The stricter of the two in each respect; named after the stricter one."""
        first, second = (self, other) if self.strict() >= other.strict() else (other, self)
        ends = [d.until for d in (self, other) if d.until is not None and d.allowed]
        return replace(
            first,
            detail=_detail(first, second),
            hidden=self.hidden | other.hidden,
            until=min(ends, default=None) if first.allowed else first.until,
            emergency=first.allowed and (self.emergency or other.emergency),
            because=tuple(dict.fromkeys((*first.because, *second.because))),
        )


@dataclass(frozen=True)
class Dataset:
    """Something that can be shared, whose it is, and what it was made from.

    ``owner`` is a member's id, or '' for the partnership. ``released`` is the article that frees a derived
    dataset from the rules of its inputs.
    """

    id: str
    owner: str = ""
    inputs: tuple[str, ...] = ()
    released: str = ""
    counts: tuple[str, ...] = ()
    """Fields that count people or households: what coarse and suppressed protect."""
    name: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SharingRule:
    """Who may see what, for what purpose, where, from when to when, how fine, and by which article.

    ``datasets`` are ids, or a beginning with ``*`` ('layer:*'). ``readers`` are 'public' (everybody),
    'members' (official posts of members and partnership), 'partnership' (official posts of the whole),
    'member:<id>', 'role:<role>', 'role:<role>@<member>'. No purposes: none need be stated. No areas:
    everywhere.
    """

    id: str
    datasets: tuple[str, ...]
    readers: tuple[str, ...]
    level: str
    article: str
    since: datetime
    until: datetime | None = None
    purposes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    detail: Coarsening | None = None
    hidden: tuple[str, ...] = ()
    decision: str = ""
    """The vote or other act that made the rule; '' for one that came with the agreement."""

    def in_force(self, at: datetime) -> bool:
        """From ``since`` (included) to ``until`` (not included)."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Opened:
    """An emergency opening as the gate sees it: what is open, where, to whom, from when to when."""

    id: str
    datasets: tuple[str, ...]
    areas: tuple[str, ...]
    readers: tuple[str, ...]
    article: str
    since: datetime
    until: datetime

    def in_force(self, at: datetime) -> bool:
        """From ``since`` (included) to ``until`` (not included)."""
        return self.since <= at < self.until


@dataclass(frozen=True)
class _Atom:
    """A rule for one pattern of datasets and one kind of reader: what scopes are compared by."""

    rule: SharingRule
    pattern: str
    who: str

    def fits(self, post: Post, purpose: str, area: str, at: datetime) -> bool:
        r = self.rule
        return (
            covers(self.who, post)
            and (not r.purposes or purpose in r.purposes)
            and (not r.areas or area in r.areas)
            and r.in_force(at)
        )

    def inside(self, other: _Atom) -> bool:
        """Whether everything this one is about, the other is about too."""
        return (
            _pattern_within(self.pattern, other.pattern)
            and who_within(self.who, other.who)
            and _set_within(self.rule.purposes, other.rule.purposes)
            and _set_within(self.rule.areas, other.rule.areas)
        )


@dataclass(frozen=True)
class Rules:
    """The sharing rules and emergency openings, ready to decide.

    Decisions are remembered until the next moment at which some rule or opening begins or ends, so that
    asking again costs a look-up: the gate stands in front of every page.

    Examples
    --------
    >>> from datetime import UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> rules = Rules(
    ...     (Dataset("duties"), Dataset("beds", owner="south")),
    ...     (SharingRule("duties-open", ("duties",), ("public",), FULL, "art-data", start),),
    ... )
    >>> rules.decide("duties", EVERYBODY, at=start).level
    'full'
    >>> rules.decide("beds", EVERYBODY, at=start).level
    'nothing'
    >>> rules.decide("beds", Reader(frozenset({("engineer", "south")})), at=start).rule
    'owner'
    """

    datasets: tuple[Dataset, ...]
    rules: tuple[SharingRule, ...]
    openings: tuple[Opened, ...] = ()
    _by_id: dict[str, Dataset] = field(init=False, repr=False, compare=False)
    _atoms: dict[str, tuple[_Atom, ...]] = field(init=False, repr=False, compare=False)
    _areas: dict[str, frozenset[str]] = field(init=False, repr=False, compare=False)
    _purposes: frozenset[str] = field(init=False, repr=False, compare=False)
    _moments: tuple[datetime, ...] = field(init=False, repr=False, compare=False)
    _known: dict[tuple[str, Reader, str, str, int], Decision] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        atoms = [_Atom(r, p, w) for r in self.rules for p in r.datasets for w in r.readers]
        by_id = {d.id: d for d in self.datasets}
        held = {i: tuple(a for a in atoms if _pattern_within(i, a.pattern)) for i in by_id}
        named = {i: frozenset(area for a in held[i] for area in a.rule.areas) for i in by_id}
        spans = [(r.since, r.until) for r in self.rules] + [(o.since, o.until) for o in self.openings]
        moments = {m for span in spans for m in span if m is not None}
        purposes = frozenset(p for r in self.rules for p in r.purposes)
        for name, value in (
            ("_by_id", by_id),
            ("_atoms", held),
            ("_areas", _inherited_areas(by_id, named)),
            ("_purposes", purposes),
            ("_moments", tuple(sorted(moments))),
            ("_known", {}),
        ):
            object.__setattr__(self, name, value)

    def dataset(self, id_: str) -> Dataset | None:
        """The dataset of that id, or None."""
        return self._by_id.get(id_)

    def decide(
        self, dataset: str, reader: Reader, purpose: str = "", area: str = "", *, at: datetime
    ) -> Decision:
        """What the reader may see of a dataset for a purpose in an area ('': all of it) at a moment."""
        if dataset not in self._by_id:
            return Decision(dataset)
        if purpose not in self._purposes:
            purpose = ""
        if area and area not in self._areas[dataset] and not any(area in o.areas for o in self.openings):
            area = ELSEWHERE
        key = (dataset, reader, purpose, area, bisect_right(self._moments, at))
        found = self._known.get(key)
        if found is None:
            found = self._decide(dataset, reader, purpose, area, at, frozenset())
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found

    def decide_by_area(
        self, dataset: str, reader: Reader, areas: Iterable[str], purpose: str = "", *, at: datetime
    ) -> dict[str, Decision]:
        """The decision for each area: for a dataset that is shown by area."""
        return {a: self.decide(dataset, reader, purpose, a, at=at) for a in areas}

    def purposes_that_help(self, dataset: str, reader: Reader, *, at: datetime) -> tuple[str, ...]:
        """The purposes that would show the reader more than asking without one, sorted."""
        now = self.decide(dataset, reader, at=at).strict()
        return tuple(
            p for p in sorted(self._purposes) if self.decide(dataset, reader, p, at=at).strict() < now
        )

    def _decide(
        self, dataset: str, reader: Reader, purpose: str, area: str, at: datetime, above: frozenset[str]
    ) -> Decision:
        known = self._by_id.get(dataset)
        if known is None or dataset in above:
            return Decision(dataset)
        if not area:
            parts = (
                self._decide(dataset, reader, purpose, a, at, above)
                for a in (ELSEWHERE, *sorted(self._areas[dataset]))
            )
            return reduce(Decision.joined, parts)
        posts = (PUBLIC_POST, *sorted(reader.posts))
        # Where nothing may be shown, a rule that says so by an article is named before none at all.
        ruled = min(
            (self._of_post(known, p, purpose, area, at) for p in posts),
            key=lambda d: (d.strict(), not d.rule),
        )
        if known.inputs and not known.released:
            inherited = [self._decide(i, reader, purpose, area, at, above | {dataset}) for i in known.inputs]
            own = () if not self._atoms[dataset] and not ruled.allowed else (ruled,)
            ruled = replace(reduce(Decision.joined, (*own, *inherited)), dataset=dataset)
        opened = [o for o in self.openings if _is_open(o, dataset, reader, area, at)]
        if opened and not ruled.full:
            last = max(opened, key=lambda o: o.until)
            return Decision(
                dataset, FULL, last.id, last.article, None, frozenset(), last.until, True, (last.id,)
            )
        return ruled

    def _of_post(self, dataset: Dataset, post: Post, purpose: str, area: str, at: datetime) -> Decision:
        if post[0] in OFFICIAL and post[1] == dataset.owner:
            return Decision(dataset.id, FULL, OWNER, because=(OWNER,))
        fitting = [a for a in self._atoms[dataset.id] if a.fits(post, purpose, area, at)]
        kept = [a for a in fitting if not any(b.inside(a) and not a.inside(b) for b in fitting)]
        if not kept:
            return Decision(dataset.id)
        return reduce(Decision.joined, (_said(a.rule, dataset.id) for a in kept))


REMEMBERED = 20_000
"""Decisions kept at most by one ``Rules``: readers differ by posts only, so that far fewer are met."""


def covers(who: str, post: Post) -> bool:
    """Whether a rule's reader, as written, takes in a post."""
    role, member = post
    kind, _, name = who.partition(":")
    if kind == PUBLIC:
        return True
    if kind == "role":
        wanted, _, of = name.partition("@")
        return role == wanted and (not of or member == of)
    if role not in OFFICIAL:
        return False
    return kind == MEMBERS or (kind == PARTNERSHIP and not member) or (kind == "member" and member == name)


def who_within(narrow: str, wide: str) -> bool:
    """Whether every post that ``narrow`` takes in, ``wide`` takes in too.

    Examples
    --------
    >>> who_within("role:engineer@south", "member:south"), who_within("role:resident", "members")
    (True, False)
    """
    if narrow == wide or wide == PUBLIC:
        return True
    kind, _, name = narrow.partition(":")
    if kind == PUBLIC:
        return False
    role, _, member = name.partition("@") if kind == "role" else ("", "", "")
    if wide == MEMBERS:
        return kind != "role" or role in OFFICIAL
    if wide.startswith("member:"):
        return kind == "role" and role in OFFICIAL and member == wide.partition(":")[2]
    return kind == "role" and bool(member) and wide == f"role:{role}"


def _is_open(opened: Opened, dataset: str, reader: Reader, area: str, at: datetime) -> bool:
    return (
        dataset in opened.datasets
        and (not opened.areas or area in opened.areas)
        and opened.in_force(at)
        and any(covers(w, p) for w in opened.readers for p in (PUBLIC_POST, *reader.posts))
    )


def _said(rule: SharingRule, dataset: str) -> Decision:
    detail = None if rule.level in (FULL, NOTHING) else rule.detail or Coarsening()
    hidden = frozenset(rule.hidden)
    return Decision(dataset, rule.level, rule.id, rule.article, detail, hidden, rule.until, False, (rule.id,))


def _detail(first: Decision, second: Decision) -> Coarsening | None:
    """Of a join: both details where the stricter one has one, since full has none and nothing needs none."""
    if first.detail is None:
        return None
    return first.detail.joined(second.detail) if second.detail is not None else first.detail


def _common(a: int, b: int) -> int:
    return lcm(a, b) if a and b else a or b


def _pattern_within(narrow: str, wide: str) -> bool:
    if wide.endswith(ANY):
        return narrow.startswith(wide[:-1])
    return narrow == wide


def _set_within(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _inherited_areas(
    by_id: dict[str, Dataset], named: dict[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """The areas that matter to a dataset: those of its own rules and of whatever it was made from."""
    out = dict(named)
    for _ in by_id:
        grown = {i: out[i].union(*(out.get(x, frozenset()) for x in d.inputs)) for i, d in by_id.items()}
        if grown == out:
            break
        out = grown
    return out
