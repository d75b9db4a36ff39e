"""What comes again by itself: a rule begun with its first form, and the sweep that issues the next ones."""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select

from portal import clock, randomness
from portal.domain.assignments import For, due_again_on, is_left_out
from portal.domain.errors import Invalid
from portal.domain.people import Viewer
from portal.domain.programme import Audience, Kind
from portal.domain.repeats import Repeats, latest_due, next_after, next_day_after
from portal.domain.session_check_ins import stands_in_place
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Repetition
from portal.models.couples import Couple
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.services import audit, issuing, measure_gate, programme, session_times, taking_part, tenants
from portal.services.issuing import Given
from portal.services.pathway_rows import in_own_time
from portal.services.piecemeal import apart, done


def begin(viewer: Viewer, couple: Couple, questionnaire_id: UUID, given_to: For, rule: Repeats) -> Repetition:
    """Add the rule that carries on from a form issued on its first day; the caller commits.

    Raises Invalid for a second one.
    """
    running = select(Repetition.id).where(
        Repetition.practice_id == viewer.practice_id,
        Repetition.couple_id == couple.id,
        Repetition.questionnaire_id == questionnaire_id,
        Repetition.ended_at.is_(None),
    )
    if db.session.scalars(running).first() is not None:
        raise Invalid("repeats_already", field="again")
    repetition = Repetition(
        id=randomness.new_id(),
        practice_id=couple.practice_id,
        couple_id=couple.id,
        questionnaire_id=questionnaire_id,
        assigned_by=viewer.person_id,
        given_to=given_to,
        weekdays=rule.word,
        at_minute=rule.at.hour * 60 + rule.at.minute,
        zone=rule.zone,
        every_weeks=rule.every_weeks,
        times=rule.times,
        until=rule.until,
        starts_on=rule.starts_on,
        last_issued_on=rule.starts_on,
    )
    db.session.add(repetition)
    db.session.flush()
    return repetition


def rule_of(row: Repetition) -> Repeats:
    """A rule as it is kept."""
    weekdays, at = tuple(map(int, row.weekdays)), time(row.at_minute // 60, row.at_minute % 60)
    return Repeats(weekdays, at, row.zone, row.starts_on, row.times, row.until, row.every_weeks)


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
            in_own_time().is_(None),
        )
    )
    if given_to is not None:
        statement = statement.where(Assignment.given_to == given_to)
    return db.session.scalar(statement)


def next_day(row: Repetition) -> date | None:
    """The next day on which something of a rule can still come; None where nothing does any more.

    It is none that is over, and none that is left out because something else was given.
    """
    rule, given_on = rule_of(row), last_given_on(row.couple_id, row.questionnaire_id, For(row.given_to))
    kind = Kind(db.session.scalars(select(Questionnaire.kind).where(Questionnaire.id == row.questionnaire_id)).one())
    yesterday = clock.today(rule.zone) - timedelta(days=1)
    day = next_day_after(rule, max(row.last_issued_on or row.starts_on, yesterday))
    asked_on = session_times.asked_on(row.couple_id, rule.zone)
    while day is not None and _is_in_place(rule, kind, day, day, given_on, asked_on):
        day = next_day_after(rule, day)
    return day


def issue_due(link: str = "") -> int:
    """Issue everything that should stand by now by a rule, in all practices; gives how many were issued.

    Each in a transaction of its own, so that one that fails keeps no other back; run twice, it issues nothing twice.
    `link` goes into the mails.
    """
    issued = 0
    for practice_id in tenants.each(tenants.AT_HOME):
        due = list(_due_in(practice_id))
        issued += sum(done("repetition", one, partial(_issue_next, one, link)) for one in due)
    return issued


def _due_in(practice_id: UUID) -> Iterator[UUID]:
    """The rules of which something may be due, or nothing comes any more; in one statement."""
    running = (Repetition.practice_id == practice_id, Repetition.ended_at.is_(None), Repetition.held_at.is_(None))
    for row in db.session.scalars(select(Repetition).where(*running).order_by(Repetition.id)).all():
        with apart("repetition", row.id):
            rule, now = rule_of(row), clock.now()
            if latest_due(rule, row.last_issued_on, now) is not None or next_after(rule, now) is None:
                yield row.id


