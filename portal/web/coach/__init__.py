"""What a coach can ask for over HTTP, one module a noun."""

from portal.web.coach import (
    account,
    alone,
    assignments,
    audit,
    colleagues,
    couples,
    erasures,
    members,
    parting,
    practice,
    practice_export,
    programme,
    responses,
    retention,
    sessions,
    today,
)
from portal.web.coach.area import area

__all__ = [
    "account",
    "alone",
    "area",
    "assignments",
    "audit",
    "colleagues",
    "couples",
    "erasures",
    "members",
    "parting",
    "practice",
    "practice_export",
    "programme",
    "responses",
    "retention",
    "sessions",
    "today",
]
