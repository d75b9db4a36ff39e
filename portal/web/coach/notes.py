"""Notes around a session over HTTP: written on its page, and settled there."""

from uuid import UUID

from flask import request
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.domain.sessions import NoteKind
from portal.services import notes, sessions
from portal.web import guards
from portal.web.coach.area import area
from portal.web.coach.sessions import Page, show, shown_again
from portal.web.forms.sessions import NoteForm


@area.post("/sessions/<uuid:session_id>/notes")
def notes_create(session_id: UUID) -> Page:
    form = NoteForm()
    form.fill(sessions.session(guards.viewer(), session_id))
    if form.validate():
        try:
            notes.write(guards.viewer(), session_id, NoteKind(form.kind.data), form.text.data)
        except Invalid as error:
            form.refuse(error)
        else:
            return shown_again(session_id, gettext("Kept."))
    return show(session_id, note=form), 422


@area.post("/notes/<uuid:note_id>/settle")
def notes_settle(note_id: UUID) -> Response:
    written_in = notes.close_thread(guards.viewer(), note_id)
    here = request.form.get("session")  # the page that it was settled on may be a later session's
    return shown_again(guards.typed_id(here) if here else written_in, gettext("Settled."))
