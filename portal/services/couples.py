"""Couples: invited by their coach, and as their coach sees them; how each comes in is in `invitations`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from portal import clock
from portal.domain.accounts import same_address
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import CoupleState, Label, PersonState, TokenPurpose, Viewer
from portal.extensions import begin_write, db
from portal.models.consents import Consent
from portal.models.couples import Couple, Partnership
from portal.models.practices import Practice
from portal.models.users import Person, Token
from portal.services import audit, consents, invitations, scope, vault
from portal.services.consents import PartnerSigned
from portal.services.new_couples import NewPartner, add_invited, check_pair, ready_to_invite
from portal.services.programme import StepInProgramme, steps_of

__all__ = [
    "FOR_DOORS",
    "CoupleShown",
    "NewPartner",
    "PartnerShown",
    "couple",
    "invite_couple",
    "partner_to_invite",
    "set_step",
    "vouch",
]
FOR_DOORS = scope.couples_to_arrange


@dataclass(frozen=True, slots=True)
class PartnerShown:
    """One partner, as their coach sees them. `code` is what is to be handed over, and None once they have come in.

    `is_worn_out`: it was typed wrong so often that it opens nothing any more.
    `user_name` is what both sign in with who share one mailbox, as their coach attested; None elsewhere.
    `needs_vouching`: the pass phrase was reset by a mail, and the coach has not said since that this was them.
    `reset` names which one: it is vouched for, and no later one.
    `asked_again_at`: they came with an invitation that opens nothing any more, and asked for a new one.
    `left_at`: when they stopped taking part by themselves.
    `spoken_on`: the day on which their coach spoke with them alone.
    """

    person_id: UUID
    label: Label
    name: str
    state: PersonState
    code: str | None
    invited_until: datetime | None
    needs_vouching: bool
    reset: str
    user_name: str | None
    asked_again_at: datetime | None
    is_worn_out: bool
    left_at: datetime | None
    spoken_on: date | None = None

    @property
    def has_come_in(self) -> bool:
        return self.state is not PersonState.INVITED


@dataclass(frozen=True, slots=True)
class CoupleShown:
    """A couple, as its coach sees it; `step` is the slug of one of `steps`, or of one that was retired since."""

    couple_id: UUID
    names: str
    state: CoupleState
    step: str
    created_at: datetime
    partners: tuple[PartnerShown, ...]
    steps: tuple[StepInProgramme, ...]
    coach_id: UUID
    signed: tuple[PartnerSigned, ...]  # of those who have come in

    @property
    def step_number(self) -> int | None:
        """Its place in the practice's order, from 1; None for a retired step."""
        return next((number for number, step in enumerate(self.steps, 1) if step.slug == self.step), None)

    @property
    def step_title(self) -> str:
        return next((step.title for step in self.steps if step.slug == self.step), self.step)


def couple(viewer: Viewer, couple_id: UUID, reach: scope.Reach = scope.couples_to_read) -> CoupleShown:
    """One couple within reach with both partners, A first. Raises NotFound."""
    is_open = Token.used_at.is_(None) & Token.revoked_at.is_(None) & (Token.expires_at > clock.now())
    rows = db.session.execute(
        reach(viewer)
        .where(Couple.id == couple_id)
        .join(Partnership, Partnership.couple_id == Couple.id)
        .join(Person, Person.id == Partnership.person_id)
        .outerjoin(Token, (Token.person_id == Person.id) & (Token.purpose == TokenPurpose.INVITATION) & is_open)
        .join(Practice, Practice.id == Couple.practice_id)
        .outerjoin(Consent, Consent.id == consents.last_of(Person.id))
        .add_columns(
            Partnership.label, Partnership.withdrawn_at, Partnership.spoken_on, Person, Token, *consents.beside()
        )
        .order_by(Partnership.label)
    ).all()
    if not rows:
        raise NotFound
    row = rows[0].Couple
    vault.load_keys([row.id, *(partner.Person.id for partner in rows)])
    state, steps = CoupleState(row.state), steps_of(viewer)
    is_shared = _share_a_mailbox([partner.Person for partner in rows])
    partners = tuple(_partner(one, is_shared=is_shared) for one in rows)
    inside = [found for found in rows if found.Person.state != PersonState.INVITED]
    signed = tuple(consents.as_partner(found.Person.display_name, found) for found in inside)
    return CoupleShown(row.id, row.names, state, row.step, row.created_at, partners, steps, row.coach_id, signed)


