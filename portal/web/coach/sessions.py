"""Sessions over HTTP: ahead and past, one with its notes, its close, and its brief on screen and paper."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext, to_user_timezone
from werkzeug import Response

from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import Role
from portal.domain.sessions import Attendance, NoteKind, SessionState
from portal.services import closing, exchanges, picked_homework, session_notes, sessions, supervision
from portal.services.sessions import SessionLine, SessionShown
from portal.web import filters, guards
from portal.web.coach.area import area
from portal.web.forms.closing import CloseForm, TogetherForm
from portal.web.forms.session_notes import title_of
from portal.web.forms.sessions import AttendanceForm, MoveForm, NoteForm, PlanForm, SessionForm
from portal.web.forms.words import words_for

Page = str | Response | tuple[str, int]


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
            new, later = form.new(_wall()), form.later(_wall())
            session_id = sessions.plan(guards.viewer(), guards.typed_id(form.couple.data), new, later)
        except Invalid as error:
            form.refuse(error)
        else:
            flash(gettext("Planned, %(count)s in all.", count=len(later) + 1) if later else gettext("Planned."))
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
    return show(session_id)


def show(
    session_id: UUID,
    move: MoveForm | None = None,
    note: NoteForm | None = None,
    attendance: AttendanceForm | None = None,
) -> str:
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
    if attendance is None:
        attendance = AttendanceForm(formdata=None)
        attendance.fill(shown)
    picked = picked_homework.picked_or_none(viewer, session_id) if shown.line.has_begun else None
    waiting = exchanges.of_session(viewer, session_id) if viewer.role.is_coach else ()
    return render_template(
        "coach/sessions/show.html",
        shown=shown,
        line=shown.line,
        move=move,
        note=note,
        attendance=attendance,
        zone=_wall(),
        exchanges=waiting,
        picked=picked,
        written=[
            (head, title_of(head.note_of, shown.name_a, shown.name_b))
            for head in session_notes.heads(viewer, session_id, shown.line.kind)
        ],
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
            place = form.place.data or ""
            followed = sessions.move(guards.viewer(), session_id, starts_at, form.minutes.data, place)
        except Invalid as error:
            form.refuse(error)
        else:
            return shown_again(session_id, _moved_words(followed))
    return show(session_id, move=form), 422


def _moved_words(followed: int) -> str:
    """What is said once a session has another time; an assistant hears nothing of homework."""
    kept = gettext("Kept. Tell them if they should know before they look.")
    if not followed or not guards.viewer().role.is_coach:
        return str(kept)
    also = ngettext(
        "One task goes along and ends on another day.", "%(num)s tasks go along and end on another day.", followed
    )
    return f"{kept} {also}"


@area.post("/sessions/<uuid:session_id>/cancel")
@guards.opens_to(Role.ASSISTANT)
def sessions_cancel(session_id: UUID) -> Response:
    sessions.cancel(guards.viewer(), session_id)
    return shown_again(session_id, gettext("Called off."))


@area.post("/sessions/<uuid:session_id>/attendance")
def sessions_attendance(session_id: UUID) -> Page:
    form = AttendanceForm()
    form.fill(sessions.session(guards.viewer(), session_id))
    if form.validate():
        try:
            sessions.put_down_attendance(guards.viewer(), session_id, Attendance(form.attendance.data))
        except Invalid as error:
            form.refuse(error)
        else:
            return shown_again(session_id, gettext("Kept."))
    return show(session_id, attendance=form), 422


def shown_again(session_id: UUID, said: str) -> Response:
    flash(said)
    return redirect(url_for("coach.sessions_show", session_id=session_id), 303)


@area.get("/sessions/<uuid:session_id>/close")
def sessions_close(session_id: UUID) -> str:
    shown = sessions.session(guards.viewer(), session_id)
    form, viewer = CloseForm(formdata=None), guards.viewer()
    agreed = [line for note in shown.notes_of(NoteKind.AGREED) for line in note.text.splitlines()]
    form.start_with(agreed, picked_homework.picked_or_none(viewer, session_id))
    form.offer(picked_homework.to_pick_from(viewer))
    return _close_page(shown, form)


@area.post("/sessions/<uuid:session_id>/close")
def sessions_end(session_id: UUID) -> Page:
    shown = sessions.session(guards.viewer(), session_id)
    form = CloseForm()
    form.offer(picked_homework.to_pick_from(guards.viewer()))
    if form.validate():
        try:
            closing.close(guards.viewer(), session_id, form.closing(shown.line, _wall()))
        except (Invalid, NotAllowed) as error:
            form.refuse(error)
        else:
            return shown_again(session_id, closed_words(shown.line, form))
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


@area.post("/sessions/<uuid:session_id>/picked")
def sessions_picked(session_id: UUID) -> Response:
    """Give what both picked, or let it go; under a hold what is joint is given only where it was cleared."""
    if request.form.get("act") == "drop":
        picked_homework.let_go(guards.viewer(), session_id)
        return shown_again(session_id, gettext("Let go of. Neither finds it on the own pages."))
    picked = picked_homework.picked_or_none(guards.viewer(), session_id)
    if picked is None:
        raise NotFound
    when = f"{filters.weekday_day(picked.day)}, {picked.at:%H:%M}"
    why = gettext("You picked it together, for %(when)s.", when=when)
    try:
        is_cleared, home = request.form.get("cleared") == "1", guards.link("partner.home")
        picked_homework.give(guards.viewer(), session_id, str(why), home, cleared=is_cleared)
    except (Invalid, NotAllowed) as refusal:
        flash(words_for(refusal), "look")
        return redirect(url_for("coach.sessions_show", session_id=session_id), 303)
    return shown_again(session_id, gettext("Given to both."))
