"""Repeat rules: several weekdays at a time on a wall, every so many weeks, so many times or up to a day."""

import sqlalchemy as sa
from alembic import op

from portal import clock

revision = "0032_repeat_rules"
down_revision = "0031_questionnaire_drafts"
branch_labels = None
depends_on = None

TABLE = "repetitions"
RULES = {
    "weekdays_named": "weekdays <> ''",
    "at_minute_of_a_day": "at_minute BETWEEN 0 AND 1439",
    "every_weeks_counts": "every_weeks > 0",
    "times_count": "times > 0",
    "ends_once": "times IS NULL OR until IS NULL",
}
ZONE = "(SELECT zone FROM practices WHERE practices.id = repetitions.practice_id)"
# what an older house cannot tell would come to people on days that nobody chose
END = sa.text(
    "UPDATE repetitions SET ended_at = :now WHERE ended_at IS NULL"
    " AND (length(weekdays) > 1 OR every_weeks > 1 OR times IS NOT NULL OR until IS NOT NULL)"
)


def upgrade() -> None:
    """A weekly form came as its day began, on the wall of the practice: so it goes on."""
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.add_column(sa.Column("weekdays", sa.String(length=40), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("at_minute", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("zone", sa.String(length=40), nullable=False, server_default="UTC"))
        batch_op.add_column(sa.Column("every_weeks", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("times", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("until", sa.Date(), nullable=True))
    op.execute(f"UPDATE {TABLE} SET weekdays = CAST(weekday + 1 AS VARCHAR(40)), zone = {ZONE}")  # noqa: S608 - our own words
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_repetitions_weekday_known"), type_="check")
        batch_op.drop_column("weekday")
        for name, kind in (("weekdays", sa.String(40)), ("zone", sa.String(40))):
            batch_op.alter_column(name, existing_type=kind, server_default=None)
        for name in ("at_minute", "every_weeks"):
            batch_op.alter_column(name, existing_type=sa.Integer(), server_default=None)
        for name, rule in RULES.items():
            batch_op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), rule)


def downgrade() -> None:
    op.get_bind().execute(END.bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True))), {"now": clock.now()})
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.add_column(sa.Column("weekday", sa.Integer(), nullable=False, server_default="0"))
    op.execute(f"UPDATE {TABLE} SET weekday = CAST(substr(weekdays, 1, 1) AS INTEGER) - 1")  # noqa: S608 - our own words
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        for name in RULES:
            batch_op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), type_="check")
        for name in ("weekdays", "at_minute", "zone", "every_weeks", "times", "until"):
            batch_op.drop_column(name)
        batch_op.alter_column("weekday", existing_type=sa.Integer(), server_default=None)
        batch_op.create_check_constraint(op.f(f"ck_{TABLE}_weekday_known"), "weekday BETWEEN 0 AND 6")
