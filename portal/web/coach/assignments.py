"""Assigning something to a couple in under a minute, and one assignment with how far each partner has come."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain import paper
from portal.domain.assignments import For
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import Label, Role
from portal.services import assignments, extending, joint_accounts, nudges, offers, repetitions, supervision
from portal.services.assigned import PartnersCopy
from portal.services.offers import Offer
from portal.web import filters, guards
from portal.web.coach.area import area
from portal.web.forms.assignments import AssignForm, ExtendForm, RepetitionForm
from portal.web.forms.nudges import NudgeForm
from portal.web.forms.words import words_for


@area.get("/couples/<uuid:couple_id>/assign")
def assignments_new(couple_id: UUID) -> str:
    offer = _offer(couple_id)
    form = AssignForm(formdata=None)
    known = {step.slug for step in offer.steps}
    asked = request.args.get("step", "")
    asked_choice = offer.choice_or_none(request.args.get("exercise", ""))
    step = asked if asked in known else (asked_choice and asked_choice.entry.step) or offer.step
    form.fill(offer, step)
    form.start_with(offer, asked_choice)
    return _page(offer, form)


@area.post("/couples/<uuid:couple_id>/assign")
def assignments_create(couple_id: UUID) -> Response | str | tuple[str, int]:
    offer = _offer(couple_id)
    form = AssignForm()
    form.fill(offer, offer.step)
    if "instead" in request.form:
        form.take_instead(request.form["instead"])
    if {"show", "instead"} & set(request.form):
        return _page(offer, form)
    if form.validate():
        try:
            new = replace(form.new, version_id=offer.adapted)
            assignments.assign(guards.viewer(), couple_id, new, guards.link("partner.home"))
        except Invalid as error:
            form.refuse(error.params.get("field"), words_for(error))
        except NotAllowed:
            pass  # what is chosen is held: the page says so, and what can be given instead
        else:
            flash(_told(offer, new.given_to))
            return redirect(url_for("coach.couples_show", couple_id=couple_id), 303)
    return _page(offer, form), 422


def _told(offer: Offer, given_to: For) -> str:
    """That it is given; of one of the two by name, for the other finds nothing."""
    alone = {For.A: Label.A, For.B: Label.B}.get(given_to)
    if alone is None:
        return str(gettext("Assigned. Each finds it on their own page."))
    return str(gettext("Assigned. %(name)s finds it on their own page.", name=offer.partners[alone]))


def _offer(couple_id: UUID) -> Offer:
    """The page of a couple; the address may name a version that was written for them, and keeps it when it is sent."""
    asked = request.args.get("version")
    return offers.offer(guards.viewer(), couple_id, guards.typed_id(asked) if asked else None)


def _page(offer: Offer, form: AssignForm) -> str:
    """The chosen step's exercises stand first; without a script all others follow them."""
    first = [choice for choice in offer.choices if choice.entry.step == form.step.data]
    others = [choice for choice in offer.choices if choice not in first]
    chosen = offer.choice_or_none(form.exercise.data or "")
    return render_template(
        "coach/assignments/new.html",
        offer=offer,
        form=form,
        choices=first + others,
        chosen=chosen,
        instead=offer.instead_of(chosen) if chosen and offer.holds(chosen) else (),
        is_held=offer.holds(chosen),
        is_asked=request.method == "POST",
    )


@area.get("/assignments/<uuid:assignment_id>")
@guards.opens_to(Role.SUPERVISOR)
def assignments_show(assignment_id: UUID) -> str:
    return shown(assignment_id, {})


