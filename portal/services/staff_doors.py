"""How a colleague comes in: the same kind of door as a partner's, with a link, a code, and an own pass phrase.

The first of a practice, its owner, says here what it is called and where it is.
"""

from dataclasses import dataclass

from sqlalchemy import Select, select

from portal import clock
from portal.domain.errors import Invalid
from portal.domain.people import PersonState, Role, TokenPurpose
from portal.extensions import begin_write, db
from portal.models.practices import Practice
from portal.models.users import Person, Token
from portal.services import accounts, audit, passphrases, vault
from portal.services.invitations import check_attempts, check_code
from portal.services.practices import add_sign_in
from portal.services.settings_of_person import zones

MOST_IN_NAME = 100


@dataclass(frozen=True, slots=True)
class StaffDoor:
    """What a colleague sees who opens an invitation."""

    name: str
    practice_name: str
    role: Role
    is_first: bool
    zone: str


@dataclass(frozen=True, slots=True)
class ComingIn:
    """What a colleague says at the door; the first of a practice says its name and zone too."""

    name: str
    passphrase: str
    practice_name: str = ""
    zone: str = ""


def is_for_staff(token: str) -> bool:
    """Whether an invitation was sent to a colleague and not to a partner; one that never was is nobody's."""
    accounts.enter_with(token)
    row = select(Person.role).join(Token, Token.person_id == Person.id)
    role = db.session.scalar(row.where(Token.token_hash == accounts.hash_of(token)))
    return role is not None and role != Role.PARTNER


def open_invitation(token: str) -> StaffDoor:
    """What a colleague reads before coming in; changes nothing. Raises Invalid."""
    accounts.enter_with(token)
    row = accounts.usable_token(token, TokenPurpose.INVITATION)
    check_attempts(row)
    person, practice = db.session.execute(_behind(row)).one()
    return StaffDoor(person.display_name, practice.name, Role(person.role), _is_first(person), practice.zone)


def accept_invitation(token: str, code: str, said: ComingIn) -> None:
    """Come in through one's own door with the code, a name and a pass phrase of one's own. Raises Invalid."""
    check_code(token, code)
    hashed = accounts.hash_passphrase(said.passphrase)  # before the lock: it takes its time on purpose
    begin_write()
    row = accounts.usable_token(token, TokenPurpose.INVITATION, is_used_now=True)
    person, practice = db.session.execute(_behind(row)).one()
    if person.state != PersonState.INVITED:
        raise Invalid("link_used")
    if _is_first(person):
        _found(practice, person, said)
    person.display_name = _line(said.name, "name")
    passphrases.check(said.passphrase, names=(person.display_name, practice.name))
    add_sign_in(person, vault.unseal(person.id, "people.address", person.id, person.address))
    person.password_hash = hashed
    person.state = PersonState.ACTIVE
    row.used_at = clock.now()
    audit.record_before_sign_in(practice.id, person.id, "invitation:accepted", person.id)
    db.session.commit()


def _is_first(person: Person) -> bool:
    """Whether somebody is the owner of a practice that nobody has come into."""
    came_in = select(Person.id).where(Person.practice_id == person.practice_id, Person.state != PersonState.INVITED)
    return person.role == Role.OWNER and db.session.scalars(came_in.limit(1)).first() is None


def _found(practice: Practice, owner: Person, said: ComingIn) -> None:
    """Let the practice be called and be where its owner says, who may have been invited with less."""
    if said.zone not in (*zones(), practice.zone):
        raise Invalid("not_an_option", field="zone")
    practice.name = _line(said.practice_name, "practice_name")
    practice.zone = owner.zone = said.zone
    audit.record_before_sign_in(practice.id, owner.id, "practice:created", practice.id)


def _line(typed: str, field: str) -> str:
    if not typed.strip():
        raise Invalid("name_missing", field=field)
    if len(typed.strip()) > MOST_IN_NAME:
        raise Invalid("too_long", maximum=MOST_IN_NAME, field=field)
    return typed.strip()


def _behind(row: Token) -> Select[Person, Practice]:
    return (
        select(Person, Practice)
        .join(Practice, Practice.id == Person.practice_id)
        .where(Person.id == row.person_id, Person.role != Role.PARTNER)
    )
