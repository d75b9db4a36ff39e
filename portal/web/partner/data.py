"""Everything of one's own erased: asked for, looked up and taken back, behind the pass phrase each time.

The page that asks is the same for everybody; where it stands is shown once, on the reply, and on no other page.
"""

from flask import render_template, request

from portal.domain.errors import Invalid
from portal.services import erasures
from portal.services.erasures import OwnErasure
from portal.web import guards
from portal.web.forms.account import OwnDataForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses
from portal.web.partner.area import area


@area.route("/account/data", methods=["GET", "POST"])
@counts_guesses
def account_data() -> tuple[str, int] | str:
    form = OwnDataForm()
    if form.validate_on_submit():
        try:
            found = _act(form.act.data, form.passphrase.data)
            return render_template("partner/data/show.html", found=found)
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
    page = render_template("partner/data/ask.html", form=form)
    return (page, 422) if request.method == "POST" else page


def _act(act: str, passphrase: str) -> OwnErasure | None:
    viewer = guards.viewer()
    if act == "erase":
        return erasures.ask(viewer, passphrase, guards.link("coach.erasures_index"))
    return erasures.withdraw(viewer, passphrase) if act == "keep" else erasures.own(viewer, passphrase)
