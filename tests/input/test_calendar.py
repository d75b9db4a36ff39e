"""A coach's own calendar as it is read: what lies ahead, whatever repeats, and nothing that goes on for ever."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.dated import LONGEST_AHEAD, MOST_ENTRIES
from portal.domain.errors import Invalid
from portal.input.calendar import MOST_BYTES, entries

NOW = datetime(2026, 11, 23, 19, tzinfo=UTC)
BERLIN = "Europe/Berlin"
AT_FIVE = "2026-12-01 17:00"
NUMBERS = count()


def calendar(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Elsewhere//EN", *events, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{next(NUMBERS)}@elsewhere.example", *lines, "END:VEVENT"])


def read(*lines: str) -> list[tuple[str, int, str]]:
    found = entries(calendar(event(*lines)), NOW, BERLIN)
    return [(one.starts_at.strftime("%Y-%m-%d %H:%M"), one.minutes, one.title) for one in found]


def refused(data: bytes) -> str:
    with pytest.raises(Invalid) as refusal:
        entries(data, NOW, BERLIN)
    return refusal.value.code


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("DTSTART:20261201T170000Z", "DTEND:20261201T175000Z", "SUMMARY:Ana & Ben"), (AT_FIVE, 50)),
        (("DTSTART;TZID=Europe/Berlin:20261201T180000", "DURATION:PT90M", "SUMMARY:Ana & Ben"), (AT_FIVE, 90)),
        (("DTSTART:20261201T180000", "SUMMARY:Ana & Ben"), (AT_FIVE, 60)),
    ],
    ids=["instant", "wall of a zone", "wall of nowhere, no end"],
)  # fmt: skip
def test_a_time_is_read_as_the_instant_that_it_is(lines: tuple[str, ...], found: tuple[str, int]) -> None:
    assert read(*lines) == [(*found, "Ana & Ben")]


def test_what_repeats_is_written_out_on_the_wall_for_thirteen_weeks_without_what_was_left_out() -> None:
    found = read(
        "DTSTART;TZID=Europe/Berlin:20260907T180000", "DTEND;TZID=Europe/Berlin:20260907T190000",
        "RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Berlin:20261207T180000", "SUMMARY:G & H",
    )  # fmt: skip
    assert [at for at, *_ in found[:2]] == ["2026-11-30 17:00", "2026-12-14 17:00"]
    assert found[-1][0] == "2027-02-22 17:00"
    assert len(found) == 12


def test_a_count_ends_where_it_ends() -> None:
    assert [at for at, *_ in read("DTSTART:20261117T170000Z", "RRULE:FREQ=WEEKLY;COUNT=3")] == [
        "2026-11-24 17:00",
        "2026-12-01 17:00",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART;VALUE=DATE:20261201",),
        ("DTSTART:20261201T170000Z", "STATUS:CANCELLED"),
        ("DTSTART:20261101T170000Z",),
        ("DTSTART:20280101T170000Z",),
        ("DTSTART:20261201T170000Z", "RDATE:20261202T170000Z"),
        ("SUMMARY:No time",),
        ("DTSTART:tomorrow",),
        ("DTSTART:20261201T170000Z", "RRULE:FREQ=HOURLY"),
        ("DTSTART:20261201T170000Z", "RRULE:FREQ=DAILY;BYSECOND=1,2,3"),
        ("DTSTART:20261201T170000Z", "RRULE:FREQ=SOMETIMES"),
    ],
)
def test_whole_days_what_was_called_off_or_is_over_and_what_has_no_time_are_left_out(lines: tuple[str, ...]) -> None:
    assert refused(calendar(event(*lines))) == "calendar_empty"


ENDLESS = ("DTSTART:19700101T000000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+1200", "RRULE:FREQ=SECONDLY")
OWN_ZONE = (
    *("BEGIN:VTIMEZONE", "TZID:%s", "BEGIN:STANDARD", *ENDLESS, "END:STANDARD"),
    *("BEGIN:DAYLIGHT", *ENDLESS, "END:DAYLIGHT", "END:VTIMEZONE"),
)


def test_what_a_file_says_of_a_zone_is_neither_worked_out_nor_kept_for_the_next() -> None:
    def at(zone: str, *lines: str) -> str:
        data = calendar(*(line.replace("%s", zone) for line in lines), event(f"DTSTART;TZID={zone}:20261201T180000"))
        return entries(data, NOW, BERLIN)[0].starts_at.isoformat()

    for zone, known in (("Our own", "17:00"), ("W. Europe Standard Time", "17:00"), ("America/New_York", "23:00")):
        assert at(zone, *OWN_ZONE) == at(zone) == f"2026-12-01T{known}:00+00:00"


@pytest.mark.parametrize("zone", ["Europe", "x" * 300, "../../etc/passwd", "", "\x00"])
def test_a_zone_that_is_none_is_taken_as_the_wall_of_the_practice_or_refused(zone: str) -> None:
    with suppress(Invalid):
        assert len(entries(calendar(event(f"DTSTART;TZID={zone}:20261201T180000")), NOW, BERLIN)) == 1
    with suppress(Invalid):
        entries(calendar(f"X-WR-TIMEZONE:{zone}", event("DTSTART:20261201T180000")), NOW, BERLIN)


def test_an_alarm_and_a_folded_line_change_nothing() -> None:
    alarm = ("BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:DISPLAY", "END:VALARM")
    found = read("DTSTART:20261201T170000Z", "SUMMARY:Ana", " \t& Ben", *alarm)
    assert found == [(AT_FIVE, 60, "Ana & Ben")]


def test_one_entry_that_cannot_be_read_keeps_no_other_back() -> None:
    data = calendar(event("DTSTART:tomorrow"), event("DTSTART:20261201T170000Z", "SUMMARY:Ana & Ben"))
    assert [one.title for one in entries(data, NOW, BERLIN)] == ["Ana & Ben"]


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b"name,address", event("DTSTART:20261201T170000Z").encode(), b"BEGIN:VCALENDAR\r\n" * 99],
)
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    assert refused(data) == "calendar_unreadable"


def test_what_is_too_much_is_refused() -> None:
    assert refused(b"x" * (MOST_BYTES + 1)) == "calendar_too_large"
    several = [event(f"DTSTART:20261201T17{n % 60:02}{n // 60:02}Z") for n in range(MOST_ENTRIES + 1)]
    assert refused(calendar(*several)) == "calendar_too_full"
    series = [event("DTSTART:20261201T170000Z", "RRULE:FREQ=WEEKLY") for _ in range(201)]
    assert refused(calendar(*series)) == "calendar_too_full"


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", ["11-30", "12-03", "12-14"]),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1", ["12-01", "01-05", "02-02"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["11-27", "12-25", "01-29"]),
        ("FREQ=MONTHLY;BYMONTHDAY=15", ["12-15", "01-15", "02-15"]),
        ("FREQ=DAILY;INTERVAL=10", ["12-02", "12-12", "12-22"]),
    ],
)
def test_what_repeats_by_days_weeks_or_months_is_written_out(rule: str, days: list[str]) -> None:
    assert [at[5:10] for at, *_ in read("DTSTART:20261102T200000Z", f"RRULE:{rule}")][:3] == days


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20260101T170000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
        ("DTSTART:20260101T170000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5"),
        ("DTSTART:00010101T000000Z", "RRULE:FREQ=DAILY"),
        ("DTSTART:20260101T170000Z", "RRULE:FREQ=SECONDLY"),
        ("DTSTART:20260101T170000Z", "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO"),
        ("DTSTART:20260101T170000Z", "RRULE:FREQ=DAILY;INTERVAL=0"),
        ("DTSTART:20260101T170000Z", "RRULE:FREQ=MONTHLY;BYDAY=6MO"),
        ("DTSTART:20260101T170000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=12"),
        ("DTSTART:20260101T170000Z", "RRULE:FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20"),
        ("DTSTART:20260101T170000Z", "RRULE:FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=4"),
        ("DTSTART:20260101T170000Z", "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;INTERVAL=2"),
    ],
)
def test_a_rule_that_fits_no_day_or_is_older_than_anybody_is_no_work(lines: tuple[str, ...]) -> None:
    assert refused(calendar(*[event(*lines) for _ in range(20)])) == "calendar_empty"


PARTS = ("DTSTART", "DTEND", "RRULE", "SUMMARY", "STATUS", "DURATION", "RDATE", "EXDATE", "RECURRENCE-ID", "UID")
ZONES = st.sampled_from(("", "", ";TZID=Europe/Berlin", ";TZID=Europe", ";TZID=Nowhere", ";VALUE=DATE"))
VALUES = st.one_of(
    st.sampled_from(("20261201T170000Z", "20261201", "FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=2", "PT1H", "-P9999D", ":")),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)  # fmt: skip


@given(st.lists(st.lists(st.tuples(st.sampled_from(PARTS), ZONES, VALUES), max_size=6), max_size=4))
def test_whatever_stands_in_a_calendar_is_read_or_refused(events: list[list[tuple[str, str, str]]]) -> None:
    written = [event(*(f"{name}{zone}:{value}" for name, zone, value in lines)) for lines in events]
    with suppress(Invalid):
        found = entries(calendar(*written), NOW, BERLIN)
        assert all(NOW < one.starts_at <= NOW + LONGEST_AHEAD + timedelta(days=1) for one in found)
