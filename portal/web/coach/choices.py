"""A choice of small steps: offered to one of a couple or to each, what became of it, and taken back."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.services import choices
from portal.services.choices import ChoicePage
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.choices import ChoiceForm
from portal.web.forms.words import words_for


@area.get("/couples/<uuid:couple_id>/choices")
def choices_show(couple_id: UUID) -> str:
    found = choices.page(guards.viewer(), couple_id)
    return _page(found, ChoiceForm.of(found, formdata=None).start(found))


@area.post("/couples/<uuid:couple_id>/choices")
def choices_offer(couple_id: UUID) -> Response | tuple[str, int]:
    found = choices.page(guards.viewer(), couple_id)
    form = ChoiceForm.of(found)
    if form.validate():
        try:
            choices.offer(guards.viewer(), couple_id, form.new, guards.link("partner.home"))
            flash(gettext("Offered. Each finds their own choice on their own page."))
            return redirect(url_for("coach.choices_show", couple_id=couple_id), 303)
        except Invalid as refusal:
            form.refuse(refusal.params.get("field"), words_for(refusal))
    return _page(found, form), 422


def _page(found: ChoicePage, form: ChoiceForm) -> str:
    return render_template("coach/choices/show.html", offer=found, form=form)


@area.post("/couples/<uuid:couple_id>/choices/<uuid:choice_id>/withdraw")
def choices_withdraw(couple_id: UUID, choice_id: UUID) -> Response:
    choices.withdraw(guards.viewer(), couple_id, choice_id)
    flash(gettext("Taken back, unless it was chosen meanwhile."))
    return redirect(url_for("coach.choices_show", couple_id=couple_id), 303)
