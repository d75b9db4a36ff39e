"""An invitation that its person has not accepted yet: sent to another address, or withdrawn."""

from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.accounts import check_address, same_address
from portal.domain.errors import Invalid
from portal.domain.people import CoupleState, PersonState, TokenPurpose, Viewer
from portal.extensions import begin_write, db
from portal.models.couples import Couple, Partnership
from portal.models.users import Person, Token
from portal.services import accounts, audit, caseload_row, scope, vault
from portal.services.practices import send_invitation


def change_address(viewer: Viewer, couple_id: UUID, person_id: UUID, address: str, link: str) -> None:
    """Invite a partner who has not come in yet at another address, with a new code; the old link ends.

    Raises NotFound, and Invalid for an address that no mail reaches, and for the other partner's. Whether the address
    is known elsewhere is looked at by nobody here: only who reads its mail is told, at the door.
    """
    kept = check_address(address)
    begin_write()
    person = scope.partner_of_couple(viewer, couple_id, person_id, scope.couples_to_arrange)
    couple = scope.couple(viewer, couple_id, scope.couples_to_arrange)
    if person.state == PersonState.INVITED and couple.state != CoupleState.CLOSED:
        if same_address(kept) in {same_address(other) for other in _other_addresses(couple_id, person_id)}:
            raise Invalid("address_of_the_other")
        person.address = vault.seal(person.id, "people.address", person.id, kept)
        person.user_name = None  # a mailbox of their own: the address is enough
        send_invitation(person, link, scope.member(viewer, couple.coach_id).display_name)
        audit.record(viewer, "invitation:address_changed", person.id)
    db.session.commit()


def _other_addresses(couple_id: UUID, person_id: UUID) -> list[str]:
    others = db.session.scalars(
        select(Person)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == couple_id, Person.id != person_id)
    )
    return [vault.unseal(other.id, "people.address", other.id, other.address) for other in others]


def withdraw(viewer: Viewer, couple_id: UUID, person_id: UUID) -> None:
    """End the link and the code of a partner who has not come in yet; they may be invited again. Raises NotFound.

    With the last open invitation of a couple of which nobody has come in, its work ends before it began.
    """
    begin_write()
    person = scope.partner_of_couple(viewer, couple_id, person_id, scope.couples_to_arrange)
    if person.state == PersonState.INVITED:
        accounts.revoke_tokens(person, TokenPurpose.INVITATION)
        audit.record(viewer, "invitation:withdrawn", person.id)
        couple = scope.couple(viewer, couple_id, scope.couples_to_arrange)
        if couple.state == CoupleState.INVITED and not _is_anybody_invited(couple):
            couple.state, couple.ended_at = CoupleState.CLOSED, clock.now()
            caseload_row.follow(couple.id)
    db.session.commit()


def _is_anybody_invited(couple: Couple) -> bool:
    statement = (
        select(Token.id)
        .join(Partnership, Partnership.person_id == Token.person_id)
        .where(Partnership.couple_id == couple.id, Token.purpose == TokenPurpose.INVITATION)
        .where(Token.used_at.is_(None), Token.revoked_at.is_(None), Token.expires_at > clock.now())
    )
    return db.session.scalars(statement).first() is not None
