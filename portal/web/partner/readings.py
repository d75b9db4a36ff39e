"""Who opened which of one's own forms, behind the pass phrase."""

from flask import render_template, request

from portal.domain.errors import Invalid
from portal.services import readings
from portal.web import guards
from portal.web.forms.account import ReadingsForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner.area import area


@area.route("/account/readings", methods=["GET", "POST"])
@counts_guesses
def account_readings() -> tuple[str, int] | str:
    form = ReadingsForm()
    if form.validate_on_submit():
        try:
            found = readings.of_own_forms(guards.viewer(), form.passphrase.data)
            return render_template("partner/readings/show.html", forms=found.forms, others=found.others)
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    page = render_template("partner/readings/ask.html", form=form)
    return (page, 422) if request.method == "POST" else page
