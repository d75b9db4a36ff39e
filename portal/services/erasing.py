"""Carrying an erasure out: a person's row is made neutral, every door of theirs closed, and then their keys destroyed.

The keys go last and are what counts: without them nothing of the person's opens, in this database or in a copy of it.
Broken off in between, or where a reader keeps what was deleted in the key store's log, it is gone on with by the next
sweep. The other partner keeps what is theirs, and the couple's common texts stay as long as one of the two is here.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update

from portal import clock
from portal.domain.accounts import NO_PASSPHRASE
from portal.domain.assignments import OPEN, TaskState
from portal.domain.erasure import neutral_names
from portal.domain.people import Label, PersonState
from portal.extensions import begin_write, db
from portal.models.assignments import Task
from portal.models.authorisations import AuthorisationAnswer
from portal.models.calendars import CalendarFeed
from portal.models.choices import OfferedChoice, OfferedStep
from portal.models.consents import Consent
from portal.models.couples import Couple, Partnership
from portal.models.doors import KnownDevice
from portal.models.erasures import Erasure, Hold
from portal.models.measures import PaperScore
from portal.models.nudges import Nudge
from portal.models.outbox import OutboxEntry
from portal.models.practices import Practice
from portal.models.releases import ReleaseRequest
from portal.models.responses import Draft, EarlierVersion, Feedback, ParkedText, Response
from portal.models.safe_ways import SafeWay
from portal.models.safety import ProtocolLine, Signal
from portal.models.second_factors import Passkey, RecoveryCode, SecondFactor
from portal.models.task_questions import TaskQuestion
from portal.models.users import Person, SignIn, Token, WebSession
from portal.services import audit, caseload_row, erased_couples, key_store, operations, taking_part, tenants, vault
from portal.services.piecemeal import apart
from portal.services.transactions import let_the_log_go

DOORS = (SignIn, Token, SecondFactor, Passkey, RecoveryCode, CalendarFeed)
# a person's rows that go; a test looks that no table is forgotten
TAKEN_AWAY = (
    WebSession,
    KnownDevice,
    *DOORS,
    Draft,
    ParkedText,
    EarlierVersion,
    Signal,
    ReleaseRequest,
    TaskQuestion,
    Nudge,
    OfferedChoice,
    SafeWay,
    AuthorisationAnswer,
    PaperScore,
)


def carry_out_due() -> int:
    """Carry out every erasure that is approved, past its days of grace and not held; gives how many.

    Whom a restore has brought back is erased again too. One that fails keeps no other back: the next sweep goes on.
    """
    with apart("log of the key store"):
        key_store.empty_log()
    with apart("erasures after a restore"):
        repeat_after_restore()
    carried_out = 0
    for practice_id in tenants.each():
        for erasure_id in db.session.scalars(_due().where(Erasure.practice_id == practice_id)).all():
            with apart("erasure", erasure_id):
                carry_out(erasure_id)
                carried_out += 1
    if carried_out:
        let_the_log_go()
    return carried_out


def _due() -> Select[UUID]:
    held = select(Hold.person_id).where(Hold.lifted_at.is_(None))
    return (
        select(Erasure.id)
        .where(
            Erasure.second_at.is_not(None),
            Erasure.withdrawn_at.is_(None),
            Erasure.done_at.is_(None),
            Erasure.not_before <= clock.now(),
            Erasure.begun_at.is_not(None) | Erasure.person_id.not_in(held),
        )
        .order_by(Erasure.not_before, Erasure.id)
    )


def carry_out(erasure_id: UUID) -> None:
    """Carry out one erasure, from wherever it stands; one that is not due is left as it is."""
    owners = _close(erasure_id)
    for owner_id in owners:
        vault.destroy_key(owner_id)
    if owners:
        _finish(erasure_id)


def _close(erasure_id: UUID) -> tuple[UUID, ...]:
    """Make the person neutral; gives whose keys are to be destroyed, empty where nothing is to be done."""
    begin_write()
    person = _held(db.session.scalars(select(Erasure.person_id).where(Erasure.id == erasure_id)).one())
    row = db.session.scalars(
        select(Erasure)
        .where(Erasure.id == erasure_id, Erasure.id.in_(_due()))
        .execution_options(populate_existing=True)
    ).one_or_none()
    owners: tuple[UUID, ...] = ()
    if row is not None:
        if row.begun_at is None:
            row.destroyed = _counts(person.id)
            row.begun_at = clock.now()
            make_neutral(person)
        owners = (person.id, *_couples_without_anybody(person.id))
        row.destroyed = (row.destroyed or {}) | {"keys": len(owners)}
    db.session.commit()
    return owners


def _held(person_id: UUID) -> Person:
    """The person's row and their couples', held until the commit: of two partners at once, one waits."""
    for couple_id in db.session.scalars(_couples_of(person_id).order_by(Couple.id).with_only_columns(Couple.id)).all():
        taking_part.hold(couple_id)
    return db.session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()


def _couples_of(person_id: UUID) -> Select[Couple]:
    mine = select(Partnership.couple_id).where(Partnership.person_id == person_id)
    return select(Couple).where(Couple.id.in_(mine))


def _counts(person_id: UUID) -> dict[str, Any]:
    """How much of each kind is destroyed; nothing of what it was."""
    own = {"forms": Response.person_id, "drafts": Draft.person_id}
    counted = {name: select(func.count()).where(column == person_id) for name, column in own.items()}
    mine = select(Response.id).where(Response.person_id == person_id)
    counted["lines"] = select(func.count()).where(Feedback.response_id.in_(mine))
    found = {name: db.session.scalar(statement) or 0 for name, statement in counted.items()}
    doors = (db.session.scalar(select(func.count()).where(table.person_id == person_id)) for table in DOORS)
    return found | {"doors": sum(count or 0 for count in doors)}


def make_neutral(person: Person) -> None:
    """Leave of a person what a row needs: an id, a label for a name, dates. The caller commits."""
    practice = db.session.scalars(select(Practice).where(Practice.id == person.practice_id)).one()
    _cancel_mails(person.id)
    _take_away(person.id)
    labels = erased_couples.leave(person.id)
    person.display_name = labels[0] if labels else Label.A
    person.zone, person.locale = practice.zone, practice.locale
    person.user_name, person.password_hash, person.has_second_factor = None, NO_PASSPHRASE, False
    person.state = PersonState.DEACTIVATED
    db.session.flush()
    for couple in db.session.scalars(_couples_of(person.id)):
        couple.names = neutral_names(taking_part.names(couple.id))
        caseload_row.follow(couple.id)  # who is gone is not waited for any more
        caseload_row.tell_names(couple.id, couple.names)


def _cancel_mails(person_id: UUID) -> None:
    """What waits is not sent, and nothing that was ever to be said in one stays."""
    mails = update(OutboxEntry).where(OutboxEntry.person_id == person_id)
    waiting = (OutboxEntry.done_at.is_(None), OutboxEntry.failed_at.is_(None))
    db.session.execute(mails.where(*waiting).values(failed_at=clock.now()))
    db.session.execute(mails.values(payload=None))


def _take_away(person_id: UUID) -> None:
    """Doors, drafts, lines, signatures and what private questions raised go.

    A sent form stays as a place without text, for the other's answers opened once both had sent.
    """
    mine = select(Response.id).where(Response.person_id == person_id)
    db.session.execute(delete(Feedback).where(Feedback.response_id.in_(mine)))
    flags = select(Signal.id).where(Signal.person_id == person_id)
    db.session.execute(delete(ProtocolLine).where(ProtocolLine.signal_id.in_(flags)))
    offered = select(OfferedChoice.id).where(OfferedChoice.person_id == person_id)
    db.session.execute(delete(OfferedStep).where(OfferedStep.choice_id.in_(offered)))
    for table in TAKEN_AWAY:
        db.session.execute(delete(table).where(table.person_id == person_id))
    db.session.execute(update(Consent).where(Consent.person_id == person_id).values(signature=None))
    own = update(Task).where(Task.person_id == person_id)
    now = clock.now()
    db.session.execute(own.where(Task.state.in_(OPEN)).values(state=TaskState.WITHDRAWN, withdrawn_at=now))


def _couples_without_anybody(person_id: UUID) -> Iterable[UUID]:
    """The person's couples of which every partner is erased: nobody is left whose common texts they are."""
    gone = select(Erasure.person_id).where(Erasure.begun_at.is_not(None))
    here = select(Partnership.couple_id).where(Partnership.person_id.not_in(gone))
    return db.session.scalars(_couples_of(person_id).where(Couple.id.not_in(here)).with_only_columns(Couple.id)).all()


