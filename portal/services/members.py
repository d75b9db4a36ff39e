"""Members of a practice: invited by its owner through a door of their own, given a role, let go and let in again."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from portal import clock
from portal.domain.accounts import NO_PASSPHRASE
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import PersonState, Role, TokenPurpose, Viewer
from portal.domain.roles import STAFF, Tie, check_owner, is_last_owner, runs_practice, ties_of
from portal.extensions import begin_write, db
from portal.models.outbox import OutboxEntry
from portal.models.users import Person, Token
from portal.services import accounts, audit, covers, hand_overs, scope, supervision, vault
from portal.services.invitations import is_worn_out
from portal.services.practices import Invited, new_person, send_invitation


@dataclass(frozen=True, slots=True)
class NewMember:
    """A colleague who is to be invited."""

    name: str
    address: str
    role: Role


@dataclass(frozen=True, slots=True)
class MemberShown:
    """Somebody of the staff. `code` is for the owner to hand over, and None once they have come in."""

    person_id: UUID
    name: str
    role: Role
    state: PersonState
    code: str | None
    invited_until: datetime | None
    is_oneself: bool
    asked_again_at: datetime | None


def members(viewer: Viewer) -> tuple[MemberShown, ...]:
    """The staff of the viewer's practice: owners first, then by name. Raises NotFound for partners."""
    if viewer.role is Role.PARTNER:
        raise NotFound
    is_open = Token.used_at.is_(None) & Token.revoked_at.is_(None) & (Token.expires_at > clock.now())
    rows = db.session.execute(
        select(Person, Token)
        .outerjoin(Token, (Token.person_id == Person.id) & (Token.purpose == TokenPurpose.INVITATION) & is_open)
        .where(Person.practice_id == viewer.practice_id, Person.role != Role.PARTNER)
        .order_by(Person.role != Role.OWNER, Person.display_name, Person.id)
    ).all()
    return tuple(_shown(viewer, person, token) for person, token in rows)


def _shown(viewer: Viewer, person: Person, token: Token | None) -> MemberShown:
    waits = person.state == PersonState.INVITED and token is not None and runs_practice(viewer.role)
    sealed = token.code_sealed if waits and token and not is_worn_out(token) else None
    return MemberShown(
        person.id,
        person.display_name,
        Role(person.role),
        PersonState(person.state),
        vault.unseal(person.id, "tokens.code_sealed", token.id, sealed) if token and sealed else None,
        token.expires_at if waits and token else None,
        person.id == viewer.person_id,
        person.asked_again_at if runs_practice(viewer.role) else None,
    )


def invite(viewer: Viewer, new: NewMember, link: str) -> Invited:
    """Invite a colleague by a mail with a link; the code goes another way. `link` holds `{token}`.

    For the owner; raises NotFound, and Invalid with `field`.
    """
    if new.role not in STAFF:
        raise Invalid("not_an_option", field="role")
    begin_write()
    check_owner(viewer)
    practice = scope.own_practice(viewer)
    person = new_person(practice, new.name, new.address, new.role)
    invited = send_invitation(person, link)
    audit.record(viewer, "member:invited", person.id)
    db.session.commit()
    return invited


def invite_again(viewer: Viewer, person_id: UUID, link: str) -> None:
    """Send a colleague who has not come in yet a new link with a new code; the old ones end. For the owner."""
    begin_write()
    check_owner(viewer)
    person = _held(viewer, person_id)
    if person.state == PersonState.INVITED:
        send_invitation(person, link)
        audit.record(viewer, "member:invited_again", person.id)
    db.session.commit()


def set_role(viewer: Viewer, person_id: UUID, role: Role, link: str) -> None:
    """Give a member another role: every browser of theirs is signed out, and it holds from then on. For the owner.

    What they may do in it too goes on. `link` leads partners to their own pages, where they read who reads along.
    Raises NotFound, Invalid for a role that is no member's, and for the last owner.
    """
    if role not in STAFF:
        raise Invalid("not_an_option", field="role")
    begin_write()
    check_owner(viewer)
    person = _held(viewer, person_id)
    if person.role != role:
        _keep_an_owner(viewer, person)
        person.role = role
        accounts.end_sessions_of(person.id)  # whoever may do more goes on under a new session
        _let_go_of(viewer, person.id, ties_of(role), link)
        audit.record(viewer, f"member:made_{role}", person.id)
    db.session.commit()


def deactivate(viewer: Viewer, person_id: UUID, link: str) -> None:
    """Let a member in no more, from their next request on; mails to them are dropped, what they opened is closed.

    Their couples stay, and wait on the owner's list for another coach. `link` is as for a role. For the owner; raises
    NotFound, and Invalid for the last owner.
    """
    begin_write()
    check_owner(viewer)
    person = _held(viewer, person_id)
    if person.state != PersonState.DEACTIVATED:
        _keep_an_owner(viewer, person)
        _close_doors(person)
        _let_go_of(viewer, person.id, frozenset(), link)
        audit.record(viewer, "member:deactivated", person.id)
    db.session.commit()


def _close_doors(person: Person) -> None:
    if person.password_hash is None:  # never came in: nothing to come back to, and a row needs one to be let go
        person.password_hash = NO_PASSPHRASE
    person.state = PersonState.DEACTIVATED
    accounts.end_sessions_of(person.id)
    for purpose in TokenPurpose:
        accounts.revoke_tokens(person, purpose)
    waiting = (OutboxEntry.person_id == person.id, OutboxEntry.done_at.is_(None), OutboxEntry.failed_at.is_(None))
    db.session.execute(update(OutboxEntry).where(*waiting).values(failed_at=clock.now(), payload=None))


def _let_go_of(viewer: Viewer, person_id: UUID, ties: frozenset[Tie], link: str) -> None:
    """End whatever takes a tie to couples that somebody can have no more."""
    if Tie.COVERED not in ties:
        covers.end_all_of(viewer, person_id)
    if Tie.SUPERVISED not in ties:
        supervision.end_all_of(viewer, person_id, link)
    if Tie.OWN not in ties:
        hand_overs.let_lapse(person_id)


def reactivate(viewer: Viewer, person_id: UUID) -> None:
    """Let a member who was let go in again, with the pass phrase that they had. For the owner; raises NotFound."""
    begin_write()
    check_owner(viewer)
    person = _held(viewer, person_id)
    if person.state == PersonState.DEACTIVATED:
        came_in = not secrets.compare_digest(person.password_hash or "", NO_PASSPHRASE)  # see `_close_doors`
        person.state = PersonState.ACTIVE if came_in else PersonState.INVITED
        person.password_hash = person.password_hash if came_in else None
        audit.record(viewer, "member:reactivated", person.id)
    db.session.commit()


def check_member(viewer: Viewer, person_id: UUID) -> None:
    """Raise NotFound unless an owner asks about a member of their practice."""
    check_owner(viewer)
    scope.member(viewer, person_id)


def _held(viewer: Viewer, person_id: UUID) -> Person:
    """A member of the practice, held until the commit; of two who let go of each other at once, one waits."""
    scope.own_practice(viewer, is_held=True)
    return scope.member(viewer, person_id)


def _keep_an_owner(viewer: Viewer, person: Person) -> None:
    owners = select(func.count(Person.id)).where(
        Person.practice_id == viewer.practice_id, Person.role == Role.OWNER, Person.state == PersonState.ACTIVE
    )
    if person.state == PersonState.ACTIVE and is_last_owner(Role(person.role), db.session.scalar(owners) or 0):
        raise Invalid("last_owner")
