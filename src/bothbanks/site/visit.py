"""One reader's visit to one page: what may be seen, in which words, and how the page is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from bothbanks.app.partnership.areas import commands
from bothbanks.app.partnership.desk import Reader
from bothbanks.app.partnership.live import Partnership
from bothbanks.app.partnership.sharing import Gate
from bothbanks.civic.compact.members import MemberFacts, RegionFacts
from bothbanks.civic.compact.roles import Actor
from bothbanks.civic.compact.sharing import Decision
from bothbanks.pages.language import Language
from bothbanks.site.naming import Naming

if TYPE_CHECKING:
    from bothbanks.site.rooms import Rooms


@dataclass(frozen=True)
class Visit(Naming):
    """What a view is given."""

    request: Request
    rooms: Rooms
    actor: Actor
    reader: Reader
    seen: Decision  # the gate's answer for the area's dataset
    language: Language
    gate: Gate  # asked for every other dataset

    @property
    def partnership(self) -> Partnership:
        """The live partnership."""
        return self.rooms.partnership

    @property
    def region(self) -> RegionFacts:
        """The region and its members."""
        return self.reader.region

    # words
    def t(self, message: str, /, **values: object) -> Markup:
        """The sentence in the reader's language."""
        return self.language.say(message, **values)

    def tn(self, one: str, many: str, n: float, /, **values: object) -> Markup:
        """The sentence for a number of things."""
        return self.language.say_n(one, many, n, **values)

    def pick(self, text: Mapping[str, str], default: str = "") -> Markup:
        """Words that come by language."""
        return self.language.pick(text, default)

    def member(self, member: str) -> Markup:
        """A member's name."""
        facts = self.region.members.get(member)
        return self.language.pick(facts.name, member) if facts else escape(member)

    def number(self, value: float, digits: int | None = None) -> str:
        """A number as the language writes it."""
        pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, pattern, locale=self.language.locale))

    # time
    @property
    def zone(self) -> ZoneInfo:
        """The reader's own member's clock, else the first member's."""
        own = next(iter(sorted(self.actor.members)), "")
        facts: MemberFacts = self.region.members.get(own) or next(iter(self.region.members.values()))
        return ZoneInfo(facts.zone)

    def day(self, day: date | None) -> str:
        """A day in words."""
        if isinstance(day, datetime):
            day = day.astimezone(self.zone).date()
        return "" if day is None else str(format_date(day, "long", locale=self.language.locale))

    def moment(self, at: datetime | None) -> str:
        """A moment by the reader's clock, its zone named."""
        if at is None:
            return ""
        local, locale = at.astimezone(self.zone), self.language.locale
        day, time = format_date(local, "medium", locale=locale), format_time(local, "short", locale=locale)
        both = str(get_datetime_format("medium", locale=locale)).replace("'", "")
        return f"{both.replace('{1}', day).replace('{0}', time)} {local.tzname()}"

    # links and rights
    def link(self, path: str) -> str:
        """The address of a page in the same language."""
        return f"/{self.language.code}{path}"

    def may(self, command: str, member: str | None = None) -> bool:
        """Whether the reader may take that step (for that member): shows or hides its form."""
        found = commands().get(command)
        return found is not None and found.allows(self.actor, member)

    def sees(self, dataset: str) -> bool:
        """Whether the gate lets the reader see anything of that dataset."""
        return self.gate.sees(dataset)

    def may_for(self, command: str) -> tuple[str, ...]:
        """The members for which the reader may take that step."""
        return tuple(m for m in self.region.members if self.may(command, m))

    def form(self, command: str, next: str = "", button: object = "", caller: Any = None) -> Markup:
        """A form that takes a step: ``{% call form("votes.cast", next=...) %}fields{% endcall %}``."""
        token = self.rooms.security.form_token(self.request)
        return Markup(
            '<form method="post" action="{action}" class="step" accept-charset="utf-8">'
            '<input type="hidden" name="csrf" value="{token}">'
            '<input type="hidden" name="next" value="{next}">'
            '{fields}<p><button type="submit">{button}</button></p></form>'
        ).format(
            action=self.link(f"/do/{command}"),
            token=token,
            next=next or self.request.url.path,
            fields=caller() if caller is not None else "",
            button=button or self.t("Send"),
        )

    def show(self, template: str, status: int = 200, **context: object) -> HTMLResponse:
        """The page of a template, with everything that each page needs."""
        return HTMLResponse(self.rooms.render(self, template, context), status)
