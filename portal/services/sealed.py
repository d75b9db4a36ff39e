"""An author's second look at what was sent: sealed until the pass phrase is given, for that form, for five minutes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select, update

from portal import clock
from portal.domain.accounts import stays_sealed
from portal.domain.answers import Answer, check_not_held, kept_back
from portal.domain.disclosure import Disclosure, Sent, check_change, may_ever_open, readable_again
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import Viewer
from portal.domain.questionnaires import Item, chosen_together, kept_along
from portal.domain.releases import RELEASED
from portal.extensions import begin_write, db
from portal.models.assignments import Task
from portal.models.responses import Response
from portal.models.users import Person, WebSession
from portal.services import (
    accounts,
    audit,
    previews,
    released,
    responses,
    reviews,
    scope,
    sent_forms,
    vault,
    versions,
)
from portal.services.previews import PreviewPart
from portal.services.released import Asked
from portal.services.responses import OpenTask
from portal.services.versions import Version


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """One of one's own answers, read again: its question, and whom it is for."""

    item: Item
    answer: Answer
    may_change: bool


@dataclass(frozen=True, slots=True)
class SentTask:
    """One's own sent form. Without the pass phrase all of it is None or empty, whatever there is.

    `may_read` are the questions whose answers may open, for whom chose never to be shown answers again: instead of
    `answers` and `feedback`, which are None then too. `asked` is what the coach would bring into a session.
    `is_opened_early`: by its author, or to both in a session, where something of the other's stands beside it.
    `is_past_opening`: the 08:00 after the own sending is over; `is_met`: no correction of what is shown here waits for
    its own. From `sharing_ended_at` on nothing more of it opens. None of these says more of the other partner.
    """

    task: OpenTask
    opens_at: datetime
    may_unseal: bool
    answers: tuple[SentAnswer, ...] | None
    feedback: str | None
    is_opened_early: bool
    is_past_opening: bool
    is_met: bool
    corrected_at: datetime | None
    corrected_opens_at: datetime | None
    may_read: tuple[SentAnswer, ...] | None
    asked: tuple[Asked, ...]
    preview: tuple[PreviewPart, ...]
    sharing_ended_at: datetime | None
    is_hidden: bool

    @property
    def is_for_coach_alone(self) -> bool:
        """Whether nothing of it could ever open: the work with both had ended when it was sent."""
        sent_at = self.task.submitted_at
        return self.sharing_ended_at is not None and sent_at is not None and self.sharing_ended_at <= sent_at


def sent_task(viewer: Viewer, task_id: UUID, token: str) -> SentTask:
    """One's own sent form, sealed or (for five minutes after the pass phrase) open; raises NotFound."""
    task = responses.open_for(viewer, task_id)
    response = scope.own_response(viewer, task_id)
    is_confirmed = has_confirmed(viewer, task_id, token)
    is_open = is_confirmed and not _never_reveals(viewer)
    if is_open:
        record_reading(viewer, response.id)
        response = scope.own_response(viewer, task_id)
    said = versions.versions_of([response])[response.id] if is_open else ()
    answers = _answers(task, response) if is_confirmed else ()
    is_met = bool(said) and _readable(versions.met_by_partner(said, clock.now())) == _readable(said[-1])
    return SentTask(
        task,
        response.opens_at,
        seal_or_none(viewer) is None,
        answers if is_open else None,
        reviews.feedback_or_none(response) if is_open else None,
        response.author_opened_at is not None or response.exchanged_at is not None,
        clock.now() >= response.opens_at,
        is_met,
        _seen_to_change(said),
        response.corrected_opens_at if said and not is_met else None,
        _without_answers(answers) if is_confirmed and not is_open else None,
        _of_interest(released.of_response(response)) if is_confirmed else (),
        _preview(viewer, task, answers, response) if is_open else (),
        response.sharing_ended_at,
        response.hidden_at is not None,
    )


