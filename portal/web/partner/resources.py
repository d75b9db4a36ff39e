"""What stands on the shelf for a partner's step: the same for both, and all of it elsewhere."""

from flask import render_template

from portal.services import resources
from portal.web import guards
from portal.web.forms.resources import KINDS
from portal.web.partner.area import area


@area.get("/shelf")
def resources_index() -> str:
    return render_template("partner/shelf/show.html", links=resources.for_partner(guards.viewer()), kinds=KINDS)
