"""Today: the sessions ahead, and who needs the coach."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from flask import render_template
from flask_babel import to_user_timezone

from portal.services import today as days
from portal.web import guards
from portal.web.coach.area import area


@area.get("/")
def today() -> str:
    found = days.today(guards.viewer(), guards.zone())
    return render_template(
        "coach/today/show.html",
        today=found,
        ahead=_by_day(found.ahead, "starts_at"),
        came_in=_by_day(found.came_in, "submitted_at"),
        sessions_today=_count_of_today(found),
    )


def _by_day(lines: Iterable[Any], moment: str) -> list[tuple[Any, list[Any]]]:
    """Lines under the day on which they stand in the coach's own zone."""
    return [(day, list(of_day)) for day, of_day in groupby(lines, lambda line: _day(getattr(line, moment)))]


def _day(instant: Any) -> Any:
    return to_user_timezone(instant).date()


def _count_of_today(found: days.Today) -> int:
    sessions = (found.hero.session, *found.ahead) if found.hero else ()
    return sum(_day(session.starts_at) == found.on for session in sessions)
