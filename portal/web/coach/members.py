"""The practice's members: invited, given a role, let go; days away, and couples that wait for another coach."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.domain.people import Role
from portal.services import covers, hand_overs, members, safety_mails
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.members import ROLES, CoverForm, InviteMemberForm, PickForm, RoleForm, refuse
from portal.web.forms.words import words_for

Page = Response | tuple[str, int]
PAGE = "coach.members_index"


@area.get("/practice/members")
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
def members_index() -> str:
    return _page()


@area.post("/practice/members")
@guards.for_owner
@guards.needs_step_up(PAGE)
def members_invite() -> Page:
    form = InviteMemberForm()
    if form.validate_on_submit():
        try:
            members.invite(guards.viewer(), form.new, guards.link_pattern("auth.invitation"))
            return _done(gettext("Invited. Tell them the code that stands beside their name."))
        except Invalid as error:
            refuse(form, error, "address")
    return _page(invite=form), 422


@area.post("/practice/members/<uuid:person_id>/invite")
@guards.for_owner
@guards.needs_step_up(PAGE)
def members_invite_again(person_id: UUID) -> Page:
    members.invite_again(guards.viewer(), person_id, guards.link_pattern("auth.invitation"))
    return _done(gettext("Sent again, with a new code."))


@area.post("/practice/members/<uuid:person_id>/role")
@guards.for_owner
@guards.needs_step_up(PAGE)
def members_role(person_id: UUID) -> Page:
    members.check_member(guards.viewer(), person_id)
    form = RoleForm()
    if not form.validate_on_submit():
        return _page(role=form), 422
    try:
        members.set_role(guards.viewer(), person_id, Role(form.role.data), _account_link())
    except Invalid as error:
        return _refused(error)
    return _done(gettext("Their role holds from now on. Their browsers are signed out."))


@area.post("/practice/members/<uuid:person_id>/deactivate")
@guards.for_owner
@guards.needs_step_up(PAGE)
def members_deactivate(person_id: UUID) -> Page:
    try:
        members.deactivate(guards.viewer(), person_id, _account_link())
    except Invalid as error:
        return _refused(error)
    line = gettext("Nobody comes in by that account any more.")
    if person_id in hand_overs.couples_of_each(guards.viewer()):
        line = f"{line} {gettext('Their couples wait here for another coach.')}"
    return _done(line)


@area.post("/practice/members/<uuid:person_id>/reactivate")
@guards.for_owner
@guards.needs_step_up(PAGE)
def members_reactivate(person_id: UUID) -> Page:
    members.reactivate(guards.viewer(), person_id)
    return _done(gettext("They can come in again."))


@area.get("/practice/covers")
@guards.opens_to(Role.ASSISTANT, Role.SUPERVISOR)
def covers_index() -> Response:
    """The address that a refused form leaves in the browser, loaded anew."""
    return redirect(url_for(PAGE), 303)


@area.post("/practice/covers")
@guards.needs_step_up(PAGE)
def covers_create() -> Page:
    form = _cover_form(CoverForm())
    if form.validate_on_submit():
        try:
            coach, colleague = guards.typed_id(form.coach.data), guards.typed_id(form.colleague.data)
            covers.arrange(guards.viewer(), coach, colleague, *form.days, guards.link(PAGE))
            return _done(gettext("Noted. Partners read it at the foot of their pages, from two weeks before."))
        except Invalid as error:
            refuse(form, error, "first")
    return _page(cover=form), 422


@area.post("/practice/covers/<uuid:cover_id>/call-off")
def covers_call_off(cover_id: UUID) -> Page:
    covers.call_off(guards.viewer(), cover_id)
    return _done(gettext("Ended."))


@area.post("/couples/<uuid:couple_id>/hand-over")
def hand_overs_offer(couple_id: UUID) -> Page:
    hand_overs.check(guards.viewer(), couple_id)
    form = PickForm()
    form.offer(hand_overs.coaches(guards.viewer()))
    if not form.validate_on_submit():
        return _page(hand_over=form), 422
    try:
        chosen = guards.typed_id(form.colleague.data)
        is_done = hand_overs.offer(guards.viewer(), couple_id, chosen, _account_link(), guards.link(PAGE))
    except Invalid as error:
        return _refused(error)
    return _done(gettext("They are with you now.") if is_done else gettext("Offered. They move once it is accepted."))


@area.post("/couples/<uuid:couple_id>/hand-over/take-back")
def hand_overs_take_back(couple_id: UUID) -> Page:
    hand_overs.take_back(guards.viewer(), couple_id)
    return _done(gettext("Taken back. They stay where they are."))


@area.post("/hand-overs/<uuid:hand_over_id>/accept")
def hand_overs_accept(hand_over_id: UUID) -> Page:
    couple_id = hand_overs.accept(guards.viewer(), hand_over_id, _account_link())
    flash(gettext("They are with you now."))
    return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)


@area.post("/hand-overs/<uuid:hand_over_id>/decline")
def hand_overs_decline(hand_over_id: UUID) -> Page:
    hand_overs.decline(guards.viewer(), hand_over_id)
    return _done(gettext("Declined. They stay where they are."))


def _account_link() -> str:
    return guards.link("partner.account")


def _done(line: str) -> Response:
    flash(line)
    return redirect(url_for(PAGE), 303)


def _refused(error: Invalid) -> tuple[str, int]:
    return _page([("", words_for(error))]), 422


def _cover_form(form: CoverForm) -> CoverForm:
    """Coaches say of themselves that they are away; the owner says it of anybody."""
    coaches, viewer = hand_overs.coaches(guards.viewer()), guards.viewer()
    own = [pair for pair in coaches if pair[0] == viewer.person_id]
    form.offer(coaches, coaches if viewer.role is Role.OWNER else own)
    return form


def _page(refused: list[tuple[str, str]] | None = None, **typed: FlaskForm) -> str:
    """The page, with the form that was typed into and the others empty; `refused` is what belongs to no field."""
    viewer, may_change = guards.viewer(), guards.has_stepped_up()
    pick = PickForm(formdata=None)
    pick.offer(hand_overs.coaches(viewer))
    forms = {"invite": InviteMemberForm(formdata=None), "cover": _cover_form(CoverForm(formdata=None)), "pick": pick}
    return render_template(
        "coach/members/index.html",
        members=members.members(viewer),
        covers=covers.covers(viewer),
        offered=hand_overs.offered(viewer),
        kept_waiting=safety_mails.kept_waiting_by(viewer),
        without_coach=hand_overs.without_coach(viewer),
        is_owner=viewer.role is Role.OWNER,
        has_stepped_up=may_change,
        couples_of_each=hand_overs.couples_of_each(viewer) if may_change else {},
        roles=ROLES,
        wrong=refused or next(iter(typed.values()), []),
        **(forms | {name: form for name, form in typed.items() if name in forms}),
    )
