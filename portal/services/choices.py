"""Choices: two or three small steps offered to one partner, or to each, who take one of them or none.

What each is offered and takes is theirs and the coach's: each has a row of their own, and nothing of one partner's
decides what becomes of the other's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, update

from portal import clock, randomness
from portal.domain.assignments import For, check_due_on
from portal.domain.choices import check_alone, check_steps, is_alone
from portal.domain.errors import named
from portal.domain.lines import line_or_empty
from portal.domain.parting import check_given
from portal.domain.people import Label, PersonState, Viewer
from portal.domain.programme import Audience, Kind
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.choices import OfferedChoice, OfferedStep
from portal.models.couples import Couple, Partnership
from portal.models.outbox import OutboxEntry
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.users import Person
from portal.services import assignments, audit, outbox, programme, scope, scope_of_choices, taking_part, vault
from portal.services.programme import LibraryEntry

WHY = "offered_choices.why"
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class NewChoice:
    """What the coach offers: which steps, to whom (each gets a choice of their own), until the end of which day."""

    questionnaire_ids: tuple[UUID, ...]
    given_to: For
    due_on: date
    why: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceShown:
    """A choice as its coach reads it; `taken` is the title of what was taken, with the assignment it became."""

    choice_id: UUID
    label: Label
    name: str
    titles: tuple[str, ...]
    why: str | None
    due_on: date
    offered_at: datetime
    picked_at: datetime | None
    taken: str | None
    assignment_id: UUID | None
    is_withdrawn: bool

    @property
    def is_open(self) -> bool:
        return self.picked_at is None and not self.is_withdrawn


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """The page on which a coach offers: to whom, what each can do alone, until when, and what was offered so far."""

    couple_id: UUID
    names: str
    step: str
    partners: Mapping[Label, str]
    alone: tuple[LibraryEntry, ...]
    due_on: date
    offered: tuple[ChoiceShown, ...]


def page(viewer: Viewer, couple_id: UUID) -> ChoicePage:
    """Everything that the page of one of the coach's own couples shows. Raises NotFound."""
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    library = [one for one in programme.library(viewer) if is_alone(one.kind, one.audience)]
    return ChoicePage(
        couple.id,
        couple.names,
        couple.step,
        taking_part.names(couple.id),
        tuple(sorted(library, key=lambda one: one.step != couple.step)),
        assignments.offered_due_on(viewer, couple.id),
        of_couple(viewer, couple.id),
    )


def offer(viewer: Viewer, couple_id: UUID, new: NewChoice, link: str = "") -> None:
    """Offer a choice to one partner, or one of their own to each; an earlier one that is open is replaced.

    `link` goes into the mails, which say nothing else. Raises NotFound, and Invalid with `field`.
    """
    check_steps(new.questionnaire_ids)
    new = replace(new, why=line_or_empty(new.why, field="why"))
    begin_write()
    mine = scope.couples_to_act_for(viewer).where(Couple.id == couple_id)
    couple = scope.found(mine.with_for_update(of=Couple, read=True))  # as `taking_part.hold`, shared
    named("given_to", check_given, new.given_to.labels, taking_part.labels(couple))
    named("due_on", check_due_on, new.due_on, clock.today(scope.own_practice(viewer).zone))
    versions = [_version(viewer, one) for one in new.questionnaire_ids]
    of_both = {"practice_id": couple.practice_id, "couple_id": couple.id, "offered_at": clock.now()}
    for person in _partners(couple, new.given_to):
        let_go(OfferedChoice.couple_id == couple.id, OfferedChoice.person_id == person.id)
        _offer_to(viewer, person, versions, new, of_both, link)
    db.session.commit()


def _version(viewer: Viewer, questionnaire_id: UUID) -> QuestionnaireVersion:
    entry = scope.library_entry(viewer, questionnaire_id)
    programme.check_in_use(entry, field="steps")
    version = programme.newest_version(entry.id)
    check_alone(Kind(entry.kind), Audience(version.audience))
    return version


def _partners(couple: Couple, given_to: For) -> list[Person]:
    """Whom it is offered to, held as whoever gives something holds them."""
    statement = (
        select(Person)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == couple.id, Partnership.label.in_(given_to.labels))
        .order_by(Partnership.label)
    )
    return list(db.session.scalars(statement.with_for_update(of=Partnership)))


