"""Variants: of two exercises of the library, which is an easier version of which."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base
from portal.models.columns import Id, OfPractice


class Variant(OfPractice, Base):
    """That one entry of the library is an easier version of another."""

    __tablename__ = "variants"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("easier_id", "harder_id"),
        ForeignKeyConstraint(["practice_id", "easier_id"], ["questionnaires.practice_id", "questionnaires.id"]),
        ForeignKeyConstraint(["practice_id", "harder_id"], ["questionnaires.practice_id", "questionnaires.id"]),
        CheckConstraint("easier_id <> harder_id", name="two_of_them"),
    )

    id: Mapped[Id]
    easier_id: Mapped[UUID]
    harder_id: Mapped[UUID] = mapped_column(index=True)
