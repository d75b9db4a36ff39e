"""Notes of a session over HTTP: written, looked at, locked and added to, each on a page of its own."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Conflict, Invalid, NotAllowed
from portal.domain.people import Role
from portal.domain.session_notes import NoteOf
from portal.output.markdown import as_html
from portal.services import session_notes, sessions, supervision
from portal.services.session_notes import NoteShown
from portal.web import filters, guards
from portal.web.coach.area import area
from portal.web.forms.session_notes import AddendumForm, SessionNoteForm, outlined, title_of
from portal.web.forms.words import words_for

NOTE = "/sessions/<uuid:session_id>/notes/<any(joint,a,b,private):note_of>"
Page = str | Response | tuple[str, int]


@area.get(NOTE)
@guards.opens_to(Role.SUPERVISOR)
def session_note(session_id: UUID, note_of: str) -> str:
    note = session_notes.note(guards.viewer(), session_id, NoteOf(note_of))
    form = SessionNoteForm(formdata=None, text=note.text, version=str(note.state.version))
    return _page(note, form, AddendumForm(formdata=None))


def _page(note: NoteShown, form: SessionNoteForm, addendum: AddendumForm, elsewhere: str | None = None) -> str:
    """`elsewhere` is what was saved in another window meanwhile, where that stands beside what was typed."""
    viewer = guards.viewer()
    shown = sessions.session(viewer, note.session_id)
    supervision.note_reading(viewer, shown.line.couple_id)
    return render_template(
        "coach/sessions/note.html",
        line=shown.line,
        note=note,
        title=title_of(note.note_of, shown.name_a, shown.name_b),
        other=shown.name_b if note.note_of is NoteOf.A else shown.name_a,
        written=as_html(note.text) if note.text else None,
        added=[(one, as_html(one.text) if one.text else None) for one in note.addenda],
        form=form,
        addendum=addendum,
        elsewhere=elsewhere,
        looks="look" in request.args,
    )


@area.post(NOTE)
def session_note_save(session_id: UUID, note_of: str) -> Page:
    form, outline = SessionNoteForm(), request.form.get("outline")
    if outline and not (form.text.data or "").strip():
        form.text.data = outlined(outline)
    refused = _kept(session_id, note_of, form, session_notes.save)
    if refused is not None:
        return refused
    if "look" in request.form:
        return redirect(url_for("coach.session_note", session_id=session_id, note_of=note_of, look=1), 303)
    return _back(session_id, note_of, gettext("Saved as a draft."))


def _kept(session_id: UUID, note_of: str, form: SessionNoteForm, act: Callable[..., object]) -> Page | None:
    """Keep what was typed; the page that says why it is not, with every word of it still there."""
    viewer, kind = guards.viewer(), NoteOf(note_of)
    try:
        act(viewer, session_id, kind, form.text.data or "", form.over)
    except Conflict as conflict:
        return _both_texts(conflict, form), 409
    except NotAllowed as refusal:  # locked in another window, or of somebody who was erased meanwhile
        addendum = AddendumForm(formdata=None, text=form.text.data)
        addendum.refuse("text", words_for(refusal))
        return _page(session_notes.note(viewer, session_id, kind), SessionNoteForm(formdata=None), addendum), 409
    except Invalid as error:
        form.refuse("text", words_for(error))
        return _page(session_notes.note(viewer, session_id, kind), form, AddendumForm(formdata=None)), 422
    return None


def _both_texts(conflict: Conflict, form: SessionNoteForm) -> str:
    """What was typed stands in the form, over the version that was saved meanwhile; that text stands below."""
    newer: NoteShown = conflict.params["note"]  # type: ignore[assignment]  # the service puts it there
    form.version.data = str(newer.state.version)
    form.text.errors = [words_for(conflict)]
    return _page(newer, form, AddendumForm(formdata=None), elsewhere=newer.text or "")


def _back(session_id: UUID, note_of: str, said: str) -> Response:
    flash(said)
    return redirect(url_for("coach.session_note", session_id=session_id, note_of=note_of), 303)


@area.post(f"{NOTE}/draft")
def session_note_draft(session_id: UUID, note_of: str) -> Response | tuple[Response, int]:
    form = SessionNoteForm()
    try:
        saved = session_notes.save(guards.viewer(), session_id, NoteOf(note_of), form.text.data or "", form.over)
    except (Conflict, Invalid, NotAllowed) as refusal:
        return jsonify(message=words_for(refusal)), 409
    return jsonify(version=saved.state.version, saved_at=filters.time(saved.saved_at) if saved.saved_at else "")


@area.post(f"{NOTE}/lock")
def session_note_lock(session_id: UUID, note_of: str) -> Page:
    """What stands in the field is saved first: nobody locks what they do not see."""
    refused = _kept(session_id, note_of, SessionNoteForm(), session_notes.lock)
    return refused or _back(session_id, note_of, gettext("Locked. From now on it is added to."))


@area.post(f"{NOTE}/addenda")
def session_note_add(session_id: UUID, note_of: str) -> Page:
    form = AddendumForm()
    try:
        session_notes.add(guards.viewer(), session_id, NoteOf(note_of), form.text.data or "")
    except Invalid as error:
        form.refuse("text", words_for(error))
        note = session_notes.note(guards.viewer(), session_id, NoteOf(note_of))
        return _page(note, SessionNoteForm(formdata=None), form), 422
    return _back(session_id, note_of, gettext("Added."))
