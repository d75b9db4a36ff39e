"""The practice: its people, when it reads, its policy, and the contacts that it checks itself."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.domain.people import Role
from portal.services import contacts, practices, printing, working_hours
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.practice import AUDIENCES, ContactForm, ReadingHoursForm
from portal.web.forms.words import words_for


@area.get("/practice/")
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
def practice_show() -> str:
    return _page(None, None)


@area.get("/practice/reading-hours")
@area.get("/practice/contacts")
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
def practice_again() -> Response:
    """The addresses that a refused form leaves in the browser, loaded anew."""
    return redirect(url_for("coach.practice_show"), 303)


@area.post("/practice/reading-hours")
@guards.for_owner
def practice_reading_hours() -> Response | tuple[str, int]:
    form = ReadingHoursForm()
    if not form.validate_on_submit():
        return _page(form, None), 422
    try:
        working_hours.set_hours(guards.viewer(), form.hours, form.reading_hours.data or "")
    except Invalid as error:
        form.refuse(error.params["field"], words_for(error))
        return _page(form, None), 422
    return _saved(gettext("Saved. Partners read these hours from now on."))


@area.post("/practice/paper")
@guards.for_owner
def practice_paper() -> Response:
    prints_strip = request.form.get("strip") == "full"
    printing.choose(guards.viewer(), prints_strip=prints_strip)
    if prints_strip:
        return _saved(gettext("From now on a coach copy on paper says in full what stands before the door."))
    return _saved(gettext("From now on every coach copy on paper has the same one line there."))


@area.post("/practice/contacts")
@guards.for_owner
def practice_add_contact() -> Response | tuple[str, int]:
    form = ContactForm()
    if not form.validate_on_submit():
        return _page(None, form), 422
    try:
        contacts.add(guards.viewer(), form.listed)
    except Invalid as error:
        form.phone.errors = [words_for(error)]
        return _page(None, form), 422
    return _saved(gettext("Added, and checked today."))


@area.post("/practice/contacts/<uuid:contact_id>/check")
@guards.for_owner
def practice_check_contact(contact_id: UUID) -> Response:
    contacts.mark_checked(guards.viewer(), contact_id)
    return _saved(gettext("Noted: checked today."))


@area.post("/practice/contacts/<uuid:contact_id>/remove")
@guards.for_owner
def practice_remove_contact(contact_id: UUID) -> Response:
    contacts.remove(guards.viewer(), contact_id)
    return _saved(gettext("Taken off the list."))


def _saved(text: str) -> Response:
    flash(text)
    return redirect(url_for("coach.practice_show"), 303)


def _page(hours: ReadingHoursForm | None, contact: ContactForm | None) -> str:
    found = practices.practice(guards.viewer())
    kept = contacts.kept_by_practice(guards.viewer())
    hours_form = hours or ReadingHoursForm.of(found.hours, found.reading_hours)
    return render_template(
        "coach/practice/show.html",
        practice=found,
        contacts=kept,
        lacks_contacts=contacts.lacks({one.listed.audience for one in kept}),
        audiences=dict(AUDIENCES),
        hours_form=hours_form,
        contact_form=contact or ContactForm(formdata=None),
        adds_contact=contact is not None,
        wrong=hours or contact or [],
    )
