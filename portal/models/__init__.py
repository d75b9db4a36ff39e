"""SQLAlchemy tables only: no rules, no queries."""

from portal.models import (
    assignments,
    audit,
    colleagues,
    consents,
    couples,
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
    "colleagues",
    "consents",
    "couples",
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
