"""Erasures asked for: by the person, or by the practice; looked at twice by its members, or taken back in time.

Nothing of it reaches the other partner: not that it was asked for, not that it was taken back.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.accounts import stays_sealed
from portal.domain.erasure import Cause, not_before
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import PersonState, Role, Viewer
from portal.extensions import begin_write, db
from portal.models.erasures import Erasure, Hold
from portal.models.users import Person
from portal.services import accounts, audit, outbox, retention, scope, vault


@dataclass(frozen=True, slots=True)
class OwnErasure:
    """What is asked for of one's own. `is_own`: by oneself; `is_held`: the practice must keep records for now."""

    asked_at: datetime
    not_before: datetime
    is_own: bool
    is_held: bool


def own(viewer: Viewer, passphrase: str) -> OwnErasure | None:
    """Where it stands with what one has asked for; None where nothing is. Raises Invalid as `ask` does."""
    accounts.check_own_passphrase(viewer, passphrase)
    _own_row(viewer)
    return _shown(standing_of(viewer.person_id))


def ask(viewer: Viewer, passphrase: str, link: str) -> OwnErasure | None:
    """Ask for everything of one's own to be erased; a second time changes nothing. `link` goes to the practice.

    Raises Invalid for a wrong pass phrase, and for one that came by mail and that the coach has not vouched for.
    """
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    person = _own_row(viewer, held=True)
    if standing_of(person.id) is None:
        _add(viewer, person, Cause.OWN, link)
        audit.record(viewer, "erasure:asked_by_person", person.id)
    found = _shown(standing_of(person.id))
    db.session.commit()
    return found


def withdraw(viewer: Viewer, passphrase: str) -> OwnErasure | None:
    """Take back what one has asked for, while it is not carried out; gives what then stands. Raises Invalid."""
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    person = _own_row(viewer, held=True)
    row = standing_of(person.id)
    if row is not None and row.cause == Cause.OWN and row.begun_at is None:
        row.withdrawn_at = clock.now()
        db.session.flush()
        audit.record(viewer, "erasure:withdrawn", person.id)
    found = _shown(standing_of(person.id))
    db.session.commit()
    return found


def _own_row(viewer: Viewer, *, held: bool = False) -> Person:
    """The viewer's own row, for a partner; `held` until the commit, so that of two who ask at once one waits."""
    if viewer.role is not Role.PARTNER:
        raise NotFound
    person = hold_person(scope.own_person(viewer).id) if held else scope.own_person(viewer)
    if stays_sealed(person.reset_at, person.vouched_at):
        raise Invalid("stays_sealed")
    return person


def hold_person(person_id: UUID) -> Person:
    """The row of a person whom the caller found in scope, held until the commit."""
    return scope.found(select(Person).where(Person.id == person_id).with_for_update())


def standing_of(person_id: UUID) -> Erasure | None:
    """The erasure of a person that stands, whatever its stage."""
    standing = (Erasure.person_id == person_id, Erasure.withdrawn_at.is_(None))
    return db.session.scalars(select(Erasure).where(*standing)).one_or_none()


def is_held(person_id: UUID) -> bool:
    """Whether the records of a person must be kept for now."""
    held = select(Hold.id).where(Hold.person_id == person_id, Hold.lifted_at.is_(None))
    return db.session.scalars(held).first() is not None


def _shown(row: Erasure | None) -> OwnErasure | None:
    if row is None:
        return None
    return OwnErasure(row.asked_at, row.not_before, row.cause == Cause.OWN, is_held(row.person_id))


def begin(viewer: Viewer, person_id: UUID, link: str) -> None:
    """Ask for it as the practice: for a coach's own partners, for the owner any of the practice.

    A second time changes nothing. Raises NotFound.
    """
    begin_write()
    person = hold_person(scope.found(scope.partners(viewer).where(Person.id == person_id)).id)
    if standing_of(person.id) is None:
        is_over = retention.is_over(viewer, person.id)
        _add(viewer, person, Cause.RETENTION if is_over else Cause.PRACTICE, link)
        audit.record(viewer, "erasure:asked_by_practice", person.id)
    db.session.commit()


def _add(viewer: Viewer, person: Person, cause: Cause, link: str) -> None:
    now, erasure_id = clock.now(), randomness.new_id()
    db.session.add(
        Erasure(
            id=erasure_id,
            practice_id=person.practice_id,
            person_id=person.id,
            cause=cause,
            asked_by=viewer.person_id,
            asked_at=now,
            not_before=not_before(now),
        )
    )
    db.session.flush()
    members = [member for member in approvers(person.practice_id) if member.id != viewer.person_id]
    vault.load_keys(member.id for member in members)
    for member in members:
        outbox.enqueue(member, "task", f"erasure:{erasure_id}:{member.id}", {"link": link})


def approvers(practice_id: UUID) -> list[Person]:
    """Who of a practice may look at an erasure and say yes: its owner and coaches who may work."""
    of_practice = (Person.practice_id == practice_id, Person.state == PersonState.ACTIVE)
    roles = [role for role in Role if role.is_coach]
    return list(db.session.scalars(select(Person).where(*of_practice, Person.role.in_(roles)).order_by(Person.id)))
