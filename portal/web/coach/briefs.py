"""The brief of a session over HTTP: on the screen and on paper, and opening what both marked for it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TypeVar, cast
from uuid import UUID

from flask import Response as Reply
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal import clock
from portal.domain.brief import Brief, JointBrief
from portal.domain.brief_choices import Copy
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import Role
from portal.domain.session_facts import Choices
from portal.output.render import press, render_pdf
from portal.output.templates import Sources, preview_brief, render_brief
from portal.services import brief_choices, rendered_briefs, session_prep
from portal.services.session_prep import Screen
from portal.web import filters, guards
from portal.web.coach.area import area
from portal.web.forms.briefs import ChoicesForm
from portal.web.forms.words import words_for
from portal.web.voice import voice

FILES = {Copy.COACH: "brief.pdf", Copy.JOINT: "joint.pdf"}

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


@area.post("/sessions/<uuid:session_id>/open")
@no_longer_for_both
def sessions_open(session_id: UUID) -> Response:
    opens_at = session_prep.open_in_session(guards.viewer(), session_id)
    flash(_opened(opens_at))
    return redirect(url_for("coach.sessions_brief", session_id=session_id, copy=Copy.JOINT), 303)


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
    return _page(session_id, _copy())


def _page(session_id: UUID, copy: Copy, form: ChoicesForm | None = None) -> str:
    brief: Brief | JointBrief
    is_less = False
    later: Screen | None = None
    if copy is Copy.JOINT:
        joint = session_prep.joint_page(guards.viewer(), session_id)
        brief, offered, is_less = joint.brief, joint.offered, joint.is_less
        article = preview_brief(brief, voice())
    else:
        screen = session_prep.screen(guards.viewer(), session_id)
        brief, offered, later = screen.brief, screen.offered, screen
        article = preview_brief(brief, voice(), strip=screen.strip, sources=_sources(screen.couple_id))
    names = {side.label: side.name for side in brief.header.sides}
    if form is None:
        form = ChoicesForm(formdata=None)
        form.start_with(offered.choices)
    form.offer(offered, names)
    return render_template(
        "coach/sessions/brief.html",
        session_id=session_id,
        header=brief.header,
        copy=copy,
        article=article,
        later=later,
        form=form,
        is_chosen=offered.choices != Choices(),
        is_less=is_less,
        has_strip=isinstance(brief, Brief) and brief.before_the_door is not None,
    )


def _sources(couple_id: UUID) -> Sources:
    """The ways from a line of the coach copy to where it came from."""
    return Sources(
        lambda response_id: url_for("coach.responses_show", response_id=response_id),
        lambda assignment_id: url_for("coach.assignments_show", assignment_id=assignment_id),
        url_for("coach.couples_trends", couple_id=couple_id),
    )


@area.post("/sessions/<uuid:session_id>/brief")
@no_longer_for_both
def sessions_brief_choose(session_id: UUID) -> Page:
    """What stands in one copy; what was not offered is not looked for: a quote may have gone meanwhile."""
    copy, form = _copy(), ChoicesForm()
    try:
        chosen = (form.line.data or "", form.hidden.data or [], form.openers.data or [])
        brief_choices.keep(guards.viewer(), session_id, copy, *chosen)
    except Invalid as refusal:
        form.refuse(refusal.params.get("field"), words_for(refusal))
        return _page(session_id, copy, form), 422
    flash(gettext("Kept with this session."))
    return redirect(
        url_for("coach.sessions_brief", session_id=session_id, copy=copy if copy is Copy.JOINT else None), 303
    )


@area.get("/sessions/<uuid:session_id>/brief.pdf")
@guards.opens_to(Role.SUPERVISOR)
@no_longer_for_both
def sessions_brief_pdf(session_id: UUID) -> Reply:
    copy = _copy()
    brief: Brief | JointBrief
    if copy is Copy.JOINT:
        brief = session_prep.joint_brief(guards.viewer(), session_id)
    else:
        brief = session_prep.coach_brief(guards.viewer(), session_id)
    return printed(brief, copy, session_id)


def printed(brief: Brief | JointBrief, copy: Copy, session_id: UUID | None = None) -> Reply:
    """A copy of the brief on paper, set now; where the session is named, the file of this very page if one is kept."""
    site_name = current_app.extensions["portal.settings"].site_name
    html = render_brief(brief, voice(), site_name=site_name)
    content = rendered_briefs.kept_or_none(guards.viewer(), session_id, copy, html, press()) if session_id else None
    content = content or render_pdf(html).content
    guards.check_again()  # it took its time
    headers = {"Content-Disposition": f"inline; filename={FILES[copy]}"}
    return Reply(content, mimetype="application/pdf", headers=headers)


def _copy() -> Copy:
    """Which copy is asked for; there are two."""
    copy = request.args.get("copy", Copy.COACH)
    if copy not in list(Copy):
        raise NotFound
    return Copy(copy)
