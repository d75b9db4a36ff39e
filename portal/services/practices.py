"""Practices: created with their owner and the shipped programme."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal import clock, randomness
from portal.domain.accounts import check_address, same_address
from portal.domain.consent import Policy
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import PersonState, Role, SignInKind, TokenPurpose, Viewer
from portal.domain.working_hours import WorkingHours
from portal.extensions import begin_write, db, keys, work_for
from portal.models.practices import Practice
from portal.models.users import Person, SignIn
from portal.services import audit, outbox, passphrases, scope, tenants, texts, vault, working_hours
from portal.services.accounts import hash_of, hash_passphrase, issue_token
from portal.services.programme import load_shipped_programme

INVITATION_LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class NewPractice:
    """What a practice is created from."""

    name: str
    zone: str
    locale: str = "en"
    reading_hours: str = ""
    policy: Policy = Policy.DISCRETION
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class NewCoach:
    """What the account of a coach is created from."""

    name: str
    address: str
    passphrase: str
    role: Role = Role.COACH


@dataclass(frozen=True, slots=True)
class Invited:
    """What opens a colleague's door: the link, and the code that goes another way."""

    person_id: UUID
    link: str
    code: str


@dataclass(frozen=True, slots=True)
class PracticeShown:
    """A practice as its staff sees it; `may_edit` is the owner's alone."""

    name: str
    zone: str
    policy: Policy
    policy_version: int
    hours: WorkingHours
    reading_hours: str
    prints_strip: bool
    may_edit: bool


def practice(viewer: Viewer) -> PracticeShown:
    """The viewer's own practice; for staff alone, raises NotFound."""
    row = scope.own_practice(viewer)
    if viewer.role is Role.PARTNER:
        raise NotFound
    return PracticeShown(
        row.name,
        row.zone,
        Policy(row.policy),
        row.policy_version,
        working_hours.of(row),
        row.reading_hours,
        row.prints_strip,
        viewer.role is Role.OWNER,
    )


def create_practice(new: NewPractice, owner: NewCoach) -> Viewer:
    """Create a practice with its owner and the shipped programme; gives the owner as a viewer. Raises Invalid."""
    practice_id = randomness.new_id()
    work_for(practice_id)
    begin_write()
    practice = _new_practice(practice_id, new)
    viewer = _add_coach(practice, owner)
    audit.record(viewer, "practice:created", practice.id)
    db.session.commit()
    return viewer


def _new_practice(practice_id: UUID, new: NewPractice) -> Practice:
    practice = Practice(
        id=practice_id,
        name=new.name,
        zone=new.zone,
        locale=new.locale,
        is_demo=new.is_demo,
        policy=new.policy,
        policy_version=1,
        reading_hours=new.reading_hours,
        created_at=clock.now(),
    )
    db.session.add(practice)
    db.session.flush()
    load_shipped_programme(practice.id)
    texts.begin_with_shipped(practice)
    return practice


def create_practice_for(new: NewPractice, owner_name: str, owner_address: str, link: str) -> Invited:
    """Create a practice whose owner is invited: a link by mail, and a code that goes another way. Raises Invalid.

    Its owner confirms or changes its name, its zone and their own name at the door.
    """
    practice_id = randomness.new_id()
    work_for(practice_id)
    begin_write()
    practice = _new_practice(practice_id, new)
    person = new_person(practice, owner_name, owner_address, Role.OWNER)
    invited = send_invitation(person, link)
    audit.record_before_sign_in(practice.id, None, "practice:set_up_by_operator", person.id)
    db.session.commit()
    return invited


def invite_owner_again(owner_address: str, link: str) -> Invited:
    """Send the invited owner of a practice that nobody has come into a new link and code; the ones before end.

    Raises NotFound.
    """
    address = same_address(owner_address)
    practice_id = _practice_awaiting(address)
    work_for(practice_id)
    begin_write()
    person = _owner_awaited(practice_id, address)
    invited = send_invitation(person, link)
    audit.record_before_sign_in(person.practice_id, None, "practice:owner_invited_again", person.id)
    db.session.commit()
    return invited


def _practice_awaiting(address: str) -> UUID:
    """The newest practice that waits for an owner at this address."""
    waiting = []
    for practice_id in tenants.each(tenants.AT_HOME):
        try:
            waiting.append((_owner_awaited(practice_id, address).created_at, practice_id))
        except NotFound:
            continue
    if not waiting:
        raise NotFound
    return max(waiting)[1]


