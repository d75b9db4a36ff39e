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
    policy,
    practice,
    practice_export,
    programme,
    responses,
    retention,
    sessions,
    texts,
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
    "policy",
    "practice",
    "practice_export",
    "programme",
    "responses",
    "retention",
    "sessions",
    "texts",
    "today",
]
