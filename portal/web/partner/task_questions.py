"""Asking the coach about one's own task, and, behind the pass phrase, what was asked and answered."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid, NotAllowed
from portal.services import task_questions
from portal.services.task_questions import Lines
from portal.web import guards
from portal.web.forms.task_questions import AskForm, ShowForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner.area import area

Page = Response | tuple[str, int] | str


@area.route("/tasks/<uuid:task_id>/question", methods=["GET", "POST"])
@counts_guesses
def tasks_question(task_id: UUID) -> Page:
    if "text" in request.form:
        return _ask(task_id, AskForm())
    form = ShowForm()
    if form.validate_on_submit():
        try:
            lines = task_questions.show(guards.viewer(), task_id, form.passphrase.data)
            return _page(task_id, AskForm(formdata=None), form, lines)
        except (Invalid, NotAllowed) as refusal:
            form.passphrase.errors = [words_for(refusal)]
    page = _page(task_id, AskForm(formdata=None), form)
    return (page, 422) if request.method == "POST" else page


def _ask(task_id: UUID, form: AskForm) -> Page:
    try:
        if not form.validate_on_submit():
            return _page(task_id, form, ShowForm(formdata=None)), 422
        task_questions.ask(guards.viewer(), task_id, form.text.data or "")
        flash(gettext("Sent to %(coach)s, and to nobody else.", coach=guards.standing().coach_name))
    except Invalid as refusal:
        form.text.errors = [words_for(refusal)]
        return _page(task_id, form, ShowForm(formdata=None)), 422
    except NotAllowed as refusal:  # what was typed stays on the page
        form.text.errors = [words_for(refusal)]
        return _page(task_id, form, ShowForm(formdata=None)), 409
    return redirect(url_for("partner.tasks_question", task_id=task_id), 303)


def _page(task_id: UUID, ask: AskForm, show: ShowForm, lines: tuple[Lines, ...] | None = None) -> str:
    about = task_questions.about(guards.viewer(), task_id)
    return render_template("partner/task_questions/show.html", about=about, ask_form=ask, show_form=show, asked=lines)