def _share_a_mailbox(people: list[Person]) -> bool:
    """Whether one address stands for all of them, which is taken only where their coach attested it.

    Elsewhere a user name says that somebody's address opens a door at another practice, and no coach is told that.
    """
    if not all(person.user_name for person in people):
        return False
    addresses = [vault.unseal_or_none(p.id, "people.address", p.id, p.address) for p in people]
    return None not in addresses and len({same_address(address) for address in addresses if address}) == 1


def _partner(row: Row[Any], *, is_shared: bool) -> PartnerShown:
    person, token = row.Person, row.Token
    waits = person.state == PersonState.INVITED and token is not None
    is_worn_out = waits and token is not None and invitations.is_worn_out(token)
    sealed = token.code_sealed if waits and token and not is_worn_out else None
    vouched = person.vouched_at is not None and person.reset_at is not None and person.vouched_at >= person.reset_at
    return PartnerShown(
        person.id,
        Label(row.label),
        person.display_name,
        PersonState(person.state),
        vault.unseal_or_none(person.id, "tokens.code_sealed", token.id, sealed) if token else None,
        token.expires_at if waits and token else None,
        person.reset_at is not None and not vouched,
        _named(person.reset_at),
        vault.unseal_or_none(person.id, "people.user_name", person.id, person.user_name) if is_shared else None,
        person.asked_again_at if person.state == PersonState.INVITED else None,
        is_worn_out,
        row.withdrawn_at,
        row.spoken_on,
    )


def partner_to_invite(shown: CoupleShown, person_id: UUID) -> PartnerShown:
    """The partner of a couple whose code is still to be handed over; raises NotFound."""
    for partner in shown.partners:
        if partner.person_id == person_id and partner.code is not None:
            return partner
    raise NotFound


def set_step(viewer: Viewer, couple_id: UUID, step: str) -> None:
    """Say at which step of the programme a couple is. Raises Invalid for a step that the practice does not have."""
    begin_write()
    row = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    if step not in {known.slug for known in steps_of(viewer)}:
        raise Invalid("step_unknown")
    row.step = step
    audit.record(viewer, "couple:step_set", row.id)
    db.session.commit()


def _named(reset_at: datetime | None) -> str:
    return reset_at.isoformat() if reset_at is not None else ""


def vouch(viewer: Viewer, couple_id: UUID, person_id: UUID, reset: str) -> None:
    """Say that a partner whose pass phrase was reset by a mail is who they say: what they sent opens for them again.

    `reset` is the one that the coach asked about. Raises NotAllowed where there was another since.
    """
    begin_write()
    person = scope.partner_of_couple(viewer, couple_id, person_id, scope.couples_to_act_for)
    if person.reset_at is not None:
        if reset != _named(person.reset_at):
            raise NotAllowed("reset_once_more")
        person.vouched_at = clock.now()
        audit.record(viewer, "person:vouched_for", person.id)
    db.session.commit()


def invite_couple(
    viewer: Viewer,
    a: NewPartner,
    b: NewPartner,
    link: str,
    coach_id: UUID | None = None,
    *,
    shares_mailbox: bool = False,
) -> UUID:
    """Invite two partners, each by a mail of their own; gives the couple's id. `link` holds `{token}`.

    `coach_id` is whose couple it will be, where an assistant invites. One address for both is taken only where the
    coach attests that both want it so (`shares_mailbox`); each then has a user name and goes by that alone. Raises
    NotFound, and Invalid for an address that no mail reaches, for one address for both, for user names that are none or
    alike, and for a practice of real people that has not checked whom they can call instead. Whether an address opens a
    door elsewhere is not looked at.
    """
    check_pair(a, b, shares_mailbox=shares_mailbox)
    begin_write()
    couple_id = add_invited(viewer, ready_to_invite(viewer, coach_id), a, b, link, shares_mailbox=shares_mailbox)
    db.session.commit()
    return couple_id
