"""One's own data as a file, behind the pass phrase."""

import json

from flask import render_template, request
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import exports
from portal.web import guards
from portal.web.forms.account import ExportForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner.area import area

FILE_NAME = "answers.json"


@area.route("/export", methods=["GET", "POST"])
@counts_guesses
def export() -> Response | tuple[str, int] | str:
    form = ExportForm()
    if form.validate_on_submit():
        try:
            return _file(exports.own_answers(guards.viewer(), form.passphrase.data))
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    page = render_template("partner/export/show.html", form=form)
    return (page, 422) if request.method == "POST" else page


def _file(forms: list[dict[str, object]]) -> Response:
    line = gettext(
        "Answers to the private questions are not in this file; ask %(coach)s for them.",
        coach=guards.standing().coach_name,
    )
    text = json.dumps({"note": line, "forms": forms}, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(text, mimetype="application/json", headers=headers)
