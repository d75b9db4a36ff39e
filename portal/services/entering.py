"""Paper in: a sheet that a partner filled in by hand, typed in by their coach as that partner's own form.

It has exactly the questions that stand on the sheet, is marked with who typed it in, and is for the coach and its
author alone: whom else it is for, its author alone says, as with everything that was sent. What the author had begun
stays theirs, and stands beside it behind their pass phrase. The other partner is told nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import aliased

from portal import clock, randomness
from portal.domain.answers import Answer, collect
from portal.domain.assignments import Act, TaskState, after
from portal.domain.disclosure import may_ever_open, opening_after, readable_again
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.items import Item
from portal.domain.paper import items_to_type_in
from portal.domain.people import ENDED, Label, PersonState, Viewer
from portal.domain.questionnaires import Questionnaire, from_document, items_of_form
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.consents import Consent
from portal.models.couples import Caseload, Couple, Partnership
from portal.models.practices import Practice
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.models.users import Person
from portal.services import audit, caseload_row, consents, scope, sending, taking_part, vault, versions
from portal.services.responses import OpenTask


@dataclass(frozen=True, slots=True)
class Sheet:
    """One partner's sheet: whose it is, the questions that stand on it, and why it cannot be typed in (now)."""

    assignment_id: UUID
    label: Label
    name: str
    title: str
    items: tuple[Item, ...]
    refusal: Conflict | NotAllowed | None


def sheet(viewer: Viewer, assignment_id: UUID, label: Label) -> Sheet:
    """The sheet of one partner's copy. Raises NotFound, also for what has no sheet."""
    found = scope.assignment(viewer, assignment_id, scope.couples_to_act_for)
    row = _copy(found, label)
    questionnaire, items = _asked(viewer, row)
    return Sheet(found.id, label, row.name, questionnaire.title, items, _refusal_or_none(row, label))


def enter(viewer: Viewer, assignment_id: UUID, label: Label, raw: Mapping[str, str], key: str) -> None:
    """Type in what stands on one partner's sheet, once: the same key again changes nothing.

    Raises NotFound, also for what has no sheet; Conflict "sent_by_author"; Invalid "nothing_typed" for an empty sheet,
    and "cannot_be_sent" (with `refusals`) for fields that cannot be taken; and NotAllowed: "no_sheet_open" for a copy
    that was withdrawn, "not_come_in", "not_in_this_state" while nothing new comes from them.
    """
    begin_write()
    found = scope.assignment(viewer, assignment_id, scope.couples_to_act_for)
    taking_part.hold(found.couple_id, is_shared=True)
    row = _copy(found, label, is_held=True)
    if key and row.submission_key == key:
        return
    refusal = _refusal_or_none(row, label)
    if refusal is not None:
        raise refusal
    questionnaire, items = _asked(viewer, row)
    answers, refusals = collect(items, raw, {})
    if refusals:
        raise Invalid("cannot_be_sent", refusals=refusals)
    if all(answer.value is None for answer in answers):
        raise Invalid("nothing_typed")
    _write(viewer, row, questionnaire, answers, key or randomness.new_token())
    caseload_row.tell_sent(found.couple_id, label, dropped=None)
    db.session.commit()


def begun(task: OpenTask) -> tuple[tuple[Item, Answer], ...]:
    """What its author had begun before a sheet was typed in for it: all but the private questions.

    Over the draft goes what was being typed when a session ran out, while that is kept.
    """
    if task.entered_by is None:
        return ()
    typed = task.typed if task.parked is None else task.parked.over(task.typed)
    items = {item.id: item for item in task.questionnaire.items if item.id in typed.raw}
    answers, _refusals = collect(tuple(items.values()), typed.raw, typed.disclosures)
    given = (one for one in answers if one.value is not None and readable_again(one.disclosure))
    return tuple((items[answer.item_id], answer) for answer in given)


def _copy(found: Assignment, label: Label, *, is_held: bool = False) -> Row[Any]:
    """One partner's copy with its author, couple and what was signed, held in the order of a sending or not."""
    statement: Select[*tuple[Any, ...]] = (
        select(Task, Couple, Person.state.label("person_state"), Person.display_name.label("name"))
        .add_columns(QuestionnaireVersion.document.label("definition"), Practice.zone, Response.submission_key)
        .add_columns(*consents.given_under())
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Couple, Couple.id == Assignment.couple_id)
        .join(Caseload, Caseload.couple_id == Couple.id)
        .join(Partnership, (Partnership.couple_id == Couple.id) & (Partnership.person_id == Task.person_id))
        .join(Person, Person.id == Task.person_id)
        .join(Practice, Practice.id == Task.practice_id)
        .outerjoin(Response, Response.task_id == Task.id)
        .outerjoin(Consent, Consent.id == consents.last_of(Task.person_id))
        .where(Task.assignment_id == found.id, Partnership.label == label)
    )
    if is_held:
        author = aliased(Partnership)
        of_copy = select(author.person_id).where(author.couple_id == found.couple_id, author.label == label)
        held = select(Person.id).where(Person.id.in_(of_copy)).with_for_update(read=True, key_share=True)
        db.session.execute(held).all()
        both = statement.with_only_columns(Task.id).with_for_update(of=[Task, Caseload])
        db.session.execute(both).all()  # on its own: what others wrote while one waits, the next statement alone sees
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return row


def _refusal_or_none(row: Row[Any], label: Label) -> Conflict | NotAllowed | None:
    state = TaskState(row.Task.state)
    if state.is_sent:
        return Conflict("sent_by_author")
    if not state.is_open:
        return NotAllowed("no_sheet_open")
    if label not in taking_part.labels(row.Couple):
        return NotAllowed("not_in_this_state")
    return None if row.person_state == PersonState.ACTIVE else NotAllowed("not_come_in")


def _asked(viewer: Viewer, row: Row[Any]) -> tuple[Questionnaire, tuple[Item, ...]]:
    """The definition in the coach's name, and what of this copy stands on the sheet."""
    questionnaire = from_document(row.definition).spoken(scope.coach_of(viewer, row.Couple.id).display_name)
    task: Task = row.Task
    items = items_of_form(questionnaire, ordinal=task.ordinal, current_step=task.step, policy=row.policy)
    return questionnaire, items_to_type_in(questionnaire, items)


def _write(viewer: Viewer, row: Row[Any], questionnaire: Questionnaire, answers: tuple[Answer, ...], key: str) -> None:
    """The response, as its author would have sent it with everything for the coach alone; the draft stays."""
    task: Task = row.Task
    now, response_id, owner_id = clock.now(), randomness.new_id(), task.person_id
    vault.load_keys([owner_id])
    scores = sending.scores_or_none(questionnaire, {answer.item_id: answer.value for answer in answers})
    document, figures = versions.to_document(answers), versions.scores_to_document(scores)
    db.session.add(
        Response(
            id=response_id,
            practice_id=task.practice_id,
            task_id=task.id,
            person_id=owner_id,
            submission_key=key,
            document=vault.seal_document(owner_id, "responses.document", response_id, document),
            scores=vault.seal_document(owner_id, "responses.scores", response_id, figures),
            policy=row.policy,
            policy_version=row.policy_version,
            submitted_at=now,
            opens_at=opening_after(now, row.zone),
            may_open=may_ever_open(answer.disclosure for answer in answers),
            sharing_ended_at=now if row.Couple.state in ENDED else None,
            entered_by=viewer.person_id,
        )
    )
    task.state, task.submitted_at = after(TaskState(task.state), Act.SUBMIT), now
    audit.record(viewer, "response:entered_from_paper", response_id)
