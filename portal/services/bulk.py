"""Giving the same to many couples: looked over beforehand, asked for once, and reported on with each of them.

The work itself is done in the background, couple by couple: `bulk_giving`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Integer, Select, func, select

from portal import clock, randomness
from portal.domain.assignments import For, check_due_on
from portal.domain.bulk import MOST_COUPLES, Facts, Outcome, Reason, reason_or_none
from portal.domain.errors import Invalid, NotFound, named
from portal.domain.lines import line_or_empty
from portal.domain.parting import who_takes_part
from portal.domain.people import CoupleState, Viewer
from portal.domain.programme import Audience, Kind
from portal.domain.questionnaires import from_document
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.bulk import BulkAssignment, BulkRow
from portal.models.couples import Caseload, Couple
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.services import (
    audit,
    caseload,
    measure_answers,
    programme,
    safety,
    scope,
    taking_part,
    vault,
)
from portal.services.caseload import CaseloadQuery
from portal.services.pathway_rows import in_own_time

WHY = "bulk_assignments.why"
MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class NewBulk:
    """What is given to which couples, to both of each, until the end of which day, and why."""

    questionnaire_id: UUID
    couple_ids: tuple[UUID, ...]
    due_on: date
    why: str = ""


@dataclass(frozen=True, slots=True)
class LookedOver:
    """One couple as it would be: None for given, else why it is passed over."""

    couple_id: UUID
    names: str
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What became of one couple's part."""

    couple_id: UUID
    names: str
    outcome: Outcome
    reason: Reason | None
    assignment_id: UUID | None


@dataclass(frozen=True, slots=True)
class Report:
    """What was asked for, and how far it has come; `lines` in the order in which they were chosen.

    `no_longer_own` is how many couples more there were whom the viewer does not act for any more.
    """

    bulk_id: UUID
    title: str
    due_on: date
    why: str | None
    asked_at: datetime
    done_at: datetime | None
    lines: tuple[ReportLine, ...]
    no_longer_own: int

    @property
    def counts(self) -> Mapping[Outcome, int]:
        return Counter(line.outcome for line in self.lines)


@dataclass(frozen=True, slots=True)
class ReportListed:
    """One of the coach's own in a list."""

    bulk_id: UUID
    title: str
    asked_at: datetime
    couples: int
    given: int
    is_done: bool


def to_choose_from(viewer: Viewer, query: CaseloadQuery) -> tuple[tuple[UUID, str], ...]:
    """The first couples of the list that the coach may act for, in its order: id and names."""
    mine = scope.couples_to_act_for(viewer).with_only_columns(Couple.id)
    first = caseload.listed(viewer, query).where(Caseload.couple_id.in_(mine)).limit(MOST_COUPLES)
    rows = db.session.execute(first.join(Couple, Couple.id == Caseload.couple_id).add_columns(Couple.names))
    return tuple((couple_id, names) for couple_id, names in rows)


def look_over(viewer: Viewer, new: NewBulk) -> tuple[LookedOver, ...]:
    """What would become of each couple, in as many statements for two hundred as for one; nothing is given.

    Raises NotFound, also where one couple is out of reach, and Invalid with `field`.
    """
    entry = _checked(viewer, new)
    rows = db.session.scalars(scope.couples_to_act_for(viewer).where(Couple.id.in_(new.couple_ids))).all()
    found = {couple.id: couple for couple in rows}
    if set(found) != set(new.couple_ids):
        raise NotFound
    reasons = reasons_of(list(found.values()), entry, clock.today(scope.own_practice(viewer).zone))
    return tuple(LookedOver(one, found[one].names, reasons[one]) for one in new.couple_ids)


def title_of(viewer: Viewer, questionnaire_id: UUID) -> str:
    """What an entry of the library is called now. Raises NotFound."""
    return programme.newest_version(scope.library_entry(viewer, questionnaire_id).id).title


def _checked(viewer: Viewer, new: NewBulk) -> Questionnaire:
    if not new.couple_ids:
        raise Invalid("no_couples", field="couples")
    if len(set(new.couple_ids)) != len(new.couple_ids) or len(new.couple_ids) > MOST_COUPLES:
        raise Invalid("too_many_couples", field="couples", maximum=MOST_COUPLES)
    line_or_empty(new.why, field="why")  # refused where it is too long
    entry = scope.library_entry(viewer, new.questionnaire_id)
    programme.check_in_use(entry, field="exercise")
    named("due_on", check_due_on, new.due_on, clock.today(scope.own_practice(viewer).zone))
    if measure_answers.is_guarded(from_document(programme.newest_version(entry.id).document)):
        raise Invalid("guarded_to_one_alone", field="exercise")
    return entry


def reasons_of(couples: Sequence[Couple], entry: Questionnaire, today: date) -> dict[UUID, Reason | None]:
    """Why each of these couples would be passed over; the caller has found them in scope. Five statements."""
    ids = [couple.id for couple in couples]
    version = programme.newest_version(entry.id)
    partners = taking_part.partners_of(ids)
    given = _given(ids, entry)
    for_both = Assignment.given_to.in_((For.BOTH, For.JOINT))  # what one has alone keeps nothing from the other
    not_over = given.where(Assignment.due_on >= today, for_both).with_only_columns(Assignment.couple_id)
    has_it = set(db.session.scalars(not_over))
    newest = given.group_by(Assignment.couple_id)
    days = newest.with_only_columns(Assignment.couple_id, func.max(Assignment.assigned_on))
    last = dict(db.session.execute(days).all())
    held = set(db.session.scalars(select(Couple.id).where(Couple.id.in_(ids), safety.is_held_here())))
    return {
        couple.id: reason_or_none(
            Facts(
                who_takes_part(CoupleState(couple.state), partners.get(couple.id, ()), couple.ended_at),
                couple.id in has_it,
                last.get(couple.id),
                couple.id in held,
            ),
            today,
            is_check_in=entry.kind == Kind.CHECK_IN,
            is_joint=Audience(version.audience).is_joint,
        )
        for couple in couples
    }


