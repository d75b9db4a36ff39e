"""What a coach can ask for over HTTP, one module a noun."""

from portal.web.coach import (
    alone,
    assignments,
    colleagues,
    couples,
    members,
    practice,
    programme,
    responses,
    sessions,
    today,
)
from portal.web.coach.area import area

__all__ = [
    "alone",
    "area",
    "assignments",
    "colleagues",
    "couples",
    "members",
    "practice",
    "programme",
    "responses",
    "sessions",
    "today",
]