def _offer_to(
    viewer: Viewer, person: Person, versions: list[QuestionnaireVersion], new: NewChoice, of_both: Any, link: str
) -> None:
    """One partner's own choice; `of_both` are the columns that are the same for the other's, its instant too."""
    choice_id = randomness.new_id()
    choice = OfferedChoice(
        id=choice_id,
        person_id=person.id,
        offered_by=viewer.person_id,
        due_on=new.due_on,
        why=vault.seal(person.id, WHY, choice_id, new.why) if new.why else None,
        **of_both,
    )
    db.session.add(choice)
    db.session.flush()
    for position, version in enumerate(versions, 1):
        step = OfferedStep(id=randomness.new_id(), practice_id=person.practice_id, choice_id=choice_id)
        step.version_id, step.position = version.id, position
        db.session.add(step)
    if person.state == PersonState.ACTIVE:  # who has not come in yet finds it once they do
        outbox.enqueue(person, outbox.TASK, _mail_of(choice_id), {"link": link})
    audit.record(viewer, "choice:offered", person.id)


def withdraw(viewer: Viewer, couple_id: UUID, choice_id: UUID) -> None:
    """Take back a choice that nobody has made; what was taken is an assignment, and withdrawn as one is.

    A second time changes nothing. Raises NotFound.
    """
    begin_write()
    its = (OfferedChoice.couple_id == couple_id, OfferedChoice.id == choice_id)
    found = scope.found(scope_of_choices.choices(viewer).where(*its))
    if let_go(OfferedChoice.id == found.id):
        audit.record(viewer, "choice:withdrawn", found.person_id)
    db.session.commit()


def let_go(*which: ColumnElement[bool]) -> bool:
    """Take back the open choices for which all of these hold, with mails that wait; False for none. The caller commits.

    A choice that is being made meanwhile is waited for, and then stays.
    """
    still_open = (OfferedChoice.picked_at.is_(None), OfferedChoice.withdrawn_at.is_(None))
    taken_back = update(OfferedChoice).where(*which, *still_open).values(withdrawn_at=clock.now())
    choice_ids = db.session.scalars(taken_back.returning(OfferedChoice.id)).all()
    waiting = (OutboxEntry.done_at.is_(None), OutboxEntry.failed_at.is_(None))
    mails = update(OutboxEntry).where(OutboxEntry.dedupe_key.in_([_mail_of(one) for one in choice_ids]), *waiting)
    if choice_ids:
        db.session.execute(mails.values(failed_at=clock.now(), payload=None))
    return bool(choice_ids)


def _mail_of(choice_id: UUID) -> str:
    return f"choice:{choice_id}"


def of_couple(viewer: Viewer, couple_id: UUID) -> tuple[ChoiceShown, ...]:
    """What the two of a couple were offered, the latest first; nothing of a couple out of reach."""
    own = (Partnership.couple_id == OfferedChoice.couple_id) & (Partnership.person_id == OfferedChoice.person_id)
    rows = db.session.execute(
        scope_of_choices.choices(viewer)
        .where(OfferedChoice.couple_id == couple_id)
        .join(Partnership, own)
        .join(Person, Person.id == OfferedChoice.person_id)
        .outerjoin(Task, Task.id == OfferedChoice.task_id)
        .outerjoin(Assignment, Assignment.id == Task.assignment_id)
        .add_columns(Partnership.label, Person.display_name, Task.assignment_id, Assignment.version_id)
        .order_by(OfferedChoice.offered_at.desc(), Partnership.label, OfferedChoice.id)
        .limit(MOST_LINES)
    ).all()
    titles = titles_of(row.OfferedChoice.id for row in rows)
    return tuple(_shown(row, titles.get(row.OfferedChoice.id, {})) for row in rows)


def _shown(row: Row[Any], titles: Mapping[UUID, str]) -> ChoiceShown:
    found: OfferedChoice = row.OfferedChoice
    return ChoiceShown(
        found.id,
        Label(row.label),
        row.display_name,
        tuple(titles.values()),
        vault.unseal_or_none(found.person_id, WHY, found.id, found.why),
        found.due_on,
        found.offered_at,
        found.picked_at,
        titles.get(row.version_id),
        row.assignment_id,
        found.withdrawn_at is not None,
    )


def titles_of(choice_ids: Iterable[UUID]) -> Mapping[UUID, Mapping[UUID, str]]:
    """By choice, the titles of its steps by version, in their order; the caller has found the choices."""
    rows = db.session.execute(
        select(OfferedStep.choice_id, OfferedStep.version_id, QuestionnaireVersion.title)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == OfferedStep.version_id)
        .where(OfferedStep.choice_id.in_(list(choice_ids)))
        .order_by(OfferedStep.choice_id, OfferedStep.position)
    )
    found: dict[UUID, dict[UUID, str]] = {}
    for choice_id, version_id, title in rows:
        found.setdefault(choice_id, {})[version_id] = title
    return found
