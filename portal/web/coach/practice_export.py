"""The practice's own data as one file for its owner, behind the pass phrase, each time anew."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

from flask import render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from portal import clock
from portal.domain.errors import Invalid
from portal.output.folder import folder
from portal.output.sheet import sheet
from portal.services import practice_exports
from portal.services.practice_exports import PracticeData
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.practice import PracticeExportForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses

FILE_NAME = "lists.zip"
NUMBER, NAME, STATE, SINCE, COUPLE, PERSON = (
    _l("Number"), _l("Name"), _l("State"), _l("Since"), _l("Couple"), _l("Person"),
)  # fmt: skip
COLUMNS = {
    "members": (NUMBER, NAME, _l("Role"), STATE, SINCE),
    "couples": (NUMBER, STATE, SINCE, _l("Coach"), _l("Partner A"), _l("Partner B")),
    "sessions": (NUMBER, COUPLE, _l("Coach"), _l("Kind"), STATE, _l("Begins"), _l("Minutes")),
    "assigned": (
        NUMBER, COUPLE, _l("Title"), _l("Given to"), _l("Given on"), _l("Due on"), _l("Taken back"), _l("By"),
    ),
    "pathways": (
        NUMBER, COUPLE, _l("Title"), _l("Given to"), _l("Place"), _l("Begun"), _l("Ended"), _l("Left out"),
    ),
    "consents": (
        PERSON, _l("Given at"), _l("Version of the text"), _l("Policy"), _l("Version of the policy"), _l("Language"),
        _l("Taken back"),
    ),
    "contacts": (
        *(_l("Country"), _l("For"), NAME, _l("Phone"), _l("Text messages"), _l("Page"), _l("Hours")),
        *(_l("Languages"), _l("Region"), _l("Checked on"), _l("Checked by")),
    ),
    "holds": (PERSON, SINCE, _l("Lifted")),
    "shelf": (
        *(_l("Step"), _l("Place"), _l("Kind"), _l("Title"), _l("Page"), _l("Minutes"), _l("Why"), _l("Taken off")),
    ),
}  # fmt: skip


@area.route("/practice/export", methods=["GET", "POST"], endpoint="practice_export")
@guards.for_owner
@counts_guesses
def export() -> Response | tuple[str, int] | str:
    form = PracticeExportForm()
    if form.validate_on_submit():
        try:
            return _file(practice_exports.practice_data(guards.viewer(), form.passphrase.data))
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    page = render_template("coach/practice/export.html", form=form)
    return (page, 422) if request.method == "POST" else page


def _file(data: PracticeData) -> Response:
    content = folder(dict(_files(data)), clock.now())
    guards.check_again()  # a long file took its time
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(content, mimetype="application/zip", headers=headers)


def _files(data: PracticeData) -> Iterator[tuple[str, bytes]]:
    for name, rows in data.lists.items():
        head = [str(word) for word in COLUMNS[name]]
        yield f"{name}.csv", sheet([head, *([_cell(value) for value in row] for row in rows)])
    documents = {"settings": data.settings, "steps": data.steps, "library": data.library, "texts": data.texts}
    for name, found in documents.items():
        yield f"{name}.json", json.dumps(found, ensure_ascii=False, indent=2, default=_cell).encode()


def _cell(value: object) -> str:
    """A value as text; instants in UTC."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
