"""For the coach alone: what private questions raised. Nothing of it stands on any other page."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.safety import SignalKind
from portal.services import safety
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.couples import CloseSignalForm


@area.get("/alone")
def alone_show() -> str:
    return _page({})


@area.post("/alone")
def alone_open() -> Response:
    safety.open_signals(guards.viewer())
    return redirect(url_for("coach.alone_show"), 303)


@area.post("/alone/<uuid:signal_id>/close")
def alone_close(signal_id: UUID) -> Response | tuple[str, int]:
    form = _form_of(signal_id, CloseSignalForm())
    if not form.validate_on_submit():
        safety.check(guards.viewer(), signal_id)
        return _page({signal_id: form}), 422
    safety.close(guards.viewer(), signal_id, form.reason.data)
    flash(gettext("Closed, and kept with its reason."))
    return redirect(url_for("coach.alone_show"), 303)


def _form_of(signal_id: UUID, form: CloseSignalForm) -> CloseSignalForm:
    """The form under one signal; the page may hold several."""
    form.reason.id = f"reason-{signal_id}"
    return form


def _page(typed: Mapping[UUID, CloseSignalForm]) -> str:
    shown = safety.look_at_signals(guards.viewer())
    still_open = [signal for signal in shown if signal.closed_at is None]
    empty = {s.signal_id: _form_of(s.signal_id, CloseSignalForm(formdata=None)) for s in still_open}
    return render_template(
        "coach/alone/show.html",
        queues={kind.value: [signal for signal in still_open if signal.kind is kind] for kind in SignalKind},
        closed=[signal for signal in shown if signal.closed_at is not None],
        forms={**empty, **typed},
        wrong=next(iter(typed.values()), []),
    )
