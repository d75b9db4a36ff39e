"""A sent form corrected: a new version with its own time, and what it said before stays beside it.

One question is answered again, or all private ones. Whom an answer is for does not change with it, and the other
partner meets the correction from the next 08:00 on. It is as sealed as the form: it needs the pass phrase, and private
answers are answered anew without being shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, select, update

from portal import clock, randomness
from portal.domain.answers import DID_NOT_COME_UP, Answer, collect
from portal.domain.assignments import Act, TaskState, after
from portal.domain.disclosure import NEVER, may_ever_open, opening_of_correction, readable_again, still_opens
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.items import Item
from portal.domain.people import Label, PersonState, Viewer
from portal.domain.questionnaires import decides_what_is_asked
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Caseload, Partnership
from portal.models.practices import Practice
from portal.models.responses import EarlierVersion, ParkedText, Response
from portal.models.safety import Signal
from portal.models.users import Person
from portal.services import audit, caseload_row, responses, scope, sealed, sending, vault, versions
from portal.services.drafts import Typed
from portal.services.responses import OpenTask
from portal.services.versions import Version

MOST_VERSIONS = 50  # of one form; more are no corrections
PRIVATE = ""  # instead of a question's id: all private ones


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """Questions to answer again: the form they are of, and what stands there, or was typed before; nothing private."""

    task: OpenTask
    items: tuple[Item, ...]
    typed: Typed
    readers: str  # whom the answer is for, as a disclosure
    opens_at: datetime | None  # from when the other partner would meet it; None for never
    is_hung_on: bool  # whether other questions are asked or not by what is answered here
    is_parked: bool


def ask_again(viewer: Viewer, task_id: UUID, item_id: str, token: str) -> AskedAgain:
    """One question of a form that was sent, or (PRIVATE) its private ones; that they were looked at goes on record.

    Raises NotFound, and NotAllowed "stays_sealed" while the pass phrase has not opened the form.
    """
    task, response = responses.open_for(viewer, task_id), scope.own_response(viewer, task_id)
    if not sealed.is_unsealed(viewer, task_id, token):
        raise NotAllowed("stays_sealed")
    given = versions.answers_of(response)
    items = _asked(task, given, item_id)
    standing = {answer.item_id: answer for answer in given}
    readers = standing[items[0].id].disclosure if items[0].id in standing else items[0].disclosure
    raw = {item.id: _raw(standing[item.id]) for item in items if readable_again(item.disclosure)}
    parked = _parked(task, items)
    shown = {item_id: text for item_id, text in parked.items() if item_id in raw}
    opens_at = still_opens(_opening(response, clock.now(), _zone_of(viewer)), response.sharing_ended_at)
    sealed.record_reading(viewer, response.id)
    is_hung_on = decides_what_is_asked(task.items, item_id)
    return AskedAgain(task, items, Typed(raw | shown), readers.value, opens_at, is_hung_on, bool(parked))


def _asked(task: OpenTask, given: Iterable[Answer], item_id: str) -> tuple[Item, ...]:
    """The items to be answered again: of those that were asked, this one, or those that are never shown again."""
    if item_id == PRIVATE:
        found = tuple(item for item in task.items if not readable_again(item.disclosure))
    else:
        ids = {answer.item_id for answer in given if readable_again(answer.disclosure)}
        found = tuple(item for item in task.items if item.id == item_id and item.id in ids)
    if not found:
        raise NotFound
    return found


def _parked(task: OpenTask, items: Iterable[Item]) -> dict[str, str]:
    """What was typed into these questions when the session ran out."""
    ids = {item.id for item in items}
    return {item_id: text for item_id, text in (task.parked.raw if task.parked else {}).items() if item_id in ids}


def _raw(answer: Answer) -> str:
    """An answer as it would be typed; '' for a skipped one."""
    if answer.value is None:
        return DID_NOT_COME_UP if answer.reason == DID_NOT_COME_UP else ""
    return str(answer.value).lower() if isinstance(answer.value, bool) else str(answer.value)


def _zone_of(viewer: Viewer) -> str:
    return db.session.scalars(select(Practice.zone).where(Practice.id == viewer.practice_id)).one()


def correct(
    viewer: Viewer,
    task_id: UUID,
    item_id: str,
    raw: Mapping[str, str],
    token: str,
    link: str = "",
    *,
    takes_parked: bool = False,
) -> None:
    """Send a correction; the same answer again is none, and a private question left empty stays as it was.

    `takes_parked`: what was typed into private questions when the session ran out goes along, where nothing is typed
    now. `link` goes into the mail to the coach, where there is one. Raises NotFound, NotAllowed "stays_sealed" while
    the form is not open, and Invalid "cannot_be_sent" (with `refusals`) for fields that cannot be taken, or
    "never_revealed" for who is not shown what stands there.
    """
    begin_write()
    held = _held(viewer, task_id)
    task, response = responses.open_for(viewer, task_id), scope.own_response(viewer, task_id, is_held=True)
    sealed.check_unsealed(viewer, task_id, token)
    said = versions.versions_of([response])[response.id]
    given, asked = said[-1].answers, _asked(task, said[-1].answers, item_id)
    parked = _parked(task, asked)
    along = parked if takes_parked else {}
    answers = _answered_again(task, said, {item.id: raw.get(item.id) or along.get(item.id, "") for item in asked})
    if parked:
        db.session.execute(delete(ParkedText).where(ParkedText.task_id == task_id))
    if _is_version(item_id, raw, along, is_other=answers != given):
        if len(said) >= MOST_VERSIONS:
            raise Invalid("cannot_be_sent", refusals={asked[0].id: Invalid("corrected_too_often")})
        _write(viewer, task, response, held, said, answers)
        _raise_signals(viewer, response, held.couple_id, asked, given, answers, link)
        audit.record(viewer, "response:corrected", response.id)
    db.session.commit()


def _is_version(item_id: str, *typed: Mapping[str, str], is_other: bool) -> bool:
    """Whether this makes a version: of private questions any answer does, for the same one must not be told apart."""
    return is_other or (item_id == PRIVATE and any(text.strip() for raw in typed for text in raw.values()))


def _answered_again(task: OpenTask, said: Sequence[Version], raw: Mapping[str, str]) -> tuple[Answer, ...]:
    """All answers with these fields in place of what was said; each stays with whom it was for.

    What is asked again, because of them, is answered as it was last.
    """
    last, known = versions.last_said(said), {item.id for item in task.items}
    private = {item.id for item in task.items if not readable_again(item.disclosure)}
    typed = {item_id: text for item_id, text in raw.items() if item_id not in private or text.strip()}
    whole = {item_id: _raw(answer) for item_id, answer in last.items()} | typed
    readers = {answer.item_id: answer.disclosure.value for answer in last.values()}  # also what was released since
    answers, refusals = collect(task.items, whole, readers, may_widen=True)
    wrong = {item_id: refusal for item_id, refusal in refusals.items() if item_id in raw}
    if wrong:
        raise Invalid("cannot_be_sent", refusals=wrong)
    if task.entered_by is not None:  # a sheet has no private questions: those that were not answered stay unasked
        answers = tuple(one for one in answers if one.item_id not in private or one.item_id in whole)
    return (*answers, *(answer for answer in said[-1].answers if answer.item_id not in known))


def _write(
    viewer: Viewer,
    task: OpenTask,
    response: Response,
    held: Row[Any],
    said: Sequence[Version],
    answers: tuple[Answer, ...],
) -> None:
    """Lay the version that stood there aside and put the new one in its place."""
    now, owner_id = clock.now(), viewer.person_id
    could_open = response.may_open
    db.session.add(_aside(response, said))
    scores = sending.scores_or_none(task.questionnaire, {answer.item_id: answer.value for answer in answers})
    document, figures = versions.to_document(answers), versions.scores_to_document(scores)
    response.document = vault.seal_document(owner_id, "responses.document", response.id, document)
    response.scores = vault.seal_document(owner_id, "responses.scores", response.id, figures)
    response.may_open = could_open or may_ever_open(answer.disclosure for answer in answers)
    response.corrected_at = now
    response.corrected_opens_at = _opening(response, now, held.zone)
    was_read = held.Task.state == TaskState.REVIEWED
    held.Task.state = after(TaskState(held.Task.state), Act.CORRECT)
    dropped = sending.has_dropped(viewer, task.task_id, response.submitted_at, scores)
    caseload_row.tell_sent(held.couple_id, Label(held.label), dropped=dropped, unread=int(was_read))


def _opening(response: Response, now: datetime, zone: str) -> datetime:
    """From when the other partner meets what is written now; never, where nothing more of the form opens."""
    ended = response.sharing_ended_at is not None
    return NEVER if ended else opening_of_correction(now, response.opens_at, zone)


def _held(viewer: Viewer, task_id: UUID) -> Row[Any]:
    """One's own row, the task and its couple's line of the caseload, held in the order in which others take them.

    With the author's label and the practice's zone. Raises NotFound.
    """
    mine = select(Person.id).where(Person.id == viewer.person_id, Person.state != PersonState.DEACTIVATED)
    own = (Partnership.couple_id == Assignment.couple_id) & (Partnership.person_id == Task.person_id)
    statement: Select[*tuple[Any, ...]] = (
        select(Task, Assignment.couple_id, Partnership.label, Practice.zone)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(Partnership, own)
        .join(Caseload, Caseload.couple_id == Assignment.couple_id)
        .join(Practice, Practice.id == Task.practice_id)
        .where(Task.id == task_id, Task.id.in_(scope.own_tasks(viewer).with_only_columns(Task.id)))
        .with_for_update(of=[Task, Caseload])
    )
    is_here = db.session.scalars(mine.with_for_update(read=True, key_share=True)).one_or_none() is not None
    row = db.session.execute(statement).one_or_none() if is_here else None
    if row is None:
        raise NotFound
    return row


def _aside(response: Response, before: Sequence[Version]) -> EarlierVersion:
    """The latest version as an earlier one, sealed for its new place."""
    earlier_id, owner_id, latest = randomness.new_id(), response.person_id, before[-1]
    document, figures = versions.to_document(latest.answers), versions.scores_to_document(latest.scores)
    return EarlierVersion(
        id=earlier_id,
        practice_id=response.practice_id,
        response_id=response.id,
        person_id=owner_id,
        number=len(before),
        document=vault.seal_document(owner_id, "earlier_versions.document", earlier_id, document),
        scores=vault.seal_document(owner_id, "earlier_versions.scores", earlier_id, figures),
        written_at=latest.written_at,
        opens_at=latest.opens_at,
    )


def _raise_signals(
    viewer: Viewer,
    response: Response,
    couple_id: UUID,
    asked: Iterable[Item],
    before: Iterable[Answer],
    after: Iterable[Answer],
    link: str,
) -> None:
    """What a private question raises that is answered otherwise now; what waits from before is to be opened again."""
    was, values = ({answer.item_id: answer.value for answer in answers} for answers in (before, after))
    changed = [item for item in asked if was.get(item.id) != values.get(item.id)]
    if any(not readable_again(item.disclosure) for item in changed):
        waiting = (Signal.response_id == response.id, Signal.closed_at.is_(None))
        db.session.execute(update(Signal).where(*waiting).values(opened_at=None, waits_since=clock.now()))
    kinds = ((item.id, item.signal(values.get(item.id))) for item in changed)
    raised = [(item_id, kind) for item_id, kind in kinds if kind is not None]
    sending.raise_signals(viewer, couple_id, response.id, raised, link)
