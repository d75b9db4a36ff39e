"""The weekly check-in: a rule begun with its first form, and the sweep that issues the next ones."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal import clock, randomness
from portal.domain.assignments import For, are_too_near, days_to_issue, weekly_due_on
from portal.domain.errors import Invalid
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Repetition
from portal.models.couples import Couple
from portal.models.practices import Practice
from portal.models.questionnaires import QuestionnaireVersion
from portal.services import audit, issuing, programme, taking_part, tenants
from portal.services.issuing import Given
from portal.services.piecemeal import apart


def begin(viewer: Viewer, couple: Couple, questionnaire_id: UUID, given_to: For, today: date) -> Repetition:
    """Add the rule that carries on from a form issued `today`; the caller commits. Raises Invalid for a second one."""
    running = select(Repetition.id).where(
        Repetition.practice_id == viewer.practice_id,
        Repetition.couple_id == couple.id,
        Repetition.questionnaire_id == questionnaire_id,
        Repetition.ended_at.is_(None),
    )
    if db.session.scalars(running).first() is not None:
        raise Invalid("repeats_already", field="weekly")
    repetition = Repetition(
        id=randomness.new_id(),
        practice_id=couple.practice_id,
        couple_id=couple.id,
        questionnaire_id=questionnaire_id,
        assigned_by=viewer.person_id,
        given_to=given_to,
        weekday=today.weekday(),
        starts_on=today,
        last_issued_on=today,
    )
    db.session.add(repetition)
    db.session.flush()
    return repetition


def last_given_on(couple_id: UUID, questionnaire_id: UUID, given_to: For | None = None) -> date | None:
    """The last day on which the couple (or just these of it) was given this questionnaire and it was not withdrawn.

    Whether one of them had sent before a withdrawal makes no difference: the next form would tell the other.
    """
    statement = (
        select(func.max(Assignment.assigned_on))
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(
            Assignment.couple_id == couple_id,
            Assignment.withdrawn_at.is_(None),
            QuestionnaireVersion.questionnaire_id == questionnaire_id,
        )
    )
    if given_to is not None:
        statement = statement.where(Assignment.given_to == given_to)
    return db.session.scalar(statement)


def issue_due(link: str = "") -> int:
    """Issue every weekly form that should stand by today, in all practices; gives how many were issued.

    Each in a transaction of its own, so that one that fails keeps no other back; run twice, it issues nothing twice.
    `link` goes into the mails.
    """
    running = select(Repetition.id).where(Repetition.ended_at.is_(None)).order_by(Repetition.id)
    issued = 0
    for practice_id in tenants.each(tenants.AT_HOME):
        repetition_ids = db.session.scalars(running.where(Repetition.practice_id == practice_id)).all()
        issued += sum(_issue_or_skip(repetition_id, link) for repetition_id in repetition_ids)
    return issued


def _issue_or_skip(repetition_id: UUID, link: str) -> bool:
    with apart("weekly form", repetition_id):
        try:
            return _issue_next(repetition_id, link)
        except IntegrityError:  # another machine was faster
            db.session.rollback()
    return False


def _issue_next(repetition_id: UUID, link: str) -> bool:
    begin_write()
    couple_id = db.session.scalars(select(Repetition.couple_id).where(Repetition.id == repetition_id)).one()
    taking_part.hold(couple_id, is_shared=True)
    held = select(Repetition).where(Repetition.id == repetition_id, Repetition.ended_at.is_(None)).with_for_update()
    repetition = db.session.scalars(held).one_or_none()
    is_issued = repetition is not None and _issue_if_due(repetition, link)
    db.session.commit()
    return is_issued


def _issue_if_due(repetition: Repetition, link: str) -> bool:
    couple, zone = db.session.execute(
        select(Couple, Practice.zone)
        .join(Practice, Practice.id == Couple.practice_id)
        .where(Couple.id == repetition.couple_id)
    ).one()
    today = today_in(zone)
    day = days_to_issue(
        weekday=repetition.weekday,
        starts_on=repetition.starts_on,
        last_issued_on=repetition.last_issued_on,
        today=today,
    )
    if day is None or taking_part.labels(couple).isdisjoint(For(repetition.given_to).labels):
        return False
    given_on = last_given_on(couple.id, repetition.questionnaire_id, For(repetition.given_to))
    if given_on is not None and (day <= given_on or are_too_near(given_on, today)):
        return False
    _issue(repetition, couple, day, today, link)
    return True


def _issue(repetition: Repetition, couple: Couple, day: date, today: date, link: str) -> None:
    first, version = _first_of(repetition)
    due_on = max(weekly_due_on(day, first.assigned_on, first.due_on), today)
    given = Given(For(repetition.given_to), day, due_on, repetition_id=repetition.id, link=link)
    assignment = issuing.issue(couple, version, given, repetition.assigned_by)
    repetition.last_issued_on = day
    audit.record_before_sign_in(couple.practice_id, None, "assignment:repeated", assignment.id)


def _first_of(repetition: Repetition) -> tuple[Assignment, QuestionnaireVersion]:
    """The form that the rule began with, and the version to go on with: its own wording, else the library's newest."""
    first, version = db.session.execute(
        select(Assignment, QuestionnaireVersion)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(Assignment.repetition_id == repetition.id)
        .order_by(Assignment.assigned_on)
        .limit(1)
    ).one()
    if version.couple_id is None:
        version = programme.newest_version(repetition.questionnaire_id)
    return first, version


def today_in(zone: str) -> date:
    """The day that it is on the wall clock of a zone."""
    now: datetime = clock.now()
    return now.astimezone(ZoneInfo(zone)).date()
