"""Reads a coach's own calendar (iCalendar, RFC 5545) for the times that lie ahead; nothing of it is kept.

What repeats is written out, for no longer than appointments are planned. Whole days and what was called off are left
out, and so is whatever repeats within a day.
"""

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar
from icalendar.error import BrokenCalendarProperty

from portal.domain.dated import LONGEST_AHEAD, MOST_ENTRIES, MOST_PARTS, DatedEntry
from portal.domain.errors import Invalid

MOST_BYTES = 1_000_000
MOST_SERIES = 200
LONGEST_BACK = timedelta(days=3660)
WAYS = {  # by frequency, what a rule may say: each fits some day again and again
    "DAILY": set(),
    "WEEKLY": {"BYDAY"},
    "MONTHLY": {"BYDAY", "BYMONTHDAY", "BYSETPOS"},
}
COMMON = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
LONGEST_INTERVAL = 60
WEEKS_OF_MONTH, DAYS_OF_MONTH = 4, 28  # that every month has
USUAL = timedelta(minutes=60)  # of an entry that says no end
LONGEST_TITLE = 120
TAKEN = ("VCALENDAR", "VEVENT")
UNFOLD = re.compile(r"\r?\n[ \t]")
BROKEN = (
    BrokenCalendarProperty, ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, OSError,
)  # fmt: skip


def entries(data: bytes, now: datetime, zone: str) -> tuple[DatedEntry, ...]:
    """What lies ahead in a calendar, earliest first; a time without a zone is taken as on the wall of `zone`.

    Raises Invalid("calendar_...") for what is no calendar, is too large, or holds more than can be looked over.
    """
    calendar = _read(data, now)
    try:
        found = recurring_ical_events.of(calendar, skip_bad_series=True).between(now, now + LONGEST_AHEAD)
    except BROKEN:
        raise Invalid("calendar_unreadable") from None
    ahead = [entry for event in found if (entry := _entry(event, zone)) is not None and entry.starts_at > now]
    if len(ahead) > MOST_ENTRIES:
        raise Invalid("calendar_too_full", most=MOST_ENTRIES)
    if not ahead:
        raise Invalid("calendar_empty")
    return tuple(sorted(set(ahead), key=lambda entry: (entry.starts_at, entry.title)))


def _entries_alone(data: bytes) -> str:
    """The lines of a calendar without what an entry's own lines do not need: alarms, and zones of its own making.

    A zone is known by its name or not at all. What a file says of one would be worked out line by line, however long
    that takes, and be kept for the next file that names it.
    """
    kept: list[str] = []
    inside: list[str] = []
    for line in UNFOLD.sub("", data.decode("utf-8-sig")).splitlines():
        name, _, value = line.partition(":")
        if name.upper() == "BEGIN" and (inside or value.strip().upper() not in TAKEN):
            inside.append(value.strip().upper())
        elif inside:
            if name.upper() == "END" and value.strip().upper() == inside[-1]:
                inside.pop()
        elif name.upper() != "X-WR-TIMEZONE":
            kept.append(line)
    return "\r\n".join([*kept, ""])


def _read(data: bytes, now: datetime) -> Calendar:
    if len(data) > MOST_BYTES:
        raise Invalid("calendar_too_large", most=MOST_BYTES)
    try:
        calendar = Calendar.from_ical(_entries_alone(data))
    except BROKEN:
        raise Invalid("calendar_unreadable") from None
    if not isinstance(calendar, Calendar):
        raise Invalid("calendar_unreadable")
    if sum(1 for _ in calendar.walk()) > MOST_PARTS:
        raise Invalid("calendar_too_large", most=MOST_BYTES)
    calendar.subcomponents = [part for part in calendar.subcomponents if _is_taken(part, now)]
    if sum("RRULE" in part for part in calendar.subcomponents) > MOST_SERIES:
        raise Invalid("calendar_too_full", most=MOST_SERIES)
    return calendar


def _is_taken(part: Any, now: datetime) -> bool:
    """Whether an entry is looked at; a rule without an end of its own ends with what is looked at."""
    if part.name != "VEVENT":
        return True
    try:
        starts = part["DTSTART"].dt
        if "RDATE" in part:
            return False
        if "RRULE" not in part:
            return True
        rule = part["RRULE"]
        began = starts.date() if isinstance(starts, datetime) else starts
        if not _fits_again_and_again(rule) or began < now.date() - LONGEST_BACK:
            return False
        until = now + LONGEST_AHEAD
        ends = rule.get("UNTIL", [until])[0]
        is_earlier = (ends.date() if isinstance(ends, datetime) else ends) < until.date()
        if "COUNT" not in rule:
            rule["UNTIL"] = [ends if is_earlier else _as(starts, until)]
    except BROKEN:
        return False
    return True


def _fits_again_and_again(rule: Any) -> bool:
    """Whether a rule is one of those that appointments follow; one that fits no day would be gone through for ever."""
    [frequency] = map(str, rule["FREQ"])
    if not set(rule) <= COMMON | WAYS.get(frequency, set()) or frequency not in WAYS:
        return False
    if not 1 <= int(rule.get("INTERVAL", [1])[0]) <= LONGEST_INTERVAL:
        return False
    ordinals = [abs(int(day.relative or 0)) for day in rule.get("BYDAY", [])]
    most = WEEKS_OF_MONTH if frequency == "MONTHLY" else 0
    return (
        all(ordinal <= most for ordinal in ordinals)
        and all(1 <= abs(int(day)) <= DAYS_OF_MONTH for day in rule.get("BYMONTHDAY", []))
        and all(1 <= abs(int(place)) <= WEEKS_OF_MONTH for place in rule.get("BYSETPOS", []))
        and ("BYSETPOS" not in rule or "BYDAY" in rule)
        and not ("BYDAY" in rule and "BYMONTHDAY" in rule)
        and not ("BYSETPOS" in rule and any(ordinals))
    )


def _as(starts: date, until: datetime) -> date:
    """An end of the same kind as the beginning: a day, a time of the wall, or an instant."""
    if not isinstance(starts, datetime):
        return until.date()
    return until if starts.tzinfo else until.replace(tzinfo=None)


def _entry(event: Any, zone: str) -> DatedEntry | None:
    """An entry with a time; None for a whole day, and for what was called off."""
    starts = event["DTSTART"].dt
    if not isinstance(starts, datetime) or str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    ends = event["DTEND"].dt if "DTEND" in event else starts + USUAL
    length = (ends - starts if isinstance(ends, datetime) else None) or USUAL
    at = starts if starts.tzinfo else starts.replace(tzinfo=ZoneInfo(zone))
    title = " ".join(str(event.get("SUMMARY", "")).split())
    return DatedEntry(at.astimezone(ZoneInfo("UTC")), round(length.total_seconds() / 60), title[:LONGEST_TITLE])
