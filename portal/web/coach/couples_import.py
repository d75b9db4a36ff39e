"""Inviting many couples from a table: choose the file, look at what was read, send; no mail goes before that."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal import randomness
from portal.domain.errors import Invalid
from portal.domain.invited import COLUMNS, MOST_COUPLES, PairsRead
from portal.domain.people import Role
from portal.input import couples_csv
from portal.services import contacts, hand_overs, inviting_many
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.couples_import import ImportForm, said
from portal.web.forms.words import words_for

SAMPLE = "\n".join((",".join(COLUMNS), "Eva,eva@home.example,Finn,finn@home.example"))


@area.get("/couples/import")
@guards.opens_to(Role.ASSISTANT)
def couples_import() -> str:
    return _page(_form())


@area.post("/couples/import")
@guards.opens_to(Role.ASSISTANT)
def couples_import_read() -> tuple[str, int] | str:
    """What the file says, to be looked at; it is carried along in the page alone, and kept nowhere."""
    form = _form()
    is_valid = form.validate()
    if not form.file.data:
        form.file.errors = [gettext("Choose a file first.")]
    if not is_valid or not form.file.data:
        return _page(form), 422
    read = _read(form, form.file.data.read())
    if read is None:
        return _page(form), 422
    form.sheet.data, form.key.data = couples_csv.text_of(read), randomness.new_token()
    return render_template("coach/couples/import_read.html", form=form, read=read, coach_name=form.coach_name)


@area.post("/couples/import/send")
@guards.opens_to(Role.ASSISTANT)
def couples_import_send() -> Response | tuple[str, int]:
    """Invite them all, or nobody: what the page carried along is read and checked once more."""
    form = _form()
    read = _read(form, (form.sheet.data or "").encode(errors="replace"))
    if read is not None and form.key.data:
        link, coach = guards.link_pattern("auth.invitation"), guards.typed_id(form.coach.data) if form.coach else None
        try:
            count = inviting_many.invite_many(guards.viewer(), read.pairs, link, form.key.data, coach)
        except Invalid as refusal:
            form.file.errors = [words_for(refusal)]
        else:
            flash(gettext("Invitations to %(count)s couples are on their way, one to each partner.", count=count))
            return redirect(url_for("coach.couples_index", state="invited", sort="names"), 303)
    return _page(form), 422


def _form() -> ImportForm:
    form = ImportForm()
    form.offer(hand_overs.coaches(guards.viewer()) if guards.viewer().role is Role.ASSISTANT else ())
    return form


def _read(form: ImportForm, data: bytes) -> PairsRead | None:
    """The couples of a table; None where something is wrong, which the form says then."""
    try:
        inviting_many.check_ready(guards.viewer())
        read = couples_csv.pairs(data)
    except Invalid as refusal:
        form.file.errors = [words_for(refusal)]
        return None
    form.file.errors = said(read.faults)
    return None if read.faults else read


def _page(form: ImportForm) -> str:
    lacks_contacts = contacts.lacks_contacts(guards.viewer())
    return render_template(
        "coach/couples/import.html", form=form, lacks_contacts=lacks_contacts, sample=SAMPLE, most=MOST_COUPLES
    )
