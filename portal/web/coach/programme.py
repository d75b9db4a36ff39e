"""The programme as partners meet it: its steps with their exercises, one of them opened, and as a page to print."""

from uuid import UUID

from flask import render_template
from werkzeug import Response

from portal.domain.errors import NotFound
from portal.services import offers, programme
from portal.web import guards, worksheets
from portal.web.coach.area import area


@area.get("/programme/")
def programme_index() -> str:
    viewer = guards.viewer()
    entries = programme.library(viewer)
    steps = [(step, [entry for entry in entries if entry.step == step.slug]) for step in programme.steps_of(viewer)]
    return render_template("coach/programme/index.html", steps=steps)


@area.get("/programme/<uuid:questionnaire_id>")
def programme_show(questionnaire_id: UUID) -> str:
    choice = offers.choice(guards.viewer(), questionnaire_id)
    if choice.is_check_in:
        raise NotFound
    steps = {step.slug: step.title for step in programme.steps_of(guards.viewer())}
    return render_template("coach/programme/show.html", choice=choice, step_title=steps.get(choice.entry.step or ""))


@area.get("/programme/<uuid:questionnaire_id>/worksheet.pdf")
def programme_worksheet(questionnaire_id: UUID) -> Response:
    definition = offers.choice(guards.viewer(), questionnaire_id).definition
    return worksheets.worksheet(definition, definition.items)
