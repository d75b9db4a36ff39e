"""A partner's home: what was agreed, and what is next."""

from flask import render_template

from portal.web.partner.area import area


@area.get("/")
def home() -> str:
    return render_template("partner/home/show.html")
