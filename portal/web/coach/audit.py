"""The owner's view of the audit trail: a list with filters, and, behind the pass phrase, the same as a file."""

from flask import render_template, request
from flask_babel import gettext
from werkzeug import Response
from wtforms.fields.choices import SelectChoice

from portal.domain.errors import Invalid
from portal.output.sheet import sheet
from portal.services import audit_trail
from portal.services.audit_trail import TrailLine
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.audit import KINDS, TrailFileForm, TrailForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses

FILE_NAME = "record.csv"


@area.get("/practice/audit")
@guards.for_owner
def audit_index() -> tuple[str, int] | str:
    form = TrailForm(request.args)
    form.validate()
    return _page(form, TrailFileForm(formdata=None))


@area.post("/practice/audit.csv")
@guards.for_owner
@counts_guesses
def audit_file() -> Response | tuple[str, int] | str:
    """The file, with the filters of its address; each time behind the pass phrase."""
    form, again = TrailForm(request.args), TrailFileForm()
    if again.validate() & form.validate():
        query = form.query(guards.zone(), "")
        try:
            return _file(audit_trail.trail_as_file(guards.viewer(), query, again.passphrase.data))
        except Invalid as refusal:
            refused = form.since if refusal.code == "too_many_days" else again.passphrase
            refused.errors = [words_for(refusal)]
    return _page(form, again)


def _file(lines: tuple[TrailLine, ...]) -> Response:
    head = (gettext("When"), gettext("What"), gettext("Who"), gettext("Whom"), gettext("Kind"))
    rows = (
        (f"{line.at:%Y-%m-%dT%H:%M:%SZ}", _sentence(line), line.who or "", line.whom or "", str(KINDS[line.kind]))
        for line in lines
    )
    content = sheet([head, *rows])
    guards.check_again()  # a long file took its time
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(content, mimetype="text/csv", headers=headers)


def _sentence(line: TrailLine) -> str:
    somebody = gettext("somebody")
    names = {"who": line.who, "whom": line.whom, "third": line.third}
    said: str = gettext(line.words, **{place: name or somebody for place, name in names.items()})
    return said[:1].upper() + said[1:]


def _page(form: TrailForm, again: TrailFileForm) -> tuple[str, int] | str:
    found = audit_trail.trail(guards.viewer(), form.query(guards.zone(), request.args.get("page", "")))
    everybody = [SelectChoice(str(person_id), name) for person_id, name in found.people]
    form.person.choices = [SelectChoice("", gettext("Everybody")), *everybody]
    page = render_template(
        "coach/audit/index.html",
        found=found,
        form=form,
        again=again,
        kinds=KINDS,
        sentence=_sentence,
        most_days=audit_trail.MOST_DAYS,
    )
    return (page, 422) if form.errors or again.errors else page
