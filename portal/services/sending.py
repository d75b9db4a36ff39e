"""Sending: a form is looked over, scored and sealed before the database is held, then written in one short transaction.

SQLite lets one writer in at a time, so what can be done before the lock is done before it, and what was found is held
against the locked rows: where they have changed meanwhile, everything begins anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Delete,
    Insert,
    Row,
    Select,
    Update,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from portal import clock, randomness
from portal.domain.answers import Answer
from portal.domain.assignments import Act, TaskState, after
from portal.domain.change import judge
from portal.domain.disclosure import may_ever_open, opening_after
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.people import ENDED, Label, Viewer
from portal.domain.questionnaires import Questionnaire
from portal.domain.safety import SignalKind
from portal.domain.scoring import Scores, score
from portal.extensions import ask, begin_write, db, put
from portal.models.assignments import Assignment, Task
from portal.models.consents import Consent
from portal.models.couples import Caseload, Couple, Partnership
from portal.models.practices import Practice
from portal.models.responses import Draft, Response
from portal.models.safety import Signal
from portal.models.users import Person
from portal.services import (
    audit,
    caseload_row,
    consents,
    measure_answers,
    responses,
    safety_mails,
    scope,
    sent_forms,
    vault,
    versions,
)
from portal.services.responses import OpenTask

TRIES = 2  # what changed while the first was prepared is met, and named, by the second


@dataclass(frozen=True, slots=True)
class _Letter:
    """What is about to be sent: sealed, scored, and the version of the draft that it was made of."""

    response_id: UUID
    task: OpenTask
    key: str
    document: bytes
    scores: bytes
    may_open: bool
    has_dropped: bool | None  # None for what has no score
    signals: tuple[tuple[str, str], ...]  # item id and kind
    is_put_away: bool


def submit(viewer: Viewer, task_id: UUID, version: int, key: str, link: str = "") -> bool:
    """Send the draft, once: the same key again changes nothing. `link` goes into the mail to the coach, if any.

    Gives whether its author can look at it again; a guarded form is put away, and asking twice for that is no fault.

    Raises Conflict "already_sent" when something else was sent before, "stale_draft" when the draft has changed since
    it was looked over, and Invalid "cannot_be_sent" (with `refusals`) for fields that cannot be taken.
    """
    try:
        for _ in range(TRIES):
            letter = _letter_or_none(viewer, task_id, version, key)
            if letter is None or _deliver(viewer, letter, link):
                return letter is None or not letter.is_put_away
    except NotFound:
        if _was_put_away(viewer, task_id):
            return False
        raise
    raise Conflict("stale_draft", task=responses.open_for(viewer, task_id))


def _was_put_away(viewer: Viewer, task_id: UUID) -> bool:
    """Whether this is a form of the viewer's own that was put away as it was sent."""
    put_away = select(Task.id).where(
        Task.practice_id == viewer.practice_id,
        Task.person_id == viewer.person_id,
        Task.id == task_id,
        Task.put_away_at.is_not(None),
    )
    return db.session.scalar(put_away) is not None


def _letter_or_none(viewer: Viewer, task_id: UUID, version: int, key: str) -> _Letter | None:
    """The letter that this draft makes; None where this very key has sent it before."""
    task = responses.open_for(viewer, task_id)
    if not task.state.is_open:
        if key in db.session.scalars(select(Response.submission_key).where(Response.task_id == task_id)).all():
            return None
        raise Conflict("already_sent")
    if version != task.version:
        raise Conflict("stale_draft", task=task)
    answers, refusals = responses.look_over(task, task.whole)
    if refusals:
        raise Invalid("cannot_be_sent", refusals=refusals)
    return _sealed_letter(viewer, task, answers, key)


def _sealed_letter(viewer: Viewer, task: OpenTask, answers: tuple[Answer, ...], key: str) -> _Letter:
    response_id, owner_id = randomness.new_id(), viewer.person_id
    values = {answer.item_id: answer.value for answer in answers}
    scores = scores_or_none(task.questionnaire, values)
    kinds = [(item.id, item.signal(values.get(item.id))) for item in task.items]
    kinds += measure_answers.looked_over(task.questionnaire, values)
    return _Letter(
        response_id,
        task,
        key,
        vault.seal_document(owner_id, "responses.document", response_id, versions.to_document(answers)),
        vault.seal_document(owner_id, "responses.scores", response_id, versions.scores_to_document(scores)),
        may_ever_open(answer.disclosure for answer in answers),
        has_dropped(viewer, task.task_id, clock.now(), scores),
        tuple((item_id, kind) for item_id, kind in kinds if kind is not None),
        measure_answers.is_guarded(task.questionnaire),
    )


def scores_or_none(questionnaire: Questionnaire, values: Mapping[str, Any]) -> Scores | None:
    """The scores of a form for its author and the coach; None for one that is not scored."""
    return None if questionnaire.scoring is None else score(questionnaire, values)


