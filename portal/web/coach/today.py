"""Today: the sessions ahead, and who needs the coach."""

from flask import render_template

from portal.web.coach.area import area


@area.get("/")
def today() -> str:
    return render_template("coach/today/show.html")
