"""Where the work with a couple stands, and what of its record leaves the practice: for its coach."""

from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from portal.domain.errors import Invalid, NotAllowed
from portal.domain.parting import CoupleAct
from portal.output.papers import render_answers, render_joint_record
from portal.output.render import render_pdf
from portal.services import authorisations, couple_states, records
from portal.web import guards
from portal.web.coach import record_papers
from portal.web.coach.area import area
from portal.web.forms.parting import JointRecordForm, OwnRecordForm, PurposeForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.voice import voice

Page = Response | tuple[str, int] | str
SAID = {
    CoupleAct.PAUSE: _l("Paused. Both read it on their pages."),
    CoupleAct.RESUME: _l("It goes on."),
    CoupleAct.SEPARATE: _l("Ended for both together."),
    CoupleAct.CLOSE: _l("Closed."),
    CoupleAct.REOPEN: _l("Reopened, with fresh consent of both."),
}


@area.get("/couples/<uuid:couple_id>/standing")
def standing_show(couple_id: UUID) -> str:
    return _page(couple_id)


def _page(
    couple_id: UUID,
    purpose: PurposeForm | None = None,
    own: OwnRecordForm | None = None,
    joint: JointRecordForm | None = None,
) -> str:
    """The page, with the form that was typed into and the others as they stand."""
    found = couple_states.stands(guards.viewer(), couple_id)
    joint_form = joint or JointRecordForm(formdata=None)
    joint_form.passphrase.id = "joint-passphrase"
    return render_template(
        "coach/parting/show.html",
        found=found,
        authorisation=authorisations.requested_or_none(guards.viewer(), couple_id),
        wrong=purpose or own or joint or [],
        purpose=purpose or PurposeForm(formdata=None),
        own=own or OwnRecordForm(formdata=None).offer(found),
        joint=joint_form,
    )


@area.post("/couples/<uuid:couple_id>/standing")
def standing_change(couple_id: UUID) -> Response:
    wanted = next((act for act in SAID if act == request.form.get("act")), None)
    try:
        couple_states.act(guards.viewer(), couple_id, wanted)
        flash(str(SAID[wanted]) if wanted else "")
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return _shown(couple_id)


def _shown(couple_id: UUID) -> Response:
    return redirect(url_for("coach.standing_show", couple_id=couple_id), 303)


@area.post("/couples/<uuid:couple_id>/partners/<uuid:person_id>/ask-anew")
def standing_ask_anew(couple_id: UUID, person_id: UUID) -> Response:
    try:
        couple_states.ask_anew(guards.viewer(), couple_id, person_id, guards.link("partner.home"))
        flash(gettext("Asked, by a short neutral mail."))
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return _shown(couple_id)


@area.post("/couples/<uuid:couple_id>/authorisation")
def authorisations_ask(couple_id: UUID) -> Page:
    couple_states.stands(guards.viewer(), couple_id)
    form = PurposeForm()
    if form.validate():
        try:
            authorisations.ask(
                guards.viewer(), couple_id, form.purpose.data, guards.link("partner.account_authorisation")
            )
            flash(gettext("Both are asked, each alone."))
            return _shown(couple_id)
        except Invalid as refusal:
            form.purpose.errors = [words_for(refusal)]
    return _page(couple_id, purpose=form), 422


@area.post("/couples/<uuid:couple_id>/authorisation/call-off")
def authorisations_call_off(couple_id: UUID) -> Response:
    authorisations.call_off(guards.viewer(), couple_id)
    flash(gettext("Called off. Nothing leaves."))
    return _shown(couple_id)


@area.post("/couples/<uuid:couple_id>/authorisation/file")
@counts_guesses
def authorisations_file(couple_id: UUID) -> Page:
    couple_states.stands(guards.viewer(), couple_id)
    form = JointRecordForm()
    if form.validate():
        try:
            found = records.joint_record(guards.viewer(), couple_id, form.passphrase.data)
            file = _file(render_joint_record(record_papers.joint(found), voice(), site_name=_site()), "joint-record")
            authorisations.take(guards.viewer(), couple_id)
        except (Invalid, NotAllowed) as refusal:
            form.passphrase.errors = [words_for(refusal)]
        else:
            return file
    return _page(couple_id, joint=form), 422


@area.post("/couples/<uuid:couple_id>/record")
@counts_guesses
def records_own(couple_id: UUID) -> Page:
    form = OwnRecordForm().offer(couple_states.stands(guards.viewer(), couple_id))
    if form.validate():
        try:
            found = records.own_record(guards.viewer(), couple_id, form.label, form.passphrase.data)
            return _file(render_answers(record_papers.own(found), voice(), site_name=_site()), "record")
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    return _page(couple_id, own=form), 422


def _site() -> str:
    name: str = current_app.extensions["portal.settings"].site_name
    return name


def _file(html: str, name: str) -> Response:
    rendered = render_pdf(html)
    guards.check_again()  # it took its time
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return Response(rendered.content, mimetype="application/pdf", headers=headers)
