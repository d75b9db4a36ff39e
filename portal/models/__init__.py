"""SQLAlchemy tables only: no rules, no queries."""

from portal.models import (
    assignments,
    audit,
    consents,
    couples,
    erasures,
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
    "consents",
    "couples",
    "erasures",
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