def _finish(erasure_id: UUID) -> None:
    begin_write()
    row = db.session.scalars(select(Erasure).where(Erasure.id == erasure_id).with_for_update()).one()
    if row.done_at is None:
        row.done_at = clock.now()
        audit.record_before_sign_in(row.practice_id, None, "erasure:carried_out", row.person_id)
    db.session.commit()


def erase_here(person_id: UUID) -> None:
    """Erase somebody whose practice lives in another house by now, where their own row and keys are."""
    _leave_neutral(person_id)
    vault.destroy_key(person_id)


def _leave_neutral(person_id: UUID) -> None:
    begin_write()
    person = _held(person_id)
    make_neutral(person)
    audit.record_before_sign_in(person.practice_id, None, "erasure:carried_out", person.id)
    db.session.commit()


def repeat_after_restore() -> int:
    """Erase again whom a restore has brought back; gives how many.

    An older backup brings back who has no keys any more; an older copy of the keys, who was erased in the answers.
    """
    return _make_neutral_again() + sum(_destroy_again(practice_id) for practice_id in tenants.each())


def _destroy_again(practice_id: UUID) -> int:
    done = select(Erasure.person_id).where(Erasure.practice_id == practice_id, Erasure.done_at.is_not(None))
    back = {key.owner_id for key in key_store.keys_of(db.session.scalars(done).all())}
    for person_id in sorted(back):
        for owner_id in (*_couples_without_anybody(person_id), person_id):  # the person's last: by it this is found
            vault.destroy_key(owner_id)
        operations.record_for(practice_id, "erasure:carried_out_again", person_id)
    return len(back)


def _make_neutral_again() -> int:
    destroyed = [owner_id for owner_id, _ in key_store.every_destroyed()]
    back = select(Person.id).where(Person.id.in_(destroyed), Person.state != PersonState.DEACTIVATED)
    closed = 0
    for practice_id in tenants.each() if destroyed else ():
        for person_id in db.session.scalars(back.where(Person.practice_id == practice_id).order_by(Person.id)).all():
            _close_again(person_id)
            closed += 1
    return closed


def _close_again(person_id: UUID) -> None:
    begin_write()
    person = _held(person_id)
    if person.state != PersonState.DEACTIVATED:
        make_neutral(person)
        audit.record_before_sign_in(person.practice_id, None, "erasure:carried_out_again", person.id)
    db.session.commit()
