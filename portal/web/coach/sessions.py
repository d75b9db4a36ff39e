"""Sessions over HTTP: ahead and past, one with its notes, its close, and its brief on screen and paper."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import wraps
from itertools import groupby
from typing import TypeVar, cast
from uuid import UUID

from flask import Response as Reply
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, to_user_timezone
from werkzeug import Response

from portal import clock
from portal.domain.brief import Brief, JointBrief
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import Role
from portal.domain.sessions import NoteKind, SessionState
from portal.output.render import render_pdf
from portal.output.templates import preview_brief, render_brief
from portal.services import closing, exchanges, notes, session_prep, sessions, supervision
from portal.services.sessions import SessionLine, SessionShown
from portal.web import filters, guards
from portal.web.coach.area import area
from portal.web.forms.sessions import CloseForm, MoveForm, NoteForm, PlanForm, SessionForm, TogetherForm
from portal.web.forms.words import words_for
from portal.web.voice import voice

COACH, JOINT = "coach", "joint"
FILES = {COACH: "brief.pdf", JOINT: "joint.pdf"}

Page = str | Response | tuple[str, int]
View = TypeVar("View", bound=Callable[..., object])


def no_longer_for_both(view: View) -> View:
    """Say in one sentence, on the session's page, that one of the two takes part no more."""

    @wraps(view)
    def guarded(session_id: UUID) -> object:
        try:
            return view(session_id)
        except NotAllowed as refusal:
            if refusal.code != "not_for_both_now":
                raise
            flash(words_for(refusal), "look")
            return redirect(url_for("coach.sessions_show", session_id=session_id), 303)

    return cast(View, guarded)


@area.get("/sessions/")
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
def sessions_index() -> str:
    return _list(PlanForm())


@area.post("/sessions/")
@guards.opens_to(Role.ASSISTANT)
def sessions_create() -> Page:
    form = PlanForm()
    form.fill(sessions.couples_to_meet(guards.viewer()), None)
    if form.validate():
        try:
            new = form.new(_wall())
            session_id = sessions.plan(guards.viewer(), guards.typed_id(form.couple.data), new)
        except Invalid as error:
            form.refuse(error)
        else:
            flash(gettext("Planned."))
            return redirect(url_for("coach.sessions_show", session_id=session_id), 303)
    return _list(form), 422


def _list(form: PlanForm) -> str:
    viewer = guards.viewer()
    chosen = guards.typed_id(request.args["couple"]) if request.args.get("couple") else None
    couples = sessions.couples_to_meet(viewer)
    form.fill(couples, chosen)
    if viewer.role is Role.ASSISTANT:
        ahead = _by_day(sessions.ahead(viewer))
        return render_template("coach/desk/sessions.html", form=form, zone=_wall(), ahead=ahead)
    lines = sessions.of_couple(viewer, chosen) if chosen else None
    return render_template(
        "coach/sessions/index.html",
        form=form,
        zone=_wall(),
        lines=None if lines is None else _by_day(lines),
        names=lines[0].names if lines else dict(couples).get(chosen) if chosen else None,
        couple_id=chosen,
        ahead=_by_day(sessions.ahead(viewer)) if lines is None else [],
        past=_by_day(sessions.past(viewer)) if lines is None else [],
    )


def _by_day(lines: Iterable[SessionLine]) -> list[tuple[date, list[SessionLine]]]:
    """Sessions under the days on which they are for the reader, in the order in which they came."""
    days = groupby(lines, lambda line: to_user_timezone(line.starts_at).date())
    return [(day, list(of_day)) for day, of_day in days]


def _wall() -> str:
    """The zone in which times are typed."""
    return guards.standing().practice_zone


@area.get("/sessions/<uuid:session_id>")
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
def sessions_show(session_id: UUID) -> str:
    return _show(session_id)


def _show(session_id: UUID, move: MoveForm | None = None, note: NoteForm | None = None) -> str:
    viewer = guards.viewer()
    if viewer.role is Role.ASSISTANT:
        line = sessions.appointment(viewer, session_id)
        return render_template("coach/desk/session.html", line=line, move=move or _move_form(line), zone=_wall())
    shown = sessions.session(viewer, session_id)
    supervision.note_reading(viewer, shown.line.couple_id)
    move = move or _move_form(shown.line)
    if note is None:
        note = NoteForm(formdata=None)
    note.fill(shown)
    waiting = exchanges.of_session(viewer, session_id) if viewer.role.is_coach else ()
    return render_template(
        "coach/sessions/show.html", shown=shown, line=shown.line, move=move, note=note, zone=_wall(), exchanges=waiting
    )


def _move_form(line: SessionLine) -> MoveForm:
    form = MoveForm(formdata=None)
    form.start_with(line, _wall())
    return form


@area.post("/sessions/<uuid:session_id>/move")
@guards.opens_to(Role.ASSISTANT)
def sessions_move(session_id: UUID) -> Page:
    form = MoveForm()
    if form.validate():
        try:
            starts_at = form.starts_at(_wall())
            sessions.move(guards.viewer(), session_id, starts_at, form.minutes.data, form.place.data or "")
        except Invalid as error:
            form.refuse(error)
        else:
            return _shown(session_id, gettext("Kept. Tell them if they should know before they look."))
    return _show(session_id, move=form), 422


