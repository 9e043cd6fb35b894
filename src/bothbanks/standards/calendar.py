"""Deadlines as an iCalendar feed (RFC 5545) that calendar programs subscribe to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

from bothbanks import __version__

MEDIA_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class CalendarDate:
    """One entry: its stable id, its time, and its words in the feed's language."""

    id: str
    when: date | datetime  # a day, or an aware instant
    summary: str
    description: str = ""
    address: str = ""  # of its page


def calendar_feed(
    dates: Iterable[CalendarDate], name: str, language: str, host: str, made: datetime
) -> bytes:
    """The feed, in order of time.

    A day becomes an all-day event whose end is the day after (RFC 5545, section 3.6.1), an instant an event
    without duration; neither blocks time (TRANSP:TRANSPARENT). ``host`` makes the ids unique in the world,
    ``made`` is an aware instant.

    >>> from datetime import UTC
    >>> feed = calendar_feed([CalendarDate("d1", date(2027, 1, 1), "Report")], "Two banks", "en",
    ...     "example.org", datetime(2026, 11, 24, tzinfo=UTC)).decode()
    >>> "DTSTART;VALUE=DATE:20270101" in feed, "UID:d1@example.org" in feed
    (True, True)
    """
    feed = Calendar()
    feed.add("prodid", f"-//Bothbanks//Bothbanks {__version__}//{language.upper()}")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("name", name)
    feed.add("x-wr-calname", name)
    feed.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for item in sorted(dates, key=lambda d: (_day(d.when), d.id)):
        event = Event()
        event.add("uid", f"{item.id}@{host}")
        event.add("dtstamp", made)
        event.add("dtstart", item.when)
        if not isinstance(item.when, datetime):
            event.add("dtend", item.when + timedelta(days=1))
        event.add("summary", item.summary, parameters={"LANGUAGE": language})
        if item.description:
            event.add("description", item.description, parameters={"LANGUAGE": language})
        if item.address:
            event.add("url", item.address)
        event.add("transp", "TRANSPARENT")
        feed.add_component(event)
    return bytes(feed.to_ical())


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when
