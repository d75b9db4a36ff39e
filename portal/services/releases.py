"""Bringing a private answer into a session of both: asked for by the coach, released by its author alone.

Under discretion the author says yes or no, item by item; under the open policy the coach releases one once its author
was told; a confidential answer is never asked for. What counts is the policy that was kept with the form. Nothing
opens by a release: it is opened in a session, as what was marked for one. No mail goes out, and no page of the other
partner's depends on any of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.answers import Answer, check_not_held, kept_back
from portal.domain.disclosure import Disclosure, may_ever_open
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.items import Item
from portal.domain.lines import line
from portal.domain.people import CoupleState, Viewer
from portal.domain.questionnaires import Questionnaire, from_document, kept_along
from portal.domain.releases import MOST_IN_WHY, ReleaseAnswer, Step, held_back, released_with, step_under
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.releases import ReleaseRequest
from portal.models.responses import Response
from portal.services import audit, released, responses, scope, sealed, taking_part, vault, versions
from portal.services.released import WHY
from portal.services.reviews import ReadResponse

TOGETHER = (CoupleState.ACTIVE, CoupleState.PAUSED)


@dataclass(frozen=True, slots=True)
class Offer:
    """A private answer that the coach may ask for; `along` are those that it takes along.

    `hangs_on` is the private question that has to come first, where there is one.
    """

    item: Item
    answer: Answer
    along: tuple[Item, ...]
    hangs_on: Item | None


def offers(found: ReadResponse) -> tuple[Offer, ...]:
    """What may be asked for of a form that the coach reads.

    Nothing of one that was given in confidence, or of which its author lets nothing more open.
    """
    is_over = found.form.sent.ended_at is not None
    if not found.partner_name or is_over or step_under(found.policy) is Step.NOTHING:
        return ()
    waiting = {item_id for asked in found.asked if asked.waits for item_id in asked.items}
    made: dict[str, Offer] = {}
    for answer in found.form.answers:
        together = released_with(found.questionnaire, found.form.answers, answer.item_id)
        is_first = not any(item_id in made for item_id in together)
        if answer.value is not None and together and is_first and waiting.isdisjoint(together):
            held = held_back(found.questionnaire, found.form.answers, together)
            along = tuple(found.items[item_id] for item_id in together if item_id != answer.item_id)
            made[answer.item_id] = Offer(
                found.items[answer.item_id], answer, along, found.items[held] if held else None
            )
    return tuple(made.values())


def ask(viewer: Viewer, response_id: UUID, item_id: str, why: str) -> None:
    """Ask an answer's author to let it be brought into a session, with one line why.

    Raises NotFound, Invalid for the line (with `field`), and NotAllowed where the policy, the question or the state of
    things does not permit it.
    """
    text = line(why, field="why", most=MOST_IN_WHY, missing="why_missing")
    begin_write()
    response, items = _released_by_coach(viewer, response_id, item_id, Step.ASK)
    row = _new_request(viewer, response, items)
    row.why = vault.seal(response.person_id, WHY, row.id, text)
    audit.record(viewer, "release:asked", response.id)
    db.session.commit()


def release(viewer: Viewer, response_id: UUID, item_id: str, *, is_told: bool) -> None:
    """Under the open policy: let an answer be brought into a session, once its author was told.

    Raises as `ask` does, and Invalid "not_told" where they were not.
    """
    if not is_told:
        raise Invalid("not_told", field="told")
    begin_write()
    response, items = _released_by_coach(viewer, response_id, item_id, Step.RELEASE)
    row = _new_request(viewer, response, items)
    row.answer, row.answered_at = ReleaseAnswer.TOLD, row.asked_at
    _let_into_session(response, items)
    audit.record(viewer, "release:told", response.id)
    db.session.commit()


def _released_by_coach(viewer: Viewer, response_id: UUID, item_id: str, step: Step) -> tuple[Response, tuple[str, ...]]:
    """The response, held, and the questions that go along; every rule is looked at."""
    mine = scope.responses(viewer, scope.couples_to_act_for).with_only_columns(Response.id)
    held = select(Response).where(Response.id == response_id, Response.id.in_(mine)).with_for_update()
    response = scope.found(held)
    if step_under(response.policy) is not step:
        raise NotAllowed("not_under_this_policy")
    if response.sharing_ended_at is not None:
        raise NotAllowed("sharing_has_ended")
    if not _are_together(response):
        raise NotAllowed("couple_not_together")
    items = _items(response, item_id)
    open_ones = select(ReleaseRequest).where(
        ReleaseRequest.response_id == response.id,
        ReleaseRequest.answered_at.is_(None),
        ReleaseRequest.withdrawn_at.is_(None),
    )
    if any(not set(items).isdisjoint(released.items_of(row)) for row in db.session.scalars(open_ones)):
        raise NotAllowed("asked_already")
    return response, items


def _are_together(response: Response) -> bool:
    """Whether there is another partner with whom a session of both can be held."""
    its_couple = (
        select(Couple.id, Couple.state)
        .join(Assignment, Assignment.couple_id == Couple.id)
        .join(Task, Task.assignment_id == Assignment.id)
        .where(Task.id == response.task_id)
    )
    couple_id, state = db.session.execute(its_couple).one()
    return state in TOGETHER and taking_part.are_both(couple_id)


def _items(response: Response, item_id: str) -> tuple[str, ...]:
    """The questions that a release of this one is about. Raises NotAllowed where it is not one to release."""
    definition, answers = _definition(response), versions.answers_of(response)
    is_answered = any(answer.item_id == item_id and answer.value is not None for answer in answers)
    items = released_with(definition, answers, item_id) if is_answered else ()
    if not items:
        raise NotAllowed("not_offered_for_this_question")
    _check_not_held(definition, answers, items)
    return items


def _check_not_held(definition: Questionnaire, answers: Sequence[Answer], items: Sequence[str]) -> None:
    check_not_held(definition.items, answers, items, Disclosure.SESSION)


def _definition(response: Response) -> Questionnaire:
    document = (
        select(QuestionnaireVersion.document)
        .join(Assignment, Assignment.version_id == QuestionnaireVersion.id)
        .join(Task, Task.assignment_id == Assignment.id)
        .where(Task.id == response.task_id)
    )
    return from_document(db.session.scalars(document).one())


def _new_request(viewer: Viewer, response: Response, items: Sequence[str]) -> ReleaseRequest:
    row = ReleaseRequest(
        id=randomness.new_id(),
        practice_id=response.practice_id,
        response_id=response.id,
        person_id=response.person_id,
        item=items[0],
        along=list(items[1:]),
        asked_by=viewer.person_id,
        asked_at=clock.now(),
    )
    db.session.add(row)
    return row


def _keep_back(response: Response, items: Collection[str]) -> None:
    """Let these answers be for the coach alone again, and with them what hangs on them."""
    definition = _definition(response)
    along = kept_along(definition.items, definition.screens, items)
    released.take_back(response.id, along)
    versions.keep_back(response, along)
    _write_answers(response, kept_back(versions.answers_of(response), along))


def _let_into_session(response: Response, items: Collection[str]) -> None:
    """Let these answers, and no others, be opened in a session."""
    answers = versions.answers_of(response)
    _write_answers(response, [replace(a, disclosure=Disclosure.SESSION) if a.item_id in items else a for a in answers])


def _write_answers(response: Response, changed: Sequence[Answer]) -> None:
    document = versions.to_document(changed)
    response.document = vault.seal_document(response.person_id, "responses.document", response.id, document)
    response.may_open = may_ever_open(answer.disclosure for answer in changed)


def withdraw(viewer: Viewer, response_id: UUID, request_id: UUID) -> None:
    """Take a request back that was not answered. Raises NotFound, and NotAllowed once it was."""
    begin_write()
    mine = scope.responses(viewer, scope.couples_to_act_for).where(Response.id == response_id)
    asked = select(ReleaseRequest).where(
        ReleaseRequest.id == request_id, ReleaseRequest.response_id.in_(mine.with_only_columns(Response.id))
    )
    row = scope.found(asked.with_for_update())
    if row.answered_at is not None:
        raise NotAllowed("answered_already")
    if row.withdrawn_at is None:
        row.withdrawn_at = clock.now()
        audit.record(viewer, "release:withdrawn", response_id)
    db.session.commit()


def answer(viewer: Viewer, task_id: UUID, item_id: str, token: str, *, says_yes: bool) -> None:
    """Say yes or no to what was asked of one's own sent form; a yes can be taken back until it is opened.

    Raises NotFound, and NotAllowed: "stays_sealed" where the pass phrase has not opened the form, "request_is_over"
    where nobody asks any more.
    """
    begin_write()
    responses.open_for(viewer, task_id)
    response = scope.own_response(viewer, task_id, is_held=True)
    sealed.check_confirmed(viewer, task_id, token)
    row = _asked_or_none(response, item_id)
    if row is None:
        raise NotAllowed("request_is_over")
    items = released.items_of(row)
    if row.answer == ReleaseAnswer.YES and not says_yes:
        _keep_back(response, items)
    elif row.answer is None:
        if says_yes:
            _check_still_private(response, items)
            _let_into_session(response, items)
        row.answer, row.answered_at = (ReleaseAnswer.YES if says_yes else ReleaseAnswer.NO), clock.now()
    audit.record(viewer, "release:agreed" if says_yes else "release:declined", response.id)
    db.session.commit()


def _asked_or_none(response: Response, item_id: str) -> ReleaseRequest | None:
    """What waits for a word about this question, or else the yes that has not opened yet."""
    not_open = ReleaseRequest.opened_at.is_(None) | (ReleaseRequest.opened_at > clock.now())
    said_yes = (ReleaseRequest.answer == ReleaseAnswer.YES) & not_open
    waits = ReleaseRequest.answer.is_(None) & ReleaseRequest.withdrawn_at.is_(None)
    own = (ReleaseRequest.response_id == response.id, ReleaseRequest.item == item_id)
    rows = select(ReleaseRequest).where(*own, waits | said_yes).order_by(ReleaseRequest.answer.is_(None).desc())
    return db.session.scalars(rows.with_for_update()).first()


def _check_still_private(response: Response, items: Sequence[str]) -> None:
    """What its author has shared or kept otherwise meanwhile is not to be changed by an older question."""
    answers = versions.answers_of(response)
    private = {answer.item_id for answer in answers if answer.disclosure is Disclosure.COACH}
    if not private.issuperset(items):
        raise NotAllowed("request_is_over")
    _check_not_held(_definition(response), answers, items)