@area.post("/sessions/<uuid:session_id>/cancel")
@guards.opens_to(Role.ASSISTANT)
def sessions_cancel(session_id: UUID) -> Response:
    sessions.cancel(guards.viewer(), session_id)
    return _shown(session_id, gettext("Called off."))


@area.post("/sessions/<uuid:session_id>/held")
def sessions_held(session_id: UUID) -> Response:
    try:
        sessions.mark_held(guards.viewer(), session_id)
    except Invalid as error:
        raise NotAllowed(error.code) from None
    return _shown(session_id, gettext("Marked as held."))


def _shown(session_id: UUID, said: str) -> Response:
    flash(said)
    return redirect(url_for("coach.sessions_show", session_id=session_id), 303)


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
            return _shown(session_id, gettext("Kept."))
    return _show(session_id, note=form), 422


@area.post("/notes/<uuid:note_id>/settle")
def notes_settle(note_id: UUID) -> Response:
    written_in = notes.close_thread(guards.viewer(), note_id)
    here = request.form.get("session")  # the page that it was settled on may be a later session's
    return _shown(guards.typed_id(here) if here else written_in, gettext("Settled."))


@area.get("/sessions/<uuid:session_id>/close")
def sessions_close(session_id: UUID) -> str:
    shown = sessions.session(guards.viewer(), session_id)
    form = CloseForm(formdata=None)
    form.start_with([line for note in shown.notes_of(NoteKind.AGREED) for line in note.text.splitlines()])
    return _close_page(shown, form)


@area.post("/sessions/<uuid:session_id>/close")
def sessions_end(session_id: UUID) -> Page:
    shown = sessions.session(guards.viewer(), session_id)
    form = CloseForm()
    if form.validate():
        try:
            closing.close(guards.viewer(), session_id, form.closing(shown.line, _wall()))
        except (Invalid, NotAllowed) as error:
            form.refuse(error)
        else:
            return _shown(session_id, closed_words(shown.line, form))
    return _close_page(shown, form), 422


def closed_words(line: SessionLine, form: TogetherForm) -> str:
    """What is said once a session is closed, or what was agreed in it is changed."""
    if line.state == SessionState.HELD:
        return str(gettext("Saved."))
    if not line.is_joint:
        return str(gettext("Closed."))
    if form.agreed:
        return str(gettext("Closed. What you agreed stands first on both homes."))
    return str(gettext("Closed. Nothing new was agreed."))


def _close_page(shown: SessionShown, form: SessionForm) -> str:
    return render_template("coach/sessions/close.html", shown=shown, line=shown.line, form=form, zone=_wall())


@area.post("/sessions/<uuid:session_id>/open")
@no_longer_for_both
def sessions_open(session_id: UUID) -> Response:
    opens_at = session_prep.open_in_session(guards.viewer(), session_id)
    flash(_opened(opens_at))
    return redirect(url_for("coach.sessions_brief", session_id=session_id, copy=JOINT), 303)


def _opened(opens_at: datetime | None) -> str:
    if opens_at is None:
        return str(gettext("Nothing was marked."))
    if opens_at > clock.now():
        return str(gettext("It opens when the session begins: %(when)s.", when=filters.moment(opens_at)))
    return str(gettext("Opened on %(day)s.", day=filters.day(opens_at)))


@area.get("/sessions/<uuid:session_id>/brief")
@guards.opens_to(Role.SUPERVISOR)
@no_longer_for_both
def sessions_brief(session_id: UUID) -> str:
    copy = _copy()
    brief: Brief | JointBrief
    if copy == JOINT:
        brief = session_prep.joint_brief(guards.viewer(), session_id)
        article = preview_brief(brief, voice())
    else:
        screen = session_prep.screen(guards.viewer(), session_id)
        brief = screen.brief
        article = preview_brief(brief, voice(), strip=screen.strip)
    return render_template(
        "coach/sessions/brief.html", session_id=session_id, header=brief.header, copy=copy, article=article
    )


@area.get("/sessions/<uuid:session_id>/brief.pdf")
@guards.opens_to(Role.SUPERVISOR)
@no_longer_for_both
def sessions_brief_pdf(session_id: UUID) -> Reply:
    copy = _copy()
    brief: Brief | JointBrief
    if copy == JOINT:
        brief = session_prep.joint_brief(guards.viewer(), session_id)
    else:
        brief = session_prep.coach_brief(guards.viewer(), session_id)
    return printed(brief, copy)


def printed(brief: Brief | JointBrief, copy: str) -> Reply:
    """A copy of the brief on paper."""
    site_name = current_app.extensions["portal.settings"].site_name
    rendered = render_pdf(render_brief(brief, voice(), site_name=site_name))
    guards.check_again()  # it took its time
    headers = {"Content-Disposition": f"inline; filename={FILES[copy]}"}
    return Reply(rendered.content, mimetype="application/pdf", headers=headers)


def _copy() -> str:
    """Which copy is asked for; there are two."""
    copy = request.args.get("copy", COACH)
    if copy not in FILES:
        raise NotFound
    return copy
