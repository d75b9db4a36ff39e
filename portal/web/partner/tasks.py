"""A partner's task: the form, its draft, the look before sending, and sending."""

from dataclasses import replace
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal import randomness
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Conflict, Invalid
from portal.services import previews, responses, sending
from portal.services.drafts import Turn, Typed
from portal.services.responses import OpenTask
from portal.web import filters, guards
from portal.web.forms import responses as forms
from portal.web.forms.answers import in_words, sheets
from portal.web.forms.fields import whole_number_or_none
from portal.web.partner import sent
from portal.web.partner.area import area

Reply = Response | tuple[str, int] | str


@area.get("/tasks/<uuid:task_id>")
def tasks_show(task_id: UUID) -> Reply:
    task = responses.open_for(guards.viewer(), task_id)
    if not task.state.is_open:
        return sent.page(task_id)
    kept = request.args.get("private") != "show"
    if task.parked is not None:
        return _form(replace(task, version=task.parked_version), task.parked, kept=kept, from_parked=True)
    return _form(task, task.typed, kept=task.version > 0 and kept)


def _form(
    task: OpenTask,
    typed: Typed,
    refusals: dict[str, Invalid] | None = None,
    *,
    kept: bool,
    just_typed: bool = False,
    elsewhere: Typed | None = None,
    from_parked: bool = False,
) -> str:
    shown = typed if just_typed else forms.without_private(task, typed)
    return render_template(
        "partner/tasks/show.html",
        task=task,
        groups=forms.groups(task, shown, refusals, kept=kept),
        elsewhere=sheets(task, forms.without_private(task, elsewhere)) if elsewhere else None,
        replaced=sheets(task, task.replaced),
        from_parked=from_parked,
    )


@area.post("/tasks/<uuid:task_id>")
def tasks_update(task_id: UUID) -> Reply:
    viewer = guards.viewer()
    task = responses.open_for(viewer, task_id)
    typed = forms.read(task, request.form)
    is_cleared = request.form.get("kept") == "clear"
    try:
        how = {"clears_locked": is_cleared, "takes_parked": _takes_parked(), "from_closed": _was_closed()}
        saved = responses.save_draft(viewer, task_id, typed, _version(), turn=None, **how)
    except Conflict as conflict:
        return _conflict(task, typed, conflict)
    _, refusals = responses.look_over(saved, saved.typed)
    if refusals and not _goes_elsewhere():
        return _form(saved, typed, refusals, kept=forms.PRIVATE_SHOWN not in request.form, just_typed=True), 422
    return redirect(_after_saving(task_id), 303)


def _goes_elsewhere() -> bool:
    return any(name in request.form for name in ("later", "all_private", "kept"))


def _after_saving(task_id: UUID) -> str:
    if "later" in request.form:
        return url_for("partner.home")
    if request.form.get("kept") == "change":
        return url_for("partner.tasks_show", task_id=task_id, private="show", _anchor="private")
    if _goes_elsewhere():
        return url_for("partner.tasks_show", task_id=task_id)
    return url_for("partner.tasks_review", task_id=task_id)


def _version() -> int:
    return forms.version_in(request.form)


def _takes_parked() -> bool:
    return forms.PARKED in request.form


def _was_closed() -> bool:
    """Whether the page did not show what was typed before a reset by mail."""
    return forms.CLOSED in request.form


def _conflict(task: OpenTask, typed: Typed, conflict: Conflict) -> tuple[str, int]:
    """Both texts survive: what was just typed stands in the form, what was saved elsewhere below it."""
    if conflict.code == "already_sent":
        return render_template("partner/tasks/typed_too_late.html", task=task, sheets=sheets(task, typed)), 409
    newer: OpenTask = conflict.params["task"]  # type: ignore[assignment]  # save_draft puts it there
    page = _form(
        newer,
        typed,
        kept=forms.PRIVATE_SHOWN not in request.form,
        just_typed=True,
        elsewhere=newer.typed,
        from_parked=_takes_parked(),
    )
    return page, 409


