"""How the work with two people begins: what each is asked alone, a talk with each, and minutes alone as a routine."""

from datetime import date

from portal.domain.errors import Invalid

BEGINNING = "passage.beginning"  # the slug of the form
HOPE = "hope"  # its question for what somebody hopes for
USUAL_MINUTES = 10
MOST_MINUTES = 60


def check_spoken_on(day: date, today: date) -> None:
    """Raise Invalid for a talk that has not been yet."""
    if day > today:
        raise Invalid("day_not_yet", field="spoken_on")


def check_alone_minutes(minutes: int) -> None:
    """Raise Invalid for more minutes with each alone than a session could hold, or fewer than none."""
    if not 0 <= minutes <= MOST_MINUTES:
        raise Invalid("out_of_range", minimum=0, maximum=MOST_MINUTES, field="minutes")
