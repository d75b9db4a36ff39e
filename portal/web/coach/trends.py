"""A couple's trends over HTTP: the page, and its weeks as a table and as a drawing to keep."""

from urllib.parse import urlencode
from uuid import UUID

from flask import render_template, request
from flask_babel import gettext
from werkzeug import Response

from portal.domain.people import Role
from portal.domain.trend_weeks import Period
from portal.output.sheet import sheet
from portal.services import supervision, trends
from portal.services.trends import Show, Trends
from portal.web import guards
from portal.web.coach import charts, weekly
from portal.web.coach.area import area
from portal.web.coach.weekly import drawing


@area.get("/couples/<uuid:couple_id>/trends")
@guards.opens_to(Role.SUPERVISOR)
def couples_trends(couple_id: UUID) -> str:
    found = trends.trends(guards.viewer(), couple_id, _show(), guards.zone(), _period())
    supervision.note_reading(guards.viewer(), couple_id, found.couple.coach_id)
    return render_template("coach/couples/trends.html", **_words(found))


def _words(found: Trends) -> dict[str, object]:
    """What the page is made from; `asked` are the parts of its address, each without what goes without saying."""
    asked = {
        "show": None if found.show == Show.SCORE else found.show,
        "period": None if found.period is Period.TWELVE_WEEKS else found.period.value,
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return {
        "found": found,
        "couple": found.couple,
        "weekly": weekly.weekly(found),
        "heading": weekly.period_of(found),
        "what": weekly.what_of(found),
        "reads": weekly.kind_of(found),
        "asked": asked,
        "query": f"?{query}" if query else "",
        "dots": charts.dumbbells(found.rows, gettext("%(names)s, one week", names=found.couple.names)),
        "label_of": charts.label_of,
        "noticed": [(one, charts.noticing(one)) for one in found.noticed],
    }


@area.post("/couples/<uuid:couple_id>/weeks.csv")
def couples_weeks_table(couple_id: UUID) -> Response:
    found = trends.saved_weeks(guards.viewer(), couple_id, guards.zone(), _period())
    return _file("weeks.csv", "text/csv", sheet(weekly.table_of(found)))


@area.post("/couples/<uuid:couple_id>/weeks.svg")
def couples_weeks_drawing(couple_id: UUID) -> Response:
    found = trends.saved(guards.viewer(), couple_id, _show(), guards.zone(), _period())
    return _file("weeks.svg", "image/svg+xml", drawing(found))


def _file(name: str, mimetype: str, content: bytes) -> Response:
    guards.check_again()  # a long file took its time
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=mimetype, headers=headers)


def _show() -> str:
    """What is asked for; the service knows which questions there are."""
    return request.args.get("show", "")


def _period() -> Period:
    asked = request.args.get("period", "")
    return Period(asked) if asked in list(Period) else Period.TWELVE_WEEKS
