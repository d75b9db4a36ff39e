"""Questionnaires with their versions, which never change, and the drafts from which a next one is made."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.programme import Audience, Kind
from portal.extensions import Base
from portal.models.columns import Id, Line, LongText, Moment, OfPractice, Word, of_person, one_of, only_one


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


class QuestionnaireDraft(OfPractice, Base):
    """What a coach is building: of an entry of the library, or of one to come; `couple_id` where it is for one couple.

    Each save raises `version`, by which two pages that are open at once are told apart.
    """

    __tablename__ = "questionnaire_drafts"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        ForeignKeyConstraint(["practice_id", "questionnaire_id"], ["questionnaires.practice_id", "questionnaires.id"]),
        ForeignKeyConstraint(["practice_id", "couple_id"], ["couples.practice_id", "couples.id"]),
        of_person("saved_by"),
        CheckConstraint("version > 0", name="version_counts"),
        CheckConstraint("couple_id IS NULL OR questionnaire_id IS NOT NULL", name="adapts_an_entry"),
        only_one("uq_questionnaire_drafts_of_entry", "questionnaire_id", where="couple_id IS NULL"),
        only_one("uq_questionnaire_drafts_of_couple", "questionnaire_id", "couple_id", where="couple_id IS NOT NULL"),
    )

    id: Mapped[Id]
    questionnaire_id: Mapped[UUID | None]
    couple_id: Mapped[UUID | None] = mapped_column(index=True)
    version: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_by: Mapped[UUID]
    saved_at: Mapped[Moment]
