"""Accounts: signing in and out, pass phrases, and the links that set or open something once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select, update

from portal import clock, randomness
from portal.domain.accounts import same_address
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import PersonState, TokenPurpose, Viewer
from portal.extensions import begin_write, db, keys
from portal.models.users import Person, SignIn, Token, WebSession
from portal.services import audit, delays, devices, scope, tenants, vault

UNSEALED_FOR = timedelta(minutes=5)
MOST_HASHES_AT_ONCE = 2  # in one process: each takes 64 MiB for its while, and whoever comes meanwhile waits

_hasher = PasswordHasher()
_few_at_once = BoundedSemaphore(MOST_HASHES_AT_ONCE)
_nobody = _hasher.hash("somebody who is not here")


def hash_of(token: str) -> bytes:
    """What is kept of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class _Entry:
    """What came of a try at the door: the token of a browser session, or the seconds to wait before the next."""

    token: str | None
    wait: int


def sign_in(name: str, passphrase: str, old_token: str | None, browser: str = "") -> str | None:
    """Open a browser session and give its token; None for a wrong name or pass phrase, in equal time and work.

    `browser` is the token that the browser carries. Raises Invalid "door_waits" (with `seconds`) while the name waits
    after failures; whoever was signed in on this browser before waits for failures in this browser alone.
    """
    entry = _try_door(name, passphrase, browser)
    if entry.wait:
        raise Invalid("door_waits", seconds=entry.wait)
    if entry.token and old_token:  # it may be of somebody of another practice
        sign_out(old_token)
    return entry.token


def _try_door(name: str, passphrase: str, browser: str) -> _Entry:
    enter_at(name)
    person = _person_at(name)
    hashed = person.password_hash if person and person.state == PersonState.ACTIVE else None
    db.session.rollback()  # no connection is held while argon2 takes its time, and others wait for their turn
    is_right = _verify(hashed or _nobody, passphrase) and hashed is not None
    begin_write()
    waits = delays.hold(name, browser)
    person = _person_at(name)
    is_at_home = devices.knows(browser, person.id if person else None) and not waits.browser
    if person is not None and is_right and (is_at_home or not waits.name) and _still_opens(person, hashed):
        entry = _Entry(open_session(person), 0)
        audit.record_before_sign_in(person.practice_id, person.id, "sign_in:done")
    else:
        delays.count_failure(waits)
        practice_id, person_id = (person.practice_id, person.id) if person else (None, None)
        audit.record_before_sign_in(practice_id, person_id, "sign_in:refused")
        entry = _Entry(None, waits.seconds)
    db.session.commit()
    return entry


def _still_opens(person: Person, hashed: str | None) -> bool:
    """Whether what was checked outside the transaction holds inside it: a reset may have come in between."""
    return person.state == PersonState.ACTIVE and secrets.compare_digest(person.password_hash or "", hashed or "")


def open_session(person: Person) -> str:
    """Add a browser session and give its token. The caller commits."""
    token, now = randomness.new_token(), clock.now()
    db.session.add(
        WebSession(
            token_hash=hash_of(token), practice_id=person.practice_id, person_id=person.id, created_at=now, seen_at=now
        )
    )
    return token


def sign_out(token: str, patience: int | None = None) -> None:
    """End one browser session, at once; `patience` as in `begin_write`."""
    tenants.enter_by(WebSession.token_hash, hash_of(token))
    begin_write(patience)
    where = (WebSession.token_hash == hash_of(token), WebSession.ended_at.is_(None))
    db.session.execute(update(WebSession).where(*where).values(ended_at=clock.now()))
    db.session.commit()


def enter_at(name: str) -> None:
    """Work for the practice of whom a name stands for; as much is done for one that stands for nobody."""
    tenants.enter_by(SignIn.lookup, keys.lookups(same_address(name)), tenants.NOBODY)


