"""A couple that is invited: what has to be there before, and the rows and mails that make it one."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from portal import clock, randomness
from portal.domain.accounts import check_address, check_user_name, same_address
from portal.domain.caseload import folded
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import CoupleState, Label, Role, Viewer
from portal.extensions import db
from portal.models.couples import Caseload, Couple, Partnership
from portal.models.practices import Practice
from portal.models.users import Person
from portal.services import audit, caseload_row, contacts, programme, scope, scope_of_colleagues, vault
from portal.services.practices import new_person, send_invitation


@dataclass(frozen=True, slots=True)
class NewPartner:
    """A partner who is to be invited: the name that is shown, and an address; a user name where both share one."""

    name: str
    address: str
    user_name: str = ""


@dataclass(frozen=True, slots=True)
class Inviting:
    """In whose name a couple is invited: its coach to be."""

    coach_id: UUID
    coach_name: str


@dataclass(frozen=True, slots=True)
class KeyedIds:
    """The ids of a couple and its two partners, for whom keys are there."""

    couple_id: UUID
    a: UUID
    b: UUID


def keys_for(viewer: Viewer, couple_ids: Iterable[UUID]) -> list[KeyedIds]:
    """Store keys for couples that are about to be added, and for both partners of each, in one go."""
    ids = [KeyedIds(couple_id, randomness.new_id(), randomness.new_id()) for couple_id in couple_ids]
    owners = ((of.couple_id, "couple") for of in ids), ((one, "person") for of in ids for one in (of.a, of.b))
    vault.create_keys(viewer.practice_id, chain(*owners))
    return ids


def check_pair(a: NewPartner, b: NewPartner, *, shares_mailbox: bool) -> bool:
    """Whether both have one address, which is taken where their coach attests that they want it so. Raises Invalid."""
    is_shared = same_address(check_address(a.address)) == same_address(check_address(b.address))
    if is_shared:
        _check_shared(a, b, shares_mailbox=shares_mailbox)
    return is_shared


def ready_to_invite(viewer: Viewer, coach_id: UUID | None) -> Inviting:
    """In whose name a couple is invited, and by which practice. Raises NotFound, and Invalid as `invite_couple`."""
    check_contacts(viewer)
    coach = _coach_to_be(viewer, coach_id)
    return Inviting(coach.id, coach.display_name)


def check_contacts(viewer: Viewer) -> None:
    """Raise Invalid where a practice of real people has not checked whom they can call instead."""
    if not scope.own_practice(viewer).is_demo and contacts.lacks_contacts(viewer):
        raise Invalid("contacts_missing")


def add_invited(
    viewer: Viewer,
    by: Inviting,
    a: NewPartner,
    b: NewPartner,
    link: str,
    *,
    shares_mailbox: bool = False,
    keyed: KeyedIds | None = None,
) -> UUID:
    """Add a couple, its partners and their mails; gives its id. The caller commits.

    `keyed` are the ids of all three where their keys were stored just before.
    """
    is_shared, practice = check_pair(a, b, shares_mailbox=shares_mailbox), scope.own_practice(viewer)
    couple = _new_couple(practice, by.coach_id, f"{a.name} & {b.name}", keyed.couple_id if keyed else None)
    own_ids = (keyed.a, keyed.b) if keyed else (None, None)
    for label, new, own_id in zip(Label, (a, b), own_ids, strict=True):
        person = new_person(practice, new.name, new.address, Role.PARTNER, own_id)
        if is_shared:
            person.user_name = vault.seal(person.id, "people.user_name", person.id, new.user_name.strip())
        db.session.add(
            Partnership(
                practice_id=practice.id, couple_id=couple.id, label=label, person_id=person.id, joined_at=clock.now()
            )
        )
        send_invitation(person, link, by.coach_name)
    caseload_row.follow(couple.id)
    audit.record(viewer, "couple:invited_to_one_mailbox" if is_shared else "couple:invited", couple.id)
    return couple.id


def _check_shared(a: NewPartner, b: NewPartner, *, shares_mailbox: bool) -> None:
    if not shares_mailbox:
        raise Invalid("one_address_for_both")
    if same_address(check_user_name(a.user_name)) == same_address(check_user_name(b.user_name)):
        raise Invalid("user_names_alike")


def _new_couple(practice: Practice, coach_id: UUID, names: str, keyed_id: UUID | None) -> Couple:
    couple = Couple(
        id=keyed_id or randomness.new_id(),
        practice_id=practice.id,
        coach_id=coach_id,
        state=CoupleState.INVITED,
        step=programme.first_step(practice.id),
        names=names,
        created_at=clock.now(),
    )
    db.session.add(couple)
    if keyed_id is None:
        vault.create_key(couple.id, practice.id, "couple")
    db.session.flush()
    line = {"practice_id": practice.id, "coach_id": coach_id, "state": couple.state, "find": folded(names)}
    db.session.add(Caseload(couple_id=couple.id, unread=0, **line))
    return couple


def _coach_to_be(viewer: Viewer, coach_id: UUID | None) -> Person:
    """Whose couple it will be: a coach's own; an assistant names an active coach of the practice."""
    if viewer.role.is_coach:
        return scope.own_person(viewer)
    if viewer.role is not Role.ASSISTANT or coach_id is None:
        raise NotFound
    return scope_of_colleagues.active_coach(viewer, coach_id)
