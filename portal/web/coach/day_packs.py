"""The briefs of a day over HTTP: asked for, looked at as they are made, and taken along as a ZIP or as one file."""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from flask import Response as Reply
from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal import clock
from portal.domain.brief_choices import Copy
from portal.domain.errors import Invalid, NotFound
from portal.output.folder import folder
from portal.output.one_file import one_file
from portal.output.render import press, render_pdf
from portal.output.templates import render_brief
from portal.services import day_packs, rendered_briefs
from portal.services.day_packs import Paper
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.day_packs import DayPackForm
from portal.web.voice import voice

AT_MOST_NOW = 3  # briefs that changed since and are set as they are asked for; more are set in the background again


class Taken(StrEnum):
    """How a day's briefs are taken along: as single files, or as one for the printer."""

    FILES = "files"
    PRINTER = "printer"


NAMES = {
    Taken.FILES: ("briefs.zip", "application/zip"),
    Taken.PRINTER: ("briefs.pdf", "application/pdf"),
}


@area.get("/sessions/briefs")
def day_packs_index() -> str:
    tomorrow = clock.today(guards.standing().practice_zone) + timedelta(days=1)
    return _page(DayPackForm(formdata=None, day=tomorrow))


def _page(form: DayPackForm) -> str:
    return render_template("coach/day_packs/index.html", form=form, listed=day_packs.packs(guards.viewer()))


@area.post("/sessions/briefs")
def day_packs_create() -> Response | tuple[str, int]:
    form = DayPackForm()
    if form.validate():
        try:
            pack_id = day_packs.ask(guards.viewer(), form.day.data)
            return redirect(url_for("coach.day_packs_show", pack_id=pack_id), 303)
        except Invalid as refusal:
            form.refuse(refusal)
    return _page(form), 422


@area.get("/sessions/briefs/<uuid:pack_id>")
def day_packs_show(pack_id: UUID) -> str:
    return render_template("coach/day_packs/show.html", pack=day_packs.shown(guards.viewer(), pack_id))


@area.get("/sessions/briefs/<uuid:pack_id>/progress")
def day_packs_progress(pack_id: UUID) -> Reply:
    """How far it has come, for the page that shows it; counts alone."""
    pack = day_packs.shown(guards.viewer(), pack_id)
    return jsonify(past=pack.past, all=len(pack.lines), is_over=pack.ended_at is not None)


@area.post("/sessions/briefs/<uuid:pack_id>/cancel")
def day_packs_cancel(pack_id: UUID) -> Response:
    day_packs.cancel(guards.viewer(), pack_id)
    flash(gettext("Cancelled."))
    return redirect(url_for("coach.day_packs_index"), 303)


@area.post("/sessions/briefs/<uuid:pack_id>/take")
def day_packs_take(pack_id: UUID) -> Response:
    """By POST: it goes on record for each brief, and lets those be set again whose data has changed since."""
    taken = request.form.get("as")
    if taken not in list(Taken):
        raise NotFound
    papers = day_packs.papers(guards.viewer(), pack_id)
    files = {paper: _file_or_none(paper) for paper in papers}
    changed = [paper.session_id for paper in papers if files[paper] is None]
    if not papers or len(changed) > AT_MOST_NOW:
        flash(_why_not(pack_id, changed) if papers else gettext("There is none."))
        return redirect(url_for("coach.day_packs_show", pack_id=pack_id), 303)
    whole = {paper.name: content or render_pdf(_html(paper)).content for paper, content in files.items()}
    reply = _reply(Taken(taken), whole)
    day_packs.hand_over(guards.viewer(), papers)
    return reply


def _why_not(pack_id: UUID, changed: list[UUID]) -> str:
    """What is said where more have changed than can be set while somebody waits."""
    if day_packs.make_again(guards.viewer(), pack_id, changed):
        return str(gettext("Some have changed since. They are made once more."))
    return str(gettext("Many have changed since. Ask for this day once more."))


def _html(paper: Paper) -> str:
    site_name = current_app.extensions["portal.settings"].site_name
    return render_brief(paper.brief, voice(), site_name=site_name)


def _file_or_none(paper: Paper) -> bytes | None:
    return rendered_briefs.kept_or_none(guards.viewer(), paper.session_id, Copy.COACH, _html(paper), press())


def _reply(taken: Taken, files: dict[str, bytes]) -> Reply:
    site_name = current_app.extensions["portal.settings"].site_name
    content = folder(files, clock.now()) if taken is Taken.FILES else one_file(files.values(), site_name)
    guards.check_again()  # it took its time
    name, kind = NAMES[taken]
    return Reply(content, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})