def _without_answers(answers: Iterable[SentAnswer]) -> tuple[SentAnswer, ...]:
    """The questions whose answers may open to the other partner, and nothing of what was answered."""
    may_open = (a for a in answers if may_ever_open([a.answer.disclosure]) and a.answer.value is not None)
    return tuple(replace(one, answer=replace(one.answer, value=None)) for one in may_open)


def _of_interest(asked: Iterable[Asked]) -> tuple[Asked, ...]:
    """What waits for a word of the author's, or goes into a session that is still to come."""
    return tuple(one for one in asked if one.waits or (one.answer in RELEASED and not one.is_open))


def _preview(
    viewer: Viewer, task: OpenTask, answers: Iterable[SentAnswer], response: Response
) -> tuple[PreviewPart, ...]:
    return previews.of_answers(viewer, task.questionnaire, [one.answer for one in answers], response.opens_at)


def _readable(version: Version) -> list[Answer]:
    return [answer for answer in version.answers if readable_again(answer.disclosure)]


def _seen_to_change(said: Sequence[Version]) -> datetime | None:
    """When what its author may read again was corrected last: of private questions nothing is told here."""
    steps = zip(said[1:], pairwise(map(_readable, said)), strict=True)
    return max((one.written_at for one, (before, after) in steps if before != after), default=None)


def record_reading(viewer: Viewer, response_id: UUID) -> None:
    """That somebody has looked at a form of their own again."""
    begin_write()
    audit.record(viewer, "response:read_by_author", response_id)
    db.session.commit()


def _sent(response: Response) -> Sent:
    assignment_id = db.session.scalars(select(Task.assignment_id).where(Task.id == response.task_id)).one()
    return sent_forms.sent_of(response, sent_forms.openings_of([assignment_id])[assignment_id])


def _answers(task: OpenTask, response: Response) -> tuple[SentAnswer, ...]:
    items = {item.id: item for item in task.items}
    is_open = response.author_opened_at is not None or response.exchanged_at is not None
    is_before_opening = clock.now() < response.opens_at and not is_open and response.sharing_ended_at is None
    return tuple(
        SentAnswer(items[answer.item_id], answer, is_before_opening and _offers_choice(items[answer.item_id]))
        for answer in versions.answers_of(response)
        if answer.item_id in items and readable_again(answer.disclosure)
    )


def _offers_choice(item: Item) -> bool:
    return item.disclosure in (Disclosure.SESSION, Disclosure.SHARED)


def seal_or_none(viewer: Viewer) -> str | None:
    """What keeps a form closed in spite of the pass phrase: a reset by mail that nobody vouched for."""
    columns = select(Person.reset_at, Person.vouched_at).where(Person.id == viewer.person_id)
    return "stays_sealed" if stays_sealed(*db.session.execute(columns).one()) else None


def _never_reveals(viewer: Viewer) -> bool:
    """Whether somebody chose never to be shown their sent private answers again."""
    return db.session.scalars(select(Person.never_reveals).where(Person.id == viewer.person_id)).one()


def has_confirmed(viewer: Viewer, task_id: UUID, token: str) -> bool:
    """Whether the pass phrase was given for this form in this browser, less than five minutes ago."""
    columns = select(WebSession.unsealed_task_id, WebSession.unsealed_at)
    row = db.session.execute(columns.where(WebSession.token_hash == accounts.hash_of(token))).one_or_none()
    if row is None or row.unsealed_task_id != task_id or row.unsealed_at is None or seal_or_none(viewer):
        return False
    is_fresh: bool = clock.now() - row.unsealed_at < accounts.UNSEALED_FOR
    return is_fresh


def is_unsealed(viewer: Viewer, task_id: UUID, token: str) -> bool:
    """Whether it was, and shows what was answered."""
    return has_confirmed(viewer, task_id, token) and not _never_reveals(viewer)


