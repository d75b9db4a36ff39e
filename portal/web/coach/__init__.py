"""What a coach can ask for over HTTP, one module a noun."""

from portal.web.coach import alone, assignments, couples, invitations, practice, programme, responses, sessions, today
from portal.web.coach.area import area

__all__ = [
    "alone",
    "area",
    "assignments",
    "couples",
    "invitations",
    "practice",
    "programme",
    "responses",
    "sessions",
    "today",
]
