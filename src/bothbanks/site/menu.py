"""The menu: an entry for each part of the site that the reader may see, grouped for the list of all pages."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from bothbanks.site.areas import areas
from bothbanks.site.door import SERVICE
from bothbanks.site.visit import Visit

GROUPS = (
    ("appraisal", "members", "agreement", "documents", "legal", "people"),
    ("votes", "duties", "disputes", "obstacles", "money"),
    ("data", "sharing", "record"),  # and whatever area has no place of its own
)

Entry = tuple[Markup, str, str]  # title, address, name of the area


@dataclass(frozen=True)
class Menu:
    """The entries in order, the same under headings, and the name of the one the reader is in."""

    entries: list[Entry]
    groups: list[tuple[Markup, list[Entry]]]
    here: str


def menu_of(visit: Visit, path: str) -> Menu:
    """The menu for a reader at ``path`` (without its language)."""
    shown = {a.name: a for a in areas() if a.title and (a.dataset == SERVICE or visit.sees(a.dataset))}
    placed = [name for names in GROUPS for name in names]
    groups = [*GROUPS[:-1], (*GROUPS[-1], *(name for name in shown if name not in placed))]
    headings = (visit.t("Found and agreed"), visit.t("Decided and owed"), visit.t("Open to check"))
    listed = [
        (heading, [(visit.t(shown[n].title), visit.link(shown[n].address), n) for n in names if n in shown])
        for heading, names in zip(headings, groups, strict=True)
    ]
    fits = [name for name, area in shown.items() if f"{path}/".startswith(f"{area.address}/")]
    here = max(fits, key=lambda name: len(shown[name].address), default="")
    return Menu([e for _, some in listed for e in some], [(h, some) for h, some in listed if some], here)
