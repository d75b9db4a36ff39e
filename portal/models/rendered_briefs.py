"""Copies of briefs that were set ahead: kept sealed until the data behind them changes, or their session is over."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.brief_choices import Copy
from portal.extensions import Base
from portal.models.columns import Id, Moment, OfPractice, Sealed, Word, one_of


class RenderedBrief(OfPractice, Base):
    """One copy of a session's brief as a file, or that it was looked at and none could be set.

    `made_of` is a keyed hash of the page and of what set it: the file is given for that very page alone. `content` is
    sealed for each partner, one layer in the other, and for the couple: it opens for nobody once one of them is erased.
    """

    __tablename__ = "rendered_briefs"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("session_id", "copy"),
        ForeignKeyConstraint(["practice_id", "session_id"], ["sessions.practice_id", "sessions.id"]),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        one_of("copy", Copy),
        CheckConstraint("(made_of IS NULL) = (content IS NULL)", name="file_of_a_page"),
        Index("ix_rendered_briefs_couple", "couple_id"),
        Index("ix_rendered_briefs_looked_at", "practice_id", "looked_at"),
    )

    id: Mapped[Id]
    session_id: Mapped[UUID]
    couple_id: Mapped[UUID]
    copy: Mapped[Word]
    made_of: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    content: Mapped[Sealed | None]
    looked_at: Mapped[Moment]
