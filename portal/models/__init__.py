"""SQLAlchemy tables only: no rules, no queries."""

from portal.models import (
    assignments,
    audit,
    colleagues,
    consents,
    couples,
    key_store,
    notes,
    outbox,
    practices,
    programme,
    questionnaires,
    responses,
    safety,
    second_factors,
    sessions,
    users,
)

__all__ = [
    "assignments",
    "audit",
    "colleagues",
    "consents",
    "couples",
    "key_store",
    "notes",
    "outbox",
    "practices",
    "programme",
    "questionnaires",
    "responses",
    "safety",
    "second_factors",
    "sessions",
    "users",
]
