"""The tables of the key store: the wrapped keys that open what people wrote, in a database of their own."""

from uuid import UUID

from sqlalchemy import CheckConstraint, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Moment, Sealed, Word, one_of

MOST_KEYS = 65_535  # the number of a key stands in two bytes before each text that it sealed


class KeyStoreBase(DeclarativeBase):
    """What the key store holds; no table of the main database is among it."""

    metadata = MetaData(naming_convention=Base.metadata.naming_convention)


class DataKey(KeyStoreBase):
    """A key of one person's (or one couple's common) texts, wrapped by a vault key; the highest number seals."""

    __tablename__ = "data_keys"
    __table_args__ = (
        one_of("owner_kind", ("person", "couple")),
        CheckConstraint(f"number BETWEEN 1 AND {MOST_KEYS}", name="number_fits"),
    )

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    practice_id: Mapped[UUID]
    owner_kind: Mapped[Word]
    wrapped: Mapped[Sealed]
    vault_version: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[Moment]


class DestroyedOwner(KeyStoreBase):
    """That the keys of somebody were destroyed on purpose: what they wrote is gone, and not mislaid."""

    __tablename__ = "destroyed_owners"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    destroyed_at: Mapped[Moment]
