"""One's own data as a file, behind the pass phrase, each time anew."""

from flask import current_app, render_template, request
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.output.papers import render_answers
from portal.output.render import NotRendered, render_pdf
from portal.services import exports
from portal.services.exports import OwnData
from portal.web import guards
from portal.web.forms.account import ExportForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner import files
from portal.web.partner.area import area
from portal.web.voice import voice

TYPES = {"json": "application/json", "csv": "text/csv", "pdf": "application/pdf", "fhir": "application/fhir+json"}
NAMES = {"fhir": "answers.fhir.json"}


@area.route("/export", methods=["GET", "POST"])
@counts_guesses
def export() -> Response | tuple[str, int] | str:
    form = ExportForm() if request.method == "POST" else ExportForm(formdata=None, kind="pdf")
    if form.validate_on_submit():
        try:
            return _file(exports.own_data(guards.viewer(), form.passphrase.data), form.kind.data or "json")
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
        except NotRendered:
            form.kind.errors = [gettext("This is more than can be set in pages at once. Take one of the other two.")]
    page = render_template("partner/export/show.html", form=form, note=files.note())
    return (page, 422) if request.method == "POST" else page


def _file(data: OwnData, kind: str) -> Response:
    """The file under a name that is the same for everybody."""
    made = {"json": files.as_json, "csv": files.as_table, "pdf": _pdf, "fhir": files.as_fhir}[kind]
    content = made(data)
    guards.check_again()  # pages take their time
    headers = {"Content-Disposition": f'attachment; filename="{NAMES.get(kind, f"answers.{kind}")}"'}
    return Response(content, mimetype=TYPES[kind], headers=headers)


def _pdf(data: OwnData) -> bytes:
    site_name = current_app.extensions["portal.settings"].site_name
    return render_pdf(render_answers(files.as_paper(data), voice(), site_name=site_name)).content