@area.post("/tasks/<uuid:task_id>/draft")
def tasks_draft(task_id: UUID) -> Response | tuple[Response, int]:
    viewer = guards.viewer()
    task = responses.open_for(viewer, task_id)
    try:
        typed, turn = forms.read(task, request.form), _turn()
        how = {"takes_parked": _takes_parked(), "from_closed": _was_closed()}
        saved = responses.save_draft(viewer, task_id, typed, _version(), turn=turn, **how)
    except Conflict as conflict:
        return jsonify(message=_conflict_line(conflict.code)), 409
    return jsonify(version=saved.version, saved_at=filters.time(saved.saved_at) if saved.saved_at else "")


def _turn() -> Turn | None:
    """Which save of an open page this is, where its script says so."""
    page, number = request.form.get("page", ""), whole_number_or_none(request.form.get("turn", ""))
    return Turn(page, number) if 0 < len(page) <= 64 and number is not None else None


def _conflict_line(code: str) -> str:
    if code == "already_sent":
        return str(gettext("This was sent already. What you type now is not kept."))
    return str(gettext("A newer draft was saved on another device. Use “Check before sending” to see both."))


@area.get("/tasks/<uuid:task_id>/review")
def tasks_review(task_id: UUID) -> Reply:
    task = responses.open_for(guards.viewer(), task_id)
    if not task.state.is_open or not task.version or task.parked is not None:
        return redirect(url_for("partner.tasks_show", task_id=task_id), 303)
    return _review(task)


def _review(task: OpenTask, *, has_changed: bool = False) -> str:
    return render_template(
        "partner/tasks/review.html",
        task=task,
        sheets=sheets(task, task.typed, url_for("partner.tasks_show", task_id=task.task_id)),
        preview=previews.of_draft(guards.viewer(), task),
        in_words=in_words,
        key=randomness.new_token(),
        has_changed=has_changed,
    )


@area.post("/tasks/<uuid:task_id>/review")
def tasks_send(task_id: UUID) -> Reply:
    viewer = guards.viewer()
    try:
        for act, wanted in (("widen", None), ("narrow", Disclosure.COACH)):
            if act in request.form:
                _choose(task_id, request.form[act], wanted)
                return redirect(url_for("partner.tasks_review", task_id=task_id), 303)
        return redirect(_sent(task_id), 303)
    except Conflict as conflict:
        if conflict.code == "already_sent":
            return redirect(url_for("partner.tasks_show", task_id=task_id), 303)
        return _review(responses.open_for(viewer, task_id), has_changed=True), 409
    except Invalid as invalid:
        if invalid.code != "cannot_be_sent":
            raise
        task = responses.open_for(viewer, task_id)
        refusals: dict[str, Invalid] = invalid.params["refusals"]  # type: ignore[assignment]  # submit puts them there
        return _form(task, task.typed, refusals, kept=True), 422


def _sent(task_id: UUID) -> str:
    """Send it; gives where one goes from there: home from a form that is put away, and is on no page any more."""
    key, door = request.form.get("key", "")[:64], guards.link("auth.sign_in")
    if sending.submit(guards.viewer(), task_id, _version(), key, door):
        return url_for("partner.tasks_sent", task_id=task_id)
    flash(gettext("Sent. It is with %(coach)s alone.", coach=guards.standing().coach_name))
    return url_for("partner.home")


def _choose(task_id: UUID, item_id: str, wanted: Disclosure | None) -> None:
    task = responses.open_for(guards.viewer(), task_id)
    offered = {item.id: item.disclosure for item in task.items}
    responses.choose_reader(
        guards.viewer(), task_id, item_id, wanted or offered.get(item_id, Disclosure.COACH), _version()
    )


@area.get("/tasks/<uuid:task_id>/sent")
def tasks_sent(task_id: UUID) -> Reply:
    task = responses.open_for(guards.viewer(), task_id)
    if not task.state.is_sent:
        return redirect(url_for("partner.tasks_show", task_id=task_id), 303)
    return render_template("partner/tasks/sent.html", task=task)
