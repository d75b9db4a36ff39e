"""Whether the house can work: the database answers and stands at the newest migration."""

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db


def is_ready() -> bool:
    """Whether the database answers and holds our tables."""
    try:
        db.session.execute(text("SELECT 1"))
        return "practices" in inspect(db.engine).get_table_names()
    except SQLAlchemyError:
        return False


def database_revision() -> str | None:
    """The migration that the database stands at; None for an empty one."""
    if "alembic_version" not in inspect(db.engine).get_table_names():
        return None
    revision: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
