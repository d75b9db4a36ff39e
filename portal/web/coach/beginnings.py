"""How the work with a couple begins: what each is asked alone, a talk with each, and minutes alone in each session."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal import clock
from portal.domain.errors import Invalid
from portal.services import beginnings
from portal.services.beginnings import Beginning
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.answers import in_words
from portal.web.forms.beginnings import MinutesForm, TalkForm
from portal.web.forms.words import words_for

Page = Response | tuple[str, int]


@area.get("/couples/<uuid:couple_id>/beginning")
def beginnings_show(couple_id: UUID) -> str:
    return _page(beginnings.beginning(guards.viewer(), couple_id, guards.zone()))


def _page(found: Beginning, typed: tuple[UUID, TalkForm] | None = None, minutes: MinutesForm | None = None) -> str:
    """The page, with the form that was typed into and the others as they stand."""
    talks = {}
    for partner in found.partners:
        day = partner.spoken_on or clock.today(guards.standing().practice_zone)
        is_typed = typed is not None and typed[0] == partner.person_id
        form = typed[1] if typed and is_typed else TalkForm(formdata=None, spoken_on=day)
        form.spoken_on.id = f"spoken-{partner.label}"
        talks[partner.person_id] = form
    return render_template(
        "coach/beginnings/show.html",
        found=found,
        talks=talks,
        minutes=minutes or MinutesForm(formdata=None, minutes=found.alone_minutes),
        wrong=minutes or (typed[1] if typed else []),
        in_words=in_words,
    )


def _shown(couple_id: UUID, said: str, kind: str = "message") -> Response:
    flash(said, kind)
    return redirect(url_for("coach.beginnings_show", couple_id=couple_id), 303)


@area.post("/couples/<uuid:couple_id>/beginning")
def beginnings_give(couple_id: UUID) -> Response:
    try:
        beginnings.give(guards.viewer(), couple_id, guards.link("partner.home"))
    except Invalid as refusal:
        return _shown(couple_id, words_for(refusal), "look")
    return _shown(couple_id, gettext("Given to each alone."))


@area.post("/couples/<uuid:couple_id>/partners/<uuid:person_id>/spoken")
def beginnings_note_talk(couple_id: UUID, person_id: UUID) -> Page:
    form = TalkForm()
    if form.validate():
        try:
            beginnings.note_talk(guards.viewer(), couple_id, person_id, form.spoken_on.data)
        except Invalid as refusal:
            form.spoken_on.errors = [words_for(refusal)]
        else:
            return _shown(couple_id, gettext("Noted.") if form.spoken_on.data else gettext("Taken back."))
    found = beginnings.beginning(guards.viewer(), couple_id, guards.zone())
    return _page(found, typed=(person_id, form)), 422


@area.post("/couples/<uuid:couple_id>/alone-minutes")
def beginnings_minutes(couple_id: UUID) -> Page:
    form = MinutesForm()
    if form.validate():
        beginnings.set_alone_minutes(guards.viewer(), couple_id, form.minutes.data)
        return _shown(couple_id, gettext("Kept."))
    return _page(beginnings.beginning(guards.viewer(), couple_id, guards.zone()), minutes=form), 422
