"""The kinds of column that every table is made of: ids, instants, words from a list, and sealed bytes."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = Annotated[UUID, mapped_column(primary_key=True)]
Moment = Annotated[datetime, mapped_column(Instant)]
Sealed = Annotated[bytes, mapped_column(LargeBinary)]
Word = Annotated[str, mapped_column(String(40))]
Line = Annotated[str, mapped_column(String(200))]
LongText = Annotated[str, mapped_column(Text)]


class OfPractice:
    """A row of one practice; `practice_id` stands in every composite key, so that no row can point across."""

    @declared_attr
    def practice_id(cls) -> Mapped[UUID]:  # noqa: N805 - a class attribute by SQLAlchemy's rule
        return mapped_column(ForeignKey("practices.id"), index=True)


def of_person(column: str = "person_id") -> ForeignKeyConstraint:
    """That `column` holds somebody of the row's own practice."""
    return ForeignKeyConstraint(["practice_id", column], ["people.practice_id", "people.id"])


def only_one(name: str, *columns: str, where: str) -> Index:
    """At most one row of these columns among those for which `where` holds."""
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


def one_of(column: str, words: type[StrEnum] | tuple[str, ...], *, name: str | None = None) -> CheckConstraint:
    """A check that `column` holds one of `words` (or nothing, where the column may be empty)."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=name or f"{column}_known")
