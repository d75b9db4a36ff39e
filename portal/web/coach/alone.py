"""For the coach alone: what private questions raised. Nothing of it stands on any other page."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug import Response

from portal.domain.errors import Invalid, NotFound
from portal.domain.safety import ProtocolStep, SignalKind
from portal.services import protocol, safety
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.alone import CloseSignalForm, ReviewForm, SettleWordForm, StepForm
from portal.web.forms.words import words_for


@area.get("/alone")
def alone_index() -> str:
    return _list({})


@area.post("/alone")
def alone_open() -> Response:
    safety.open_signals(guards.viewer())
    return redirect(url_for("coach.alone_index"), 303)


@area.get("/alone/<uuid:signal_id>")
def alone_show(signal_id: UUID) -> str:
    return _page(signal_id)


@area.post("/alone/<uuid:signal_id>")
def alone_open_one(signal_id: UUID) -> Response:
    protocol.open_flag(guards.viewer(), signal_id)
    return _to(signal_id)


@area.post("/alone/<uuid:signal_id>/steps")
def alone_note(signal_id: UUID) -> Response | tuple[str, int]:
    form = StepForm()
    safety.check(guards.viewer(), signal_id)
    taken = _step(form.step.data or "")
    if not form.validate_on_submit():
        return _page(signal_id, step=(taken, form)), 422
    protocol.note(guards.viewer(), signal_id, taken, form.line.data or "")
    flash(gettext("Noted."))
    return _to(signal_id)


@area.post("/alone/<uuid:signal_id>/review")
def alone_review(signal_id: UUID) -> Response | tuple[str, int]:
    form = ReviewForm()
    if form.validate_on_submit():
        try:
            protocol.set_review(guards.viewer(), signal_id, form.on.data)
        except Invalid as error:
            form.on.errors = [words_for(error)]
        else:
            flash(gettext("The day is set. It waits for you from then on."))
            return _to(signal_id)
    return _page(signal_id, review=form), 422


@area.get("/alone/<uuid:signal_id>/close")
@area.get("/alone/<uuid:signal_id>/review")
@area.get("/alone/<uuid:signal_id>/steps")
def alone_again(signal_id: UUID) -> Response:
    """The addresses that a refused form leaves in the browser, loaded anew."""
    safety.check(guards.viewer(), signal_id)
    return _to(signal_id)


@area.post("/alone/<uuid:signal_id>/close")
def alone_close(signal_id: UUID) -> Response | tuple[str, int]:
    """A wish for a word is settled on the list; everything else is closed on its own page."""
    found = safety.signal(guards.viewer(), signal_id)
    form = _closing(found.kind, signal_id)
    if not form.validate_on_submit():
        is_word = found.kind is SignalKind.WORD
        return _list({signal_id: form}) if is_word else _page(signal_id, closing=form), 422
    safety.close(guards.viewer(), signal_id, form.reason.data)
    flash(_closed_words(found.not_noted))
    return redirect(url_for("coach.alone_index"), 303)


def _closed_words(not_noted: tuple[ProtocolStep, ...]) -> str:
    words: str = gettext("Closed, and kept with its reason.")
    if not_noted:
        steps = ", ".join(str(step.value) for step in not_noted)
        words = gettext("Closed, and kept with its reason. Steps of which nothing was noted: %(steps)s.", steps=steps)
    return words


def _step(number: str) -> ProtocolStep:
    """The step of that number; the page offers no other, and what is none is not found."""
    steps = {str(step.value): step for step in ProtocolStep}
    if number not in steps:
        raise NotFound
    return steps[number]


def _to(signal_id: UUID) -> Response:
    return redirect(url_for("coach.alone_show", signal_id=signal_id), 303)


def _closing(kind: SignalKind, signal_id: UUID, **how: None) -> CloseSignalForm:
    """The form under one entry; the page may hold several."""
    form = SettleWordForm(**how) if kind is SignalKind.WORD else CloseSignalForm(**how)
    form.reason.id = f"reason-{signal_id}"
    return form


def _list(typed: Mapping[UUID, CloseSignalForm]) -> str:
    shown = safety.look_at_signals(guards.viewer())
    still_open = [signal for signal in shown if signal.closed_at is None]
    words = [signal for signal in still_open if signal.kind is SignalKind.WORD]
    empty = {word.signal_id: _closing(word.kind, word.signal_id, formdata=None) for word in words}
    return render_template(
        "coach/alone/index.html",
        queues={kind.value: [signal for signal in still_open if signal.kind is kind] for kind in SignalKind},
        closed=[signal for signal in shown if signal.closed_at is not None],
        today=protocol.today(guards.viewer()),
        forms={**empty, **typed},
        wrong=next(iter(typed.values()), []),
    )


def _page(
    signal_id: UUID,
    closing: CloseSignalForm | None = None,
    step: tuple[ProtocolStep, StepForm] | None = None,
    review: ReviewForm | None = None,
) -> str:
    found = protocol.look_at(guards.viewer(), signal_id)
    forms = {each: _step_form(each, None) for each in ProtocolStep}
    if step is not None:
        forms[step[0]] = _step_form(*step)
    wrong: FlaskForm | list[object] = closing or review or (step[1] if step else [])
    return render_template(
        "coach/alone/show.html",
        flag=found,
        signal=found.signal,
        steps=forms,
        review=review or ReviewForm(formdata=None, on=found.signal.review_on),
        closing=closing or _closing(found.signal.kind, signal_id, formdata=None),
        wrong=wrong,
    )


def _step_form(step: ProtocolStep, typed: StepForm | None) -> StepForm:
    form = typed or StepForm(formdata=None)
    form.line.id, form.step.data = f"line-{step.value}", str(step.value)
    return form
