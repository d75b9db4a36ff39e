"""Questionnaires and their versions: exercises of the library and check-ins; a version never changes."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.programme import Audience, Kind
from portal.extensions import Base
from portal.models.columns import Id, Line, LongText, Moment, OfPractice, Word, one_of


class Questionnaire(OfPractice, Base):
    """One entry of the library; its texts are its versions'."""

    __tablename__ = "questionnaires"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("practice_id", "slug"),
        ForeignKeyConstraint(["practice_id", "step"], ["steps.practice_id", "steps.slug"]),
        one_of("kind", Kind),
        CheckConstraint("kind <> 'exercise' OR step IS NOT NULL", name="exercise_has_step"),
    )

    id: Mapped[Id]
    kind: Mapped[Word]
    slug: Mapped[Line]
    step: Mapped[Word | None]
    position: Mapped[int]
    retired_at: Mapped[Moment | None]


class QuestionnaireVersion(OfPractice, Base):
    """What a form was when it was given: immutable. `couple_id` marks one that was reworded for a couple."""

    __tablename__ = "questionnaire_versions"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        UniqueConstraint("questionnaire_id", "number"),
        ForeignKeyConstraint(["practice_id", "questionnaire_id"], ["questionnaires.practice_id", "questionnaires.id"]),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        CheckConstraint("number > 0", name="number_counts"),
        CheckConstraint("minutes > 0", name="minutes_count"),
        one_of("audience", Audience),
    )

    id: Mapped[Id]
    questionnaire_id: Mapped[UUID]
    number: Mapped[int]
    couple_id: Mapped[UUID | None]
    title: Mapped[Line]
    purpose: Mapped[LongText]
    audience: Mapped[Word]
    minutes: Mapped[int]
    frequency: Mapped[Word]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[Moment]
