"""Asking whether a private answer may be brought into a session, or releasing it where its author was told."""

from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid, NotAllowed
from portal.domain.releases import Step, step_under
from portal.services import releases, reviews
from portal.services.reviews import ReadResponse
from portal.web import guards
from portal.web.coach.area import area
from portal.web.coach.responses import here, page
from portal.web.forms.releases import RequestForm
from portal.web.forms.reviews import ReviewForm
from portal.web.forms.words import words_for


@area.post("/responses/<uuid:response_id>/requests")
def responses_request(response_id: UUID) -> Response | tuple[str, int]:
    found = reviews.read(guards.viewer(), response_id)
    form = RequestForm()
    if not form.validate_on_submit():
        return _again(found, form)
    try:
        _act(found, form)
    except Invalid as refusal:
        form[refusal.params["field"]].errors = [words_for(refusal)]
        return _again(found, form)
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return redirect(here(response_id, "into-session"), 303)


def _act(found: ReadResponse, form: RequestForm) -> None:
    viewer, response_id, item_id = guards.viewer(), found.form.response_id, form.item.data or ""
    if step_under(found.policy) is Step.RELEASE:
        releases.release(viewer, response_id, item_id, is_told=form.told.data)
        flash(gettext("Noted. It opens in a session of both, when you open it there."))
    else:
        releases.ask(viewer, response_id, item_id, form.why.data or "")
        flash(gettext("Asked. %(name)s finds it with what was sent, behind the pass phrase.", name=found.author_name))


def _again(found: ReadResponse, form: RequestForm) -> tuple[str, int]:
    return page(found, ReviewForm(formdata=None, feedback=found.feedback), form), 422


@area.post("/responses/<uuid:response_id>/requests/<uuid:request_id>/withdraw")
def responses_withdraw_request(response_id: UUID, request_id: UUID) -> Response:
    try:
        releases.withdraw(guards.viewer(), response_id, request_id)
        flash(gettext("Taken back."))
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return redirect(here(response_id, "into-session"), 303)