def check_confirmed(viewer: Viewer, task_id: UUID, token: str) -> None:
    """Raise NotAllowed "stays_sealed" where the pass phrase has not opened this form."""
    if not has_confirmed(viewer, task_id, token):
        raise NotAllowed("stays_sealed")


def check_unsealed(viewer: Viewer, task_id: UUID, token: str) -> None:
    """The same, and Invalid "never_revealed" for who chose never to be shown answers again."""
    check_confirmed(viewer, task_id, token)
    if _never_reveals(viewer):
        raise Invalid("never_revealed")


def unseal(viewer: Viewer, task_id: UUID, passphrase: str, token: str) -> None:
    """Open one's own sent form for five minutes in this browser.

    Raises Invalid for a wrong pass phrase, and where the form stays closed in spite of the right one. Who chose never
    to be shown answers again finds the questions that may open, and can keep them back.
    """
    scope.own_response(viewer, task_id)
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    seal = seal_or_none(viewer)
    if seal is not None:
        raise Invalid(seal)
    where = WebSession.token_hash == accounts.hash_of(token)
    db.session.execute(update(WebSession).where(where).values(unsealed_task_id=task_id, unsealed_at=clock.now()))
    db.session.commit()


def choose_reader(viewer: Viewer, task_id: UUID, item_id: str, wanted: Disclosure, token: str) -> None:
    """Change whom a sent answer is for, until the 08:00 after the own sending. Raises NotAllowed.

    What hangs on one that is kept back is kept back along with it, and is not widened before it. Who chose never to be
    shown answers again may keep one back, and widen none: they do not see what it is.
    """
    begin_write()
    task = responses.open_for(viewer, task_id)
    response = scope.own_response(viewer, task_id, is_held=True)
    check_confirmed(viewer, task_id, token)
    if wanted is not Disclosure.COACH:
        check_unsealed(viewer, task_id, token)
    answers = versions.answers_of(response)
    item = next((item for item in task.items if item.id == item_id), None)
    current = next((answer for answer in answers if answer.item_id == item_id), None)
    if item is None or current is None:
        raise NotFound
    check_change(current.disclosure, wanted, item.disclosure, _sent(response).of_item(item_id), clock.now())
    together: Collection[str] = chosen_together(task.screens, item_id)
    if wanted is Disclosure.COACH:
        together = kept_along(task.questionnaire.items, task.questionnaire.screens, together)
        changed = kept_back(answers, together)
        versions.keep_back(response, together)
        released.take_back(response.id, together)
    else:
        check_not_held(task.questionnaire.items, answers, together, wanted)
        changed = tuple(replace(a, disclosure=wanted) if a.item_id in together else a for a in answers)
    response.document = vault.seal_document(
        viewer.person_id, "responses.document", response.id, versions.to_document(changed)
    )
    response.may_open = may_ever_open(answer.disclosure for answer in changed)
    audit.record(viewer, f"disclosure:changed_to_{wanted}", response.id)
    db.session.commit()


def offered(viewer: Viewer, task_id: UUID, item_id: str) -> Disclosure:
    """Whom a question was written for; raises NotFound."""
    for item in responses.open_for(viewer, task_id).items:
        if item.id == item_id:
            return item.disclosure
    raise NotFound


def open_now(viewer: Viewer, task_id: UUID, token: str) -> None:
    """Let the other partner read what is shared of this form now; it cannot be taken back. Raises NotAllowed."""
    begin_write()
    response = scope.own_response(viewer, task_id, is_held=True)
    check_unsealed(viewer, task_id, token)
    if response.sharing_ended_at is not None:
        raise NotAllowed("sharing_has_ended")
    response.author_opened_at = response.author_opened_at or clock.now()
    if response.corrected_opens_at is not None:  # what is opened is what stands there now
        response.corrected_opens_at = min(response.corrected_opens_at, clock.now())
    audit.record(viewer, "response:opened_by_author", response.id)
    db.session.commit()