def shown(
    assignment_id: UUID,
    typed: Mapping[Label, NudgeForm],
    later: ExtendForm | None = None,
    skipping: RepetitionForm | None = None,
) -> str:
    """The page of an assignment, with what was typed: to one of the two, as another last day, as a reason."""
    found = assignments.assignment(guards.viewer(), assignment_id)
    supervision.note_reading(guards.viewer(), found.couple_id)
    return render_template(
        "coach/assignments/show.html",
        found=found,
        line=found.line,
        has_sheet=paper.has_sheet(found.questionnaire),
        nudges=nudges.of_assignment(guards.viewer(), assignment_id),
        accounts=joint_accounts.of_assignment(guards.viewer(), found.line, guards.zone()),
        names={copy.label: copy.name for copy in found.line.copies},
        skipping=skipping or RepetitionForm(formdata=None),
        later=later or ExtendForm(formdata=None, due_on=found.line.due_on),
        forms={copy.label: _to(copy, typed.get(copy.label)) for copy in found.line.copies},
    )


def _to(copy: PartnersCopy, typed: NudgeForm | None) -> NudgeForm:
    """The form to one partner, which says in its label to whom it goes."""
    form = typed or NudgeForm.of(copy.label, formdata=None)
    form.text.label.text = gettext("A sentence to %(name)s", name=copy.name)
    return form


@area.post("/assignments/<uuid:assignment_id>/extend")
def assignments_extend(assignment_id: UUID) -> Response | tuple[str, int]:
    form = ExtendForm()
    if not form.validate_on_submit():
        return shown(assignment_id, {}, form), 422
    try:
        extending.extend(guards.viewer(), assignment_id, form.due_on.data)
        flash(gettext("Whoever has it open has until then. No mail went out."))
    except Invalid as refusal:
        form.due_on.errors = [words_for(refusal)]
        return shown(assignment_id, {}, form), 422
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return redirect(url_for("coach.assignments_show", assignment_id=assignment_id), 303)


@area.post("/assignments/<uuid:assignment_id>/withdraw")
def assignments_withdraw(assignment_id: UUID) -> Response:
    assignments.withdraw(guards.viewer(), assignment_id)
    copies = assignments.assignment(guards.viewer(), assignment_id).line.copies
    is_any_sent = any(copy.state.is_sent for copy in copies)
    flash(gettext("Withdrawn. What had been sent stays.") if is_any_sent else gettext("Withdrawn."))
    return redirect(url_for("coach.assignments_show", assignment_id=assignment_id), 303)


@area.post("/assignments/<uuid:assignment_id>/repetition")
def assignments_repetition(assignment_id: UUID) -> Response | tuple[str, int]:
    repetition_id, form = _repetition_of(assignment_id), RepetitionForm()
    try:
        flash(_act(repetition_id, form))
    except Invalid as refusal:
        form.reason.errors = [words_for(refusal)]
        return shown(assignment_id, {}, skipping=form), 422
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return redirect(url_for("coach.assignments_show", assignment_id=assignment_id), 303)


def _act(repetition_id: UUID, form: RepetitionForm) -> str:
    """What was asked for, done; gives the sentence that says so."""
    viewer, asked = guards.viewer(), form.act.data
    if asked == "skip":
        day = repetitions.skip_next(viewer, repetition_id, form.reason.data or "")
        return str(gettext("It does not come on %(day)s. Nobody is told.", day=filters.day(day)))
    if asked == "come":
        repetitions.come_after_all(viewer, repetition_id)
        return str(gettext("It comes again."))
    if asked == "hold":
        repetitions.hold(viewer, repetition_id)
        return str(gettext("Nothing more of it comes until you let it go on. Nobody is told."))
    if asked != "go_on":
        raise NotFound
    repetitions.go_on(viewer, repetition_id)
    return str(gettext("It goes on with its next day."))


def _repetition_of(assignment_id: UUID) -> UUID:
    found = assignments.assignment(guards.viewer(), assignment_id).line.repetition_id
    if found is None:
        raise NotFound
    return found


@area.post("/assignments/<uuid:assignment_id>/end-repetition")
def assignments_end_repetition(assignment_id: UUID) -> Response:
    assignments.end_repetition(guards.viewer(), _repetition_of(assignment_id))
    flash(gettext("It does not come again. What was given stays."))
    return redirect(url_for("coach.assignments_show", assignment_id=assignment_id), 303)
