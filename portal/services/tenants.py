"""Whose rows a piece of work reaches: the practice is found by what somebody brings along, or they are gone through.

PostgreSQL gives no row of another practice (row-level security), and hardly any before a practice is known. Pages learn
theirs by the browser's session, doors by a name or a link, commands and jobs go through the practices one by one.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.extensions import PRACTICE, ask, db, work_for
from portal.models.practices import Practice

AT_HOME = Practice.moved_out_at.is_(None)  # of a practice that moved out nobody comes in, and nothing leaves the house
NOBODY = UUID(int=0)  # the practice of a name that is not known: nothing is reached, by as many statements as otherwise


def each(*where: ColumnElement[bool]) -> Iterator[UUID]:
    """Every practice in turn, or those for which all of this holds, worked for meanwhile; then it is as it was."""
    before: UUID | None = db.session().info.get(PRACTICE)
    try:
        for practice_id in ids(*where):
            work_for(practice_id)
            yield practice_id
    finally:
        work_for(before)


def ids(*where: ColumnElement[bool]) -> list[UUID]:
    """Every practice there is, or those for which all of this holds; none is worked for afterwards."""
    work_for(None)
    return list(db.session.scalars(select(Practice.id).where(*where).order_by(Practice.id)))


def named(name: str, *where: ColumnElement[bool]) -> list[UUID]:
    """The practices of this name, or the one of this id; several may be called alike, so whoever asks for one says so.

    None is worked for afterwards.
    """
    return ids((Practice.name == name) | (Practice.id == _id_or_nobody(name)), *where)


def _id_or_nobody(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        return NOBODY


def is_at_home(practice_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """That the practice of a row has not moved out."""
    return practice_id.in_(select(Practice.id).where(AT_HOME))


def enter_by(key: InstrumentedAttribute[bytes], value: bytes | list[bytes], otherwise: UUID | None = None) -> None:
    """Work for the practice of the row that holds this hash (or one of these), `otherwise` where there is none, or it
    has moved out.

    One statement looks it up and says so to PostgreSQL; SQLite has no locks on rows, and is asked nothing.
    """
    if db.engine.dialect.name != "postgresql":
        return
    work_for(None)
    table: Any = key.class_
    row = ask(_looked_up(table, key.key), values=value if isinstance(value, list) else [value]).one_or_none()
    remember(row[0] if row else otherwise)


def within(practice_id: UUID, act: Callable[..., object], *values: Any) -> object:
    """Do something for a practice, and work for it from then on."""
    work_for(practice_id)
    return act(*values)


@cache
def _looked_up(table: Any, key: str) -> Select[*tuple[Any, ...]]:
    said = func.set_config("app.practice", cast(table.practice_id, Text), True)
    found = getattr(table, key).in_(bindparam("values", expanding=True))
    return select(table.practice_id, said).where(found, is_at_home(table.practice_id))


def remember(practice_id: UUID | None) -> None:
    """Work for this practice from the next transaction on; the present one knows of it already."""
    db.session().info[PRACTICE] = practice_id
