"""What stands beside a session's forms, for its coach: signals, and when check-ins that were due came in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, Uuid, cast, func, null, select, union_all

from portal.domain.people import Label, Viewer
from portal.domain.programme import Kind
from portal.domain.safety import SignalKind
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Partnership
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.responses import Response
from portal.models.safety import Signal
from portal.services import scope
from portal.services.session_material import Material


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands beside the forms: signals that are not closed, the latest first, and when each check-in that was due
    in the period came in (None: it has not)."""

    signals: tuple[tuple[Label, SignalKind, datetime], ...]
    due: tuple[tuple[Label, datetime | None], ...]


def marks(viewer: Viewer, material: Material) -> Marks:
    """The marks of a session's couple; one statement for both, of columns alike."""
    rows = db.session.execute(union_all(_signals_select(viewer, material), _due_select(material))).all()
    signals = sorted((row for row in rows if row.kind is not None), key=lambda row: (row.at, row.id), reverse=True)
    return Marks(
        tuple((Label(row.label), SignalKind(row.kind), row.at) for row in signals),
        tuple((Label(row.label), row.at) for row in rows if row.kind is None),
    )


def _signals_select(viewer: Viewer, material: Material) -> Select[*tuple[Any, ...]]:
    mine = scope.signals(viewer, scope.couples_to_read).with_only_columns(Signal.id)
    return (
        select(Partnership.label, Signal.kind, Signal.raised_at.label("at"), Signal.id)
        .join(Partnership, (Partnership.couple_id == Signal.couple_id) & (Partnership.person_id == Signal.person_id))
        .where(Signal.id.in_(mine), Signal.couple_id == material.couple_id, Signal.closed_at.is_(None))
    )


def _due_select(material: Material) -> Select[*tuple[Any, ...]]:
    no_kind, no_id = cast(null(), String), cast(null(), Uuid)
    statement = (
        select(Partnership.label, no_kind, func.min(Response.submitted_at), no_id)
        .select_from(Task)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .join(Partnership, (Partnership.couple_id == Assignment.couple_id) & (Partnership.person_id == Task.person_id))
        .outerjoin(Response, Response.task_id == Task.id)
        .where(
            Assignment.couple_id == material.couple_id,
            Questionnaire.kind == Kind.CHECK_IN,
            Task.withdrawn_at.is_(None),
            Task.due_at <= material.cut_off,
        )
        .group_by(Task.id, Partnership.label)
    )
    return statement if material.since is None else statement.where(Task.due_at > material.since)
