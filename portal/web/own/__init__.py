"""What staff and partners have in common: the doors to one's own account, one module a noun."""

from portal.web.own import calendar, devices, passkeys, second_factors, step_up
from portal.web.own.area import area

__all__ = ["area", "calendar", "devices", "passkeys", "second_factors", "step_up"]
