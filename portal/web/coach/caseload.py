"""The caseload: the list of couples, saved views of it, and the list as a file."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.caseload import Waiting
from portal.domain.errors import Invalid
from portal.domain.people import Label, Role
from portal.output.sheet import sheet
from portal.services import caseload, caseload_views, front_desk, programme
from portal.services.caseload import CaseloadLine, CaseloadQuery
from portal.services.caseload_views import SavedView
from portal.web import guards
from portal.web.coach import charts
from portal.web.coach.area import area
from portal.web.forms.caseload import (
    NEEDS_WORDS,
    ORDER_WORDS,
    STATE_WORDS,
    ViewForm,
    address_of,
    parts_of,
    query_of,
    query_of_view,
    settings_of,
)
from portal.web.forms.words import words_for

FILE_NAME = "list.csv"


@area.get("/couples/")
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
def couples_index() -> str:
    if guards.viewer().role is Role.ASSISTANT:
        return _at_desk()
    views = caseload_views.of_coach(guards.viewer())
    return _page(_begun(views), views, ViewForm(formdata=None))


def _at_desk() -> str:
    """The assistant's list: names, doors and dates, and nothing that tells how somebody does."""
    query = query_of(request.args)
    found = front_desk.list_couples(guards.viewer(), query.q, query.page)
    return render_template("coach/desk/index.html", found=found, query=query)


def _begun(views: tuple[SavedView, ...]) -> CaseloadQuery:
    """What the address asks for; one that asks for nothing begins with the view that comes first, if there is one."""
    first = next((view for view in views if view.is_first), None)
    return query_of(request.args) if request.args or first is None else query_of_view(first.settings)


def _page(query: CaseloadQuery, views: tuple[SavedView, ...], form: ViewForm) -> str:
    found = caseload.caseload(guards.viewer(), query)
    settings = settings_of(found.query)
    return render_template(
        "coach/couples/index.html",
        found=found,
        query=found.query,
        steps=programme.steps_of(guards.viewer()),
        strips={line.couple_id: charts.strip(line) for line in found.lines},
        views=[(view, address_of(query_of_view(view.settings)), view.settings == settings) for view in views],
        form=form,
        states=STATE_WORDS,
        needs=NEEDS_WORDS,
        orders=ORDER_WORDS,
        asked=address_of(found.query),
        at=lambda **changes: f"{url_for('coach.couples_index')}?{address_of(found.query, **changes)}",
    )


@area.post("/couples/views")
def couples_save_view() -> Response | tuple[str, int]:
    """Keep the list as the address of this form describes it."""
    form, query = ViewForm(), query_of(request.args)
    if form.validate():
        try:
            settings = settings_of(query)
            caseload_views.save(guards.viewer(), form.name.data or "", settings, is_first=form.is_first.data)
        except Invalid as refusal:
            form.name.errors = [words_for(refusal)]
        else:
            flash(gettext("This view is kept."))
            return redirect(url_for("coach.couples_index", **parts_of(query)), 303)
    return _page(query, caseload_views.of_coach(guards.viewer()), form), 422


@area.post("/couples/views/<uuid:view_id>/first")
def couples_view_first(view_id: UUID) -> Response:
    is_first = request.form.get("first") == "1"
    caseload_views.put_first(guards.viewer(), view_id, is_first=is_first)
    flash(gettext("Couples begins with this view now.") if is_first else gettext("Couples begins with everybody now."))
    return redirect(url_for("coach.couples_index"), 303)


@area.post("/couples/views/<uuid:view_id>/remove")
def couples_remove_view(view_id: UUID) -> Response:
    caseload_views.remove(guards.viewer(), view_id)
    flash(gettext("This view is removed. Nobody is changed by that."))
    return redirect(url_for("coach.couples_index"), 303)


@area.post("/couples/list.csv")
def couples_file() -> Response:
    """The whole list as the address describes it, a row a couple."""
    lines = caseload.as_file(guards.viewer(), query_of(request.args))
    head = (
        gettext("Couple"), gettext("State"), gettext("Step"), gettext("Last active"), gettext("Next session"),
        gettext("Task now"), gettext("Last day of it"), gettext("Sent by"), gettext("Forms to read"),
        gettext("Needs you"),
    )  # fmt: skip
    content = sheet([head, *(_row(line) for line in lines)])
    guards.check_again()  # a long file took its time
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(content, mimetype="text/csv", headers=headers)


def _row(line: CaseloadLine) -> tuple[str, ...]:
    """A couple as cells: days and times on the reader's own wall."""
    task, names = line.task, {Label.A: line.name_a, Label.B: line.name_b}
    needs = [str(NEEDS_WORDS[reason]) for reason in line.waiting if reason is not Waiting.RESPONSES]
    return (
        line.names,
        str(STATE_WORDS[line.state]),
        line.step,
        _day(line.heard_at),
        _moment(line.next.starts_at if line.next else None),
        task.title if task else "",
        _day(task.due_at - timedelta.resolution if task else None),
        ", ".join(names[label] for label in task.sent) if task else "",
        str(line.unread),
        "; ".join(needs),
    )


def _day(instant: datetime | None) -> str:
    return f"{_on_the_wall(instant):%Y-%m-%d}" if instant else ""


def _moment(instant: datetime | None) -> str:
    return f"{_on_the_wall(instant):%Y-%m-%d %H:%M}" if instant else ""


def _on_the_wall(instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo(guards.zone()))
