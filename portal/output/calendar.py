"""Appointments as an iCalendar feed (RFC 5545): times alone, under a title that says nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

PRODUCT = "-//Portal//Appointments//EN"
NO_DAY = date(2026, 1, 1)  # a calendar holds one thing at least: the rules of its zone, also without an appointment
FETCHED_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Dated:
    """One appointment as a calendar keeps it: `uid` stays its own, `changes` counts up, `stamp` is when it was made."""

    uid: str
    starts_at: datetime
    minutes: int
    stamp: datetime
    changes: int
    is_cancelled: bool = False
    address: str = ""


def feed(dated: Sequence[Dated], zone: str, name: str, title: str) -> bytes:
    """A whole calendar: times on the wall of `zone`, whose rules stand in it; each entry bears the same title.

    Equal appointments give equal bytes, whenever they are asked for.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", FETCHED_AGAIN, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    days = [one.starts_at.date() for one in dated] or [NO_DAY]
    about = (min(days) - timedelta(days=366), max(days) + timedelta(days=366))
    calendar.add_component(Timezone.from_tzid(zone, first_date=about[0], last_date=about[1]))
    for one in dated:
        calendar.add_component(_event(one, ZoneInfo(zone), title))
    content: bytes = calendar.to_ical()
    return content


def _event(one: Dated, zone: ZoneInfo, title: str) -> Event:
    event = Event()
    event.add("uid", one.uid)
    event.add("dtstamp", one.stamp)
    event.add("dtstart", one.starts_at.astimezone(zone))
    event.add("dtend", (one.starts_at + timedelta(minutes=one.minutes)).astimezone(zone))
    event.add("sequence", one.changes)
    event.add("status", "CANCELLED" if one.is_cancelled else "CONFIRMED")
    event.add("summary", title)
    if one.address:
        event.add("url", one.address)
    return event
