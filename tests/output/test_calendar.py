"""The iCalendar feed: read back by another reader, with the rules of its zone, and nothing but times."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from portal.output.calendar import Dated, feed

MADE = datetime(2026, 11, 1, 9, tzinfo=UTC)
SUMMER, WINTER = datetime(2026, 9, 1, 16, tzinfo=UTC), datetime(2026, 12, 1, 17, tzinfo=UTC)


def dated(uid: str, starts_at: datetime, **more: object) -> Dated:
    return Dated(uid, starts_at, 50, MADE, **({"changes": 0} | more))  # type: ignore[arg-type]


def written(*entries: Dated) -> bytes:
    return feed(entries, "Europe/Berlin", "Portal", "Appointment")


def test_times_stand_on_the_wall_of_the_practice_on_both_sides_of_the_change_of_clocks() -> None:
    found = Calendar.from_ical(written(dated("a", SUMMER), dated("b", WINTER)))
    starts = [event["dtstart"].dt for event in found.walk("VEVENT")]
    assert [at.strftime("%H:%M") for at in starts] == ["18:00", "18:00"]
    assert [at.astimezone(UTC) for at in starts] == [SUMMER, WINTER]
    assert [event["dtend"].dt - event["dtstart"].dt for event in found.walk("VEVENT")] == [timedelta(minutes=50)] * 2


def test_the_rules_of_the_zone_stand_in_the_file_and_say_the_same_as_the_zone() -> None:
    found = Calendar.from_ical(written(dated("a", SUMMER), dated("b", WINTER)))
    [rules] = found.walk("VTIMEZONE")
    assert rules["tzid"] == "Europe/Berlin"
    own = rules.to_tz(lookup_tzid=False)
    for at in (SUMMER, WINTER):
        assert at.astimezone(own).utcoffset() == at.astimezone(ZoneInfo("Europe/Berlin")).utcoffset()


def test_another_reader_finds_each_on_its_day() -> None:
    found = recurring_ical_events.of(Calendar.from_ical(written(dated("a", SUMMER), dated("b", WINTER))))
    assert [str(event["uid"]) for event in found.at(date(2026, 12, 1))] == ["b"]


def test_what_was_called_off_says_so_and_changes_count_up() -> None:
    found = Calendar.from_ical(written(dated("a", WINTER, changes=3, is_cancelled=True)))
    [event] = found.walk("VEVENT")
    assert (str(event["status"]), int(event["sequence"]), str(event["uid"])) == ("CANCELLED", 3, "a")


def test_a_calendar_without_an_appointment_is_one_all_the_same() -> None:
    found = Calendar.from_ical(written())
    assert [part.name for part in found.subcomponents] == ["VTIMEZONE"]


def test_equal_appointments_give_equal_bytes() -> None:
    assert written(dated("a", SUMMER)) == written(dated("a", SUMMER))
