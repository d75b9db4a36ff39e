"""Measures that a practice has brought: what was read, its licences, its protocols, and scores typed from paper."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.measure_care import Concern
from portal.domain.measure_scores import Coding
from portal.extensions import Base
from portal.models.columns import Id, Line, LongText, Moment, OfPractice, Sealed, Word, of_person, one_of

MAYBE = JSON(none_as_null=True)


def _of_measure() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["practice_id", "questionnaire_id"], ["measures.practice_id", "measures.questionnaire_id"]
    )


class Measure(OfPractice, Base):
    """What makes an entry of the library a measure. Before it is activated it has no version, and nobody is given it.

    `imported` is the questionnaire as it was read, without points where the file gave none; `scoring` its definition as
    the shipped file has them; both are empty while they are missing. `yes_no` are the points of a yes and of a no, and
    `turned` the link ids whose position numbers were turned round into points.
    """

    __tablename__ = "measures"
    __table_args__ = (
        UniqueConstraint("practice_id", "questionnaire_id"),
        ForeignKeyConstraint(["practice_id", "questionnaire_id"], ["questionnaires.practice_id", "questionnaires.id"]),
        of_person("brought_by"),
        of_person("activated_by"),
        one_of("concern", Concern),
        one_of("coding", Coding),
        CheckConstraint("(activated_at IS NULL) = (activated_by IS NULL)", name="activated_by_somebody"),
        CheckConstraint("activated_at IS NULL OR scoring IS NOT NULL", name="activated_with_scoring"),
        CheckConstraint("minutes > 0", name="minutes_count"),
    )

    questionnaire_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[Line]
    title: Mapped[Line]
    minutes: Mapped[int]
    concern: Mapped[Word]
    coding: Mapped[Word]
    imported: Mapped[dict[str, Any] | None] = mapped_column(MAYBE)
    dropped: Mapped[list[str]] = mapped_column(JSON)
    turned: Mapped[list[str]] = mapped_column(JSON)
    scoring_name: Mapped[Word | None]
    scoring: Mapped[dict[str, Any] | None] = mapped_column(MAYBE)
    yes_no: Mapped[list[str] | None] = mapped_column(MAYBE)
    brought_by: Mapped[UUID]
    brought_at: Mapped[Moment]
    activated_by: Mapped[UUID | None]
    activated_at: Mapped[Moment | None]


class MeasureLicence(OfPractice, Base):
    """What somebody attested about the right to use a measure; a later one takes the place of an earlier one."""

    __tablename__ = "measure_licences"
    __table_args__ = (
        _of_measure(),
        of_person("attested_by"),
        Index("ix_measure_licences_latest", "questionnaire_id", "attested_at"),
    )

    id: Mapped[Id]
    questionnaire_id: Mapped[UUID]
    holder: Mapped[Line]
    reference: Mapped[Line]
    expires_on: Mapped[date | None]
    electronic: Mapped[bool]
    copyright_line: Mapped[Line]
    unaltered: Mapped[bool]
    may_export: Mapped[bool]
    attested_by: Mapped[UUID]
    attested_at: Mapped[Moment]


class MeasureProtocol(OfPractice, Base):
    """How a practice is ready for what a guarded measure may bring up: a later one takes an earlier one's place.

    `readers` are the coaches, as hexadecimal ids, who have undertaken to read it on the day on which it is sent.
    """

    __tablename__ = "measure_protocols"
    __table_args__ = (
        _of_measure(),
        of_person("documented_by"),
        Index("ix_measure_protocols_latest", "questionnaire_id", "documented_at"),
    )

    id: Mapped[Id]
    questionnaire_id: Mapped[UUID]
    training: Mapped[LongText]
    response: Mapped[LongText]
    referral: Mapped[LongText]
    readers: Mapped[list[str]] = mapped_column(JSON)
    documented_by: Mapped[UUID]
    documented_at: Mapped[Moment]


class PaperScore(OfPractice, Base):
    """Scores that a coach typed from a paper form: when it was filled in, and the sealed totals; no answers."""

    __tablename__ = "paper_scores"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        _of_measure(),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        of_person(),
        of_person("entered_by"),
        Index("ix_paper_scores_couple", "couple_id", "taken_on"),
        Index("ix_paper_scores_person", "person_id"),
    )

    id: Mapped[Id]
    questionnaire_id: Mapped[UUID]
    couple_id: Mapped[UUID]
    person_id: Mapped[UUID]
    taken_on: Mapped[date]
    totals: Mapped[Sealed]
    entered_by: Mapped[UUID]
    entered_at: Mapped[Moment]
    struck_at: Mapped[Moment | None]
