"""The no-secrets policy: what each of the three means to both partners, and the owner's change to another."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Conflict
from portal.services import policies, practices
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.consent import PolicyForm
from portal.web.forms.words import words_for

SHOW = "coach.policy_show"


@area.get("/practice/policy")
@guards.for_owner
def policy_show() -> str:
    return _page(None)


@area.post("/practice/policy")
@guards.for_owner
@guards.needs_step_up(SHOW)
def policy_change() -> Response | tuple[str, int]:
    form = PolicyForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        is_another = policies.change(guards.viewer(), form.chosen, form.read)
    except Conflict as refusal:
        form.policy.errors = [words_for(refusal)]
        return _page(form), 422
    flash(
        gettext("Changed. Each partner is asked to sign it; until then the rule they signed holds for them.")
        if is_another
        else gettext("It is this one already.")
    )
    return redirect(url_for(SHOW), 303)


def _page(form: PolicyForm | None) -> str:
    found = practices.practice(guards.viewer())
    shown = form or PolicyForm(formdata=None, policy=found.policy.value)
    shown.version.data = str(found.policy_version)
    return render_template(
        "coach/policy/show.html", practice=found, form=shown, wrong=form or [], coach=guards.standing().name
    )
