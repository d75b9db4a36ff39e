"""The programme of a practice: the shipped steps and library put into its own tables, and read from there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal import clock, content, randomness
from portal.domain.documents import check_in_document, exercise_document
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Viewer
from portal.domain.programme import Audience, Kind
from portal.extensions import db
from portal.models.programme import Step
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.services import measure_gate, scope

CHECK_IN_SLUG = "weekly-check-in"


@dataclass(frozen=True, slots=True)
class StepInProgramme:
    """One step in the practice's order."""

    slug: str
    title: str
    position: int


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One entry of the library with its latest version for everybody."""

    id: UUID
    kind: Kind
    slug: str
    step: str | None
    title: str
    purpose: str
    audience: Audience
    minutes: int
    frequency: str
    version_id: UUID
    version: int
    document: dict[str, Any]


def load_shipped_programme(practice_id: UUID) -> None:
    """Put the shipped steps, exercises and the check-in into a new practice. The caller commits."""
    for position, step in enumerate(content.steps(), 1):
        db.session.add(
            Step(
                id=randomness.new_id(),
                practice_id=practice_id,
                slug=step["step"],
                title=step["title"],
                position=position,
            )
        )
        db.session.flush()
        for place, exercise in enumerate(step["exercises"], 1):
            document = exercise_document(exercise, step["step"], content.common_fields())
            add_entry(practice_id, Kind.EXERCISE, exercise["slug"], step["step"], place, document)
    add_entry(practice_id, Kind.CHECK_IN, CHECK_IN_SLUG, None, 1, check_in_document(content.check_in()))


def add_entry(
    practice_id: UUID, kind: Kind, slug: str, step: str | None, position: int, document: dict[str, Any]
) -> UUID:
    """Add an entry with its first version, and give its id. The caller commits."""
    entry = Questionnaire(
        id=randomness.new_id(), practice_id=practice_id, kind=kind, slug=slug, step=step, position=position
    )
    db.session.add(entry)
    db.session.flush()
    add_version(entry, 1, document)
    return entry.id


def add_version(
    entry: Questionnaire, number: int, document: dict[str, Any], couple_id: UUID | None = None
) -> QuestionnaireVersion:
    """Add a version; `couple_id` marks one that was reworded for a couple. The caller commits."""
    version = QuestionnaireVersion(
        id=randomness.new_id(),
        practice_id=entry.practice_id,
        questionnaire_id=entry.id,
        number=number,
        couple_id=couple_id,
        title=document["title"],
        purpose=document["purpose"],
        audience=document["audience"],
        minutes=document["minutes"],
        frequency=document["frequency"],
        document=document,
        created_at=clock.now(),
    )
    db.session.add(version)
    db.session.flush()
    return version


def next_number(entry: Questionnaire) -> int:
    """The number of the entry's next version, those reworded for couples counted; the entry is held meanwhile."""
    db.session.execute(select(Questionnaire.id).where(Questionnaire.id == entry.id).with_for_update())
    versions = select(func.max(QuestionnaireVersion.number)).where(QuestionnaireVersion.questionnaire_id == entry.id)
    return (db.session.scalar(versions) or 0) + 1


def check_in_use(entry: Questionnaire, *, field: str) -> None:
    """Raise Invalid "exercise_retired" with `field` for what the practice has taken out of use."""
    if entry.retired_at is not None:
        raise Invalid("exercise_retired", field=field)


def newest_version(questionnaire_id: UUID) -> QuestionnaireVersion:
    """The version that the library shows at present; raises NotFound."""
    newest = newest_or_none(questionnaire_id)
    if newest is None:
        raise NotFound
    return newest


def newest_or_none(questionnaire_id: UUID) -> QuestionnaireVersion | None:
    """The same; None for an entry that is being made."""
    statement = select(QuestionnaireVersion).where(
        QuestionnaireVersion.questionnaire_id == questionnaire_id, QuestionnaireVersion.couple_id.is_(None)
    )
    return db.session.scalars(statement.order_by(QuestionnaireVersion.number.desc()).limit(1)).one_or_none()


def adapted_or_none(version_id: UUID | None, couple_id: UUID) -> QuestionnaireVersion | None:
    """A version that was written for this couple; None for any other, and where none is named."""
    theirs = (QuestionnaireVersion.id == version_id, QuestionnaireVersion.couple_id == couple_id)
    return None if version_id is None else db.session.scalars(select(QuestionnaireVersion).where(*theirs)).one_or_none()


def check_step(viewer: Viewer, slug: str | None) -> None:
    """Raise Invalid for what is no step of the practice's programme."""
    if slug not in {step.slug for step in steps_of(viewer)}:
        raise Invalid("step_unknown", field="step")


def steps_of(viewer: Viewer) -> tuple[StepInProgramme, ...]:
    """The steps of the viewer's practice in its order."""
    rows = db.session.execute(
        select(Step.slug, Step.title, Step.position)
        .where(Step.practice_id == viewer.practice_id, Step.retired_at.is_(None))
        .order_by(Step.position)
    )
    return tuple(StepInProgramme(*row) for row in rows)


def first_step(practice_id: UUID) -> str:
    """The step at which a new couple of the practice begins."""
    in_use = select(Step.slug).where(Step.practice_id == practice_id, Step.retired_at.is_(None))
    return db.session.scalars(in_use.order_by(Step.position).limit(1)).one()


def library(viewer: Viewer, instead: QuestionnaireVersion | None = None) -> tuple[LibraryEntry, ...]:
    """Every entry in use with its latest version, in the order of the programme; check-in and measures come last.

    Of measures those that may be given today; what the work begins and ends with has pages of its own. `instead` is a
    version that stands in place of its entry's latest.
    """
    latest = (
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.couple_id.is_(None))
        .order_by(QuestionnaireVersion.questionnaire_id, QuestionnaireVersion.number)
    )
    newest = {version.questionnaire_id: version for version in db.session.scalars(_of(viewer, latest))}
    if instead is not None:
        newest[instead.questionnaire_id] = instead
    statement = (
        scope.library(viewer)
        .outerjoin(Step, (Step.practice_id == Questionnaire.practice_id) & (Step.slug == Questionnaire.step))
        .where(Questionnaire.retired_at.is_(None), Questionnaire.kind != Kind.PASSAGE)
        .order_by(Step.position.is_(None), Step.position, Questionnaire.position)
    )
    rows = (row for row in db.session.execute(measure_gate.with_licences(statement)) if measure_gate.is_open(row))
    return tuple(entry_with(entry, newest[entry.id]) for entry, *_ in rows if entry.id in newest)


def _of(viewer: Viewer, statement: Any) -> Any:
    return statement.where(QuestionnaireVersion.practice_id == viewer.practice_id)


def entry_with(row: Questionnaire, version: QuestionnaireVersion) -> LibraryEntry:
    """A library entry as a value, with the texts of this version."""
    return LibraryEntry(
        row.id,
        Kind(row.kind),
        row.slug,
        row.step,
        version.title,
        version.purpose,
        Audience(version.audience),
        version.minutes,
        version.frequency,
        version.id,
        version.number,
        version.document,
    )
