"""What is kept by an id, named in the reader's words: articles, organs, decisions, countries."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from markupsafe import Markup, escape

from bothbanks.app.partnership.agreement_reading import current_text
from bothbanks.app.partnership.desk import Reader
from bothbanks.civic.compact.duties_decisions import EarlierDecision
from bothbanks.civic.compact.duties_state import Duty
from bothbanks.civic.compact.obstacles import Obstacle
from bothbanks.civic.compact.people import Organ, Seat
from bothbanks.civic.compact.plans import Plan
from bothbanks.civic.compact.votes import Vote
from bothbanks.pages.language import Language
from bothbanks.store.interface import MissingError

TITLED = {
    "duty": (Duty, "duties"),
    "earlier-decision": (EarlierDecision, "votes"),
    "obstacle": (Obstacle, "obstacles"),
    "organ": (Organ, "people"),
    "plan": (Plan, "duties"),
    "seat": (Seat, "people"),
    "vote": (Vote, "votes"),
}
"""The record's name of a kind -> its state with a title, name or words, and the dataset it belongs to."""


class Naming:
    """The part of a visit that turns ids into words; an id that nothing is kept of stays as it is."""

    language: Language
    reader: Reader

    def sees(self, dataset: str) -> bool:
        """Whether the reader may see anything of that dataset; a name is part of it."""
        raise NotImplementedError

    def article(self, article: str, short: bool = False) -> Markup:
        """'Article 12: Votes', linked to it; without its title where ``short``."""
        number, title = self._articles.get(article, (0, {}))
        if not number:
            return escape(article)
        words = self.language.say("Article {number}", number=number)
        name = Markup("") if short else Markup(": {}").format(self.language.pick(title, article))
        href = f"/{self.language.code}/agreement/articles/{article}"
        return Markup('<a class="by-article" href="{}">{}{}</a>').format(href, words, name)

    @cached_property
    def _articles(self) -> dict[str, tuple[int, Mapping[str, str]]]:
        """Number and title of each article, as the agreement stands today."""
        text = current_text(self.reader) if self.sees("agreement") else None
        return {a.id: (n, a.title) for n, a in enumerate(text.articles, 1)} if text else {}

    def organ(self, organ: str) -> Markup:
        """The name of an organ; the presidency, which is none, in words."""
        if organ == "presidency":
            return self.language.say("the presidency")
        found = self._kept(Organ, organ, "people")
        return self.language.pick(found.name, organ) if found else escape(organ)

    def decision(self, decision: str) -> Markup:
        """A decision in words: a vote by its title and linked, an earlier one by what it says."""
        vote = self._kept(Vote, decision, "votes")
        if vote is not None:
            href = f"/{self.language.code}/votes/{decision}"
            return Markup('<a href="{}">{}</a>').format(href, self.language.pick(vote.title, decision))
        earlier = self._kept(EarlierDecision, decision, "votes")
        return self.language.pick(earlier.words, decision) if earlier else escape(decision)

    def duty(self, duty: str) -> Markup:
        """A duty by its title, linked."""
        found = self._kept(Duty, duty, "duties")
        if found is None:
            return escape(duty)
        href = f"/{self.language.code}/duties/{duty}"
        return Markup('<a href="{}">{}</a>').format(href, self.language.pick(found.title, duty))

    def title_of(self, kind: str, id: str) -> Markup:
        """The title of a kept thing, by the record's name of its kind; empty where it has none to show."""
        known = TITLED.get(kind)
        found = self._kept(known[0], id, known[1]) if known else None
        if found is None:
            return Markup("")
        words = getattr(found, "title", None) or getattr(found, "name", None) or getattr(found, "words", None)
        return self.language.pick(words) if isinstance(words, Mapping) else escape(words or "")

    def country(self, code: str) -> Markup:
        """The name of a country; of a part of one ('DE-NW'), its code as well."""
        name = self.language.country(code.split("-", 1)[0])
        return Markup("{} ({})").format(name, code) if "-" in code else escape(name)

    def _kept(self, kind: type[Any], id: str, dataset: str) -> Any:
        if not self.sees(dataset):
            return None
        try:
            return self.reader.load(kind, id).state
        except MissingError:
            return None
