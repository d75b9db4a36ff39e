"""A sent form: sealed on the client's side until the pass phrase is given, and then for five minutes."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid, NotAllowed
from portal.services import entering, releases, responses, sealed
from portal.web import guards
from portal.web.forms.answers import Sheet, in_words, row_of, sorted_by_reader
from portal.web.forms.doors import RevealForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner.area import area


def page(task_id: UUID, form: RevealForm | None = None) -> str:
    """The page of a sent form; the prompt is the same on every one."""
    found = sealed.sent_task(guards.viewer(), task_id, guards.web_token())
    return render_template(
        "partner/tasks/sealed.html",
        found=found,
        task=found.task,
        form=form or RevealForm(),
        sheets=_sheets(found),
        questions={item.id: item.label for item in found.task.questionnaire.items},
        in_words=in_words,
        begun=[row_of(item, answer) for item, answer in entering.begun(found.task)] if found.answers else [],
        partner_name=None if found.is_for_coach_alone else guards.standing().beside,
    )


def _sheets(found: sealed.SentTask) -> tuple[Sheet, ...]:
    answers = found.answers or ()
    correct = url_for("partner.tasks_correction", task_id=found.task.task_id, question="")
    pairs, may_choose = ((a.item, a.answer) for a in answers), any(a.may_change for a in answers)
    return sorted_by_reader(pairs, may_choose, correct, names_skipped=True)


@area.post("/tasks/<uuid:task_id>/reveal")
@counts_guesses
def tasks_reveal(task_id: UUID) -> Response | tuple[str, int]:
    form = RevealForm()
    if not form.validate_on_submit():
        return page(task_id, form), 422
    try:
        sealed.unseal(guards.viewer(), task_id, form.passphrase.data, guards.web_token())
    except Invalid as refusal:
        form.passphrase.errors = [words_for(refusal)]
        return page(task_id, form), 422
    return redirect(url_for("partner.tasks_show", task_id=task_id), 303)


@area.post("/tasks/<uuid:task_id>/disclosures")
def tasks_disclosures(task_id: UUID) -> Response:
    viewer, token = guards.viewer(), guards.web_token()
    if "open_now" in request.form:
        sealed.open_now(viewer, task_id, token)
    elif "narrow" in request.form:
        sealed.choose_reader(viewer, task_id, request.form["narrow"], Disclosure.COACH, token)
    elif "widen" in request.form:
        wanted = sealed.offered(viewer, task_id, request.form["widen"])
        sealed.choose_reader(viewer, task_id, request.form["widen"], wanted, token)
    else:
        responses.open_for(viewer, task_id)  # what is not theirs is not found, whatever was posted
        raise NotAllowed("nothing_chosen")
    return redirect(url_for("partner.tasks_show", task_id=task_id), 303)


@area.post("/tasks/<uuid:task_id>/requests")
def tasks_requests(task_id: UUID) -> Response:
    says_yes = "yes" in request.form
    item_id = request.form.get("yes" if says_yes else "no", "")
    try:
        releases.answer(guards.viewer(), task_id, item_id, guards.web_token(), says_yes=says_yes)
        flash(gettext("Thank you. Nothing else changes by it."))
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return redirect(url_for("partner.tasks_show", task_id=task_id), 303)
