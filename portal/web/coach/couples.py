"""The caseload, inviting a couple, and one couple with its tabs."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response
from wtforms.fields.choices import SelectChoice

from portal.domain.errors import Invalid
from portal.services import (
    assigned,
    caseload,
    contacts,
    corrections,
    couples,
    invitations,
    overview,
    passphrases,
    programme,
    sent_forms,
    trends,
)
from portal.services.caseload import CaseloadQuery
from portal.services.couples import CoupleShown
from portal.services.trends import Show
from portal.web import guards
from portal.web.coach import charts
from portal.web.coach.area import area
from portal.web.forms.couples import AddressForm, InviteForm, StepForm
from portal.web.forms.lines import one_line
from portal.web.forms.words import words_for

MUST_BE_CHECKED = {"emergency", "ipv"}


@area.get("/couples/")
def couples_index() -> str:
    found = caseload.caseload(guards.viewer(), _query())
    return render_template(
        "coach/couples/index.html",
        found=found,
        query=found.query,
        steps=programme.steps_of(guards.viewer()),
        strips={line.couple_id: charts.strip(line) for line in found.lines},
    )


def _query() -> CaseloadQuery:
    asked = request.args
    sort = asked.get("sort", "")
    page = asked.get("page", "")
    return CaseloadQuery(
        q=one_line(asked.get("q", "")[:100]) or "",
        state=asked.get("state", caseload.CURRENT),
        step=one_line(asked.get("step", "")) or "",
        sort=sort if sort.removeprefix("-") in caseload.SORTS else "next",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


@area.route("/couples/new", methods=["GET", "POST"])
def couples_new() -> Response | tuple[str, int] | str:
    form = InviteForm(user_name_a=passphrases.user_name_offered(), user_name_b=passphrases.user_name_offered())
    if form.validate_on_submit():
        link, shares = guards.link_pattern("auth.invitation"), form.shares_mailbox.data
        try:
            couple_id = couples.invite_couple(guards.viewer(), *form.partners, link, shares_mailbox=shares)
            flash(gettext("Both invitations are on their way."))
            return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)
        except Invalid as error:
            field = form.user_name_b if "user_name" in error.code else form.address_b
            field.errors = [words_for(error)]
    checked = {listed.audience for listed in contacts.of_practice(guards.viewer())}
    page = render_template("coach/couples/new.html", form=form, lacks_contacts=not checked >= MUST_BE_CHECKED)
    return (page, 422) if request.method == "POST" else page


@area.get("/couples/<uuid:couple_id>")
def couples_show(couple_id: UUID) -> str:
    return _show(couple_id, None)


@area.post("/couples/<uuid:couple_id>/step")
def couples_step(couple_id: UUID) -> Response | tuple[str, int]:
    form = StepForm()
    try:
        couples.set_step(guards.viewer(), couple_id, form.step.data or "")
    except Invalid as error:
        form.step.errors = [words_for(error)]
        return _show(couple_id, form), 422
    flash(gettext("The step is set."))
    return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)


def _show(couple_id: UUID, form: StepForm | None, typed: Mapping[UUID, AddressForm] | None = None) -> str:
    found = overview.overview(guards.viewer(), couple_id, guards.zone())
    form = form or StepForm(formdata=None, step=found.couple.step)
    form.step.choices = [SelectChoice(step.slug, step.title) for step in found.couple.steps]
    title = gettext("%(names)s, twelve weeks", names=found.couple.names)
    return render_template(
        "coach/couples/show.html",
        found=found,
        couple=found.couple,
        form=form,
        addresses=_addresses(found.couple, typed or {}),
        figure=charts.trend(found.weeks, title),
        table=charts.table(found.weeks),
        directions=[(s, charts.shown(s.change.latest), charts.shown(s.change.baseline)) for s in found.directions],
    )


def _addresses(couple: CoupleShown, typed: Mapping[UUID, AddressForm]) -> dict[UUID, AddressForm]:
    """For each partner who has not come in, the form for another address: as it was typed, or an empty one."""
    found = {}
    for partner in couple.partners:
        if not partner.has_come_in:
            found[partner.person_id] = typed.get(partner.person_id) or AddressForm(formdata=None)
            found[partner.person_id].address.id = f"address-{partner.label}"
    return found


@area.get("/couples/<uuid:couple_id>/trends")
def couples_trends(couple_id: UUID) -> str:
    picked = request.args.get("show", "")
    show = Show(picked) if picked in list(Show) else Show.SCORE
    found = trends.trends(guards.viewer(), couple_id, show, guards.zone())
    title = gettext("%(names)s, twelve weeks", names=found.couple.names)
    return render_template(
        "coach/couples/trends.html",
        found=found,
        couple=found.couple,
        figure=charts.trend(found.weeks, title),
        table=charts.table(found.weeks),
        dots=charts.dumbbells(found.rows, gettext("%(names)s, one week", names=found.couple.names)),
        label_of=charts.label_of,
    )


@area.get("/couples/<uuid:couple_id>/homework")
def couples_homework(couple_id: UUID) -> str:
    viewer = guards.viewer()
    shown = couples.couple(viewer, couple_id)
    lines = assigned.assignments_of_couple(viewer, couple_id)
    forms = sent_forms.of_couple(viewer, couple_id)
    return render_template(
        "coach/couples/homework.html",
        couple=shown,
        homework=overview.homework_of(lines, forms),
        names=overview.names_of(shown),
        unread=[form for form in reversed(forms) if not form.is_reviewed],
        check_ins=list(reversed(overview.check_ins(forms))),
    )


@area.get("/couples/<uuid:couple_id>/partners/<uuid:person_id>/slip")
def couples_slip(couple_id: UUID, person_id: UUID) -> str:
    shown = couples.couple(guards.viewer(), couple_id)
    partner = couples.partner_to_invite(shown, person_id)
    return render_template("coach/couples/slip.html", couple=shown, partner=partner)


@area.post("/couples/<uuid:couple_id>/partners/<uuid:person_id>/invite")
def couples_invite_again(couple_id: UUID, person_id: UUID) -> Response:
    invitations.invite_again(guards.viewer(), couple_id, person_id, guards.link_pattern("auth.invitation"))
    flash(gettext("Sent again, with a new code. The old link and code no longer work."))
    return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)


@area.post("/couples/<uuid:couple_id>/partners/<uuid:person_id>/address")
def couples_change_address(couple_id: UUID, person_id: UUID) -> Response | tuple[str, int]:
    form = AddressForm()
    if form.validate():
        try:
            link = guards.link_pattern("auth.invitation")
            corrections.change_address(guards.viewer(), couple_id, person_id, form.address.data, link)
        except Invalid as error:
            form.address.errors = [words_for(error)]
        else:
            flash(gettext("Sent to the new address, with a new code. The old link and code no longer work."))
            return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)
    return _show(couple_id, None, {person_id: form}), 422


@area.post("/couples/<uuid:couple_id>/partners/<uuid:person_id>/withdraw")
def couples_withdraw_invitation(couple_id: UUID, person_id: UUID) -> Response:
    corrections.withdraw(guards.viewer(), couple_id, person_id)
    flash(gettext("Withdrawn. The link and the code no longer work."))
    return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)


@area.post("/couples/<uuid:couple_id>/partners/<uuid:person_id>/vouch")
def couples_vouch(couple_id: UUID, person_id: UUID) -> Response:
    couples.vouch(guards.viewer(), couple_id, person_id)
    flash(gettext("Noted: you spoke to them yourself."))
    return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)
