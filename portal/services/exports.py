"""One's own data to take along: the account and what was written, without locked answers and the safe way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import aliased

from portal.domain.accounts import stays_sealed
from portal.domain.answers import Answer
from portal.domain.consent import Policy
from portal.domain.disclosure import given_to_author
from portal.domain.endings import Later
from portal.domain.errors import Invalid
from portal.domain.items import Item
from portal.domain.people import Viewer
from portal.domain.questionnaires import Questionnaire, from_document
from portal.domain.releases import ReleaseAnswer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.consents import Consent
from portal.models.couples import Couple
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.releases import ReleaseRequest
from portal.models.responses import Draft, Feedback, Response
from portal.models.second_factors import Passkey
from portal.models.users import Person
from portal.services import (
    accounts,
    audit,
    choosing,
    consents,
    entering,
    later_check_ins,
    own_lines,
    own_measures,
    released,
    responses,
    scope,
    second_factors,
    vault,
    versions,
)
from portal.services.own_lines import OwnNudge, OwnQuestion
from portal.services.own_measures import MeasureAnswered, OwnScores
from portal.services.versions import Version


@dataclass(frozen=True, slots=True)
class Agreed:
    """What somebody signed, in which language, by which name; None where names were not asked for yet."""

    given_at: datetime
    text_version: int
    policy: Policy
    policy_version: int
    language: str
    signature: str | None


@dataclass(frozen=True, slots=True)
class OwnForm:
    """One form with what was answered, or a correction of it. `sent_at` is None for a draft, `line` is the coach's.

    `entered_by` is who typed it in from paper; None where one sent it oneself, and for a correction, which one did.
    """

    title: str
    sent_at: datetime | None
    answers: tuple[tuple[Item, Answer], ...]
    line: str | None
    measure: MeasureAnswered | None = None
    entered_by: str | None = None


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """What the coach would bring into a session, or brought there: which questions of which form, why, and the answer.

    `why` is None where nobody asked, `answer` and `answered_at` where none was given.
    """

    title: str
    questions: tuple[str, ...]
    why: str | None
    asked_at: datetime
    answer: ReleaseAnswer | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnChoice:
    """Small steps that one could choose from, and the one that was taken, None where none was."""

    titles: tuple[str, ...]
    offered_at: datetime
    why: str | None
    taken: str | None


@dataclass(frozen=True, slots=True)
class OwnData:
    """Everything of one person's own: the account, what was agreed to, and the forms, the oldest first, drafts last.

    How one can be reached safely is not in it: a file that somebody is made to show would tell it, as it would tell a
    locked answer.
    """

    name: str
    address: str
    user_name: str | None
    passkeys: tuple[str, ...]
    zone: str
    language: str
    agreed: tuple[Agreed, ...]
    forms: tuple[OwnForm, ...]
    requests: tuple[OwnRequest, ...]
    questions: tuple[OwnQuestion, ...]
    choices: tuple[OwnChoice, ...]
    nudges: tuple[OwnNudge, ...]
    scores: tuple[OwnScores, ...] = ()
    later: Later | None = None  # when one wants to be asked once more after the end


def own_data(viewer: Viewer, passphrase: str) -> OwnData:
    """What somebody may take along; that they did goes on record.

    Locked answers are never in it, and no private ones, nor lines or requests about them, where one chose never to be
    shown them again. Raises Invalid for a wrong pass phrase, and for one that came by mail and that the coach has not
    vouched for.
    """
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    person = scope.own_person(viewer)
    if stays_sealed(person.reset_at, person.vouched_at):
        raise Invalid("stays_sealed")
    vault.load_keys([viewer.person_id])
    found = OwnData(
        person.display_name,
        vault.unseal(person.id, "people.address", person.id, person.address),
        vault.unseal_or_none(person.id, "people.user_name", person.id, person.user_name),
        _passkeys(viewer),
        person.zone,
        person.locale,
        _agreed(viewer),
        (*_sent(viewer, never_private=person.never_reveals), *_drafts(viewer, never_private=person.never_reveals)),
        () if person.never_reveals else _requests(viewer),
        () if person.never_reveals else own_lines.questions(viewer),
        tuple(OwnChoice(one.titles, one.offered_at, one.why, one.taken) for one in choosing.offered_to(viewer)),
        () if person.never_reveals else own_lines.nudges(viewer),
        () if person.never_reveals else own_measures.scores_from_paper(viewer),
        later_check_ins.chosen_or_none(viewer),
    )
    audit.record(viewer, "export:own", viewer.person_id)
    db.session.commit()
    return found


def _passkeys(viewer: Viewer) -> tuple[str, ...]:
    """What one has called one's passkeys, the oldest first."""
    own = select(Passkey.id, Passkey.name).where(*second_factors.of(viewer, Passkey))
    rows = db.session.execute(own.order_by(Passkey.created_at, Passkey.id)).all()
    return tuple(vault.unseal(viewer.person_id, second_factors.NAME, row.id, row.name) for row in rows)


