"""A new pass phrase by mail: asked for in equal work for known and unknown names, answered by the worker, set once."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from portal import clock, randomness
from portal.domain.accounts import same_address
from portal.domain.errors import NotFound
from portal.domain.people import PersonState, TokenPurpose
from portal.extensions import PRACTICE, begin_write, db, keys, work_for
from portal.models.doors import ResetRequest
from portal.models.practices import Practice
from portal.models.users import Person, SignIn, Token
from portal.services import accounts, audit, devices, outbox, passphrases, tenants
from portal.services.piecemeal import apart

RESET_LASTS = timedelta(hours=2)
RESET_APART = timedelta(minutes=10)
MOST_AT_ONCE = 50


def ask_for_reset(name: str, link: str) -> None:
    """Ask for a link that sets a new pass phrase; whether the name is known is looked up later, by the worker.

    `link` holds `{token}` where the token goes. While a link is fresh, asking again sends no other: nobody can fill
    a mailbox, or keep somebody from the link that is on its way.
    """
    for lookup in keys.lookups(same_address(name)):
        _ask(lookup, link)


def ask_again(token: str, link: str) -> None:
    """Ask for a new link by one that opens nothing any more; an invented one is written down just alike."""
    _ask(accounts.hash_of(token), link)


def _ask(asked_with: bytes, link: str) -> None:
    work_for(None)
    begin_write()
    db.session.add(ResetRequest(id=randomness.new_id(), asked_with=asked_with, link=link, asked_at=clock.now()))
    db.session.commit()  # what is sent goes on record, and not what is asked: that record grows by what anybody types


def answer_requests(most: int = MOST_AT_ONCE) -> int:
    """Send a link for each request whose person is known, each in a transaction of its own; gives their number.

    At most so many, the oldest first: the mails that wait must have their turn, however many ask.
    """
    answered = 0
    first = select(ResetRequest.id, ResetRequest.asked_with).order_by(ResetRequest.asked_at).limit(1)
    while answered < most and (request := db.session.execute(first).one_or_none()) is not None:
        tenants.enter_by(SignIn.lookup, request.asked_with)
        if db.session().info.get(PRACTICE) is None:  # it was asked for by an earlier link
            tenants.enter_by(Token.token_hash, request.asked_with)
        with apart("reset", request.id):
            _answer(request.id)
        _let_go(request.id)
        answered += 1
    db.session.rollback()
    work_for(None)
    return answered


def _answer(request_id: UUID) -> None:
    begin_write()
    wanted = select(ResetRequest).where(ResetRequest.id == request_id).with_for_update(skip_locked=True)
    request = db.session.scalars(wanted).one_or_none()
    person = _person_who_asked(request.asked_with) if request is not None else None
    if request is not None and person is not None:
        _send_link(person, request.link)
    db.session.commit()


def _let_go(request_id: UUID) -> None:
    """Ask no more for what was answered; nor for what could not be, which would keep back what was asked after it."""
    begin_write()
    db.session.execute(delete(ResetRequest).where(ResetRequest.id == request_id))
    db.session.commit()


def _person_who_asked(asked_with: bytes) -> Person | None:
    by_name = select(SignIn.person_id).where(SignIn.lookup == asked_with)
    by_link = select(Token.person_id).where(Token.token_hash == asked_with, Token.purpose == TokenPurpose.RESET)
    found = select(Person).where(Person.id.in_(by_name.union(by_link)))
    return db.session.scalars(found.where(tenants.is_at_home(Person.practice_id))).one_or_none()


def _send_link(person: Person, link: str) -> None:
    if person.state != PersonState.ACTIVE or _has_fresh_link(person):
        return
    token = accounts.issue_token(person, TokenPurpose.RESET, RESET_LASTS)
    words = {"link": link.replace("{token}", token)}
    outbox.enqueue(person, "reset", f"reset:{accounts.hash_of(token).hex()}", words)
    audit.record_before_sign_in(person.practice_id, person.id, "reset:sent", person.id)


def _has_fresh_link(person: Person) -> bool:
    fresh = select(Token.id).where(
        Token.person_id == person.id,
        Token.purpose == TokenPurpose.RESET,
        Token.used_at.is_(None),
        Token.revoked_at.is_(None),
        Token.created_at > clock.now() - RESET_APART,
    )
    return db.session.scalars(fresh).first() is not None


def check_reset(token: str) -> None:
    """Raise Invalid unless this link still sets a new pass phrase; changes nothing."""
    accounts.enter_with(token)
    accounts.usable_token(token, TokenPurpose.RESET)


def reset_passphrase(token: str, passphrase: str) -> None:
    """Set a new pass phrase by a link from a mail; what was sent stays sealed until the coach has vouched."""
    db.session.rollback()  # no connection is held meanwhile
    hashed = accounts.hash_passphrase(passphrase)  # before the lock: it takes its time on purpose
    accounts.enter_with(token)
    begin_write()
    row = accounts.usable_token(token, TokenPurpose.RESET, is_used_now=True)
    person, practice_name = _owner_of(row)
    passphrases.check(passphrase, names=(person.display_name, practice_name))
    person.password_hash = hashed
    row.used_at = person.reset_at = clock.now()
    person.vouched_at = None
    accounts.end_sessions_of(person.id)
    devices.forget_devices_of(person.id)
    audit.record_before_sign_in(person.practice_id, person.id, "reset:done", person.id)
    db.session.commit()


def _owner_of(row: Token) -> tuple[Person, str]:
    statement = (
        select(Person, Practice.name)
        .join(Practice, Practice.id == Person.practice_id)
        .where(Person.id == row.person_id, Person.practice_id == row.practice_id)
    )
    found = db.session.execute(statement).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]
