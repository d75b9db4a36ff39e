"""The joint record leaves the practice with both authorisations alone: asked for, answered by each alone, made once.

What one partner answers stands on no page of the other, and changes none. It is made of what both may read.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update

from portal import clock, randomness
from portal.domain.accounts import stays_sealed
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.parting import check_purpose
from portal.domain.people import Label, PersonState, Role, Viewer
from portal.extensions import begin_write, db
from portal.models.authorisations import Authorisation, AuthorisationAnswer
from portal.models.couples import Couple, Partnership
from portal.models.users import Person
from portal.services import accounts, audit, outbox, scope, vault

PLACE = "authorisations.purpose"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a partner: to whom the joint record would go and why; `agrees` is their own answer."""

    purpose: str
    asked_at: datetime
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What one partner answered; None as long as they have not."""

    label: Label
    name: str
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Requested:
    """A request that stands, as the coach sees it."""

    purpose: str
    asked_at: datetime
    answers: tuple[Answered, ...]

    @property
    def is_agreed(self) -> bool:
        """Whether both have agreed."""
        return len(self.answers) == len(Label) and all(answer.agrees for answer in self.answers)


def _requested(couple_id: UUID, *, is_held: bool = False) -> Authorisation | None:
    standing = (
        Authorisation.couple_id == couple_id,
        Authorisation.called_off_at.is_(None),
        Authorisation.made_at.is_(None),
    )
    statement = select(Authorisation).where(*standing)
    return db.session.scalars(statement.with_for_update() if is_held else statement).one_or_none()


def ask(viewer: Viewer, couple_id: UUID, purpose: str, link: str) -> None:
    """Ask both whether their joint record may go to somebody; `link` goes to each by a mail that says nothing.

    Raises NotFound, and Invalid with `field`.
    """
    line = check_purpose(purpose)
    begin_write()
    couple = scope.found(
        scope.couples_to_act_for(viewer).where(Couple.id == couple_id).with_for_update(of=Couple, key_share=True)
    )
    if _requested(couple.id) is not None:
        raise Invalid("authorisation_stands_already", field="purpose")
    authorisation_id = randomness.new_id()
    db.session.add(
        Authorisation(
            id=authorisation_id,
            practice_id=couple.practice_id,
            couple_id=couple.id,
            asked_by=viewer.person_id,
            purpose=vault.seal(couple.id, PLACE, authorisation_id, line),
            asked_at=clock.now(),
        )
    )
    for person in db.session.scalars(_told(couple.id)):
        outbox.enqueue(person, "task", f"authorisation:{authorisation_id}:{person.id}", {"link": link})
    audit.record(viewer, "authorisation:asked", couple.id)
    db.session.commit()


def _told(couple_id: UUID) -> Select[Person]:
    """Who gets a mail: not who stopped taking part, for they want none."""
    return (
        select(Person)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(
            Partnership.couple_id == couple_id,
            Partnership.withdrawn_at.is_(None),
            Person.state == PersonState.ACTIVE,
        )
        .order_by(Partnership.label)
    )


def call_off(viewer: Viewer, couple_id: UUID) -> None:
    """Ask no more; a second time changes nothing. Raises NotFound."""
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    row = _requested(couple.id, is_held=True)
    if row is not None:
        row.called_off_at = clock.now()
        audit.record(viewer, "authorisation:called_off", couple.id)
    db.session.commit()


def requested_or_none(viewer: Viewer, couple_id: UUID) -> Requested | None:
    """What is asked for at present, with both answers, for the coach. Raises NotFound."""
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    row = _requested(couple.id)
    return None if row is None else _shown(row)


def _shown(row: Authorisation) -> Requested:
    answered = (AuthorisationAnswer.person_id == Person.id) & (AuthorisationAnswer.authorisation_id == row.id)
    rows = db.session.execute(
        select(Partnership.label, Person.display_name, AuthorisationAnswer.agrees)
        .join(Person, Person.id == Partnership.person_id)
        .outerjoin(AuthorisationAnswer, answered)
        .where(Partnership.couple_id == row.couple_id)
        .order_by(Partnership.label)
    )
    answers = tuple(Answered(Label(label), name, agrees) for label, name, agrees in rows)
    return Requested(_purpose(row), row.asked_at, answers)


def _purpose(row: Authorisation) -> str:
    """What was asked; nothing once the couple's common texts are erased."""
    return vault.unseal_or_none(row.couple_id, PLACE, row.id, row.purpose) or ""


def agreed(viewer: Viewer, couple_id: UUID) -> Requested:
    """What both have agreed to. Raises NotFound, and NotAllowed "both_have_not_agreed"."""
    found = requested_or_none(viewer, couple_id)
    if found is None or not found.is_agreed:
        raise NotAllowed("both_have_not_agreed")
    return found


def take(viewer: Viewer, couple_id: UUID) -> None:
    """Take what both agreed to, once its file is there to be given: it counts as used from now on. Raises as `agreed`.

    Nothing is used up by a file that could not be made; of two that are made at once, one is given.
    """
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    row = _requested(couple.id, is_held=True)
    if row is None or not _shown(row).is_agreed:
        raise NotAllowed("both_have_not_agreed")
    row.made_at = clock.now()
    audit.record(viewer, "authorisation:made", couple.id)
    db.session.commit()


def own(viewer: Viewer, passphrase: str, agrees: bool | None = None) -> Asked | None:
    """What is asked of oneself, answered first where `agrees` is given; None where nothing is asked.

    That it was looked up goes on record, also where nothing is. Raises NotFound, and Invalid for a wrong pass phrase,
    and for one that came by mail and that the coach has not vouched for.
    """
    if viewer.role is not Role.PARTNER:
        raise NotFound
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    person = scope.own_person(viewer)
    if stays_sealed(person.reset_at, person.vouched_at):
        raise Invalid("stays_sealed")
    row = _requested(scope.couple_id_of_partner(viewer), is_held=True)
    found = None if row is None else _own(viewer, row, agrees)
    if row is None or agrees is None:
        audit.record(viewer, "authorisation:looked_up", viewer.person_id)
    db.session.commit()
    return found


def _own(viewer: Viewer, row: Authorisation, agrees: bool | None) -> Asked:
    mine = (AuthorisationAnswer.authorisation_id == row.id, AuthorisationAnswer.person_id == viewer.person_id)
    answer = db.session.scalars(select(AuthorisationAnswer).where(*mine)).one_or_none()
    if agrees is not None:
        if answer is None:
            answer = AuthorisationAnswer(
                authorisation_id=row.id, practice_id=row.practice_id, person_id=viewer.person_id
            )
            db.session.add(answer)
        answer.agrees, answer.answered_at = agrees, clock.now()
        audit.record(viewer, "authorisation:answered", viewer.person_id)
    return Asked(_purpose(row), row.asked_at, answer.agrees if answer else None)


def take_back(viewer: Viewer, couple_id: UUID) -> None:
    """Let what somebody agreed to be agreed to no more, where nothing was made of it. The caller commits."""
    row = _requested(couple_id, is_held=True)
    mine = (AuthorisationAnswer.person_id == viewer.person_id, AuthorisationAnswer.agrees)
    if row is not None:
        of_row = update(AuthorisationAnswer).where(AuthorisationAnswer.authorisation_id == row.id, *mine)
        db.session.execute(of_row.values(agrees=False, answered_at=clock.now()))