def _given(couple_ids: Collection[UUID], entry: Questionnaire) -> Select[*tuple[Any, ...]]:
    return (
        select(Assignment)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(Assignment.couple_id.in_(couple_ids), Assignment.withdrawn_at.is_(None))
        .where(in_own_time().is_(None))
        .where(QuestionnaireVersion.questionnaire_id == entry.id)
    )


def ask(viewer: Viewer, new: NewBulk, key: str) -> UUID:
    """Ask for it; gives its id. `key` names this one list: pressed twice, it is asked for once.

    Raises as `look_over`.
    """
    begin_write()
    scope.own_person(viewer, is_held=True)  # of two at once one waits, and finds what the other did
    bulk_id = uuid5(viewer.person_id, key)
    if db.session.scalars(_own(viewer).where(BulkAssignment.id == bulk_id)).first() is not None:
        return bulk_id
    entry = _checked(viewer, new)
    reachable = scope.couples_to_act_for(viewer).where(Couple.id.in_(new.couple_ids)).with_only_columns(Couple.id)
    if set(db.session.scalars(reachable)) != set(new.couple_ids):
        raise NotFound
    why = line_or_empty(new.why, field="why")
    db.session.add(
        BulkAssignment(
            id=bulk_id,
            practice_id=viewer.practice_id,
            questionnaire_id=entry.id,
            asked_by=viewer.person_id,
            due_on=new.due_on,
            why=vault.seal(viewer.person_id, WHY, bulk_id, why) if why else None,
            asked_at=clock.now(),
        )
    )
    db.session.flush()
    db.session.add_all(_rows(viewer, bulk_id, new.couple_ids))
    audit.record(viewer, "assignment:asked_for_many", viewer.person_id)
    db.session.commit()
    return bulk_id


def _rows(viewer: Viewer, bulk_id: UUID, couple_ids: Iterable[UUID]) -> list[BulkRow]:
    return [
        BulkRow(
            id=randomness.new_id(),
            practice_id=viewer.practice_id,
            bulk_id=bulk_id,
            couple_id=couple_id,
            position=position,
            outcome=Outcome.WAITING,
        )
        for position, couple_id in enumerate(couple_ids, 1)
    ]


def _own(viewer: Viewer) -> Select[BulkAssignment]:
    """What a coach asked for; nobody else reads it."""
    own = (BulkAssignment.practice_id == viewer.practice_id, BulkAssignment.asked_by == viewer.person_id)
    return select(BulkAssignment).where(*own)


def report(viewer: Viewer, bulk_id: UUID) -> Report:
    """How far it has come, and what became of each couple that is the viewer's still.

    Raises NotFound for all but whoever asked for it.
    """
    row = scope.found(_own(viewer).where(BulkAssignment.id == bulk_id))
    rows = db.session.execute(
        scope.couples_to_act_for(viewer)
        .join(BulkRow, BulkRow.couple_id == Couple.id)
        .with_only_columns(BulkRow, Couple.names)
        .where(BulkRow.bulk_id == row.id)
        .order_by(BulkRow.position)
    ).all()
    lines = tuple(
        ReportLine(
            found.couple_id, names, Outcome(found.outcome), Reason(found.reason) if found.reason else None,
            found.assignment_id,
        )
        for found, names in rows
    )  # fmt: skip
    why = vault.unseal_or_none(viewer.person_id, WHY, row.id, row.why)
    title = programme.newest_version(row.questionnaire_id).title
    of_all = db.session.scalar(select(func.count()).where(BulkRow.bulk_id == row.id)) or 0
    return Report(row.id, title, row.due_on, why, row.asked_at, row.done_at, lines, of_all - len(lines))


def reports(viewer: Viewer) -> tuple[ReportListed, ...]:
    """What the viewer has asked for, the latest first."""
    given = func.sum((BulkRow.outcome == Outcome.GIVEN).cast(Integer))
    rows = db.session.execute(
        _own(viewer)
        .join(BulkRow, BulkRow.bulk_id == BulkAssignment.id)
        .with_only_columns(BulkAssignment, func.count(), given)
        .group_by(BulkAssignment.id)
        .order_by(BulkAssignment.asked_at.desc(), BulkAssignment.id)
        .limit(MOST_LISTED)
    ).all()
    titles = _titles({row.questionnaire_id for row, _, _ in rows})
    return tuple(
        ReportListed(row.id, titles[row.questionnaire_id], row.asked_at, count, done, row.done_at is not None)
        for row, count, done in rows
    )


def _titles(ids: set[UUID]) -> dict[UUID, str]:
    versions = select(QuestionnaireVersion.questionnaire_id, QuestionnaireVersion.title).where(
        QuestionnaireVersion.questionnaire_id.in_(ids), QuestionnaireVersion.couple_id.is_(None)
    )
    return dict(db.session.execute(versions.order_by(QuestionnaireVersion.number)).all())
