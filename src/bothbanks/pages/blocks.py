"""What a page is made of: headings, sentences, tables, drawings, maps, and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 with an anchor."""

    text: str
    id: str = ""
    kind: str = "heading"


@dataclass(frozen=True)
class Para:
    """A paragraph; ``css`` is 'lede', 'note', 'empty' or nothing."""

    text: str
    css: str = ""
    kind: str = "para"


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    items: Sequence[str]
    css: str = ""
    kind: str = "items"


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    text: str
    numeric: bool = False


@dataclass(frozen=True)
class Grid:
    """A table: the first cell of each row names the row. Empty tables say so in ``empty``."""

    caption: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[object]]
    empty: str = ""
    ids: Sequence[str] = ()
    css: str = ""
    fold: str = ""  # words of a fold that hides a long table until it is opened, printed or linked to
    kind: str = "grid"

    @property
    def slim(self) -> bool:
        """Narrow enough to stay a table on a phone: two columns, or three with figures in the last two."""
        return len(self.heads) <= 2 or (len(self.heads) == 3 and all(h.numeric for h in self.heads[1:]))


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption; the table beside it says the same."""

    svg: Markup
    caption: str
    kind: str = "figure"


@dataclass(frozen=True)
class Swatch:
    """One class of a legend."""

    colour: str  # '' for hatched
    text: str


@dataclass(frozen=True)
class MapPicture:
    """A map file in the page, with its legend and source line; script adds moving and zooming."""

    file: str
    alt: str
    width: int
    height: int
    caption: str
    legend: Sequence[Swatch]
    source: str
    kind: str = "map"


@dataclass(frozen=True)
class Source:
    """Links to where the figures above come from."""

    links: Sequence[Markup]
    kind: str = "source"


Block = Heading | Para | Items | Grid | Figure | MapPicture | Source


@dataclass(frozen=True)
class Page:
    """One page in one language."""

    slug: str
    title: str
    purpose: str  # one line: what the reader can do here
    blocks: Sequence[Block] = ()
    template: str = "page.html"
    extra: dict[str, object] = field(default_factory=dict)
    scripts: bool = False
    css: str = ""
