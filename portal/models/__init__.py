"""SQLAlchemy tables only: no rules, no queries."""

from portal.models import (
    assignments,
    audit,
    consents,
    couples,
    doors,
    notes,
    outbox,
    practices,
    programme,
    questionnaires,
    responses,
    safety,
    sessions,
    users,
)

__all__ = [
    "assignments",
    "audit",
    "consents",
    "couples",
    "doors",
    "notes",
    "outbox",
    "practices",
    "programme",
    "questionnaires",
    "responses",
    "safety",
    "sessions",
    "users",
]
