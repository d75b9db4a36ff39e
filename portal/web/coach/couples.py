"""Inviting a couple, and one couple with its tabs; the list of all is in `caseload`."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response
from wtforms.fields.choices import SelectChoice

from portal.domain.errors import Invalid, NotAllowed
from portal.domain.people import Role
from portal.services import (
    contacts,
    couples,
    front_desk,
    hand_overs,
    invitations,
    open_invitations,
    overview,
    passphrases,
    safe_ways,
    supervision,
)
from portal.services.couples import PartnerShown
from portal.web import guards
from portal.web.coach import charts
from portal.web.coach.area import area
from portal.web.forms.couples import AddressForm, InviteForm, StepForm
from portal.web.forms.words import words_for


@area.route("/couples/new", methods=["GET", "POST"])
@guards.opens_to(Role.ASSISTANT)
def couples_new() -> Response | tuple[str, int] | str:
    form = InviteForm(user_name_a=passphrases.user_name_offered(), user_name_b=passphrases.user_name_offered())
    form.offer(hand_overs.coaches(guards.viewer()) if guards.viewer().role is Role.ASSISTANT else ())
    if form.validate_on_submit():
        link, shares = guards.link_pattern("auth.invitation"), form.shares_mailbox.data
        try:
            coach_id = guards.typed_id(form.coach.data) if form.coach else None
            couple_id = couples.invite_couple(guards.viewer(), *form.partners, link, coach_id, shares_mailbox=shares)
            flash(gettext("Both invitations are on their way."))
            return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)
        except Invalid as error:
            form.refuse(error.code, words_for(error))
    page = render_template("coach/couples/new.html", form=form, lacks_contacts=contacts.lacks_contacts(guards.viewer()))
    return (page, 422) if request.method == "POST" else page


@area.get("/couples/<uuid:couple_id>")
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
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
    if guards.viewer().role is Role.ASSISTANT:
        at_desk = front_desk.couple(guards.viewer(), couple_id)
        return render_template("coach/desk/show.html", couple=at_desk, addresses=_addresses(at_desk.partners, typed))
    found = overview.overview(guards.viewer(), couple_id, guards.zone())
    supervision.note_reading(guards.viewer(), couple_id, found.couple.coach_id)
    form = form or StepForm(formdata=None, step=found.couple.step)
    form.step.choices = [SelectChoice(step.slug, step.title) for step in found.couple.steps]
    title = gettext("%(names)s, twelve weeks", names=found.couple.names)
    return render_template(
        "coach/couples/show.html",
        found=found,
        couple=found.couple,
        form=form,
        addresses=_addresses(found.couple.partners, typed),
        figure=charts.trend(found.weeks, title),
        table=charts.table(found.weeks),
        directions=[(s, charts.shown(s.change.latest), charts.shown(s.change.baseline)) for s in found.directions],
    )


def _addresses(partners: Iterable[PartnerShown], typed: Mapping[UUID, AddressForm] | None) -> dict[UUID, AddressForm]:
    """For each partner who has not come in, the form for another address: as it was typed, or an empty one."""
    found = {}
    for partner in partners:
        if not partner.has_come_in:
            found[partner.person_id] = (typed or {}).get(partner.person_id) or AddressForm(formdata=None)
            found[partner.person_id].address.id = f"address-{partner.label}"
    return found


@area.get("/couples/<uuid:couple_id>/homework")
@guards.opens_to(Role.SUPERVISOR)
def couples_homework(couple_id: UUID) -> str:
    found = overview.all_homework(guards.viewer(), couple_id, guards.zone())
    supervision.note_reading(guards.viewer(), couple_id, found.couple.coach_id)
    return render_template(
        "coach/couples/homework.html",
        couple=found.couple,
        homework=found.homework,
        names=overview.names_of(found.couple),
        unread=found.unread,
        check_ins=found.check_ins,
    )


@area.get("/couples/<uuid:couple_id>/reaching")
def couples_reaching(couple_id: UUID) -> str:
    partners = safe_ways.of_couple(guards.viewer(), couple_id)
    return render_template("coach/couples/reaching.html", couple_id=couple_id, partners=partners)


@area.get("/couples/<uuid:couple_id>/partners/<uuid:person_id>/slip")
@guards.opens_to(Role.ASSISTANT)
def couples_slip(couple_id: UUID, person_id: UUID) -> str:
    shown = couples.couple(guards.viewer(), couple_id, couples.FOR_DOORS)
    partner = couples.partner_to_invite(shown, person_id)
    return render_template("coach/couples/slip.html", couple=shown, partner=partner)


@area.post("/couples/<uuid:couple_id>/partners/<uuid:person_id>/invite")
@guards.opens_to(Role.ASSISTANT)
def couples_invite_again(couple_id: UUID, person_id: UUID) -> Response:
    invitations.invite_again(guards.viewer(), couple_id, person_id, guards.link_pattern("auth.invitation"))
    flash(gettext("Sent again, with a new code. The old link and code no longer work."))
    return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)


@area.post("/couples/<uuid:couple_id>/partners/<uuid:person_id>/address")
@guards.opens_to(Role.ASSISTANT)
def couples_change_address(couple_id: UUID, person_id: UUID) -> Response | tuple[str, int]:
    form = AddressForm()
    if form.validate():
        try:
            link = guards.link_pattern("auth.invitation")
            open_invitations.change_address(guards.viewer(), couple_id, person_id, form.address.data, link)
        except Invalid as error:
            form.address.errors = [words_for(error)]
        else:
            flash(gettext("Sent to the new address, with a new code. The old link and code no longer work."))
            return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)
    return _show(couple_id, None, {person_id: form}), 422


@area.post("/couples/<uuid:couple_id>/partners/<uuid:person_id>/withdraw")
@guards.opens_to(Role.ASSISTANT)
def couples_withdraw_invitation(couple_id: UUID, person_id: UUID) -> Response:
    open_invitations.withdraw(guards.viewer(), couple_id, person_id)
    flash(gettext("Withdrawn. The link and the code no longer work."))
    return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)


@area.post("/couples/<uuid:couple_id>/partners/<uuid:person_id>/vouch")
def couples_vouch(couple_id: UUID, person_id: UUID) -> Response:
    try:
        couples.vouch(guards.viewer(), couple_id, person_id, request.form.get("reset", ""))
        flash(gettext("Noted: you spoke to them yourself."))
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)
