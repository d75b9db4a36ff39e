"""The check-in that belongs to a session: when it is asked, when the brief is cut off, and what stands in its place."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.domain.assignments import are_too_near
from portal.domain.errors import Invalid

OPENS = (12, 168)  # hours before the session: half a day to a week
ENDS = (1, 72)
FEWEST_HOURS = 12  # between the two: an evening lies in them


@dataclass(frozen=True, slots=True)
class Times:
    """When the check-in of one session is asked, and when its brief is cut off; None: the brief as the hour begins."""

    asks_at: datetime | None = None
    cut_off_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """How many whole hours before a session its check-in is asked, and how many before it the brief is cut off."""

    opens: int = 48
    ends: int = 12

    def times(self, starts_at: datetime, now: datetime) -> Times:
        """The instants for a session that begins at `starts_at` (aware).

        Where no evening is left until its cut-off, nothing is asked any more and nothing is cut off early.
        """
        cut_off_at = starts_at - timedelta(hours=self.ends)
        is_time = cut_off_at - now >= timedelta(hours=FEWEST_HOURS)
        return Times(starts_at - timedelta(hours=self.opens), cut_off_at) if is_time else Times()


def after_move(before: Times, times: Times, starts_at: datetime, now: datetime) -> Times:
    """The times of a session that is moved to `starts_at`; `times` are those that one planned for then would have.

    A cut-off that is over stays: what it kept out of the brief does not come back because the hour is another one,
    unless there is time enough to cut it off anew.
    """
    is_over = before.cut_off_at is not None and before.cut_off_at <= min(now, starts_at)
    return before if times.cut_off_at is None and is_over else times


def check(ahead: Ahead) -> None:
    """Raise Invalid, with `field`, for hours that leave no evening to answer in."""
    for field, hours, (least, most) in (("opens", ahead.opens, OPENS), ("ends", ahead.ends, ENDS)):
        if not least <= hours <= most:
            raise Invalid("out_of_range", minimum=least, maximum=most, field=field)
    if ahead.opens - ahead.ends < FEWEST_HOURS:
        raise Invalid("check_in_needs_time", hours=FEWEST_HOURS, field="opens")


def stands_in_place(given_on: date, day: date) -> bool:
    """Whether the check-in of one day stands in the place of another's: in the same week, or within four days of it."""
    return given_on.isocalendar()[:2] == day.isocalendar()[:2] or are_too_near(given_on, day)