def id_of(name: str) -> UUID:
    """Whom an address or a user name stands for, who is worked for from now on; raises NotFound."""
    enter_at(name)
    person = _person_at(name)
    if person is None:
        raise NotFound
    return person.id


def enter_with(token: str) -> None:
    """Work for the practice of whoever holds a link with this token."""
    tenants.enter_by(Token.token_hash, hash_of(token))


def _person_at(name: str) -> Person | None:
    lookups = keys.lookups(same_address(name))
    found = select(Person).join(SignIn, SignIn.person_id == Person.id).where(SignIn.lookup.in_(lookups))
    return db.session.scalars(found.where(tenants.is_at_home(Person.practice_id))).one_or_none()


def _verify(hashed: str, passphrase: str) -> bool:
    with _few_at_once:
        try:
            return _hasher.verify(hashed, passphrase)
        except VerificationError:
            return False


def hash_passphrase(passphrase: str) -> str:
    """What is kept of a pass phrase (argon2id)."""
    with _few_at_once:
        return _hasher.hash(passphrase)


def check_own_passphrase(viewer: Viewer, passphrase: str) -> None:
    """Check the pass phrase of somebody who is signed in; a wrong one goes on record. Raises Invalid."""
    hashed = scope.own_person(viewer).password_hash
    if not _verify(hashed or _nobody, passphrase):
        _record_refusal(viewer)
        raise Invalid("wrong_passphrase")


def _record_refusal(viewer: Viewer) -> None:
    begin_write()
    audit.record(viewer, "passphrase:refused", viewer.person_id)
    db.session.commit()


def revoke_tokens(person: Person, purpose: TokenPurpose) -> None:
    """Let no link for this purpose that is still on its way open anything; the caller commits."""
    earlier = (Token.person_id == person.id, Token.purpose == purpose, Token.used_at.is_(None))
    db.session.execute(update(Token).where(*earlier, Token.revoked_at.is_(None)).values(revoked_at=clock.now()))


def issue_token(person: Person, purpose: TokenPurpose, lasts: timedelta, code: str | None = None) -> str:
    """Add a token for one purpose; earlier ones for the same purpose are revoked. The caller commits."""
    now, token = clock.now(), randomness.new_token()
    revoke_tokens(person, purpose)
    token_id = randomness.new_id()
    db.session.add(
        Token(
            id=token_id,
            practice_id=person.practice_id,
            person_id=person.id,
            purpose=purpose,
            token_hash=hash_of(token),
            code_hash=hash_of(f"{token_id}{code}") if code else None,
            code_sealed=vault.seal(person.id, "tokens.code_sealed", token_id, code) if code else None,
            created_at=now,
            expires_at=now + lasts,
        )
    )
    return token


def usable_token(token: str, purpose: TokenPurpose, *, is_used_now: bool = False) -> Token:
    """The row of a token that still opens its door; raises Invalid saying why it does not.

    Who is about to use it up says so: of two who come at once, the second then finds it used.
    """
    own = (Token.token_hash == hash_of(token), Token.purpose == purpose)
    statement = select(Token).where(*own, tenants.is_at_home(Token.practice_id))
    row = db.session.scalars(statement.with_for_update() if is_used_now else statement).one_or_none()
    if row is None or row.revoked_at is not None:
        raise Invalid("link_unknown")
    if row.used_at is not None:
        raise Invalid("link_used")
    if row.expires_at <= clock.now():
        raise Invalid("link_expired")
    return row


def end_sessions_of(person_id: UUID) -> None:
    """End every browser session of a person; the caller commits."""
    where = (WebSession.person_id == person_id, WebSession.ended_at.is_(None))
    db.session.execute(update(WebSession).where(*where).values(ended_at=clock.now()))


def same_code(row: Token, code: str) -> bool:
    """Whether the spoken code is this token's, however its digits are spaced; tokens without one take any."""
    given = hash_of(f"{row.id}{''.join(code.split())}")
    return row.code_hash is None or secrets.compare_digest(row.code_hash, given)