def _issue_next(repetition_id: UUID, link: str) -> bool:
    begin_write()
    couple_id = db.session.scalars(select(Repetition.couple_id).where(Repetition.id == repetition_id)).one()
    taking_part.hold(couple_id, is_shared=True)
    goes_on = (Repetition.id == repetition_id, Repetition.ended_at.is_(None), Repetition.held_at.is_(None))
    repetition = db.session.scalars(select(Repetition).where(*goes_on).with_for_update()).one_or_none()
    is_issued = repetition is not None and _go_on(repetition, link)
    db.session.commit()
    return is_issued


def _go_on(repetition: Repetition, link: str) -> bool:
    """Issue what is due of a rule, and end it where nothing comes after that."""
    rule, now = rule_of(repetition), clock.now()
    firing = latest_due(rule, repetition.last_issued_on, now)
    if firing is not None and firing.on == repetition.skip_on:
        repetition.last_issued_on, firing = firing.on, None
    is_issued = firing is not None and _issue_if_due(repetition, rule, firing.on, link)
    if next_after(rule, now) is None:
        repetition.ended_at = now
    return is_issued


def _issue_if_due(repetition: Repetition, rule: Repeats, day: date, link: str) -> bool:
    couple, kind = db.session.execute(
        select(Couple, Questionnaire.kind)
        .join(Questionnaire, Questionnaire.practice_id == Couple.practice_id)
        .where(Couple.id == repetition.couple_id, Questionnaire.id == repetition.questionnaire_id)
    ).one()
    if taking_part.labels(couple).isdisjoint(For(repetition.given_to).labels):
        return False
    if kind == Kind.MEASURE and not measure_gate.lets_give(couple, repetition.questionnaire_id):
        return False
    given_on = last_given_on(couple.id, repetition.questionnaire_id, For(repetition.given_to))
    asked_on = session_times.asked_on(couple.id, rule.zone)
    if _is_in_place(rule, Kind(kind), day, clock.today(rule.zone), given_on, asked_on):
        return False
    _issue(repetition, couple, rule, day, link)
    return True


def _is_in_place(
    rule: Repeats, kind: Kind, day: date, today: date, given_on: date | None, asked_on: Iterable[date]
) -> bool:
    """Whether what was given last, or comes next, or belongs to a session (asked for on the days `asked_on`), stands in
    the place of a rule's `day`, were it given `today`."""
    if given_on is not None and day <= given_on:
        return True
    if kind is not Kind.CHECK_IN:
        return False
    return is_left_out(day, today, given_on, next_day_after(rule, day)) or any(
        stands_in_place(asked, today) for asked in asked_on
    )


def _issue(repetition: Repetition, couple: Couple, rule: Repeats, day: date, link: str) -> None:
    first, version = _first_of(repetition)
    due_on = due_again_on(day, first.due_on - first.assigned_on, next_day_after(rule, day))
    last_day = max(due_on, clock.today(rule.zone))
    given = Given(For(repetition.given_to), day, last_day, repetition_id=repetition.id, link=link)
    assignment = issuing.issue(couple, version, given, repetition.assigned_by)
    repetition.last_issued_on = day
    audit.record_before_sign_in(couple.practice_id, None, "assignment:repeated", assignment.id)


def _first_of(repetition: Repetition) -> tuple[Assignment, QuestionnaireVersion]:
    """The form that the rule began with, and the version to go on with: its own wording, else the library's newest.

    Where the newest has become something for both together it goes on as it began: that is never released by a clock.
    """
    first, version = db.session.execute(
        select(Assignment, QuestionnaireVersion)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(Assignment.repetition_id == repetition.id)
        .order_by(Assignment.assigned_on)
        .limit(1)
    ).one()
    if version.couple_id is None:
        newest = programme.newest_version(repetition.questionnaire_id)
        version = version if Audience(newest.audience).is_joint else newest
    return first, version
