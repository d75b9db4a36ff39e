"""One's own sent form as a page of paper to take along, behind the pass phrase, each time anew."""

from uuid import UUID

from flask import current_app, render_template
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.output.papers import render_copy
from portal.output.render import NotRendered, render_pdf
from portal.services import own_copies
from portal.services.own_copies import OwnCopy
from portal.web import guards
from portal.web.forms.account import CopyForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner import files
from portal.web.partner.area import area
from portal.web.voice import voice


@area.get("/tasks/<uuid:task_id>/copy")
def tasks_copy(task_id: UUID) -> str:
    return _page(task_id, CopyForm(formdata=None))


@area.post("/tasks/<uuid:task_id>/copy")
@counts_guesses
def tasks_take_copy(task_id: UUID) -> Response | tuple[str, int]:
    form = CopyForm()
    if form.validate_on_submit():
        try:
            return _file(own_copies.own_copy(guards.viewer(), task_id, form.passphrase.data))
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
        except NotRendered:
            form.passphrase.errors = [gettext("This is more than can be set in pages. Account has it as a table too.")]
    return _page(task_id, form), 422


def _page(task_id: UUID, form: CopyForm) -> str:
    """The page that asks: the same for every form that was sent, whatever stands in it."""
    task = own_copies.sent(guards.viewer(), task_id)
    return render_template("partner/tasks/copy.html", task=task, form=form, note=files.note())


def _file(copy: OwnCopy) -> Response:
    """The file under the name that own data has as pages, whatever the form is about."""
    site_name = current_app.extensions["portal.settings"].site_name
    content = render_pdf(render_copy(files.as_copy(copy), voice(), site_name=site_name)).content
    guards.check_again()  # a page takes its time
    headers = {"Content-Disposition": 'attachment; filename="answers.pdf"'}
    return Response(content, mimetype="application/pdf", headers=headers)
