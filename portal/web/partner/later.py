"""Being asked once more, some months after the end: chosen alone."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import NotAllowed
from portal.services import later_check_ins
from portal.web import guards
from portal.web.forms.later import NOTHING, LaterForm
from portal.web.forms.words import words_for
from portal.web.partner.area import area


@area.get("/later")
def later() -> str:
    own = later_check_ins.own(guards.viewer())
    form = LaterForm(formdata=None, when=own.chosen.value if own.chosen else NOTHING)
    return render_template("partner/later/show.html", own=own, form=form.offer(own))


@area.post("/later")
def later_choose() -> Response | tuple[str, int]:
    own = later_check_ins.own(guards.viewer())
    form = LaterForm().offer(own)
    if not form.validate():
        return render_template("partner/later/show.html", own=own, form=form), 422
    try:
        later_check_ins.choose(guards.viewer(), form.chosen)
        flash(gettext("Kept."))
    except NotAllowed as refusal:
        flash(words_for(refusal), "look")
    return redirect(url_for("partner.later"), 303)
