"""The briefs of a day at once: what becomes of each, how many a day may hold, and what the files are called."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from portal.domain.errors import Invalid
from portal.domain.sessions import YEARS
from portal.domain.wall import instant_of

MOST_BRIEFS = 60  # of one day
KEPT_FOR = timedelta(days=1)
TAKEN_FOR = timedelta(minutes=2)  # a machine that has taken a brief and said nothing since has ended
MOST_TRIES = 3


class Outcome(StrEnum):
    """What became of one brief."""

    WAITING = "waiting"
    SET = "set"
    FAILED = "failed"  # it cannot be set as a page
    GONE = "gone"  # there is none for this coach any more


def instants_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """When a day begins in this zone, and when the next one does. Raises Invalid for one of no working life."""
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise Invalid("not_a_date", field="day")
    return instant_of(day, time(), zone), instant_of(day + timedelta(days=1), time(), zone)


def file_name(place: int, starts_at: datetime) -> str:
    """`01-0900.pdf`: the place in the day and the time on the practice's wall, and nobody's name."""
    return f"{place:02d}-{starts_at:%H%M}.pdf"
