"""Locks on rows, in PostgreSQL: a transaction reaches the rows of the practice that it works for, and no other's."""

from alembic import op

from portal.models.row_locks import Found, Own, lock, unlock

revision = "0014_row_locks"
down_revision = "0013_rights_of_people"
branch_labels = None
depends_on = None

OWN = (
    "assignments",
    "caseload",
    "consents",
    "contacts",
    "couples",
    "covers",
    "drafts",
    "erasures",
    "feedback",
    "hand_overs",
    "holds",
    "notes",
    "outbox",
    "parked_texts",
    "partnerships",
    "passkeys",
    "people",
    "questionnaire_versions",
    "questionnaires",
    "recovery_codes",
    "repetitions",
    "responses",
    "retention_rules",
    "second_factors",
    "sessions",
    "signals",
    "steps",
    "supervisions",
    "tasks",
)
FOUND = {  # looked up by a hash, or gone through, before a practice is known
    "practices": (Own.BY_ID, Found.BEFORE_SIGN_IN),
    "web_sessions": (Own.BY_PRACTICE, Found.BEFORE_SIGN_IN),
    "tokens": (Own.BY_PRACTICE, Found.BEFORE_SIGN_IN),
    "known_devices": (Own.BY_PRACTICE, Found.ALWAYS),  # of whomever: the limits at a door ask
    "sign_ins": (Own.BY_PRACTICE, Found.ALWAYS),  # also for whether an address stands for somebody elsewhere
}
CHAINS = ("audit_events", "audit_heads")
LOCKED = (*OWN, *FOUND, *CHAINS)
# what asks about every practice does so as the owner, whoever calls it
AS_OWNER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT"
BEGIN_LOOK = "PERFORM set_config('app.every_practice', 'yes', true)"
END_LOOK = "PERFORM set_config('app.every_practice', before, true)"
BEFORE = "before text := coalesce(current_setting('app.every_practice', true), '')"
LOOSE = f"""
    CREATE FUNCTION audit_events_of_no_chain(outside uuid) RETURNS bigint {AS_OWNER} AS $$
    DECLARE
        {BEFORE};
        found bigint;
    BEGIN
        {BEGIN_LOOK};
        SELECT count(*) INTO found FROM audit_events
            WHERE chain_id <> outside AND chain_id NOT IN (SELECT id FROM practices);
        {END_LOOK};
        RETURN found;
    END $$
"""  # noqa: S608 - our own words
MAY_GO = "(EXISTS (SELECT 1 FROM practices WHERE is_demo) AND NOT EXISTS (SELECT 1 FROM practices WHERE NOT is_demo))"
STAY = f"""
    CREATE OR REPLACE FUNCTION audit_events_stay() RETURNS trigger {AS_OWNER} AS $$
    DECLARE
        {BEFORE};
        may_go boolean;
    BEGIN
        {BEGIN_LOOK};
        may_go := {MAY_GO};
        {END_LOOK};
        IF TG_OP = 'DELETE' AND may_go THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit events are never changed or removed';
    END $$
"""
AS_IT_WAS = f"""
    CREATE OR REPLACE FUNCTION audit_events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND {MAY_GO} THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit events are never changed or removed';
    END $$
"""


def upgrade() -> None:
    if _is_sqlite():
        return
    for table in OWN:
        _run(lock(table))
    for table, (own, found) in FOUND.items():
        _run(lock(table, own, found))
    for table in CHAINS:
        _run(lock(table, Own.BY_CHAIN))
    _run([LOOSE, STAY])


def downgrade() -> None:
    if _is_sqlite():
        return
    for table in LOCKED:
        _run(unlock(table))
    _run(["DROP FUNCTION audit_events_of_no_chain", AS_IT_WAS])


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)
