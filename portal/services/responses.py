"""Responses: a partner's task opened, and its draft kept until it is sent (see `sending`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, delete, select

from portal import clock
from portal.domain.answers import Answer, collect
from portal.domain.assignments import Act, For, TaskState, after
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.items import WITHOUT_WAITING
from portal.domain.people import Viewer
from portal.domain.questionnaires import (
    Item,
    Questionnaire,
    Screen,
    chosen_together,
    from_document,
    items_of_form,
    screens_of_form,
)
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.columns import Instant
from portal.models.couples import Couple
from portal.models.practices import Practice
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Draft, ParkedText
from portal.models.users import Person
from portal.services import scope, vault

DRAFT_PLACE = "drafts.document"
PARKED_PLACE = "parked_texts.document"
PARKED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a form: raw fields, who may read each, and which private questions were answered before."""

    raw: Mapping[str, str] = field(default_factory=dict)
    disclosures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task as its partner meets it: the form, what was typed so far, and what the coach said with it.

    `parked` is what was being typed, on `parked_version` of the draft, when the session ran out; the draft stays.
    """

    task_id: UUID
    state: TaskState
    questionnaire: Questionnaire
    items: tuple[Item, ...]
    screens: tuple[Screen, ...]
    typed: Typed
    version: int
    saved_at: datetime | None
    due_at: datetime
    why: str | None
    obstacle: str | None
    submitted_at: datetime | None
    parked: "Typed | None" = None
    parked_version: int = 0

    @property
    def locked_ids(self) -> frozenset[str]:
        """The private questions: kept in the draft, and never shown again."""
        return frozenset(item.id for item in self.items if item.disclosure is Disclosure.LOCKED)


def open_for(viewer: Viewer, task_id: UUID) -> OpenTask:
    """One's own task with its draft; raises NotFound."""
    rows = scope.of_partner(viewer, _task_select(), task_id=task_id, parked_since=clock.now() - PARKED_FOR)
    if not rows:
        raise NotFound
    [row] = rows
    vault.load_keys([viewer.person_id, row.couple_id])
    return _open_task(viewer, row)


@cache
def _task_select() -> Select[*tuple[Any, ...]]:
    mine = scope.own_tasks(scope.A_PARTNER).with_only_columns(Task.id)
    since = bindparam("parked_since", type_=Instant())
    return (
        select(
            Task.id,
            Task.state,
            Task.ordinal,
            Task.step,
            Task.due_at,
            Task.submitted_at,
            Assignment.id.label("assignment_id"),
            Assignment.couple_id,
            Assignment.given_to,
            Assignment.why,
            Assignment.obstacle,
            QuestionnaireVersion.document.label("definition"),
            Practice.policy,
            Person.display_name.label("coach_name"),
            Draft.version,
            Draft.saved_at,
            Draft.document.label("draft"),
            ParkedText.version.label("parked_version"),
            ParkedText.document.label("parked"),
        )
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Practice, Practice.id == Task.practice_id)
        .join(Couple, Couple.id == Assignment.couple_id)
        .join(Person, Person.id == Couple.coach_id)
        .outerjoin(Draft, Draft.task_id == Task.id)
        .outerjoin(ParkedText, (ParkedText.task_id == Task.id) & (ParkedText.parked_at > since))
        .where(Task.id == bindparam("task_id"), Task.id.in_(mine))
    )


def _open_task(viewer: Viewer, row: Row[Any]) -> OpenTask:
    questionnaire = _as_given(from_document(row.definition).spoken(row.coach_name), For(row.given_to))
    asked = {"ordinal": row.ordinal, "current_step": row.step, "policy": row.policy}
    couple_id, assignment_id = row.couple_id, row.assignment_id
    return OpenTask(
        row.id,
        TaskState(row.state),
        questionnaire,
        items_of_form(questionnaire, **asked),
        screens_of_form(questionnaire, **asked),
        typed_of(viewer.person_id, DRAFT_PLACE, row.id, row.draft) if row.draft else Typed(),
        row.version or 0,
        row.saved_at,
        row.due_at,
        vault.unseal(couple_id, "assignments.why", assignment_id, row.why) if row.why else None,
        vault.unseal(couple_id, "assignments.obstacle", assignment_id, row.obstacle) if row.obstacle else None,
        row.submitted_at,
        typed_of(viewer.person_id, PARKED_PLACE, row.id, row.parked) if row.parked else None,
        row.parked_version or 0,
    )


