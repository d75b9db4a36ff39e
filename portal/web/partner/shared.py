"""What both partners have shared, once it is open to both."""

from flask import render_template

from portal.services import shared as shared_answers
from portal.web import guards
from portal.web.forms.answers import in_words
from portal.web.partner.area import area


@area.get("/shared")
def shared() -> str:
    forms = shared_answers.for_both(guards.viewer())
    return render_template("partner/shared/show.html", forms=forms, in_words=in_words)
