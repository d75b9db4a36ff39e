"""Taking over appointments from a coach's own calendar: choose the file, say whose they are, plan them."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_wtf import FlaskForm
from werkzeug import Response

from portal import clock
from portal.domain.errors import Invalid
from portal.input import calendar
from portal.services import session_import, sessions
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.session_import import CalendarFileForm, Row, chosen, offered, refused, typed
from portal.web.forms.words import words_for


@area.get("/sessions/import")
def sessions_import() -> str:
    return render_template("coach/sessions/import.html", form=CalendarFileForm())


@area.post("/sessions/import")
def sessions_import_read() -> str | tuple[str, int]:
    """What lies ahead in the file, to be looked over; the page alone carries it along, and nothing is kept."""
    form = CalendarFileForm()
    if not form.file.data:
        return _file_page(form, Invalid("file_missing"))
    try:
        read = calendar.entries(form.file.data.read(), clock.now(), guards.standing().practice_zone)
    except Invalid as refusal:
        return _file_page(form, refusal)
    couples = dict(sessions.couples_to_meet(guards.viewer()))
    return _rows_page(offered(session_import.look_over(guards.viewer(), read), couples))


def _file_page(form: CalendarFileForm, refusal: Invalid) -> tuple[str, int]:
    form.file.errors = [words_for(refusal)]
    return render_template("coach/sessions/import.html", form=form), 422


@area.post("/sessions/import/plan")
def sessions_import_plan() -> Response | tuple[str, int]:
    """Plan those that were given to a couple, all or none."""
    try:
        rows, wanted = chosen(typed(request.form), dict(sessions.couples_to_meet(guards.viewer())))
    except Invalid as refusal:
        return _file_page(CalendarFileForm(formdata=None), refusal)
    if not any(row.error for row in rows):
        try:
            count = session_import.plan(guards.viewer(), wanted)
        except Invalid as refusal:
            rows = refused(rows, int(str(refusal.params["number"])), words_for(refusal))
        else:
            flash(_planned_words(count))
            return redirect(url_for("coach.sessions_index"), 303)
    return _rows_page(rows), 422


def _planned_words(count: int) -> str:
    if not count:
        return str(gettext("Nothing was planned: no entry was given to a couple."))
    return str(ngettext("One session is planned.", "%(num)s sessions are planned.", count))


def _rows_page(rows: Sequence[Row]) -> str:
    names = sorted(set(dict(sessions.couples_to_meet(guards.viewer())).values()))
    return render_template("coach/sessions/import_read.html", rows=rows, names=names, form=FlaskForm(formdata=None))
