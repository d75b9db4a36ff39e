"""The library as a coach keeps it: its entries with their versions, copied, adapted, retired and put in order."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid, NotFound
from portal.domain.programme import Kind
from portal.services import offers, programme, questionnaire_drafts, questionnaires, side_by_side
from portal.services.questionnaires import EntryShown, VersionLine
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.answers import in_words
from portal.web.forms.fields import whole_number_or_none
from portal.web.forms.words import words_for

ENTRY = "/questionnaires/<uuid:questionnaire_id>"


@area.get("/questionnaires/")
def questionnaires_index() -> str:
    viewer = guards.viewer()
    lines = questionnaires.lines(viewer)
    exercises = [line for line in lines if line.kind is Kind.EXERCISE]
    in_use = [line for line in exercises if not line.is_retired]
    steps = programme.steps_of(viewer)
    return render_template(
        "coach/questionnaires/index.html",
        drafts=questionnaire_drafts.of_practice(viewer),
        choices=[choice for choice in offers.choices(viewer) if choice.is_check_in],
        by_step=[(step, [line for line in in_use if line.step == step.slug]) for step in steps],
        retired=[line for line in exercises if line.is_retired],
        steps={step.slug: step.title for step in steps},
    )


@area.get(ENTRY)
def questionnaires_show(questionnaire_id: UUID) -> str:
    viewer = guards.viewer()
    found = questionnaires.entry(viewer, questionnaire_id)
    shown = _version(found, request.args.get("version", ""))
    return render_template(
        "coach/questionnaires/show.html",
        found=found,
        shown=shown,
        definition=questionnaires.definition(viewer, questionnaire_id, shown.number),
        answered=side_by_side.answered_by(viewer, questionnaire_id),
        couples=questionnaires.couples_to_write_for(viewer),
        steps={step.slug: step.title for step in programme.steps_of(viewer)},
    )


def _version(found: EntryShown, asked: str) -> VersionLine:
    """The version that the address names; the newest for everybody where it names none."""
    wanted = [one for one in found.versions if (str(one.number) == asked if asked else one.couple_id is None)]
    if not wanted:
        raise NotFound
    return wanted[0]


@area.post(f"{ENTRY}/edit")
def questionnaires_edit(questionnaire_id: UUID) -> Response:
    draft_id = questionnaire_drafts.begin_next(guards.viewer(), questionnaire_id)
    return redirect(url_for("coach.drafts_show", draft_id=draft_id), 303)


@area.post(f"{ENTRY}/copy")
def questionnaires_copy(questionnaire_id: UUID) -> Response:
    title = next(
        one.title for one in questionnaires.entry(guards.viewer(), questionnaire_id).versions if not one.couple_id
    )
    copy = gettext("Copy of %(title)s", title=title)
    draft_id = questionnaire_drafts.begin_copy(guards.viewer(), questionnaire_id, copy)
    return redirect(url_for("coach.drafts_show", draft_id=draft_id), 303)


@area.post(f"{ENTRY}/adapt")
def questionnaires_adapt(questionnaire_id: UUID) -> Response:
    couple_id = guards.typed_id(request.form.get("couple", ""))
    draft_id = questionnaire_drafts.begin_next(guards.viewer(), questionnaire_id, couple_id)
    return redirect(url_for("coach.drafts_show", draft_id=draft_id), 303)


@area.post(f"{ENTRY}/retire")
def questionnaires_retire(questionnaire_id: UUID) -> Response:
    try:
        questionnaires.retire(guards.viewer(), questionnaire_id)
        flash(gettext("Retired. What was given goes on, and you can bring it back."))
    except Invalid as refusal:
        flash(words_for(refusal), "look")
    return _back(questionnaire_id)


@area.post(f"{ENTRY}/bring-back")
def questionnaires_bring_back(questionnaire_id: UUID) -> Response:
    questionnaires.bring_back(guards.viewer(), questionnaire_id)
    flash(gettext("It can be given again."))
    return _back(questionnaire_id)


@area.post(f"{ENTRY}/order")
def questionnaires_order(questionnaire_id: UUID) -> Response:
    """One of two buttons beside an exercise; what was moved keeps the focus."""
    way = "up" if "up" in request.form else "down"
    questionnaires.move(guards.viewer(), questionnaire_id, up=way == "up")
    return redirect(url_for("coach.questionnaires_index", _anchor=f"{way}-{questionnaire_id}"), 303)


@area.get("/couples/<uuid:couple_id>/versions/<uuid:questionnaire_id>")
def versions_show(couple_id: UUID, questionnaire_id: UUID) -> str:
    typed = (whole_number_or_none(raw) for raw in request.args.getlist("v")[:2])
    asked = [number for number in typed if number is not None]
    found = side_by_side.compare(guards.viewer(), couple_id, questionnaire_id, asked, guards.zone())
    return render_template("coach/questionnaires/versions.html", found=found, in_words=in_words)


@area.get("/responses/<uuid:response_id>/versions")
def responses_versions(response_id: UUID) -> Response:
    couple_id, questionnaire_id = side_by_side.place_of(guards.viewer(), response_id)
    return redirect(url_for("coach.versions_show", couple_id=couple_id, questionnaire_id=questionnaire_id), 303)


def _back(questionnaire_id: UUID) -> Response:
    return redirect(url_for("coach.questionnaires_show", questionnaire_id=questionnaire_id), 303)
