"""Invitations: sent by the coach, and accepted by one person with a code, once (see `open_invitations` for changes)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from portal import clock
from portal.domain.accounts import check_user_name
from portal.domain.consent import Terms
from portal.domain.errors import Invalid
from portal.domain.people import CoupleState, PersonState, SignInKind, TokenPurpose, Viewer
from portal.domain.working_hours import WorkingHours
from portal.extensions import begin_write, db
from portal.models.couples import Couple, Partnership
from portal.models.practices import Practice
from portal.models.users import Person, Token
from portal.services import (
    accounts,
    audit,
    caseload_row,
    consents,
    passphrases,
    scope,
    tenants,
    texts,
    vault,
    working_hours,
)
from portal.services.practices import add_sign_in, send_invitation, stands_for_somebody
from portal.services.texts import Texts

MOST_WRONG_CODES = 10


@dataclass(frozen=True, slots=True)
class Door:
    """What somebody sees who opens an invitation: who invites, and what is agreed to.

    `user_name` is one that may be taken, where the address alone cannot stand for this person; None elsewhere.
    """

    name: str
    coach_name: str
    practice_name: str
    policy: str
    hours: WorkingHours
    user_name: str | None
    texts: Texts
    terms: Terms


def invite_again(viewer: Viewer, couple_id: UUID, person_id: UUID, link: str) -> None:
    """Send a partner who has not come in yet a new link with a new code; the old ones end."""
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_arrange)
    person = scope.partner_of_couple(viewer, couple_id, person_id, scope.couples_to_arrange)
    if couple.state != CoupleState.CLOSED and _is_still_outside(person):
        send_invitation(person, link, scope.member(viewer, couple.coach_id).display_name)
        audit.record(viewer, "invitation:sent_again", person.id)
    db.session.commit()


def _is_still_outside(person: Person) -> bool:
    """Whether somebody has not come in; who comes in this moment holds the link that ends here, and is waited for."""
    if person.state == PersonState.INVITED:
        accounts.revoke_tokens(person, TokenPurpose.INVITATION)
        db.session.refresh(person, with_for_update=True)
    return person.state == PersonState.INVITED


def ask_again(token: str) -> None:
    """Let the coach know that somebody came with an invitation that opens nothing; an invented one is taken alike.

    It stands on the couple's page and not on record: that grows by what anybody may send.
    """
    tenants.enter_by(Token.token_hash, accounts.hash_of(token), tenants.NOBODY)
    begin_write()
    holder = select(Token.person_id).where(
        Token.token_hash == accounts.hash_of(token), Token.purpose == TokenPurpose.INVITATION
    )
    db.session.execute(
        update(Person)
        .where(Person.id.in_(holder), Person.state == PersonState.INVITED, tenants.is_at_home(Person.practice_id))
        .values(asked_again_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def open_invitation(token: str) -> Door:
    """What the holder of an invitation reads before accepting; changes nothing. Raises Invalid."""
    accounts.enter_with(token)
    row = accounts.usable_token(token, TokenPurpose.INVITATION)
    check_attempts(row)
    person, practice, couple = _invited(row)
    coach_name = db.session.scalar(select(Person.display_name).where(Person.id == couple.coach_id))
    needed = _user_name_of(person) or passphrases.user_name_offered()
    return Door(
        person.display_name,
        str(coach_name),
        practice.name,
        practice.policy,
        working_hours.of(practice),
        needed if _needs_user_name(person) else None,
        texts.known(practice.id, practice.texts_at),
        consents.in_force(practice),
    )


def _invited(row: Token, *, is_held: bool = False) -> tuple[Person, Practice, Couple]:
    """Person (held until the transaction ends, where that is said), practice and couple of an invitation.

    Raises Invalid for who has come in: a link that was sent at that very moment opens nothing.
    """
    statement = (
        select(Person, Practice, Couple)
        .join(Practice, Practice.id == Person.practice_id)
        .join(Partnership, Partnership.person_id == Person.id)
        .join(Couple, Couple.id == Partnership.couple_id)
        .where(Person.id == row.person_id)
    )
    found = db.session.execute(statement.with_for_update(of=Person) if is_held else statement).one()
    if found[0].state != PersonState.INVITED:
        raise Invalid("link_used")
    return found[0], found[1], found[2]


def _needs_user_name(person: Person) -> bool:
    """Both share a mailbox, or the address opens a door elsewhere: then it cannot stand for this person."""
    return person.user_name is not None or stands_for_somebody(_address_of(person))


def _address_of(person: Person) -> str:
    return vault.unseal(person.id, "people.address", person.id, person.address)


def _user_name_of(person: Person) -> str:
    return vault.unseal(person.id, "people.user_name", person.id, person.user_name) if person.user_name else ""


def is_worn_out(row: Token) -> bool:
    """Whether the code was typed wrong so often that it opens nothing any more."""
    return row.attempts >= MOST_WRONG_CODES


def check_attempts(row: Token) -> None:
    """Raise Invalid "code_attempts" where the code opens nothing any more."""
    if is_worn_out(row):
        raise Invalid("code_attempts")


def check_code(token: str, code: str) -> None:
    """Check the spoken code and count a wrong one; raises Invalid."""
    accounts.enter_with(token)
    begin_write()
    row = accounts.usable_token(token, TokenPurpose.INVITATION, is_used_now=True)
    is_right = not is_worn_out(row) and accounts.same_code(row, code)
    refusal = None if is_right else "code_attempts" if is_worn_out(row) else "code_wrong"
    row.attempts += 0 if is_right else 1
    if refusal:
        audit.record_before_sign_in(row.practice_id, None, "invitation:code_refused", row.person_id)
    db.session.commit()
    if refusal:
        raise Invalid(refusal)


@dataclass(frozen=True, slots=True)
class Signing:
    """The name that somebody signs with, and what stood on the page they read; None where that is not said."""

    name: str = ""
    read: Terms | None = None


def accept_invitation(
    token: str, code: str, passphrase: str, user_name: str = "", signing: Signing = Signing()
) -> None:
    """Come in through one's own door: code, consent with one's name, and a pass phrase, alone.

    Raises Invalid, "text_changed_meanwhile" where another text is in force by now than the one that was read.
    """
    check_code(token, code)
    hashed = accounts.hash_passphrase(passphrase)  # before the lock: it takes its time on purpose
    begin_write()
    row = accounts.usable_token(token, TokenPurpose.INVITATION, is_used_now=True)
    person, practice, couple = _invited(row, is_held=True)
    passphrases.check(passphrase, names=(person.display_name, practice.name))
    _open_door(person, user_name)
    _let_in(person, practice, hashed, signing)
    row.used_at = clock.now()
    if couple.state == CoupleState.INVITED:
        couple.state = CoupleState.ACTIVE
    caseload_row.follow(couple.id)
    audit.record_before_sign_in(practice.id, person.id, "invitation:accepted", person.id)
    db.session.commit()


def _open_door(person: Person, user_name: str) -> None:
    if not _needs_user_name(person):
        add_sign_in(person, _address_of(person))
        return
    chosen = check_user_name(user_name)
    add_sign_in(person, chosen, SignInKind.USER_NAME)
    person.user_name = vault.seal(person.id, "people.user_name", person.id, chosen)


def _let_in(person: Person, practice: Practice, hashed: str, signing: Signing) -> None:
    person.password_hash = hashed
    person.state = PersonState.ACTIVE
    if signing.read not in (None, consents.in_force(practice)):
        raise Invalid("text_changed_meanwhile")
    consents.add(person, practice, signing.name)
