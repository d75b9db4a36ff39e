"""The coach's area and its guard; partners find nothing here."""

from flask import Blueprint

from portal.web import guards

area = Blueprint("coach", __name__, url_prefix="/coach")
area.before_request(guards.staff_only)
