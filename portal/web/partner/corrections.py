"""A correction of what was sent: one question answered again, or the private ones, behind the pass phrase."""

from collections.abc import Iterable
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug import Response

from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.services import correcting, responses, sealed
from portal.services.correcting import AskedAgain
from portal.services.drafts import Typed
from portal.services.responses import OpenTask
from portal.web import guards
from portal.web.forms import responses as forms
from portal.web.forms.doors import RevealForm
from portal.web.forms.responses import Question
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner.area import area


@area.get("/tasks/<uuid:task_id>/correction")
def tasks_correction(task_id: UUID) -> Response | str:
    try:
        asked = _asked(task_id)
    except NotAllowed:
        return redirect(url_for("partner.tasks_show", task_id=task_id), 303)
    return _page(asked.task, forms.questions_again(asked.items, asked.typed), RevealForm(formdata=None), asked)


def _question() -> str:
    return request.args.get("question", correcting.PRIVATE)


def _asked(task_id: UUID) -> AskedAgain:
    return correcting.ask_again(guards.viewer(), task_id, _question(), guards.web_token())


def _page(task: OpenTask, questions: Iterable[Question], form: RevealForm, asked: AskedAgain | None) -> str:
    """The questions; without `asked` the form is closed, whom the answer is for is not said, and the page asks."""
    return render_template(
        "partner/tasks/correction.html",
        task=task,
        question=_question(),
        questions=tuple(questions),
        is_private=_question() == correcting.PRIVATE,
        form=form,
        asked=asked,
    )


@area.post("/tasks/<uuid:task_id>/correction")
@counts_guesses
def tasks_correct(task_id: UUID) -> Response | tuple[str, int]:
    viewer, token = guards.viewer(), guards.web_token()
    task = responses.open_for(viewer, task_id)
    typed, form = forms.read(task, request.form), RevealForm()
    try:
        if form.passphrase.data:
            sealed.unseal(viewer, task_id, form.passphrase.data, token)
        takes_parked = forms.PARKED in request.form
        link = guards.link("auth.sign_in")
        correcting.correct(viewer, task_id, _question(), typed.raw, token, link, takes_parked=takes_parked)
    except NotAllowed:  # the five minutes are over: what was typed stays on the page, and the pass phrase sends it
        return _closed(task, typed, form), 409
    except Invalid as refusal:
        if refusal.code == "cannot_be_sent":
            refusals: dict[str, Invalid] = refusal.params["refusals"]  # type: ignore[assignment]  # it puts them there
            asked = _asked(task_id)
            return _page(task, forms.questions_again(asked.items, typed, refusals), form, asked), 422
        form.passphrase.errors = [words_for(refusal)]
        return _closed(task, typed, form), 422
    return redirect(url_for("partner.tasks_show", task_id=task_id), 303)


def _closed(task: OpenTask, typed: Typed, form: RevealForm) -> str:
    """What was just typed and nothing else."""
    is_wanted = task.locked_ids.__contains__ if _question() == correcting.PRIVATE else _question().__eq__
    items = [item for item in task.items if is_wanted(item.id)]
    if not items:
        raise NotFound
    return _page(task, forms.questions_again(items, typed), form, None)
