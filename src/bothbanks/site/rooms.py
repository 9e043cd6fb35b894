"""What the whole site shares: the partnership, its guards, its languages, its menu and its templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fastapi import Request

from bothbanks import __version__
from bothbanks.app.partnership.live import Partnership
from bothbanks.app.partnership.search import Search
from bothbanks.pages.language import SOURCE_LANGUAGE, Language, available
from bothbanks.pages.templating import environment
from bothbanks.site.assets import asset_link
from bothbanks.site.menu import menu_of
from bothbanks.site.security import Security
from bothbanks.site.visit import Visit


@dataclass(frozen=True)
class Rooms:
    """The shared part of the site."""

    partnership: Partnership
    security: Security
    search: Search = field(default_factory=Search)
    shelf: dict[str, Language] = field(default_factory=dict)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The region's languages that the pages have words in, in the region's order."""
        have = available()
        return tuple(c for c in self.partnership.region.languages if c in have) or (SOURCE_LANGUAGE,)

    def language(self, code: str) -> Language:
        """A language of the site; words that it lacks are looked for in the others."""
        if code not in self.shelf:
            own = self.partnership.region.languages
            order = (*self.languages, *(c for c in own if c not in self.languages), SOURCE_LANGUAGE)
            self.shelf[code] = Language.load(code, order)
        return self.shelf[code]

    def preferred(self, request: Request) -> str:
        """The first language the browser asks for that the site has."""
        for wish in request.headers.get("accept-language", "").split(","):
            code = wish.split(";")[0].strip().split("-")[0].lower()
            if code in self.languages:
                return code
        return self.languages[0]

    def render(self, visit: Visit, template: str, context: Mapping[str, object]) -> str:
        """A page of the site as HTML."""
        path = visit.request.url.path
        rest = path[len(visit.language.code) + 1 :] if path.startswith(f"/{visit.language.code}") else "/"
        query = f"?{visit.request.url.query}" if visit.request.url.query else ""
        switch = [(c, visit.language.own_name(c), f"/{c}{rest}{query}") for c in self.languages]
        menu = menu_of(visit, rest)
        return (
            environment()
            .get_template(f"site/{template}")
            .render(
                visit=visit,
                t=visit.t,
                tn=visit.tn,
                form=visit.form,
                lang=visit.language.code,
                region=visit.pick(visit.region.name, visit.region.id),
                region_plain=visit.language.plain(visit.region.name, visit.region.id),
                languages=switch,
                menu=menu.entries,
                all_pages=menu.groups,
                here=menu.here,
                asset=asset_link,
                version=__version__,
                rehearsal=self.partnership.rehearsal,
                **context,
            )
        )
