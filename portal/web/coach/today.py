"""Today: the sessions ahead, and who needs the coach."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar

from flask import redirect, render_template, url_for
from flask_babel import to_user_timezone
from werkzeug import Response

from portal.domain.people import Role
from portal.services import today as days
from portal.web import guards
from portal.web.coach.area import area

Line = TypeVar("Line")


@area.get("/")
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
def today() -> str | Response:
    if not guards.viewer().role.is_coach:
        return redirect(url_for("coach.couples_index"), 303)
    found = days.today(guards.viewer(), guards.zone())
    return render_template(
        "coach/today/show.html",
        today=found,
        ahead=_by_day(found.ahead, lambda session: session.line.starts_at),
        came_in=_by_day(found.came_in, lambda form: form.at),
        sessions_today=_count_of_today(found),
    )


def _by_day(lines: Iterable[Line], instant_of: Callable[[Line], datetime]) -> list[tuple[date, list[Line]]]:
    """Lines under the day on which they stand in the coach's own zone."""
    return [(day, list(of_day)) for day, of_day in groupby(lines, lambda line: _day(instant_of(line)))]


def _day(instant: datetime) -> date:
    local: datetime = to_user_timezone(instant)
    return local.date()


def _count_of_today(found: days.Today) -> int:
    ahead = (found.hero.session, *found.ahead) if found.hero else ()
    return sum(_day(session.line.starts_at) == found.on for session in ahead)