def _owner_awaited(practice_id: UUID, address: str) -> Person:
    """The owner at this address whose practice nobody has come into; each address is sealed, so each is opened."""
    member = aliased(Person)
    came_in = select(member.id).where(member.practice_id == Person.practice_id, member.state != PersonState.INVITED)
    awaited = select(Person).where(
        Person.practice_id == practice_id,
        Person.role == Role.OWNER,
        Person.state == PersonState.INVITED,
        ~came_in.correlate(Person).exists(),
    )
    for person in db.session.scalars(awaited.order_by(Person.created_at.desc(), Person.id)):
        if same_address(vault.unseal(person.id, "people.address", person.id, person.address)) == address:
            return person
    raise NotFound


def send_invitation(person: Person, link: str, coach_name: str = "") -> Invited:
    """Let somebody have a link by mail and a code that goes another way; the ones before end. The caller commits.

    A partner is invited in their coach's name.
    """
    code = randomness.new_code()
    token = issue_token(person, TokenPurpose.INVITATION, INVITATION_LASTS, code)
    whole = link.replace("{token}", token)
    person.asked_again_at = None
    words = {"link": whole, "coach": coach_name, "name": person.display_name}
    outbox.enqueue(person, "invitation", f"invitation:{hash_of(token).hex()}", words)
    return Invited(person.id, whole, code)


def add_coach(viewer: Viewer, coach: NewCoach) -> Viewer:
    """Create the account of another coach in the viewer's practice. Raises Invalid."""
    begin_write()
    practice = scope.own_practice(viewer)
    added = _add_coach(practice, coach)
    audit.record(viewer, "coach:added", added.person_id)
    db.session.commit()
    return added


def owner_of(practice: str) -> Viewer:
    """The owner of the practice of that name (or id), which is worked for from now on.

    Raises NotFound, and Invalid where several are called alike: whoever comes in by a guess may do everything there.
    """
    found = tenants.named(practice, tenants.AT_HOME)
    if not found:
        raise NotFound
    if len(found) > 1:
        raise Invalid("several_of_that_name", count=len(found), ids=", ".join(map(str, found)))
    work_for(found[0])
    owners = select(Person).where(Person.practice_id == found[0], Person.role == Role.OWNER)
    here = owners.where(Person.state != PersonState.DEACTIVATED).order_by(Person.created_at, Person.id).limit(1)
    person = scope.found(here)
    return Viewer(person.id, person.practice_id, Role(person.role))


def _add_coach(practice: Practice, coach: NewCoach) -> Viewer:
    passphrases.check(coach.passphrase, names=(coach.name, practice.name))
    person = new_person(practice, coach.name, coach.address, coach.role)
    person.password_hash = hash_passphrase(coach.passphrase)
    person.state = PersonState.ACTIVE
    add_sign_in(person, coach.address)
    db.session.flush()
    return Viewer(person.id, practice.id, Role(person.role))


def new_person(practice: Practice, name: str, address: str, role: Role, keyed_id: UUID | None = None) -> Person:
    """Add somebody who has not come in yet, with a data key of their own. The caller commits.

    `keyed_id` is theirs where a key was stored for it just before.
    """
    person_id = keyed_id or randomness.new_id()
    if keyed_id is None:
        vault.create_key(person_id, practice.id, "person")
    person = Person(
        id=person_id,
        practice_id=practice.id,
        role=role,
        state=PersonState.INVITED,
        display_name=name,
        address=vault.seal(person_id, "people.address", person_id, check_address(address)),
        zone=practice.zone,
        locale=practice.locale,
        created_at=clock.now(),
    )
    db.session.add(person)
    db.session.flush()
    return person


def add_sign_in(person: Person, name: str, kind: SignInKind = SignInKind.ADDRESS) -> None:
    """Let an address or a user name stand for a person at the door; raises Invalid where it stands for another.

    The caller commits.
    """
    if stands_for_somebody(name):
        raise Invalid("address_opens_another_door" if kind is SignInKind.ADDRESS else "user_name_taken")
    lookup = keys.lookup(same_address(name))
    db.session.add(SignIn(lookup=lookup, practice_id=person.practice_id, person_id=person.id, kind=kind))


def stands_for_somebody(name: str) -> bool:
    """Whether an address or a user name opens a door already, here or in another practice."""
    lookups = keys.lookups(same_address(name))
    return db.session.scalar(select(SignIn.person_id).where(SignIn.lookup.in_(lookups))) is not None
