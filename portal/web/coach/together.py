"""A session on the turned screen: turned round, looked at, closed by all three together, and turned back."""

from uuid import UUID

from flask import Response as Reply
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.brief_choices import Copy
from portal.domain.errors import Invalid, NotAllowed, NotFound, Refused
from portal.domain.sessions import NoteKind
from portal.output.templates import preview_brief
from portal.services import (
    closing,
    joint_mode,
    notes,
    passkeys,
    picked_homework,
    second_factors,
    session_prep,
    sessions,
)
from portal.services.joint_mode import Together
from portal.web import guards
from portal.web.coach.area import area
from portal.web.coach.briefs import printed
from portal.web.coach.sessions import Page, closed_words
from portal.web.forms.closing import OwnLineForm, TogetherForm
from portal.web.forms.second_factors import CredentialForm, StepUpForm
from portal.web.forms.words import words_for
from portal.web.joint_mode import together_only
from portal.web.limits import counts_guesses
from portal.web.own.site import site, site_or_none
from portal.web.voice import voice


@area.post("/sessions/<uuid:session_id>/turn")
def sessions_turn(session_id: UUID) -> Response:
    """Nothing that waited to be said goes along: it was meant for the coach."""
    guards.go_on_as(joint_mode.enter(guards.viewer(), session_id, guards.web_token()))
    return redirect(url_for("coach.together"), 303)


@area.get("/together")
@together_only
def together(session_id: UUID) -> Page:
    viewer = guards.viewer()
    try:
        brief, shown = session_prep.joint_screen(viewer, session_id), joint_mode.together(viewer, session_id)
    except (NotFound, NotAllowed):  # somebody else's by now, or separated: one can only turn the screen back
        return redirect(url_for("coach.together_leave"), 303)
    return render_template("coach/together/show.html", shown=shown, article=preview_brief(brief, voice()))


@area.get("/together/brief.pdf")
@together_only
def together_pdf(session_id: UUID) -> Reply | Response:
    try:
        return printed(session_prep.joint_screen(guards.viewer(), session_id), Copy.JOINT)
    except (NotFound, NotAllowed):
        return redirect(url_for("coach.together_leave"), 303)


@area.get("/together/close")
@together_only
def together_close(session_id: UUID) -> Page:
    shown = joint_mode.together(guards.viewer(), session_id)
    form = TogetherForm(formdata=None)
    form.start_with(shown.agreed, shown.picked)
    form.offer(picked_homework.to_pick_from(guards.viewer()))
    return _close_page(shown, form) if shown.can_close else redirect(url_for("coach.together"), 303)


@area.post("/together/close")
@together_only
def together_end(session_id: UUID) -> Page:
    shown = joint_mode.together(guards.viewer(), session_id)
    form = TogetherForm()
    form.offer(picked_homework.to_pick_from(guards.viewer()))
    if form.validate():
        try:
            closing.close(guards.viewer(), session_id, form.closing(shown.line, _wall()))
        except (Invalid, NotAllowed) as error:
            form.refuse(_for_both(error))
        else:
            flash(closed_words(shown.line, form))
            return redirect(url_for("coach.together"), 303)
    return _close_page(shown, form), 422


def _for_both(error: Refused) -> Refused:
    """What is refused, as it may stand before both: that one of them takes part no more is not said here."""
    is_about_one = error.code in ("not_for_both_now", "couple_not_together")
    return Refused("not_on_this_screen") if is_about_one else error


def _close_page(shown: Together, form: TogetherForm) -> str:
    return render_template("coach/together/close.html", shown=shown, form=form, zone=_wall())


def _wall() -> str:
    """The zone in which times are typed."""
    return guards.standing().practice_zone


@area.get("/together/leave")
@together_only
def together_leave(_session_id: UUID) -> str:
    return _leave_page(StepUpForm(formdata=None))


@area.post("/together/leave")
@counts_guesses
@together_only
def together_left(session_id: UUID) -> Page:
    form = StepUpForm()
    if form.validate():
        try:
            token = joint_mode.leave(guards.viewer(), session_id, form.passphrase.data, guards.web_token())
            return _turned_back(session_id, token)
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    return _leave_page(form), 422


@area.post("/together/leave/passkey/challenge")
@together_only
def together_challenge(_session_id: UUID) -> Response:
    options = passkeys.request_options(guards.viewer(), guards.web_token(), site(), is_alone=True)
    return Response(options, mimetype="application/json")


@area.post("/together/leave/passkey")
@counts_guesses
@together_only
def together_left_by_passkey(session_id: UUID) -> Page:
    form, refusal = CredentialForm(), Invalid("passkey_opened_nothing")
    if form.validate():
        try:
            proof = (form.credential.data, guards.web_token(), site())
            return _turned_back(session_id, joint_mode.leave_by_passkey(guards.viewer(), session_id, *proof))
        except Invalid as refused:
            refusal = refused
    return _leave_page(StepUpForm(formdata=None), words_for(refusal)), 422


def _leave_page(form: StepUpForm, refusal: str = "") -> str:
    has_passkey = site_or_none() is not None and bool(second_factors.own(guards.viewer()).passkeys)
    return render_template("coach/together/leave.html", form=form, refusal=refusal, has_passkey=has_passkey)


def _turned_back(session_id: UUID, token: str) -> Response:
    """To a page that shows nothing yet: who sat before the screen may not have risen."""
    guards.go_on_as(token)
    return redirect(url_for("coach.own_line", session_id=session_id), 303)


@area.get("/sessions/<uuid:session_id>/own-line")
def own_line(session_id: UUID) -> str:
    return _own_line_page(session_id, OwnLineForm(formdata=None))


@area.post("/sessions/<uuid:session_id>/own-line")
def own_line_create(session_id: UUID) -> Page:
    form = OwnLineForm()
    if form.validate():
        try:
            notes.write(guards.viewer(), session_id, NoteKind.REMINDER, form.text.data)
        except Invalid as error:
            form.refuse(error)
        else:
            flash(gettext("Kept."))
            return redirect(url_for("coach.sessions_show", session_id=session_id), 303)
    return _own_line_page(session_id, form), 422


def _own_line_page(session_id: UUID, form: OwnLineForm) -> str:
    line = sessions.appointment(guards.viewer(), session_id)
    return render_template("coach/sessions/own_line.html", line=line, form=form)