def has_dropped(viewer: Viewer, task_id: UUID, sent_at: datetime, scores: Scores | None) -> bool | None:
    """Whether the person's latest check-in is a notable change downwards, against their own usual ups and downs.

    `scores` are those of the form of this task, sent then; None (and so is what is given) for what has no score.
    """
    if scores is None:
        return None
    series = [
        (row.submitted_at, found.total)
        for row in ask(sent_forms.other_check_ins(), task=task_id, person=viewer.person_id)
        if (found := versions.scores_of(row)) is not None
    ]
    in_order = sorted([*series, (sent_at, scores.total)], key=itemgetter(0))
    is_known = in_order[-1][1] is not None
    return is_known and judge([(at.date(), total) for at, total in in_order]).label == "down"


def _deliver(viewer: Viewer, letter: _Letter, link: str) -> bool:
    """Write the letter; False, and nothing written, where the draft or its task has changed since it was read."""
    begin_write()
    rows = scope.of_partner(viewer, _held(), task_id=letter.task.task_id)
    if not rows or not _is_as_read(rows[0], letter.task) or not _take_draft(letter.task):
        db.session.rollback()
        return False
    _write(viewer, letter, rows[0], clock.now(), link)
    db.session.commit()
    return True


def _is_as_read(held: Row[Any], task: OpenTask) -> bool:
    """Whether the task can be sent still, under the policy by which its questions were asked."""
    return TaskState(held.state).is_open and held.policy == task.policy


@cache
def _held() -> Select[*tuple[Any, ...]]:
    """Author, task and their couple's line of the caseload, held in this order, and what the author signed."""
    mine = scope.own_tasks(scope.A_PARTNER).with_only_columns(Task.id)
    author = select(Person.id).where(Person.id == scope.A_PARTNER.person_id)
    of_author = author.with_for_update(
        read=True, key_share=True
    ).scalar_subquery()  # first, as a correction and erasing
    return (
        select(
            Task.state,
            Assignment.couple_id,
            Partnership.label,
            Couple.state.label("couple_state"),
            *consents.given_under(),
            Practice.zone,
        )
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(Partnership, (Partnership.couple_id == Assignment.couple_id) & (Partnership.person_id == Task.person_id))
        .join(Caseload, Caseload.couple_id == Assignment.couple_id)
        .join(Couple, Couple.id == Assignment.couple_id)
        .join(Practice, Practice.id == Task.practice_id)
        .outerjoin(Consent, Consent.id == consents.last_of(Task.person_id))
        .where(Task.id == bindparam("task_id"), Task.id.in_(mine), Task.person_id == of_author)
        .with_for_update(of=[Task, Caseload])
    )


def _take_draft(task: OpenTask) -> bool:
    """Take away the draft that the letter was made of; False where there is another by now."""
    return put(_taken_draft(), task=task.task_id, read=task.version) == min(task.version, 1)


@cache
def _taken_draft() -> Delete:
    is_the_one = (Draft.version == bindparam("read")) | (bindparam("read") == 0)
    return delete(Draft).where(Draft.task_id == bindparam("task"), is_the_one)


def _write(viewer: Viewer, letter: _Letter, held: Row[Any], now: datetime, link: str) -> None:
    own = {"practice_id": viewer.practice_id, "person_id": viewer.person_id}
    put(
        _inserted(Response),
        id=letter.response_id,
        task_id=letter.task.task_id,
        submission_key=letter.key,
        document=letter.document,
        scores=letter.scores,
        policy=held.policy,
        policy_version=held.policy_version,
        submitted_at=now,
        opens_at=opening_after(now, held.zone),
        may_open=letter.may_open,
        sharing_ended_at=now if held.couple_state in ENDED else None,
        **own,
    )
    raise_signals(viewer, held.couple_id, letter.response_id, letter.signals, link)
    becomes = after(TaskState(held.state), Act.SUBMIT)
    put(_task_sent(), task=letter.task.task_id, becomes=becomes, now=now, away=now if letter.is_put_away else None)
    caseload_row.tell_sent(held.couple_id, Label(held.label), dropped=letter.has_dropped)
    audit.record(viewer, "response:sent", letter.response_id)


def raise_signals(
    viewer: Viewer, couple_id: UUID, response_id: UUID, raised: Sequence[tuple[str, str]], link: str
) -> None:
    """What the viewer's own answers to private questions raise (item id and kind) for the coach. The caller commits.

    A flag writes to the coach at once, in the same transaction; nothing else does.
    """
    for item_id, kind in raised:
        put(
            _inserted(Signal),
            id=randomness.new_id(),
            practice_id=viewer.practice_id,
            person_id=viewer.person_id,
            couple_id=couple_id,
            response_id=response_id,
            item=item_id,
            kind=kind,
            raised_at=clock.now(),
        )
    if any(kind == SignalKind.FLAG for _, kind in raised):
        safety_mails.tell_coach(couple_id, response_id, link)


@cache
def _inserted(table: type[Response | Signal]) -> Insert:
    return insert(table)


@cache
def _task_sent() -> Update:
    return (
        update(Task)
        .where(Task.id == bindparam("task"))
        .values(state=bindparam("becomes"), submitted_at=bindparam("now"), put_away_at=bindparam("away"))
    )
