"""The partners' area and its guard; staff find nothing here."""

from flask import Blueprint

from portal.web import guards
from portal.web.partner import parking

area = Blueprint("partner", __name__, url_prefix="/my")
area.before_request(parking.keep_text)  # first: the guard sends nobody away with what they typed
area.before_request(guards.partners_only)
