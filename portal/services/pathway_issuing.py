"""The sweep that issues steps of pathways: to each partner what is open for them, by what they did themselves.

Each copy of a step that is done alone goes out by itself, so that nothing of one partner's can keep the other's back;
a joint step goes out to both at once, once the coach has confirmed it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from portal import clock
from portal.domain.assignments import For
from portal.domain.own_paths import own_path, to_give
from portal.domain.parting import who_takes_part
from portal.domain.people import CoupleState, Label
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.couples import Couple
from portal.models.pathways import Pathway
from portal.models.pathways import PathwayStep as StepRow
from portal.models.questionnaires import QuestionnaireVersion
from portal.services import audit, issuing, pathway_rows, taking_part, tenants, vault
from portal.services.issuing import Copies, Given
from portal.services.pathway_rows import Way
from portal.services.piecemeal import apart, done

WHY = "pathway_steps.why"
GOES_ON = (Pathway.ended_at.is_(None), Pathway.held_at.is_(None))


@dataclass(frozen=True, slots=True)
class Due:
    """One step that is open for one partner, or a joint one for both, and has not reached them."""

    pathway_id: UUID
    step_id: UUID
    labels: tuple[Label, ...]


def issue_due(link: str = "") -> int:
    """Issue every step that is open for somebody, in all practices; gives how many copies or pairs of them.

    Each in a transaction of its own, so that one that fails keeps no other back; run twice, it issues nothing twice.
    `link` goes into the mails.
    """
    issued = 0
    for practice_id in tenants.each(tenants.AT_HOME):
        found = list(_due_in(practice_id))
        issued += sum(done("pathway step", due.step_id, partial(issue_one, due, link)) for due in found)
    return issued


def _due_in(practice_id: UUID) -> Iterator[Due]:
    """What is due in a practice, looked up in a number of statements that does not grow with its couples."""
    running = (Pathway.practice_id == practice_id, *GOES_ON, Pathway.begun_at.is_not(None))
    found = db.session.execute(
        select(Pathway, Couple).join(Couple, Couple.id == Pathway.couple_id).where(*running).order_by(Pathway.id)
    ).all()
    couples = {row.Couple.id: row.Couple for row in found}
    partners = taking_part.partners_of(couples) if couples else {}
    for way in pathway_rows.ways_of([row.Pathway for row in found]):
        couple = couples[way.row.couple_id]
        here = who_takes_part(CoupleState(couple.state), partners.get(couple.id, ()), couple.ended_at)
        with apart("pathway", way.row.id):
            yield from due_of(way, here if couple.state != CoupleState.SEPARATED else (), clock.now())


def due_of(way: Way, taking_part_now: Collection[Label], now: datetime) -> tuple[Due, ...]:
    """What of a pathway is open at an instant and has not reached whom it is open for; joint work needs both here."""
    pathway, found = way.as_of(now), dict[tuple[UUID, tuple[Label, ...]], Due]()
    for label in Label:
        for step_id in to_give(own_path(pathway, label, way.sides.of(label)), now):
            step = pathway.step(step_id)
            labels = step.given_to.labels if step.audience.is_joint else (label,)
            if set(labels) <= set(taking_part_now):
                found[step_id, labels] = Due(way.row.id, step_id, labels)
    return tuple(found.values())


def issue_one(due: Due, link: str) -> bool:
    """Issue what was found to be due, where it still is; the first copy of a step opens its assignment."""
    begin_write()
    couple_id = db.session.scalars(select(Pathway.couple_id).where(Pathway.id == due.pathway_id)).one()
    taking_part.hold(couple_id, is_shared=True)
    running = select(Pathway).where(Pathway.id == due.pathway_id, *GOES_ON).with_for_update()
    row = db.session.scalars(running).one_or_none()
    is_issued = row is not None and _issue_if_due(row, due, link)
    db.session.commit()
    return is_issued


def _issue_if_due(row: Pathway, due: Due, link: str) -> bool:
    couple = db.session.scalars(select(Couple).where(Couple.id == row.couple_id)).one()
    here = taking_part.labels(couple) if couple.state != CoupleState.SEPARATED else frozenset[Label]()
    [way] = pathway_rows.ways_of([row])
    if due not in due_of(way, here, clock.now()):
        return False
    _issue(couple, way, way.step(due.step_id), due, link)
    return True


def _issue(couple: Couple, way: Way, row: Row[Any], due: Due, link: str) -> None:
    step: StepRow = row.PathwayStep
    zone = way.zone if len(due.labels) > 1 else way.sides.of(due.labels[0]).zone
    due_on = clock.today(zone) + timedelta(days=step.days_open)
    assignment = _opened(couple, way, step)
    assignment.due_on = max(assignment.due_on, due_on)
    issuing.issue_copies(couple, assignment, Copies(row.questionnaire_id, due.labels, due_on, link))
    audit.record_before_sign_in(couple.practice_id, None, "pathway:step_issued", assignment.id)


def _opened(couple: Couple, way: Way, step: StepRow) -> Assignment:
    """The assignment of a step. It has the step's id, so that whose copy goes out first draws no other's id."""
    if step.assignment_id is not None:
        return db.session.scalars(select(Assignment).where(Assignment.id == step.assignment_id)).one()
    version = db.session.scalars(select(QuestionnaireVersion).where(QuestionnaireVersion.id == step.version_id)).one()
    today = clock.today(way.zone)
    why = vault.unseal_or_none(couple.id, WHY, step.id, step.why) or ""
    given = Given(For(step.given_to), today, today, why)
    made = issuing.open_assignment(couple, version, given, couple.coach_id, step.id)
    step.assignment_id = made.id
    return made
