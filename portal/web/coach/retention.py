"""How long the practice keeps records, whose time is over, and the holds on some of them."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.erasure import RunsFrom
from portal.domain.errors import NotAllowed
from portal.domain.people import Role
from portal.services import holds, retention
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.rights import PersonForm, RetentionForm
from portal.web.forms.words import words_for

SHOW = "coach.retention"


@area.get("/practice/retention", endpoint="retention")
def retention_show() -> str:
    return _page(None, None)


@area.post("/practice/retention")
@guards.for_owner
@guards.needs_step_up(SHOW)
def retention_set() -> Response | tuple[str, int]:
    form = RetentionForm()
    if not form.validate_on_submit():
        return _page(form, None), 422
    retention.set_rule(guards.viewer(), RunsFrom(form.runs_from.data), form.months.data, form.note.data or "")
    return _done(gettext("Saved. Nothing is erased by itself: each time it takes two approvals."))


@area.get("/practice/holds")
def holds_again() -> Response:
    """The address that a refused form leaves in the browser, loaded anew."""
    return redirect(url_for(SHOW), 303)


@area.post("/practice/holds")
@guards.for_owner
@guards.needs_step_up(SHOW)
def holds_place() -> Response | tuple[str, int]:
    form = PersonForm()
    if not form.validate_on_submit():
        return _page(None, form), 422
    try:
        holds.place(guards.viewer(), guards.typed_id(form.person.data))
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
        return redirect(url_for(SHOW), 303)
    return _done(gettext("On hold. Nothing of theirs is erased until you lift it."))


@area.post("/practice/holds/<uuid:hold_id>/lift")
@guards.for_owner
@guards.needs_step_up(SHOW)
def holds_lift(hold_id: UUID) -> Response:
    holds.lift(guards.viewer(), hold_id)
    return _done(gettext("Lifted."))


def _done(line: str) -> Response:
    flash(line)
    return redirect(url_for(SHOW), 303)


def _page(rule_form: RetentionForm | None, hold_form: PersonForm | None) -> str:
    viewer = guards.viewer()
    rule = retention.rule(viewer)
    empty = RetentionForm(
        formdata=None,
        runs_from=rule.runs_from.value if rule else None,
        months=rule.months if rule else None,
        note=rule.note if rule else "",
    )
    return render_template(
        "coach/retention/show.html",
        rule=rule,
        over=retention.over(viewer),
        holds=holds.holds(viewer),
        rule_form=rule_form or empty,
        hold_form=(hold_form or PersonForm(formdata=None)).offer(holds.people(viewer)),
        is_owner=viewer.role is Role.OWNER,
        wrong=rule_form or hold_form or [],
    )
