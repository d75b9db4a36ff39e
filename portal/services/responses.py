"""Responses: a partner's task opened, and its draft kept until it is sent (see `sending`)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, delete, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.accounts import stays_sealed
from portal.domain.answers import Answer, check_not_held, collect
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
from portal.models.consents import Consent
from portal.models.couples import Couple
from portal.models.practices import Practice
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Draft, ParkedText, Response
from portal.models.users import Person
from portal.services import consents, drafts, scope, vault
from portal.services.drafts import Kept, Turn, Typed

PARKED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task as its partner meets it: the form, what was typed so far, and what the coach said with it.

    `parked` is what was being typed, on `parked_version` of the draft, when the session ran out; the draft stays.
    `is_closed`: the pass phrase was reset by a mail and nobody has vouched: `typed` is what was typed since, and what
    was typed and said before stays in `kept`.
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
    kept: Kept
    policy: str  # the one that its author signed last; of what was sent, the one under which it was
    is_closed: bool = False
    parked: "Typed | None" = None
    parked_version: int = 0
    parked_was_closed: bool = False  # it was typed on a page that did not show what stood there before
    entered_by: str | None = None  # who typed it in from paper; its author's draft then stays beside it

    @property
    def is_still_open(self) -> bool:
        """Past its day; the word for it is "still open"."""
        return self.state.is_open and self.due_at <= clock.now()

    @property
    def whole(self) -> Typed:
        """What would be sent: what was typed before and is closed goes along for the coach alone, where it can."""
        if not self.is_closed:
            return self.typed
        before = self.kept.before.for_coach_alone()
        return self.typed.over(before.without(look_over(self, before)[1].keys()))

    @property
    def replaced(self) -> Typed:
        """What was typed before a reset by mail and replaced while it was closed; nothing as long as it is."""
        return Typed() if self.is_closed else self.kept.replaced

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
    own, typist = aliased(Person), aliased(Person)
    since = bindparam("parked_since", type_=Instant())
    given = select(Response.policy).where(Response.task_id == Task.id).scalar_subquery()
    entered = select(typist.display_name).join(Response, Response.entered_by == typist.id)
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
            func.coalesce(given, Consent.policy, Practice.policy).label("policy"),
            Person.display_name.label("coach_name"),
            own.reset_at,
            own.vouched_at,
            entered.where(Response.task_id == Task.id).scalar_subquery().label("entered_by"),
            *_typed_columns(),
        )
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Practice, Practice.id == Task.practice_id)
        .join(Couple, Couple.id == Assignment.couple_id)
        .join(Person, Person.id == Couple.coach_id)
        .join(own, own.id == Task.person_id)
        .outerjoin(Consent, Consent.id == consents.last_of(Task.person_id))
        .outerjoin(Draft, Draft.task_id == Task.id)
        .outerjoin(
            ParkedText, (ParkedText.task_id == Task.id) & (ParkedText.parked_at > since) & drafts.parked_is_last_word()
        )
        .where(Task.id == bindparam("task_id"), Task.id.in_(mine))
    )


def _typed_columns() -> tuple[Any, ...]:
    """What is kept as a draft, and what was being typed when the session ran out."""
    parked = (ParkedText.parked_at, ParkedText.version.label("parked_version"), ParkedText.document.label("parked"))
    return Draft.version, Draft.saved_at, Draft.document.label("draft"), *parked


def _open_task(viewer: Viewer, row: Row[Any]) -> OpenTask:
    questionnaire = _as_given(from_document(row.definition).spoken(row.coach_name), For(row.given_to))
    asked = {"ordinal": row.ordinal, "current_step": row.step, "policy": row.policy}
    asked["on_paper"] = row.entered_by is not None
    items = items_of_form(questionnaire, **asked)
    is_closed = stays_sealed(row.reset_at, row.vouched_at)
    kept = drafts.unseal(viewer.person_id, row.id, row.draft)
    if row.reset_at is not None:  # also once it was vouched for: a page may be open that still hides what was before
        kept = kept.closed_by(row.reset_at.isoformat(), [i.id for i in items if i.disclosure is Disclosure.LOCKED])
    is_older = is_closed and row.parked_at is not None and row.parked_at <= row.reset_at
    parked = None if is_older else drafts.unseal_parked(viewer.person_id, row.id, row.parked)
    why, obstacle = (None, None) if is_closed else (row.why, row.obstacle)
    return OpenTask(
        row.id,
        TaskState(row.state),
        questionnaire,
        items,
        screens_of_form(questionnaire, **asked),
        kept.since if is_closed else kept.since.over(kept.before),
        row.version or 0,
        row.saved_at if not is_closed or (row.saved_at and row.saved_at > row.reset_at) else None,
        row.due_at,
        vault.unseal_or_none(row.couple_id, "assignments.why", row.assignment_id, why),
        vault.unseal_or_none(row.couple_id, "assignments.obstacle", row.assignment_id, obstacle),
        row.submitted_at,
        kept,
        row.policy,
        is_closed,
        parked,
        row.parked_version or 0,
        parked is not None and row.reset_at is not None and stays_sealed(row.reset_at, _before(row)),
        row.entered_by,
    )


def _before(row: Row[Any]) -> datetime | None:
    """When the coach had vouched, where that was before a text was parked."""
    vouched_at: datetime | None = row.vouched_at
    return vouched_at if vouched_at is not None and vouched_at <= row.parked_at else None


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
    turn: Turn | None = None,
    takes_parked: bool = False,
    from_closed: bool = False,
) -> OpenTask:
    """Keep what is typed; gives the task with its new version.

    Private questions that `typed` does not carry stay as they were, unless they are cleared. `takes_parked`: the form
    held the parked text, which is then kept apart no longer. Raises Conflict "stale_draft" when a newer draft was
    saved elsewhere (both stay), and "already_sent". The same text again is no conflict, but for private questions:
    whether it was would tell what was answered there. Nor is a further `turn` of the page that saved last; an earlier
    one, overtaken on its way, changes nothing.
    """
    begin_write()
    row = _take(viewer, task_id)
    task = open_for(viewer, task_id)
    if not task.state.is_open:
        raise Conflict("already_sent")
    parked = task.parked if takes_parked else None
    kept = {} if clears_locked else _locked_of(task, parked)
    whole = Typed(kept | dict(typed.raw), dict(typed.disclosures))
    tells = clears_locked or parked is not None or not task.locked_ids.isdisjoint(typed.raw)
    is_own = turn is not None and turn.is_of_page_of(task.kept.saved_by)
    if version != task.version and not is_own and (tells or whole != task.typed):
        raise Conflict("stale_draft", task=task)
    if turn is None or not turn.is_overtaken_by(task.kept.saved_by):
        _write_draft(viewer, task, whole, turn, leaves_before=from_closed)
        _let_go(parked, task_id)
    row.state = after(TaskState(row.state), Act.START)
    row.started_at = row.started_at or clock.now()
    db.session.flush()
    saved = open_for(viewer, task_id)
    db.session.commit()
    return saved


def _locked_of(task: OpenTask, parked: Typed | None) -> dict[str, str]:
    """The private answers that are kept: those of the parked text before those of the draft."""
    raw = {**task.typed.raw, **(parked.raw if parked else {})}
    return {item_id: raw[item_id] for item_id in task.locked_ids if item_id in raw}


def _let_go(parked: Typed | None, task_id: UUID) -> None:
    if parked is not None:
        db.session.execute(delete(ParkedText).where(ParkedText.task_id == task_id))


def _take(viewer: Viewer, task_id: UUID) -> Task:
    """Let one request at a time work on a task; gives its row."""
    return scope.found(scope.own_tasks(viewer).where(Task.id == task_id).with_for_update())


def _write_draft(
    viewer: Viewer, task: OpenTask, typed: Typed, turn: Turn | None = None, *, leaves_before: bool = False
) -> None:
    leaves_before = leaves_before or task.is_closed
    before, reset = (task.kept.before, task.kept.reset) if leaves_before else (Typed(), None)
    sealed = drafts.seal(viewer.person_id, task.task_id, Kept(typed, before, reset, turn))
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
    together = chosen_together(task.screens, item_id)
    if wanted is not Disclosure.COACH:
        check_not_held(task.items, look_over(task, task.whole)[0], together, wanted)
    chosen = {**task.typed.disclosures, **dict.fromkeys(together, wanted.value)}
    _write_draft(viewer, task, Typed(task.typed.raw, chosen))
    db.session.commit()
