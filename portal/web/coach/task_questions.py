"""A question about a task as the coach reads it, and the one line back."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Conflict, Invalid, NotAllowed
from portal.services import task_questions
from portal.services.task_questions import MOST_SHOWN
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.task_questions import AnswerForm
from portal.web.forms.words import words_for


@area.get("/questions/")
def task_questions_index() -> str:
    return render_template(
        "coach/task_questions/index.html", waiting=task_questions.waiting(guards.viewer()), most=MOST_SHOWN
    )


@area.get("/questions/<uuid:question_id>")
def task_questions_show(question_id: UUID) -> str:
    return _page(question_id, AnswerForm(formdata=None))


@area.post("/questions/<uuid:question_id>")
def task_questions_answer(question_id: UUID) -> Response | tuple[str, int]:
    form = AnswerForm()
    try:
        if not form.validate_on_submit():
            return _page(question_id, form), 422
        name = task_questions.answer(guards.viewer(), question_id, form.answer.data or "", guards.link("partner.home"))
        flash(gettext("Sent to %(name)s.", name=name))
    except Invalid as refusal:
        form.answer.errors = [words_for(refusal)]
        return _page(question_id, form), 422
    except (Conflict, NotAllowed) as refusal:  # what was typed stays on the page
        form.answer.errors = [words_for(refusal)]
        return _page(question_id, form), 409
    return redirect(url_for("coach.task_questions_index"), 303)


def _page(question_id: UUID, form: AnswerForm) -> str:
    asked = task_questions.read(guards.viewer(), question_id)
    return render_template("coach/task_questions/show.html", asked=asked, form=form)
