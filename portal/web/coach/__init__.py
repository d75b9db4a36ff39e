"""What a coach can ask for over HTTP, one module a noun."""

from portal.web.coach import responses, today
from portal.web.coach.area import area

__all__ = ["area", "responses", "today"]