def typed_of(owner_id: UUID, place: str, task_id: UUID, sealed: bytes) -> Typed:
    """What stands in a form, out of what was sealed of it."""
    document = vault.unseal_document(owner_id, place, task_id, sealed)
    return Typed(document["raw"], document["disclosures"])


def seal_typed(owner_id: UUID, place: str, task_id: UUID, typed: Typed) -> bytes:
    """Seal what stands in a form, for one place."""
    document = {"raw": dict(typed.raw), "disclosures": dict(typed.disclosures)}
    return vault.seal_document(owner_id, place, task_id, document)


def _as_given(questionnaire: Questionnaire, given_to: For) -> Questionnaire:
    """What was given to one alone waits for nobody, and says so."""
    if len(given_to.labels) > 1:
        return questionnaire
    return replace(questionnaire, items=tuple(replace(item, opens=WITHOUT_WAITING) for item in questionnaire.items))


def look_over(task: OpenTask, typed: Typed) -> tuple[tuple[Answer, ...], dict[str, Invalid]]:
    """What these fields would be sent as, and the refusals by item id."""
    chosen = {item.id: typed.disclosures.get(item.id, item.disclosure.value) for item in task.items}
    return collect(task.items, typed.raw, chosen)


def save_draft(
    viewer: Viewer,
    task_id: UUID,
    typed: Typed,
    version: int,
    *,
    clears_locked: bool = False,
    takes_parked: bool = False,
) -> OpenTask:
    """Keep what is typed; gives the task with its new version.

    Private questions that `typed` does not carry stay as they were, unless they are cleared. `takes_parked` says that
    the form was the one with the parked text in it, which is then no longer kept apart. Raises Conflict
    "stale_draft" when a newer draft was saved elsewhere (both stay), and "already_sent".
    """
    begin_write()
    row = _take(viewer, task_id)
    task = open_for(viewer, task_id)
    if not task.state.is_open:
        raise Conflict("already_sent")
    kept = {} if clears_locked else _locked_of(task, task.typed)
    if takes_parked and task.parked is not None and not clears_locked:
        kept |= _locked_of(task, task.parked)
    whole = Typed(kept | dict(typed.raw), dict(typed.disclosures))
    if version != task.version and whole != task.typed:
        raise Conflict("stale_draft", task=task)
    _write_draft(viewer, task, whole)
    if takes_parked and task.parked is not None:
        db.session.execute(delete(ParkedText).where(ParkedText.task_id == task_id))
    row.state = after(TaskState(row.state), Act.START)
    row.started_at = row.started_at or clock.now()
    db.session.flush()
    saved = open_for(viewer, task_id)
    db.session.commit()
    return saved


def _locked_of(task: OpenTask, typed: Typed) -> dict[str, str]:
    return {item_id: typed.raw[item_id] for item_id in task.locked_ids if item_id in typed.raw}


def _take(viewer: Viewer, task_id: UUID) -> Task:
    """Let one request at a time work on a task; gives its row."""
    return scope.found(scope.own_tasks(viewer).where(Task.id == task_id).with_for_update())


def _write_draft(viewer: Viewer, task: OpenTask, typed: Typed) -> None:
    sealed = seal_typed(viewer.person_id, DRAFT_PLACE, task.task_id, typed)
    draft = db.session.scalars(select(Draft).where(Draft.task_id == task.task_id)).one_or_none()
    if draft is None:
        draft = Draft(task_id=task.task_id, practice_id=viewer.practice_id, person_id=viewer.person_id, version=0)
        db.session.add(draft)
    draft.version += 1
    draft.document = sealed
    draft.saved_at = clock.now()


def choose_reader(viewer: Viewer, task_id: UUID, item_id: str, wanted: Disclosure, version: int) -> None:
    """On the check page: whom one answer of the draft is for. Nothing is widened beyond what its question offers."""
    begin_write()
    _take(viewer, task_id)
    task = open_for(viewer, task_id)
    item = next((item for item in task.items if item.id == item_id), None)
    if not task.state.is_open or version != task.version:
        raise Conflict("already_sent" if not task.state.is_open else "stale_draft", task=task)
    if item is None or wanted not in (Disclosure.COACH, item.disclosure) or item.disclosure is Disclosure.LOCKED:
        raise NotAllowed("not_offered_for_this_question")
    together = dict.fromkeys(chosen_together(task.screens, item_id), wanted.value)
    _write_draft(viewer, task, Typed(task.typed.raw, {**task.typed.disclosures, **together}))
    db.session.commit()
