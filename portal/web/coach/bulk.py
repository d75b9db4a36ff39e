"""The same for many couples: chosen from the list, looked over, given in the background, and reported on."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug import Response

from portal import clock, randomness
from portal.domain.assignments import usual_due_on
from portal.domain.errors import Invalid, NotFound
from portal.services import bulk, programme
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.bulk import REASONS, BulkForm
from portal.web.forms.caseload import parts_of, query_of
from portal.web.forms.words import words_for


@area.get("/couples/assign")
def bulk_new() -> str:
    usual = usual_due_on((), clock.today(guards.zone()), guards.zone())
    return _page(BulkForm(formdata=None, exercise=request.args.get("exercise"), due_on=usual), is_new=True)


@area.post("/couples/assign")
def bulk_look_over() -> str | tuple[str, int]:
    form = BulkForm()
    if form.validate():
        try:
            lines = bulk.look_over(guards.viewer(), form.new)
        except Invalid as refusal:
            form.refuse(refusal.params.get("field"), words_for(refusal))
        else:
            form.key.data = randomness.new_token()
            title = bulk.title_of(guards.viewer(), form.new.questionnaire_id)
            return render_template("coach/bulk/looked_over.html", form=form, lines=lines, title=title, reasons=REASONS)
    return _page(form), 422


@area.post("/couples/assign/give")
def bulk_give() -> Response | tuple[str, int]:
    form = BulkForm()
    if form.validate() and form.key.data:
        try:
            bulk_id = bulk.ask(guards.viewer(), form.new, form.key.data[:64])
            return redirect(url_for("coach.bulk_show", bulk_id=bulk_id), 303)
        except Invalid as refusal:
            form.refuse(refusal.params.get("field"), words_for(refusal))
    return _page(form), 422


def _page(form: BulkForm, *, is_new: bool = False) -> str:
    """Whom a narrowed list names is ticked to begin with; of the whole list the coach ticks whom they mean."""
    query = query_of(request.args)
    narrowed = parts_of(query) if query.is_narrowed else {}
    listed = bulk.to_choose_from(guards.viewer(), query)
    form.offer(listed, programme.library(guards.viewer()))
    if is_new and query.is_narrowed:
        form.couples.data = [str(couple_id) for couple_id, _ in listed]
    return render_template("coach/bulk/new.html", form=form, is_narrowed=query.is_narrowed, narrowed=narrowed)


@area.get("/couples/assigned")
def bulk_index() -> str:
    if not guards.viewer().role.is_coach:
        raise NotFound
    return render_template("coach/bulk/index.html", listed=bulk.reports(guards.viewer()))


@area.get("/couples/assigned/<uuid:bulk_id>")
def bulk_show(bulk_id: UUID) -> str:
    found = bulk.report(guards.viewer(), bulk_id)
    return render_template("coach/bulk/show.html", found=found, reasons=REASONS)
