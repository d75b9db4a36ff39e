"""The partners' area and its guard; staff find nothing here."""

from flask import Blueprint

from portal.web import guards

area = Blueprint("partner", __name__, url_prefix="/my")
area.before_request(guards.partners_only)