def _agreed(viewer: Viewer) -> tuple[Agreed, ...]:
    own = (Consent.practice_id == viewer.practice_id, Consent.person_id == viewer.person_id)
    rows = db.session.scalars(select(Consent).where(*own).order_by(Consent.given_at))
    return tuple(
        Agreed(
            row.given_at,
            row.text_version,
            Policy(row.policy),
            row.policy_version,
            row.language,
            vault.unseal_or_none(viewer.person_id, consents.SIGNATURE, row.id, row.signature),
        )
        for row in rows
    )


def _requests(viewer: Viewer) -> tuple[OwnRequest, ...]:
    """What was asked of one's own answers, the oldest first; what was taken back was not asked."""
    rows = db.session.execute(
        _own_sent(viewer)
        .join(ReleaseRequest, ReleaseRequest.response_id == Response.id)
        .where(ReleaseRequest.withdrawn_at.is_(None))
        .with_only_columns(ReleaseRequest, QuestionnaireVersion.document, Person.display_name)
        .order_by(None)
        .order_by(ReleaseRequest.asked_at, ReleaseRequest.id)
    )
    return tuple(_request(row, from_document(document).spoken(coach_name)) for row, document, coach_name in rows)


def _request(row: ReleaseRequest, questionnaire: Questionnaire) -> OwnRequest:
    return OwnRequest(
        questionnaire.title,
        tuple(questionnaire.item(item_id).label for item_id in released.items_of(row)),
        vault.unseal_or_none(row.person_id, released.WHY, row.id, row.why),
        row.asked_at,
        ReleaseAnswer(row.answer) if row.answer else None,
        row.answered_at,
    )


def sent_in_couple(viewer: Viewer, couple_id: UUID) -> list[OwnForm]:
    """What a partner sent in one couple, with the lines on it, as it is handed to themselves: no locked answers.

    For the coach, who has found the partner in scope.
    """
    rows = db.session.execute(_own_sent(viewer).where(Assignment.couple_id == couple_id)).all()
    return _as_forms(viewer, rows, never_private=False)


def _sent(viewer: Viewer, *, never_private: bool) -> list[OwnForm]:
    return _as_forms(viewer, db.session.execute(_own_sent(viewer)).all(), never_private=never_private)


def _as_forms(viewer: Viewer, rows: Sequence[Row[Any]], *, never_private: bool) -> list[OwnForm]:
    words = own_measures.words_that_may_leave(viewer.practice_id)
    said = versions.versions_of(row.Response for row in rows)
    return [form for row in rows for form in _sent_forms(row, said[row.Response.id], words, never_private)]


def _own_sent(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    typist = aliased(Person)
    return (
        select(
            Response,
            Feedback.id.label("line_id"),
            Feedback.text.label("line"),
            QuestionnaireVersion.document.label("definition"),
            Person.display_name.label("coach_name"),
            typist.display_name.label("entered_by"),
        )
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Couple, Couple.id == Assignment.couple_id)
        .join(Person, Person.id == Couple.coach_id)
        .outerjoin(Feedback, Feedback.response_id == Response.id)
        .outerjoin(typist, typist.id == Response.entered_by)
        .where(Task.id.in_(scope.own_tasks(viewer).with_only_columns(Task.id)))
        .order_by(Response.submitted_at, Response.id)
    )


def _sent_forms(row: Row[Any], said: tuple[Version, ...], words: frozenset[str], never_private: bool) -> list[OwnForm]:
    """What was sent, and each correction that changed what is given here; the coach's line is with the last of them."""
    questionnaire = own_measures.as_it_may_leave(from_document(row.definition).spoken(row.coach_name), words)
    line = None if never_private else row.line
    told = vault.unseal_or_none(row.Response.person_id, "feedback.text", row.line_id, line)
    forms: list[OwnForm] = []
    for version in said:
        given = [a for a in version.answers if given_to_author(a.disclosure, never_private=never_private)]
        answers = tuple((questionnaire.item(answer.item_id), answer) for answer in given)
        if not forms or answers != forms[-1].answers:
            answered = own_measures.answered(questionnaire, given, words)
            entered_by = row.entered_by if version is said[0] else None
            forms.append(OwnForm(questionnaire.title, version.written_at, answers, None, answered, entered_by))
    return [*forms[:-1], replace(forms[-1], line=told)]


def _drafts(viewer: Viewer, *, never_private: bool) -> list[OwnForm]:
    """What is typed and not sent. One with nothing but private questions is left out: that it is there would tell."""
    begun = scope.own_tasks(viewer).join(Draft, Draft.task_id == Task.id).order_by(Task.issued_at, Task.id)
    forms, words = [], own_measures.words_that_may_leave(viewer.practice_id)
    for task_id in db.session.scalars(begun.with_only_columns(Task.id)).all():
        task = responses.open_for(viewer, task_id)
        items = {item.id: item for item in own_measures.as_it_may_leave(task.questionnaire, words).items}
        typed = ((items[answer.item_id], answer) for answer in responses.look_over(task, task.typed)[0])
        answers = tuple(
            (item, answer)
            for item, answer in (typed if task.entered_by is None else entering.begun(task))
            if answer.value is not None and given_to_author(answer.disclosure, never_private=never_private)
        )
        forms += [OwnForm(task.questionnaire.title, None, answers, None)] if answers else []
    return forms
