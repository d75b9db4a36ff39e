"""Erasing as the practice's members see it: asked for, approved twice, stopped, and certified."""

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from portal.domain.erasure import Cause
from portal.domain.errors import Invalid, NotAllowed
from portal.output.papers import CertificatePaper, render_certificate
from portal.output.render import render_pdf
from portal.services import approvals, erasures, holds
from portal.services.approvals import Certificate
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.rights import PersonForm
from portal.web.forms.words import words_for
from portal.web.voice import voice

CAUSES = {
    Cause.OWN: _l("The person asked for it."),
    Cause.PRACTICE: _l("The practice decided on it."),
    Cause.RETENTION: _l("The time for which the practice keeps records was over."),
}
KINDS = {
    "doors": _l("Ways of signing in"),
    "drafts": _l("Drafts"),
    "forms": _l("Texts of forms that were sent"),
    "keys": _l("Keys, without which no copy of a text opens"),
    "lines": _l("Lines that the coach left on forms"),
}
INDEX = "coach.erasures_index"


@area.get("/practice/erasures")
def erasures_index() -> str:
    return _page(PersonForm(formdata=None))


@area.post("/practice/erasures")
@guards.needs_step_up(INDEX)
def erasures_begin() -> Response | tuple[str, int]:
    form = PersonForm()
    if not form.validate_on_submit():
        return _page(form), 422
    erasures.begin(guards.viewer(), guards.typed_id(form.person.data), guards.link(INDEX))
    return _done(gettext("Noted. It takes two approvals and two weeks; until then it can be stopped."))


@area.post("/practice/erasures/<uuid:erasure_id>/approve")
@guards.needs_step_up(INDEX)
def erasures_approve(erasure_id: UUID) -> Response:
    try:
        approvals.approve(guards.viewer(), erasure_id)
    except (Invalid, NotAllowed) as refusal:
        flash(words_for(refusal), "look")
        return redirect(url_for(INDEX), 303)
    return _done(gettext("Approved."))


@area.post("/practice/erasures/<uuid:erasure_id>/stop")
@guards.needs_step_up(INDEX)
def erasures_stop(erasure_id: UUID) -> Response:
    try:
        approvals.stop(guards.viewer(), erasure_id)
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
        return redirect(url_for(INDEX), 303)
    return _done(gettext("Stopped. Everything stays as it is."))


@area.get("/practice/erasures/<uuid:erasure_id>")
def erasures_certificate(erasure_id: UUID) -> str:
    found = approvals.certificate(guards.viewer(), erasure_id)
    return render_template("coach/erasures/certificate.html", found=found, causes=CAUSES, kinds=KINDS)


@area.get("/practice/erasures/<uuid:erasure_id>/certificate.pdf")
def erasures_certificate_pdf(erasure_id: UUID) -> Response:
    paper = _paper(approvals.certificate(guards.viewer(), erasure_id))
    site_name = current_app.extensions["portal.settings"].site_name
    rendered = render_pdf(render_certificate(paper, voice(), site_name=site_name))
    guards.check_again()  # it took its time
    headers = {"Content-Disposition": 'attachment; filename="certificate.pdf"'}
    return Response(rendered.content, mimetype="application/pdf", headers=headers)


def _paper(found: Certificate) -> CertificatePaper:
    zone = ZoneInfo(found.zone)
    return CertificatePaper(
        found.practice_name,
        str(found.erasure_id),
        str(CAUSES[found.cause]),
        found.asked_at.astimezone(zone),
        tuple((name, at.astimezone(zone)) for name, at in found.approvals),
        found.done_at.astimezone(zone),
        tuple((str(KINDS[kind]), count) for kind, count in found.destroyed),
    )


def _done(line: str) -> Response:
    flash(line)
    return redirect(url_for(INDEX), 303)


def _page(form: PersonForm) -> str:
    viewer = guards.viewer()
    form.offer(holds.people(viewer))
    return render_template("coach/erasures/index.html", shown=approvals.shown(viewer), form=form, causes=CAUSES)
